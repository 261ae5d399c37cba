"""Which configurations need not be looked at, since one that was is at least as free."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..specification import NOTHING
from .configuration import Configuration, Gap
from .moves import AnyOpen
from .timeline import Timeline


class Dominance:
    """Compares configurations at the same answer with the same state."""

    def __init__(self, time: Timeline, rules: AnyOpen) -> None:
        self.time = time
        self.rules = rules
        self.lost_opened = sorted(opened for lost in time.lost for opened in lost.opened_at)
        writes = {lost.give: kind for kind, lost in enumerate(time.lost) if lost.need is NOTHING}
        self.stand_in = [
            None if lost.need is NOTHING else writes.get(lost.give) for lost in time.lost
        ]

    def is_as_free(self, other: Configuration, at: Configuration) -> bool:
        """Whether whatever can follow after `at` can follow after `other` as well.

        So it is if `other` has no observer fewer in order and no other operation more, has as many
        lost operations left, and as good gaps. A write that only `at` has in order does not count
        if `other` may still hide it.
        """
        if other.covered < at.covered:
            return False
        more = at.placed & ~other.placed
        if other.placed != at.placed:
            observers, less = self.time.observer_bits[at.answer], other.placed & ~at.placed
            if more & observers or less & ~observers:
                return False
        if other.used != at.used and not self._uses_less(other, at):
            return False
        extra = [i for i in self.time.movers[at.answer] if more & self.time.bits[i]] if more else []
        if not all(self._may_hide(index, other) for index in extra):
            return False
        return not at.gaps or self._has_gaps(other, extra, at.gaps)

    def _may_hide(self, index: int, at: Configuration) -> bool:
        """Whether this write may go unseen, in front of the last one."""
        return self.time.needs[index] is NOTHING and self.time.opened_at[index] <= at.covered

    def _uses_less(self, other: Configuration, at: Configuration) -> bool:
        """Whether `other` has left whatever lost operations `at` has, or a write that does as well.

        It does if it fits in wherever anything fits in that is open now.
        """
        spare: dict[int, int] = {}
        for write, ours, theirs in zip(self.stand_in, other.used, at.used, strict=True):
            if ours > theirs:
                if write is None or at.used[write] == other.used[write]:
                    return False
                spare[write] = spare.get(write, 0) + ours - theirs
        return all(
            at.used[kind] - other.used[kind] >= count
            and self.time.may_happen(kind, at.used[kind] - 1, self._earliest(at))
            for kind, count in spare.items()
        )

    def _earliest(self, at: Configuration) -> int:
        """The first answer at which one was open that is open now, and not in order yet."""
        time = self.time
        return min(
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
        if not at.gaps:
            return at._replace(covered=covered)
        room = self._room(at)
        gaps: list[Gap] = []
        for gap in sorted(at.gaps, key=lambda gap: -gap.answer):
            moment = self._rounded(gap.answer, opened)
            if moment >= 0 and room[gap.state] > 0:
                room[gap.state] -= 1
                gaps.append(Gap(gap.state, moment, gap.block))
        return at._replace(covered=covered, gaps=tuple(gaps))

    def _rounded(self, moment: int, opened: Sequence[int]) -> int:
        """The first answer at which the same was open; -1 if nothing that is answered was."""
        place = bisect_right(opened, moment)
        if not place:
            return -1
        lost = bisect_right(self.lost_opened, moment)
        return max(opened[place - 1], self.lost_opened[lost - 1] if lost else -1)

    def _room(self, at: Configuration) -> Counter[Any]:
        """How many operations could go from a gap of each state."""
        time = self.time
        room = Counter(
            time.needs[index]
            for index in time.movers[at.answer]
            if not at.placed & time.bits[index]
        )
        for lost, count in zip(time.lost, at.used, strict=True):
            room[lost.need] += len(lost.calls) - count
        return room
