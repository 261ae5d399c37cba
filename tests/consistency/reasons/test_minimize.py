"""Taking operations out of a history."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import parse
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.reasons.minimize import Dependence
from consensus_lab.consistency.sequential import sequential
from consensus_lab.consistency.specification import KeyValue
from consensus_lab.history import History

from ..histories import histories


@settings(max_examples=500, deadline=None)
@given(histories, st.integers(0, 5))
def test_what_was_possible_stays_possible(history: History, place: int) -> None:
    for check, timed in ((linearizable, True), (sequential, False)):
        if len(history) and check(history):
            gone = history[place % len(history)]
            left = Dependence(KeyValue(), timed).without(list(history), [gone])
            assert check(history.only(left))


def without(text: str, number: int, timed: bool = True) -> list[str]:
    """What is left, in words, when the operation of this number is taken out."""
    history = parse(text)
    gone = history[number]
    return [str(o) for o in Dependence(KeyValue(), timed).without(list(history), [gone])]


def test_a_write_takes_its_reads_with_it() -> None:
    assert without("P: [W(x,1)] [R(x)1] [W(x,2)] [R(x)2]", 0) == ["W(x,2)", "R(x)2"]


def test_a_failed_write_explains_no_read() -> None:
    assert without("P: [W(x,1)] [R(x)1]\nQ: [W(x,1)!]", 0) == ["W(x,1)!"]


def test_a_read_goes_alone() -> None:
    assert without("P: [W(x,1)] [R(x)1]", 1) == ["W(x,1)"]


def test_a_read_stays_if_the_value_was_written_again_in_between() -> None:
    text = "P: [W(x,1)] [W(x,1)] [R(x)1]"
    assert without(text, 0) == ["W(x,1)", "R(x)1"]
    assert without(text, 1) == ["W(x,1)"]


def test_without_a_clock_nothing_is_known_to_be_in_between() -> None:
    assert without("P: [W(x,1)] [W(x,1)] [R(x)1]", 0, timed=False) == ["W(x,1)"]


def test_what_depends_on_that_goes_too() -> None:
    text = "P: [W(x,1)] [C(x,1,2)] [R(x)2] [R(y)0] [C(x,1,7)no]"
    assert without(text, 0) == ["R(y)0"]


def test_a_read_that_nothing_explained_is_left() -> None:
    assert without("P: [W(x,1)] [R(x)7]", 0) == ["R(x)7"]
