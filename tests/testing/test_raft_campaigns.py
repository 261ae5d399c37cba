"""The random scenarios for Raft that wait for a leader, and what they find."""

from __future__ import annotations

import pytest

from consensus_lab.protocols.raft import Raft
from consensus_lab.simulation import Scenario
from consensus_lab.testing.hunt import attempt, complaint_of
from consensus_lab.testing.raft_campaigns import lease_storm, membership_storm
from tests.protocols.raft.membership_bugs import CountsItself, EagerLearner, HastyChange
from tests.protocols.raft.read_bugs import EarlyVoter, ForgetfulVoter

CAMPAIGNS = (membership_storm, lease_storm)


def finds(make, bug, seeds: int) -> bool:
    return any(attempt(make(bug, seed), complaint_of) for seed in range(seeds))


@pytest.mark.parametrize("bug", [HastyChange, CountsItself, EagerLearner])
def test_a_membership_storm_finds_the_mistake(bug):
    assert finds(membership_storm, bug, 30)


@pytest.mark.parametrize("bug", [EarlyVoter, ForgetfulVoter])
def test_a_lease_storm_finds_the_mistake(bug):
    assert finds(lease_storm, bug, 20)


@pytest.mark.parametrize(("make", "seeds"), [(membership_storm, 30), (lease_storm, 20)])
def test_raft_survives_the_same_storms(make, seeds):
    assert not finds(make, Raft, seeds)


@pytest.mark.parametrize("make", CAMPAIGNS)
def test_the_same_seed_gives_the_same_scenario(make):
    assert make(Raft, 5) == make(Raft, 5) != make(Raft, 6)


@pytest.mark.parametrize("make", CAMPAIGNS)
def test_a_scenario_can_be_written_to_a_file(make):
    for seed in range(10):
        scenario = make(Raft, seed)
        assert Scenario.from_json(scenario.to_json()) == scenario


def test_in_a_membership_storm_members_change_often():
    traces = [membership_storm(Raft, seed).run() for seed in range(10)]
    changes = [e for t in traces for e in t.events if "configuration_index" in e.changes]
    assert len(changes) > 5 * len(traces)


def test_in_a_lease_storm_leaders_change_and_clients_are_answered():
    traces = [lease_storm(Raft, seed).run() for seed in range(10)]
    leaders = [e for t in traces for e in t.events if e.changes.get("role") == "leader"]
    answered = [o for t in traces for o in t.operations if o.outcome == "ok"]
    assert len(leaders) >= 2 * len(traces)
    assert len(answered) > 20 * len(traces)
