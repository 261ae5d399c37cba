"""How fast histories are judged for causal consistency. Every verdict is compared with the answer.

The histories are those of replicas that apply each write after its causal past, at different times.
In the first kind they agree on the last write, so it converges; in the second each keeps what came
last to it. In the third one read at the end returns what was replaced long ago.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random
from statistics import median
from time import process_time

from consensus_lab.consistency.causal import causal, causal_convergence, causal_memory
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.history import History, Operation

Write = tuple[int, list[int], str, int, int]
CHECKS: tuple[Callable[[History], Verdict], ...] = (causal, causal_convergence, causal_memory)


class Replica:
    """A causal memory of one process: what it has seen, and what each register holds."""

    def __init__(self, processes: int) -> None:
        self.clock = [0] * processes
        self.values: dict[str, tuple[int, int]] = {}  # key: (stamp, value)
        self.stamp = 0

    def apply(self, key: str, stamp: int, value: int, converge: bool) -> None:
        """Take over a write. To converge, only if its stamp is larger."""
        self.stamp = max(self.stamp, stamp)
        if not converge or stamp > self.values.get(key, (-1, 0))[0]:
            self.values[key] = (stamp, value)


def replicas(random: Random, count: int, processes: int, keys: int, converge: bool) -> History:
    """`count` operations of as many replicas as processes, each of which hears of writes late."""
    nodes = [Replica(processes) for _ in range(processes)]
    inbox: list[list[deque[Write]]] = [[deque() for _ in nodes] for _ in nodes]
    operations = []
    for number in range(count):
        me = random.randrange(processes)
        node = nodes[me]
        for _ in range(2 * processes):  # hear of some writes of others, each after its past
            other = random.randrange(processes)
            if inbox[me][other]:
                sender, clock, key, stamp, value = inbox[me][other][0]
                past = (c <= n for c, n in zip(clock, node.clock, strict=True))
                if all(ok for place, ok in enumerate(past) if place != sender):
                    inbox[me][other].popleft()
                    node.clock[sender] += 1
                    node.apply(key, stamp, value, converge)
        key, start = f"k{random.randrange(keys)}", 10 * number
        if random.random() < 0.5:
            value = node.values.get(key, (0, 0))[1]
            operations.append(Operation(f"P{me}", "read", key, (), value, start, start + 5))
            continue
        node.clock[me] += 1
        value, stamp = number + 1, (node.stamp // processes + 1) * processes + me
        node.apply(key, stamp, value, converge)
        operations.append(Operation(f"P{me}", "write", key, (value,), None, start, start + 5))
        for other in range(processes):
            if other != me:
                inbox[other][me].append((me, node.clock.copy(), key, stamp, value))
    return History(operations)


def with_stale_read(history: History) -> History:
    """The same, but the last read returns what the same process wrote there first."""
    written: dict[tuple[str, object], list[Operation]] = {}
    for operation in history:
        if operation.kind == "write":
            written.setdefault((operation.process, operation.key), []).append(operation)
    last = max(
        place
        for place, o in enumerate(history)
        if o.kind == "read" and len(written.get((o.process, o.key), [])) > 1
    )
    read = history[last]
    stale = replace(read, result=written[read.process, read.key][0].args[0])
    return History(stale if o is read else o for o in history)


def timed(history: History, answers: Sequence[bool | None]) -> list[float]:
    """Seconds for each verdict. It must be the answer, where that is known."""
    seconds = []
    for check, answer in zip(CHECKS, answers, strict=True):
        gc.collect()
        begin = process_time()
        verdict = check(history)
        seconds.append(process_time() - begin)
        if answer is not None and verdict.holds is not answer:
            raise SystemExit(f"Wrong: expected {answer}, and the checker says {verdict}")
    return seconds


def main() -> int:
    """Print the table."""
    print("10,000 operations, reads and writes of 20 keys   processor time   goal: 1.5 s in all")
    print(" history            sessions      CC     CCv      CM   all three, median of 3 seeds")
    for processes in (5, 20):
        for name, converge, stale, answers in (
            ("convergent", True, False, (True, True, None)),
            ("causal memory", False, False, (True, None, True)),
            ("one stale read", True, True, (False, False, False)),
        ):
            rows = []
            for seed in range(3):
                history = replicas(Random(seed), 10_000, processes, 20, converge)
                rows.append(timed(with_stale_read(history) if stale else history, answers))
            columns = " ".join(f"{median(row[n] for row in rows):7.3f}" for n in range(3))
            print(f" {name:18} {processes:8} {columns} {median(map(sum, rows)):9.3f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
