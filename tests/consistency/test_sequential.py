"""Sequential consistency, against its definition."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings

from consensus_lab import parse
from consensus_lab.consistency import sequential as module
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.sequential import sequential
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.errors import ConsensusLabError
from consensus_lab.history import History, Operation

from .brute_force import in_program, is_sequential
from .histories import histories
from .referee import check_counterexample, check_cycle, check_witness
from .test_linearizable import Plain

NOTES = """
P1:                 [W(x,4)]                [R(y)2]
P2:  [W(y,2)]                   [R(x)0]
"""


def check_verdict(verdict: Verdict) -> None:
    """It is that of the definition, and what proves it does."""
    assert verdict.holds is is_sequential(verdict.history)
    if verdict:
        check_witness(verdict, in_program)
    else:
        check_counterexample(verdict, in_program, timed=False)
        check_cycle(verdict)


@settings(max_examples=2000, deadline=None)
@given(histories)
def test_every_verdict_is_that_of_the_definition_and_proves_itself(history: History) -> None:
    check_verdict(sequential(history))


@settings(max_examples=500, deadline=None)
@given(histories)
def test_a_specification_without_hints_gives_the_same_verdicts(history: History) -> None:
    assert sequential(history, Plain()).holds is sequential(history).holds


@settings(max_examples=500, deadline=None)
@given(histories)
def test_what_is_inferred_before_the_search_changes_no_verdict(history: History) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "FIRST_LOOK", 0)
        patch.setattr(module, "SECOND_LOOK", 1000)
        check_verdict(sequential(history))


def test_the_order_behind_shifted_clocks_is_found() -> None:
    """Ten processes on three registers that work; each has a clock of its own. Without inference
    the search is lost: the time of day says nothing about who was first."""
    random = Random(1)
    late = [random.randint(0, 3000) for _ in range(10)]
    free, state, operations = list(late), [0, 0, 0], []
    for number in range(1, 401):
        process, key = random.randrange(10), random.randrange(3)
        start = free[process]
        free[process] = start + 60
        if random.random() < 0.5:
            state[key] = number
            told: tuple[str, tuple[int, ...], int | None] = ("write", (number,), None)
        else:
            told = ("read", (), state[key])
        kind, args, result = told
        operations.append(
            Operation(f"P{process}", kind, f"k{key}", args, result, start, start + 50)
        )
    verdict = sequential(History(operations))
    assert verdict
    check_witness(verdict, in_program)


def test_the_example_of_the_notes_is_sequential_but_not_linearizable() -> None:
    history = parse(NOTES)
    verdict = sequential(history)
    assert verdict
    assert not linearizable(history)
    assert verdict.witness is not None
    assert [str(o) for o in verdict.witness.order] == ["W(y,2)", "R(x)0", "W(x,4)", "R(y)2"]
    assert verdict.witness.points is None


def test_two_registers_each_fine_alone_are_not_fine_together() -> None:
    history = parse("""
P1: [W(x,1)] [W(y,1)] [R(y)2]
P2: [W(y,2)] [W(x,2)] [R(x)1]
""")
    assert all(sequential(part) for part in history.by_key().values())
    assert sequential(history).holds is False


def test_a_store_buffer_shows_what_no_order_explains() -> None:
    verdict = sequential(parse("P1: [W(x,1)] [R(y)0]\nP2: [W(y,1)] [R(x)0]"))
    assert verdict.holds is False
    assert len(verdict.counterexample or ()) == 4
    assert "There is a circle" in verdict.explanation


def test_a_process_sees_its_own_writes() -> None:
    assert not sequential(parse("P1: [W(x,1)] [R(x)0]"))


def test_a_lost_write_may_happen_or_not() -> None:
    assert sequential(parse("P1: [W(x,1)\nP2: [R(x)1] [W(x,2)] [R(x)2]"))
    assert sequential(parse("P1: [W(x,1)\nP2: [R(x)0] [R(x)0]"))
    assert not sequential(parse("P1: [W(x,1)\nP2: [R(x)1] [R(x)0]"))


def test_a_spent_budget_is_undecided() -> None:
    verdict = sequential(parse(NOTES), budget=1)
    assert verdict.holds is None
    with pytest.raises(ConsensusLabError, match="undecided"):
        bool(verdict)


def test_what_is_not_causally_convergent_is_refuted_by_its_pattern() -> None:
    verdict = sequential(parse("A: [W(x,1)] [R(x)2]\nB: [W(x,2)] [R(x)1]"))
    assert verdict.anomaly == "CyclicCF"
    assert [edge.relation for edge in verdict.cycle] == ["conflict", "conflict"]


def test_the_circle_may_go_through_a_compare_and_set() -> None:
    verdict = sequential(parse("A: [C(x,0,1)] [W(y,2)]\nB: [R(y)2] [R(x)0]"))
    assert verdict.anomaly == "WriteCOInitRead"
    assert [str(edge.source) for edge in verdict.cycle] == ["C(x,0,1)", "W(y,2)", "R(y)2", "R(x)0"]


def test_what_is_convergent_and_yet_not_sequential_is_left_to_the_search() -> None:
    verdict = sequential(parse("P1: [W(x,1)] [R(y)0]\nP2: [W(y,1)] [R(x)0]"))
    assert verdict.holds is False
    assert verdict.anomaly == ""


def test_a_long_history_with_many_processes_is_refuted_without_a_search() -> None:
    lines = [f"P{n}: [W(x,{n})] [W(y,{n})] [R(x){n % 12 + 1}]" for n in range(1, 13)]
    verdict = sequential(parse("\n".join(lines)), budget=1)
    assert verdict.holds is False
    assert verdict.anomaly == "CyclicCF"
