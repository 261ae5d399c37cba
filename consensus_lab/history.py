"""What the clients of a system saw: who asked what, when, and what they were told.

A history knows nothing of servers, messages or terms. It is all that a consistency model speaks of,
and all that a checker gets, whether it comes from the simulator, from a drawing, or from a
recording of a real system.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from .errors import HistoryError

if TYPE_CHECKING:
    from .history_builder import HistoryBuilder

OUTCOMES = ("ok", "unknown", "failed")
LATEST = 2**62
"""Times lie below this, so that twice a time still fits a machine word."""

PLAIN = frozenset({int, str, bool, type(None)})
"""Values of these types are as they should be; of others we have to look into them."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What one process asked and was told, during the closed interval from `start` to `end`.

    process  who asked: "P1". A process does one thing at a time
    kind     what: "write", "read" or "cas" (compare-and-set); specifications may know other words
    key      of which object: "x"
    args     write: (value,)   read: ()   cas: (expected, new)
    result   read: the value   cas: True if it was applied, else False   write: None
    start    when it was asked, in ticks
    end      when the answer came, in ticks; None if none came
    outcome  "ok"; "unknown": it may have happened at any later time, or never; or "failed": it
             surely had no effect
    server   who answered, if that is known: shown, but never used to judge
    """

    process: str
    kind: str
    key: Hashable
    args: tuple[Any, ...]
    result: Any = None
    start: int = 0
    end: int | None = None
    outcome: str = "ok"
    server: str | None = None

    def __str__(self) -> str:
        from .notation import spell

        return spell(self)


class Mark(NamedTuple):
    """Something that happened beside the operations: at `time` (ticks) "S3 (leader) is paused"."""

    time: int
    text: str


class History(Sequence[Operation]):
    """An immutable sequence of operations, ordered by start.

    operations    in any order; they are sorted
    ticks_per_ms  how long a tick is: 1000 in the simulator (µs), None where time is only an order,
                  such as the columns of a drawing
    marks         what else happened, to be shown
    processes     the order in which to list them; P1, P2, …, P10 unless told otherwise

    Raises HistoryError if it cannot have happened: an answer before its question, two operations of
    one process at a time, a process that goes on after an operation without an answer. (Such a
    client goes on under a new name, P1, P1', …: its lost operation may still take effect later,
    beside the next ones, and one sequential process cannot do two things at a time.)
    """

    __slots__ = ("_forms", "marks", "operations", "processes", "ticks_per_ms")

    def __init__(
        self,
        operations: Iterable[Operation] = (),
        ticks_per_ms: int | None = None,
        marks: Iterable[Mark] = (),
        processes: Iterable[str] = (),
    ) -> None:
        if ticks_per_ms is not None and not (type(ticks_per_ms) is int and ticks_per_ms > 0):
            raise HistoryError(
                f"ticks_per_ms is {ticks_per_ms!r}: give a whole number above 0, or None"
            )
        operations = list(operations)
        for operation in operations:
            check_operation(operation)
        self._put(operations, ticks_per_ms, marks, processes)

    @classmethod
    def of_checked(
        cls,
        operations: Iterable[Operation],
        ticks_per_ms: int | None = None,
        marks: Iterable[Mark] = (),
    ) -> History:
        """The same, of operations that have been through `check_operation` one by one."""
        history = object.__new__(cls)
        history._put(operations, ticks_per_ms, marks)
        return history

    def _put(
        self,
        operations: Iterable[Operation],
        ticks_per_ms: int | None,
        marks: Iterable[Mark],
        processes: Iterable[str] = (),
    ) -> None:
        self.operations = tuple(sorted(operations, key=attrgetter("start", "process")))
        self.ticks_per_ms = ticks_per_ms
        self.marks = tuple(sorted(Mark(*mark) for mark in marks))
        names = dict.fromkeys(operation.process for operation in self.operations)
        self.processes = tuple(dict.fromkeys([*processes, *sorted(names, key=natural)]))
        _check_one_at_a_time(self.operations)
        self._forms: Sequence[Operation] | None = forms(self.operations)

    @property
    def forms(self) -> Sequence[Operation]:
        """An operation of each form that occurs: kind, number of args, outcome, type of result.

        A checker that has to ask something about all, which depends on no more than that, asks
        these few.
        """
        return forms(self.operations) if self._forms is None else self._forms

    def _keeping(self, operations: Iterable[Operation]) -> History:
        """Some of these operations, in this order. A part of a history is one: nothing to check."""
        part = object.__new__(History)
        part.operations = tuple(operations)
        part.ticks_per_ms, part.marks = self.ticks_per_ms, self.marks
        present = {operation.process for operation in part.operations}
        part.processes = tuple(name for name in self.processes if name in present)
        part._forms = None
        return part

    def only(self, operations: Collection[Operation]) -> History:
        """This history with no other operations than these."""
        kept = set(operations)
        starts = {o.start for o in kept}  # far quicker to look up than a whole operation
        return self._keeping(o for o in self.operations if o.start in starts and o in kept)

    def without(self, *operations: Operation) -> History:
        """This history with these operations taken out."""
        gone = set(operations)
        return self._keeping(o for o in self.operations if o not in gone)

    def by_key(self) -> dict[Hashable, History]:
        """For each key the history of that key alone, in order of first use."""
        parts: dict[Hashable, list[Operation]] = {}
        for operation in self.operations:
            parts.setdefault(operation.key, []).append(operation)
        return {key: self._keeping(part) for key, part in parts.items()}

    @overload
    def __getitem__(self, index: int) -> Operation: ...
    @overload
    def __getitem__(self, index: slice) -> History: ...
    def __getitem__(self, index: int | slice) -> Operation | History:
        found = self.operations[index]
        return found if isinstance(found, Operation) else self._keeping(found)

    def __len__(self) -> int:
        return len(self.operations)

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and (self.operations, self.ticks_per_ms, self.marks) == (
            other.operations,
            other.ticks_per_ms,
            other.marks,
        )

    def __hash__(self) -> int:
        return hash((self.operations, self.ticks_per_ms, self.marks))

    def __repr__(self) -> str:
        return f"<History of {len(self)} operations by {len(self.processes)} processes>"

    def __str__(self) -> str:
        """The drawing: a line for each process, columns are time (see `parse`)."""
        from .notation import draw

        return draw(self)

    @staticmethod
    def parse(text: str) -> History:
        """Read a drawing (see the function `parse`)."""
        return parse(text)

    @staticmethod
    def builder(ticks_per_ms: int | None = None) -> HistoryBuilder:
        """Start a history that is put together step by step."""
        from .history_builder import HistoryBuilder

        return HistoryBuilder(ticks_per_ms)

    @staticmethod
    def load(path: str | Path, format: str | None = None) -> History:
        """Read a file: one that `save` wrote, a drawing, or a history of Jepsen's.

        format  "jsonl", "drawing", "edn" or "jepsen-log"; None: guess it from how the file begins

        HistoryError says in which line and column what is wrong, and what was expected.
        """
        from .files import load

        return load(path, format)

    def save(self, path: str | Path) -> None:
        """Write to a JSON Lines file: a header, then one operation a line (files/json_lines)."""
        from .files.json_lines import save

        save(self, Path(path))


def parse(text: str) -> History:
    """Read a drawing of a history, in which columns are time:

        P1:                 [W(x,4)]                [R(y)2]
        P2:  [W(y,2)]                   [R(x)0]

    Each line is a process. An operation lasts from the column of its [ to the column of its ].
    W(x,4) writes 4 to x; R(y)2 reads y and gets 2; C(x,1,2) changes x from 1 to 2, and C(x,1,2)no
    finds something else and leaves it; A(x,3) appends; any other operation is drawn by its name, as
    enqueue(q,1) or dequeue(q)1; and [W(x,1) R(y)0] is a transaction. A bracket that is never closed
    is an operation that got no answer. Raises HistoryError with the line and the column of what
    cannot be read.
    """
    from .notation import read

    return read(text)


# ---- what a history must be ----


def forms(operations: Iterable[Operation]) -> Sequence[Operation]:
    """The last operation of each form, in order of the forms' first ones."""
    last = {(o.kind, len(o.args), o.outcome, type(o.result)): o for o in operations}
    return tuple(last.values())


