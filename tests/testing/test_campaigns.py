"""The random scenarios for protocols of the Paxos family."""

from __future__ import annotations

import pytest

from consensus_lab.protocols.paxos import MultiPaxos, Paxos
from consensus_lab.simulation import Scenario
from consensus_lab.testing.campaigns import contest, duels, storm

CAMPAIGNS = [(contest, Paxos), (duels, Paxos), (storm, MultiPaxos)]


@pytest.mark.parametrize(("make", "protocol"), CAMPAIGNS)
def test_the_same_seed_gives_the_same_scenario(make, protocol):
    assert make(protocol, 5) == make(protocol, 5)
    assert make(protocol, 5) != make(protocol, 6)


@pytest.mark.parametrize(("make", "protocol"), CAMPAIGNS)
def test_a_scenario_can_be_written_to_a_file(make, protocol):
    for seed in range(10):
        scenario = make(protocol, seed)
        assert Scenario.from_json(scenario.to_json()) == scenario


def test_in_most_contests_a_value_is_chosen():
    chosen = [any(o.end for o in contest(Paxos, seed).run().operations) for seed in range(40)]
    assert chosen.count(True) > 30


def test_options_are_handed_on():
    assert storm(MultiPaxos, 1, q1=3, q2=3).options == {"q1": 3, "q2": 3}
