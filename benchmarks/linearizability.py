"""How fast histories are judged. Every verdict is compared with the known answer.

The histories are those of a register that works: each operation has its effect at a random moment
of its interval. In some one read returns an old value. "hard" are those in which the operations
without an answer that happened did so long after they were asked.
"""

from __future__ import annotations

import gc
import resource
import sys
from dataclasses import replace
from random import Random
from statistics import median
from time import perf_counter

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.history import History, Operation


def register(
    random: Random,
    count: int,
    clients: int,
    values: int,
    cas: float = 0,
    lost: int = 0,
    late: int = 60,
) -> list[Operation]:
    """What `clients` clients see of a register that works, in the order of its effects.

    count operations are answered and `lost` are not; half of these happen, up to `late` ticks after
    they were asked. The values are 1 to `values`; with 0 no value is written twice.
    """
    free = [(random.randint(0, 20), f"C{number}") for number in range(clients)]
    losers = set(random.sample(range(count + lost), lost))
    asked: list[tuple[int, float, str, str, int, int | None, bool]] = []
    for number in range(count + lost):
        place = number % clients
        start, process = free[place]
        length = random.randint(5, 40)
        end: int | None = start + length
        effect = start + random.randint(0, length)
        free[place] = (start + random.randint(41, 50), process)
        kind = "cas" if random.random() < cas else random.choice(("write", "read"))
        never = False
        if number in losers:
            kind = kind if kind != "read" else "write"
            effect, end, never = start + random.randint(0, late), None, random.random() < 0.5
            free[place] = (free[place][0], process + "'")
        asked.append((effect, random.random(), process, kind, start, end, never))
    operations, state = [], 0
    for fresh, (_, _, process, kind, start, end, never) in enumerate(sorted(asked), start=1):
        value = random.randint(1, values) if values else fresh
        outcome = "unknown" if end is None else "ok"
        args: tuple[int, ...] = ()
        result: object = None
        if kind == "read":
            result = state
        elif kind == "write":
            args = (value,)
            state = state if never else value
        else:
            expected = state if random.random() < 0.7 else random.randint(0, values)
            args, applied = (expected, value), expected == state
            result = None if end is None else applied
            state = value if applied and not never else state
        operations.append(Operation(process, kind, "x", args, result, start, end, outcome))
    return operations


def with_stale_read(operations: list[Operation]) -> list[Operation]:
    """The same, but the last read returns what nobody has seen since long ago: the first value."""
    last = max(i for i, o in enumerate(operations) if o.kind == "read")
    first = next(o.args[0] for o in operations if o.kind == "write")
    return [replace(o, result=first) if i == last else o for i, o in enumerate(operations)]


def timed(history: History, expected: bool) -> tuple[float, Verdict]:
    """Seconds for the verdict, and the verdict, which must be as expected."""
    gc.collect()
    begin = perf_counter()
    verdict = linearizable(history)
    seconds = perf_counter() - begin
    if verdict.holds is not expected:
        raise SystemExit(f"Wrong: expected {expected}, and the checker says {verdict}")
    return seconds, verdict


def unique_values() -> None:
    """One register, no value written twice, 10 clients."""
    linearizable(History(register(Random(0), 2000, 10, values=0)))  # numpy is loaded now
    print("\nOne register, unique values, 10 clients   goal: 0.3 s and 3 s")
    print(" operations  answer           history    verdict    witness    peak memory")
    for count in (1_000, 100_000, 1_000_000):
        operations = register(Random(count), count, 10, values=0)
        for stale in (False, True):
            begin = perf_counter()
            history = History(with_stale_read(operations) if stale else operations)
            built = perf_counter() - begin
            seconds, verdict = timed(history, not stale)
            begin = perf_counter()
            looked_at = verdict.witness and verdict.witness.points
            witness = f"{perf_counter() - begin:.3f} s" if looked_at else ""
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            answer = "one stale read" if stale else "linearizable"
            row = f"{count:11,}  {answer:14} {built:8.3f} s {seconds:8.3f} s {witness:>10}"
            print(f"{row} {peak:11,} MB", flush=True)


def any_values() -> None:
    """Values written again and again, compare-and-sets, operations without an answer."""
    print("Any values: 80 answered and 20 lost operations, 100 seeds   goal: 30 ms each")
    print(" kind                        median      worst")
    for values in (3, 5, 20):
        for name, late in (("", 60), (", hard", 2000)):
            times = []
            for seed in range(100):
                made = register(Random(seed), 80, 10, values, cas=0.2, lost=20, late=late)
                times.append(1000 * timed(History(made), True)[0])
            kind = f"{values} values{name}"
            print(f" {kind:22} {median(times):8.1f} ms {max(times):8.1f} ms", flush=True)

    print("\nAny values: 10,000 operations, 10 clients, all answered   goal: 0.15 s")
    print(" kind                           verdict")
    for values in (3, 20):
        for cas in (0, 0.2):
            made = register(Random(values), 10_000, 10, values, cas=cas)
            kind = f"{values} values{', cas' if cas else ''}"
            print(f" {kind:27} {timed(History(made), True)[0]:8.3f} s", flush=True)
    made = register(Random(0), 10_000, 10, values=0, cas=0.2)
    print(f" {'unique values, cas':27} {timed(History(made), True)[0]:8.3f} s", flush=True)
    seconds, _ = timed(History(with_stale_read(made)), False)
    print(f" {'the same, one stale read':27} {seconds:8.3f} s", flush=True)


def main() -> int:
    """Print the tables."""
    any_values()
    unique_values()
    return 0


if __name__ == "__main__":
    sys.exit(main())
