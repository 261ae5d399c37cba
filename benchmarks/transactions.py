"""How fast histories of transactions are judged. Every verdict is compared with the known answer.

The histories are those of a store that carries out each transaction at one moment of its interval.
In some two further ones miss each other (G2), or one sees half of the other (G-single).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from consensus_lab.consistency.serializable import (
    read_committed,
    serializable,
    snapshot_isolation,
    strict_serializable,
)
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.history import History, Operation

from .table import Row, timed

CLIENTS, KEYS, LONGEST = 20, 50, 100


def lists(random: Random, count: int) -> list[Operation]:
    """Transactions of one to four reads and appends; a list of LONGEST is replaced by a new one."""
    free = [0] * CLIENTS
    moments = []
    for number in range(count):
        client = number % CLIENTS
        start = free[client]
        moments.append((start + random.randint(1, 20), client, start))
        free[client] = start + random.randint(21, 40)
    state: dict[str, tuple[int, ...]] = {}
    names = [f"k{number}" for number in range(KEYS)]
    fresh = names_made = KEYS
    operations = []
    for _, client, start in sorted(moments):
        told: list[tuple[str, str, Any]] = []
        for _ in range(random.randint(1, 4)):
            place = random.randrange(KEYS)
            key = names[place]
            if random.random() < 0.5:
                told.append(("read", key, state.get(key, ())))
                continue
            fresh += 1
            state[key] = (*state.get(key, ()), fresh)
            told.append(("append", key, fresh))
            if len(state[key]) == LONGEST:
                names_made += 1
                names[place] = f"k{names_made}"
        operations.append(transaction(f"C{client}", told, start, start + 20))
    return operations


def registers(random: Random, count: int) -> list[Operation]:
    """Transactions of one to four reads and writes, most of which write what they did not read."""
    state: dict[str, int] = {}
    operations = []
    for number in range(1, count + 1):
        told: list[tuple[str, str, Any]] = []
        for key in random.sample([f"k{place}" for place in range(10)], random.randint(1, 4)):
            if random.random() < 0.5:
                told.append(("read", key, state.get(key, 0)))
            else:
                state[key] = number
                told.append(("write", key, number))
        # By the clock they could have come in many orders: that makes it hard.
        start = number + random.randint(0, 50)
        operations.append(transaction(f"T{number}", told, start, start + random.randint(1, 100)))
    return operations


def transaction(process: str, told: list[tuple[str, str, Any]], start: int, end: int) -> Operation:
    asked = tuple((kind, key, None if kind == "read" else value) for kind, key, value in told)
    return Operation(process, "txn", None, asked, tuple(told), start, end)


def with_skew(operations: list[Operation], empty: Any, write: str) -> list[Operation]:
    """Two more: each reads what the other one writes, before it does."""
    time = operations[len(operations) // 2].start
    one = transaction("A", [("read", "p", empty), (write, "q", -1)], time, time + 9)
    two = transaction("B", [("read", "q", empty), (write, "p", -2)], time, time + 9)
    return [*operations, one, two]


def with_torn_read(operations: list[Operation]) -> list[Operation]:
    """Two more: of what one appends the other one reads only half."""
    time = operations[len(operations) // 2].start
    one = transaction("A", [("append", "p", -1), ("append", "q", -2)], time, time + 9)
    two = transaction("B", [("read", "p", (-1,)), ("read", "q", ())], time, time + 9)
    return [*operations, one, two]


def judged(
    work: str, operations: list[Operation], check: Callable[[History], Verdict], expected: str
) -> Row:
    """A row, if the verdict is what it must be: an anomaly, or "" if it holds."""
    history = History(operations)
    verdict, spent = timed(check, history)
    if verdict.holds is None or verdict.anomaly != expected:
        raise SystemExit(f"Wrong: expected {expected or 'no anomaly'}, and it says {verdict}")
    size = len(verdict.counterexample or ())
    told = f"{expected}, shown by {size}: right" if expected else "holds: right"
    goal = 5.0 if check is serializable and len(operations) > 99_999 else None
    return Row(f"{work}: {check.__name__.replace('_', ' ')}", [spent], "s", goal, told)


def rows() -> Iterator[Row]:
    """The rows of the table."""
    made = lists(Random(1), 100_000)
    skewed, torn = with_skew(made, (), "append"), with_torn_read(made)
    name = "lists, 100,000"
    yield judged(name, made, serializable, "")
    yield judged(f"{name}, one write skew", skewed, serializable, "G2")
    yield judged(f"{name}, one torn read", torn, serializable, "G-single")
    yield judged(name, made, strict_serializable, "")
    yield judged(name, made, snapshot_isolation, "")
    yield judged(f"{name}, one write skew", skewed, snapshot_isolation, "")
    yield judged(name, made, read_committed, "")
    for count in (200, 400):  # half of the writes without a read: their order is to be inferred
        made, name = registers(Random(2), count), f"registers, {count}"
        yield judged(name, made, serializable, "")
        yield judged(f"{name}, one write skew", with_skew(made, 0, "write"), serializable, "G2")
