"""Small random histories of every kind of object: possible ones, and some that just are not."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from consensus_lab.history import History, Operation

Ask = Callable[[Random, int], tuple[str, tuple[Any, ...]]]
"""Draws what to ask: kind and args. The number is that of the operation, for fresh values."""
Do = Callable[[Any, str, tuple[Any, ...]], tuple[Any, Any]]
"""What a real object does: from the state, kind and args to the next state and the result."""


def ask_list(random: Random, fresh: int) -> tuple[str, tuple[Any, ...]]:
    kind = random.choice(["append", "append", "read", "read", "read", "write"])
    value = (fresh,) if random.random() < 0.5 else (fresh, fresh + 100)
    return kind, {"append": (fresh,), "write": (value,), "read": ()}[kind]


def ask_few(random: Random, fresh: int) -> tuple[str, tuple[Any, ...]]:
    """The same, with elements that come again and lists that are emptied."""
    kind, args = ask_list(random, random.randint(1, 2))
    return kind, random.choice([args, ((),)]) if kind == "write" else args


def do_list(state: Any, kind: str, args: tuple[Any, ...]) -> tuple[Any, Any]:
    if kind == "write":
        return args[0], None
    return ((*state, *args), None) if kind == "append" else (state, state)


def ask_text(random: Random, fresh: int) -> tuple[str, tuple[Any, ...]]:
    """Pieces of which none begins like another, as a rule."""
    kind = random.choice(["append", "append", "read", "read", "read", "write"])
    return kind, () if kind == "read" else (random.choice([f"{fresh};", f"{fresh};", "a", "aa"]),)


def do_text(state: Any, kind: str, args: tuple[Any, ...]) -> tuple[Any, Any]:
    if kind == "write":
        return args[0], None
    return (state + args[0], None) if kind == "append" else (state, state)


def ask_cas(random: Random, fresh: int) -> tuple[str, tuple[Any, ...]]:
    kind = random.choice(["write", "read", "cas", "cas", "cas"])
    return kind, {"write": (fresh,), "read": (), "cas": (random.randint(0, fresh), fresh)}[kind]


def do_cas(state: Any, kind: str, args: tuple[Any, ...]) -> tuple[Any, Any]:
    if kind == "read":
        return state, state
    applied = kind == "write" or args[0] == state
    return (args[-1] if applied else state), (None if kind == "write" else applied)


def ask_queue(random: Random, fresh: int) -> tuple[str, tuple[Any, ...]]:
    kind = random.choice(["enqueue", "dequeue"])
    return kind, (fresh,) if kind == "enqueue" else ()


def ask_dull_queue(random: Random, fresh: int) -> tuple[str, tuple[Any, ...]]:
    return ask_queue(random, random.randint(1, 2))


def do_queue(state: Any, kind: str, args: tuple[Any, ...]) -> tuple[Any, Any]:
    if kind == "enqueue":
        return (*state, *args), None
    return state[1:], state[0] if state else None


def ask_stack(random: Random, fresh: int) -> tuple[str, tuple[Any, ...]]:
    kind = random.choice(["push", "pop"])
    return kind, (random.choice([fresh, 1]),) if kind == "push" else ()


def do_stack(state: Any, kind: str, args: tuple[Any, ...]) -> tuple[Any, Any]:
    if kind == "push":
        return (*state, *args), None
    return state[:-1], state[-1] if state else None


def ask_counter(random: Random, fresh: int) -> tuple[str, tuple[Any, ...]]:
    kind = random.choice(["increment", "decrement", "read", "read"])
    return kind, random.choice([(), (2,)]) if kind != "read" else ()


def do_counter(state: Any, kind: str, args: tuple[Any, ...]) -> tuple[Any, Any]:
    amount = {"increment": 1, "decrement": -1, "read": 0}[kind] * sum(args or (1,))
    return state + amount, state if kind == "read" else None


def ask_elements(random: Random, fresh: int) -> tuple[str, tuple[Any, ...]]:
    return random.choice(["add", "remove", "contains"]), (random.randint(1, 2),)


def ask_set(random: Random, fresh: int) -> tuple[str, tuple[Any, ...]]:
    return ("read", ()) if random.random() < 0.4 else ask_elements(random, fresh)


def do_set(state: Any, kind: str, args: tuple[Any, ...]) -> tuple[Any, Any]:
    if kind == "read":
        return state, state
    if kind == "contains":
        return state, args[0] in state
    after = state | set(args) if kind == "add" else state - set(args)
    return after, after != state


def ask_lock(random: Random, fresh: int) -> tuple[str, tuple[Any, ...]]:
    return random.choice(["acquire", "release"]), ()


def do_lock(state: Any, kind: str, args: tuple[Any, ...]) -> tuple[Any, Any]:
    """Whoever asks is the last of the args."""
    if kind == "release":
        return None, None
    return (args[-1], True) if state is None else (state, False)


def object_history(seed: int, ask: Ask, do: Do, initial: Any, most: int = 6) -> History:
    """Up to `most` operations on an object that works; then perhaps an answer is exchanged."""
    random = Random(seed)
    answered, spread = random.choice([0.75, 1]), random.choice([3, 8])
    asked = []
    for process in "ABCD":
        time = random.randint(0, 4)
        for _ in range(min(random.randint(0, 4), most - len(asked))):
            kind, args = ask(random, len(asked) + 1)
            end = time + random.randint(0, spread)
            lost = random.random() > answered
            effect = time + random.random() * (spread if lost else end - time)
            asked.append((effect, process, kind, args, time, None if lost else end))
            time = end + random.randint(1, 3)
            if lost:
                break
    state, operations = initial, []
    for _effect, process, kind, args, start, last in sorted(asked, key=lambda a: a[0]):
        if last is None and random.random() < 0.4:
            result = None
        else:
            more = (process,) if do is do_lock else ()
            state, result = do(state, kind, (*args, *more))
        if last is not None and random.random() < 0.05:
            operations.append(Operation(process, kind, "o", args, None, start, last, "failed"))
            continue
        told = (None, "unknown") if last is None else (result, "ok")
        operations.append(Operation(process, kind, "o", args, told[0], start, last, told[1]))
    return History(_disturbed(operations, random))


def _disturbed(operations: list[Operation], random: Random) -> list[Operation]:
    """Two answers of one kind exchanged, half of the time."""
    told = [i for i, o in enumerate(operations) if o.outcome == "ok" and o.result is not None]
    if random.random() < 0.5 or not told:
        return operations
    one = random.choice(told)
    alike = [i for i, o in enumerate(operations) if o.kind == operations[one].kind and i in told]
    other = random.choice(alike)
    results = {one: operations[other].result, other: operations[one].result}
    return [
        Operation(o.process, o.kind, o.key, o.args, results.get(i, o.result), o.start, o.end,
                  o.outcome)
        for i, o in enumerate(operations)
    ]  # fmt: skip
