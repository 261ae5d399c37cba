"""An extension that is off costs nothing, and nobody can tell that it was left off."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consensus_lab.protocols import Raft
from consensus_lab.protocols.raft import BasicRaft
from consensus_lab.protocols.raft.raft import USED
from consensus_lab.protocols.raft.transfer import WithTransfer
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import transfer
from consensus_lab.simulation.triggers import becomes
from consensus_lab.simulation.world import World
from consensus_lab.testing.hunt import rough_weather

OPTIONS = [
    {},
    {"pre_vote": True},
    {"check_quorum": True},
    {"reads": "lease"},
    {"reads": "read_index"},
    {"reads": "follower", "pre_vote": True},
    {"window": 2},
    {"window": 3, "snapshot_every": 5},
    {"snapshot_every": 10},
    {"conflict_hint": False},
    {"parallel_disk": True, "members": ("S1", "S2", "S3")},
]


def first_node(scenario: Scenario) -> object:
    world = World(scenario)
    world.run(0)
    return world.servers["S1"].node


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_run_without_what_is_off_is_the_same_to_the_byte(monkeypatch, options):
    scenarios = [replace(rough_weather(Raft, seed), options=options) for seed in range(2)]
    simple = [scenario.run().to_json() for scenario in scenarios]
    monkeypatch.setattr(Raft, "simplify", lambda self, orders: None)
    assert [scenario.run().to_json() for scenario in scenarios] == simple


def test_with_all_extensions_off_only_the_conflict_hint_is_left():
    assert [one.__name__ for one in type(first_node(Scenario(Raft))).__bases__] == [
        "WithConflictHint"
    ]


def test_with_every_option_off_it_is_figure_2():
    node = first_node(Scenario(Raft, options={"conflict_hint": False}))
    assert type(node).__bases__ == (BasicRaft,)


def test_where_orders_may_come_who_understands_them_stays():
    scenario = Scenario(Raft).when(becomes("leader"), transfer("it", "S2"), after=50)
    assert isinstance(first_node(scenario), WithTransfer)


def test_a_class_of_a_learner_keeps_all():
    class Mine(Raft):
        pass

    assert type(first_node(Scenario(Mine))) is Mine


def test_it_is_known_when_each_extension_is_used():
    assert set(USED) == set(Raft.__bases__)