def natural(name: str) -> list[Any]:
    """A key that sorts P2 before P10."""
    parts = re.split(r"([0-9]+)", name)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]


def check_operation(operation: Operation) -> None:
    """Raise HistoryError if this operation, looked at alone, cannot be."""
    process, outcome = operation.process, operation.outcome
    start, end = operation.start, operation.end
    if not (isinstance(process, str) and process):
        raise HistoryError(f"A process is named {process!r}: give it a name such as 'P1'")
    if not (isinstance(operation.kind, str) and operation.kind):
        raise HistoryError(f"{process} does {operation.kind!r}: name it by a word, such as 'write'")
    if outcome != "ok" and operation.result is not None:
        raise HistoryError(
            f"{process}'s {operation.kind} has the outcome {outcome!r} and yet the result "
            f"{operation.result!r}: only an answer (outcome 'ok') has one"
        )
    for what, value in (
        ("key", operation.key),
        ("args", operation.args),
        ("result", operation.result),
    ):
        _check_value(process, what, value)
    if type(start) is not int or not 0 <= start < LATEST:
        raise HistoryError(f"{process}'s {operation} starts at {start!r}: give ticks, from 0 up")
    if outcome == "ok" or outcome == "failed":
        if type(end) is not int or not start <= end < LATEST:
            raise HistoryError(
                f"{process}'s {operation} starts at {start} and ends at {end!r}: an answer comes "
                "later than its question. If none came, the outcome is 'unknown'"
            )
    elif outcome == "unknown":
        if end is not None:
            raise HistoryError(
                f"{process}'s {operation} has an unknown outcome and yet ends at {end!r}: without "
                "an answer there is no end (end=None)"
            )
    else:
        raise HistoryError(
            f"{process}'s {operation} has the outcome {outcome!r}: it is one of "
            f"{', '.join(OUTCOMES)}"
        )


