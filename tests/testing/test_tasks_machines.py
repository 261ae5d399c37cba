"""The checks of chapter 07 name the property, and hand over a run in which it falls.

Whole wrong answers are in tests/wrong_answers/chapter_07.py; here is what those do not see.
"""

from __future__ import annotations

from functools import partial

import pytest

from consensus_lab.protocols.state_machine import Counter, KeyValue, Sessions
from consensus_lab.protocols.state_machine.local import Seats
from consensus_lab.simulation.parting import parting
from consensus_lab.simulation.trace import Trace
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.tasks.machines import (
    Wrapped,
    check_once,
    check_theatre,
    check_window,
    lost_answer,
    overtaken,
    sold,
)


class NoSession(Wrapped):
    """Carries out whatever comes."""

    def apply(self, request):
        machine, response = self.machine.apply(request)
        return NoSession(machine, self.sessions), response


class Returns(Wrapped):
    """Forgets to give the machine back."""

    def apply(self, request):
        return self.machine.apply(request)[1]


@pytest.mark.parametrize("check", [check_once, check_window])
def test_the_packages_own_sessions_pass(check, capsys):
    check(Sessions)
    assert capsys.readouterr().out.startswith("✓ Task 7.")


def test_a_failing_check_hands_over_a_run_with_the_learners_own_code():
    with pytest.raises(CheckFailed) as caught:
        check_once(NoSession)
    trace = caught.value.evidence
    assert isinstance(trace, Trace)
    assert trace.operations[-1].result == 20


@pytest.mark.parametrize("check", [check_once, check_window])
def test_what_returns_no_machine_is_refused_in_a_sentence(check):
    with pytest.raises(CheckFailed, match="A machine is a value: apply returns"):
        check(Returns)


def test_a_blank_says_itself_what_is_to_be_done():
    class Blank(Seats):
        def apply(self, request):
            raise NotImplementedError("Task 7.1: mend a machine")

    with pytest.raises(NotImplementedError, match=r"Task 7\.1"):
        check_theatre(Blank)


def test_the_first_version_of_the_theatre_parts():
    class FirstVersion(Seats):
        def apply(self, request):
            if request.operation[0] == "lease":
                return self, True
            return super().apply(request)

    assert parting(sold(FirstVersion)).command.operation[0] == "book"


def test_the_stage_of_7_2_is_one_in_which_a_retry_meets_a_new_leader():
    trace = lost_answer(partial(Sessions, Counter()))
    assert trace.operations[0].outcome == "ok"
    assert trace.operations[-1].result == 10
    assert trace.state_at(1500)["S1"]["status"] == "down"


def test_the_stage_of_7_3_is_one_in_which_a_request_is_overtaken():
    first, second, read = overtaken(partial(Sessions, KeyValue())).operations
    assert second.end < first.end < read.start
    assert read.result == 1
