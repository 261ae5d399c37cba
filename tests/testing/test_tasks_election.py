"""The checks of exercise 10: what passes, what fails, and what a failure hands over."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from consensus_lab.errors import HandlerError, ScenarioError
from consensus_lab.protocols import Effects
from consensus_lab.protocols.raft import Raft, RequestVote, RequestVoteReply
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import crash, restart
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.hunt import Finding, complaint_of, hunt
from consensus_lab.testing.tasks import election
from consensus_lab.testing.tasks.stage import Line, candidate, follower, staged

Check = Callable[[type[Raft]], None]


class VotesTwice(Raft):
    def on_request_vote(self, message: RequestVote, out: Effects) -> None:
        self.voted_for = None
        super().on_request_vote(message, out)


class Forgetful(Raft):
    def on_request_vote(self, message: RequestVote, out: Effects) -> None:
        super().on_request_vote(message, Unsaved(out))  # type: ignore[arg-type]


class Unsaved:
    """Effects without `save`."""

    def __init__(self, out: Effects) -> None:
        self.out = out

    def save(self) -> None:
        pass

    def __getattr__(self, name: str) -> object:
        return getattr(self.out, name)


def failure(check: Check, protocol: type[Raft]) -> CheckFailed:
    with pytest.raises(CheckFailed) as caught:
        check(protocol)
    return caught.value


@pytest.mark.parametrize(
    "check", [election.check_vote, election.check_candidate, election.check_count]
)
def test_raft_itself_passes(check: Check, capsys: pytest.CaptureFixture[str]) -> None:
    check(Raft)
    assert "is right" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("check", "handler"),
    [
        (election.check_vote, "on_request_vote"),
        (election.check_candidate, "become_candidate"),
        (election.check_count, "on_request_vote_reply"),
    ],
)
def test_a_blank_fails_with_its_own_words(check: Check, handler: str) -> None:
    def stub(*arguments: object) -> None:
        raise NotImplementedError("Task 10.9: do it")

    blank = type("Blank", (Raft,), {handler: stub})
    with pytest.raises(NotImplementedError, match=r"^Task 10\.9: do it$"):
        check(blank)


def test_a_blank_handler_fails_in_any_run_with_its_own_words() -> None:
    class Blank(Raft):
        def become_candidate(self, out: Effects) -> None:
            raise NotImplementedError("Task 10.2: stand for election")

    with pytest.raises(NotImplementedError, match=r"^Task 10\.2: stand for election$") as caught:
        Scenario(Blank).run()
    shown = caught.value._render_traceback_()  # type: ignore[attr-defined]
    assert shown == ["NotImplementedError: Task 10.2: stand for election"]


def test_a_handler_that_fails_is_named_with_its_line() -> None:
    class Typo(Raft):
        def on_request_vote(self, message: RequestVote, out: Effects) -> None:
            message.term.missing  # type: ignore[attr-defined]  # noqa: B018

    with pytest.raises(HandlerError, match=r"on_request_vote.*missing"):
        election.check_vote(Typo)


def test_an_object_in_the_place_of_a_class_is_told_in_a_sentence() -> None:
    with pytest.raises(ScenarioError, match="A protocol is a subclass of Node"):
        election.check_vote(Raft("S1", ("S1",)))  # type: ignore[arg-type]


@pytest.mark.parametrize("votes", [1, ["S1"], None])
def test_votes_that_are_no_set_are_told_in_a_sentence(votes: object) -> None:
    class Odd(Raft):
        def become_candidate(self, out: Effects) -> None:
            super().become_candidate(out)
            self.votes = votes  # type: ignore[assignment]

    assert f"with the votes {votes!r}" in str(failure(election.check_candidate, Odd))


def test_a_broken_property_comes_with_a_run_that_breaks_it() -> None:
    evidence = failure(election.check_vote, VotesTwice).evidence
    assert isinstance(evidence, Finding)
    assert evidence.property == "Election Safety"
    assert [violation.property for violation in evidence.trace.violations] == ["Election Safety"]


def test_the_run_handed_over_is_without_a_fault_that_is_not_needed() -> None:
    evidence = failure(election.check_vote, VotesTwice).evidence
    assert isinstance(evidence, Finding)
    assert evidence.scenario.faults == ()
    assert evidence.scenario.duration <= evidence.moment + 1


def test_the_same_mistake_gets_the_same_sentence() -> None:
    assert str(failure(election.check_vote, VotesTwice)) == str(
        failure(election.check_vote, VotesTwice)
    )


def test_a_vote_that_is_not_saved_elects_two_leaders() -> None:
    failed = failure(election.check_vote, Forgetful)
    assert "Election Safety is broken: S2 and S3 have both been elected" in str(failed)


def test_a_check_of_one_moment_hands_over_that_moment() -> None:
    class Silent(Raft):
        def on_request_vote(self, message: RequestVote, out: Effects) -> None:
            pass

    evidence = failure(election.check_vote, Silent).evidence
    assert isinstance(evidence, Finding)
    state = evidence.trace.state_at(evidence.moment)["S1"]
    assert (state["current_term"], state["voted_for"]) == (3, None)


def test_a_staged_scenario_begins_in_its_states() -> None:
    trace = staged(Raft, {"S1": follower(3, "S3", 1, 2), "S2": candidate("S2", 3)}).run()
    state = trace.state_at(0)
    assert state["S1"]["voted_for"] == "S3"
    assert [entry.term for entry in state["S1"]["log"]] == [1, 2]
    assert state["S2"]["role"] == "candidate"
    assert state["S5"]["current_term"] == 3


def test_a_staged_line_is_said_at_its_time() -> None:
    question = RequestVote(3, "S2", 0, 0)
    states = {"S1": follower(3, None), "S2": candidate("S2", 3)}
    trace = staged(Raft, states, Line(40, "S2", "S1", question)).run()
    assert [(f.sent, f.message) for f in trace.messages if f.source == "S2"] == [(40_000, question)]


def test_a_staged_server_comes_back_from_a_crash_with_what_its_disk_holds() -> None:
    states = {"S1": follower(3, None), "S2": candidate("S2", 3)}
    line = Line(0, "S2", "S1", RequestVote(3, "S2", 0, 0))
    faults = ((40, crash("S1")), (41, restart("S1")))
    trace = staged(Raft, states, line, faults=faults).run()
    assert trace.state_at(100)["S1"]["voted_for"] == "S2"


def test_close_races_split_votes_and_still_hold_for_raft() -> None:
    traces = [election.close_race(Raft, seed).run() for seed in range(12)]
    assert [complaint_of(trace) for trace in traces] == [None] * 12
    terms = [trace.state_at(390)["S3"]["current_term"] for trace in traces]
    assert any(term > 1 for term in terms)


def test_a_mistake_that_no_run_shows_is_found_in_a_moment() -> None:
    class CountsOldVotes(Raft):
        def on_request_vote_reply(self, message: RequestVoteReply, out: Effects) -> None:
            fresh = RequestVoteReply(self.current_term, message.voter, message.granted)
            super().on_request_vote_reply(fresh, out)

    failed = failure(election.check_count, CountsOldVotes)
    assert str(failed).startswith("Election Safety is at risk: these votes were given in term 2")
    assert hunt(CountsOldVotes, seeds=10) is None
