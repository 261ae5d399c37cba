"""Clocks: the world's, which is always right, and each server's own, which may not be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.errors import ScenarioError
from consensus_lab.protocols import Node
from consensus_lab.simulation.clock import Clock
from consensus_lab.simulation.faults import clock_skew, crash, pause, restart, resume

from .toys import texts, ticking


class Watcher(Node):
    """Looks at its clock every 10 ms, as it believes."""

    def __init__(self, name, servers):
        super().__init__(name, servers)
        self.shown = ()

    def on_start(self, out):
        out.set_timer("look", 10)

    def on_look_timeout(self, out):
        self.shown += (out.clock(),)
        out.set_timer("look", 10)


def shown(*faults, server="S1", duration=100):
    """What the clock of a server shows, look by look, when these faults happen after 25 ms."""
    scenario = ticking(Watcher).at(25, *faults)
    return scenario.run(duration).state_at(duration)[server]["shown"]


def test_a_clock_that_nobody_touched_is_right():
    assert shown()[:4] == (10, 20, 30, 40)


def test_a_skewed_clock_is_ahead_by_its_offset():
    assert shown(clock_skew("S1", 500))[:4] == (10, 20, 530, 540)


def test_a_clock_may_jump_back():
    assert shown(clock_skew("S1", -15))[:4] == (10, 20, 15, 25)


def test_only_the_one_servers_clock_is_skewed():
    assert shown(clock_skew("S1", 500), server="S2") == shown(server="S2")


def test_a_fast_clock_gains_and_makes_timers_short():
    # The timer that was set before is due at 30; from then on 10 ms by this clock take 5.
    assert shown(clock_skew("S1", 0, rate=2), duration=42)[2:] == (35, 45, 55)


def test_a_slow_clock_loses_and_makes_timers_long():
    assert shown(clock_skew("S1", 0, rate=0.5), duration=72)[2:] == (27.5, 37.5, 47.5)


def test_a_clock_is_put_right_again():
    assert shown(clock_skew("S1", 500), clock_skew("S1", 0)) == shown()


def test_a_clock_goes_on_while_its_server_is_down_or_stands_still():
    assert shown(clock_skew("S1", 500), crash("S1"), restart("S1"), duration=50) == (535, 545)
    scenario = ticking(Watcher).at(25, clock_skew("S1", 500), pause("S1")).at(60, resume("S1"))
    assert scenario.run(65).state_at(65)["S1"]["shown"] == (10, 20, 560)


def test_the_trace_tells_of_a_skewed_clock():
    trace = ticking(Watcher).at(25, clock_skew("S1", 500), clock_skew("S2", -3, rate=1.5)).run()
    assert texts(trace) == [
        "the clock of S1 is 500 ms ahead",
        "the clock of S2 is 3 ms behind and runs at the rate 1.5",
    ]


def test_and_of_one_that_is_put_right():
    trace = ticking(Watcher).at(25, clock_skew("S1", 0), clock_skew("S2", 0, rate=0.9)).run()
    assert texts(trace) == [
        "the clock of S1 shows the true time",
        "the clock of S2 shows the true time and runs at the rate 0.9",
    ]


@given(st.integers(0, 10**9), st.integers(-(10**9), 10**9), st.integers(0, 10**9))
def test_at_rate_1_an_offset_is_all_there_is(since, offset, later):
    clock = Clock(since, offset)
    assert clock.at(since + later) == since + later + offset
    assert clock.lasts(later) == later


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (("S1", "much"), "the offset of a clock is a number of ms from -1e9 to 1e9"),
        (("S1", float("inf")), "the offset of a clock is a number"),
        (("S1", 0, 0), "The rate of a clock is from 0.01 to 100, not 0."),
        (("S1", 0, True), "The rate of a clock is from 0.01 to 100, not True."),
    ],
)
def test_a_clock_that_makes_no_sense_is_refused_in_a_sentence(values, text):
    with pytest.raises(ScenarioError) as caught:
        clock_skew(*values)
    assert str(caught.value).startswith(text)
