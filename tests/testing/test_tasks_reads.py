"""The checks of exercise 14: what passes, what fails, and what a failure hands over."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from consensus_lab.errors import HandlerError, ScenarioError
from consensus_lab.protocols import Raft
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.hunt import Finding
from consensus_lab.testing.tasks.reads import (
    bad_day,
    check_all,
    check_follower,
    check_lease,
    check_read_index,
)

Check = Callable[[type[Raft]], None]
CHECKS = [check_read_index, check_lease, check_follower]


def test_raft_itself_passes(capsys: pytest.CaptureFixture[str]) -> None:
    check_all(Raft)
    assert capsys.readouterr().out.count("is right") == 3


@pytest.mark.parametrize("check", CHECKS)
def test_what_is_no_protocol_is_told_in_a_sentence(check: Check) -> None:
    with pytest.raises(ScenarioError, match="A protocol is a subclass of Node"):
        check("Raft")  # type: ignore[arg-type]


class Believer(Raft):
    def is_confirmed(self, after: int) -> bool:
        return True


def test_a_failure_hands_over_the_run_in_which_the_past_was_read() -> None:
    with pytest.raises(
        CheckFailed, match="Linearizability is broken: B's read of x returned 0"
    ) as e:
        check_read_index(Believer)
    found = e.value.evidence
    assert isinstance(found, Finding)
    assert found.scenario.protocol is Believer
    assert len(found.scenario.faults) < 10


class Silent(Raft):
    def is_confirmed(self, after: int) -> bool:
        return False


def test_who_never_answers_does_not_pass() -> None:
    with pytest.raises(CheckFailed, match=r"Liveness is at risk: a read at .* is never answered"):
        check_read_index(Silent)


class Broken(Raft):
    def read_index(self) -> int:
        return self.commit_idx  # type: ignore[attr-defined, no-any-return]


def test_a_method_that_fails_is_named() -> None:
    with pytest.raises(HandlerError, match=r"Broken\.read_index fails with AttributeError"):
        check_read_index(Broken)


def test_a_bad_day_is_the_same_day_again() -> None:
    assert bad_day(Raft, "lease", 5) == bad_day(Raft, "lease", 5) != bad_day(Raft, "lease", 6)
