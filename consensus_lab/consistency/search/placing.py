"""Which states an operation can have met among a few others: an argument for any specification."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from ...history import Operation
from ..specification import NOTHING, REFUSED, Specification, take_step

FEW = 8
"""Of more operations nobody would follow the argument."""

Precedes = Callable[[Operation, Operation], bool]


def homeless(
    operations: Iterable[Operation], specification: Specification, precedes: Precedes
) -> tuple[Operation, list[Any]] | None:
    """An operation that fits nowhere among the others, and the states that it can meet there.

    The others are put in every order that explains their answers. The one that was answered last is
    tried first: the answer that gave it away. None if there is no such operation, or too many.
    """
    everyone = [o for o in operations if o.end is not None]
    others = list(operations)
    if len(others) > FEW or len({specification.part(o) for o in others}) > 1:
        return None
    for operation in sorted(everyone, key=lambda o: o.end or 0, reverse=True):
        rest = [o for o in others if o is not operation]
        states = Placing(operation, rest, specification, precedes).states()
        if states and all(take_step(specification, s, operation) is REFUSED for s in states):
            return operation, states
    return None


def furthest(
    operations: Sequence[Operation], specification: Specification, precedes: Precedes
) -> tuple[list[Operation], Any, list[Operation]] | None:
    """An order that explains as many of the operations as any does, the state that it leads to,
    and those that would have to be next. None if there are too many operations."""
    if len(operations) > FEW or len({specification.part(o) for o in operations}) > 1:
        return None
    best: list[Operation] = []
    last = specification.initial
    waiting: list[tuple[list[Operation], Any]] = [([], specification.initial)]
    known: set[tuple[frozenset[Operation], Hashable]] = set()
    while waiting:
        order, state = waiting.pop()
        if (frozenset(order), state) in known:
            continue
        known.add((frozenset(order), state))
        if len(order) > len(best):
            best, last = order, state
        for operation in reversed(_next(operations, order, precedes)):
            after = take_step(specification, state, operation)
            if after is not REFUSED:
                waiting.append(([*order, operation], after))
    return best, last, [o for o in _next(operations, best, precedes) if o.end is not None]


def _next(
    operations: Iterable[Operation], order: Sequence[Operation], precedes: Precedes
) -> list[Operation]:
    """Those not in `order` yet that may come next."""
    left = [o for o in operations if o not in order]
    return [o for o in left if not any(precedes(other, o) for other in left)]


class Placing:
    """The places of one operation in all orders of the others."""

    def __init__(
        self,
        operation: Operation,
        others: Sequence[Operation],
        specification: Specification,
        precedes: Precedes,
    ) -> None:
        self.specification, self.others = specification, others
        self.watches = specification.gives(operation) is NOTHING
        self.before = {i for i, o in enumerate(others) if precedes(o, operation)}
        self.after = {i for i, o in enumerate(others) if precedes(operation, o)}
        self.needs = [
            {i for i, one in enumerate(others) if precedes(one, other)} for other in others
        ]
        self.met: dict[Hashable, None] = {}
        self.known: dict[tuple[frozenset[int], Hashable], bool] = {}

    def states(self) -> list[Any]:
        """The states in which it can stand, each once."""
        self._go_on(frozenset(), self.specification.initial)
        return list(self.met)

    def _go_on(self, placed: frozenset[int], state: Any) -> bool:
        """Whether those not placed yet can follow. If the operation changes nothing they must."""
        if (placed, state) not in self.known:
            self.known[placed, state] = all(
                index in placed or self.others[index].end is None
                for index in range(len(self.others))
            )
            for index, other in enumerate(self.others):
                if index not in placed and self.needs[index] <= placed:
                    after = take_step(self.specification, state, other)
                    if after is not REFUSED and self._go_on(placed | {index}, after):
                        self.known[placed, state] = True
            fits = self.before <= placed and not self.after & placed
            if fits and (self.known[placed, state] or not self.watches):
                self.met[state] = None
        return self.known[placed, state]
