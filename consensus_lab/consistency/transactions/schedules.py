"""Schedules: the steps of several transactions in the order in which one store carried them out.

    r1(x) w2(x) w2(y) c2 r1(y) c1

T1 reads x, T2 writes x and y and commits, T1 reads y and commits. This is how textbooks look at
transactions, from the inside; a history is what their clients saw.

Bernstein, P., Hadzilacos, V. and Goodman, N. (1987): Concurrency control and recovery in database
systems, chapter 2.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ...errors import HistoryError
from ...graph import Edge, Graph, components, shortest_path
from ...history import History, Operation

STEP = re.compile(r"(?:([rw])(\d+)\(([^\W\d]\w*)\)|([ca])(\d+))")


class Step(NamedTuple):
    """A step of the transaction T1, T2, …: it "r"eads or "w"rites a key, "c"ommits or "a"borts."""

    action: str
    transaction: str
    key: str = ""

    def __str__(self) -> str:
        place = f"({self.key})" if self.key else ""
        return f"{self.action}{self.transaction[1:]}{place}"


def parse_schedule(text: str) -> list[Step]:
    """Read a schedule such as "r1(x) w2(x) c1 c2".

    Raises HistoryError for what is no step, and for one after its transaction's end.
    """
    schedule: list[Step] = []
    ended: set[str] = set()
    for word in text.split():
        found = STEP.fullmatch(word)
        if not found:
            raise HistoryError(
                f"{word!r} is no step of a schedule: write r1(x), w1(x), c1 (commit) or a1 (abort)"
            )
        action, number, key, last, whose = found.groups()
        step = Step(action or last, f"T{number or whose}", key or "")
        if step.transaction in ended:
            raise HistoryError(f"{word} comes after the end of {step.transaction}: leave it out")
        if last:
            ended.add(step.transaction)
        schedule.append(step)
    return schedule


def conflict_graph(schedule: Sequence[Step]) -> Graph:
    """The precedence graph of a schedule: edges in the order in which its steps make them.

    Two steps of different transactions conflict if they touch the same key and one of them writes.
    Aborted transactions are left out. The schedule is conflict serializable if the graph has no
    cycle; else a shortest one is emphasised.
    """
    aborted = {step.transaction for step in schedule if step.action == "a"}
    steps = [s for s in schedule if s.transaction not in aborted]
    edges: dict[tuple[str, str, str], Edge] = {}
    for place, later in enumerate(steps):
        for earlier in steps[:place]:
            relation = earlier.action + later.action
            if (
                relation in ("ww", "wr", "rw")
                and earlier.key == later.key
                and earlier.transaction != later.transaction
            ):
                ends = (earlier.transaction, later.transaction, relation)
                edges.setdefault(ends, Edge(*ends, f"{earlier} stands before {later}"))
    nodes = tuple(dict.fromkeys(step.transaction for step in steps))
    found = tuple(edges.values())
    return Graph(nodes, found, shortest_cycle(nodes, found), "Precedence graph")


def shortest_cycle(nodes: Sequence[Hashable], edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """The edges of a shortest cycle, or ()."""
    number = {node: index for index, node in enumerate(nodes)}
    after: list[list[int]] = [[] for _ in nodes]
    between: dict[tuple[int, int], Edge] = {}
    for edge in edges:
        ends = number[edge.source], number[edge.target]
        after[ends[0]].append(ends[1])
        between.setdefault(ends, edge)
    ways = [
        shortest_path(node, node, after.__getitem__)
        for component in components(len(nodes), after)
        for node in sorted(component)
    ]
    way = min((way for way in ways if way), key=len, default=[])
    return tuple(between[ends] for ends in pairwise(way))


def run(schedule: Sequence[Step]) -> History:
    """What the clients see if a store with one copy of each key simply does what it is told.

    No lock, no snapshot: each read returns what was written last, committed or not. T1 writes 1, T2
    writes 2, and so on; a second write of T1 to the same key writes 101. An abort puts back what
    its transaction found. A transaction that neither commits nor aborts commits at its last step.
    """
    store: dict[str, int] = {}
    found: dict[str, dict[str, int]] = {}
    asked: dict[str, list[tuple[str, str, Any]]] = {}
    places: dict[str, list[int]] = {}
    count: Counter[tuple[str, str]] = Counter()
    aborted = set()
    for place, (action, transaction, key) in enumerate(schedule):
        places.setdefault(transaction, []).append(10 * place)
        mine = asked.setdefault(transaction, [])
        if action == "r":
            mine.append(("read", key, store.get(key, 0)))
        elif action == "w":
            found.setdefault(transaction, {}).setdefault(key, store.get(key, 0))
            store[key] = int(transaction[1:]) + 100 * count[transaction, key]
            count[transaction, key] += 1
            mine.append(("write", key, store[key]))
        elif action == "a":
            store |= found.get(transaction, {})
            aborted.add(transaction)
    return History(
        Operation(
            transaction,
            "txn",
            None,
            tuple((kind, key, None if kind == "read" else value) for kind, key, value in told),
            None if transaction in aborted else tuple(told),
            places[transaction][0],
            places[transaction][-1] + 9,
            "failed" if transaction in aborted else "ok",
        )
        for transaction, told in asked.items()
    )
