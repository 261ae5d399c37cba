"""The order of versions that nobody saw: inferred where it can be, tried out where it cannot.

Two transactions wrote the same key, and no read says which of them was first. Each of the two
answers has consequences: whoever read the first one's value comes before the second. Where one
answer closes a cycle, the other must be true (saturation); where neither does, both are tried. To
decide whether a history of registers is serializable is NP-complete (Papadimitriou 1979), so there
is a budget.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from ...graph import Closure, components
from .dependencies import Dependencies
from .precedence import Arc, Precedence

DOUBTS, WORK = 500_000, 20_000_000
"""With more doubts in all, or more points times doubts in a tangle, it is left undecided: it would
take minutes."""


class Choice(NamedTuple):
    """The version of `key` that `first` wrote came before the one of `second`."""

    key: Hashable
    first: int
    second: int

    def other(self) -> Choice:
        return Choice(self.key, self.second, self.first)

    def arcs(self, dependencies: Dependencies) -> Iterator[Arc]:
        """What follows from it."""
        yield Arc(self.first, self.second, "ww")
        for reader in dependencies.readers.get((self.key, self.first), ()):
            if reader != self.second:
                yield Arc(reader, self.second, "rw")


class Stuck(NamedTuple):
    """There is no order: neither answer to `doubt` is possible, `forced` being certain.

    Without a doubt: none that shows it at once, for one had to be tried out.
    """

    doubt: Choice | None
    forced: tuple[Choice, ...]


def guess(dependencies: Dependencies, facts: Precedence, lists: bool) -> list[Arc] | None:
    """Arcs between versions in the order in which they would come by the clock; None: a cycle."""
    points = facts.order(lambda number: _end(dependencies, number))
    if points is None:
        return None
    place = {point // facts.width: index for index, point in enumerate(points)}
    arcs: list[Arc] = []
    for name, writers in dependencies.unordered.items():
        if lists or not dependencies.transactions.keys[name].is_list:
            ordered = sorted(writers, key=place.__getitem__)
            for first, second in pairwise(ordered):
                arcs += Choice(name, first, second).arcs(dependencies)
    return arcs


def _end(dependencies: Dependencies, number: int) -> int:
    operation = dependencies.operations[number]
    return operation.start if operation.end is None else operation.end


class Arrangement:
    """The search for an order of all versions in doubt that leaves `facts` without a cycle.

    stuck  if there is none, where the search ended
    """

    def __init__(
        self, dependencies: Dependencies, facts: Precedence, lists: bool, budget: int
    ) -> None:
        self.dependencies = dependencies
        self.facts = facts
        self.budget = budget
        doubts = islice(dependencies.doubts(lists), DOUBTS + 1)
        self.doubts = [Choice(*doubt) for doubt in doubts]
        self.stuck: Stuck | None = None
        self.points: dict[int, int] = {}
        self.ends: dict[Choice, list[tuple[int, int]]] = {}

    def solve(self) -> list[Choice] | None:
        """The choices that make an order. None: there is none (`stuck`), or it is undecided.

        Only transactions that some answers would put into a cycle need be looked at.
        """
        if len(self.doubts) > DOUBTS:
            return None
        both = [a for d in self.doubts for c in (d, d.other()) for a in c.arcs(self.dependencies)]
        every = Precedence(self.dependencies, self.facts.relations, self.facts.split, both)
        chosen: list[Choice] = []
        for tangle in components(len(every.after), every.after):
            self.points = {point: place for place, point in enumerate(tangle)}
            doubts = [d for d in self.doubts if d.first * self.facts.width in self.points]
            small = len(tangle) * len(doubts) <= WORK
            found = self._search(doubts) if small else None
            if found is None:
                return None
            chosen += found
        return chosen

    def _search(self, doubts: list[Choice]) -> list[Choice] | None:
        """Depth first over the doubts that are left when all that is certain was inferred."""
        arcs = [
            [self.points[after] for after in self.facts.after[point] if after in self.points]
            for point in self.points
        ]
        stack = [(Closure.of(arcs), doubts, [])]  # type: ignore[var-annotated]
        stuck: Stuck | None = None
        while stack and self.budget > 0:
            closure, doubts, chosen = stack.pop()
            left = self._saturate(closure, doubts, chosen)
            if isinstance(left, Choice):
                stuck = stuck or Stuck(left, tuple(chosen))
            else:
                rest = self._dive(closure.copy(), left)
                if rest is not None:
                    return chosen + rest
                stuck = stuck or Stuck(None, tuple(chosen))
                for choice in (left[0].other(), left[0]):
                    branch = closure.copy()
                    self._apply(branch, choice)
                    stack.append((branch, left[1:], [*chosen, choice]))
        if not stack:
            self.stuck = stuck
        return None

    def _saturate(
        self, closure: Closure, doubts: list[Choice], chosen: list[Choice]
    ) -> list[Choice] | Choice:
        """Answer what has one possible answer. What is left; or a doubt that has none."""
        while True:
            self.budget -= 1 + len(doubts)
            left = []
            for doubt in doubts:
                fits = [c for c in (doubt, doubt.other()) if self._fits(closure, c)]
                if not fits:
                    return doubt
                if len(fits) == 2:
                    left.append(doubt)
                else:
                    self._apply(closure, fits[0])
                    chosen.append(fits[0])
            if len(left) == len(doubts):
                return left
            doubts = left

    def _dive(self, closure: Closure, doubts: list[Choice]) -> list[Choice] | None:
        """Answer one doubt after the other by what comes earlier anyway. None if that fails."""
        self.budget -= len(doubts)
        chosen = []
        for doubt in doubts:
            first, second = (
                closure.before[self.points[number * self.facts.width]].bit_count()
                for number in (doubt.first, doubt.second)
            )
            likely = doubt if first <= second else doubt.other()
            fits = next((c for c in (likely, likely.other()) if self._fits(closure, c)), None)
            if fits is None:
                return None
            self._apply(closure, fits)
            chosen.append(fits)
        return chosen

    def _ends(self, choice: Choice) -> list[tuple[int, int]]:
        """The arcs of a choice, as places in the tangle."""
        if choice not in self.ends:
            arcs = [
                (self.facts.leaves(source, relation), self.facts.enters(target, relation))
                for source, target, relation in choice.arcs(self.dependencies)
            ]
            self.ends[choice] = [
                (self.points[a], self.points[b])
                for a, b in arcs
                if a in self.points and b in self.points
            ]
        return self.ends[choice]

    def _fits(self, closure: Closure, choice: Choice) -> bool:
        return not any(closure.after[b] >> a & 1 for a, b in self._ends(choice))

    def _apply(self, closure: Closure, choice: Choice) -> None:
        for source, target in self._ends(choice):
            closure.add(source, target)
