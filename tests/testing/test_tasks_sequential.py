"""The checks of chapter 03 name the rule, and hand over the smallest history that breaks it.

Whole wrong answers are in tests/wrong_answers/chapter_03.py; here is what those do not see.
"""

from __future__ import annotations

from itertools import permutations

import pytest

from consensus_lab.consistency.sequential import sequential
from consensus_lab.history import History, Operation
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.random_histories import random_history
from consensus_lab.testing.tasks import sequential as tasks
from consensus_lab.testing.tasks.orders import keeps_own_orders, replays, wrong_with


def any_legal_order(history: History) -> list[Operation] | None:
    answered = [operation for operation in history if operation.end is not None]
    orders = permutations(answered)
    return next((list(order) for order in orders if replays(order)), None)


def test_a_wrong_checker_gets_a_history_from_which_nothing_can_be_taken() -> None:
    with pytest.raises(CheckFailed) as caught:
        tasks.check_line_up(any_legal_order)
    history = caught.value.evidence
    assert isinstance(history, History)
    found = wrong_with(history, any_legal_order(history), "sequential consistency")
    assert found is not None
    for operation in history:
        part = history.without(operation)
        other = wrong_with(part, any_legal_order(part), "sequential consistency")
        assert other is None or other.rule != found.rule


def test_the_reference_agrees_with_the_definition() -> None:
    for seed in range(200):
        history = random_history(seed, operations=4, keys=("x", "y"), unanswered=0)
        orders = permutations(history)
        defined = any(replays(order) and keeps_own_orders(order) for order in orders)
        assert bool(sequential(history)) is defined


def test_two_operations_are_enough_for_the_drawing() -> None:
    tasks.check_drawing(lambda: "P1: [W(x,1)]\nP2:            [R(x)0]")


def test_the_two_registers_may_be_drawn_with_three_processes() -> None:
    tasks.check_two_registers(
        lambda: "P1: [W(x,1)] [W(x,2)]\nP2: [R(x)2] [W(y,1)]\nP3: [R(y)1] [R(x)1]"
    )


def test_an_empty_drawing_is_no_answer() -> None:
    with pytest.raises(CheckFailed, match="Three operations, one register"):
        tasks.check_drawing(lambda: "")
