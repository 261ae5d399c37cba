"""The search for an order of versions that nobody saw."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.consistency import serializable as levels
from consensus_lab.consistency.serializable import serializable, snapshot_isolation
from consensus_lab.consistency.transactions.versions import Choice, Closure
from consensus_lab.graph import shortest_path
from consensus_lab.history import History, parse

from .. import transaction_referee as referee
from ..transaction_histories import doubts

RING = "T1: [W(x,1) W(y,1)]\nT2: [W(x,2) W(y,2)]\nT3: [R(x)1 R(y)2]\nT4: [R(x)2 R(y)1]"

forward = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda arc: arc[0] < arc[1]), max_size=12
)


@given(forward)
def test_a_closure_knows_what_can_be_reached(arcs: list[tuple[int, int]]) -> None:
    after: list[list[int]] = [[b for a, b in arcs if a == point] for point in range(7)]
    closure = Closure.of(after)
    for a, b in product(range(7), repeat=2):
        reached = shortest_path(a, b, after.__getitem__) is not None
        assert (closure.after[a] >> b & 1, closure.before[b] >> a & 1) == (reached, reached)


def test_a_copy_of_a_closure_leaves_the_first_one_alone() -> None:
    closure = Closure.of([[1], [], []])
    closure.copy().add(1, 2)
    assert closure.after == [0b10, 0, 0]


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
