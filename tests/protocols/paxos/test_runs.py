"""Whole runs of Paxos, with everything that can go wrong: all properties hold, and histories are
linearizable.
"""

from __future__ import annotations

import pytest

from consensus_lab.protocols.paxos import MultiPaxos, Paxos
from consensus_lab.simulation import Scenario
from consensus_lab.testing.campaigns import contest, storm
from consensus_lab.testing.hunt import complaint_of, rough_weather

SIZES = {3: [(3, 1), (2, 2), (1, 3)], 5: [(5, 1), (4, 2), (3, 3), (2, 4)]}
"""Quorums of three and of five servers that are just large enough."""


def flexible(scenario: Scenario, seed: int) -> dict[str, int]:
    """Quorums for this scenario, other ones for each seed."""
    sizes = SIZES[scenario.servers]
    q1, q2 = sizes[seed % len(sizes)]
    return {"q1": q1, "q2": q2}


@pytest.mark.parametrize("seeds", [range(n, n + 50) for n in range(0, 200, 50)], ids=str)
def test_one_value_is_chosen_whatever_goes_wrong(seeds):
    for seed in seeds:
        assert complaint_of(contest(Paxos, seed).run()) is None, seed


@pytest.mark.parametrize("seeds", [range(n, n + 10) for n in range(0, 40, 10)], ids=str)
def test_histories_are_linearizable_whatever_goes_wrong(seeds):
    for seed in seeds:
        assert complaint_of(storm(MultiPaxos, seed).run()) is None, seed


def test_histories_are_linearizable_in_rough_weather():
    for seed in range(10):
        assert complaint_of(rough_weather(MultiPaxos, seed).run()) is None, seed


@pytest.mark.parametrize("seed", range(100, 110))
def test_histories_are_linearizable_with_flexible_quorums(seed):
    options = flexible(storm(MultiPaxos, seed), seed)
    assert complaint_of(storm(MultiPaxos, seed, **options).run()) is None


@pytest.mark.parametrize("seed", range(200, 215))
def test_when_all_is_mended_clients_are_answered_and_servers_know_the_same(seed):
    trace = storm(MultiPaxos, seed).run()
    assert [one for one in trace.operations if one.start > 3_000_000 and one.outcome == "ok"]
    known = [fields["commit_index"] for fields in trace.state_at(3500).values()]
    assert max(known) - min(known) <= 10  # what was asked last is under way
