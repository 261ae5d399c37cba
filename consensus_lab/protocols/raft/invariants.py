"""Invariants of a Raft server's own state, each as a watcher: what must hold at every step.

The five properties of Figure 3 say what Raft promises. These say how a correct implementation keeps
its books, and break long before a promise does. They are watched in tests (`with_invariants`); a
learner whose rule is wrong is told which promise it breaks. The idea is LogCabin's, and so are most
of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from ..log import fixed
from ..node import Property
from .basic import BasicRaft
from .messages import Entry

Nodes = Mapping[str, Any]
Changes = Mapping[str, Any]


class TermsInOrder:
    """The terms along a log never decrease, and never exceed the current term."""

    name = "Terms in Order"
    fields = frozenset({"log", "current_term"})

    def __init__(self) -> None:
        self.logs: dict[str, tuple[int, tuple[Entry, ...]]] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        first, log = node.first_log_index, fixed(node.log)
        terms = [entry.term for entry in log[self.looked_at(changed, first, log) :]]
        self.logs[changed] = (first, log)
        if len(terms) == len(log):
            terms.insert(0, node.term_at(first - 1))
        if any(term > later for term, later in pairwise(terms)):
            return f"the terms along the log of {changed} decrease: {terms}"
        if terms and terms[-1] > node.current_term:
            return f"the log of {changed} ends with term {terms[-1]}, but its term is lower"
        return None

    def looked_at(self, name: str, first: int, log: tuple[Entry, ...]) -> int:
        """How many entries at the beginning were seen in this place, all but the last of them."""
        start, old = self.logs.get(name, (first, ()))
        extended = start == first and len(old) <= len(log) and log[: len(old)] == old
        return max(0, len(old) - 1) if extended else 0


class IndexesInOrder:
    """Snapshot index ≤ lastApplied ≤ commitIndex ≤ last index."""

    name = "Indexes in Order"
    fields = frozenset({"log", "commit_index", "last_applied", "snapshot"})

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        indexes = (
            node.first_log_index - 1,
            node.last_applied,
            node.commit_index,
            node.last_log_index,
        )
        if sorted(indexes) == list(indexes):
            return None
        return (
            f"of {changed} the snapshot ends at index {indexes[0]}, {indexes[1]} is applied, "
            f"{indexes[2]} committed, and the log ends at {indexes[3]}"
        )


class LeaderVotedForItself:
    """A leader has voted for itself in its term."""

    name = "A Leader Voted for Itself"
    fields = frozenset({"role", "current_term", "voted_for"})

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        if node.role == "leader" and node.voted_for != changed:
            return f"{changed} leads term {node.current_term}, but voted for {node.voted_for}"
        return None


class ElectionTimer:
    """The election timer is set exactly when a server does not lead (and may stand at all)."""

    name = "Election Timer"
    fields = frozenset({"role", "timers"})

    def __init__(self) -> None:
        self.timers: dict[str, Mapping[str, Any]] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        self.timers[changed] = changes.get("timers", self.timers.get(changed, {}))
        waits = "election" in self.timers[changed]
        if waits and node.role == "leader":
            return f"{changed} leads, and its election timer is set"
        if not waits and node.role != "leader" and node.is_voter(changed):
            return f"{changed} does not lead, and its election timer is not set"
        return None


class DiskEqualsMemory:
    """While no save is on its way, the disk holds what memory does."""

    name = "Disk Equals Memory"
    fields = frozenset({"disk"})

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        for field, value in changes["disk"].items():
            if getattr(nodes[changed], field) != value:
                return f"{changed} has changed its {field}, and has not saved it"
        return None


class OneVote:
    """A server votes once in a term. A vote that a crash took off the disk was never heard of."""

    name = "One Vote a Term"
    fields = frozenset({"voted_for", "current_term", "status", "disk"})

    def __init__(self) -> None:
        self.given: dict[str, dict[int, str]] = {}
        self.kept: dict[str, dict[int, str]] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        if changes.get("status") == "up":
            self.given[changed] = dict(self.kept.get(changed, {}))
        given = self.given[changed]
        if "disk" in changes:
            self.kept[changed] = dict(given)
        vote = node.voted_for
        if vote is None or given.setdefault(node.current_term, vote) == vote:
            return None
        first = given[node.current_term]
        return f"{changed} votes for {first} and for {vote} in term {node.current_term}"


class NothingGoesBack:
    """Term, commitIndex and snapshot never go back. (Across a restart, commitIndex may.)"""

    name = "Nothing Goes Back"
    fields = frozenset({"current_term", "commit_index", "snapshot", "status", "disk"})

    def __init__(self) -> None:
        self.now: dict[str, tuple[int, int, int]] = {}
        self.kept: dict[str, tuple[int, int, int]] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        before = self.now.get(changed, (0, 0, 0))
        if changes.get("status") == "up":
            before = self.kept.get(changed, (0, 0, 0))
        now = (node.current_term, node.commit_index, node.first_log_index - 1)
        self.now[changed] = now
        if "disk" in changes:
            self.kept[changed] = (now[0], 0, now[2])
        for what, old, new in zip(("term", "commitIndex", "snapshot"), before, now, strict=True):
            if new < old:
                return f"the {what} of {changed} goes back from {old} to {new}"
        return None


class LeaderStays:
    """A leader leads until its term is over.

    Unless CheckQuorum deposes it, or it is removed from the cluster.
    """

    name = "A Leader Stays"
    fields = frozenset({"role", "current_term", "status"})

    def __init__(self) -> None:
        self.leads: dict[str, int] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        term = self.leads.pop(changed, None)
        if node.role == "leader":
            self.leads[changed] = node.current_term
            return None
        over = term != node.current_term or changes.get("status") == "up"
        if over or node.options.check_quorum or not node.is_voter(changed):
            return None
        return f"{changed} led term {term}, and is now a {node.role} of that term"


def invariants() -> list[Property]:
    """All of them, with empty memories."""
    return [
        TermsInOrder(),
        IndexesInOrder(),
        LeaderVotedForItself(),
        ElectionTimer(),
        DiskEqualsMemory(),
        OneVote(),
        NothingGoesBack(),
        LeaderStays(),
    ]


def with_invariants(protocol: type[BasicRaft]) -> type[BasicRaft]:
    """The same protocol, under the same name, whose runs watch the invariants too."""

    class Watched(protocol):  # type: ignore[misc, valid-type]
        @classmethod
        def properties(cls) -> list[Property]:
            return [*super().properties(), *invariants()]

    Watched.__name__ = protocol.__name__
    return Watched
