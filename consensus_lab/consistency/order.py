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

from ..history import Operation
from .specification import NOTHING, Specification


class Order:
    """Edges between operations, each with its reason in words. None stands for the beginning."""

    def __init__(
        self,
        operations: Iterable[Operation],
        specification: Specification,
        seers: dict[Operation, Any],
        timed: bool,
    ) -> None:
        self.operations = list(operations)
        self.specification = specification
        self.edges: dict[Operation | None, dict[Operation | None, str]] = {None: {}}
        for operation in self.operations:
            self.edges[operation] = {}
            self.edges[None][operation] = "everything comes after the beginning"
        self._given(timed)
        self.sources = self._sources(seers)
        for seer, source in self.sources.items():
            if source is not None:
                reason = f"{_who(seer)} saw what {_who(source)} wrote"
                self.edges[source].setdefault(seer, reason)

    def _given(self, timed: bool) -> None:
        """Real time, or the order of each process."""
        for a, b in permutations(self.operations, 2):
            if a.process == b.process and a.start < b.start:
                self.edges[a][b] = f"{a.process} did {a} before {b}"
            elif timed and a.end is not None and a.end < b.start:
                self.edges[a][b] = f"{_who(a)} was over before {_who(b)} began"

    def _sources(self, seers: dict[Operation, Any]) -> dict[Operation, Operation | None]:
        """For each operation that saw a value the one that wrote it, where only one can have."""
        sources: dict[Operation, Operation | None] = {}
        for seer, value in seers.items():
            part = self.specification.part(seer)
            givers = [
                o
                for o in self.operations
                if self.specification.gives(o) == value and self.specification.part(o) == part
            ]
            if value == self.specification.initial and not givers:
                sources[seer] = None
            elif len(givers) == 1 and value != self.specification.initial:
                sources[seer] = givers[0]
        return sources

    def circle(self) -> list[str]:
        """The reasons along a shortest circle, or nothing if there is none."""
        while True:
            circles = [circle for o in self.operations if (circle := self._path(o, o))]
            if circles:
                return min(circles, key=len)
            fresh = [edge for edge in self._follows() if edge[1] not in self.edges[edge[0]]]
            if not fresh:
                return []
            for a, b, reason in fresh:
                self.edges[a].setdefault(b, reason)

    def _follows(self) -> Iterator[tuple[Operation, Operation | None, str]]:
        """What else must be so, by the rule in the module's docstring."""
        for seer, source in self.sources.items():
            for other in self.operations:
                if other is seer or other is source or not self._overwrites(other, seer):
                    continue
                if source is not None and self._path(other, seer):
                    reason = (
                        f"{_who(other)} comes before {_who(seer)}, which saw a later value: that of"
                    )
                    yield other, source, f"{reason} {_who(source)}"
                if self._path(source, other):
                    yield seer, other, f"{_who(seer)} still saw what {_who(other)} overwrote"

    def _overwrites(self, other: Operation, seer: Operation) -> bool:
        same = self.specification.part(other) == self.specification.part(seer)
        return same and self.specification.gives(other) is not NOTHING

    def _path(self, start: Operation | None, goal: Operation | None) -> list[str]:
        """The reasons along a shortest path of at least one edge, or nothing."""
        reached: dict[Operation | None, list[str]] = {}
        waiting = deque([start])
        while waiting:
            here = waiting.popleft()
            for there, reason in self.edges[here].items():
                if there not in reached:
                    reached[there] = [*reached.get(here, []), reason]
                    waiting.append(there)
            if goal in reached:
                return reached[goal]
        return []


def _who(operation: Operation | None) -> str:
    return "the beginning" if operation is None else f"{operation.process}'s {operation}"
