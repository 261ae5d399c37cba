"""What the search leaves out when it looks ahead: nothing that leads to an order."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import parse
from consensus_lab.consistency.search import search as search_module
from consensus_lab.consistency.search.configuration import Configuration
from consensus_lab.consistency.search.moves import JustInTime
from consensus_lab.consistency.search.relaxation import Relaxation
from consensus_lab.consistency.search.search import Search
from consensus_lab.consistency.search.timeline import Timeline
from consensus_lab.consistency.specification import REFUSED, Register, Specification, relevant
from consensus_lab.history import History, Operation

from ..brute_force import explains, in_real_time, is_linearizable, keeps


class Plain(Specification):
    """A register that gives no hints."""

    observers = ("read",)

    def step(self, state: object, operation: Operation) -> object:
        return Register().step(state, operation)


def scarce(seed: int, answered: int, lost: int) -> History:
    """Few values, many compare-and-sets without an answer, and reads that only they can explain.

    Half of the histories are those of a register that works; in the others a read is wrong.
    """
    random = Random(seed)
    values, share = random.choice([2, 3, 4, 5]), random.choice([0.5, 0.8, 1])
    moments: list[tuple[float, str, int, int | None]] = []
    for number in range(answered + lost):
        start = random.randint(0, 6 * (answered + lost))
        end = start + random.randint(1, 40) if number < answered else None
        effect = start + random.random() * ((end or start + 120) - start)
        kind = "read" if number < answered and random.random() < 0.6 else "write"
        kind = "cas" if kind == "write" and random.random() < share else kind
        moments.append((effect, kind, start, end))
    operations, state = [], 0
    for number, (_, kind, start, end) in enumerate(sorted(moments)):
        happens = end is not None or random.random() < 0.7
        old, new = random.choice([state, random.randrange(values)]), random.randrange(values)
        args = {"read": (), "write": (new,), "cas": (old, new)}[kind]
        applied = kind == "write" or (kind == "cas" and old == state)
        result = {"read": state, "write": None, "cas": applied}[kind]
        told = (None, start, None, "unknown") if end is None else (result, start, end, "ok")
        operations.append(Operation(f"P{number}", kind, "x", args, *told))
        state = new if applied and happens else state
    if random.random() < 0.5:
        for place in random.sample(range(len(operations)), len(operations)):
            one = operations[place]
            if one.kind == "read":
                wrong = random.randrange(values)
                operations[place] = Operation(
                    one.process, "read", "x", (), wrong, one.start, one.end, "ok"
                )
                break
    return History(operations)


def judged_in_haste(history: History, **limits: int) -> Search:
    """A search that looks ahead from the first choice on, and has these other `limits`."""
    search = Search(relevant(history, Register()), Register())
    with pytest.MonkeyPatch.context() as patch:
        for name, limit in {"PATIENCE": 1, **limits}.items():
            patch.setattr(search_module, name, limit)
        search.run(20_000)
    return search


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_looking_ahead_gives_the_verdict_of_the_definition(seed: int) -> None:
    history = scarce(seed, answered=5, lost=3)
    assert judged_in_haste(history).found is is_linearizable(history, Register())


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_looking_ahead_gives_the_same_verdict_as_taking_steps(seed: int) -> None:
    history = scarce(seed, answered=14, lost=8)
    plain = Search(relevant(history, Plain()), Plain())
    if plain.run(3_000) is not None:
        near_sighted = judged_in_haste(history, AHEAD=2, BACK=3, FEW=1)
        assert near_sighted.found is plain.found
        search = judged_in_haste(history)
        assert search.found is plain.found
        if search.found:
            assert {o for o in history if o.outcome == "ok"} <= set(search.order())
            assert keeps(search.order(), in_real_time)
            assert explains(search.order(), Register())


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(1, 14))
def test_whatever_has_an_order_has_a_future_before_every_horizon(seed: int, horizon: int) -> None:
    history = scarce(seed, answered=14, lost=6)
    time = Timeline(relevant(history, Register()), Register())
    if Search(relevant(history, Plain()), Plain()).run(3_000):
        begin = Configuration(0, 0, 0, -1, (), 0, None, None)
        assert not Relaxation(JustInTime(time), [0], horizon).is_hopeless(begin)


def first(time: Timeline, *counts: int) -> int:
    """The first so many of each kind of lost operation."""
    return sum(
        lost.first * ((1 << count) - 1) for lost, count in zip(time.lost, counts, strict=True)
    )


def has_future(time: Timeline, at: Configuration) -> bool:
    """The relaxation by its definition, one configuration after the other."""
    waiting, seen = [(at.answer, at.placed, at.state)], set[tuple[int, int, object]]()
    while waiting:
        answer, placed, state = one = waiting.pop()
        if answer == len(time):
            return True
        if one in seen:
            continue
        seen.add(one)
        if placed & time.bits[answer]:
            waiting.append((answer + 1, placed & ~time.bits[answer], state))
            continue
        for index in time.movers[answer] + time.observers[answer]:
            after = Register().step(state, time.answered[index])
            if not placed & time.bits[index] and after is not REFUSED:
                waiting.append((answer, placed | time.bits[index], after))
        for kind, lost in enumerate(time.lost):
            if time.may_happen(kind, at.used, answer):
                waiting.append((answer, placed, Register().step(state, lost.operations[0])))
    return False


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_nothing_is_hopeless_but_what_has_no_future(seed: int) -> None:
    random, time = Random(seed), Timeline(relevant(scarce(seed, 12, 6), Register()), Register())
    relaxation = Relaxation(JustInTime(time), range(6), len(time))
    for _ in range(20):
        answer = random.randrange(len(time))
        open_now = time.movers[answer] + time.observers[answer]
        placed = sum(time.bits[index] for index in open_now if random.random() < 0.5)
        used = first(time, *(random.randint(0, len(lost.calls)) for lost in time.lost))
        at = Configuration(answer, placed, random.randrange(5), -1, (), used, None, None)
        assert relaxation.is_hopeless(at) is not has_future(time, at)


def is_hopeless(drawing: str, *used: int, state: int = 0) -> bool:
    """Whether there is no future from the beginning, with so many of each kind used up already."""
    time = Timeline(relevant(parse(drawing), Register()), Register())
    at = Configuration(0, 0, state, -1, (), first(time, *used), None, None)
    return Relaxation(JustInTime(time), [0, 1], len(time)).is_hopeless(at)


def test_a_value_that_nothing_left_can_give_is_hopeless() -> None:
    drawing = "A: [W(x,1)\nB:          [R(x)1]"
    assert not is_hopeless(drawing, 0)
    assert is_hopeless(drawing, 1)
    assert not is_hopeless(drawing, 1, state=1)


def test_what_is_left_may_happen_again_and_again() -> None:
    drawing = "A: [C(x,0,1)\nB:          [R(x)1][W(x,0)][R(x)1][W(x,0)][R(x)1]"
    assert not is_hopeless(drawing, 0)
    assert is_hopeless(drawing, 1)


def test_what_was_not_asked_yet_cannot_have_happened() -> None:
    drawing = "A: [W(x,1)\nB:          [R(x)1]    [R(x)1]\nC:                [W(x,0)]\nD:{}[W(x,1)"
    assert not is_hopeless(drawing.format("  "), 1)
    assert is_hopeless(drawing.format(" " * 18), 1)


def test_a_detour_by_two_lost_operations_has_a_future() -> None:
    drawing = "A: [C(x,0,2)\nB: [C(x,2,1)\nC:             [R(x)1]"
    assert not is_hopeless(drawing, 0, 0)
    assert is_hopeless(drawing, 1, 0)
    assert is_hopeless(drawing, 0, 1)
