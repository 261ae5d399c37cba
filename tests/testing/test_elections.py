"""The first leader of a run, found without running on."""

from __future__ import annotations

import pytest

from consensus_lab import Raft, Scenario
from consensus_lab.simulation.faults import timeout
from consensus_lab.testing.elections import first_leader


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_first_leader_of_the_whole_run(seed: int) -> None:
    scenario = Scenario(Raft, seed=seed, options={"election_timeout": (150, 165)}, duration=1500)
    trace = scenario.run()
    led = [event for event in trace.events if event.changes.get("role") == "leader"]
    if not led:
        assert first_leader(scenario) is None
        return
    term = trace.state_at(led[0].time / 1000)[led[0].who or ""]["current_term"]
    assert first_leader(scenario) == (led[0].time / 1000, term)


def test_a_later_term_does_not_change_that_of_the_first_leader() -> None:
    # It leads from 215 ms on, and is in the term of the next one when the run is looked at.
    assert first_leader(Scenario(Raft, seed=3).at(220, timeout("S1"))) == (215.405, 1)


def test_a_run_without_a_leader_has_none() -> None:
    equal = Scenario(Raft, options={"election_timeout": (150, 150)}, duration=1000)
    assert first_leader(equal) is None
