"""Which configurations need not be looked at, since one that was is at least as free."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from ..specification import NOTHING
from .configuration import Configuration, Gap
from .moves import AnyOpen
from .timeline import Lost, Timeline


class Dominance:
    """Compares configurations at the same answer with the same state."""

    def __init__(self, time: Timeline, rules: AnyOpen) -> None:
        self.time = time
        self.rules = rules
        self.lost_opened = sorted(opened for lost in time.lost for opened in lost.opened_at)
        self.writes = {lost.give: lost for lost in time.lost if lost.need is NOTHING}
        others = [lost for lost in time.lost if lost.give in self.writes]
        others = [lost for lost in others if lost.need is not NOTHING]
        self.others = {
            give: sum(lost.bits for lost in others if lost.give == give) for give in self.writes
        }
        self.alone = ~sum(lost.bits for lost in others)
        self.lost_needers: dict[Any, int] = {}
        for lost in time.lost:
            self.lost_needers[lost.need] = self.lost_needers.get(lost.need, 0) | lost.bits

    def is_beaten(self, at: Configuration, known: Iterable[Configuration]) -> bool:
        """Whether one of `known` is at least as free: whatever can follow after `at` can follow
        after that one as well.

        So it is if that one has no observer fewer in order and no other operation more, has as many
        lost operations left, and as good gaps. A write that only `at` has in order does not count
        if the other may still hide it.
        """
        placed, used = at.placed, at.used
        observers = self.time.observer_bits[at.answer]
        close = [
            other
            for other in known
            if not other.used & ~used & self.alone
            and not placed & ~other.placed & observers
            and not other.placed & ~placed & ~observers
        ]
        if not close:
            return False
        at = self.trimmed(at)
        return any(other.covered >= at.covered and self._makes_up(other, at) for other in close)

    def _makes_up(self, other: Configuration, at: Configuration) -> bool:
        """Whether `other` can do without what only `at` has in order, or left, or has gaps for."""
        spent, more = other.used & ~at.used, at.placed & ~other.placed
        if spent and not self._stands_in(spent, other, at):
            return False
        extra = [i for i in self.time.movers[at.answer] if more & self.time.bits[i]]
        if not all(self._may_hide(index, other) for index in extra):
            return False
        return not at.gaps or self._has_gaps(other, extra, at)

    def _may_hide(self, index: int, at: Configuration) -> bool:
        """Whether this write may go unseen, in front of the last one."""
        return self.time.needs[index] is NOTHING and self.time.opened_at[index] <= at.covered

    def _stands_in(self, spent: int, other: Configuration, at: Configuration) -> bool:
        """Whether for each of `spent` that only `other` used it has left a write that does as well.

        It does if it fits in wherever anything fits in that is open now.
        """
        for give, write in self.writes.items():
            count = (spent & self.others[give]).bit_count()
            if count:
                left = (at.used & ~other.used & write.bits).bit_count()
                if count > left or self._is_late(write, at):
                    return False
        return True

    def _is_late(self, write: Lost, at: Configuration) -> bool:
        """Whether the last of these that was used was asked after the first that is open now."""
        time = self.time
        last = write.opened_at[write.count(at.used) - 1]
        return last > min(
            time.opened_at[index]
            for index in time.movers[at.answer] + time.observers[at.answer]
            if not at.placed & time.bits[index]
        )

    def _has_gaps(self, other: Configuration, extra: list[int], at: Configuration) -> bool:
        """Whether `other` has all gaps of `at`, or as good ones; a hidden write would leave one."""
        missing = []
        left = [(gap.state, gap.answer) for gap in other.gaps]
        left += [(self.time.gives[index], other.covered) for index in extra]
        for gap in at.gaps:
            fitting = [(s, answer) for s, answer in left if s == gap.state and answer >= gap.answer]
            if fitting:
                left.remove(min(fitting, key=lambda pair: pair[1]))
            else:
                missing.append(gap.state)
        return all(missing.count(value) <= self._spare(value, other, at) for value in missing)

    def _spare(self, value: Any, other: Configuration, at: Configuration) -> int:
        """How many gaps of `value` that only `at` has `other` can make when they are needed.

        Say `at` used a lost write of 3 and left a gap behind it, in which a compare-and-set from 3
        still fits; `other` did not use it, and has no such gap. If the write was asked by the time
        of the last write in order, it may yet go in front of that one, unseen, and the
        compare-and-set behind it. Not if it already stands in for something that `other` used.
        """
        if value not in self.writes:
            return 0
        write = self.writes[value]
        first, last = write.count(other.used), write.count(at.used)
        asked = bisect_right(write.opened_at, other.covered, first, max(first, last)) - first
        return asked - (other.used & ~at.used & self.others[value]).bit_count()

    def trimmed(self, at: Configuration) -> Configuration:
        """The same without the gaps in which nothing can be put any more.

        The moment of a gap counts only as far as it decides which open operation fits in.
        """
        if at.covered < 0:
            return at
        time, answer = self.time, at.answer
        opened = sorted(
            time.opened_at[index]
            for index in time.movers[answer] + time.observers[answer]
            if not at.placed & time.bits[index]
        )
        covered = self._rounded(at.covered, opened)
        live = self.rules.live(at.gaps, answer, at.placed, at.used)
        gaps: list[Gap] = []
        room: dict[Any, int] = {}
        for gap in sorted(live, key=lambda gap: -gap.answer):
            moment, left = self._rounded(gap.answer, opened), room.get(gap.state)
            left = self._room(gap.state, at) if left is None else left
            room[gap.state] = left - (moment >= 0)
            if moment >= 0 and left > 0:
                gaps.append(Gap(gap.state, moment, gap.block))
        return at._replace(covered=covered, gaps=tuple(gaps))

    def _rounded(self, moment: int, opened: Sequence[int]) -> int:
        """The first answer at which the same was open; -1 if nothing that is answered was."""
        place = bisect_right(opened, moment)
        if not place:
            return -1
        lost = bisect_right(self.lost_opened, moment)
        return max(opened[place - 1], self.lost_opened[lost - 1] if lost else -1)

    def _room(self, value: Any, at: Configuration) -> int:
        """How many operations could go from a gap of this state."""
        time = self.time
        going = [
            index
            for index in time.movers[at.answer]
            if time.needs[index] == value and not at.placed & time.bits[index]
        ]
        lost = self.lost_needers.get(value, 0) & ~at.used
        return len(going) + lost.bit_count()
