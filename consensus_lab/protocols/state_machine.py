"""Replicated state machines: same start, same commands, same order, so the same state everywhere.

Schneider, F. B. (1990): Implementing fault-tolerant services using the state machine approach.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from .node import ClientRequest, Operation


class StateMachine(Protocol):
    """What a log is for. A machine is a value: `apply` leaves it alone and gives its successor.

    The result must follow from the machine and the request alone: no clock, no random number, no
    order of a set. Else two replicas part, and nobody notices until somebody reads.
    """

    def apply(self, request: ClientRequest) -> tuple[Self, Any]:
        """Carry out `request`. Returns the machine after it, and the result for the client."""

    def only_looks(self, operation: Operation) -> bool:
        """It changes nothing, so that `look` can carry it out."""

    def look(self, operation: Operation) -> Any:
        """The result of an operation that only looks."""


@dataclass(frozen=True)
class KeyValue:
    """A store of registers: `read`, `write` and `cas` (compare-and-set) by key. Each starts at 0.

    Each client numbers its requests. The machine remembers the last one it carried out for each,
    with the result, so that a retry is answered and not carried out again (Ongaro's thesis, section
    6.3). Without that: A writes 1, hears nothing, B writes 2, A's retry arrives, and 2 is gone.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    sessions: Mapping[str, tuple[int, Any]] = field(default_factory=dict)

    def apply(self, request: ClientRequest) -> tuple[KeyValue, Any]:
        """Carry out `request` once. Returns the machine after it, and the result for the client."""
        sequence, result = self.sessions.get(request.client, (0, None))
        if request.sequence <= sequence:
            return self, result
        data, result = step(self.data, request.operation)
        sessions = {**self.sessions, request.client: (request.sequence, result)}
        return KeyValue(data, sessions), result

    def only_looks(self, operation: Operation) -> bool:
        """A read changes nothing; and to read twice does no harm, so it needs no session."""
        return bool(operation[0] == "read")

    def look(self, operation: Operation) -> Any:
        """What a read finds."""
        return step(self.data, operation)[1]


def step(data: Mapping[str, Any], operation: Operation) -> tuple[Mapping[str, Any], Any]:
    """One operation on the registers `data`. Returns the registers after it, and its result."""
    match operation:
        case ("read", key):
            return data, data.get(key, 0)
        case ("write", key, value):
            return {**data, key: value}, None
        case ("cas", key, expected, new) if data.get(key, 0) == expected:
            return {**data, key: new}, True
        case ("cas", _, _, _):
            return data, False
    raise ValueError(f"KeyValue knows read, write and cas, not {operation!r}")
