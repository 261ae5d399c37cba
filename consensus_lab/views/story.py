"""What a timeline tells: which operations, in which order, with one sentence at each step.

No geometry here: a story is the same on a wall and on a telephone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..consistency.verdict import Verdict
from ..graph import Edge, Graph
from ..history import History, Mark, Operation
from .accounts import Account, State, accounts, keys_of, steps
from .picture import shorten
from .timescale import in_words

TIMED = ("linearizability", "strict serializability")
"""The models that keep real time: what was answered before the other began comes first."""

CYCLE = "Each must come before the next, and the last before the first"

MARKS = 6
"""More marks than this would fill the picture with what happened beside."""


@dataclass(frozen=True, slots=True)
class Story:
    """The operations that are shown (by start), and what happens to them step by step.

    `order` has the index of the operation that each step is about. `accounts` are the orders that a
    witness tells, one after the other. The story of a counterexample has more steps: one for each
    edge of the `cycle` that it ends in, or one at which the conflict is shown. `accused` are the
    operations of a counterexample, `left_out` says in words what is not shown.
    """

    history: History
    verdict: Verdict | None
    operations: tuple[Operation, ...]
    order: tuple[int, ...]
    sentences: tuple[str, ...]
    accounts: tuple[Account, ...]
    accused: tuple[int, ...]
    marks: tuple[Mark, ...]
    left_out: str

    @classmethod
    def of(cls, thing: History | Verdict, limit: int) -> Story:
        """The story of a history, or of what a checker says of it; at most `limit` operations."""
        verdict = thing if isinstance(thing, Verdict) else None
        history = thing.history if isinstance(thing, Verdict) else thing
        culprits = None if verdict is None else verdict.counterexample
        shown, left_out = excerpt(history, culprits, limit)
        index = {operation: position for position, operation in enumerate(shown)}

        told = [_told(each, index) for each in (() if verdict is None else accounts(verdict))]
        if verdict is not None and verdict.witness is not None:
            order = [operation for account, _ in told for operation in account.order]
            sentences = [sentence for _, each in told for sentence in each]
        else:
            order = list(culprits or shown)
            sentences = [f"{operation_in_words(o, history)}." for o in order]
            if culprits:
                sentences += _contradiction(() if verdict is None else verdict.cycle)
        return cls(
            history=history,
            verdict=verdict,
            operations=tuple(shown),
            order=tuple(index[operation] for operation in order),
            sentences=tuple(sentences),
            accounts=tuple(account for account, _ in told),
            accused=tuple(index[operation] for operation in culprits or ()),
            marks=nearest_marks(history, shown, culprits),
            left_out=left_out,
        )

    @property
    def explained(self) -> bool:
        """Whether there is a witness: an order that explains everything."""
        return self.verdict is not None and self.verdict.witness is not None

    @property
    def in_real_time(self) -> bool:
        """Whether real time counts, so that every operation takes effect at a point in it."""
        if self.verdict is None:
            return False
        witness = self.verdict.witness
        return self.verdict.model in TIMED if witness is None else witness.points is not None

    @property
    def cycle(self) -> Graph | None:
        """The cycle of a counterexample: which of its operations must come before which."""
        edges = () if self.verdict is None else tuple(dict.fromkeys(self.verdict.cycle))
        nodes = dict.fromkeys(node for edge in edges for node in (edge.source, edge.target))
        return Graph(tuple(nodes), edges, edges, CYCLE) if edges else None

    @property
    def keys(self) -> list[Hashable]:
        """The keys of the operations that are shown, in order."""
        return sorted({key for operation in self.operations for key in keys_of(operation)}, key=str)


def _told(account: Account, shown: Container[Operation]) -> tuple[Account, list[str]]:
    """The part of an account that is shown, with a sentence for each step."""
    rows = [
        (operation, note, account.states[place : place + 1])
        for place, (operation, note) in enumerate(zip(account.order, account.notes, strict=True))
        if operation in shown
    ]
    states = tuple(state for _, _, found in rows for state in found)
    notes = tuple(note for _, note, _ in rows)
    told = replace(account, order=tuple(o for o, _, _ in rows), notes=notes, states=states)
    return told, [_effect(operation, note, found) for operation, note, found in rows]


# ---- which operations of a long history are shown ----


def excerpt(
    history: History, culprits: Iterable[Operation] | None, limit: int
) -> tuple[list[Operation], str]:
    """The `limit` operations of `history` that tell the most, and in words what is left out.

    Without `culprits` (the operations of a counterexample) these are the first ones; with them it
    is their neighbourhood: operations on the same keys that overlap one of them, or are near.
    Writes that were never answered overlap all that comes after them, and would only fill the
    picture.
    """
    operations = list(history)
    if len(operations) <= limit:
        return operations, ""
    if culprits is None:
        missing = len(operations) - limit
        words = f"The first {limit:,} operations are shown; {missing:,} later ones are left out."
        return operations[:limit], words

    accused = list(culprits)
    near = sorted(
        _candidates(history, accused, limit), key=lambda o: (_distance(o, accused), o.start)
    )
    overlapping = sum(_distance(o, accused) == 0 for o in near)
    near = near[: min(max(overlapping, 4 * len(accused)), limit - len(accused))]
    shown = sorted([*accused, *near], key=lambda o: (o.start, o.process))
    words = (
        f"Shown are the {_count(len(accused), 'operation')} of the counterexample and "
        f"{_count(len(near), 'operation')} beside; "
        f"{len(operations) - len(shown):,} others are left out."
    )
    return shown, words


def nearest_marks(
    history: History, shown: Sequence[Operation], culprits: Iterable[Operation] | None
) -> tuple[Mark, ...]:
    """What happened beside while those `shown` went on; of many, the nearest to the `culprits`."""
    if not shown:
        return ()
    last = max(o.start if o.end is None else o.end for o in shown)
    within = [mark for mark in history.marks if shown[0].start <= mark.time <= last]
    centre = list(culprits or shown)
    within.sort(key=lambda mark: min(abs(o.start - mark.time) for o in centre))
    return tuple(sorted(within[:MARKS], key=lambda mark: mark.time))


def _candidates(history: History, accused: Sequence[Operation], limit: int) -> Iterable[Operation]:
    """For each of the `accused` the operations on its key that began shortly before and after."""
    keys, names = {o.key for o in accused}, set(accused)
    same = [o for o in history if o.key in keys and o.end is not None and o not in names]
    chosen: dict[Operation, None] = {}
    for operation in accused:
        middle = bisect_left(same, operation.start, key=lambda o: o.start)
        chosen.update(dict.fromkeys(same[max(middle - limit, 0) : middle + limit]))
    return chosen


def _distance(operation: Operation, accused: Iterable[Operation]) -> int:
    """Ticks between an answered operation and the nearest of the `accused`; 0 if they overlap."""
    end = operation.start if operation.end is None else operation.end
    return min(
        max(a.start - end, operation.start - (a.start if a.end is None else a.end), 0)
        for a in accused
    )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


# ---- words ----


def deed(operation: Operation) -> str:
    """What a process did, without when: "P1 reads x and gets 4"."""
    process, key = operation.process, operation.key
    if operation.kind == "write":
        return f"{process} writes {operation.args[0]} to {key}"
    if operation.kind == "read":
        gets = f" and gets {operation.result}" if operation.outcome == "ok" else ""
        return f"{process} reads {key}{gets}"
    if operation.kind == "cas":
        expected, new = operation.args
        if operation.result is False:
            return f"{process} finds that {key} is not {expected} and leaves it"
        return f"{process} changes {key} from {expected} to {new}"
    if operation.kind == "txn":
        does = [_step_in_words(operation, *step) for step in steps(operation)] or ["does nothing"]
        return f"{process} {', '.join(does[:-1])}{' and ' if does[1:] else ''}{does[-1]}"
    if operation.kind == "append":
        return f"{process} appends {operation.args[0]} to {key}"
    return f"{process} does {operation}"


def _step_in_words(transaction: Operation, kind: str, key: Hashable, value: Any) -> str:
    """A step of a transaction: "reads x and gets 4"."""
    if kind == "read":
        return f"reads {key}" + (f" and gets {value}" if transaction.outcome == "ok" else "")
    return f"writes {value} to {key}" if kind == "write" else f"appends {value} to {key}"


def operation_in_words(operation: Operation, history: History) -> str:
    """All that is known of an operation: who, what, when, which server answered."""
    words = deed(operation)
    ticks = history.ticks_per_ms
    start, unit = _time(operation.start, ticks), " ms" if ticks else ""
    if operation.end is None:
        words += f", asked at {start}{unit}"
    elif ticks:
        length = in_words((operation.end - operation.start) / ticks)
        words += f", {start}–{_time(operation.end, ticks)} ms ({length})"
    else:
        words += f", from {start} to {operation.end}"
    if operation.outcome == "failed":
        words += "; it failed and had no effect"
    elif operation.end is None:
        words += "; no answer came, so it may have happened at any later time, or never"
    if operation.server:
        words += f"; {operation.server} answered"
    return words


def _time(time: int, ticks_per_ms: int | None) -> str:
    """A moment in ms to the hundredth, or as the column of a drawing."""
    return f"{round(time / ticks_per_ms, 2):.12g}" if ticks_per_ms else str(time)


def _effect(operation: Operation, note: str, states: Sequence[State]) -> str:
    """A step of a witness in words, with what the object holds afterwards if that is known."""
    if note:
        return f"{operation.process} {note}: {operation}."
    late = ", though no answer ever came" if operation.outcome == "unknown" else ""
    if not states:
        return f"{deed(operation)}{late}."
    still = "is" if operation.kind in ("read", "contains") else "is now"
    keys = keys_of(operation)
    if operation.kind == "txn":
        keys = list(dict.fromkeys(key for kind, key, _ in steps(operation) if kind != "read"))
    holds = [f"{key} {still} {in_short(states[0][key])}" for key in keys]
    return f"{deed(operation)}{late}{': ' if holds else ''}{', '.join(holds)}."


def in_short(value: Any, length: int = 1000) -> str:
    """A value as people write it: a set as {1, 2}, whatever its order in memory.

    Of what has more than `length` letters the beginning; of a list that grows, the end.
    """
    if isinstance(value, set | frozenset):
        return shorten("{" + ", ".join(sorted(map(str, value))) + "}", length)
    words = str(value)
    if isinstance(value, tuple) and len(words) > length:
        return f"(… {', '.join(map(str, value[-2:]))})"
    return shorten(words, length)


def _contradiction(cycle: Sequence[Edge]) -> Iterable[str]:
    """The last sentences of a counterexample: why there is no order."""
    if not cycle:
        yield "No order of these operations explains what was answered."
    for number, edge in enumerate(cycle, start=1):
        ends = f"{short_name(edge.source)} must come before {short_name(edge.target)}"
        words = f"{ends}: {edge.reason}." if edge.reason else f"{ends} ({edge.relation})."
        yield words if number < len(cycle) else f"{words} So we are back at the beginning."


def short_name(node: Hashable) -> str:
    """ "P1's W(x,4)"."""
    return f"{node.process}'s {node}" if isinstance(node, Operation) else str(node)
