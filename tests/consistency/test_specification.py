"""Specifications: those that are here, and what learners may hand over."""

from __future__ import annotations

from typing import Any

import pytest

from consensus_lab import parse
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.sequential import sequential
from consensus_lab.consistency.specification import (
    KeyValue,
    Register,
    Specification,
    has_hints,
)
from consensus_lab.errors import ConsensusLabError
from consensus_lab.history import History, Operation

HISTORY = parse("P1: [W(x,1)]\nP2:    [R(x)1]")


class Raises(Specification):
    def step(self, state: Any, operation: Operation) -> Any:
        return state / 0


class ReturnsAList(Specification):
    def step(self, state: Any, operation: Operation) -> Any:
        return [state]


class ReturnsNothing(Specification):
    def step(self, state: Any, operation: Operation) -> Any:
        pass


@pytest.mark.parametrize(
    ("specification", "problem"),
    [
        (Raises(), r"Raises\.step\(0, [WR]\(x.*\) failed: ZeroDivisionError"),
        (ReturnsAList(), r"failed: TypeError: unhashable type: 'list'"),
        (ReturnsNothing(), "is a return missing"),
        (KeyValue, "with the parentheses"),
    ],
)
@pytest.mark.parametrize("check", [linearizable, sequential])
def test_a_learner_s_mistake_is_told_in_a_sentence(
    check: Any, specification: Specification, problem: str
) -> None:
    with pytest.raises(ConsensusLabError, match=problem):
        check(HISTORY, specification)


def test_a_blank_of_an_exercise_keeps_its_own_error() -> None:
    class Blank(Specification):
        def step(self, state: Any, operation: Operation) -> Any:
            raise NotImplementedError("Task 1")

    with pytest.raises(NotImplementedError, match="Task 1"):
        linearizable(HISTORY, Blank())


@pytest.mark.parametrize(
    ("operation", "problem"),
    [
        (Operation("P1", "write", "x", (1, 2), None, 1, 2), "write takes a key and 1 value"),
        (Operation("P1", "read", "x", (1,), 1, 1, 2), "read takes a key and no values"),
        (Operation("P1", "cas", "x", (1,), True, 1, 2), "cas takes a key and 2 values"),
        (Operation("P1", "cas", "x", (1, 2), None, 1, 2), "True if it was applied, else False"),
    ],
)
def test_an_operation_of_another_form_is_refused(operation: Operation, problem: str) -> None:
    with pytest.raises(ConsensusLabError, match=problem):
        linearizable(History([operation]))


def test_the_hints_of_a_register_are_not_believed_for_another_step() -> None:
    class Forgetful(Register):
        def step(self, state: Any, operation: Operation) -> Any:
            return 0 if operation.kind == "write" else super().step(state, operation)

    assert has_hints(Register())
    assert not has_hints(Forgetful())
    forgotten = parse("P1: [W(x,1)] [R(x)0]")
    assert linearizable(forgotten, Forgetful())
    assert not linearizable(forgotten, Register())


def test_a_register_is_one_whatever_the_key() -> None:
    history = parse("P1: [W(x,1)] [R(y)1]")
    assert linearizable(history, Register())
    assert not linearizable(history, KeyValue())
