"""The precedence graph of an isolation level, its cycles, and an order if it has none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from ...graph import components, shortest_path, sorted_topologically
from .dependencies import Arcs, Dependencies

RELATIONS = ("wr", "ww", "rw", "session", "real time")


class Arc(NamedTuple):
    """`source` comes before `target`; both are numbers of transactions."""

    source: int
    target: int
    relation: str


class Precedence:
    """What must come before what, if only some relations count.

    Every transaction is a point, or two if `split`: its snapshot, then its commit. Then a
    dependency (ww, wr) leads from commit to snapshot, and an anti-dependency (rw) from snapshot to
    commit, so two of these in a row close no cycle: that is snapshot isolation. Cerone, A. and
    Gotsman, A. (2018): Analysing snapshot isolation, theorem 10.

    extra  further arcs, between versions whose order was guessed or inferred
    only   transactions to leave it at
    """

    def __init__(
        self,
        dependencies: Dependencies,
        relations: Collection[str],
        split: bool = False,
        extra: Iterable[Arc] = (),
        only: set[int] | None = None,
    ) -> None:
        self.dependencies = dependencies
        self.split = split
        self.relations = [relation for relation in RELATIONS if relation in relations]
        self.extra = [arc for arc in extra if arc.relation in relations]
        self.width = 2 if split else 1
        count = dependencies.count
        self.after: Arcs = [[] for _ in range(count * self.width)]
        inside: Collection[int] = range(count) if only is None else sorted(only)
        if split:
            for number in inside:
                self.after[2 * number].append(2 * number + 1)
        for relation in self.relations:
            if relation == "real time":
                self._add_real_time(inside)
            else:
                self._add(relation, inside, only)
        for source, target, relation in self.extra:
            if only is None or (source in only and target in only):
                self.after[self.leaves(source, relation)].append(self.enters(target, relation))

    def leaves(self, number: int, relation: str) -> int:
        """The point of a transaction from which arcs of `relation` lead."""
        return number * self.width + (self.split and relation != "rw")

    def enters(self, number: int, relation: str) -> int:
        """The point of a transaction to which arcs of `relation` lead."""
        return number * self.width + (self.split and relation == "rw")

    def _add(self, relation: str, inside: Iterable[int], only: set[int] | None) -> None:
        arcs: Arcs = getattr(self.dependencies, relation)
        for number in inside:
            targets: Iterable[int] = arcs[number]
            if only is not None:
                targets = [target for target in targets if target in only]
            if self.split:
                targets = [self.enters(target, relation) for target in targets]
            self.after[self.leaves(number, relation)] += targets

    def _add_real_time(self, inside: Iterable[int]) -> None:
        leaving, moments = self.dependencies.real_time()
        count, base = self.dependencies.count, len(self.after)
        for number in inside:
            point = self.leaves(number, "real time")
            self.after[point] += [moment - count + base for moment in leaving[number]]
        self.after += [
            [n - count + base if n >= count else self.enters(n, "real time") for n in targets]
            for targets in moments
        ]

    # ---- cycles ----

    def is_acyclic(self) -> bool:
        return not components(len(self.after), self.after)

    def tangles(self) -> list[list[int]]:
        """The strongly connected parts, as transactions. All cycles lie inside them."""
        found = []
        for component in components(len(self.after), self.after):
            owners = dict.fromkeys(owner for owner in map(self.owner, component) if owner >= 0)
            found.append(sorted(owners))
        return found

    def owner(self, point: int) -> int:
        """The transaction of a point; -1 for a moment of the clock."""
        number = point // self.width
        return number if number < self.dependencies.count else -1

    def cycle(self) -> tuple[Arc, ...]:
        """A short cycle, or () if there is none.

        Transactions are numbered by their start. So each cycle has an arc back to one that started
        earlier, and it is enough to look for ways from the end of such an arc to its start.
        """
        parts = components(len(self.after), self.after)
        if not parts:
            return ()
        place = {point: index for index, part in enumerate(parts) for point in part}

        def onward(point: int) -> list[int]:
            return [after for after in self.after[point] if place.get(after) == place[point]]

        backward = sorted(
            (point - after, point, after)
            for point in place
            for after in onward(point)
            if 0 <= self.owner(after) < self.owner(point)
        )
        # Transactions that overlapped and missed each other are near, a stale read leads far back.
        half = (len(backward) + 1) // 2
        mixed = [arc for both in zip(backward, reversed(backward), strict=True) for arc in both]
        way = shortest_way([(source, target) for _, source, target in mixed[: 2 * half]], onward)
        if way is None:
            start = min(parts[0])
            way = (shortest_path(start, start, onward) or [])[1:]
        return self._arcs([way[-1], *way])

    def single(self) -> tuple[Arc, ...]:
        """A short cycle with exactly one rw, if one is found; else ()."""
        others = [relation for relation in self.relations if relation != "rw"]
        plain = Precedence(self.dependencies, others, extra=self.extra)
        place = {number: index for index, part in enumerate(self.tangles()) for number in part}
        anti = [(a, b) for a in sorted(place) for b in self.dependencies.rw[a]]
        anti += [(a, b) for a, b, relation in self.extra if relation == "rw"]
        together = [(a, b) for a, b in anti if a in place and place[a] == place.get(b)]
        way = shortest_way(together, plain.after.__getitem__)
        return (Arc(way[-1], way[0], "rw"), *plain._arcs(way)) if way else ()

    def _arcs(self, points: list[int]) -> tuple[Arc, ...]:
        """The arcs between transactions along a way from point to point."""
        arcs, last, timed = [], -1, False
        for point in points:
            owner = self.owner(point)
            if owner >= 0 and last >= 0 and owner != last:
                relation = "real time" if timed else self._relation(last, owner, point)
                arcs.append(Arc(last, owner, relation))
            timed = owner < 0
            last = owner if owner >= 0 else last
        return tuple(arcs)

    def _relation(self, source: int, target: int, point: int) -> str:
        """Why `source` comes before `target`, of which `point` is meant."""
        for relation in self.relations:
            if relation != "real time" and point == self.enters(target, relation):
                arcs = getattr(self.dependencies, relation)
                if target in arcs[source] or Arc(source, target, relation) in self.extra:
                    return relation
        raise AssertionError("an arc has a reason")

    # ---- orders ----

    def order(self, hurry: Callable[[int], int]) -> list[int] | None:
        """All points in an order that keeps all arcs, or None if there is a cycle.

        Of those that may come next, the one whose transaction has the smallest `hurry`.
        """
        count = len(self.after)
        owners = map(self.owner, range(count))
        ranks = [hurry(owner) if owner >= 0 else -1 for owner in owners]
        order = sorted_topologically(range(count), self.after, ranks.__getitem__)
        return order if len(order) == count else None


def shortest_way(
    arcs: Iterable[tuple[int, int]], onward: Callable[[int], Iterable[int]], effort: int = 300_000
) -> list[int] | None:
    """Of the ways from the end of one of `arcs` back to its start the shortest that is found.

    After `effort` points, not all arcs are tried any more: a large tangle has very many.
    """
    left = effort

    def limited(point: int) -> Iterable[int]:
        nonlocal left
        left -= 1
        return onward(point) if left > 0 else ()

    best: list[int] | None = None
    for source, target in arcs:
        way = shortest_path(target, source, limited)
        if way and (best is None or len(way) < len(best)):
            best = way
        if left <= 0 or (best and len(best) == 2):
            break
    return best
