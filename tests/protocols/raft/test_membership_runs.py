"""Random scenarios in which members come and go, and each known mistake with its own."""

from __future__ import annotations

from random import Random

import pytest

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.protocols.raft import Raft
from consensus_lab.simulation import Network, Scenario
from consensus_lab.simulation.faults import crash, cut, heal, partition, restart
from consensus_lab.simulation.orders import (
    add_learner,
    add_server,
    change_members,
    promote,
    remove_server,
)
from consensus_lab.testing.hunt import complaint_of
from consensus_lab.testing.tasks.changing import NAMES, mixed, torn

from .membership_bugs import KILLED_BY

OPTIONS = {"pre_vote": True, "check_quorum": True}


def rough(seed: int, protocol: type[Raft] = Raft) -> Scenario:
    """Five servers of which three begin, a bad network, and something every 150 ms."""
    random = Random(f"rough/{seed}")
    options = {"members": ("S1", "S2", "S3")}
    if random.random() < 0.5:
        options |= OPTIONS
    if random.random() < 0.5:
        options["snapshot_every"] = 5
    weather = Network(latency=(1, 30), loss=0.04, duplicate=0.05, reorder=0.1)
    scenario = Scenario(
        protocol, seed=seed, clients=2, network=weather, options=options, duration=4000
    )
    for time in range(400, 3400, 150):
        who, other = random.sample(NAMES, 2)
        what = int(random.random() * 9)
        if what < 5:
            some = tuple(sorted(random.sample(NAMES, 2 + int(random.random() * 3))))
            order = [add_server, remove_server, add_learner, promote][what] if what < 4 else None
            change = order(who) if order else change_members(*some)
            scenario = scenario.at(time, change)
        elif what == 5:
            scenario = scenario.at(time, crash(who)).at(time + 200, restart(who))
        elif what == 6:
            scenario = scenario.at(time, cut(who, other)).at(time + 300, heal())
        elif what == 7:
            scenario = scenario.at(
                time, partition([who, other], [n for n in NAMES if n not in (who, other)])
            )
            scenario = scenario.at(time + 400, heal())
        else:
            scenario = scenario.at(time, remove_server("leader"))
    return scenario


@pytest.mark.parametrize("seed", range(16))
def test_nothing_is_lost_while_members_come_and_go_in_rough_weather(seed):
    trace = rough(seed).run()
    assert complaint_of(trace) is None
    assert linearizable(trace.history()).holds


def test_that_rough_weather_changes_the_members_often():
    changes = [
        event.changes["configuration_index"]
        for seed in range(4)
        for event in rough(seed).run().events
        if event.changes.get("configuration_index")
    ]
    assert len(set(changes)) > 20


@pytest.mark.parametrize("seed", range(16))
def test_nothing_is_lost_while_both_sides_of_a_cut_change_the_members(seed):
    assert complaint_of(torn(Raft, seed).run()) is None


@pytest.mark.parametrize("seed", range(16))
def test_nothing_is_lost_while_the_sides_of_a_cut_change_in_the_midst_of_it(seed):
    assert complaint_of(mixed(Raft, seed).run()) is None


@pytest.mark.parametrize(
    ("row", "scenario"),
    [("M2", torn), ("M3", mixed), ("M4", mixed), ("M5", mixed), ("M6", torn)],
)
def test_random_scenarios_find_mistakes_without_being_told_where_to_look(row, scenario):
    bug = KILLED_BY[row][0]
    assert any(scenario(bug, seed).run().violations for seed in range(40))
