"""Is there an order that explains a history? A search that works for any specification.

It goes from the first answer to the last. At each answer whose operation has not been put in order
yet, it must be put now, perhaps with some others that had been asked by then: that is the choice.
What was tried from the same place with the same state is not tried again.

Wing, J. and Gong, C. (1993): Testing and verifying concurrent objects. Lowe, G. (2017): Testing for
linearizability (the memory of tried configurations, and putting operations in order just in time).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property
from heapq import heappop, heappush
from typing import Any, NamedTuple

from ...history import Operation
from ..specification import NOTHING, Specification
from .configuration import Configuration, Gap, Step, in_order
from .dominance import Dominance
from .moves import AnyOpen, JustInTime, Move
from .relaxation import Relaxation, can_relax
from .timeline import Timeline
from .window import Window, windows

PATIENCE = 20
"""The search loses patience after so many configurations without explaining the next answer, or, if
looking ahead is no use, after as many and one more for each pair of open operations."""
AHEAD = 30
"""So many answers beyond the deepest it then looks ahead,"""
BACK = 60
"""and as far back as this it weighs anew what it left aside."""
FEW = 4
"""If so many in a row are not hopeless, none of those before is taken to be."""
PRICE = 5
"""A lost operation that was used up weighs as much as so many answers that were explained."""


class Branch(NamedTuple):
    """A configuration, and those of its moves that were not tried yet."""

    at: Configuration | None
    moves: Iterator[Move]


class Search:
    """The search for one part of the object; it can be interrupted and taken up again.

    It goes on from the configuration that was found last. If that has led nowhere for long, it
    looks for a short proof that there is no order (see window.py). If there is none, it looks ahead
    for what has no future (see relaxation.py), and goes on from wherever most is explained with the
    fewest lost operations, until it is well past the place where it was stuck.

    window   the operations are those of this window of a history: it begins in any of its states
    found    whether there is an order; None: not known yet
    spent    the number of configurations looked at
    deepest  the largest number of answers that could be explained, in order of time
    """

    def __init__(
        self,
        operations: Iterable[Operation],
        specification: Specification,
        window: Window | None = None,
    ) -> None:
        self.operations = list(operations)
        self.specification = specification
        self.window = window
        self.time = Timeline(self.operations, specification, window.optional if window else ())
        self.total = len(self.time)
        self.rules = JustInTime(self.time) if self.time.is_definite() else AnyOpen(self.time)
        self.starts = window.starts if window else [specification.initial]
        self.found: bool | None = None
        self.last: Step | None = None
        self.spent = 0
        self.deepest = 0
        self.stuck = 0
        self.tried: dict[Hashable, list[Configuration]] = {}
        self.stack = [Branch(None, iter([(self._beginning(s), (), None) for s in self.starts]))]
        # The following only count while it is impatient.
        self.horizon: int | None = None
        self.relaxation: Relaxation | None = None
        self.queue: list[tuple[int, int, int, Move]] = []
        self.queued = 0

    def run(self, limit: int) -> bool | None:
        """Go on until `limit` configurations were looked at. None: nothing is known yet."""
        while self.found is None and self.spent < limit:
            at = self._next()
            if at is None:
                self.found = False
                break
            at = self._advance(at)
            if at is None or (self.relaxation and self.relaxation.is_hopeless(at)):
                continue
            if at.answer == self.total:
                self.found, self.last = True, at.last
            elif not self._was_tried(at):
                self.spent += 1
                self._remember(Branch(at, self.rules.moves(at)))
                self._mark(at.answer)
        return self.found

    @cached_property
    def dominance(self) -> Dominance:
        return Dominance(self.time, self.rules)

    @cached_property
    def can_relax(self) -> bool:
        return self.rules.just_in_time and can_relax(self.time, self.starts)

    def _was_tried(self, at: Configuration) -> bool:
        """Whether this was tried before, or something that is at least as free."""
        known = self.tried.setdefault((at.answer, at.state), [])
        if known and self.dominance.is_beaten(at, known):
            return True
        known.append(at)
        return False

    def _mark(self, answer: int) -> None:
        """Note how far this came, and whether it is long since anything came further."""
        self.stuck += 1
        if answer > self.deepest:
            self.deepest, self.stuck = answer, 0
            if self.horizon is not None and answer >= self.horizon:
                self._regain_patience()
        elif self.horizon is None and PATIENCE <= self.stuck == self._patience():
            self._lose_patience()

    def _patience(self) -> int:
        if self.can_relax:
            return PATIENCE
        time, answer = self.time, self.deepest
        return PATIENCE + (len(time.movers[answer]) + len(time.observers[answer])) ** 2

    def _lose_patience(self) -> None:
        """Look for a short proof; if there is none, look ahead and weigh what was left aside."""
        self.horizon = min(self.deepest + AHEAD, self.total)
        if isinstance(self.rules, JustInTime):
            if self.window is None:
                self._prove_by_a_window(self.rules)
            if self.can_relax:
                self.relaxation = Relaxation(self.rules, self.starts, self.horizon)
        first = len(self.stack)
        while first and self._is_near(self.stack[first - 1]):
            first -= 1
        near, self.stack[first:] = self.stack[first:], []
        for branch in self._hopeful(near):
            self._remember(branch)

    def _hopeful(self, branches: list[Branch]) -> list[Branch]:
        """Those in front of a hopeless one, of branches each of which grew from the one before.

        The last ones are looked at first: to tell what is hopeless costs more further back. And as
        if no lost operation had been used up yet, so that one lookahead does for all of them.
        """
        hopeful = len(branches)
        for place, (at, _) in reversed(list(enumerate(branches))):
            if at is None or self.relaxation is None or place < hopeful - FEW:
                break
            if self.relaxation.is_hopeless(at._replace(used=0)):
                hopeful = place
        return branches[:hopeful]

    def _regain_patience(self) -> None:
        """It is past the place where it was stuck: what was left aside there comes last again."""
        self.stack.append(Branch(None, _drained(self.queue)))
        self.horizon, self.relaxation, self.queue = None, None, []

    def _is_near(self, branch: Branch) -> bool:
        return branch.at is None or branch.at.answer >= self.deepest - BACK

    def _prove_by_a_window(self, rules: JustInTime) -> None:
        for window in windows(rules, self.deepest):
            search = Search(window.operations, self.specification, window)
            search.run(self.spent)
            self.spent += search.spent
            if search.found is not True:
                self.found = search.found
                return

    def _next(self) -> Configuration | None:
        """The configuration to go on from."""
        while self.queue:
            at = self.rules.put(*heappop(self.queue)[-1])
            if at is not None:
                return at
        while self.stack:
            for move in self.stack[-1].moves:
                at = self.rules.put(*move)
                if at is not None:
                    return at
            self.stack.pop()
        return None

    def _remember(self, branch: Branch) -> None:
        """Keep its moves for later: the last branch first, its first move first, unless weighed."""
        if self.horizon is None:
            self.stack.append(branch)
            return
        self.queued -= 1
        for place, move in enumerate(branch.moves):
            at, chain, _ = move
            lost = at.used.bit_count() + sum([link < 0 for link in chain])
            heappush(self.queue, (PRICE * lost - at.answer, self.queued, place, move))

    def order(self) -> list[Operation]:
        """The order that `run` found."""
        return in_order(self.last, self.time)

    def _beginning(self, state: Any) -> Configuration:
        """Nothing is in order but the observers that agree with this state."""
        seen = self.rules.agreeing(self.time.observers[0], state) if self.total else 0
        return Configuration(0, seen, state, -1, (), 0, None, (None, None, None, False, 0, seen))

    def _advance(self, at: Configuration) -> Configuration | None:
        """Put in order all that is no choice, and pass the answers so explained.

        Observers that agree with the state change no state from which they can go, so there is
        nothing to lose; those open at the first answer are in order already. (A write of the value
        that is there already is different: another state might have needed it.) A write that is due
        goes now if it was asked after the last one was put in order; if not, and nobody needs its
        value, it happened just before that one. None: this leads nowhere.
        """
        time, rules = self.time, self.rules
        bits, needs, new_observers = time.bits, time.needs, time.new_observers
        answer, placed, state, covered, gaps, used, block, last = at
        while answer < self.total:
            bit = bits[answer]
            if not placed & bit:
                if not rules.just_in_time or needs[answer] is not NOTHING:
                    break
                operation, value = time.answered[answer], time.gives[answer]
                if time.opened_at[answer] > covered:
                    placed |= bit
                    if value != state and rules.must_stay(state, answer, placed, used):
                        return None
                    if state in rules.chained:
                        gaps = (*gaps, Gap(state, answer, block))
                    seen = rules.agreeing(time.observers[answer], value) & ~placed
                    placed, last = placed | seen, (last, operation, operation, False, answer, seen)
                    block, state, covered = operation, value, answer
                    continue
                if rules.is_needed(value, answer, placed, used):
                    break
                last = (last, operation, operation, True, answer, 0)
            placed, answer = placed & ~bit, answer + 1
            if new_observers[answer]:
                seen = rules.agreeing(new_observers[answer], state)
                if seen:
                    placed, last = placed | seen, (last, None, block, False, answer, seen)
        if gaps and answer < self.total:
            since = time.open_since[answer]
            gaps = tuple([gap for gap in gaps if gap.answer >= since])
        return Configuration(answer, placed, state, covered, gaps, used, block, last)


def _drained(queue: list[tuple[int, int, int, Move]]) -> Iterator[Move]:
    """What is in the queue, the lightest first."""
    while queue:
        yield heappop(queue)[-1]
