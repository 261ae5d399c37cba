"""Small random histories of transactions, of every awkward kind."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

from consensus_lab.history import History, Operation

OUTCOMES = ["ok"] * 8 + ["unknown", "failed"]


def random_history(seed: int, most: int = 4) -> History:
    """Up to `most` transactions of one to three steps on two keys, lists or registers or both.

    In some all reads see the present, the committed or an old state of a store; in some anything.
    Now and then one has failed before, and was asked again with the same values.
    """
    random = Random(seed)
    lists = random.choice([0, 0.5, 1])
    is_list = {key: random.random() < lists for key in "xy"}
    careful = random.choice([0.5, 0.8, 0.95])
    count = random.randint(2, most)
    programs: list[list[tuple[str, str, Any]]] = []
    value = 0
    for _ in range(count):
        program = []
        for _ in range(random.randint(1, 3)):
            key = random.choice("xy")
            value += 1
            if random.random() < 0.5:
                program.append(("read", key, None))
            else:
                program.append(("append" if is_list[key] else "write", key, value))
        programs.append(program)
    outcomes = [random.choice(OUTCOMES) for _ in programs]
    results = play(random, programs, careful, is_list)
    free = dict.fromkeys("ABC", 0)
    operations = []
    for program, result, outcome in zip(programs, results, outcomes, strict=True):
        process = random.choice(sorted(free))
        start = free[process] + random.randint(0, 4)
        end = start + random.randint(0, 8)
        name = process if outcome != "unknown" else f"{process}{start}lost"
        free[process] = end + 1
        args, told = tuple(program), tuple(result) if outcome == "ok" else None
        operations.append(
            Operation(
                name, "txn", None, args, told, start, None if outcome == "unknown" else end, outcome
            )
        )
    if random.random() < 0.2:
        args, start = random.choice(operations).args, random.randint(0, 9)
        operations.append(Operation("Z", "txn", None, args, None, start, start + 1, "failed"))
    return History(operations)


def play(
    random: Random, programs: list[list[Any]], careful: float, is_list: dict[str, bool]
) -> list[list[Any]]:
    """Let the programs run at once on a store that is careless now and then."""
    versions: dict[str, list[Any]] = {key: [() if is_list[key] else 0] for key in "xy"}
    turns = [number for number, program in enumerate(programs) for _ in program]
    if random.random() < 0.6:
        random.shuffle(turns)
    places = [0] * len(programs)
    results: list[list[Any]] = [[] for _ in programs]
    mine: list[dict[str, Any]] = [{} for _ in programs]
    for number in turns:
        kind, key, value = programs[number][places[number]]
        places[number] += 1
        if kind == "read":
            value = versions[key][-1]
            if key in mine[number] and not is_list[key] and random.random() < 0.9:
                value = mine[number][key]
            if random.random() > careful:
                value = random.choice(versions[key])
            if random.random() < 0.01:
                value = (99,) if is_list[key] else 99
        elif kind == "append":
            base = versions[key][-1] if random.random() < 0.95 else random.choice(versions[key])
            versions[key].append((*base, value))
            if random.random() < 0.01:
                versions[key].append((*base, value, value))
        else:
            place = len(versions[key]) if random.random() < careful else 1
            versions[key].insert(place, value)
            mine[number][key] = value
        results[number].append((kind, key, value))
    return results


histories = st.builds(random_history, st.integers(0, 2**64 - 1))
"""A number is drawn rather than a history: ten times as many in the same time."""


def random_doubts(seed: int) -> History:
    """Up to six small transactions on registers, most of which write without having read."""
    random = Random(seed)
    written: dict[str, list[int]] = {"x": [0], "y": [0]}
    programs: list[list[tuple[str, str, int | None]]] = []
    for number in range(1, random.randint(4, 6) + 1):
        program: list[tuple[str, str, int | None]] = []
        for key in random.sample("xy", random.randint(1, 2)):
            if random.random() < 0.6:
                program.append(("write", key, number))
                written[key].append(number)
            else:
                program.append(("read", key, None))
        programs.append(program)
    operations = []
    for number, program in enumerate(programs, start=1):
        told = [
            (k, key, random.choice(written[key]) if k == "read" else v) for k, key, v in program
        ]
        times = random.randint(0, 9), 10
        operations.append(Operation(f"T{number}", "txn", None, tuple(program), tuple(told), *times))
    return History(operations)


doubts = st.builds(random_doubts, st.integers(0, 2**64 - 1))
