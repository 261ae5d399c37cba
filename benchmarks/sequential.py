"""How fast histories are judged for sequential consistency. Every verdict has a known answer.

The histories are those of registers that work, but the clocks with which the clients write down
their times are wrong by up to `shift` ticks (an operation lasts 5 to 60): so they are sequentially
consistent, and not linearizable. In some one read at the end returns what its own process had
overwritten long before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from consensus_lab.consistency.sequential import sequential
from consensus_lab.history import History, Operation

from .linearizability import register
from .table import Row, timed

CLIENTS = 10
SIZES = (
    (1_000, 1, 200),
    (10_000, 1, 200),
    (10_000, 20, 200),
    (1_000, 20, 5_000),
    (10_000, 20, 5_000),
)


def shifted(random: Random, count: int, keys: int, shift: int) -> list[Operation]:
    """Operations on `keys` registers, each process's by a clock of its own; no value repeats."""
    clock = {f"C{number}": random.randint(0, shift) for number in range(CLIENTS)}
    state, operations = dict.fromkeys(range(keys), 0), list[Operation]()
    for fresh, o in enumerate(register(random, count, CLIENTS, 0), start=1):
        key, late = random.randrange(keys), clock[o.process]
        state[key] = state[key] if o.kind == "read" else fresh
        args, result = ((), state[key]) if o.kind == "read" else ((fresh,), None)
        start, end = o.start + late, (o.end or 0) + late
        operations.append(Operation(o.process, o.kind, f"k{key}", args, result, start, end))
    return operations


def with_own_old_value(operations: list[Operation]) -> list[Operation]:
    """The same, and one more read: of what its process wrote first and overwrote since."""
    last = operations[-1]
    own = [o for o in operations if o.kind == "write" and o.process == last.process]
    old = next(o for o in own if any(p.key == o.key and p.start > o.start for p in own))
    end = max(o.end or o.start for o in operations)
    read = replace(last, kind="read", key=old.key, args=(), result=old.args[0])
    return [*operations, replace(read, start=end + 1, end=end + 9)]


def rows() -> Iterator[Row]:
    """The rows of the table."""
    for count, keys, shift in SIZES:
        for bad in (False, True):
            spent, undecided = [], 0
            for seed in range(3):
                made = shifted(Random(seed), count, keys, shift)
                history = History(with_own_old_value(made) if bad else made)
                verdict, seconds = timed(sequential, history)
                spent.append(seconds)
                undecided += verdict.holds is None
                if verdict.holds is bad:
                    raise SystemExit(f"Wrong: expected {not bad}, and the checker says {verdict}")
            told = f"{3 - undecided} {'no' if bad else 'yes'}: right"
            told = f"{undecided} undecided, {told}" if undecided else told
            work = f"{count:,}, 10 clients, {keys} key{'s' * (keys > 1)}, clocks off by {shift:,}"
            yield Row(work + ", one own old value" * bad, spent, "s", None, told)
