"""Data types that can be changed everywhere at once, and merged without a conflict: CRDTs.

Each state is a value of a join semilattice: `merge` gives the least state that holds all that the
two hold. So merging in any order, and merging twice, gives the same; and all that gossip has to do
is to carry states around. What could get lost in a plain number or set is kept apart: counts by
server, elements with the tag of the addition that brought them.

Shapiro, M., Preguiça, N., Baquero, C. and Zawirski, M. (2011): A comprehensive study of convergent
and commutative replicated data types.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..node import Effects, Operation
from .gossip import Gossip


@dataclass(frozen=True)
class GCounter:
    """A counter that only grows. Each server counts for itself; the value is the sum."""

    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def value(self) -> int:
        return sum(self.counts.values())

    def increment(self, server: str, amount: int = 1) -> GCounter:
        """Counted by `server`."""
        return replace(self, counts={**self.counts, server: self.counts.get(server, 0) + amount})

    def merge(self, other: GCounter) -> GCounter:
        """For each server the larger count: it only grows, so that is the later one."""
        servers = sorted({*self.counts, *other.counts})
        larger = {s: max(self.counts.get(s, 0), other.counts.get(s, 0)) for s in servers}
        return replace(self, counts=larger)


@dataclass(frozen=True)
class PNCounter:
    """A counter that goes up and down: two that only grow, what was added and what taken away."""

    added: GCounter = GCounter()
    taken: GCounter = GCounter()

    @property
    def value(self) -> int:
        return self.added.value - self.taken.value

    def increment(self, server: str, amount: int = 1) -> PNCounter:
        """Counted up by `server`; down if `amount` is below 0."""
        if amount < 0:
            return replace(self, taken=self.taken.increment(server, -amount))
        return replace(self, added=self.added.increment(server, amount))

    def decrement(self, server: str, amount: int = 1) -> PNCounter:
        """Counted down by `server`."""
        return self.increment(server, -amount)

    def merge(self, other: PNCounter) -> PNCounter:
        added, taken = self.added.merge(other.added), self.taken.merge(other.taken)
        return replace(self, added=added, taken=taken)


Tag = tuple[str, int]
"""Of an addition: the server that took it, and how many it had taken."""


@dataclass(frozen=True)
class ORSet:
    """A set to which elements can come back. An addition at the same time as a removal wins.

    For a removal takes away only the additions that it has seen (observed-remove). `added` has an
    entry for each addition, `removed` the tags of those that were taken away.
    """

    added: frozenset[tuple[Hashable, Tag]] = frozenset()
    removed: frozenset[Tag] = frozenset()

    @property
    def value(self) -> tuple[Any, ...]:
        return tuple(sorted({e for e, tag in self.added if tag not in self.removed}, key=str))

    def add(self, element: Hashable, server: str) -> ORSet:
        """With `element`, added by `server` under a tag that was never used."""
        used = [number for _, (taker, number) in self.added if taker == server]
        tag = (server, max(used, default=0) + 1)
        return replace(self, added=self.added | {(element, tag)})

    def remove(self, element: Hashable) -> ORSet:
        """Without the additions of `element` that are known here."""
        tags = {tag for e, tag in self.added if e == element}
        return replace(self, removed=self.removed | tags)

    def merge(self, other: ORSet) -> ORSet:
        added, removed = self.added | other.added, self.removed | other.removed
        return replace(self, added=added, removed=removed)


class Counters(Gossip):
    """A store of counters."""

    empty = PNCounter()
    kinds = ("increment", "decrement")

    def changed(self, key: str, operation: Operation, out: Effects) -> Any:
        kind, amount = operation[0], operation[2] if operation[2:] else 1
        state = self.state_of(key)
        step = state.increment if kind == "increment" else state.decrement
        return step(self.name, amount)


class Sets(Gossip):
    """A store of sets."""

    empty = ORSet()
    kinds = ("add", "remove")
    looks = ("read", "contains")

    def seen(self, key: str, operation: Operation) -> Any:
        """All elements, or whether one is there."""
        elements = self.state_of(key).value
        return elements if operation[0] == "read" else operation[2] in elements

    def changed(self, key: str, operation: Operation, out: Effects) -> Any:
        kind, element = operation[0], operation[2]
        state = self.state_of(key)
        return state.add(element, self.name) if kind == "add" else state.remove(element)
