"""The smallest part of a history that is already impossible.

To take an operation out means to take out also what depends on it: else a read would be accused of
returning a value from nowhere, when all that happened is that its write was left out. Taken out so,
nothing becomes impossible that was possible; so a part that is impossible convicts the whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import accumulate
from math import inf
from typing import Any

from ...history import Operation
from ..search.timeline import call_of, return_of
from ..specification import ANY, NOTHING, Specification, has_hints


class Dependence:
    """Which operations depend on which.

    An operation depends on all that may have left the state from which it went: on those that give
    the value it needs, or on those it `owes`, or on all if no more is known. Where real time counts
    (`timed`), it does not depend on one that was asked after its own answer, nor on one that was
    over before another gave the same value again; unless no other gives that value at all.
    """

    def __init__(self, specification: Specification, timed: bool) -> None:
        self.specification = specification
        self.hints = has_hints(specification)
        self.owes = not self.hints and has_hints(specification, "owes")
        self.timed = timed

    def without(
        self, operations: Sequence[Operation], gone: Iterable[Operation]
    ) -> list[Operation]:
        """`operations` without those of `gone`, without what depends on them, and so on."""
        kept, out = list(operations), set(gone)
        while out:
            kept = [o for o in kept if o not in out]
            if self.owes:
                out = self._debtors(kept, out)
                continue
            left, lost = self._givers(kept), self._givers(out)
            out = {o for o in kept if self._depends(o, left, lost)}
        return kept

    def _debtors(
        self, operations: Iterable[Operation], gone: Iterable[Operation]
    ) -> set[Operation]:
        """Those of `operations` that owe their answers to one of `gone`."""
        specification = self.specification
        creditors: dict[Any, list[Operation]] = {}
        for other in gone:
            if other.outcome != "failed" and specification.gives(other) is not NOTHING:
                creditors.setdefault(specification.part(other), []).append(other)
        return {
            operation
            for operation in (operations if creditors else ())
            for other in creditors.get(specification.part(operation), ())
            if specification.owes(operation, other)
        }

    def _depends(self, operation: Operation, left: Givers, lost: Givers) -> bool:
        need = self.specification.needs(operation) if self.hints else ANY
        if need is NOTHING:
            return False
        part = self.specification.part(operation)
        if need is ANY:
            return lost.any(part).reach(operation, -inf, self.timed)
        if need != self.specification.initial and not left.of(part, need):
            return bool(lost.of(part, need))
        since = left.of(part, need).last_before(operation) if self.timed else -inf
        return lost.of(part, need).reach(operation, since, self.timed)

    def _givers(self, operations: Iterable[Operation]) -> Givers:
        groups: dict[Any, list[Operation]] = {}
        for operation in operations:
            give = self.specification.gives(operation)
            if give is not NOTHING and operation.outcome != "failed":
                part = self.specification.part(operation)
                groups.setdefault((part, ANY), []).append(operation)
                if give is not ANY:
                    groups.setdefault((part, give), []).append(operation)
        return Givers(groups)


class Givers:
    """Operations that change the state, by part and by the value that they leave."""

    def __init__(self, groups: dict[Any, list[Operation]]) -> None:
        self.groups = groups
        self.ready: dict[Any, Moments] = {}

    def of(self, part: Any, value: Any) -> Moments:
        """Those that leave `value` in `part`."""
        if (part, value) not in self.ready:
            self.ready[part, value] = Moments(self.groups.get((part, value), ()))
        return self.ready[part, value]

    def any(self, part: Any) -> Moments:
        """Those that change `part` in whatever way."""
        return self.of(part, ANY)


class Moments:
    """The calls and returns of some operations, sorted, to be asked many times."""

    def __init__(self, operations: Collection[Operation]) -> None:
        by_call = sorted((call_of(o), return_of(o)) for o in operations)
        self.calls = [call for call, _ in by_call]
        self.latest_return = list(accumulate((ret for _, ret in by_call), max))
        by_return = sorted((ret, call) for call, ret in by_call)
        self.returns = [ret for ret, _ in by_return]
        self.latest_call = list(accumulate((call for _, call in by_return), max))

    def __bool__(self) -> bool:
        return bool(self.calls)

    def reach(self, operation: Operation, since: float, timed: bool) -> bool:
        """Whether one of them began before `operation` ended, and lasted until after `since`."""
        if not timed:
            return bool(self)
        place = bisect_left(self.calls, return_of(operation))
        return place > 0 and self.latest_return[place - 1] > since

    def last_before(self, operation: Operation) -> float:
        """The latest call among those that were over before `operation` began."""
        place = bisect_left(self.returns, call_of(operation))
        return self.latest_call[place - 1] if place else -inf


def smallest(
    operations: Sequence[Operation],
    is_impossible: Callable[[Sequence[Operation]], bool],
    dependence: Dependence,
) -> list[Operation]:
    """A part of `operations` that is impossible, and possible when any one operation is taken out.

    `operations` must be impossible. Pieces are taken out for a trial, larger ones while that goes
    well and smaller ones when it does not. What cannot be spared now can be spared even less when
    less is left, so it is not tried again.
    Zeller, A. and Hildebrandt, R. (2002): Simplifying and isolating failure-inducing input.
    """
    left = list(operations)
    needed: set[Operation] = set()
    size = max(1, len(left) // 2)
    while piece := [o for o in left if o not in needed][:size]:
        smaller = dependence.without(left, piece)
        if is_impossible(smaller):
            left = smaller
            size *= 2
        elif len(piece) > 1:
            size = len(piece) // 2
        else:
            needed.update(piece)
    return left
