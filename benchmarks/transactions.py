"""How fast histories of transactions are judged. Every verdict is compared with the known answer.

The histories are those of a store that carries out each transaction at one moment of its interval.
In some two further ones miss each other (G2), or one sees half of the other (G-single).
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from random import Random
from time import process_time
from typing import Any

from consensus_lab.consistency.serializable import (
    read_committed,
    serializable,
    snapshot_isolation,
    strict_serializable,
)
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.history import History, Operation

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


def row(
    name: str, operations: list[Operation], check: Callable[[History], Verdict], expected: str
) -> None:
    """Print one line; stop if the verdict is not what it must be: an anomaly, or "" if it holds."""
    history = History(operations)
    gc.collect()
    begin = process_time()
    verdict = check(history)
    seconds = process_time() - begin
    if verdict.holds is None or verdict.anomaly != expected:
        raise SystemExit(f"Wrong: expected {expected or 'no anomaly'}, and it says {verdict}")
    size = len(verdict.counterexample or ())
    told = f"{expected}, shown by {size}" if expected else "holds"
    print(f" {name:34} {check.__name__:20} {told:24} {seconds:7.2f} s", flush=True)


def main() -> int:
    """Print the tables."""
    made = lists(Random(1), 100_000)
    print("Lists: 100,000 transactions of 1 to 4 reads and appends, 20 clients   goal: 5 s")
    row("correct", made, serializable, "")
    row("one write skew", with_skew(made, (), "append"), serializable, "G2")
    row("one torn read", with_torn_read(made), serializable, "G-single")
    row("correct", made, strict_serializable, "")
    row("correct", made, snapshot_isolation, "")
    row("one write skew", with_skew(made, (), "append"), snapshot_isolation, "")
    row("correct", made, read_committed, "")
    print("\nRegisters: half of the writes without a read, orders of versions to be inferred")
    for count in (200, 400):
        made = registers(Random(2), count)
        row(f"{count:,} transactions, correct", made, serializable, "")
        row(f"{count:,}, one write skew", with_skew(made, 0, "write"), serializable, "G2")
    return 0


if __name__ == "__main__":
    sys.exit(main())
