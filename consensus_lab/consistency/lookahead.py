"""What a search may skip once it knows which value each operation needs, and which it leaves.

A rule may drop orders that explain the history, but never all of them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container
from typing import TYPE_CHECKING, Any

from .specification import ANY, NOTHING
from .timeline import Timeline

if TYPE_CHECKING:
    from .search import Configuration


class Everything:
    """All values."""

    def __contains__(self, value: object) -> bool:
        return True


EVERYTHING = Everything()


class Blind:
    """No rules: for specifications that do not say what an operation needs and gives."""

    def is_needed(self, value: Any, answer: int, placed: int, used: tuple[int, ...]) -> bool:
        """Whether something needs `value` that is not in order yet."""
        return True

    def awaited(self, at: Configuration) -> Container[Any]:
        """The values from which something goes that is open now."""
        return EVERYTHING

    def must_stay(self, value: Any, at: Configuration, but: int = -1) -> bool:
        """Whether `value` is needed again, by others than `but`, and nothing else can bring it."""
        return False


class Lookahead(Blind):
    """The rules, for a specification that says exactly what each operation needs and gives."""

    def __init__(self, time: Timeline) -> None:
        self.time = time
        self.needers: dict[Any, list[int]] = {}
        self.giver_calls: dict[Any, list[int]] = {}
        for index, (need, give) in enumerate(zip(time.needs, time.gives, strict=True)):
            self.needers.setdefault(need, []).append(index)
            self.giver_calls.setdefault(give, []).append(time.calls[index])
        for calls in self.giver_calls.values():
            calls.sort()
        self.lost_givers: dict[Any, list[int]] = {}
        self.lost_needers: dict[Any, list[int]] = {}
        for kind, lost in enumerate(time.lost):
            self.lost_givers.setdefault(lost.give, []).append(kind)
            self.lost_needers.setdefault(lost.need, []).append(kind)

    def is_needed(self, value: Any, answer: int, placed: int, used: tuple[int, ...]) -> bool:
        return (
            self._next_needer(value, answer, placed) is not None
            or self._next_needer(ANY, answer, placed) is not None
            or self._lost_may_need(value, used)
        )

    def awaited(self, at: Configuration) -> Container[Any]:
        # Whatever brings a value may as well wait until just before the first who sees it.
        time, answer = self.time, at.answer
        opened = time.movers[answer] + time.observers[answer]
        values = {time.needs[index] for index in opened if not at.placed & time.bits[index]}
        if ANY in values:
            return EVERYTHING
        if not time.lost:
            return values
        # A lost compare-and-set goes from a value too, but only matters if its own is awaited.
        links = {
            (lost.need, lost.give)
            for lost, count in zip(time.lost, at.used, strict=True)
            if lost.need is not NOTHING and count < len(lost.calls)
        }
        while more := {need for need, give in links if give in values} - values:
            values |= more
        return values

    def must_stay(self, value: Any, at: Configuration, but: int = -1) -> bool:
        # Whoever needs it can have it later only from a giver that is asked before its own answer
        # comes, and is not in order yet.
        time, answer, placed = self.time, at.answer, at.placed
        needer = self._next_needer(value, answer, placed, but)
        if needer is None:
            return False
        for index in time.movers[answer]:
            if time.gives[index] == value and index != but and not placed & time.bits[index]:
                return False
        deadline = time.returns[needer]
        calls = self.giver_calls.get(value, [])
        following = bisect_right(calls, time.returns[answer])
        if following < len(calls) and calls[following] < deadline:
            return False
        for kind in self.lost_givers.get(value, ()):
            lost, count = time.lost[kind], at.used[kind]
            if count < len(lost.calls) and lost.calls[count] < deadline:
                return False
        return True

    def _next_needer(self, value: Any, answer: int, placed: int, but: int = -1) -> int | None:
        """The operation that needs `value`, is not in order yet, and is answered first."""
        time, needers = self.time, self.needers.get(value, ())
        for place in range(bisect_left(needers, answer), len(needers)):
            index = needers[place]
            done = time.opened_at[index] <= answer and placed & time.bits[index]
            if index != but and not done:
                return index
        return None

    def _lost_may_need(self, value: Any, used: tuple[int, ...]) -> bool:
        """Whether a lost operation that goes from `value` is left."""
        kinds = self.lost_needers.get(value, ())
        return any(used[kind] < len(self.time.lost[kind].calls) for kind in kinds)
