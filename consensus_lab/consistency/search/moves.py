"""What may be put in order next, from a configuration of the search."""

from __future__ import annotations

import sys
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterator
from functools import cached_property
from itertools import chain as chained
from typing import Any, Final

from ...history import Operation
from ..specification import ANY, NOTHING, REFUSED, take_step
from .configuration import Configuration, Gap
from .gaps import Gaps
from .timeline import Timeline

NEVER: Final = sys.maxsize
"""Later than any answer."""

Chain = tuple[int, ...]
"""Operations each of which gives what the next one needs: an answered one by its index, of a kind
of lost ones ~kind."""

Move = tuple[Configuration, Chain, Gap | None]
"""A chain that may be put in order, from a configuration: in a gap, or at the end."""


class AnyOpen:
    """For any specification: whatever is open may go next, if the state allows it.

    Of operations that do the same, the one that is due first will do, and a lost one only if there
    is no other: wherever another one stands in an order, the two can change places.

    What puts something in is tried in the order in which it came out: of five concurrent enqueues,
    the one whose value is dequeued first. Only a guess, but without it a queue of ten is put in
    every order before the right one.
    """

    just_in_time = False
    """Whether a write is only put in order when it is due, or when somebody needs it."""

    def __init__(self, time: Timeline) -> None:
        self.time = time
        self.specification = time.specification
        self.chained: set[Any] = set()

    def agrees(self, index: int, state: Any) -> bool:
        """Whether this observer can have gone from `state`."""
        after = take_step(self.specification, state, self.time.answered[index])
        return after is not REFUSED

    # What only those know who know what each operation needs and gives.

    def must_stay(self, value: Any, answer: int, placed: int, used: int) -> bool:
        """Whether one who is not asked yet needs `value`, and nothing left can bring it again."""
        return False

    def is_needed(self, value: Any, answer: int, placed: int, used: int) -> bool:
        """Whether somebody who is not in order yet may need `value`."""
        return True

    def live(self, gaps: tuple[Gap, ...], answer: int, placed: int, used: int) -> tuple[Gap, ...]:
        """Those of `gaps` in which something can still be put."""
        return gaps

    def agreeing(self, observers: list[int], state: Any) -> int:
        """The bits of those of these observers that agree with the state."""
        needs, bits, found = self.time.needs, self.time.bits, 0
        for index in observers:
            if needs[index] == state or (needs[index] is ANY and self.agrees(index, state)):
                found |= bits[index]
        return found

    def moves(self, at: Configuration) -> Iterator[Move]:
        """What may be put in order next, the most promising first."""
        time, tried = self.time, set()
        for index in sorted(time.movers[at.answer], key=self.seen.__getitem__):
            if not at.placed & time.bits[index] and time.sorts[index] not in tried:
                tried.add(time.sorts[index])
                yield at, (index,), None
        for kind, lost in enumerate(time.lost):
            if lost.sort not in tried and time.may_happen(kind, at.used, at.answer):
                yield at, (~kind,), None

    @cached_property
    def seen(self) -> list[int]:
        """For each answered operation the next answer that shows what it was given.

        If none does, the end; if it was given nothing, its own answer.
        """
        shown: dict[Any, list[int]] = {}
        for index, operation in enumerate(self.time.answered):
            if operation.result is not None:
                shown.setdefault(operation.result, []).append(index)
        found = []
        for index, operation in enumerate(self.time.answered):
            later = [shown[value] for value in operation.args if value in shown]
            places = [bisect_left(answers, self.time.opened_at[index]) for answers in later]
            both = zip(later, places, strict=True)
            never = len(self.time) if operation.args else index
            found.append(min((a[p] for a, p in both if p < len(a)), default=never))
        return found

    def put(self, at: Configuration, chain: Chain, gap: Gap | None) -> Configuration | None:
        """Put a chain in order, and the observers that agree. None: that is of no use."""
        answer, placed, state, covered, gaps, used, block, last = at
        for link in chain:
            operation, placed, used = self._take(link, placed, used)
            after = take_step(self.specification, state, operation)
            if after is REFUSED or (link < 0 and after == state):
                return None
            seen, state = self.agreeing(self.time.observers[answer], after) & ~placed, after
            placed, last = placed | seen, (last, operation, block, False, answer, seen)
        return Configuration(answer, placed, state, covered, gaps, used, block, last)

    def _take(self, link: int, placed: int, used: int) -> tuple[Operation, int, int]:
        """The operation of a link, and what is in order and used up with it."""
        if link >= 0:
            return self.time.answered[link], placed | self.time.bits[link], used
        lost = self.time.lost[~link]
        count = lost.count(used)
        return lost.operations[count], placed, used | lost.first << count


