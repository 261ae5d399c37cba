"""The checks of chapter 04 name the rule, and hand over the smallest case that breaks it.

Whole wrong answers are in tests/wrong_answers/chapter_04.py; here is what those do not see.
"""

from __future__ import annotations

from typing import Any

import pytest

from consensus_lab.clocks import Diagram, VectorClock
from consensus_lab.consistency.causal import causal
from consensus_lab.protocols.stores.causal import CausalStore, Write
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.hunt import Finding
from consensus_lab.testing.tasks import causal as tasks


class Hasty(CausalStore):
    def is_ready(self, write: Write) -> bool:
        return True


class Forgetful(VectorClock):
    """Keeps of a merge only the names that it had itself."""

    def increment(self, name: str) -> Any:
        return super().increment(name)

    def merge(self, other: VectorClock) -> Any:
        return Forgetful({name: max(self[name], other[name]) for name in self})


def evidence(check: Any, answer: Any) -> Any:
    with pytest.raises(CheckFailed) as caught:
        check(answer)
    return caught.value.evidence


def test_a_store_that_does_not_wait_gets_a_run_from_which_nothing_can_be_taken() -> None:
    finding = evidence(tasks.check_holds_back, Hasty)
    assert isinstance(finding, Finding)
    assert not causal(finding.trace.history())
    for fault in finding.scenario.faults:
        fewer = [other for other in finding.scenario.faults if other is not fault]
        scenario = tasks.replace(finding.scenario, faults=tuple(fewer))
        assert causal(scenario.run().history())


def test_wrong_clocks_get_a_diagram_in_which_all_leads_to_the_wrong_one() -> None:
    diagram = evidence(tasks.check_counts, Forgetful)
    assert isinstance(diagram, Diagram)
    before = tasks.happens_before(diagram)
    last = len(diagram) - 1
    assert all(before(place, last) for place in range(last))


def test_two_thirds_of_the_conversations_need_a_store_that_waits() -> None:
    runs = [tasks.conversation(Hasty, seed).run().history() for seed in range(30)]
    assert sum(not causal(history) for history in runs) > 10


def test_what_is_no_class_of_clocks_or_stores_is_told_so() -> None:
    with pytest.raises(CheckFailed, match="Hand over your class of clocks"):
        tasks.check_counts(VectorClock())  # type: ignore[arg-type]
    with pytest.raises(CheckFailed, match="Hand over your class of clocks"):
        tasks.check_compares(dict)  # type: ignore[arg-type]
    with pytest.raises(CheckFailed, match="Hand over your class of stores"):
        tasks.check_holds_back(VectorClock)  # type: ignore[arg-type]


def test_a_task_not_yet_begun_says_so_itself() -> None:
    class Blank(CausalStore):
        def is_ready(self, write: Write) -> bool:
            raise NotImplementedError("Task 4.3: is its past here?")

    with pytest.raises(NotImplementedError, match=r"Task 4\.3"):
        tasks.check_holds_back(Blank)
