"""The checks of chapter 05."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import permutations
from random import Random
from typing import Any

from ...consistency.serializable import serializable, snapshot_isolation
from ...consistency.transactions.schedules import (
    Step,
    conflict_graph,
    parse_schedule,
    shortest_cycle,
)
from ...graph import Edge, Graph
from ...protocols.stores.transactional import Transactional
from ...simulation import Network, Scenario, Workload
from ...simulation.faults import request
from ..checks import CheckFailed
from ..learner import ask, hold_returns, hold_written
from .orders import drawn, require

Pair = tuple[str, str]

__all__ = [
    "busy_store",
    "check_conflicts",
    "check_first_committer",
    "check_serial_order",
    "check_skew",
    "graph_of",
]


def graph_of(schedule: str, edges: Iterable[Pair]) -> Graph:
    """The learner's own edges as a graph, a cycle in it emphasised."""
    nodes = tuple(dict.fromkeys(step.transaction for step in parse_schedule(schedule)))
    drawn = tuple(Edge(a, b, "before", f"{a} comes before {b}") for a, b in sorted(edges))
    return Graph(nodes, drawn, shortest_cycle(nodes, drawn), f"Your graph of {schedule}")


# ---- 5.1: the edges ----

SCHEDULES = [
    ("A conflict needs a write", "r1(x) r2(x)"),
    ("A conflict needs the same key", "w1(x) w2(y)"),
    ("Nobody comes before himself", "r1(x) w1(x) w1(x)"),
    ("The earlier step comes first", "w2(x) r1(x)"),
    ("Reading and then writing is a conflict, too", "r1(x) w2(x)"),
    ("Two writes conflict, too", "w1(x) w2(x)"),
    ("Not only neighbours conflict", "r1(x) r3(y) w2(x)"),
    ("Aborted transactions do not count", "w1(x) r2(x) a1 c2"),
    ("Aborted transactions do not count", "r1(x) w2(x) c1 a2"),
    ("An edge may go both ways", "r1(x) r2(y) w2(x) w1(y)"),
]
"""For each rule a schedule on which its breach shows."""


def check_conflicts(conflicts: Callable[[list[Step]], set[Pair]]) -> None:
    """Task 5.1: the edges of the precedence graph of a schedule."""
    cases = [(rule, parse_schedule(text)) for rule, text in SCHEDULES]
    cases += [("Who conflicts with whom", random_schedule(seed)) for seed in range(300)]
    for rule, schedule in cases:
        if wrong := misjudged(conflicts, schedule):
            while smaller := next((s for s in shorter(schedule) if misjudged(conflicts, s)), None):
                schedule = smaller
                wrong = misjudged(conflicts, schedule) or wrong
            raise CheckFailed(f"{rule}. {wrong}", conflict_graph(schedule))
    print(f"✓ Task 5.1: {len(SCHEDULES)} schedules made by hand and 300 random ones.")


def misjudged(conflicts: Callable[[list[Step]], set[Pair]], schedule: list[Step]) -> str:
    """What is wrong with the edges of `schedule`, in a sentence; "" if nothing is."""
    graph = conflict_graph(schedule)
    told = ask(conflicts, schedule, evidence=graph)
    right = {(str(edge.source), str(edge.target)): edge.reason for edge in graph.edges}
    text = " ".join(map(str, schedule)) or "the empty schedule"
    if not isinstance(told, set) or not all(isinstance(e, tuple) and len(e) == 2 for e in told):
        return f"For {text} it returns {told!r}: a set of pairs such as ('T1', 'T2') is asked for."
    if missing := sorted(set(right) - told):
        return f"For {text} the edge {missing[0]} is missing: {right[missing[0]]}."
    if added := sorted(told - set(right), key=str):
        return f"For {text} it has the edge {added[0]}, and no two steps make it."
    return ""


def random_schedule(seed: int) -> list[Step]:
    """Up to nine steps of three transactions, one of which may abort."""
    random = Random(seed)
    names = ["T1", "T2", "T3"]
    steps = [
        Step(random.choice("rw"), random.choice(names), random.choice("xy"))
        for _ in range(random.randint(2, 9))
    ]
    ends = [Step("a" if random.random() < 0.2 else "c", name) for name in names]
    return steps + ends


def shorter(schedule: Sequence[Step]) -> Iterable[list[Step]]:
    """The schedule with one step taken out."""
    return ([*schedule[:place], *schedule[place + 1 :]] for place in range(len(schedule)))


# ---- 5.2: an order ----

GRAPHS = [
    ("No edges, any order", "T1 T2", ""),
    ("Every transaction, once", "T1 T2 T3", "T3 T1"),
    ("An edge says who is first", "T1 T2", "T2 T1"),
    ("An edge says who is first", "T1 T2 T3", "T3 T2, T2 T1"),
    ("A cycle has no order", "T1 T2", "T1 T2, T2 T1"),
    ("A cycle may be long", "T1 T2 T3", "T1 T2, T2 T3, T3 T1"),
    ("A cycle may hide behind others", "T1 T2 T3 T4", "T1 T2, T2 T3, T3 T4, T4 T2"),
    ("Two ways to one place are no cycle", "T1 T2 T3 T4", "T4 T2, T4 T3, T2 T1, T3 T1"),
]
"""For each rule the transactions and the edges of a graph."""


