"""The hunt: it finds each mistake by itself, makes it small, and finds nothing in Raft."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consensus_lab.errors import HandlerError
from consensus_lab.protocols import Raft
from consensus_lab.simulation import Network, Scenario
from consensus_lab.simulation.faults import crash, cut, pause, request, restart, timeout
from consensus_lab.testing.hunt import (
    Finding,
    complaint_of,
    complaint_or_silence,
    hunt,
    rough_weather,
    simpler,
)
from tests.protocols.raft.bugs import KILLED_BY, DoubleVote, Eager, Truncating


class LocalReads(Raft):
    """A leader that answers reads at once, from its own state: it may have been deposed."""

    def on_request(self, request, out):
        if self.role == "leader" and request.operation[0] == "read":
            _, result = self.machine.apply(request)
            out.reply(request, result)
        else:
            super().on_request(request, out)


class EarlyReplies(Raft):
    """A leader that answers writes when it has appended them, before they are committed."""

    def on_request(self, request, out):
        super().on_request(request, out)
        if self.role == "leader" and request.operation[0] == "write":
            out.reply(request, None)


class Forgetful(Raft):
    """Does not save its vote."""

    durable = ("current_term", "log")


MISTAKES = {
    **{name: bug for name, (bug, _) in KILLED_BY.items()},
    "linearizability": LocalReads,
}


@pytest.fixture(scope="module")
def findings() -> dict[str, Finding | None]:
    return {name: hunt(bug, seeds=50) for name, bug in MISTAKES.items()}


def complaint(scenario: Scenario) -> str | None:
    try:
        wrong = complaint_of(scenario.run())
    except HandlerError:
        return None
    return wrong and wrong[0]


def test_nothing_is_found_in_raft():
    assert hunt(Raft, seeds=40) is None  # chapter 10 runs a hundred


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found_within_fifty_seeds(findings, name):
    assert findings[name].property == name


@pytest.mark.parametrize("name", MISTAKES)
def test_a_finding_can_be_run_again(findings, name):
    finding = findings[name]
    assert complaint_of(finding.scenario.run()) == (name, finding.text, finding.moment)
    assert finding.trace.to_json() == finding.scenario.run().to_json()


@pytest.mark.parametrize("name", MISTAKES)
def test_without_any_one_of_its_faults_a_finding_is_gone(findings, name):
    scenario = findings[name].scenario
    for index in range(len(scenario.faults)):
        without = scenario.faults[:index] + scenario.faults[index + 1 :]
        assert complaint(replace(scenario, faults=without)) != name


@pytest.mark.parametrize("name", MISTAKES)
def test_a_finding_cannot_be_made_simpler_in_any_way_that_is_tried(findings, name):
    for scenario in simpler(findings[name]):
        assert complaint(scenario) != name


@pytest.mark.parametrize("name", MISTAKES)
def test_raft_survives_what_was_found(findings, name):
    assert complaint(replace(findings[name].scenario, protocol=Raft)) is None


def test_a_reply_before_the_commit_is_found():
    assert hunt(EarlyReplies, seeds=50).property == "linearizability"


def test_a_vote_that_is_not_saved_is_found():
    def close_race(seed: int) -> Scenario:
        return (
            Scenario(Forgetful, servers=3, seed=seed, duration=400)
            .at(100, cut("S1", "S2"), timeout("S1"))
            .at(120 + seed, crash("S3"))
            .at(121 + seed, restart("S3"), timeout("S2"))
        )

    assert hunt(Forgetful, seeds=50, scenario=close_race).property == "Election Safety"


def test_the_hunt_is_the_same_each_time():
    assert str(hunt(DoubleVote, seeds=10)) == str(hunt(DoubleVote, seeds=10))


def test_without_seeds_nothing_is_found():
    assert hunt(Truncating, seeds=0) is None


def test_a_complaint_of_ones_own_can_be_hunted():
    def leaderless(trace):
        leads = any(event.changes.get("role") == "leader" for event in trace.events)
        return None if leads else ("somebody leads", "nobody ever led", trace.duration / 1000)

    def scenario(seed):
        return Scenario(Raft, servers=3, seed=seed, duration=600).at(
            50, crash("S1"), crash("S2"), pause("S3")
        )

    finding = hunt(Raft, seeds=5, scenario=scenario, complaint=leaderless)
    assert finding.text == "nobody ever led"
    assert len(finding.scenario.faults) == 2  # two of three servers are a majority


def test_a_handler_that_fails_is_no_finding_but_an_error():
    class Broken(Raft):
        def on_append_entries(self, message, out):
            raise KeyError("oops")

    with pytest.raises(HandlerError, match=r"Broken\.on_append_entries fails with KeyError"):
        hunt(Broken, seeds=3)


def test_a_class_that_breaks_a_property_and_then_fails_is_found():
    class DoubleFailing(DoubleVote):
        def become_leader(self, out):
            if self.role == "leader":
                raise KeyError("cannot be")
            super().become_leader(out)

        def on_append_entries(self, message, out):
            if self.role == "leader" and message.term == self.current_term:
                raise KeyError("another leader")
            super().on_append_entries(message, out)

    assert hunt(DoubleFailing, seeds=50).property == "Election Safety"


def test_a_finding_says_what_broke_and_how_to_see_it_again():
    scenario = replace(KILLED_BY["State Machine Safety"][1], protocol=Eager)
    finding = Finding(scenario, scenario.run(), "State Machine Safety", "two differ", 342.5)
    assert (
        str(finding)
        == repr(finding)
        == (
            "State Machine Safety is broken at 342.5 ms: two differ. Seed 0, 3 servers, "
            "timeout at 50 ms, cut at 150 ms, cut at 150 ms, request at 160 ms, request at 160 ms, "
            "request at 160 ms, timeout at 300 ms, request at 400 ms, heal at 600 ms, "
            "timeout at 600 ms."
        )
    )
    assert "no faults" in str(replace(finding, scenario=Scenario(Raft)))


def test_a_quiet_run_is_no_complaint():
    assert complaint_of(Scenario(Raft).run(500)) is None


def test_a_client_without_an_answer_is_a_complaint_where_that_is_asked():
    scenario = Scenario(Raft, servers=3).at(0, crash("S1"), crash("S2"))
    trace = scenario.at(500, request("write", "x", 1)).run(900)
    assert complaint_of(trace) is None
    silence = ("termination", "A has no answer to its write", 500)
    assert complaint_or_silence(trace) == silence


def test_what_is_broken_comes_before_silence():
    _, scenario = KILLED_BY["Election Safety"]
    trace = replace(scenario, protocol=DoubleVote).at(200, crash("S1"), crash("S2"))
    trace = trace.at(400, request("write", "x", 1)).run()
    assert complaint_of(trace)
    assert complaint_or_silence(trace) == complaint_of(trace)


def test_rough_weather_differs_from_seed_to_seed_and_has_faults_of_every_kind():
    scenarios = [rough_weather(Raft, seed) for seed in range(30)]
    assert len({str(scenario.to_json()) for scenario in scenarios}) == 30
    kinds = {fault.kind for scenario in scenarios for _, fault in scenario.faults}
    assert kinds >= {"crash", "restart", "pause", "resume", "cut", "partition", "heal"}
    assert all(scenario.network != Network() for scenario in scenarios)
