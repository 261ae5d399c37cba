"""Machines to replicate. None of them knows anything of logs, leaders or retries.

An operation is a tuple: kind, key, arguments. A machine that does not know it raises HandlerError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, NamedTuple, Self

from ...errors import HandlerError
from ..node import ClientRequest, Operation
from ..record import record


class Reads:
    """What all machines here share: ("read", key) only looks."""

    __slots__ = ()

    def apply(self, request: ClientRequest) -> tuple[Self, Any]:
        """Carry out `request`. Returns the machine after it, and the result for the client."""
        raise NotImplementedError(f"{type(self).__name__} has no apply(request) yet")

    def only_looks(self, operation: Operation) -> bool:
        """A read changes nothing; and to read twice does no harm, so it needs no session."""
        return bool(operation[0] == "read")

    def look(self, operation: Operation) -> Any:
        """What a read finds."""
        return self.apply(ClientRequest("", 0, operation))[1]

    def unknown(self, operation: Operation) -> HandlerError:
        """What to raise for an operation that this machine does not know."""
        return HandlerError(f"{type(self).__name__} does not know the operation {operation!r}")


@record
class KeyValue(Reads):
    """A store of registers: read, write, and cas (compare-and-set). Each starts at 0."""

    data: Mapping[str, Any] = field(default_factory=dict)

    def apply(self, request: ClientRequest) -> tuple[KeyValue, Any]:
        data = self.data
        match request.operation:
            case ("read", key):
                return self, data.get(key, 0)
            case ("write", key, value):
                return KeyValue({**data, key: value}), None
            case ("cas", key, expected, new) if data.get(key, 0) == expected:
                return KeyValue({**data, key: new}), True
            case ("cas", _, _, _):
                return self, False
        raise self.unknown(request.operation)


@record
class Counter(Reads):
    """Counters by name, each from 0: what is added twice is there twice."""

    data: Mapping[str, int] = field(default_factory=dict)

    def apply(self, request: ClientRequest) -> tuple[Counter, Any]:
        match request.operation:
            case ("read", key):
                return self, self.data.get(key, 0)
            case ("increment", key, amount):
                return Counter({**self.data, key: self.data.get(key, 0) + amount}), None
            case ("decrement", key, amount):
                return Counter({**self.data, key: self.data.get(key, 0) - amount}), None
        raise self.unknown(request.operation)


@record
class Lists(Reads):
    """Lists by name: append at the end, and read it all."""

    data: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def apply(self, request: ClientRequest) -> tuple[Lists, Any]:
        match request.operation:
            case ("read", key):
                return self, self.data.get(key, ())
            case ("append", key, value):
                return Lists({**self.data, key: (*self.data.get(key, ()), value)}), None
        raise self.unknown(request.operation)


@record
class Bank(Reads):
    """Accounts. Money moves, and there is never more or less of it.

    ("transfer", from, to, amount) is refused, with the result False, if there is too little on the
    account, if an account does not exist, or if the amount is below 0.
    """

    data: Mapping[str, int] = field(default_factory=dict)

    def apply(self, request: ClientRequest) -> tuple[Bank, Any]:
        accounts = self.data
        match request.operation:
            case ("read", name):
                return self, accounts.get(name)
            case ("transfer", giver, taker, amount):
                if not {giver, taker} <= accounts.keys() or not 0 <= amount <= accounts[giver]:
                    return self, False
                less = {**accounts, giver: accounts[giver] - amount}
                return Bank({**less, taker: less[taker] + amount}), True
        raise self.unknown(request.operation)


class Held(NamedTuple):
    """Who holds a lock (None: nobody), and the token of whoever held it last."""

    owner: str | None = None
    token: int = 0


@record
class Locks(Reads):
    """Locks by name. `acquire` gives a fencing token, or None if another owner holds the lock.

    Tokens of a lock only grow. So whatever the lock protects can turn away an owner who comes late
    and does not know that the lock has been given to another: its token is smaller than one seen.
    """

    data: Mapping[str, Held] = field(default_factory=dict)

    def apply(self, request: ClientRequest) -> tuple[Locks, Any]:
        lock = request.operation[1]
        held = self.data.get(lock, Held())
        match request.operation:
            case ("read", _):
                return self, held.owner
            case ("acquire", _, owner) if held.owner is None:
                given = Held(owner, held.token + 1)
                return Locks({**self.data, lock: given}), given.token
            case ("acquire", _, owner):
                return self, held.token if owner == held.owner else None
            case ("release", _, owner):
                if owner != held.owner:
                    return self, False
                return Locks({**self.data, lock: Held(None, held.token)}), True
        raise self.unknown(request.operation)
