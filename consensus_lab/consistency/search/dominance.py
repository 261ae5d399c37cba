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
        writes = {lost.give: lost for lost in time.lost if lost.need is NOTHING}
        others = [lost for lost in time.lost if lost.need is not NOTHING and lost.give in writes]
        self.stand_ins = [
            (write, sum(lost.bits for lost in others if lost.give == give))
            for give, write in writes.items()
        ]
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
        answer, placed, _, covered, gaps, used, _, _ = at
        observers = self.time.observer_bits[answer]
        for other in known:
            _, other_placed, _, other_covered, _, other_used, _, _ = other
            if other_covered < covered or other_used & ~used & self.alone:
                continue
            more, less = placed & ~other_placed, other_placed & ~placed
            if more & observers or less & ~observers:
                continue
            if other_used & ~used and not self._makes_up(other_used & ~used, other, at):
                continue
            extra = [i for i in self.time.movers[answer] if more & self.time.bits[i]]
            if not all(self._may_hide(index, other) for index in extra):
                continue
            if not gaps or self._has_gaps(other, extra, gaps):
                return True
        return False

    def _may_hide(self, index: int, at: Configuration) -> bool:
        """Whether this write may go unseen, in front of the last one."""
        return self.time.needs[index] is NOTHING and self.time.opened_at[index] <= at.covered

    def _makes_up(self, more: int, other: Configuration, at: Configuration) -> bool:
        """Whether for each of `more` that only `other` used it has left a write that does as well.

        It does if it fits in wherever anything fits in that is open now.
        """
        for write, others in self.stand_ins:
            count = (more & others).bit_count()
            left = (at.used & ~other.used & write.bits).bit_count()
            if count > left or (count and self._is_late(write, at)):
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

    def _has_gaps(self, other: Configuration, extra: list[int], gaps: Sequence[Gap]) -> bool:
        """Whether `other` has all these gaps, or as good ones; a hidden write would leave one."""
        left = [(gap.state, gap.answer) for gap in other.gaps]
        left += [(self.time.gives[index], other.covered) for index in extra]
        for gap in gaps:
            fitting = [(s, answer) for s, answer in left if s == gap.state and answer >= gap.answer]
            if not fitting:
                return False
            left.remove(min(fitting, key=lambda pair: pair[1]))
        return True

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
