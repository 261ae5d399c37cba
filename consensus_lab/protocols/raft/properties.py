"""The five properties that Raft guarantees at all times (the paper's Figure 3), each as a watcher.

Each looks only at what just changed and remembers what it needs, so that watching every step of a
run costs little.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..log import begins, fixed
from ..node import ClientRequest, Property
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
        self.reign: dict[str, tuple[int, int, tuple[Entry, ...]]] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        if node.role != "leader":
            self.reign.pop(changed, None)
            return None
        first, log = node.first_log_index, fixed(node.log)
        term, start, before = self.reign.get(changed, (node.current_term, first, ()))
        self.reign[changed] = (node.current_term, first, log)
        left = before if first == start else before[max(0, first - start) :]  # not in a snapshot
        if term == node.current_term and not begins(left, log):
            return f"{changed}, leader of term {term}, changed entries of its own log"
        return None


class Entries:
    """Every entry that was ever in a log, by index and term; the term before it; who had it first.

    By the Log Matching Property index and term lead back, entry by entry, to the whole log before.
    So it is known what a snapshot stands for, though nobody may hold those entries any more.
    """

    def __init__(self) -> None:
        self.seen: dict[tuple[int, int], tuple[Entry, int, str]] = {}

    def deny(self, index: int, term: int, latest: int) -> bool:
        """Entries at `index` were seen, of terms up to `latest`, but none of `term`."""
        known = [t for t in range(latest + 1) if (index, t) in self.seen]
        return bool(known) and term not in known

    def between(self, start: int, index: int, term: int) -> list[Entry] | None:
        """The entries after `start` that lead to the one at `index` of `term`; None: not known."""
        found: list[Entry] = []
        for place in range(index, start, -1):
            if (place, term) not in self.seen:
                return None
            entry, term, _ = self.seen[place, term]
            found.append(entry)
        return found[::-1]


class LogMatching:
    """If two logs hold an entry with the same index and term, they are identical up to it (5.3).

    It is enough to see that index and term decide the entry and the term of the entry before it:
    then, going back entry by entry, the whole prefix is the same.
    """

    name = "Log Matching"
    fields = frozenset({"log", "snapshot"})

    def __init__(self, entries: Entries | None = None) -> None:
        self.seen = (entries or Entries()).seen
        self.logs: dict[str, tuple[int, tuple[Entry, ...]]] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        first, log = node.first_log_index, fixed(node.log)
        start, old = self.logs.get(changed, (first, ()))
        self.logs[changed] = (first, log)
        same = common_prefix(old, log) if first == start else 0
        before = log[same - 1].term if same else node.term_at(first - 1)
        for index, entry in enumerate(log[same:], first + same):
            place = (index, entry.term)
            held, follows, holder = self.seen.setdefault(place, (entry, before, changed))
            if (held is not entry and held != entry) or follows != before:
                who = changed if changed == holder else f"{holder} and {changed}"
                return (
                    f"{who} held an entry with index {index} and term {entry.term} "
                    "in logs that differ there or before"
                )
            before = entry.term
        return None


class LeaderCompleteness:
    """An entry committed in a term is in the logs of the leaders of all later terms (5.4)."""

    name = "Leader Completeness"
    fields = frozenset({"commit_index", "role"})

    def __init__(self, entries: Entries | None = None) -> None:
        self.entries = entries or Entries()
        self.committed: list[tuple[Entry, int]] = []

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        if changes.get("commit_index", 0) > len(self.committed):
            start = len(self.committed)
            new = held_between(node, start, node.commit_index, self.entries)
            self.committed += [(entry, node.current_term) for entry in new]
            leaders = [name for name in nodes if nodes[name].role == "leader"]
            return first_sentence(self.missing(name, nodes[name], start) for name in leaders)
        if changes.get("role") == "leader":
            return self.missing(changed, node, 0)
        return None

    def missing(self, name: str, leader: Any, start: int) -> str | None:
        """Say which committed entry from index `start` + 1 on the leader lacks, if any."""
        start = max(start, leader.first_log_index - 1)  # what is in its snapshot was committed
        for index, (entry, term) in enumerate(self.committed[start:], start + 1):
            if term < leader.current_term and (
                index > leader.last_log_index or leader.entry_at(index) != entry
            ):
                return (
                    f"the entry at index {index} was committed in term {term}, but {name}, "
                    f"leader of term {leader.current_term}, does not hold it"
                )
        return None


class StateMachineSafety:
    """No two servers ever apply different entries at the same index (section 5.4.3).

    To install a snapshot is to apply all that it stands for: it must hold the very state to which
    those entries lead.
    """

    name = "State Machine Safety"
    fields = frozenset({"last_applied", "snapshot"})

    def __init__(self, entries: Entries | None = None) -> None:
        self.entries = entries or Entries()
        self.applied: list[tuple[Entry, str]] = []
        self.machines: list[Any] = []
        self.progress: dict[str, int] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        if node.last_applied > node.last_log_index:
            return f"{changed} applied index {node.last_log_index + 1}, which is beyond its log"
        start = min(self.progress.get(changed, 0), node.last_applied, len(self.applied))
        self.progress[changed] = node.last_applied
        new = held_between(node, start, node.last_applied, self.entries)
        for index, entry in enumerate(new, start + 1):
            if index > len(self.applied):
                self.applied.append((entry, changed))
            first, who = self.applied[index - 1]
            if first is not entry and first != entry:
                return f"{who} and {changed} applied different entries at index {index}"
        return self.wrong_state(changed, node) if "snapshot" in changes else None

    def wrong_state(self, name: str, node: Any) -> str | None:
        """Say it if the snapshot of a server is not what the entries up to its index lead to."""
        index, term, held = node.first_log_index - 1, node.snapshot.last_term, node.snapshot.machine
        if index and self.entries.deny(index, term, node.current_term):
            return (
                f"the snapshot of {name} ends with index {index} and term {term}: no log ever did"
            )
        if not 0 < index <= len(self.applied):
            return None
        for entry, _ in self.applied[max(0, len(self.machines) - 1) : index]:
            machine = self.machines[-1] if self.machines else type(node).state_machine()
            self.machines = self.machines or [machine]
            if isinstance(entry.command, ClientRequest):
                machine, _ = machine.apply(entry.command)
            self.machines.append(machine)
        if self.machines[index] == held:
            return None
        return f"the snapshot of {name} up to index {index} is not what those entries lead to"


def safety_properties() -> list[Property]:
    """The five, with empty memories."""
    entries = Entries()
    return [
        ElectionSafety(),
        LeaderAppendOnly(),
        LogMatching(entries),
        LeaderCompleteness(entries),
        StateMachineSafety(entries),
    ]


def held_between(node: Any, start: int, end: int, entries: Entries) -> Sequence[Entry]:
    """The node's entries after index `start` up to `end`, those in its snapshot included."""
    covered = node.first_log_index - 1
    if start >= covered:
        return node.log[start - covered : end - covered]  # type: ignore[no-any-return]
    known = entries.between(start, covered, node.term_at(covered))
    return () if known is None else (*known, *node.log[: max(0, end - covered)])


def common_prefix(old: tuple[Entry, ...], new: tuple[Entry, ...]) -> int:
    """How many entries the two share from the start; quick if one only extends the other."""
    if begins(old, new):
        return len(old)
    return next(
        (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )


def first_sentence(sentences: Any) -> str | None:
    """The first that is not None."""
    return next((sentence for sentence in sentences if sentence), None)
