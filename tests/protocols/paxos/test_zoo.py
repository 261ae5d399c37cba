"""The bug zoo: each mistake is found out in its scenario, and Paxos survives that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import pytest

from consensus_lab.protocols.paxos import Paxos
from consensus_lab.simulation import Scenario, Trace
from consensus_lab.testing.campaigns import contest, duels, storm
from consensus_lab.testing.hunt import attempt, complaint_of, complaint_or_silence

from ..raft.promises import broken_in
from . import multi_bugs, single_bugs

KILLED_BY = {**single_bugs.KILLED_BY, **multi_bugs.KILLED_BY}


def ran(scenario: Scenario, protocol, *without: int) -> Trace:
    """Its run, without these faults."""
    faults = tuple(fault for i, fault in enumerate(scenario.faults) if i not in without)
    return replace(scenario, protocol=protocol, faults=faults).run()


@pytest.mark.parametrize("row", KILLED_BY)
def test_each_mistake_is_found_out(row):
    bug, scenario, what = KILLED_BY[row]
    assert what in broken_in(ran(scenario, bug), what)


@pytest.mark.parametrize("row", KILLED_BY)
def test_paxos_survives_what_finds_it_out(row):
    _, scenario, what = KILLED_BY[row]
    assert broken_in(ran(scenario, scenario.protocol), what) == set()


FOUND_SOON = ("P2", "P3", "P4", "P5", "P5, shared", "P6", "P8", "P9", "P12")
"""What 400 contests find. P1 takes a thousand of them, or twenty storms on a log. P7 wants three
ballots that meet in just one way, and P10 and P11 cost nothing but time: these are for `duels`.
"""

SAFETY = {"P2c", "Agreement", "Learning", "State Machine Safety", "linearizability"}


def campaign(bug, make: Callable[..., Scenario], seeds: int) -> set[str]:
    """What a class breaks in the first random scenario that finds it out."""
    findings = (attempt(make(bug, seed), complaint_of) for seed in range(seeds))
    return {found.property for found in islice(filter(None, findings), 1)}


@pytest.mark.parametrize("row", FOUND_SOON)
def test_random_campaigns_find_mistakes_in_paxos(row):
    assert campaign(single_bugs.KILLED_BY[row][0], contest, 400) & SAFETY


def test_random_duels_find_who_accepts_without_promise():
    """By luck so soon: on average it takes some 600."""
    assert campaign(single_bugs.KILLED_BY["P7"][0], duels, 20) & SAFETY


@pytest.mark.parametrize("row", ["P10", "P11"])
def test_random_duels_find_a_paxos_that_does_not_end(row):
    bug = single_bugs.KILLED_BY[row][0]
    findings = (attempt(duels(bug, seed), complaint_or_silence) for seed in range(60))
    assert any(found and found.property == "termination" for found in findings)


def test_paxos_survives_random_duels_and_ends():
    findings = [attempt(duels(Paxos, seed), complaint_or_silence) for seed in range(100)]
    assert findings == [None] * 100


@pytest.mark.parametrize("bug", multi_bugs.MISTAKES)
def test_random_campaigns_find_mistakes_in_multi_paxos(bug):
    assert campaign(bug, storm, 100) & SAFETY
