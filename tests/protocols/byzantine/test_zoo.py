"""The bug zoo: each mistake is found out in its scenario, and the right protocol survives that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consensus_lab.protocols.byzantine import OralMessages, SignedMessages
from consensus_lab.simulation.generals import generals

from . import oral_bugs, pbft_bugs, signed_bugs

GENERALS = {**oral_bugs.KILLED_BY, **signed_bugs.KILLED_BY}
KILLED_BY = {**GENERALS, **pbft_bugs.KILLED_BY}


def broken(scenario, protocol=None):
    """The properties that are broken in its run."""
    trace = replace(scenario, protocol=protocol or scenario.protocol).run()
    return {violation.property for violation in trace.violations}


@pytest.mark.parametrize("row", KILLED_BY)
def test_each_mistake_is_found_out(row):
    bug, scenario, what = KILLED_BY[row]
    assert what in broken(scenario, bug)


@pytest.mark.parametrize("row", KILLED_BY)
def test_the_right_protocol_survives_what_finds_it_out(row):
    _, scenario, _ = KILLED_BY[row]
    assert broken(scenario) == set()


@pytest.mark.parametrize("row", GENERALS)
def test_no_lie_can_be_left_out(row):
    bug, scenario, what = KILLED_BY[row]
    lies = scenario.options["lies"]
    for route in lies:
        fewer = {key: value for key, value in lies.items() if key != route}
        assert what not in broken(
            replace(scenario, options={**scenario.options, "lies": fewer}), bug
        )


@pytest.mark.parametrize("row", pbft_bugs.KILLED_BY)
@pytest.mark.parametrize("place", [0, 1])
def test_no_request_can_be_left_out(row, place):
    bug, scenario, what = KILLED_BY[row]
    fewer = scenario.faults[:place] + scenario.faults[place + 1 :]
    assert what not in broken(replace(scenario, faults=fewer), bug)


def test_b1_three_generals_do_not_bear_one_traitor_and_four_do():
    lies = {"S1>S3>S2": "retreat"}
    assert broken(generals(3, 1, ["S3"], lies)) == {"IC2"}
    assert broken(generals(4, 1, ["S3"], lies)) == set()


@pytest.mark.parametrize("bug", [OralMessages, SignedMessages])
def test_a_scenario_without_traitors_breaks_nothing(bug):
    assert broken(generals(4, 1, protocol=bug)) == set()
