"""Isolation levels: how far transactions may notice each other.

    read uncommitted     writes go in one order
    read committed       and nobody reads what was not committed, or not yet
    snapshot isolation   and each transaction reads from one snapshot, and loses no update
    serializable         some order of whole transactions, one after the other, explains all
    strict serializable  … an order that also keeps real time

Adya, A., Liskov, B. and O'Neil, P. (2000): Generalized isolation level definitions; for snapshot
isolation, Cerone, A. and Gotsman, A. (2018): Analysing snapshot isolation.

Histories are those of consistency/transactions.py. A transaction that failed was aborted: what it
wrote must not be seen. One without an answer counts as committed if somebody saw a value of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

from ..garbage import no_garbage_collection
from ..graph import Edge, Graph
from ..history import History, Operation
from .linearizable import linearizable
from .specification import KeyValue
from .transactions.anomalies import (
    GRAPHS,
    READ_COMMITTED,
    READ_UNCOMMITTED,
    SERIALIZABLE,
    SNAPSHOT,
    Finding,
    cyclic,
    evidence,
    lost_update,
    uncommitted,
    unreadable,
)
from .transactions.dependencies import Dependencies, Reasons
from .transactions.precedence import Arc, Precedence
from .transactions.transactions import UNWRITTEN, Transactions, within
from .transactions.versions import Arrangement, Choice, Stuck, guess
from .verdict import Verdict, Witness

BUDGET = 1_000_000


def read_uncommitted(history: History) -> Verdict:
    """Whether there is one order of all writes (no G0), and every value read was written."""
    return check(history, Level("read uncommitted", READ_UNCOMMITTED))


def read_committed(history: History) -> Verdict:
    """Whether no transaction read what was aborted, intermediate, or after it (no G1)."""
    return check(history, Level("read committed", READ_COMMITTED))


def snapshot_isolation(history: History, sessions: bool = False, budget: int = BUDGET) -> Verdict:
    """Whether each transaction read from one snapshot, and of two that overlap none lost a write.

    sessions  also every process must see its own earlier transactions (strong session)
    budget    how often to ask which of two versions was first before the verdict is "undecided"

    The witness is a SnapshotWitness: it has the moments of all snapshots and commits.
    """
    name = "strong session snapshot isolation" if sessions else "snapshot isolation"
    return check(history, Level(name, SNAPSHOT, ("session",) * sessions), budget)


def serializable(history: History, sessions: bool = False, budget: int = BUDGET) -> Verdict:
    """Whether all transactions, one after the other in some order, explain what was read.

    sessions  the order must keep every process's own (strong session serializability). Plain
              serializability does not ask for it, nor for real time
    budget    how often to ask which of two versions was first before the verdict is "undecided"
    """
    name = "strong session serializability" if sessions else "serializability"
    return check(history, Level(name, SERIALIZABLE, ("session",) * sessions), budget)


def strict_serializable(history: History, budget: int = BUDGET) -> Verdict:
    """Whether there is such an order that keeps real time: who ended before another began is first.

    For transactions of one step on one key each it is linearizability, and is judged so.
    """
    around = ("session", "real time")
    order = one_step_order(history, budget)
    if order is not None:
        count = len(order)
        words = f"An order of all {count:,} committed transactions explains what each of them read."
        return Verdict("strict serializability", True, history, Witness(order, True), None, words)
    return check(history, Level("strict serializability", SERIALIZABLE, around), budget)


def one_step_order(history: History, budget: int) -> list[Operation] | None:
    """The order of reads and writes that keeps real time, if these are all, and there is one."""
    if {operation.kind for operation in history.forms} - {"read", "write"}:
        return None
    transactions = Transactions(history)
    operations, committed = transactions.operations, transactions.committed
    initial = next((o.result for o in operations if o.kind == "read" and o.result in UNWRITTEN), 0)
    kept = [o for o, counts in zip(history, committed, strict=True) if counts]
    linear = linearizable(history.only(kept), KeyValue(initial), budget).witness
    return list(linear.order) if linear else None


def precedence_graph(history: History) -> Graph:
    """The ww, wr and rw edges among the transactions of `history`, for `view`.

    The edges stand in the order in which they arise when the transactions come one by one; those of
    a cycle are emphasised.
    """
    transactions = Transactions(history)
    dependencies, reasons = Dependencies(transactions), Reasons(history, transactions)
    arcs = {
        Arc(source, target, relation): None
        for relation in ("wr", "ww", "rw")
        for source, targets in enumerate(getattr(dependencies, relation))
        for target in targets
    }
    finding = cyclic(dependencies, SERIALIZABLE)
    edges = {arc: reasons.edge(*arc) for arc in sorted(arcs, key=lambda arc: (max(arc[:2]), arc))}
    cycle = tuple(edges[arc] for arc in finding.cycle) if finding else ()
    nodes = [o for o, counts in zip(history, transactions.committed, strict=True) if counts]
    return Graph(tuple(nodes), tuple(edges.values()), cycle, "Precedence graph")


class SnapshotWitness(Witness):
    """An order of snapshots and commits that explains a history under snapshot isolation.

    moments  ("snapshot" or "commit", transaction), in order: a transaction reads what was committed
             before its snapshot, and its own writes; of what it wrote, nobody else committed
             anything between its snapshot and its commit
    """

    def __init__(self, moments: Callable[[], Sequence[tuple[str, Operation]]]) -> None:
        self._moments = moments
        super().__init__(lambda: [o for what, o in self.moments if what == "commit"], timed=False)

    @cached_property
    def moments(self) -> tuple[tuple[str, Operation], ...]:
        return tuple(self._moments())


# ---- how a level is checked ----


class Level(NamedTuple):
    """A model, how strict it is, and the relations that count besides ww, wr and rw."""

    model: str
    strictness: int
    around: tuple[str, ...] = ()


class Answer(NamedTuple):
    """What is known of a history: an anomaly, or arcs between versions whose order nobody saw.

    With neither it is undecided, or there is no order and `stuck` is how the search ended.
    """

    transactions: Transactions
    dependencies: Dependencies | None = None
    finding: Finding | None = None
    extra: tuple[Arc, ...] | None = None
    stuck: Stuck | None = None

    @property
    def impossible(self) -> bool:
        return self.finding is not None or self.stuck is not None


def check(history: History, level: Level, budget: int = BUDGET) -> Verdict:
    """The verdict on `history`."""
    with no_garbage_collection():
        answer = judge(history, level, budget)
    if answer.impossible:
        return refuse(history, level, answer, budget)
    if answer.extra is None:
        return Verdict.undecided(level.model, history, budget)
    assert answer.dependencies
    relations, split = GRAPHS[level.strictness]
    graph = Precedence(answer.dependencies, [*relations, *level.around], split, answer.extra)
    committed = answer.transactions.committed

    def points() -> list[int]:
        order = graph.order(lambda number: number)
        assert order is not None
        return [p for p in order if graph.owner(p) >= 0 and committed[graph.owner(p)]]

    def order() -> list[Operation]:
        return [history[graph.owner(point)] for point in points()]

    def moments() -> list[tuple[str, Operation]]:
        names = ("snapshot", "commit")
        return [(names[point % 2], history[point // 2]) for point in points()]

    witness = SnapshotWitness(moments) if split else Witness(order, "real time" in level.around)
    count = sum(committed)
    words = f"An order of all {count:,} committed transactions explains what each of them read."
    if split:
        words = f"All {count:,} committed transactions have a snapshot and a commit that fit."
    return Verdict(level.model, True, history, witness, explanation=words)


def judge(history: History, level: Level, budget: int) -> Answer:
    """Look for anomalies, the quickly found ones first; then for an order of all versions."""
    transactions = Transactions(history)
    reasons = Reasons(history, transactions)
    finding = next(unreadable(transactions, reasons), None)
    if finding:
        return Answer(transactions, None, finding)
    dependencies = Dependencies(transactions)
    if level.strictness >= READ_COMMITTED:
        finding = next(uncommitted(transactions, reasons), None)
        if finding:
            finding = cyclic(dependencies, READ_UNCOMMITTED) or finding
            return Answer(transactions, dependencies, finding)
    finding = cyclic(dependencies, level.strictness, around=level.around)
    if level.strictness >= SNAPSHOT and not (finding and finding.name in ("G0", "G1c")):
        finding = next(lost_update(dependencies, reasons), finding)
    if finding:
        return Answer(transactions, dependencies, finding)
    return arrange(transactions, dependencies, level, budget)


def arrange(
    transactions: Transactions, dependencies: Dependencies, level: Level, budget: int
) -> Answer:
    """Put all versions in an order that closes no cycle: by the clock, or else by a search."""
    relations, split = GRAPHS[level.strictness]
    relations = (*relations, *level.around)
    if "rw" not in relations or not any(True for _ in dependencies.doubts(lists=split)):
        return Answer(transactions, dependencies, extra=())
    facts = Precedence(dependencies, relations, split)
    extra = guess(dependencies, facts, lists=split)
    if extra is not None and Precedence(dependencies, relations, split, extra).is_acyclic():
        return Answer(transactions, dependencies, extra=tuple(extra))
    search = Arrangement(dependencies, facts, split, budget)
    chosen = search.solve()
    if chosen is not None:
        found = tuple(arc for choice in chosen for arc in choice.arcs(dependencies))
        return Answer(transactions, dependencies, extra=found)
    return Answer(transactions, dependencies, stuck=search.stuck)


# ---- how a no is explained ----


def refuse(history: History, level: Level, answer: Answer, budget: int) -> Verdict:
    """The verdict that `history` does not keep to `level`, with the smallest proof of it."""
    pool, shown = history, list(history)
    goals = [level]
    if answer.finding:
        goals.insert(0, Level("", strictness_of(answer.finding.name), level.around))
        shows = answer.finding.transactions
        if answer.finding.cycle:
            shows = evidence(answer.transactions, answer.finding)
        pool, shown = within([history[number] for number in shows], history)
        if not judge(pool, level, budget).impossible:
            pool, shown = history, list(history)
    kept = list(pool)
    for goal in goals:
        kept = minimal(kept, pool, goal, budget)
    alone, kept = within(kept, pool)
    originals = dict(zip(pool, shown, strict=True))
    counterexample = history.only([originals[operation] for operation in kept])
    told = judge(alone, level, budget)
    name, cycle, words = Story(told, level, counterexample, budget).tell()
    return Verdict(level.model, False, history, None, counterexample, words, name, cycle)


def strictness_of(name: str) -> int:
    """The weakest level that forbids this anomaly."""
    base = name.removesuffix("-process").removesuffix("-realtime")
    weakest = {"G1a": READ_COMMITTED, "G1b": READ_COMMITTED, "G1c": READ_COMMITTED}
    weakest |= dict.fromkeys(["lost update", "G-single", "G-nonadjacent"], SNAPSHOT)
    return (weakest | {"G2": SERIALIZABLE}).get(base, READ_UNCOMMITTED)


def minimal(
    operations: list[Operation], history: History, level: Level, budget: int
) -> list[Operation]:
    """Those of `operations` without any one of which the rest is possible.

    To leave one out also takes out what others read from it (see `within`); so whatever is possible
    stays so, and one pass over ever smaller pieces is enough.
    """

    def impossible(part: list[Operation]) -> bool:
        return judge(within(part, history)[0], level, budget).impossible

    if not impossible(operations):
        return operations
    left, size = operations, max(1, len(operations) // 2)
    while True:
        start = 0
        while start < len(left):
            smaller = left[:start] + left[start + size :]
            if impossible(smaller):
                left = smaller
            else:
                start += size
        if size == 1:
            return left
        size //= 2


class Story:
    """Why a small history is impossible: the anomaly's name, a cycle, and words."""

    def __init__(self, told: Answer, level: Level, shown: History, budget: int) -> None:
        self.told = told
        self.level = level
        self.budget = budget
        self.reasons = Reasons(shown, told.transactions)

    def tell(self) -> tuple[str, tuple[Edge, ...], str]:
        """(anomaly, cycle, explanation)."""
        finding = self.told.finding
        if finding is None:
            return self._about_doubts()
        edges = self._edges(finding.cycle)
        return finding.name, edges, finding.words or self._circle(finding.cycle, edges)

    def _edges(self, cycle: Sequence[Arc]) -> tuple[Edge, ...]:
        return tuple(self.reasons.edge(*arc) for arc in cycle)

    def _circle(self, cycle: Sequence[Arc], edges: Sequence[Edge]) -> str:
        """The sentence: T1 before T2, because …; but T2 before T1, because …: a contradiction."""
        name = self.reasons.name
        parts = [
            f"{name(arc.source)} before {name(arc.target)}, because {edge.reason}"
            for arc, edge in zip(cycle, edges, strict=True)
        ]
        return "; ".join(parts[:-1]) + f"; but {parts[-1]}: a contradiction."

    def _about_doubts(self) -> tuple[str, tuple[Edge, ...], str]:
        """Nobody saw which of two versions was first, and either answer closes a circle."""
        stuck, dependencies = self.told.stuck, self.told.dependencies
        assert stuck
        assert dependencies
        snapshot = judge_again(self.told, Level("", SNAPSHOT, self.level.around), self.budget)
        if stuck.doubt is None:
            words = "Whatever the order of the versions that nobody saw, there is a circle."
            return ("G-nonadjacent" if snapshot else "G2"), (), words
        name = self.reasons.name
        for key, first, second in stuck.forced:
            reason = f"{name(second)} wrote {key} later than {name(first)}"
            self._because(Choice(key, first, second), f"{reason}: else there is a circle")
        known = [arc for choice in stuck.forced for arc in choice.arcs(dependencies)]
        circles = []
        for choice in (stuck.doubt, stuck.doubt.other()):
            finding = cyclic(
                dependencies,
                self.level.strictness,
                [*known, *choice.arcs(dependencies)],
                self.level.around,
            )
            assert finding
            reason = f"{name(choice.second)} is supposed to have written {choice.key} after"
            self._because(choice, f"{reason} {name(choice.first)}")
            edges = self._edges(finding.cycle)
            circles.append((finding.cycle, edges, self._circle(finding.cycle, edges)))
        one, two = name(stuck.doubt.first), name(stuck.doubt.second)
        words = (
            f"Nobody saw whether {one} or {two} wrote {stuck.doubt.key} first. If {one}: "
            f"{circles[0][2]} If {two}: {circles[1][2]}"
        )
        single = all(sum(arc.relation == "rw" for arc in arcs) <= 1 for arcs, _, _ in circles)
        anomaly = ("G-single" if single else "G-nonadjacent") if snapshot else "G2"
        return anomaly, circles[0][1], words

    def _because(self, choice: Choice, reason: str) -> None:
        """Let the arcs of `choice` have this reason, unless they have one."""
        assert self.told.dependencies
        name = self.reasons.name
        for arc in choice.arcs(self.told.dependencies):
            words = reason
            if arc.relation == "rw":
                words = f"{name(arc.source)} read the {choice.key} of {name(choice.first)}, and "
                words += reason
            self.reasons.inferred.setdefault(arc, words)


def judge_again(answer: Answer, level: Level, budget: int) -> bool:
    """Whether the same transactions are impossible at another level."""
    return judge(History(answer.transactions.operations), level, budget).impossible
