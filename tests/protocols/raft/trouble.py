"""How a test of the MIT lab runs: as it does there, or with trouble that the lab never makes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from consensus_lab.simulation import DiskModel, Scenario
from consensus_lab.simulation.faults import Fault, clock_skew, pause, resume

ALL_ON = {
    "pre_vote": True,
    "check_quorum": True,
    "window": 8,
    "max_entries": 16,
    "parallel_disk": True,
}
"""Every extension that does not change what a test may expect."""

LONG = 100_000
"""Trouble is made for so long (ms); no test takes longer."""


@dataclass(frozen=True)
class Case:
    """A seed, and a kind of trouble."""

    seed: int
    trouble: str = "lab"

    def __str__(self) -> str:
        return f"{self.trouble}-{self.seed}"

    @property
    def one_way(self) -> bool:
        """Who is disconnected may still be heard, or may still hear."""
        return self.trouble == "one-way"

    def troubled(self, scenario: Scenario) -> Scenario:
        """`scenario`, with this trouble."""
        random = Random(f"{self.seed}/{self.trouble}")
        names = scenario.server_names
        match self.trouble:
            case "doubling":
                network = replace(scenario.network, duplicate=0.1, reorder=0.1)
                return replace(scenario, network=network)
            case "drift":
                rates = {name: 0.8 + 0.4 * random.random() for name in names}
                skews = [(0, clock_skew(name, 0, rate)) for name, rate in rates.items()]
                return replace(scenario, faults=(*skews, *scenario.faults))
            case "pauses":
                return replace(scenario, faults=(*pauses(random, names), *scenario.faults))
            case "bad-disks":
                return replace(scenario, disk=DiskModel((0, 25), torn=0.5))
            case "one-way":
                # Else a leader that is heard, but hears nobody, leads for ever.
                return with_options(scenario, pre_vote=True, check_quorum=True)
            case "all-on":
                return with_options(scenario, **ALL_ON)
        return scenario


def with_options(scenario: Scenario, **options: Any) -> Scenario:
    return replace(scenario, options={**options, **scenario.options})


def pauses(random: Random, names: tuple[str, ...]) -> Iterator[tuple[float, Fault]]:
    """One server after the other stands still, for less than an election timeout."""
    time = 0.0
    while time < LONG:
        time += 100 + 400 * random.random()
        name, end = random.choice(names), time + 10 + 90 * random.random()
        yield from ((time, pause(name)), (end, resume(name)))
        time = end


TROUBLES = ("doubling", "one-way", "drift", "pauses", "bad-disks", "all-on")
