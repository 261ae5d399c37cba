"""Eventual consistency: when nobody writes any more, all come to read the same.

It is a promise about the end and says nothing about the way there. Of a recording one can ask
this: after the last change to a key, did all who looked last see the same, and something that the
changes could have led to?

Vogels, W. (2009): Eventually consistent.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from ..history import History, Operation
from .objects import Counter, Set
from .reasons.minimize import Dependence, smallest
from .specification import NOTHING, KeyValue, Specification, has_hints, relevant
from .verdict import Verdict, Witness

MODEL = "eventual consistency"
OBSERVERS = ("read", "contains")


def eventual(history: History, specification: Specification | None = None) -> Verdict:
    """Whether all processes agree in the end, key by key, and why.

    specification  what the object promises; KeyValue() unless told: registers that start at 0

    Only looks that began after the last change had its answer count, and of those the last of each
    process. A change without an answer may come at any later time: if that can explain that they
    differ, the history is undecided. What they agree on must be the state after the changes in
    some order; that is judged for registers, counters and sets, of other objects only whether they
    agree. Raises ConsensusLabError for an operation that the specification does not know.
    """
    specification = KeyValue() if specification is None else specification
    endings = _endings(history, specification)
    for ending in endings:
        guilty = ending.guilty()
        if guilty:
            return _broken(history, ending, guilty)
    for ending in endings:
        for pair in ending.differing():
            a, b = map(_told, pair)
            words = f"{a} and {b}, but a change without an answer may have come in between."
            return Verdict(MODEL, None, history, explanation=words)
    order = [o for ending in endings for o in (*(ending.order or ()), *ending.last)]
    words = " ".join(_summary(history, ending) for ending in endings) or "Nothing happened."
    return Verdict(MODEL, True, history, Witness(order, timed=False), explanation=words)


def time_to_agreement(
    history: History, specification: Specification | None = None
) -> dict[Hashable, float | None]:
    """For each key how long after its last change somebody still saw something else.

    In ms (in ticks if the history has no ms): from the answer to the last change until the last
    answer with another value than the final one; 0 if there was none. None: there was no agreement,
    or nobody looked.
    """
    endings = _endings(history, specification or KeyValue())
    return {ending.key: _wait(history, ending) for ending in endings}


@dataclass
class Ending:
    """What became of one key: its changes, and who looked at it after them.

    quiet  when the last change had its answer, in ticks; one without an answer counts as asked
    late   the looks that began later
    last   of those the last of each process
    order  the changes in an order that leads to what they saw; None if there is none
    """

    key: Hashable
    specification: Specification
    changes: list[Operation]
    late: list[Operation] = field(default_factory=list)
    last: list[Operation] = field(default_factory=list)
    quiet: int = 0
    order: list[Operation] | None = None

    def see(self, looks: Iterable[Operation]) -> None:
        """Find out who looked last, and at what."""
        self.quiet = max((o.start if o.end is None else o.end for o in self.changes), default=-1)
        self.late = [o for o in looks if o.start > self.quiet]
        latest = {(o.process, o.kind, o.args): o for o in self.late}
        self.last = sorted(latest.values(), key=lambda o: o.start)
        self.order = _leading_to(self.last, self.changes, self.specification)

    def differing(self) -> Iterator[tuple[Operation, Operation]]:
        """Each two of the last looks that saw different things."""
        for a, b in combinations(self.last, 2):
            if (a.kind, a.args) == (b.kind, b.args) and a.result != b.result:
                yield a, b

    def guilty(self) -> list[Operation]:
        """Looks that cannot all be right; none if nothing is impossible."""
        for look in self.last:
            if _leading_to([look], self.changes, self.specification) is None:
                return [look]
        for pair in self.differing():
            if not self.may_yet_change(pair):
                return [*pair]
        agreed = not any(self.differing())
        return self.last if agreed and self.order is None else []

    def part(self, operations: Sequence[Operation]) -> Ending:
        """The same with no more than these operations."""
        chosen = set(operations)
        ending = Ending(self.key, self.specification, [o for o in self.changes if o in chosen])
        ending.see(o for o in self.last if o in chosen)
        return ending

    def may_yet_change(self, found: Iterable[Operation]) -> bool:
        """Whether a change without an answer can have come between these looks."""
        lost = [o for o in self.changes if o.end is None]
        if has_hints(self.specification):
            seen = [o.result for o in found]
            lost = [o for o in lost if self.specification.gives(o) in seen]
        return bool(lost)


def _endings(history: History, specification: Specification) -> list[Ending]:
    """How it ended, key by key."""
    endings: list[Ending] = []
    for key, part in History(relevant(history, specification)).by_key().items():
        changes = [o for o in part if specification.gives(o) is not NOTHING]
        ending = Ending(key, specification, changes)
        ending.see(o for o in part if o.kind in OBSERVERS)
        endings.append(ending)
    return endings


# ---- in which order the changes lead to what was seen ----


def _leading_to(
    looks: Sequence[Operation], changes: Sequence[Operation], specification: Specification
) -> list[Operation] | None:
    """The changes in an order after which all of `looks` see what they saw, or None."""
    if not looks:
        return list(changes)
    if has_hints(specification):
        return _with_winner(looks[0].result, changes, specification)
    if isinstance(specification, Counter):
        return _adding_up(looks[0].result - specification.initial, changes)
    if isinstance(specification, Set):
        return _element_by_element(looks, changes)
    return list(changes)


def _with_winner(
    value: Any, changes: Sequence[Operation], specification: Specification
) -> list[Operation] | None:
    """The change that left `value` comes last; what had no answer need not have happened."""
    winners = [o for o in changes if specification.gives(o) == value]
    others = [o for o in changes if o.end is not None]
    if winners:
        return [*(o for o in others if o != winners[-1]), winners[-1]]
    return [] if value == specification.initial and not others else None


def _adding_up(amount: float, changes: Sequence[Operation]) -> list[Operation] | None:
    """All that had an answer count, and of the others those that are needed."""
    answered = [o for o in changes if o.end is not None]
    lost = [o for o in changes if o.end is None]
    for count in range(len(lost) + 1):
        for happened in combinations(lost, count):
            if sum(map(_amount, (*answered, *happened))) == amount:
                return [*answered, *happened]
    return None


def _amount(change: Operation) -> float:
    amount: float = change.args[0] if change.args else 1
    return amount if change.kind == "increment" else -amount


def _element_by_element(
    looks: Sequence[Operation], changes: Sequence[Operation]
) -> list[Operation] | None:
    """Of each element the change comes last that left it as it was seen."""
    order = [o for o in changes if o.end is not None]
    seen = (element for o in looks for element in o.args or o.result)
    for element in dict.fromkeys((*seen, *(o.args[0] for o in changes))):
        found = {
            o.result if o.args else element in o.result for o in looks if o.args in ((), (element,))
        }
        own = [o for o in changes if o.args == (element,)]
        for present in found:
            right = [o for o in own if (o.kind == "add") is present]
            wrong = present or any((o.kind == "add") and o.end is not None for o in own)
            if len(found) > 1 or (wrong and not right):
                return None
            order = [o for o in order if o not in right[-1:]] + right[-1:]
    return order


# ---- words ----


def _broken(history: History, ending: Ending, guilty: list[Operation]) -> Verdict:
    """The verdict if these looks cannot all be right, with the smallest part that shows it."""
    specification = ending.specification
    changes = ending.changes
    if len(guilty) > 1 and has_hints(specification):
        last = [[o for o in changes if specification.gives(o) == g.result][-1:] for g in guilty]
        changes = [o for found in last for o in found]
    dependence = Dependence(specification, timed=False)
    found = ending.part(
        smallest([*changes, *guilty], lambda o: bool(ending.part(o).guilty()), dependence)
    )
    counterexample = history.only([*found.changes, *found.last])
    told = list(map(_told, found.last))
    if any(found.differing()):
        words = (
            f"{', and '.join(told)}, although nobody changed {ending.key} any more: its last "
            f"change was over at {_time(history, ending.quiet)}."
        )
        return Verdict(MODEL, False, history, None, counterexample, words, "divergence")
    words = f"{' and '.join(told)}, and no order of the changes to {ending.key} leads to that."
    known = {specification.initial, *map(specification.gives, ending.changes)}
    stale = has_hints(specification) and all(look.result in known for look in found.last)
    anomaly = "divergence" if stale else "ThinAirRead"
    return Verdict(MODEL, False, history, None, counterexample, words, anomaly)


def _told(look: Operation) -> str:
    return f"{look.process}'s last {look.kind} of {look.key} returned {look.result!r}"


def _summary(history: History, ending: Ending) -> str:
    if not ending.last:
        return f"Nobody looked at {ending.key} after its last change, so nobody disagrees."
    wait = _wait(history, ending)
    unit = "ms" if history.ticks_per_ms else "ticks"
    values = list(dict.fromkeys(repr(o.result) for o in ending.last))
    after = f"after {wait:g} {unit}" if wait else "at once"
    return f"All agree on {ending.key} {after}: {', '.join(values)}."


def _wait(history: History, ending: Ending) -> float | None:
    """How long after the last change somebody saw something else than in the end."""
    if not ending.last or any(ending.differing()):
        return None
    final = {(o.kind, o.args): o.result for o in ending.last}
    others = [o.end for o in ending.late if o.result != final[o.kind, o.args] and o.end is not None]
    return (max(others) - ending.quiet) / (history.ticks_per_ms or 1) if others else 0.0


def _time(history: History, tick: int) -> str:
    return f"{tick / history.ticks_per_ms:g} ms" if history.ticks_per_ms else f"{tick}"
