"""Small random histories, of every awkward kind: for Hypothesis."""

from __future__ import annotations

from random import Random

from hypothesis import strategies as st

from consensus_lab.history import History, Operation


def random_history(seed: int, most: int = 6) -> History:
    """Up to `most` operations by up to four processes on one or two registers.

    Values are unique or few; intervals touch, overlap and contain each other; some operations get
    no answer, some fail; some are compare-and-sets. The results are any, so about half of the
    histories are impossible.
    """
    random = Random(seed)
    unique = random.random() < 0.5
    keys = random.choice(["x", "xy"])
    kinds = random.choice([["write", "read"], ["write", "read", "cas"]])
    answered = random.choice([0.7, 1])
    operations: list[Operation] = []
    for process in "ABCD":
        time = random.randint(0, 4)
        for _ in range(min(random.randint(0, 3), most - len(operations))):
            kind = random.choice(kinds)
            start, end = time, time + random.randint(0, 6)
            time = end + random.randint(1, 4)
            fresh = len(operations) + 1 if unique else random.randint(0, 2)
            old = random.randint(0, most if unique else 2)
            args = {"write": (fresh,), "read": (), "cas": (old, fresh)}[kind]
            result = {"write": None, "read": old, "cas": random.random() < 0.5}[kind]
            told = (result, start, end, "ok")
            if random.random() > answered:
                told = (None, start, None, "unknown")
            elif random.random() < 0.05:
                told = (None, start, end, "failed")
            operations.append(Operation(process, kind, random.choice(keys), args, *told))
            if told[3] == "unknown":
                break
    return History(operations)


histories = st.builds(random_history, st.integers(0, 2**64 - 1))
"""A number is drawn rather than a history: ten times as many in the same time."""


def random_sessions(seed: int, most: int = 7) -> History:
    """Up to `most` reads and writes by two to four processes on one or two registers.

    No value is written twice; a few writes get no answer, a few fail. Most reads return something
    that was written, so that each session guarantee is often kept and often broken.
    """
    random = Random(seed)
    keys = random.choice(["x", "xy"])
    processes = "ABCD"[: random.randint(2, 4)]
    reads = random.choice([0.4, 0.6])
    written: dict[str, list[int]] = {key: [0] for key in keys}
    plan: list[tuple[str, str, str]] = []
    for _ in range(random.randint(2, most)):
        kind = "read" if random.random() < reads else "write"
        plan.append((random.choice(processes), kind, random.choice(keys)))
        if kind == "write":
            written[plan[-1][2]].append(len(plan))
    operations: list[Operation] = []
    silent: set[str] = set()
    for value, (process, kind, key) in enumerate(plan, start=1):
        start, end = 3 * value, 3 * value + 1
        luck = random.random()
        if process in silent:
            continue
        if kind == "read":
            result = random.choice(written[key]) if luck < 0.97 else most + 1
            operations.append(Operation(process, kind, key, (), result, start, end))
        elif luck < 0.1:
            silent.add(process)
            operations.append(Operation(process, kind, key, (value,), None, start, None, "unknown"))
        else:
            outcome = "failed" if luck < 0.13 else "ok"
            operations.append(Operation(process, kind, key, (value,), None, start, end, outcome))
    return History(operations)


def random_replicas(seed: int) -> History:
    """Up to 80 reads and writes on three replicas that hear of writes late, and of some never.

    So all kinds of stale reads occur, and circles are long.
    """
    random = Random(seed)
    keys, lag = random.choice(["x", "xy", "xyz"]), random.choice([0.3, 0.6, 0.9])
    processes = "ABCDEF"[: random.randint(2, 6)]
    replicas: list[dict[str, int]] = [{}, {}, {}]
    heard, log = [0, 0, 0], list[tuple[str, int]]()
    operations: list[Operation] = []
    for time in range(0, 2 * random.randint(20, 80), 2):
        for place, replica in enumerate(replicas):
            while heard[place] < len(log) and random.random() > lag:
                if random.random() < 0.98:
                    replica.update([log[heard[place]]])
                heard[place] += 1
        process, key, replica = (
            random.choice(processes),
            random.choice(keys),
            random.choice(replicas),
        )
        if random.random() < 0.4:
            log.append((key, len(log) + 1))
            if random.random() < 0.7:
                replica.update([log[-1]])
            write = Operation(process, "write", key, (len(log),), None, time, time + 1)
            operations.append(write)
        else:
            found = replica.get(key, 0)
            operations.append(Operation(process, "read", key, (), found, time, time + 1))
    return History(operations)


sessions = st.builds(random_sessions, st.integers(0, 2**64 - 1))
replicas = st.builds(random_replicas, st.integers(0, 2**64 - 1))
