"""The checks of chapter 05 name the rule, and hand over the smallest schedule that breaks it.

Whole wrong answers are in tests/wrong_answers/chapter_05.py; here is what those do not see.
"""

from __future__ import annotations

import pytest

from consensus_lab.consistency.transactions.schedules import Step, parse_schedule
from consensus_lab.graph import Graph
from consensus_lab.protocols.stores.transactional import Running, Transactional
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.tasks import serializability as tasks


def no_write_after_write(schedule: list[Step]) -> set[tuple[str, str]]:
    aborted = {step.transaction for step in schedule if step.action == "a"}
    steps = [step for step in schedule if step.key and step.transaction not in aborted]
    return {
        (a.transaction, b.transaction)
        for place, a in enumerate(steps)
        for b in steps[place + 1 :]
        if a.key == b.key and a.transaction != b.transaction and a.action != b.action
    }


def test_a_wrong_answer_gets_a_schedule_from_which_nothing_can_be_taken() -> None:
    with pytest.raises(CheckFailed, match=r"Two writes conflict, too.*w1\(x\) w2\(x\)") as caught:
        tasks.check_conflicts(no_write_after_write)
    assert isinstance(caught.value.evidence, Graph)
    assert len(caught.value.evidence.edges) == 1


def test_edges_must_be_a_set_of_pairs() -> None:
    with pytest.raises(CheckFailed, match="a set of pairs"):
        tasks.check_conflicts(lambda schedule: [])  # type: ignore[arg-type, return-value]


def test_an_order_must_be_a_list_of_names() -> None:
    with pytest.raises(CheckFailed, match="all of T1, T2 have to be in it, once"):
        tasks.check_serial_order(lambda names, edges: ["T1"])


def test_a_learners_graph_emphasises_its_cycle() -> None:
    graph = tasks.graph_of("r1(x) r2(x)", {("T1", "T2"), ("T2", "T1")})
    assert set(graph.emphasised) == set(graph.edges)


def test_a_store_that_is_none_is_refused() -> None:
    with pytest.raises(CheckFailed, match="subclass of Transactional"):
        tasks.check_first_committer(parse_schedule)  # type: ignore[arg-type]


def test_a_lost_update_is_shown_by_the_two_that_lost_it() -> None:
    class Careless(Transactional):
        def is_overtaken(self, one: Running, key: str, kind: str) -> bool:
            return False

    with pytest.raises(CheckFailed, match="lost update") as caught:
        tasks.check_first_committer(Careless)
    assert caught.value.evidence.holds is False  # type: ignore[attr-defined]


def test_the_skew_may_need_three_transactions(capsys: pytest.CaptureFixture[str]) -> None:
    tasks.check_skew(lambda: "T1: [R(x)0 W(y,1)]\nT2: [R(y)0 W(z,2)]\nT3: [R(z)0 W(x,3)]")
    assert capsys.readouterr().out.startswith("✓ Task 5.3")