def check_serial_order(order: Callable[[list[str], set[Pair]], list[str] | None]) -> None:
    """Task 5.2: an order of all transactions that keeps every edge, or None."""
    cases: list[tuple[str, list[str], set[Pair]]] = []
    for rule, listed, edges in GRAPHS:
        ends = [edge.split() for edge in edges.split(", ") if edge]
        cases.append((rule, listed.split(), {(source, target) for source, target in ends}))
    for seed in range(300):
        random = Random(seed)
        names = [f"T{number}" for number in range(1, random.randint(2, 5) + 1)]
        every = [(a, b) for a in names for b in names if a != b]
        pairs = set(random.sample(every, random.randint(0, min(len(every), len(names)))))
        cases.append(("Any graph", names, pairs))
    found = 0
    for rule, names, pairs in cases:
        arrows = tuple(Edge(a, b, "before") for a, b in sorted(pairs))
        graph = Graph(tuple(names), arrows, shortest_cycle(names, arrows), rule)
        told = ask(order, list(names), set(pairs), evidence=graph)
        if wrong := misordered(names, pairs, told):
            raise CheckFailed(f"{rule}. {wrong}", graph)
        found += told is not None
    print(f"✓ Task 5.2: {found} graphs put in order, {len(cases) - found} with a cycle.")


def misordered(names: list[str], pairs: set[Pair], told: Any) -> str:
    """What is wrong with an order, in a sentence; "" if nothing is."""
    shown = ", ".join(f"{a} → {b}" for a, b in sorted(pairs)) or "no edges"
    orders = (o for o in permutations(names) if all(o.index(a) < o.index(b) for a, b in pairs))
    right = next(orders, None)
    if told is None:
        return f"For {shown} it returns None, but {' '.join(right)} is an order." if right else ""
    if right is None:
        return f"For {shown} it returns {told!r}, but there is a cycle: return None."
    if not isinstance(told, list | tuple) or sorted(map(str, told)) != sorted(names):
        return f"For {shown} it returns {told!r}: all of {', '.join(names)} have to be in it, once."
    late = next(((a, b) for a, b in sorted(pairs) if told.index(a) > told.index(b)), None)
    if late:
        return f"For {shown} it returns {told!r}, with {late[1]} in front of {late[0]}."
    return ""


# ---- 5.3: a drawing ----


def check_skew(drawing: Callable[[], str]) -> None:
    """Task 5.3: snapshot isolation holds, serializability does not; each writes one key."""
    history = drawn(drawing)
    told = f"Draw two or three transactions; there are {len(history)}."
    require(2 <= len(history) <= 3, "Three transactions at most", told, history)
    serial = serializable(history)
    words = " ".join(map(str, serial.witness.order)) if serial.witness else ""
    require(not serial, "Not serializable", f"One after the other explains it: {words}.", serial)
    snapshot = snapshot_isolation(history)
    told = f"Snapshot isolation forbids it, too: {snapshot.explanation}"
    require(bool(snapshot), "Each sees a snapshot", told, snapshot)
    print(f"✓ Task 5.3: {serial.anomaly}, and every transaction had its snapshot.\n{history}")


# ---- 5.4: first committer wins ----


def busy_store(store: type[Transactional], seed: int) -> Scenario:
    """Three clients, two keys, short transactions that overlap."""
    return Scenario(
        store,
        servers=1,
        clients=3,
        seed=seed,
        duration=250,
        options={"level": "snapshot isolation", "pace": 2},
        network=Network((1, 4)),
        workload=Workload(
            think=(1, 8), keys=("x", "y"), reads=0.5, start=5, object="register transactions"
        ),
    )


def check_first_committer(store: type[Transactional]) -> None:
    """Task 5.4: of two that overlap and write the same key only one commits; nobody else aborts."""
    hold_written(store, "is_overtaken")
    if not (isinstance(store, type) and issubclass(store, Transactional)):
        raise CheckFailed(f"Hand over a subclass of Transactional, not {store!r}.")
    options = {"level": "snapshot isolation", "pace": 10}
    quiet = Scenario(store, servers=1, duration=400, options=options)
    one_by_one = quiet.at(100, request("append", "x", 1, client="A"))
    one_by_one = one_by_one.at(200, request("append", "x", 2, client="B"))
    hold_returns(one_by_one, is_overtaken=bool)
    refuse_none("Only what overlaps is refused", one_by_one)
    long_read = quiet.at(100, request("txn", None, *[("read", "x", None)] * 4, client="A"))
    long_read = long_read.at(105, request("append", "x", 1, client="B"))
    refuse_none("A snapshot is never too old to read", long_read)
    slow = quiet.at(100, request("txn", None, ("read", "x", None), ("append", "x", 1), client="A"))
    refuse_none("Another key is no reason", slow.at(105, request("append", "y", 2, client="B")))
    again = request("txn", None, ("read", "x", None), ("append", "x", 2), client="B")
    lose_nothing(slow.at(105, again).at(200, request("read", "x", client="C")))
    for seed in range(60):
        lose_nothing(busy_store(store, seed))
    print("✓ Task 5.4: 60 busy runs, and no update was lost.")


def lose_nothing(scenario: Scenario) -> None:
    """Fails if the run breaks snapshot isolation."""
    verdict = snapshot_isolation(scenario.run().history())
    if not verdict:
        told = f"{verdict.anomaly}: {verdict.explanation}"
        raise CheckFailed(f"Of two that overlap the first one wins. {told}", verdict)


def refuse_none(rule: str, scenario: Scenario) -> None:
    """Fails if a transaction of this run was aborted."""
    trace = scenario.run()
    for operation in trace.history():
        if operation.outcome == "failed":
            told = f"{operation.process}'s {operation} was aborted, and had done nothing wrong."
            raise CheckFailed(f"{rule}. {told}", trace)
