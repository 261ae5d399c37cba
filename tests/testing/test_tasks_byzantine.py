"""The checks of exercise 08: what passes, what fails, and what a failure hands over."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from consensus_lab.errors import HandlerError, ScenarioError
from consensus_lab.protocols.byzantine import General, OralMessages, SignedMessages
from consensus_lab.simulation.trace import Trace
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.hunt import Finding
from consensus_lab.testing.tasks.byzantine import (
    check_conclude,
    check_decide,
    check_relay,
    check_verify,
    in_words,
)
from consensus_lab.views import view
from consensus_lab.views.generals import GeneralsView

Check = Callable[[type[General]], None]
ORAL = (check_decide, check_relay, check_conclude)


class Obedient(OralMessages):
    """It does what the commander says, whatever it hears of others."""

    def decide(self) -> str:
        return self.word((self.options.commander,))


class Trusting(SignedMessages):
    """It takes every signature for real."""

    def what_is_wrong_with(self, message: object) -> None:
        return None


def failure(check: Check, protocol: type[General]) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        check(protocol)
    return caught.value


@pytest.mark.parametrize("check", ORAL, ids=lambda check: check.__name__)
def test_oral_messages_of_the_package_pass(
    check: Check, capsys: pytest.CaptureFixture[str]
) -> None:
    check(OralMessages)
    assert "is right" in capsys.readouterr().out


def test_signed_messages_of_the_package_pass(capsys: pytest.CaptureFixture[str]) -> None:
    check_verify(SignedMessages)
    assert "five forgers failed" in capsys.readouterr().out


def test_a_failure_hands_over_the_smallest_battle_ready_to_play() -> None:
    failed = failure(check_decide, Obedient)
    finding = failed.evidence
    assert isinstance(finding, Finding)
    assert isinstance(finding.trace, Trace)
    assert finding.property == "IC1"
    assert finding.scenario.options["lies"] == {"S1>S4": "retreat"}
    assert isinstance(view(finding), GeneralsView)


def test_the_message_names_the_condition_and_the_lies() -> None:
    words = str(failure(check_decide, Obedient))
    assert words.startswith("IC1 is broken: S2 and S4 are loyal")
    assert words.endswith("The lies that did it: {'S1>S4': 'retreat'}.")


def test_a_believer_in_signatures_is_told_who_forged() -> None:
    assert "S3 forged a signature of S1" in str(failure(check_verify, Trusting))


def test_a_word_that_is_missing_is_told_by_its_path() -> None:
    word = (("S1", "S3"), "S2", "attack")
    assert in_words(word) == "in round 2 S3 tells S2 “attack” along the path S1 > S3"


def test_a_class_that_fails_shows_its_own_error() -> None:
    class Failing(OralMessages):
        def decide(self) -> str:
            return {}["attack"]

    with pytest.raises(HandlerError, match="KeyError"):
        check_decide(Failing)


def test_what_is_no_general_is_refused_in_a_sentence() -> None:
    with pytest.raises(ScenarioError, match="subclass of General"):
        check_decide(int)  # type: ignore[arg-type]
