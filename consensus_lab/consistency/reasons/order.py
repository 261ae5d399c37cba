"""Who must come before whom, when every value was written once.

From the order that is given (real time, or each process's own) and from who saw whose value, more
follows: if u overwrites, and w wrote what r saw, then u before r means u before w; and w before u
means r before u. What follows is added until nothing new does, or until it closes a circle.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import permutations
from typing import Any

from ...graph import Edge
from ...history import Operation
from ..specification import NOTHING, Specification

BEGINNING = "the beginning"
"""What comes before all operations."""

Node = Operation | str


class Order:
    """Edges between operations, and from the beginning to all of them."""

    def __init__(
        self,
        operations: Iterable[Operation],
        specification: Specification,
        seers: dict[Operation, Any],
        timed: bool,
    ) -> None:
        self.operations = list(operations)
        self.specification = specification
        self.edges: dict[Node, dict[Node, Edge]] = {BEGINNING: {}}
        for operation in self.operations:
            self.edges[operation] = {}
            reason = "everything comes after the beginning"
            self._add(Edge(BEGINNING, operation, "session order", reason))
        self._given(timed)
        self.sources = self._sources(seers)
        for seer, source in self.sources.items():
            if source != BEGINNING:
                reason = f"{_who(seer)} saw what {_who(source)} wrote"
                self._add(Edge(source, seer, "reads from", reason))

    def _add(self, edge: Edge) -> None:
        self.edges[edge.source].setdefault(edge.target, edge)  # type: ignore[index, arg-type]

    def _given(self, timed: bool) -> None:
        """Real time, or the order of each process."""
        for a, b in permutations(self.operations, 2):
            if a.process == b.process and a.start < b.start:
                self._add(Edge(a, b, "session order", f"{a.process} did {a} before {b}"))
            elif timed and a.end is not None and a.end < b.start:
                self._add(Edge(a, b, "real time", f"{_who(a)} was over before {_who(b)} began"))

    def _sources(self, seers: dict[Operation, Any]) -> dict[Operation, Node]:
        """For each operation that saw a value the one that wrote it, where only one can have."""
        sources: dict[Operation, Node] = {}
        for seer, value in seers.items():
            part = self.specification.part(seer)
            givers = [
                o
                for o in self.operations
                if self.specification.gives(o) == value and self.specification.part(o) == part
            ]
            if value == self.specification.initial and not givers:
                sources[seer] = BEGINNING
            elif len(givers) == 1 and value != self.specification.initial:
                sources[seer] = givers[0]
        return sources

    def circle(self) -> list[Edge]:
        """A shortest circle, or nothing if there is none."""
        while True:
            circles = [circle for o in self.operations if (circle := self._path(o, o))]
            if circles:
                return min(circles, key=len)
            fresh = [
                edge
                for edge in self._follows()
                if edge.target not in self.edges[edge.source]  # type: ignore[index]
            ]
            if not fresh:
                return []
            for edge in fresh:
                self._add(edge)

    def _follows(self) -> Iterator[Edge]:
        """What else must be so, by the rule in the module's docstring."""
        for seer, source in self.sources.items():
            for other in self.operations:
                if other is seer or other is source or not self._overwrites(other, seer):
                    continue
                if source != BEGINNING and self._path(other, seer):
                    reason = (
                        f"{_who(other)} comes before {_who(seer)}, which saw a later value: that of"
                    )
                    yield Edge(other, source, "conflict", f"{reason} {_who(source)}")
                if self._path(source, other):
                    reason = f"{_who(seer)} still saw what {_who(other)} overwrote"
                    yield Edge(seer, other, "conflict", reason)

    def _overwrites(self, other: Operation, seer: Operation) -> bool:
        same = self.specification.part(other) == self.specification.part(seer)
        return same and self.specification.gives(other) is not NOTHING

    def _path(self, start: Node, goal: Node) -> list[Edge]:
        """A shortest path of at least one edge, or nothing."""
        reached: dict[Node, list[Edge]] = {}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            for there, edge in self.edges[here].items():
                if there not in reached:
                    reached[there] = [*reached.get(here, []), edge]
                    waiting.append(there)
            if goal in reached:
                return reached[goal]
        return []


def _who(node: Node) -> str:
    return node if isinstance(node, str) else f"{node.process}'s {node}"
