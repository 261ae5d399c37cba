"""What has no future, even if lost operations could happen again and again.

How often each of them has happened is what makes configurations many. So forget it: whatever is
left at least once may happen as often as one likes. What no order explains even then, no order
explains, so nothing that leads there needs to be tried. This relaxation is solved backwards, from
an answer somewhat ahead of the search: a lookahead.

What then counts is the state, and which open operations are in order. These are a small number (see
Timeline.bits), so a set of such sets is one large number: its bit n says whether the set n is one
of them. A step with all of them at once takes a mask and a shift, however many they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..specification import ANY, NOTHING
from .configuration import Configuration
from .moves import JustInTime
from .timeline import Timeline

WIDEST = 12
"""So many operations may be open at a time: a set of sets then has 4,096 bits."""
MOST_VALUES = 50
"""So many values may occur."""

Sets = int
"""A set of sets of open operations: of those that are in order."""
Futures = tuple[Sets, ...]
"""For each value as the state: with which operations in order the rest can be explained."""


Values = Sequence[int]
"""Some values, by their numbers: those from which an operation can go."""


class Level(NamedTuple):
    """What is open at an answer. An operation is taken back from the sets that have it, by a shift.

    due      the shift of the operation that is answered
    leaving  the values to which it may lead, and from which it can go to each
    absent   the sets without it, and without those that are only open at the next answer
    seeing   for each value the other observers that agree with it
    giving   for each value the other operations that give it, and from which values they can go
    """

    due: int
    leaving: list[tuple[int, Values]]
    absent: Sets
    seeing: list[list[tuple[Sets, int]]]
    giving: list[list[tuple[Sets, int, Values]]]


class Solved(NamedTuple):
    """The futures at an answer, worked out from those after it: see Relaxation._before.

    left     the kinds of lost operations that were left, a bit each
    used     those that made a difference
    futures  the number of the futures
    """

    left: int
    used: int
    futures: int


def can_relax(time: Timeline, starts: Iterable[Any]) -> bool:
    """Whether there is something to forget, and not too much to keep."""
    narrow = max(time.bits) < 1 << WIDEST
    return bool(time.lost) and narrow and len(_values(time, starts)) <= MOST_VALUES


def _values(time: Timeline, starts: Iterable[Any]) -> list[Any]:
    """The values that may be the state."""
    given = dict.fromkeys([*starts, *time.gives, *(lost.give for lost in time.lost)])
    return [value for value in given if value is not NOTHING]


class Relaxation:
    """The futures at the answers up to the `horizon`, for a search that begins in one of `starts`.

    Beyond the horizon everything is taken for possible.
    """

    def __init__(self, rules: JustInTime, starts: Iterable[Any], horizon: int) -> None:
        self.time, self.rules, self.horizon = rules.time, rules, horizon
        self.values = _values(rules.time, starts)
        self.number = {value: number for number, value in enumerate(self.values)}
        self.place = [bit.bit_length() - 1 for bit in self.time.bits]
        width = max(self.place) + 1
        every = (1 << (1 << width)) - 1
        self.lacking = [every // ((1 << (1 << place)) + 1) for place in range(width)]
        self.having = [every ^ lacking for lacking in self.lacking]
        self.lost: list[list[tuple[int, Values]]] = [[] for _ in self.values]
        for kind, lost in enumerate(self.time.lost):
            if lost.need != lost.give:
                self.lost[self.number[lost.give]].append((1 << kind, self._from(lost.need)))
        self.known_origins: dict[int, Values] = {}
        self.levels: dict[int, Level] = {}
        at_horizon = 1 if horizon == len(self.time) else every
        self.futures: list[Futures] = [(at_horizon,) * len(self.values)]
        self.numbers: dict[Futures, int] = {}
        self.solved: dict[tuple[int, int], list[Solved]] = {}
        self.ways: dict[int, list[int]] = {}

    def _from(self, need: Any) -> Values:
        """The values from which an operation with this need can go."""
        if need is NOTHING:
            return range(len(self.values))
        return [self.number[need]] if need in self.number else []

    def is_hopeless(self, at: Configuration) -> bool:
        """Whether `at` has no future, whatever is still put into its gaps.

        What was asked by the time that the last write was put in order may yet be put in front of
        it, at no cost to the state. So it may count as in order, or not.
        """
        if at.answer >= self.horizon:
            return False
        sets = self._futures(at)[self.number[at.state]]
        free = self.time.asked_by(at.answer, at.covered) & ~at.placed
        while free:
            place = free.bit_length() - 1
            sets |= (sets & self.having[place]) >> (1 << place)
            free ^= 1 << place
        return not sets >> at.placed & 1

    def _futures(self, at: Configuration) -> Futures:
        """The futures at this answer, with the lost operations that `at` has left."""
        way = self.ways.setdefault(at.used, [0])  # their numbers, from the horizon backwards
        if len(way) <= self.horizon - at.answer:
            opened = sorted(
                (lost.opened_at[lost.count(at.used)], 1 << kind)
                for kind, lost in enumerate(self.time.lost)
                if lost.bits & ~at.used
            )
            left = sum([kind for _, kind in opened])
            for answer in range(self.horizon - len(way), at.answer - 1, -1):
                while opened and opened[-1][0] > answer:
                    left ^= opened.pop()[1]
                way.append(self._before(answer, left, way[-1]))
        return self.futures[way[self.horizon - at.answer]]

    def _before(self, answer: int, left: int, after: int) -> int:
        """The number of the futures at an answer, from the number of those after it.

        What was worked out when more kinds of lost operations were left is still right if those
        that are gone made no difference.
        """
        solved = self.solved.setdefault((answer, after), [])
        for one in solved:
            if not left & ~one.left and not one.used & ~left:
                return one.futures
        futures, used = self._step(answer, left, self.futures[after])
        number = self.numbers.setdefault(futures, len(self.futures))
        if number == len(self.futures):
            self.futures.append(futures)
        solved.append(Solved(left, used, number))
        return number

    def _step(self, answer: int, left: int, after: Futures) -> tuple[Futures, int]:
        """The futures at an answer, from those after it; and the kinds of lost operations that made
        a difference.

        The last step before the answer is passed puts in order the operation that is due, if it is
        not yet. In front of it any others may go: each of them is taken back wherever it may have
        been the last. (Behind it there are none: after the answer they were taken back already.)
        """
        if answer not in self.levels:
            self.levels[answer] = self._level(answer)
        due, leaving, absent, seeing, giving = self.levels[answer]
        found = [(sets & absent) << due for sets in after]
        fresh, waiting, used = [0] * len(found), [], 0
        for value, needs in leaving:
            for need in needs:
                fresh[need] |= after[value] & absent
                waiting.append(need)
        while waiting:
            value = waiting.pop()
            sets, fresh[value] = fresh[value], 0
            for having, shift in seeing[value]:
                sets |= (sets & having) >> shift
            known = found[value]
            found[value] = sets = sets | known
            if sets == known:
                continue
            for having, shift, needs in giving[value]:
                more = (sets & having) >> shift
                for need in needs:
                    known = found[need] | fresh[need]
                    if more | known != known:
                        fresh[need] |= more
                        waiting.append(need)
            for kind, needs in self.lost[value]:
                for need in needs if left & kind else ():
                    known = found[need] | fresh[need]
                    if sets | known != known:
                        used |= kind
                        fresh[need] |= sets
                        waiting.append(need)
        return tuple(found), used

    def _level(self, answer: int) -> Level:
        time, place = self.time, self.place
        seeing: list[list[tuple[Sets, int]]] = [[] for _ in self.values]
        giving: list[list[tuple[Sets, int, Values]]] = [[] for _ in self.values]
        for index in time.observers[answer]:
            if index != answer:
                for value in self._origins(index):
                    seeing[value].append((self.having[place[index]], 1 << place[index]))
        for index in time.movers[answer]:
            if index != answer:
                back = self.having[place[index]], 1 << place[index], self._origins(index)
                giving[self.number[time.gives[index]]].append(back)
        leaving: list[tuple[int, Values]]
        if time.gives[answer] is NOTHING:
            leaving = [(value, [value]) for value in self._origins(answer)]
        else:
            leaving = [(self.number[time.gives[answer]], self._origins(answer))]
        absent = self.lacking[place[answer]]
        if answer + 1 < len(time):
            for index in time.movers[answer + 1] + time.observers[answer + 1]:
                if time.opened_at[index] == answer + 1:
                    absent &= self.lacking[place[index]]
        return Level(1 << place[answer], leaving, absent, seeing, giving)

    def _origins(self, index: int) -> Values:
        """The values from which an answered operation can go."""
        if index not in self.known_origins:
            need = self.time.needs[index]
            self.known_origins[index] = (
                [n for n, value in enumerate(self.values) if self.rules.agrees(index, value)]
                if need is ANY
                else self._from(need)
            )
        return self.known_origins[index]
