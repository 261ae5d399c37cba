"""A history put together step by step, by a program or in a notebook cell."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from .errors import HistoryError
from .history import History, Mark, Operation


@dataclass(slots=True)
class HistoryBuilder:
    """Puts a history together, operation by operation or event by event.

    h = History.builder()
    h.write("P1", "x", 4, start=10, end=20)           # whole operations; no end: no answer came
    call = h.invoke("P2", "read", "x", at=15)         # or call and answer one by one
    h.respond(call, 4, at=25)
    history = h.build()
    """

    ticks_per_ms: int | None = None
    operations: list[Operation] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def write(
        self, process: str, key: Hashable, value: Any, *, start: int, end: int | None = None
    ) -> Operation:
        """A process writes `value`; `start` and `end` in ticks."""
        return self.add(process, "write", key, (value,), start=start, end=end)

    def read(
        self, process: str, key: Hashable, value: Any = None, *, start: int, end: int | None = None
    ) -> Operation:
        """A process reads, and gets `value`."""
        return self.add(process, "read", key, (), value, start=start, end=end)

    def cas(
        self,
        process: str,
        key: Hashable,
        expected: Any,
        new: Any,
        applied: bool = True,
        *,
        start: int,
        end: int | None = None,
    ) -> Operation:
        """A process asks to change `expected` to `new`, and is told whether that was `applied`."""
        return self.add(process, "cas", key, (expected, new), applied, start=start, end=end)

    def add(
        self,
        process: str,
        kind: str,
        key: Hashable,
        args: tuple[Any, ...] = (),
        result: Any = None,
        *,
        start: int,
        end: int | None = None,
    ) -> Operation:
        """A process does something of any kind."""
        call = self.invoke(process, kind, key, *args, at=start)
        operation = self.operations[call]
        if end is not None:
            operation = self.respond(call, result, at=end)
        return operation

    def invoke(self, process: str, kind: str, key: Hashable, *args: Any, at: int) -> int:
        """A process asks. Returns a number for `respond` or `fail`; without them no answer came."""
        call = Operation(process, kind, key, args, start=at, outcome="unknown")
        self.operations.append(call)
        return len(self.operations) - 1

    def respond(
        self, call: int, result: Any = None, *, at: int, server: str | None = None
    ) -> Operation:
        """The answer to `call` comes."""
        return self._answer(call, result, at, "ok", server)

    def fail(self, call: int, *, at: int, server: str | None = None) -> Operation:
        """`call` surely had no effect: it was refused, for example, before anything was done."""
        return self._answer(call, None, at, "failed", server)

    def _answer(
        self, call: int, result: Any, at: int, outcome: str, server: str | None
    ) -> Operation:
        if not (type(call) is int and 0 <= call < len(self.operations)):
            raise HistoryError(f"There is no call {call!r}: give what `invoke` returned")
        asked = self.operations[call]
        if asked.outcome != "unknown":
            raise HistoryError(
                f"{asked.process}'s {asked} was answered at {asked.end}: a call has one answer"
            )
        answered = Operation(
            asked.process,
            asked.kind,
            asked.key,
            asked.args,
            result,
            asked.start,
            at,
            outcome,
            server,
        )
        self.operations[call] = answered
        return answered

    def mark(self, time: int, text: str) -> None:
        """Something else happened at `time` (ticks)."""
        self.marks.append(Mark(time, text))

    def build(self) -> History:
        """The history. Raises HistoryError if it cannot have happened."""
        return History(self.operations, self.ticks_per_ms, self.marks)
