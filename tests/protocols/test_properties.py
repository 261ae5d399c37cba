"""What a property is told: the node's own changes, its timers, its disk at rest, and its boots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from consensus_lab.protocols.node import Node
from consensus_lab.simulation.faults import crash, restart
from tests.simulation.toys import Saver, ticking


class Ear:
    """Hears of these fields of S1, and complains of nothing."""

    name = "Ear"

    def __init__(self, *fields: str) -> None:
        self.fields = frozenset(fields)
        self.told: list[Any] = []

    def watch(
        self, nodes: Mapping[str, Node], changed: str, changes: Mapping[str, Any]
    ) -> str | None:
        if changed == "S1":
            self.told += [changes[field] for field in sorted(self.fields & changes.keys())]
        return None


def told(*fields: str, until: float = 15, restarted: bool = False) -> list[Any]:
    """What such a property hears in a run of a server that saves each count."""
    ear = Ear(*fields)

    class Heard(Saver):
        @classmethod
        def properties(cls):
            return [ear]

    scenario = ticking(Heard)
    if restarted:
        scenario = scenario.at(12, crash("S1")).at(13, restart("S1"))
    scenario.run(until)
    return ear.told


def test_a_property_is_told_what_changed_in_the_node():
    assert told("count") == [0, 1]


def test_a_property_is_told_which_timers_are_set():
    assert [set(timers) for timers in told("timers")] == [{"tick"}, {"tick"}]


def test_a_property_is_told_what_the_disk_holds_once_nothing_is_on_its_way():
    assert told("disk", until=10.5) == [{"count": 0}]
    assert told("disk", until=12) == [{"count": 0}, {"count": 1}]


def test_a_property_is_told_when_a_server_boots():
    assert told("status", restarted=True) == ["up", "up"]
