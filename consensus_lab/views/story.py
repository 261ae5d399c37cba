"""What a timeline tells: which operations, in which order, with one sentence at each step.

No geometry here: a story is the same on a wall and on a telephone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..consistency.verdict import Verdict
from ..history import History, Mark, Operation
from .timescale import in_words

State = dict[Hashable, Any]

KEY_VALUE = ("write", "read", "cas")
"""The kinds of operation whose effect on a key is known here."""

MARKS = 6
"""More marks than this would fill the picture with what happened beside."""


@dataclass(frozen=True, slots=True)
class Story:
    """The operations that are shown (by start), and what happens to them step by step.

    `order` has the index of the operation that each step is about; the story of a counterexample
    has one step more, at which the conflict is shown. `states` has the object after each step where
    a witness says it, and `initial` what it was before; else they are empty. `accused` are the
    operations of a counterexample, `left_out` says in words what is not shown.
    """

    history: History
    verdict: Verdict | None
    operations: tuple[Operation, ...]
    order: tuple[int, ...]
    sentences: tuple[str, ...]
    states: tuple[State, ...]
    initial: State
    accused: tuple[int, ...]
    marks: tuple[Mark, ...]
    left_out: str

    @classmethod
    def of(cls, thing: History | Verdict, limit: int) -> Story:
        """The story of a history, or of what a checker says of it; at most `limit` operations."""
        verdict = thing if isinstance(thing, Verdict) else None
        history = thing.history if isinstance(thing, Verdict) else thing
        culprits = None if verdict is None else verdict.counterexample
        witness = None if verdict is None else verdict.witness
        shown, left_out = excerpt(history, culprits, limit)
        index = {operation: position for position, operation in enumerate(shown)}

        if witness is not None:
            initial = first_values(witness.order)
            order, states, sentences = _told(witness.order, initial, index)
            if any(o.kind not in KEY_VALUE for o in witness.order):
                states = []  # an object whose rules we do not know: its operations are shown alone
        else:
            order, states, initial = list(culprits or shown), [], {}
            sentences = [f"{operation_in_words(o, history)}." for o in order]
            if culprits:
                sentences.append("No order of these operations explains what was answered.")
        return cls(
            history=history,
            verdict=verdict,
            operations=tuple(shown),
            order=tuple(index[operation] for operation in order),
            sentences=tuple(sentences),
            states=tuple(states),
            initial=initial,
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
        return self.verdict is not None and self.verdict.model == "linearizability"

    @property
    def keys(self) -> list[Hashable]:
        """The keys of the operations that are shown, in order."""
        return sorted({operation.key for operation in self.operations}, key=str)


def _told(
    witness: Iterable[Operation], initial: State, shown: Container[Operation]
) -> tuple[list[Operation], list[State], list[str]]:
    """The part of a witness that is shown: operations, the state after each, and a sentence."""
    told = [(o, state.copy()) for o, state in replay(witness, initial) if o in shown]
    return [o for o, _ in told], [s for _, s in told], [_effect(o, s) for o, s in told]


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


# ---- what happens to the object ----


def first_values(order: Iterable[Operation]) -> State:
    """What each key held at first, as far as `order` shows it; 0 if a write comes first."""
    state: State = {}
    for operation in order:
        if operation.key in state:
            continue
        if operation.kind == "read":
            state[operation.key] = operation.result
        elif operation.kind == "cas" and operation.result is True:
            state[operation.key] = operation.args[0]
        else:
            state[operation.key] = 0
    return state


def replay(order: Iterable[Operation], initial: State) -> Iterator[tuple[Operation, State]]:
    """Each operation of `order` with the values of all keys after it (one dict, ever changing)."""
    state = dict(initial)
    for operation in order:
        if operation.kind == "write":
            state[operation.key] = operation.args[0]
        elif operation.kind == "cas" and operation.result is not False:
            expected, new = operation.args
            # Without an answer it may have come too late to find what it expected.
            if operation.result or state[operation.key] == expected:
                state[operation.key] = new
        yield operation, state


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
    return f"{process} does {operation}"


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


def _effect(operation: Operation, state: State) -> str:
    """A step of a witness in words, with what the object holds afterwards."""
    late = ", though no answer ever came" if operation.outcome == "unknown" else ""
    if operation.kind not in KEY_VALUE:
        return f"{deed(operation)}{late}."
    value = state[operation.key]
    still = "is" if operation.kind == "read" else "is now"
    return f"{deed(operation)}{late}: {operation.key} {still} {value}."
