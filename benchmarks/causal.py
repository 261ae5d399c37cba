"""How fast histories are judged for causal consistency. Every verdict is compared with the answer.

The histories are those of replicas that apply each write after its causal past, at different times.
In the first kind they agree on the last write, so it converges; in the second each keeps what came
last to it. In the third one read at the end returns what was replaced long ago.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from consensus_lab.consistency.causal import causal, causal_convergence, causal_memory
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.history import History, Operation

from .table import Row, timed

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


def rows() -> Iterator[Row]:
    """The rows of the table."""
    for sessions in (5, 20):
        for name, converge, stale, answers in (
            ("of a convergent store", True, False, (True, True, None)),
            ("of a causal memory", False, False, (True, None, True)),
            ("with one stale read", True, True, (False, False, False)),
        ):
            spent = []
            for seed in range(3):
                history = replicas(Random(seed), 10_000, sessions, 20, converge)
                history = with_stale_read(history) if stale else history
                spent.append(sum(judged(history, answers)))
            work = f"CC + CCv + CM, 10,000 operations {name}, {sessions} sessions"
            yield Row(work, spent, "s", 1.5, "right")


def judged(history: History, answers: Sequence[bool | None]) -> Iterator[float]:
    """Seconds for each verdict. It must be the answer, where that is known."""
    for check, answer in zip(CHECKS, answers, strict=True):
        verdict, spent = timed(check, history)
        if answer is not None and verdict.holds is not answer:
            raise SystemExit(f"Wrong: expected {answer}, and the checker says {verdict}")
        yield spent
