"""Is there an order that explains a history? A search that works for any specification.

It goes from the first answer to the last. At each answer whose operation has not been put in order
yet, it must be put now, perhaps after some others that had been asked by then: that is the choice.
What was tried from the same place with the same state is not tried again.

Wing, J. and Gong, C. (1993): Testing and verifying concurrent objects. Lowe, G. (2017): Testing for
linearizability (the memory of tried configurations, and putting operations in order just in time).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Hashable, Iterable, Iterator
from heapq import heappop, heappush
from typing import Any, NamedTuple

from ..history import Operation
from .lookahead import Blind, Lookahead
from .specification import ANY, NOTHING, REFUSED, Specification, take_step
from .timeline import Timeline

HASTE = 4
"""The search loses patience after so many configurations for each operation."""


class Step(NamedTuple):
    """An operation put in order; if `hidden`, just before the last write, which overwrote it."""

    before: Step | None
    operation: Operation
    hidden: bool = False


class Configuration(NamedTuple):
    """How far a search has come: all that its future depends on, and the last step that led here.

    answer   the index of the first answer that is still to be explained
    placed   the operations open at that answer that are in order already, a bit each
    covered  the open writes, not in order yet, that were open when another write was put in order:
             at need they happened just before that one, and nobody saw them
    state    the state of the object
    used     how many of each kind of lost operation happened
    unseen   whether the last step was a write that is still to be seen by somebody
    """

    answer: int
    placed: int
    covered: int
    state: Any
    used: tuple[int, ...]
    unseen: bool
    last: Step | None


class Search:
    """The search for one part of the object; it can be interrupted and taken up again.

    It goes on from the configuration that was found last. If that has led nowhere for long, then
    every other time from the earliest, with the fewest lost operations used up: so that if there is
    no order, most configurations are looked at after those that make them superfluous.

    `found` says whether there is an order (None: not known yet), `spent` is the number of
    configurations looked at, `deepest` the largest number of answers that could be explained, in
    order of time.
    """

    def __init__(self, operations: Iterable[Operation], specification: Specification) -> None:
        self.specification = specification
        self.time = Timeline(operations, specification)
        self.total = len(self.time)
        definite = ANY not in (*self.time.gives, *(lost.give for lost in self.time.lost))
        self.hints = self.time.trusted and definite
        self.ahead = Lookahead(self.time) if self.hints else Blind()
        self.found: bool | None = None
        self.last: Step | None = None
        self.spent = 0
        self.deepest = 0
        self.pushed = 0
        self.early = False
        self.patience = HASTE * self.total
        self.tried: dict[Hashable, list[Configuration]] = {}
        nothing_used = (0,) * len(self.time.lost)
        start = Configuration(0, 0, 0, specification.initial, nothing_used, False, None)
        self.stack = deque([iter([start])])
        self.queue: list[tuple[int, int, int, Configuration]] = []

    def run(self, limit: int) -> bool | None:
        """Go on until `limit` configurations were looked at. None: nothing is known yet."""
        while self.found is None and self.spent < limit:
            at = self._next()
            if at is None:
                self.found = False
                break
            at = self._advance(at)
            if at.answer == self.total:
                self.found, self.last = True, at.last
            elif not self._was_tried(at):
                self.spent += 1
                self.deepest = max(self.deepest, at.answer)
                self._remember(self._moves(at))
        return self.found

    def _next(self) -> Configuration | None:
        """The configuration to go on from."""
        self.early = bool(self.queue) and not self.early
        if self.early:
            return heappop(self.queue)[-1]
        while self.stack:
            at = next(self.stack[-1], None)
            if at is not None:
                return at
            self.stack.pop()
        return None

    def _remember(self, moves: Iterator[Configuration]) -> None:
        """Keep these for later; the first of them is the most promising."""
        if self.spent < self.patience:
            self.stack.append(moves)
            return
        if not self.queue:
            self.stack = deque(map(self._queue, self.stack))
        if self.early:
            self.stack.appendleft(self._queue(moves))
        else:
            self.stack.append(self._queue(moves))

    def _queue(self, moves: Iterator[Configuration]) -> Iterator[Configuration]:
        """Put these in the queue as well."""
        listed = list(moves)
        for move in listed:
            self.pushed += 1
            heappush(self.queue, (move.answer, sum(move.used), self.pushed, move))
        return iter(listed)

    def order(self) -> list[Operation]:
        """The order that `run` found."""
        order: list[Operation] = []
        hidden: list[Operation] = []
        step = self.last
        while step is not None:  # from the end to the beginning
            if step.hidden:
                hidden.append(step.operation)
            else:
                order.append(step.operation)
                if self.specification.needs(step.operation) is NOTHING:
                    order += hidden
                    hidden = []
            step = step.before
        return order[::-1]

    def _was_tried(self, at: Configuration) -> bool:
        """Whether this was tried before, or something that is at least as free: with no observer
        fewer in order, no write fewer covered, and no lost operation more used up."""
        movers = at.placed & ~self.time.observer_bits[at.answer]
        before = self.tried.setdefault((at.answer, movers, at.state), [])
        for other in before:
            if (
                not at.placed & ~other.placed
                and not at.covered & ~other.covered
                and (at.unseen or not other.unseen)
                and (
                    other.used == at.used
                    or all(a <= b for a, b in zip(other.used, at.used, strict=True))
                )
            ):
                return True
        before.append(at)
        return False

    def _advance(self, at: Configuration) -> Configuration:
        """Put in order all that is no choice, and pass the answers so explained.

        Observers that agree with the state change no state from which they can go, so there is
        nothing to lose. (A write of the value that is there already is different: another state
        might have needed it.) And a covered write of a value that nobody needs stays hidden.
        """
        time, state, last = self.time, at.state, at.last
        answer, placed, covered, unseen = at.answer, at.placed, at.covered, at.unseen
        found = time.observers[answer]
        while True:
            for index in found:
                if not placed & time.bits[index] and self._agrees(index, state):
                    placed |= time.bits[index]
                    last = Step(last, time.answered[index])
                    unseen = False
            bit = time.bits[answer]
            if not placed & bit:
                value = time.gives[answer] if answer < self.total else None
                if not covered & bit or self.ahead.is_needed(value, answer, placed, at.used):
                    return Configuration(answer, placed, covered, state, at.used, unseen, last)
                last = Step(last, time.answered[answer], hidden=True)
            placed, covered, answer = placed & ~bit, covered & ~bit, answer + 1
            found = time.new_observers[answer]

    def _agrees(self, index: int, state: Any) -> bool:
        need = self.time.needs[index]
        if self.hints and need is not ANY:
            return bool(need == state)
        return take_step(self.specification, state, self.time.answered[index]) is not REFUSED

    def _moves(self, at: Configuration) -> Iterator[Configuration]:
        """What may be put in order next, the most urgent first.

        Of operations that do the same the one that is due first will do, and a lost one only if
        there is no other: wherever another one stands in an order, the two can change places.
        """
        time, tried = self.time, set()
        awaited = self.ahead.awaited(at)
        stays = self.ahead.must_stay(at.state, at)
        for index in time.movers[at.answer]:
            if at.placed & time.bits[index] or time.sorts[index] in tried:
                continue
            tried.add(time.sorts[index])
            if not self.hints or time.needs[index] is not NOTHING:
                yield from self._change(at, index, stays)
            elif index == at.answer or time.gives[index] in awaited:
                yield from self._write(at, index, stays)
        if not stays:
            for kind, lost in enumerate(time.lost):
                if lost.sort not in tried:
                    yield from self._happen_after_all(at, kind, awaited)

    def _write(self, at: Configuration, index: int, stays: bool) -> Iterator[Configuration]:
        """A write. Before its answer is due, it is only put in order for somebody who sees it now.

        If it is due and covered, it may also have gone unseen.
        """
        time, bit, value = self.time, self.time.bits[index], self.time.gives[index]
        due, placed = index == at.answer, at.placed | bit
        if due and at.covered & bit and not self.ahead.must_stay(value, at, index):
            hidden = Step(at.last, time.answered[index], hidden=True)
            yield at._replace(placed=placed, covered=at.covered & ~bit, last=hidden)
        if not at.unseen and (value == at.state or not stays):
            step = Step(at.last, time.answered[index])
            covered = (at.covered | time.write_bits[at.answer]) & ~placed
            yield Configuration(at.answer, placed, covered, value, at.used, not due, step)

    def _change(self, at: Configuration, index: int, stays: bool) -> Iterator[Configuration]:
        """Any other operation that changes the state, such as a compare-and-set."""
        time, bit = self.time, self.time.bits[index]
        after = self._after(at, time.answered[index], time.needs[index])
        if after is REFUSED:
            return
        if stays and after != at.state and self.ahead.must_stay(at.state, at, index):
            return
        placed, step = at.placed | bit, Step(at.last, time.answered[index])
        yield Configuration(at.answer, placed, at.covered & ~bit, after, at.used, False, step)

    def _happen_after_all(
        self, at: Configuration, kind: int, awaited: Container[Any]
    ) -> Iterator[Configuration]:
        """An operation without an answer, if it makes a difference that somebody sees now."""
        time, lost, count = self.time, self.time.lost[kind], at.used[kind]
        if count == len(lost.calls) or lost.calls[count] > time.returns[at.answer]:
            return
        overwrites = self.hints and lost.need is NOTHING
        after = self._after(at, lost.operations[count], lost.need)
        if after is REFUSED or after == at.state or after not in awaited:
            return
        covered = at.covered
        if overwrites:
            if at.unseen:
                return
            covered |= time.write_bits[at.answer] & ~at.placed
        used = (*at.used[:kind], count + 1, *at.used[kind + 1 :])
        step = Step(at.last, lost.operations[count])
        yield Configuration(at.answer, at.placed, covered, after, used, self.hints, step)

    def _after(self, at: Configuration, operation: Operation, need: Any) -> Any:
        """The state after `operation`, or REFUSED."""
        if self.hints and need is not ANY and need is not NOTHING and need != at.state:
            return REFUSED
        return take_step(self.specification, at.state, operation)
