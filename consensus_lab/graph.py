"""Directed graphs with reasons on their edges, and the cycles in them.

Most checkers end with one: what must come before what, and why. A cycle says that it is impossible.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple


class Edge(NamedTuple):
    """`source` comes before `target`.

    relation  in a word of the field: "session order", "reads from", "ww", "happens before"
    reason    the same as a sentence about these two, without its full stop
    """

    source: Hashable
    target: Hashable
    relation: str
    reason: str = ""


@dataclass(frozen=True)
class Graph:
    """Nodes and edges to be looked at: `view(graph)` draws it and lets its edges appear in order.

    nodes      anything that can be hashed; it is labelled by its text
    edges      in the order in which they are to appear
    emphasised the edges to stand out: a cycle, as a rule
    title      what it shows
    """

    nodes: tuple[Hashable, ...]
    edges: tuple[Edge, ...]
    emphasised: tuple[Edge, ...] = ()
    title: str = ""


Successors = Mapping[int, Iterable[int]] | Sequence[Iterable[int]]
"""For each node, numbered from 0, the nodes that come directly after it."""


def components(count: int, successors: Successors) -> list[list[int]]:
    """The strongly connected components of two nodes or more, of the graph of `count` nodes.

    Each node of one can be reached from each other, so all cycles lie inside them (but for an edge
    from a node to itself). Tarjan, R. (1972): Depth-first search and linear graph algorithms;
    without recursion, for a long history makes a deep graph.
    """
    found: list[list[int]] = []
    index = [0] * count  # 0: not visited yet; later the number of the visit
    low = [0] * count
    on_path = bytearray(count)
    path: list[int] = []
    visits = 0
    for root in range(count):
        if index[root]:
            continue
        visits += 1
        index[root] = low[root] = visits
        path.append(root)
        on_path[root] = 1
        work = [(root, iter(successors[root]))]
        while work:
            node, rest = work[-1]
            for after in rest:
                if not index[after]:
                    visits += 1
                    index[after] = low[after] = visits
                    path.append(after)
                    on_path[after] = 1
                    work.append((after, iter(successors[after])))
                    break
                if on_path[after] and index[after] < low[node]:
                    low[node] = index[after]
            else:
                work.pop()
                if work and low[node] < low[work[-1][0]]:
                    low[work[-1][0]] = low[node]
                if low[node] == index[node]:
                    component: list[int] = []
                    while not component or component[-1] != node:
                        component.append(path.pop())
                        on_path[component[-1]] = 0
                    if len(component) > 1:
                        found.append(component)
    return found


def shortest_path(
    start: Any, goal: Any, successors: Callable[[Any], Iterable[Any]]
) -> list[Any] | None:
    """The nodes of a shortest path of one edge or more from `start` to `goal`, both included.

    With start == goal it is a shortest cycle through that node. None if there is no such path.
    """
    came_from: dict[Any, Any] = {}
    waiting = deque([start])
    while waiting:
        node = waiting.popleft()
        for after in successors(node):
            if after == goal:
                path = [goal, node]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return path[::-1]
            if after not in came_from and after != start:
                came_from[after] = node
                waiting.append(after)
    return None


def sorted_topologically(
    places: Collection[int],
    after: Sequence[Iterable[int]],
    rank: Callable[[int], int] = int,
) -> list[int]:
    """`places`, none before one that it comes `after`; of those that may be next, that of the
    lowest rank first, and of these the lowest.

    If there is a circle, what is on it and behind it is missing.
    """
    left = dict.fromkeys(places, 0)
    for place in places:
        for following in after[place]:
            if following in left:
                left[following] += 1
    ready = [(rank(place), place) for place, count in left.items() if not count]
    heapify(ready)
    order: list[int] = []
    while ready:
        _, place = heappop(ready)
        order.append(place)
        for following in after[place]:
            if following in left:
                left[following] -= 1
                if not left[following]:
                    heappush(ready, (rank(following), following))
    return order


class Closure:
    """Which points come after which, and before which: sets as the bits of whole numbers."""

    def __init__(self, after: list[int], before: list[int]) -> None:
        self.after = after
        self.before = before

    @classmethod
    def of(cls, arcs: list[list[int]]) -> Closure:
        """The closure of a graph without cycles, in which arcs[point] are the points after it."""
        closure = cls([0] * len(arcs), [0] * len(arcs))
        for source, targets in enumerate(arcs):
            for target in targets:
                closure.add(source, target)
        return closure

    def copy(self) -> Closure:
        return Closure(self.after.copy(), self.before.copy())

    def has(self, source: int, target: int) -> bool:
        """Whether `source` comes before `target`."""
        return bool(self.after[source] >> target & 1)

    def add(self, source: int, target: int) -> None:
        """From now on `source` comes before `target`."""
        if self.after[source] >> target & 1:
            return
        later = self.after[target] | 1 << target
        earlier = self.before[source] | 1 << source
        for point in _bits(earlier):
            self.after[point] |= later
        for point in _bits(later):
            self.before[point] |= earlier


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
