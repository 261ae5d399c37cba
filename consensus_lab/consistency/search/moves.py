"""What may be put in order next, from a configuration of the search."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterator
from typing import Any, Final

from ..specification import ANY, NOTHING, REFUSED, take_step
from .configuration import Configuration, Gap
from .timeline import Timeline

NEVER: Final = sys.maxsize
"""Later than any answer."""

Chain = tuple[int, ...]
"""Operations each of which gives what the next one needs: an answered one by its index, of a kind
of lost ones ~kind."""

Way = tuple[Chain, Gap | None]
"""A chain and where to put it: in a gap, or at the end."""


class AnyOpen:
    """For any specification: whatever is open may go next, if the state allows it.

    Of operations that do the same, the one that is due first will do, and a lost one only if there
    is no other: wherever another one stands in an order, the two can change places.
    """

    def __init__(self, time: Timeline) -> None:
        self.time = time
        self.specification = time.specification
        self.writes: frozenset[int] = frozenset()

    def agrees(self, index: int, state: Any) -> bool:
        """Whether this observer can have gone from `state`."""
        return self._after(index, state) is not REFUSED

    # What only those know who know what each operation needs and gives.

    def must_stay(self, value: Any, answer: int, placed: int, used: tuple[int, ...]) -> bool:
        """Whether one who is not asked yet needs `value`, and nothing left can bring it again."""
        return False

    def is_needed(self, value: Any, answer: int, placed: int, used: tuple[int, ...]) -> bool:
        """Whether somebody who is not in order yet may need `value`."""
        return True

    def live(
        self, gaps: tuple[Gap, ...], answer: int, placed: int, used: tuple[int, ...]
    ) -> tuple[Gap, ...]:
        """Those of `gaps` in which something can still be put."""
        return gaps

    def moves(self, at: Configuration) -> Iterator[Configuration]:
        """The configurations that may follow, the most promising first."""
        time, tried = self.time, set()
        for index in time.movers[at.answer]:
            if at.placed & time.bits[index] or time.sorts[index] in tried:
                continue
            tried.add(time.sorts[index])
            after = self._after(index, at.state)
            if after is not REFUSED:
                last = (at.last, time.answered[index], at.block, False)
                yield at._replace(placed=at.placed | time.bits[index], state=after, last=last)
        for kind, lost in enumerate(time.lost):
            count = at.used[kind]
            if lost.sort in tried or not time.may_happen(kind, count, at.answer):
                continue
            after = take_step(self.specification, at.state, lost.operations[count])
            if after is not REFUSED and after != at.state:
                used = (*at.used[:kind], count + 1, *at.used[kind + 1 :])
                last = (at.last, lost.operations[count], at.block, False)
                yield at._replace(state=after, used=used, last=last)

    def _after(self, index: int, state: Any) -> Any:
        return take_step(self.specification, state, self.time.answered[index])


class JustInTime(AnyOpen):
    """For a specification that says exactly what each operation needs and gives.

    Nothing is put in order before an answer is due that cannot be explained without it. Take any
    order that explains the history. The operation that is due stands in it behind the one that
    gave what it needs, which stands behind the one that gave what that one needs, and so on to a
    write, which needs nothing. This chain is all that must be put in order now, as far as it is not
    yet. It stands at the end, or in a gap: nothing that is in order already can have been between.
    """

    def __init__(self, time: Timeline) -> None:
        super().__init__(time)
        self.writes = frozenset(i for i, need in enumerate(time.needs) if need is NOTHING)
        self.needers: dict[Any, list[int]] = {}
        self.giver_calls: dict[Any, list[int]] = {}
        for index, (need, give) in enumerate(zip(time.needs, time.gives, strict=True)):
            if need is not NOTHING:
                self.needers.setdefault(need, []).append(index)
            if give is not NOTHING:
                self.giver_calls.setdefault(give, []).append(time.calls[index])
        for calls in self.giver_calls.values():
            calls.sort()
        self.chained = {time.needs[i] for i, give in enumerate(time.gives) if give is not NOTHING}
        self.links: dict[Any, list[int]] = {}
        self.lost_givers: dict[Any, list[int]] = {}
        self.lost_needers: dict[Any, list[int]] = {}
        for kind, lost in enumerate(time.lost):
            self.lost_givers.setdefault(lost.give, []).append(kind)
            self.lost_needers.setdefault(lost.need, []).append(kind)
            if lost.need is not NOTHING and lost.need != lost.give:
                self.links.setdefault(lost.need, []).append(kind)
                self.chained.add(lost.need)

    def agrees(self, index: int, state: Any) -> bool:
        need = self.time.needs[index]
        return need == state if need is not ANY else super().agrees(index, state)

    def is_needed(self, value: Any, answer: int, placed: int, used: tuple[int, ...]) -> bool:
        return (
            self._is_needed(value, answer, placed)
            or self._is_needed(ANY, answer, placed)
            or any(
                used[kind] < len(self.time.lost[kind].calls)
                for kind in self.lost_needers.get(value, ())
            )
        )

    def _is_needed(self, value: Any, answer: int, placed: int) -> bool:
        """Whether one needs `value` that is to be answered and not in order yet."""
        time, needers = self.time, self.needers.get(value, ())
        for place in range(bisect_left(needers, answer), len(needers)):
            index = needers[place]
            if time.opened_at[index] > answer or not placed & time.bits[index]:
                return True
        return False

    def moves(self, at: Configuration) -> Iterator[Configuration]:
        time, due = self.time, at.answer
        need, opened = time.needs[due], time.opened_at[due]
        if need is NOTHING:
            ways = self._lead(at, (due,), opened)
        else:
            itself: Chain = () if time.gives[due] is NOTHING else (due,)
            values = self._agreeable(at) if need is ANY else [need]
            ways = (way for v in values for way in self._explain(at, v, itself, opened, ()))
        for chain, gap in ways:
            after = self._put(at, chain, gap)
            if after is not None:
                yield after

    def _agreeable(self, at: Configuration) -> list[Any]:
        """The values that may be given now, and from which the operation that is due can go."""
        time = self.time
        open_now = (i for i in time.movers[at.answer] if not at.placed & time.bits[i])
        values = [time.gives[i] for i in open_now] + [lost.give for lost in time.lost]
        return [value for value in dict.fromkeys(values) if self.agrees(at.answer, value)]

    def _explain(
        self, at: Configuration, value: Any, chain: Chain, opened: int, passed: tuple[Any, ...]
    ) -> Iterator[Way]:
        """Every way to have `value`, and then `chain`, all of which is open at `opened`.

        `passed` are the values that the lost operations at the beginning of the chain gave: these
        operations are only of use if they lead somewhere, or if somebody sees one of the values.
        """
        time = self.time
        if chain:
            if value == at.state:
                yield chain, None
            fitting = {g.answer: g for g in at.gaps if g.state == value and g.answer >= opened}
            for gap in fitting.values():
                yield chain, gap
        tried: dict[Hashable, int] = {}
        for index in time.movers[at.answer]:
            if time.gives[index] != value or at.placed & time.bits[index] or index in chain:
                continue
            since = max(opened, time.opened_at[index])
            if since < tried.get(time.sorts[index], NEVER):
                tried[time.sorts[index]] = since
                yield from self._extend(at, time.needs[index], (index, *chain), since, ())
        if passed and self._is_detour(at, value, passed[-1], chain, opened):
            return
        for kind in self.lost_givers.get(value, ()):
            lost, count = time.lost[kind], at.used[kind] + chain.count(~kind)
            if not time.may_happen(kind, count, at.answer) or lost.need == value:
                continue
            if lost.need in passed:
                circle = (*passed[passed.index(lost.need) + 1 :], value)
                if not self._is_seen(at, circle):
                    continue
            since = max(opened, lost.opened_at[count])
            if since < tried.get(lost.sort, NEVER):
                yield from self._extend(at, lost.need, (~kind, *chain), since, (*passed, value))

    def _extend(
        self, at: Configuration, need: Any, chain: Chain, opened: int, passed: tuple[Any, ...]
    ) -> Iterator[Way]:
        if need is NOTHING:
            return self._lead(at, chain, opened)
        return self._explain(at, need, chain, opened, passed)

    def _lead(self, at: Configuration, chain: Chain, opened: int) -> Iterator[Way]:
        """A chain that begins with a write: in front of the last write if it fits, or at the end.

        In front of an earlier write nothing more would fit, for less was open then.
        """
        if opened <= at.covered:
            yield chain, Gap(None, at.covered, None)
        yield chain, None

    def _is_detour(
        self, at: Configuration, value: Any, following: Any, chain: Chain, opened: int
    ) -> bool:
        """Whether it makes no sense to come by a lost operation to `value`, and on to `following`.

        So it is if a lost write could bring `following` at once, and nobody would see `value`: that
        write and those two can change places.
        """
        return not self._is_seen(at, (value,)) and any(
            self.time.lost[kind].need is NOTHING
            and self.time.may_happen(kind, at.used[kind] + chain.count(~kind), opened)
            for kind in self.lost_givers[following]
        )

    def _is_seen(self, at: Configuration, values: tuple[Any, ...]) -> bool:
        """Whether an observer that is open, and not in order yet, could go from one of these."""
        time = self.time
        return any(
            (time.needs[index] in values or time.needs[index] is ANY)
            and not at.placed & time.bits[index]
            for index in time.observers[at.answer]
        )

    def _put(self, at: Configuration, chain: Chain, gap: Gap | None) -> Configuration | None:
        """Put a chain in order at the end, or in a gap, with the observers that agree.

        None: something that will be needed again would be gone for good.
        """
        time, bits, needs = self.time, self.time.bits, self.time.needs
        answer, placed, state, covered, gaps, used, last_block, last = at
        until, block = (answer, last_block) if gap is None else (gap.answer, gap.block)
        value, passed = state, [state]
        for link in chain:
            if link >= 0:
                operation, need, value = time.answered[link], needs[link], time.gives[link]
                placed |= bits[link]
            else:
                lost, count = time.lost[~link], used[~link]
                operation, need, value = lost.operations[count], lost.need, lost.give
                used = (*used[:~link], count + 1, *used[~link + 1 :])
            block = operation if need is NOTHING else block
            last = (last, operation, block, gap is not None)
            passed.append(value)
            for index in time.observers[answer]:
                if placed & bits[index] or time.opened_at[index] > until:
                    continue
                if needs[index] == value or (needs[index] is ANY and self.agrees(index, value)):
                    placed |= bits[index]
                    last = (last, time.answered[index], block, False)
        if gap is not None:
            gaps = (*(other for other in gaps if other is not gap), Gap(value, until, block))
            block = last_block
        else:
            if block is not last_block:
                gaps, covered = (*gaps, Gap(state, answer, last_block)), answer
            state = value
        for value in passed:
            if value != state and self.must_stay(value, answer, placed, used):
                return None
        if gaps:
            gaps = self.live(gaps, answer, placed, used)
        return Configuration(answer, placed, state, covered, gaps, used, block, last)

    def live(
        self, gaps: tuple[Gap, ...], answer: int, placed: int, used: tuple[int, ...]
    ) -> tuple[Gap, ...]:
        gaps = tuple([gap for gap in gaps if gap.state in self.chained])
        if not gaps:
            return ()
        time, bits = self.time, self.time.bits
        going = [index for index in time.movers[answer] if not placed & bits[index]]
        seeing = [index for index in time.observers[answer] if not placed & bits[index]]
        return tuple([gap for gap in gaps if self._leads_on(gap, going, seeing, used)])

    def _leads_on(
        self, gap: Gap, going: list[int], seeing: list[int], used: tuple[int, ...]
    ) -> bool:
        """Whether one of these can go from this gap, or see a value after some lost ones."""
        needs, opened_at, (state, until, _) = self.time.needs, self.time.opened_at, gap
        for index in going:
            if needs[index] == state and opened_at[index] <= until:
                return True
        if state not in self.links:
            return False
        wanted = {needs[index] for index in going + seeing if opened_at[index] <= until}
        reached = [state]
        for state in reached:
            for kind in self.links.get(state, ()):
                give = self.time.lost[kind].give
                if give not in reached and self.time.may_happen(kind, used[kind], until):
                    if give in wanted or ANY in wanted or gap.state in wanted:
                        return True
                    reached.append(give)
        return False

    def must_stay(self, value: Any, answer: int, placed: int, used: tuple[int, ...]) -> bool:
        time = self.time
        needer = self._next_needer(value, answer)
        if needer is None:
            return False
        calls = self.giver_calls.get(value, [])
        following = bisect_right(calls, time.returns[answer])
        if following < len(calls) and calls[following] < time.returns[needer]:
            return False
        for index in time.movers[answer]:
            if time.gives[index] == value and not placed & time.bits[index]:
                return False
        return not any(
            time.may_happen(kind, used[kind], needer) for kind in self.lost_givers.get(value, ())
        )

    def _next_needer(self, value: Any, answer: int) -> int | None:
        """The first to be answered that needs `value` and was not asked by this answer."""
        opened_at, needers = self.time.opened_at, self.needers.get(value, ())
        for place in range(bisect_left(needers, answer), len(needers)):
            if opened_at[needers[place]] > answer:
                return needers[place]
        return None

    def may_be_given(self, index: int, since: float) -> bool:
        """Whether what this operation saw may come from one that was asked after `since`.

        Of one that changes the state, or may go from more than one, always: nobody knows.
        """
        time, need, end = self.time, self.time.needs[index], self.time.returns[index]
        if need is ANY or time.gives[index] is not NOTHING:
            return True
        calls = self.giver_calls.get(need, ())
        following = bisect_right(calls, since)
        if following < len(calls) and calls[following] < end:
            return True
        lost = (call for kind in self.lost_givers.get(need, ()) for call in time.lost[kind].calls)
        return any(since < call < end for call in lost)
