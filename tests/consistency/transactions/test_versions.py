"""The search for an order of versions that nobody saw."""

from __future__ import annotations

from hypothesis import given, settings

from consensus_lab.consistency import serializable as levels
from consensus_lab.consistency.serializable import serializable, snapshot_isolation
from consensus_lab.consistency.transactions.versions import Choice
from consensus_lab.history import History, parse

from .. import transaction_referee as referee
from ..transaction_histories import doubts

RING = "T1: [W(x,1) W(y,1)]\nT2: [W(x,2) W(y,2)]\nT3: [R(x)1 R(y)2]\nT4: [R(x)2 R(y)1]"


def test_the_other_answer_to_a_doubt_is_the_other_way_round() -> None:
    assert Choice("x", 1, 2).other() == Choice("x", 2, 1)


def test_what_has_one_possible_answer_is_inferred() -> None:
    """T4 read y of T2, and x of T3: so T3 wrote x after T2 did."""
    history = parse(
        "T2: [W(x,2) W(y,2)]\nT3: [W(x,3)]\nT4: [R(y)2 R(x)3 W(z,4)]\nT5: [R(x)3 R(z)4]"
    )
    witness = serializable(history).witness
    assert witness is not None
    order = [operation.process for operation in witness.order]
    assert order.index("T2") < order.index("T3")


def test_without_any_budget_nothing_is_claimed() -> None:
    assert serializable(parse(RING), budget=0).holds is None
    assert snapshot_isolation(parse(RING), budget=0).holds is None


@settings(max_examples=300, deadline=None)
@given(doubts)
def test_the_search_finds_what_the_first_guess_would_have_found(history: History) -> None:
    guess = levels.guess
    levels.guess = lambda *arguments, **named: None
    try:
        assert serializable(history).holds is referee.is_serializable(history)
    finally:
        levels.guess = guess
