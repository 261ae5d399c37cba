"""Who led when."""

from __future__ import annotations

import pytest

from consensus_lab.protocols import Raft
from consensus_lab.simulation import DiskModel, Network, Scenario
from consensus_lab.simulation.faults import crash, timeout
from consensus_lab.simulation.roles import leaderless

SCENARIO = Scenario(
    Raft,
    servers=3,
    network=Network(latency=(10, 10)),
    disk=DiskModel((1, 1)),
    options={"election_timeout": (5000, 6000)},
    duration=300,
).at(50, timeout("S1"))
"""S1 leads from 72 ms on."""


def test_the_time_until_the_first_leader_is_counted():
    assert leaderless(SCENARIO.run()) == pytest.approx(72)


def test_it_can_be_counted_from_a_time_on():
    assert leaderless(SCENARIO.run(), since=60) == pytest.approx(12)


def test_a_leader_that_is_down_does_not_lead():
    trace = SCENARIO.at(100, crash("S1")).at(200, timeout("S2")).run()
    assert leaderless(trace, since=80) == pytest.approx(122)


def test_without_a_gap_there_is_nothing_to_count():
    assert leaderless(SCENARIO.run(), since=80) == 0