class JustInTime(AnyOpen):
    """For a specification that says exactly what each operation needs and gives.

    Nothing is put in order before an answer is due that cannot be explained without it. Take any
    order that explains the history. The operation that is due stands in it behind the one that
    gave what it needs, which stands behind the one that gave what that one needs, and so on to a
    write, which needs nothing. This chain is all that must be put in order now, as far as it is not
    yet. It stands at the end, or in a gap: nothing that is in order already can have been between.
    """

    just_in_time = True

    def __init__(self, time: Timeline) -> None:
        super().__init__(time)
        self.needers: dict[Any, list[int]] = defaultdict(list)
        self.giver_calls: dict[Any, list[int]] = defaultdict(list)
        for index, (need, give) in enumerate(zip(time.needs, time.gives, strict=True)):
            self.needers[need].append(index)
            if give is not NOTHING:
                self.giver_calls[give].append(time.calls[index])
                self.chained.add(need)
        for calls in self.giver_calls.values():
            calls.sort()
        self.links: dict[Any, list[int]] = {}
        self.lost_givers: dict[Any, list[int]] = {}
        self.lost_needers: dict[Any, int] = {}
        for kind, lost in enumerate(time.lost):
            self.lost_givers.setdefault(lost.give, []).append(kind)
            self.lost_needers[lost.need] = self.lost_needers.get(lost.need, 0) | lost.bits
            if lost.need is not NOTHING and lost.need != lost.give:
                self.links.setdefault(lost.need, []).append(kind)
                self.chained.add(lost.need)
        self.gaps = Gaps(time, self.links)

    def agrees(self, index: int, state: Any) -> bool:
        need = self.time.needs[index]
        return need == state if need is not ANY else super().agrees(index, state)

    def is_needed(self, value: Any, answer: int, placed: int, used: int) -> bool:
        return (
            self._is_needed(value, answer, placed)
            or self._is_needed(ANY, answer, placed)
            or bool(self.lost_needers.get(value, 0) & ~used)
        )

    def _is_needed(self, value: Any, answer: int, placed: int) -> bool:
        """Whether one needs `value` that is to be answered and not in order yet."""
        time, needers = self.time, self.needers.get(value, ())
        for place in range(bisect_left(needers, answer), len(needers)):
            index = needers[place]
            if time.opened_at[index] > answer or not placed & time.bits[index]:
                return True
        return False

    def moves(self, at: Configuration) -> Iterator[Move]:
        time, due = self.time, at.answer
        need, opened = time.needs[due], time.opened_at[due]
        if need is NOTHING:
            return self._lead(at, (due,), opened)
        itself: Chain = () if time.gives[due] is NOTHING else (due,)
        if need is not ANY:
            return self._explain(at, need, itself, opened, (), at.used)
        ways = (self._explain(at, v, itself, opened, (), at.used) for v in self._agreeable(at))
        return chained.from_iterable(ways)

    def _agreeable(self, at: Configuration) -> list[Any]:
        """The values that may be given now, and from which the operation that is due can go."""
        time = self.time
        open_now = (i for i in time.movers[at.answer] if not at.placed & time.bits[i])
        values = [time.gives[i] for i in open_now] + [lost.give for lost in time.lost]
        return [value for value in dict.fromkeys(values) if self.agrees(at.answer, value)]

    def _explain(
        self,
        at: Configuration,
        value: Any,
        chain: Chain,
        opened: int,
        passed: tuple[Any, ...],
        used: int,
    ) -> Iterator[Move]:
        """Every way to have `value`, and then `chain`, all of which is open at `opened`.

        `used` are the lost operations that happened, with those of the chain. `passed` are the
        values that the lost operations at the beginning of the chain gave: these operations are
        only of use if they lead somewhere, or if somebody sees one of the values.
        """
        time = self.time
        if chain:
            if value == at.state:
                yield at, chain, None
            fitting = {g.answer: g for g in at.gaps if g.state == value and g.answer >= opened}
            for gap in fitting.values():
                yield at, chain, gap
        tried: dict[Hashable, int] = {}
        gives, bits, placed = time.gives, time.bits, at.placed
        for index in time.movers[at.answer]:
            if gives[index] != value or placed & bits[index] or index in chain:
                continue
            since = max(opened, time.opened_at[index])
            need = time.needs[index]
            if since < tried.get(need, NEVER):
                tried[need] = since
                yield from self._extend(at, need, (index, *chain), since, (), used)
        if passed and self._is_detour(at, value, passed[-1], opened, used):
            return
        for kind in self.lost_givers.get(value, ()):
            lost = time.lost[kind]
            if not time.may_happen(kind, used, at.answer) or lost.need == value:
                continue
            if lost.need in passed:
                circle = (*passed[passed.index(lost.need) + 1 :], value)
                if not self._is_seen(at, circle):
                    continue
            count = lost.count(used)
            since = max(opened, lost.opened_at[count])
            if since < tried.get(lost.need, NEVER):
                more = used | lost.first << count
                ways = self._extend(at, lost.need, (~kind, *chain), since, (*passed, value), more)
                yield from ways

    def _extend(
        self,
        at: Configuration,
        need: Any,
        chain: Chain,
        opened: int,
        passed: tuple[Any, ...],
        used: int,
    ) -> Iterator[Move]:
        if need is NOTHING:
            return self._lead(at, chain, opened)
        return self._explain(at, need, chain, opened, passed, used)

    def _lead(self, at: Configuration, chain: Chain, opened: int) -> Iterator[Move]:
        """A chain that begins with a write: in front of the last write if it fits, or at the end.

        In front of an earlier write nothing more would fit, for less was open then.
        """
        last = (at, chain, None)
        if opened <= at.covered:
            return iter(((at, chain, Gap(None, at.covered, None)), last))
        return iter((last,))

    def _is_detour(
        self, at: Configuration, value: Any, following: Any, opened: int, used: int
    ) -> bool:
        """Whether it makes no sense to come by a lost operation to `value`, and on to `following`.

        So it is if a lost write could bring `following` at once, and nobody would see `value`: that
        write and those two can change places.
        """
        return not self._is_seen(at, (value,)) and any(
            self.time.lost[kind].need is NOTHING and self.time.may_happen(kind, used, opened)
            for kind in self.lost_givers[following]
        )

    def _is_seen(self, at: Configuration, values: tuple[Any, ...]) -> bool:
        """Whether an observer that is open, and not in order yet, could go from one of these."""
        observers = self.time.observers[at.answer]
        return any(self.agreeing(observers, value) & ~at.placed for value in values)

    def put(self, at: Configuration, chain: Chain, gap: Gap | None) -> Configuration | None:
        """Put a chain in order at the end, or in a gap, with the observers that agree.

        None: something that will be needed again would be gone for good.
        """
        time = self.time
        answer, placed, state, covered, gaps, used, last_block, last = at
        until, block = (answer, last_block) if gap is None else (gap.answer, gap.block)
        value, passed = state, [state]
        for link in chain:
            operation, placed, used = self._take(link, placed, used)
            lost = time.lost[~link] if link < 0 else None
            need, value = (lost.need, lost.give) if lost else (time.needs[link], time.gives[link])
            block = operation if need is NOTHING else block
            seen = self.agreeing(time.observers[answer], value) & ~placed
            if seen and until < answer:
                seen &= self.time.asked_by(answer, until)
            placed, last = placed | seen, (last, operation, block, gap is not None, answer, seen)
            passed.append(value)
        if gap is not None:
            gaps = tuple([other for other in gaps if other is not gap])
            if value in self.chained:
                gaps = (*gaps, Gap(value, until, block))
            block = last_block
        else:
            if block is not last_block:
                covered = answer
                if state in self.chained:
                    gaps = (*gaps, Gap(state, answer, last_block))
            state = value
        for value in passed:
            if value != state and self.must_stay(value, answer, placed, used):
                return None
        return Configuration(answer, placed, state, covered, gaps, used, block, last)

    def live(self, gaps: tuple[Gap, ...], answer: int, placed: int, used: int) -> tuple[Gap, ...]:
        return self.gaps.live(gaps, answer, placed, used)

    def must_stay(self, value: Any, answer: int, placed: int, used: int) -> bool:
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
            time.may_happen(kind, used, needer) for kind in self.lost_givers.get(value, ())
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
