"""The words of a counterexample."""

from __future__ import annotations

import pytest

from consensus_lab import parse
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.sequential import sequential
from consensus_lab.consistency.specification import REFUSED, Specification
from consensus_lab.history import History, Operation


def words(text: str) -> str:
    return linearizable(parse(text)).explanation


def test_a_stale_read_is_measured_from_the_answer_that_it_missed() -> None:
    builder = History.builder(ticks_per_ms=1000)
    builder.write("P1", "x", 4, start=1_000, end=2_000)
    builder.read("P2", "x", 0, start=5_200, end=6_000)
    assert linearizable(builder.build()).explanation == (
        "P2's read of x returned 0, although P1's write of 4 had been answered 3.2 ms before that "
        "read began (at 2 ms and at 5.2 ms)."
    )


def test_a_long_time_is_told_in_seconds() -> None:
    builder = History.builder(ticks_per_ms=1_000_000)
    builder.write("P1", "x", 4, start=1, end=2_000_000)
    builder.read("P2", "x", 0, start=9_122_000_000, end=9_130_000_000)
    assert "answered 9.1 s before" in linearizable(builder.build()).explanation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P: [R(x)7]", "P's read of x returned 7, but nobody ever wrote 7 there"),
        ("P: [R(x)7] [W(x,7)]", "answered at 10, before P's write of 7 began at 12"),
        (
            "P: [W(x,1)] [W(x,2)] [R(x)1]",
            "1 is the older of the two: P had written it at 11, and P's write of 2 only began",
        ),
        (
            "P: [W(x,1)\nQ:          [R(x)1] [R(x)0]",
            "Q's read of x returned 0, although Q's read of x had returned 1, 2 ticks before that",
        ),
        ("P: [C(x,0,1)]\nQ: [C(x,0,2)]", "both changed the same 0"),
        ("P: [C(x,0,1)no]", "cannot have had that answer from the initial value 0"),
        ("P: [C(x,0,2)][C(x,2,1)no]", "it meets the state 2, which does not explain"),
    ],
)
def test_each_kind_of_impossible_history_has_its_argument(text: str, expected: str) -> None:
    assert expected in words(text)


def test_a_circle_names_each_step_with_its_reason() -> None:
    verdict = sequential(parse("P: [W(x,1)] [R(y)0]\nQ: [W(y,1)] [R(x)0]"))
    assert verdict.explanation == (
        "There is a circle: P did W(x,1) before R(y)0; P's R(y)0 still saw what Q's W(y,1) "
        "overwrote; Q did W(y,1) before R(x)0; Q's R(x)0 still saw what P's W(x,1) overwrote. "
        "Whichever is put first, another must come before it."
    )


class Account(Specification):
    """An object that this package has never heard of."""

    def step(self, state: int, operation: Operation) -> object:
        (amount,) = operation.args
        if operation.kind == "deposit":
            return state + amount
        if operation.result is not (amount <= state):
            return REFUSED
        return state - amount if operation.result else state


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "P: [deposit(a,5)]  [withdraw(a,7)True]",
            "P's withdraw(a,7)True has no place among the others: wherever it is put, it meets the "
            "state 5, which does not explain its answer.",
        ),
        (
            "P: [deposit(a,9)]  [withdraw(a,7)True]\nQ:                 [withdraw(a,7)True]",
            "No order goes further than this: P's deposit(a,9), then P's withdraw(a,7)True. The "
            "state is then 2, and the next would be Q's withdraw(a,7)True, which it does not "
            "explain.",
        ),
    ],
)
def test_an_object_that_nobody_knows_is_argued_about_by_its_states(
    text: str, expected: str
) -> None:
    assert linearizable(parse(text), Account()).explanation == expected
