"""Whatever a learner's function does, a sentence comes back."""

from __future__ import annotations

import pytest

from consensus_lab.history import parse
from consensus_lab.protocols import Raft
from consensus_lab.protocols.raft import BasicRaft
from consensus_lab.simulation import Scenario
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.learner import ask, hold_returns, hold_written, shown, wrong_among


def endless(number: int) -> int:
    while True:
        number += 1


def fails(text: str) -> int:
    return int(text)


def begun(text: str) -> int:
    raise NotImplementedError("Task 0.0: not yet")


def test_an_answer_is_handed_through() -> None:
    assert ask(fails, "7") == 7


def test_what_never_ends_is_stopped_with_a_sentence() -> None:
    with pytest.raises(CheckFailed, match="endless does not return: it was stopped"):
        ask(endless, 0)


def test_an_exception_becomes_a_sentence_with_its_line_and_the_evidence() -> None:
    history = parse("P1: [W(x,1)]")
    with pytest.raises(CheckFailed, match=r"ValueError.*`return int\(text\)`") as caught:
        ask(fails, "seven", evidence=history)
    assert caught.value.evidence is history


def test_a_task_not_yet_begun_says_so_itself() -> None:
    with pytest.raises(NotImplementedError, match=r"Task 0\.0"):
        ask(begun, "")


def test_what_cannot_be_called_is_named() -> None:
    with pytest.raises(CheckFailed, match="Hand over a function, not 7"):
        ask(7)  # type: ignore[arg-type]


def test_a_blank_is_shown_by_its_own_sentence_and_no_frames_of_ours():
    def blank() -> None:
        raise NotImplementedError("Task 1.1: do it")

    with pytest.raises(NotImplementedError) as caught:
        ask(blank)
    shown = vars(caught.value)["_render_traceback_"]()
    assert shown == ["NotImplementedError: Task 1.1: do it"]


class Misspelt(Raft):
    def on_requestvote(self) -> None: ...


class Inherits(Misspelt):
    def on_request_vote(self, message, out):  # type: ignore[no-untyped-def]
        super().on_request_vote(message, out)


def test_a_method_that_was_left_to_the_package_is_named() -> None:
    with pytest.raises(CheckFailed, match="Misspelt has no on_request_vote of its own"):
        hold_written(Misspelt, "on_request_vote")


def test_a_method_may_be_written_in_any_of_the_learners_classes() -> None:
    hold_written(type("Last", (Inherits,), {}), "on_request_vote")


def test_the_packages_own_classes_may_be_checked_as_they_are() -> None:
    hold_written(Raft, "on_request_vote")


class Forgetful(BasicRaft):
    """It compares the logs, and does not say what came of it."""

    def is_up_to_date(self, last_log_index: int, last_log_term: int) -> bool:
        super().is_up_to_date(last_log_index, last_log_term)  # type: ignore[return-value]


class Wordy(BasicRaft):
    """It answers a question about a number in words."""

    def term_at(self, index: int) -> int:
        return "none"  # type: ignore[return-value]


def test_a_method_that_forgets_its_return_is_told_so() -> None:
    with pytest.raises(CheckFailed, match=r"returns None; it should return True or False\. Is a"):
        hold_returns(Scenario(Forgetful, duration=300), is_up_to_date=bool)


def test_a_method_that_returns_another_kind_of_value_is_told_so() -> None:
    with pytest.raises(CheckFailed, match="term_at returns 'none'; it should return a whole numb"):
        hold_returns(Scenario(Wordy, duration=300), term_at=int)


def test_a_method_that_returns_what_it_should_is_let_pass() -> None:
    hold_returns(Scenario(BasicRaft, duration=300), is_up_to_date=bool, term_at=int)


def test_a_method_that_a_class_does_not_have_is_let_pass() -> None:
    hold_returns(Scenario(Raft, duration=300), read_index=int)


def test_a_number_of_either_kind_is_a_number_and_a_yes_is_none() -> None:
    assert wrong_among([2, 2.5, True, None], float) == [True, None]
    assert wrong_among([2, 2.5], int) == [2.5]


def test_what_counts_as_a_yes_or_a_no_is_let_pass_unless_it_is_always_none() -> None:
    assert wrong_among([None, (), True], bool) == []
    assert wrong_among([None, None], bool) == [None, None]


def test_a_function_is_shown_by_its_name_and_without_an_address() -> None:
    assert shown(fails) == "the function fails"
    assert shown("7") == "'7'"
