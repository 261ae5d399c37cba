"""The five properties that Raft guarantees at all times (the paper's Figure 3), each as a watcher.

Each looks only at what just changed and remembers what it needs, so that watching every step of a
run costs little.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..node import Property
from .messages import Entry

Nodes = Mapping[str, Any]
Changes = Mapping[str, Any]


class ElectionSafety:
    """At most one leader can be elected in a given term (section 5.2)."""

    name = "Election Safety"
    fields = frozenset({"role"})

    def __init__(self) -> None:
        self.leader_of: dict[int, str] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        if changes.get("role") != "leader":
            return None
        term = nodes[changed].current_term
        first = self.leader_of.setdefault(term, changed)
        if first == changed:
            return None
        return f"{first} and {changed} have both been elected leader of term {term}"


class LeaderAppendOnly:
    """A leader never overwrites or deletes entries in its log; it only appends (section 5.3)."""

    name = "Leader Append-Only"
    fields = frozenset({"log", "role", "current_term"})

    def __init__(self) -> None:
        self.reign: dict[str, tuple[int, tuple[Entry, ...]]] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        if node.role != "leader":
            self.reign.pop(changed, None)
            return None
        log = tuple(node.log)
        term, before = self.reign.get(changed, (node.current_term, ()))
        self.reign[changed] = (node.current_term, log)
        if term == node.current_term and log[: len(before)] != before:
            return f"{changed}, leader of term {term}, changed entries of its own log"
        return None


class LogMatching:
    """If two logs hold an entry with the same index and term, they are identical up to it (5.3).

    It is enough to see that index and term decide the entry and the term of the entry before it:
    then, going back entry by entry, the whole prefix is the same.
    """

    name = "Log Matching"
    fields = frozenset({"log"})

    def __init__(self) -> None:
        self.seen: dict[tuple[int, int], tuple[Entry, int, str]] = {}
        self.logs: dict[str, tuple[Entry, ...]] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        log = tuple(nodes[changed].log)
        start = common_prefix(self.logs.get(changed, ()), log)
        self.logs[changed] = log
        for index in range(start + 1, len(log) + 1):
            entry = log[index - 1]
            before = log[index - 2].term if index > 1 else 0
            first = self.seen.setdefault((index, entry.term), (entry, before, changed))
            if first[:2] != (entry, before):
                return (
                    f"{first[2]} and {changed} both hold an entry with index {index} and "
                    f"term {entry.term}, but their logs differ there or before"
                )
        return None


class LeaderCompleteness:
    """An entry committed in a term is in the logs of the leaders of all later terms (5.4)."""

    name = "Leader Completeness"
    fields = frozenset({"commit_index", "role"})

    def __init__(self) -> None:
        self.committed: list[tuple[Entry, int]] = []

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        if changes.get("commit_index", 0) > len(self.committed):
            new = node.log[len(self.committed) : node.commit_index]
            start = len(self.committed)
            self.committed += [(entry, node.current_term) for entry in new]
            leaders = [name for name in nodes if nodes[name].role == "leader"]
            return first_sentence(self.missing(name, nodes[name], start) for name in leaders)
        if changes.get("role") == "leader":
            return self.missing(changed, node, 0)
        return None

    def missing(self, name: str, leader: Any, start: int) -> str | None:
        """Say which committed entry from index `start` + 1 on the leader lacks, if any."""
        for index, (entry, term) in enumerate(self.committed[start:], start + 1):
            held = leader.log[index - 1] if index <= len(leader.log) else None
            if term < leader.current_term and held != entry:
                return (
                    f"the entry at index {index} was committed in term {term}, but {name}, "
                    f"leader of term {leader.current_term}, does not hold it"
                )
        return None


class StateMachineSafety:
    """No two servers ever apply different entries at the same index (section 5.4.3)."""

    name = "State Machine Safety"
    fields = frozenset({"last_applied"})

    def __init__(self) -> None:
        self.applied: list[tuple[Entry, str]] = []
        self.progress: dict[str, int] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        start = min(self.progress.get(changed, 0), node.last_applied)
        self.progress[changed] = node.last_applied
        for index in range(start + 1, node.last_applied + 1):
            if index > len(node.log):
                return f"{changed} applied index {index}, which is beyond its log"
            entry = node.log[index - 1]
            if index > len(self.applied):
                self.applied.append((entry, changed))
            elif self.applied[index - 1][0] != entry:
                return (
                    f"{self.applied[index - 1][1]} and {changed} applied different entries "
                    f"at index {index}"
                )
        return None


def safety_properties() -> list[Property]:
    """The five, with empty memories."""
    return [
        ElectionSafety(),
        LeaderAppendOnly(),
        LogMatching(),
        LeaderCompleteness(),
        StateMachineSafety(),
    ]


def common_prefix(old: tuple[Entry, ...], new: tuple[Entry, ...]) -> int:
    """How many entries the two share from the start; quick if one only extends the other."""
    if new[: len(old)] == old:
        return len(old)
    return next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )


def first_sentence(sentences: Any) -> str | None:
    """The first that is not None."""
    return next((sentence for sentence in sentences if sentence), None)
