"""The checks of chapter 02 name the rule, and hand over the smallest history that breaks it.

Whole wrong answers are in tests/wrong_answers/chapter_02.py; here is what those do not see.
"""

from __future__ import annotations

from itertools import permutations

import pytest

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.objects import Queue, Stack
from consensus_lab.errors import HistoryError
from consensus_lab.history import History, Operation, parse
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.random_histories import random_history
from consensus_lab.testing.tasks import linearizability as tasks
from consensus_lab.testing.tasks import specifications
from consensus_lab.testing.tasks.orders import keeps_real_time, replays, wrong_with


def by_start(history: History) -> list[Operation] | None:
    order = [operation for operation in history if operation.end is not None]
    return order if replays(order) else None


def test_a_wrong_checker_gets_a_history_from_which_nothing_can_be_taken() -> None:
    with pytest.raises(CheckFailed) as caught:
        tasks.check_linearize(by_start)
    history = caught.value.evidence
    assert isinstance(history, History)
    assert wrong_with(history, by_start(history), "linearizability")
    parts = [history.without(operation) for operation in history]
    assert not any(wrong_with(part, by_start(part), "linearizability") for part in parts)


def test_the_failing_history_is_drawn_in_the_message() -> None:
    with pytest.raises(CheckFailed) as caught:
        tasks.check_linearize(by_start)
    assert str(caught.value).endswith(str(caught.value.evidence))


def test_any_order_that_explains_is_accepted_whichever_it_is() -> None:
    def last_found(history: History) -> list[Operation] | None:
        answered = [operation for operation in history if operation.end is not None]
        lost = [operation for operation in history if operation.end is None]
        found = None
        for count in range(len(lost) + 1):
            for happened in permutations(lost, count):
                for order in permutations([*answered, *happened]):
                    if replays(order) and keeps_real_time(order):
                        found = list(order)
        return found

    tasks.check_linearize(last_found)


def test_the_reference_agrees_with_the_definition_of_the_notation() -> None:
    for seed in range(200):
        history = random_history(seed, operations=4, unanswered=0)
        orders = permutations(history)
        defined = any(replays(order) and keeps_real_time(order) for order in orders)
        assert bool(linearizable(history)) is defined


@pytest.mark.parametrize("rubbish", ["yes", 1, None])
def test_precedes_must_return_true_or_false(rubbish: object) -> None:
    with pytest.raises(CheckFailed, match=f"returns {rubbish!r}"):
        tasks.check_precedes(lambda a, b: rubbish)  # type: ignore[arg-type, return-value]


def test_a_drawing_that_cannot_be_read_is_answered_with_line_and_column() -> None:
    with pytest.raises(HistoryError, match="Line 1, column"):
        tasks.check_drawing(lambda: "P1: [X(x")


def test_a_drawing_that_is_no_text_is_a_sentence() -> None:
    with pytest.raises(CheckFailed, match="return the drawing as a text"):
        tasks.check_drawing(lambda: 7)  # type: ignore[arg-type, return-value]


def test_a_drawing_passes_if_one_process_does_both_reads() -> None:
    tasks.check_drawing(lambda: "P1: [W(x,1)                 ]\nP2:   [R(x)1]  [R(x)0]")


def test_a_learners_order_can_be_viewed_even_if_there_is_none() -> None:
    history = parse("P1: [R(x)7]")
    assert tasks.as_verdict(history, None).holds is False
    assert tasks.as_verdict(history, list(history)).holds is True


def test_what_is_no_order_cannot_be_viewed_as_one() -> None:
    with pytest.raises(CheckFailed, match="An order or None"):
        tasks.as_verdict(parse("P1: [R(x)0]"), True)  # type: ignore[arg-type]


GOOD = {"W(x,2)": 12, "R(x)2": 16, "W(x,1)": 24, "R(x)1": 28, "W(x,3)": 38, "R(x)3": 41}


def test_the_operations_of_the_puzzle_have_names_of_their_own() -> None:
    assert len({str(o) for o in specifications.PUZZLE}) == len(specifications.PUZZLE)


def test_a_point_outside_is_named_with_the_columns_of_its_operation() -> None:
    with pytest.raises(CheckFailed, match=r"P2's R\(x\)1 lasts from column 25 to column 42"):
        specifications.check_points(lambda: {**GOOD, "R(x)1": 99})


def test_the_first_wrong_answer_is_named_with_what_the_register_holds() -> None:
    with pytest.raises(CheckFailed, match=r"P2's R\(x\)1, the register holds 3"):
        specifications.check_points(lambda: {**GOOD, "W(x,3)": 25})


@pytest.mark.parametrize("rubbish", [None, [], {"W(x,2)": 1}, 7])
def test_points_for_all_operations_are_asked_for(rubbish: object) -> None:
    with pytest.raises(CheckFailed, match="Each operation has one point"):
        specifications.check_points(lambda: rubbish)  # type: ignore[arg-type, return-value]


def test_the_order_of_the_points_is_what_is_viewed() -> None:
    witness = specifications.placed(GOOD).witness
    assert witness is not None
    assert list(map(str, witness.order)) == list(GOOD)


def test_a_stack_is_no_queue_and_three_operations_show_it() -> None:
    class Wrong(Queue):
        next, rest = Stack.next, Stack.rest

    with pytest.raises(CheckFailed, match="First in, first out") as caught:
        specifications.check_queue(Wrong)
    assert isinstance(caught.value.evidence, History)
    assert len(caught.value.evidence) == 3


def test_a_queue_is_handed_over_as_a_class() -> None:
    with pytest.raises(CheckFailed, match="without parentheses"):
        specifications.check_queue(Queue())  # type: ignore[arg-type]


def test_a_queue_that_keeps_its_state_otherwise_is_as_good() -> None:
    class Backwards(Queue):
        def step(self, state: tuple[object, ...], operation: Operation) -> object:
            after = super().step(state[::-1], operation)
            return after[::-1] if isinstance(after, tuple) else after

    specifications.check_queue(Backwards)
