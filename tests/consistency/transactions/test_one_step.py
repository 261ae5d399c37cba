"""Sequential consistency, decided as if each read and write were a transaction."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings

from consensus_lab.consistency.sequential import FIRST_LOOK, sequential
from consensus_lab.consistency.transactions.one_step import OneStep
from consensus_lab.history import History, Operation, parse

from ..brute_force import explains, in_program, is_sequential, keeps
from ..histories import sessions

STORE_BUFFER = parse("P: [W(x,1)] [R(y)0]\nQ: [W(y,2)] [R(x)0]\nR: [W(z,3)] [R(z)3]")


@settings(max_examples=500)
@given(sessions)
def test_the_answer_is_that_of_the_definition_and_proves_itself(history: History) -> None:
    operations = [o for o in history if o.outcome != "failed"]
    found = OneStep(operations)
    assert found.holds is is_sequential(History(operations))
    if found.holds:
        assert keeps(found.order, in_program)
        assert explains(found.order)
    else:
        assert not is_sequential(History(found.culprits))


def test_those_who_show_it_are_few() -> None:
    assert [str(o) for o in OneStep(list(STORE_BUFFER)).culprits] == [
        "W(x,1)",
        "W(y,2)",
        "R(y)0",
        "R(x)0",
    ]


def test_a_compare_and_set_that_was_applied_reads_and_writes() -> None:
    assert OneStep(list(parse("P: [W(x,1)] [C(x,1,2)]\nQ: [R(x)2] [R(x)1]"))).holds is False
    assert OneStep(list(parse("P: [W(x,1)] [C(x,1,2)]\nQ: [R(x)1] [R(x)2]"))).holds


def test_one_that_was_not_applied_is_left_to_others() -> None:
    assert OneStep(list(parse("P: [C(x,1,2)no]"))).holds is None


def test_a_written_zero_is_left_to_others() -> None:
    assert OneStep(list(parse("P: [W(x,0)] [R(x)0]"))).holds is None


def divided(seed: int) -> History:
    """A register store whose ten clients' clocks differ so much that they say nothing."""
    random, state = Random(seed), dict.fromkeys("abcdefghijklmnopqrst", 0)
    late = {process: random.randint(0, 9_000) for process in "ABCDEFGHIJ"}
    operations = []
    for number in range(1, 300):
        process, key = random.choice("ABCDEFGHIJ"), random.choice("abcdefghijklmnopqrst")
        start = 10 * number + late[process]
        if random.random() < 0.5:
            told = Operation(process, "read", key, (), state[key], start, start + 5)
        else:
            state[key] = number
            told = Operation(process, "write", key, (number,), None, start, start + 5)
        operations.append(told)
    return History(operations)


@pytest.mark.parametrize("seed", [5, 11, 13, 14])
def test_where_there_are_too_many_orders_to_try_it_is_inferred(seed: int) -> None:
    history = divided(seed)
    first_look = FIRST_LOOK + len(history) // 4
    assert sequential(history, budget=first_look).holds is None
    verdict = sequential(history)
    assert verdict.witness
    assert set(verdict.witness.order) == set(history)
    assert keeps(verdict.witness.order, in_program)
    assert explains(verdict.witness.order)


def test_a_contradiction_in_it_is_inferred_too() -> None:
    late = [
        Operation(o.process + "'", o.kind, f"{o.key}'", o.args, o.result, o.start, o.end)
        for o in STORE_BUFFER
    ]
    verdict = sequential(History([*divided(1), *late]))
    assert verdict.counterexample is not None
    assert len(verdict.counterexample) == 4