def _check_value(process: str, what: str, value: object) -> None:
    """Checkers look values up and compare them: they must hash, and equal themselves (NaN does
    not)."""
    if type(value) in PLAIN or (type(value) is tuple and PLAIN.issuperset(map(type, value))):
        return
    if what == "args" and not isinstance(value, tuple):
        raise HistoryError(f"The args of an operation of {process} are {value!r}: give a tuple")
    try:
        hash(value)
    except TypeError:
        raise HistoryError(
            f"The {what} of an operation of {process} has {value!r} in it, which can change: "
            "use numbers, strings, or tuples or frozensets of them"
        ) from None
    if isinstance(value, tuple | frozenset):
        for item in value:
            _check_value(process, f"{what} value", item)
    elif value != value:
        raise HistoryError(
            f"The {what} of an operation of {process} is {value!r}, which equals nothing, not even "
            "itself: use None for no value"
        )


def _check_one_at_a_time(operations: Iterable[Operation]) -> None:
    """Raise HistoryError if a process does two things at once. `operations` are sorted by start."""
    latest: dict[str, Operation] = {}
    for operation in operations:
        process = operation.process
        before = latest.get(process)
        latest[process] = operation
        if before is None:
            continue
        if before.end is None:
            raise HistoryError(
                f"{process} starts {operation} at {operation.start}, but its {before} before "
                f"never got an answer. Let it go on under a new name, such as {process}': what was "
                "lost may still happen later"
            )
        if operation.start <= before.end:
            raise HistoryError(
                f"{process} starts {operation} at {operation.start}, but its {before} lasts until "
                f"{before.end}: a process does one thing at a time, so start at {before.end + 1} "
                "or later, or use another process"
            )
