"""Is there an order that explains a history? A search that works for any specification.

It goes from the first answer to the last. At each answer whose operation has not been put in order
yet, it must be put now, perhaps after some others that had been asked by then: that is the choice.
What was tried from the same place with the same state is not tried again.

Wing, J. and Gong, C. (1993): Testing and verifying concurrent objects. Lowe, G. (2017): Testing for
linearizability (the memory of tried configurations, and putting operations in order just in time).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Any, NamedTuple

from ..history import Operation
from .lookahead import Blind, Lookahead
from .specification import ANY, NOTHING, REFUSED, Specification, has_hints, take_step
from .timeline import Timeline


class Step(NamedTuple):
    """An operation put in order; if `hidden`, just before the last write, which then overwrote it."""

    operation: Operation
    hidden: bool = False


class Configuration(NamedTuple):
    """How far a search has come: all that its future depends on, and how it came here.

    length   how many of the steps found so far lead here, and `steps` those that come behind them
    answer   the index of the first answer that is still to be explained
    placed   the operations open at that answer that are in order already, a bit each
    covered  the open writes, not in order yet, that were open when another write was put in order: at
             need they happened just before that one, and nobody saw them
    state    the state of the object
    used     how many of each kind of lost operation happened
    unseen   whether the last step was a write that is still to be seen by somebody
    """

    length: int
    steps: list[Step]
    answer: int
    placed: int
    covered: int
    state: Any
    used: tuple[int, ...]
    unseen: bool = False


class Search:
    """The search for one part of the object; it can be interrupted and taken up again.

    `found` says whether there is an order (None: not known yet), `spent` is the number of configurations looked at, `deepest` the largest number of answers that
    could be explained, in order of time.
    """

    def __init__(self, operations: Iterable[Operation], specification: Specification) -> None:
        self.specification = specification
        self.time = Timeline(operations, specification)
        definite = ANY not in (*self.time.gives, *(lost.give for lost in self.time.lost))
        self.hints = has_hints(specification) and definite
        self.ahead = Lookahead(self.time) if self.hints else Blind()
        self.steps: list[Step] = []
        self.found: bool | None = None
        self.spent = 0
        self.deepest = 0
        self.tried: dict[Hashable, list[Configuration]] = {}
        nothing_used = (0,) * len(self.time.lost)
        self.stack = [Configuration(0, [], 0, 0, 0, specification.initial, nothing_used)]

    def run(self, limit: int) -> bool | None:
        """Go on until `limit` configurations were looked at. None: nothing is known yet."""
        while self.found is None:
            if not self.stack:
                self.found = False
                break
            if self.spent >= limit:
                break
            at = self.stack.pop()
            self.steps[at.length :] = at.steps
            at = self._advance(at)
            if at.answer == len(self.time):
                self.found = True
            elif not self._was_tried(at):
                self.spent += 1
                self.deepest = max(self.deepest, at.answer)
                self.stack += reversed(self._moves(at))
        return self.found

    def order(self) -> list[Operation]:
        """The order that `run` found."""
        order: list[Operation] = []
        write = 0
        hidden: dict[int, list[Operation]] = {}
        for step in self.steps:
            if step.hidden:
                hidden.setdefault(write, []).append(step.operation)
            else:
                if self.specification.needs(step.operation) is NOTHING:
                    write = len(order)
                order.append(step.operation)
        return [o for place, last in enumerate(order) for o in (*hidden.get(place, ()), last)]

    def _was_tried(self, at: Configuration) -> bool:
        """Whether this was tried before, or something at least as free.

        That is: with no more of the lost operations used up, and no fewer writes covered.
        """
        before = self.tried.setdefault((at.answer, at.placed, at.state, at.unseen), [])
        for other in before:
            if not at.covered & ~other.covered and (
                other.used == at.used
                or all(a <= b for a, b in zip(other.used, at.used, strict=True))
            ):
                return True
        before.append(at)
        return False

    def _advance(self, at: Configuration) -> Configuration:
        """Put in order all that is no choice, and pass the answers so explained.

        Observers that agree with the state change no state from which they can go, so there is
        nothing to lose. (A write of the value that is there already is different: another state might
        have needed it.) And a covered write of a value that nobody needs stays hidden.
        """
        time, state = self.time, at.state
        answer, placed, covered, unseen = at.answer, at.placed, at.covered, at.unseen
        found = time.observers[answer]
        while True:
            for index in found:
                if not placed & time.bits[index] and self._agrees(index, state):
                    placed |= time.bits[index]
                    self.steps.append(Step(time.answered[index]))
                    unseen = False
            bit = time.bits[answer]
            if covered & bit and not placed & bit:
                if self.ahead.is_needed(time.gives[answer], answer, placed, at.used):
                    break
                self.steps.append(Step(time.answered[answer], hidden=True))
            elif not placed & bit:
                break
            placed, covered, answer = placed & ~bit, covered & ~bit, answer + 1
            found = time.new_observers[answer]
        return Configuration(len(self.steps), [], answer, placed, covered, state, at.used, unseen)

    def _agrees(self, index: int, state: Any) -> bool:
        need = self.time.needs[index]
        if self.hints and need is not ANY:
            return bool(need == state)
        return take_step(self.specification, state, self.time.answered[index]) is not REFUSED

    def _moves(self, at: Configuration) -> list[Configuration]:
        """What may be put in order next, the most urgent first."""
        moves: list[Configuration] = []
        for index in self.time.movers[at.answer]:
            if not at.placed & self.time.bits[index]:
                overwrites = self.hints and self.time.needs[index] is NOTHING
                moves += self._write(at, index) if overwrites else self._change(at, index)
        for kind in range(len(self.time.lost)):
            moves += self._happen_after_all(at, kind)
        return moves

    def _write(self, at: Configuration, index: int) -> Iterator[Configuration]:
        """A write. Before its answer is due, it is only put in order for somebody who sees it now.

        If it is due and covered, it may also have gone unseen.
        """
        time, bit, value = self.time, self.time.bits[index], self.time.gives[index]
        due = index == at.answer
        if due and at.covered & bit and not self.ahead.must_stay(value, at, index):
            steps = [Step(time.answered[index], hidden=True)]
            yield at._replace(steps=steps, placed=at.placed | bit, covered=at.covered & ~bit)
        if at.unseen or not (due or self.ahead.is_awaited(value, at)):
            return
        if value == at.state or not self.ahead.must_stay(at.state, at):
            steps = [Step(time.answered[index])]
            placed = at.placed | bit
            covered = (at.covered | time.write_bits[at.answer]) & ~placed
            yield Configuration(
                at.length, steps, at.answer, placed, covered, value, at.used, unseen=not due
            )

    def _change(self, at: Configuration, index: int) -> Iterator[Configuration]:
        """Any other operation that changes the state, such as a compare-and-set."""
        time, bit = self.time, self.time.bits[index]
        after = self._after(at, time.answered[index], time.needs[index])
        if after is REFUSED or (after != at.state and self.ahead.must_stay(at.state, at, index)):
            return
        steps = [Step(time.answered[index])]
        covered = at.covered & ~bit
        yield Configuration(at.length, steps, at.answer, at.placed | bit, covered, after, at.used)

    def _happen_after_all(self, at: Configuration, kind: int) -> Iterator[Configuration]:
        """An operation without an answer, if it makes a difference that somebody sees now."""
        time, lost, count = self.time, self.time.lost[kind], at.used[kind]
        if count == len(lost.calls) or lost.calls[count] > time.returns[at.answer]:
            return
        overwrites = self.hints and lost.need is NOTHING
        after = self._after(at, lost.operations[count], lost.need)
        if after is REFUSED or after == at.state or (overwrites and at.unseen):
            return
        if self.ahead.must_stay(at.state, at) or not self.ahead.is_awaited(after, at):
            return
        covered = at.covered | (time.write_bits[at.answer] & ~at.placed if overwrites else 0)
        used = (*at.used[:kind], count + 1, *at.used[kind + 1 :])
        steps = [Step(lost.operations[count])]
        yield Configuration(
            at.length, steps, at.answer, at.placed, covered, after, used, unseen=self.hints
        )

    def _after(self, at: Configuration, operation: Operation, need: Any) -> Any:
        """The state after `operation`, or REFUSED."""
        if self.hints and need is not ANY and need is not NOTHING and need != at.state:
            return REFUSED
        return take_step(self.specification, at.state, operation)
