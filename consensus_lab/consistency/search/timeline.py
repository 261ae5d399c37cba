"""The operations of a history by the time of their answers: what was open when."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable, Iterable
from functools import cached_property
from math import inf
from operator import itemgetter
from typing import Any, NamedTuple

from ...history import Operation
from ..specification import ANY, NOTHING, Specification, has_hints


def call_of(operation: Operation) -> int:
    """When it was asked, as a number that is never the `return_of` another.

    Intervals are closed: at the same tick the asking comes before the answers, and the two overlap.
    """
    return 2 * operation.start


def return_of(operation: Operation) -> float:
    """When its answer came; infinity if none did: then it may happen at any later time."""
    return inf if operation.end is None else 2 * operation.end + 1


def _as_it_is(operation: Operation) -> Hashable:
    """All that one may look at who does not say what an operation needs and gives.

    The process counts too: it matters who unlocks a lock.
    """
    return operation.process, operation.kind, operation.key, operation.args, operation.result


class Lost(NamedTuple):
    """Operations without an answer that all do the same, in the order in which they were asked.

    It never helps to let a later one happen before an earlier one, so those that happened are the
    first so many. Each has a bit: the `first`, and those next to it; `bits` are all of them.
    """

    operations: tuple[Operation, ...]
    calls: tuple[int, ...]
    opened_at: tuple[int, ...]
    need: Any
    give: Any
    sort: Hashable
    first: int
    bits: int

    def count(self, used: int) -> int:
        """How many of them are among `used`."""
        return (used & self.bits).bit_count()


class Timeline:
    """The answered operations, indexed in the order of their answers, and the lost ones.

    Lost is what was never answered; the `optional` ones are taken for lost too.

    returns        for each answered operation, when its answer came
    sorts          what it does: those of one sort can stand for each other
    bits           its bit: different from that of all others that are open while it is, so that a
                   set of open operations is a small whole number
    opened_at      the index of the first answer at which it is open
    open_since     for each answer, since which answer the longest of the open operations is open
    movers         … the open operations that may change the state
    observers      … and those that do not
    new_observers  … of them, those not open at the answer before
    observer_bits  the bits of the observers

    `new_observers` has one entry more: nothing is open after the last answer.
    """

    def __init__(
        self,
        operations: Iterable[Operation],
        specification: Specification,
        optional: Iterable[Operation] = (),
    ) -> None:
        operations = list(operations)
        self.specification = specification
        self.trusted = has_hints(specification)
        answered = [(o.end, o) for o in operations if o.end is not None]
        answered.sort(key=itemgetter(0))
        self.answered = [operation for _, operation in answered]
        self.needs = [specification.needs(o) if self.trusted else ANY for o in self.answered]
        self.gives = [specification.gives(o) for o in self.answered]
        self.returns = [2 * end + 1 for end, _ in answered]
        self.calls = [2 * o.start for o in self.answered]
        self.lost = self._group_lost([*optional, *(o for o in operations if o.end is None)])
        self.known_asked: dict[tuple[int, int], int] = {}
        self._sweep()

    @cached_property
    def sorts(self) -> list[Hashable]:
        return [
            (need, give) if need is not ANY and give is not ANY else _as_it_is(operation)
            for operation, need, give in zip(self.answered, self.needs, self.gives, strict=True)
        ]

    def asked_by(self, answer: int, until: int) -> int:
        """The bits of those open at an answer that were asked by the time of another."""
        if (answer, until) not in self.known_asked:
            everyone = self.movers[answer] + self.observers[answer]
            asked = [self.bits[index] for index in everyone if self.opened_at[index] <= until]
            self.known_asked[answer, until] = sum(asked)
        return self.known_asked[answer, until]

    def may_happen(self, kind: int, used: int, answer: int) -> bool:
        """Whether, after those that are `used`, one more of this kind of lost operation was asked
        by the time of this answer."""
        lost = self.lost[kind]
        count = (used & lost.bits).bit_count()
        return count < len(lost.opened_at) and lost.opened_at[count] <= answer

    def is_definite(self) -> bool:
        """Whether the specification says for all that change the state what they need and give."""
        pairs = [*zip(self.needs, self.gives, strict=True), *((o.need, o.give) for o in self.lost)]
        return self.trusted and not any(
            give is ANY or (need is ANY and give is not NOTHING) for need, give in set(pairs)
        )

    def __len__(self) -> int:
        return len(self.answered)

    def _sweep(self) -> None:
        total, gives = len(self.answered), self.gives
        self.bits = bits = [0] * total
        self.opened_at = opened_at = [0] * total
        self.open_since: list[int] = []
        self.movers: list[list[int]] = []
        self.observers: list[list[int]] = []
        self.new_observers: list[list[int]] = []
        self.observer_bits: list[int] = []
        calls = self.calls
        by_call = sorted(range(total), key=calls.__getitem__)
        next_call = oldest = 0
        free: list[int] = []
        movers: list[int] = []
        observers: list[int] = []
        watching = 0
        nobody: list[int] = []
        for answer, time in enumerate(self.returns):
            fresh = nobody
            while next_call < total and calls[by_call[next_call]] < time:
                index = by_call[next_call]
                next_call += 1
                opened_at[index] = answer
                bits[index] = free.pop() if free else 1 << (len(movers) + len(observers))
                if gives[index] is NOTHING:
                    insort(observers, index)
                    fresh = [*fresh, index]
                    watching |= bits[index]
                else:
                    insort(movers, index)
            while by_call[oldest] < answer:
                oldest += 1
            self.open_since.append(opened_at[by_call[oldest]])
            self.movers.append(movers[:])
            self.observers.append(observers[:])
            self.new_observers.append(fresh)
            self.observer_bits.append(watching)
            free.append(bits[answer])
            if gives[answer] is NOTHING:
                del observers[0]
                watching ^= bits[answer]
            else:
                del movers[0]
        self.new_observers.append([])

    def _group_lost(self, operations: Iterable[Operation]) -> list[Lost]:
        """The lost operations, those of one sort together."""
        groups: dict[Hashable, list[Operation]] = {}
        hints: dict[Hashable, tuple[Any, Any]] = {}
        for operation in sorted(operations, key=call_of):
            hint = self.specification.needs(operation), self.specification.gives(operation)
            sort = hint if self.trusted and ANY not in hint else _as_it_is(operation)
            groups.setdefault(sort, []).append(operation)
            hints[sort] = hint
        found, first = [], 1
        for sort, group in groups.items():
            calls, bits = tuple(map(call_of, group)), ((1 << len(group)) - 1) * first
            opened = tuple(bisect_left(self.returns, call) for call in calls)
            found.append(Lost(tuple(group), calls, opened, *hints[sort], sort, first, bits))
            first <<= len(group)
        return found
