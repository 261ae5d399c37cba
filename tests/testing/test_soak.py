"""The soak: what it runs is varied, Raft survives it, and mistakes do not."""

from __future__ import annotations

import json
import sys

import pytest

from consensus_lab.protocols.raft.invariants import with_invariants
from consensus_lab.protocols.raft.options import READS
from consensus_lab.simulation import Scenario
from consensus_lab.testing import soak as module
from consensus_lab.testing.soak import Tally, soak, soaking
from tests.protocols.raft.bugs import AnyLog, DoubleVote, Eager, Trusting

MANY = range(150)
SOME = range(50)  # `make soak` runs two thousand


def test_nothing_is_lost_in_random_scenarios_with_everything_on():
    tally = Tally()
    assert soak(SOME, tally) is None
    assert tally.scenarios == len(SOME)
    assert tally.elections > 2 * len(SOME)
    assert tally.answered > 0.8 * tally.operations
    assert tally.undecided == 0


@pytest.mark.parametrize("bug", [DoubleVote, Trusting, AnyLog, Eager])
def test_a_mistake_is_found_soon(bug):
    watched = with_invariants(bug)
    assert any(soaking(seed, watched).run().violations for seed in range(55, 90))


def test_what_is_found_is_made_small():
    found = soak(range(60), Tally(), with_invariants(Eager))
    assert found is not None
    assert found.scenario.clients <= 2
    assert len(found.scenario.faults) <= 6
    assert len(found.scenario.options) <= 2


def test_a_seed_is_a_scenario():
    assert soaking(7) == soaking(7)
    assert soaking(7) != soaking(8)


def test_all_kinds_of_everything_occur():
    scenarios = [soaking(seed) for seed in MANY]
    assert {scenario.servers for scenario in scenarios} == {3, 5, 7}
    assert {scenario.options["reads"] for scenario in scenarios} == set(READS)
    kinds = {fault.kind for scenario in scenarios for _, fault in scenario.faults}
    assert kinds >= {
        *("crash", "restart", "pause", "resume", "cut", "heal", "partition", "weather"),
        *("slowdisk", "clockskew", "timeout", "transfer", "reconfigure", "when"),
    }


def test_a_scenario_can_be_shared_as_a_file():
    scenario = soaking(3)
    again = Scenario.from_json(json.loads(json.dumps(scenario.to_json())), scenario.protocol)
    assert again == scenario


def test_the_command_prints_how_much_it_ran(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["soak", "--scenarios", "2", "--first", "5"])
    assert module.main() == 0
    assert "2 scenarios" in capsys.readouterr().out


def test_the_command_prints_the_smallest_scenario_of_a_failure(monkeypatch, capsys):
    bug = with_invariants(Eager)
    monkeypatch.setattr(sys, "argv", ["soak", "--scenarios", "60"])
    monkeypatch.setattr(module, "soaking", lambda seed, _: soaking(seed, bug))
    assert module.main() == 1
    told = capsys.readouterr().out
    file = json.loads(told[told.index("\n{") :])
    assert file["format"] == "consensus-lab-scenario"
