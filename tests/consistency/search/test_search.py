"""The search with all that it knows of registers, against the one that only takes steps."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import parse
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.search.search import Search
from consensus_lab.consistency.search.timeline import Timeline
from consensus_lab.consistency.search.window import windows
from consensus_lab.consistency.specification import Register, Specification, relevant
from consensus_lab.history import History, Operation

from ..brute_force import explains, in_real_time, keeps


class Plain(Specification):
    """A register that gives no hints."""

    observers = ("read",)

    def step(self, state: object, operation: Operation) -> object:
        return Register().step(state, operation)


def crowded(seed: int) -> History:
    """Up to 20 operations on one register, many at a time, few values, many without an answer."""
    random = Random(seed)
    values, cas = random.choice([2, 3, 4]), random.choice([0, 0.4, 0.8])
    effects: list[tuple[float, str, str, int, int | None]] = []
    for process in range(random.randint(2, 6)):
        time = random.randint(0, 20)
        for turn in range(random.randint(1, 4)):
            end = time + random.randint(5, 60)
            lost = random.random() < 0.3
            late = random.randint(0, 200 if lost else end - time)
            kind = "read" if random.random() < 0.5 and not lost else "write"
            kind = "cas" if kind == "write" and random.random() < cas else kind
            name = f"P{process}.{turn}"
            effects.append((time + late, name, kind, time, None if lost else end))
            time = end + random.randint(1, 10)
    operations, state = [], 0
    for _, process_name, kind, start, answer in sorted(effects):
        new, expected = random.randrange(values), random.choice([state, random.randrange(values)])
        args = {"read": (), "write": (new,), "cas": (expected, new)}[kind]
        applied = kind == "write" or (kind == "cas" and state == expected)
        result = {"read": state, "write": None, "cas": applied}[kind]
        if kind == "read" and random.random() < 0.15:
            result = random.randrange(values)
        told = (None, start, None, "unknown") if answer is None else (result, start, answer, "ok")
        operations.append(Operation(process_name, kind, "x", args, *told))
        state = new if applied else state
    return History(operations)


@settings(max_examples=600, deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_what_is_put_in_order_just_in_time_gives_the_same_answer(seed: int) -> None:
    history = crowded(seed)
    search = Search(relevant(history, Register()), Register())
    plain = Search(relevant(history, Plain()), Plain())
    if plain.run(20_000) is not None:
        assert search.run(20_000) is plain.found
    if search.found:
        order = search.order()
        assert {o for o in history if o.outcome == "ok"} <= set(order)
        assert keeps(order, in_real_time)
        assert explains(order, Register())


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_the_longest_open_operation_was_open_first(seed: int) -> None:
    time = Timeline(relevant(crowded(seed), Register()), Register())
    for answer, since in enumerate(time.open_since):
        open_now = time.movers[answer] + time.observers[answer]
        assert since == min(time.opened_at[index] for index in open_now)


def test_lost_operations_may_lead_away_and_back_for_one_read() -> None:
    assert linearizable(
        parse("""
A:    [C(x,0,1)] [C(x,1,2)]
B:             [C(x,1,0)
C:              [R(x)0   ]
D: [C(x,0,1)
""")
    )


def test_a_compare_and_set_that_failed_needs_another_value_at_one_moment() -> None:
    assert not linearizable(
        parse("""
A:              [C(x,0,0)no]
B:  [R(x)0      ][C(x,0,1)   ]
C: [C(x,1,1)no ] [C(x,0,2)    ][W(x,0)]
""")
    )


def test_a_window_convicts_a_long_history_of_one_stale_read() -> None:
    turns = "".join(f"[W(x,{n % 3})][R(x){n % 3}]" for n in range(300))
    history = parse(f"A: {turns}[R(x)1]")
    search = Search(relevant(history, Register()), Register())
    few = [
        Search(window.operations, Register(), window).run(1000)
        for window in windows(search.rules, 599)  # type: ignore[arg-type]
    ]
    assert few == [False] * len(few)
    assert few


def test_a_window_that_can_be_explained_proves_nothing() -> None:
    turns = "".join(f"[W(x,{n % 3})][R(x){n % 3}]" for n in range(300))
    history = parse(f"A: {turns}")
    search = Search(relevant(history, Register()), Register())
    assert search.run(10_000)
    for window in windows(search.rules, 300):  # type: ignore[arg-type]
        assert Search(window.operations, Register(), window).run(10_000)
