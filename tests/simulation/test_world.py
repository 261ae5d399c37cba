"""The world: one queue, virtual time, and nothing that happens for any other reason."""

from __future__ import annotations

import gc
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.protocols import Node, Raft
from consensus_lab.simulation import Network, Scenario
from consensus_lab.simulation.faults import crash, pause, request, restart, resume

from .strategies import FAULTS
from .toys import Tick, Ticker, ticking

TURBULENT = Scenario(
    Raft, servers=3, clients=2, network=Network(loss=0.05, duplicate=0.05, reorder=0.1)
)


def rows(scenario: Scenario, until: float) -> tuple[list, list]:
    """The events before `until` (ms) and the messages sent before it, as the JSON has them.

    Of a message only what is known when it is sent: a later fault may change what becomes of it.
    """
    document = json.loads(scenario.run().to_json())
    events = [row for row in document["events"] if row[0] < until * 1000]
    messages = [row[:5] for row in document["messages"] if row[2] < until * 1000]
    return events, messages


# -- the same prefix -------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 99),
    st.lists(st.tuples(st.integers(0, 1500), FAULTS), max_size=5),
    st.integers(0, 1500),
    st.lists(FAULTS, min_size=1, max_size=3),
)
def test_the_same_faults_up_to_a_time_give_the_same_trace_up_to_it(seed, faults, time, more):
    faults = [(t, fault) for t, fault in faults if t < time]
    scenario = replace(TURBULENT, seed=seed, duration=1500)
    for at, fault in faults:
        scenario = scenario.at(at, fault)
    assert rows(scenario, time) == rows(scenario.at(time, *more), time)


def test_a_longer_run_begins_like_a_shorter_one():
    assert rows(replace(TURBULENT, duration=900), 900) == rows(
        replace(TURBULENT, duration=1800), 900
    )


def test_a_client_that_speaks_later_changes_nothing_before():
    assert rows(TURBULENT, 1000) == rows(TURBULENT.at(1000, request("read", "z", client="Q")), 1000)


def test_another_seed_gives_another_run():
    assert rows(TURBULENT, 500) != rows(replace(TURBULENT, seed=1), 500)


# -- the queue -------------------------------------------------------------------------------


def test_a_run_ends_at_its_duration_and_what_happens_then_still_happens():
    trace = ticking(duration=20).run()
    assert [event.time for event in trace.events][-1] == 20_000
    assert trace.duration == 20_000


def test_every_server_boots_at_time_0():
    trace = ticking(servers=3).run()
    assert [(e.time, e.kind, e.who) for e in trace.events[:3]] == [
        (0, "start", "S1"),
        (0, "start", "S2"),
        (0, "start", "S3"),
    ]


def test_the_first_event_of_a_server_tells_all_its_fields():
    trace = ticking().run()
    assert dict(trace.events[0].changes) == {
        "count": 0,
        "heard": 0,
        "status": "up",
        "timers": {"tick": (0, 10_000)},
    }


def test_of_two_things_at_one_time_the_one_that_was_set_first_comes_first():
    class Two(Ticker):
        def on_start(self, out):
            out.set_timer("tock", 10)
            out.set_timer("tick", 10)

        def on_tock_timeout(self, out):
            pass

    trace = ticking(Two, servers=1).run(15)
    assert [event.detail for event in trace.events if event.kind == "timer"] == ["tock", "tick"]


def test_a_timer_that_is_set_anew_fires_once_and_later():
    class Patient(Ticker):
        def on_tick_timeout(self, out):
            self.count += 1

        def on_start(self, out):
            out.set_timer("tick", 10)
            out.set_timer("tick", 30)

    trace = ticking(Patient, servers=1).run()
    assert [event.time for event in trace.events if event.kind == "timer"] == [30_000]


def test_a_cancelled_timer_does_not_fire():
    class Resigned(Ticker):
        def on_start(self, out):
            out.set_timer("tick", 10)
            out.cancel_timer("tick")
            out.cancel_timer("never set")

    assert [event.kind for event in ticking(Resigned, servers=1).run().events] == ["start"]


def test_a_timer_of_0_ms_fires_a_tick_later_so_that_time_goes_on():
    class Hasty(Ticker):
        def on_tick_timeout(self, out):
            out.set_timer("tick", 0)

    trace = ticking(Hasty, servers=1).run(10.005)
    assert [e.time for e in trace.events if e.kind == "timer"][:3] == [10_000, 10_001, 10_002]


def test_a_server_can_send_to_itself():
    class Selfish(Ticker):
        def on_tick_timeout(self, out):
            out.send(self.name, Tick(1))

    assert ticking(Selfish, servers=1).run(20).state_at(20)["S1"]["heard"] == 1


def test_notes_stand_beside_the_event():
    class Talker(Ticker):
        def on_tick_timeout(self, out):
            out.note("ticks")
            out.note(7)

    trace = ticking(Talker, servers=1).run(15)
    assert trace.events[-1].notes == ["ticks", "7"]


def test_each_server_has_luck_of_its_own_that_a_crash_does_not_rewind():
    class Gambler(Node):
        def __init__(self, name, servers):
            super().__init__(name, servers)
            self.draws = ()

        def on_start(self, out):
            self.draws += (out.random(),)
            out.set_timer("draw", 10)

        def on_draw_timeout(self, out):
            self.on_start(out)

    scenario = ticking(Gambler).at(15, crash("S1")).at(16, restart("S1"))
    before, after = scenario.run().state_at(14), scenario.run().state_at(40)
    everything = (*before["S1"]["draws"], *after["S1"]["draws"], *after["S2"]["draws"])
    assert len(set(everything)) == len(everything)
    assert all(0 <= draw < 1 for draw in everything)


def test_a_protocol_without_messages_timers_or_disk_runs():
    class Stone(Node):
        pass

    trace = Scenario(Stone, servers=2).run(100)
    assert [event.kind for event in trace.events] == ["start", "start"]


def test_a_server_that_stands_still_for_a_while_goes_on_as_if_nothing_had_been():
    trace = Scenario(Raft, servers=3).at(500, pause("leader")).at(550, resume("leader")).run(2000)
    assert trace.violations == []


def test_the_garbage_collector_is_as_it_was_before_the_run():
    gc.disable()
    try:
        ticking().run()
        assert not gc.isenabled()
    finally:
        gc.enable()
    ticking().run()
    assert gc.isenabled()


@pytest.mark.parametrize("servers", [1, 2, 4, 7])
def test_raft_elects_one_leader_whatever_the_number_of_servers(servers):
    trace = Scenario(Raft, servers=servers, seed=servers).run(1500)
    roles = [fields["role"] for fields in trace.state_at(1500).values()]
    assert roles.count("leader") == 1
    assert trace.violations == []
