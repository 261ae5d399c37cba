"""Which gaps in an order can still be filled."""

from __future__ import annotations

from typing import Any

from ..specification import ANY
from .configuration import Gap
from .timeline import Timeline


class Gaps:
    """Tells in which gaps something that is open can still be put.

    links  for each value the kinds of lost operations that go on from it to another
    """

    def __init__(self, time: Timeline, links: dict[Any, list[int]]) -> None:
        self.time = time
        self.links = links
        self.known_wanting: dict[tuple[Any, int], int] = {}
        self.known_reached: dict[tuple[Any, int, int], list[Any]] = {}

    def live(self, gaps: tuple[Gap, ...], answer: int, placed: int, used: int) -> tuple[Gap, ...]:
        """Those from which somebody can go, or see a value after some lost operations."""
        return tuple([gap for gap in gaps if self._leads_on(gap, answer, placed, used)])

    def _leads_on(self, gap: Gap, answer: int, placed: int, used: int) -> bool:
        open_then = self.time.asked_by(answer, gap.answer) & ~placed
        if not open_then:
            return False
        wanting = self._wanting(gap.state, answer) & open_then
        if wanting & ~self.time.observer_bits[answer]:
            return True
        reached = self._reached(gap.state, gap.answer, used)
        if wanting:  # it may come back to this value
            return bool(reached)
        return any(self._wanting(value, answer) & open_then for value in reached)

    def _wanting(self, value: Any, answer: int) -> int:
        """The bits of those open at an answer that may need `value`."""
        if (value, answer) not in self.known_wanting:
            time, found = self.time, 0
            for index in time.movers[answer] + time.observers[answer]:
                if time.needs[index] in (value, ANY):
                    found |= time.bits[index]
            self.known_wanting[value, answer] = found
        return self.known_wanting[value, answer]

    def _reached(self, value: Any, until: int, used: int) -> list[Any]:
        """The values to which lost operations asked by `until` lead from this one."""
        if value not in self.links:
            return []
        if (value, until, used) not in self.known_reached:
            reached = [value]
            for one in reached:
                for kind in self.links.get(one, ()):
                    give = self.time.lost[kind].give
                    if give not in reached and self.time.may_happen(kind, used, until):
                        reached.append(give)
            self.known_reached[value, until, used] = reached[1:]
        return self.known_reached[value, until, used]
