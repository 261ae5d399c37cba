"""Is there an order that explains a history? A search that works for any specification.

It goes from the first answer to the last. At each answer whose operation has not been put in order
yet, it must be put now, perhaps with some others that had been asked by then: that is the choice.
What was tried from the same place with the same state is not tried again.

Wing, J. and Gong, C. (1993): Testing and verifying concurrent objects. Lowe, G. (2017): Testing for
linearizability (the memory of tried configurations, and putting operations in order just in time).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator
from heapq import heappop, heappush
from typing import Any

from ...history import Operation
from ..specification import Specification
from .configuration import Configuration, Gap, Step, in_order
from .dominance import Dominance
from .moves import AnyOpen, JustInTime
from .timeline import Timeline
from .window import Window, windows

PATIENCE = 20
"""The search loses patience after so many configurations, and one for each pair of open operations,
without explaining the next answer."""


class Search:
    """The search for one part of the object; it can be interrupted and taken up again.

    It goes on from the configuration that was found last. If that has led nowhere for long, it
    looks for a short proof that there is no order (see window.py), and then goes on every other
    time from the earliest, with the fewest lost operations used up: so that if there is no order,
    most configurations are looked at after those that make them superfluous.

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
        optional, starts = (window.optional, window.starts) if window else ([], None)
        self.operations = list(operations)
        self.specification = specification
        self.time = Timeline(self.operations, specification, optional)
        self.total = len(self.time)
        definite = self.time.is_definite()
        self.rules = JustInTime(self.time) if definite else AnyOpen(self.time)
        self.dominance = Dominance(self.time, self.rules)
        self.window = window
        self.found: bool | None = None
        self.last: Step | None = None
        self.spent = 0
        self.deepest = 0
        self.stuck = 0
        self.early = False
        self.pushed = 0
        self.tried: dict[Hashable, list[Configuration]] = {}
        nothing_used = (0,) * len(self.time.lost)
        self.stack: deque[Iterator[Configuration]] = deque()
        self.queue: list[list[Any]] = []
        self.stack.append(
            Configuration(0, 0, state, -1, (), nothing_used, None, None)
            for state in ([specification.initial] if starts is None else starts)
        )

    def run(self, limit: int) -> bool | None:
        """Go on until `limit` configurations were looked at. None: nothing is known yet."""
        while self.found is None and self.spent < limit:
            at = self._next()
            if at is None:
                self.found = False
                break
            at = self._advance(at)
            if at is None:
                continue
            if at.answer == self.total:
                self.found, self.last = True, at.last
            elif not self._was_tried(at):
                self.spent += 1
                self._remember(self.rules.moves(at))
                self._mark(at.answer)
        return self.found

    def _was_tried(self, at: Configuration) -> bool:
        """Whether this was tried before, or something that is at least as free."""
        known = self.tried.setdefault((at.answer, at.state), [])
        if known:
            at = self.dominance.trimmed(at)
            if any(self.dominance.is_as_free(other, at) for other in known):
                return True
        known.append(at)
        return False

    def _mark(self, answer: int) -> None:
        """Note how far this came. If it is long since it came further, look for a short proof."""
        self.stuck += 1
        if answer > self.deepest:
            self.deepest, self.stuck = answer, 0
        if (
            self.stuck == self._patience()
            and self.window is None
            and isinstance(self.rules, JustInTime)
        ):
            for window in windows(self.rules, self.deepest):
                search = Search(window.operations, self.specification, window)
                search.run(self.spent)
                self.spent += search.spent
                if search.found is not True:
                    self.found = search.found
                    return

    def _patience(self) -> int:
        """How long to go on in the same direction; in a window, where an order would prove nothing,
        not at all."""
        if self.window:
            return 0
        time, answer = self.time, self.deepest
        return PATIENCE + (len(time.movers[answer]) + len(time.observers[answer])) ** 2

    def _next(self) -> Configuration | None:
        """The configuration to go on from."""
        self.early = bool(self.queue) and not self.early
        while self.early and self.queue:
            for move in self._untaken([heappop(self.queue)]):
                return move
        while self.stack:
            at = next(self.stack[-1], None)
            if at is not None:
                return at
            self.stack.pop()
        return None

    def _remember(self, moves: Iterator[Configuration]) -> None:
        """Keep these for later; the first of them is the most promising."""
        if not self.queue and self.stuck < self._patience():
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
        entries: list[list[Any]] = []
        for move in moves:
            self.pushed += 1
            entries.append([move.answer, sum(move.used), self.pushed, move])
            heappush(self.queue, entries[-1])
        return self._untaken(entries)

    def _untaken(self, entries: Iterable[list[Any]]) -> Iterator[Configuration]:
        """The configurations of these entries that nobody has gone on from yet."""
        for entry in entries:
            move, entry[-1] = entry[-1], None
            if move is not None:
                yield move

    def order(self) -> list[Operation]:
        """The order that `run` found."""
        return in_order(self.last)

    def _advance(self, at: Configuration) -> Configuration | None:
        """Put in order all that is no choice, and pass the answers so explained.

        Observers that agree with the state change no state from which they can go, so there is
        nothing to lose. (A write of the value that is there already is different: another state
        might have needed it.) A write that is due goes now if it was asked after the last one was
        put in order; if not, and nobody needs its value, it happened just before that one.
        None: this leads nowhere.
        """
        time, rules, agrees = self.time, self.rules, self.rules.agrees
        answered, bits, opened_at = time.answered, time.bits, time.opened_at
        answer, placed, state, covered, gaps, used, block, last = at
        found = time.observers[answer]
        while True:
            for index in found:
                if not placed & bits[index] and agrees(index, state):
                    placed |= bits[index]
                    last = Step(last, answered[index], block)
            bit = bits[answer]
            if not placed & bit:
                if answer not in rules.writes:
                    break
                operation, value = answered[answer], time.gives[answer]
                if opened_at[answer] > covered:
                    placed |= bit
                    if value != state and rules.must_stay(state, answer, placed, used):
                        return None
                    gaps = rules.live((*gaps, Gap(state, answer, block)), answer, placed, used)
                    block, last = operation, Step(last, operation, operation)
                    state, covered, found = value, answer, time.observers[answer]
                    continue
                if rules.is_needed(value, answer, placed, used):
                    break
                last = Step(last, operation, operation, behind=True)
            placed, answer = placed & ~bit, answer + 1
            found = time.new_observers[answer]
        return Configuration(answer, placed, state, covered, gaps, used, block, last)
