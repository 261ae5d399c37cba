"""Faults that wait for something strike exactly there, and say so when it never comes to that."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from consensus_lab.errors import ScenarioError
from consensus_lab.protocols import Raft
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import (
    Fault,
    crash,
    cut,
    drop,
    partition,
    pause,
    request,
    restart,
    timeout,
)
from consensus_lab.simulation.triggers import (
    Trigger,
    When,
    about_to_send,
    becomes,
    changes,
    crashes,
    receives,
    saves,
    sends,
    synced,
)

from .toys import Saver, fates, steady, texts, ticking


def crashed(trace):
    """Who crashed, and when (µs)."""
    return [(event.who, event.time) for event in trace.events if event.kind == "crash"]


def writing(**values):
    """S1 leads three servers and is asked to write at 400 ms: index 2 of its log."""
    return steady(**values).at(400, request("write", "x", 4))


# -- where it strikes ------------------------------------------------------------------------


def test_who_becomes_leader_can_be_crashed_at_once():
    trace = Scenario(Raft, seed=3).when(becomes("leader"), crash("it")).run(1000)
    [(who, time)] = crashed(trace)
    [elected] = [e for e in trace.events if e.changes.get("role") == "leader" and e.time == time]
    assert elected.who == who


def test_a_role_is_who_plays_it_when_the_fault_strikes():
    trace = writing().when(becomes("leader"), crash("leader"), after=20).run(500)
    assert crashed(trace) == [("S1", 42_000)]


def test_a_crash_after_the_first_of_two_messages_keeps_the_second_back():
    trace = ticking(servers=3).when(sends("Tick", by="S1"), crash("it")).run(15)
    assert [f.target for f in trace.messages if f.source == "S1"] == ["S2"]


def test_the_nth_time_counts():
    trace = ticking(servers=3).when(sends("Tick", by="S1"), crash("it"), nth=2).run(15)
    assert [f.target for f in trace.messages if f.source == "S1"] == ["S2", "S3"]


def test_what_is_about_to_be_sent_stays_when_its_sender_crashes():
    trace = ticking(servers=3).when(about_to_send("Tick", by="S1", to="S3"), crash("it")).run(15)
    assert [f.target for f in trace.messages if f.source == "S1"] == ["S2"]


def test_a_link_can_be_cut_between_two_messages():
    trace = ticking(servers=3).when(sends("Tick", by="S1"), cut("it", "S3")).run(15)
    assert fates(trace, "S1", "S2") + fates(trace, "S1", "S3") == ["delivered", "cut"]


def test_the_event_tells_only_of_messages_that_left():
    trace = ticking(servers=3).when(sends("Tick", by="S1"), crash("it")).run(15)
    [fired] = [e for e in trace.events if (e.who, e.kind) == ("S1", "timer")]
    assert fired.sent == [0]


def test_a_server_that_crashes_when_its_save_begins_has_nothing_on_disk():
    trace = ticking(Saver).when(saves("S1"), crash("it")).run(30)
    assert crashed(trace) == [("S1", 10_000)]
    assert trace.state_at(30)["S1"]["disk.count"] == 0


def test_a_server_that_crashes_when_its_save_is_done_has_told_nobody():
    trace = ticking(Saver).when(synced("S1"), crash("it")).run(30)
    assert crashed(trace) == [("S1", 11_000)]
    assert trace.state_at(30)["S1"]["disk.count"] == 1
    assert fates(trace) == []


def test_who_receives_a_message_has_reacted_but_not_answered():
    trace = writing().when(receives("RequestVote", "S2"), crash("it")).run(100)
    voted = {f.source for f in trace.messages if type(f.message).__name__ == "RequestVoteReply"}
    assert trace.state_at(100)["S2"]["disk.voted_for"] is None
    assert voted == {"S3"}


def test_the_values_of_a_message_can_be_asked_for():
    trigger = receives("AppendEntriesReply", "leader", source="S3", match_index=2)
    trace = writing().when(trigger, crash("it")).run(500)
    [(_, time)] = crashed(trace)
    got = [f for f in trace.messages if (f.source, f.target, f.due) == ("S3", "S1", time)]
    assert [f.message.match_index for f in got] == [2]


def test_true_stands_for_all_that_is_something():
    trigger = sends("AppendEntries", "leader", entries=True)
    trace = writing().when(trigger, crash("it"), since=400).run(500)
    assert [f.target for f in trace.messages if f.sent == 406_000 and f.source == "S1"] == ["S2"]


def test_a_leader_can_fail_before_its_answer_to_the_client_leaves():
    trace = writing().when(changes("commit_index", 2, "leader"), crash("it")).run(500)
    assert trace.state_at(417)["S1"]["status"] == "down"
    assert [f for f in trace.messages if f.target == "A"] == []


def test_a_field_that_changes_to_anything_is_enough():
    trace = ticking().when(changes("count", by="S2"), pause("it"), nth=3).run(50)
    assert [e.time for e in trace.events if e.kind == "pause"] == [30_000]


def test_a_message_that_was_waited_for_can_be_dropped():
    trace = ticking().when(sends("Tick", to="S2", number=2), drop("it")).run(40)
    assert fates(trace)[:3] == ["delivered", "dropped", "delivered"]


def test_a_fault_may_strike_a_while_later():
    trace = ticking().when(sends("Tick", by="S1"), crash("it"), after=5).run(50)
    assert crashed(trace) == [("S1", 15_000)]


def test_a_fault_strikes_as_many_times_as_it_is_told():
    trace = ticking().when(sends("Tick", by="S1"), drop("it"), nth=2, times=2).run(65)
    assert fates(trace)[:5] == ["delivered", "dropped", "dropped", "delivered", "delivered"]


def test_without_a_number_of_times_it_strikes_always():
    scenario = ticking().when(crashes(), restart("it"), after=3, times=None)
    trace = scenario.at(10, crash("S1")).at(50, crash("S2")).run()
    assert [(e.who, e.time) for e in trace.events if e.kind == "restart"] == [
        ("S1", 13_000),
        ("S2", 53_000),
    ]


def test_a_crashed_leader_is_still_known_as_the_one_that_led():
    trace = steady().when(crashes("leader"), restart("it")).at(100, crash("S1"), crash("S2")).run()
    assert [e.who for e in trace.events if e.kind == "restart"] == ["S1"]


def test_what_happens_before_it_is_waited_for_does_not_count():
    trace = ticking().when(sends("Tick", by="S1"), crash("it"), since=15).run(50)
    assert crashed(trace) == [("S1", 20_000)]


def test_several_faults_strike_in_the_order_given():
    trace = ticking().when(sends("Tick", by="S1"), crash("it"), restart("it")).run(12)
    assert [e.kind for e in trace.events if e.who == "S1"] == [
        *("start", "timer", "crash", "restart", "start")
    ]


def test_a_server_that_was_restarted_between_two_messages_does_not_send_the_second():
    trace = ticking(servers=3).when(sends("Tick", by="S1"), crash("it"), restart("it")).run(15)
    assert [f.target for f in trace.messages if f.source == "S1"] == ["S2"]


def test_a_fault_does_not_wait_for_what_it_causes_itself():
    scenario = ticking().when(changes("count", by="S1"), timeout("it", "tick"), times=None)
    assert scenario.run(35).state_at(35)["S1"]["count"] == 6


def test_it_may_stand_in_a_group_of_a_partition():
    waits = ticking(servers=3).when(sends("Tick", by="S3"), partition(["it"], ["S1", "S2"]))
    assert texts(waits.run(15)) == ["the network parts: S3 | S1 S2"]


def test_a_request_can_wait_for_a_leader_and_ask_it():
    trace = steady().when(becomes("leader"), request("read", "x", server="it"), after=30).run(100)
    assert [(o.start, o.outcome, o.server) for o in trace.operations] == [(52_000, "ok", "S1")]


def test_what_never_happened_is_said_when_the_run_ends():
    trace = ticking().when(sends("Tock", by="S1", to="S2", number=3), crash("it"), nth=2).run(20)
    assert trace.events[-1].time == 20_000
    assert texts(trace) == [
        "crash when S1 sends Tock number=3 to S2, time 2: it never came to that, so nothing happens"
    ]


# -- as a value --------------------------------------------------------------------------------

TRIGGERS = [
    becomes("leader"),
    changes("voted_for", None),
    changes("log", by="S2"),
    sends("AppendEntries", "leader", "S2", entries=True, prev_log_index=1),
    about_to_send("ClientReply", "leader", "A", result=("x", (1, 2))),
    receives("ClientRequest", source="A"),
    saves(),
    synced("follower"),
    crashes("S1"),
]


@pytest.mark.parametrize("trigger", TRIGGERS, ids=str)
def test_a_scenario_with_a_fault_that_waits_can_be_read_back(trigger):
    scenario = steady().when(trigger, crash("it"), after=2.5, nth=3, times=None, since=80)
    assert Scenario.from_json(json.loads(json.dumps(scenario.to_json()))) == scenario


def test_the_same_scenario_with_a_fault_that_waits_gives_the_same_trace():
    scenario = writing().when(sends("AppendEntries", "leader", entries=True), crash("it"), nth=3)
    assert scenario.run(800).to_json() == scenario.run(800).to_json()


def test_a_fault_that_waits_changes_nothing_until_it_strikes():
    calm = Scenario(Raft, clients=2, seed=5)
    armed = calm.when(sends("AppendEntries", entries=True), crash("it"), since=700)
    [(_, strikes)] = crashed(trace := armed.run(1200))
    same = [e for e in trace.events if e.time < strikes]
    assert same == calm.run(1200).events[: len(same)]


def test_a_client_that_only_a_waiting_fault_speaks_for_takes_part():
    scenario = steady().when(becomes("leader"), request("read", "x", client="Q"))
    assert scenario.client_names == ("Q",)


def test_a_scenario_is_no_smaller_a_world_for_a_server_that_is_waited_for():
    waits = When(sends("Tick", by="S3"), crash("it"))
    assert list(waits.names()) == ["S3"]


NONSENSE = [
    (lambda: ticking().when("leader", crash("S1")), "what a fault waits for is a Trigger, not"),
    (lambda: ticking().when(saves(), "S1"), 'What waits is a fault such as crash("it"), not'),
    (lambda: ticking().when(saves("S7"), crash("it")), "when at 0 ms: there is no server 'S7'"),
    (lambda: ticking().when(saves(), crash("S7")), "crash at 0 ms: there is no server 'S7'"),
    (lambda: ticking().at(5, crash("it")), "crash at 5 ms: there is no server 'it'"),
    (lambda: ticking().at(5, drop("it")), "drop at 5 ms: there is no server 'it'"),
    (lambda: ticking().when(saves(), drop("it")), 'drop("it") waits until somebody sends'),
    (lambda: ticking().when(saves(), crash("it"), nth=0), "nth is from 1 on, not 0."),
    (lambda: ticking().when(saves(), crash("it"), times=0), "times is from 1 on, not 0."),
    (lambda: ticking().when(saves(), crash("it"), after=-1), "the time after which a fault"),
    (lambda: ticking().when(saves(), crash("it"), since=-1), "the time of a fault is a number"),
    (lambda: ticking().when(saves(), When(saves(), crash("it"))), "What waits is a fault such"),
    (lambda: receives("ClientRequest", by="A"), "A fault waits for what a server does, not for"),
    (lambda: sends(5), "what a server sends is a text, not 5."),
    (lambda: Trigger("sneezes"), "what a fault waits for is one of sends, about to send"),
    (lambda: Trigger("sends", name="Tick", having=(5,)), "What a message has is a field and its"),
    (lambda: sends("Tick", to=5), "a server is a text, not 5."),
]


@pytest.mark.parametrize(("make", "text"), NONSENSE)
def test_what_makes_no_sense_is_refused_in_a_sentence(make, text):
    with pytest.raises(ScenarioError) as caught:
        make()
    assert str(caught.value).startswith(text)


def test_a_field_that_the_message_lacks_is_refused_when_the_message_comes():
    with pytest.raises(ScenarioError) as caught:
        ticking().when(sends("Tick", nmber=2), crash("it")).run()
    assert str(caught.value) == (
        "A fault waits for somebody sends Tick nmber=2, but Tick has no field 'nmber'. "
        "It has: number."
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"trigger": 5}, '"trigger" is an object with what, by, name, other, having; not 5.'),
        ({"trigger": {}}, '"trigger" is an object'),
        ({"trigger": {"what": "saves", "who": "S1"}}, '"trigger" is an object'),
        ({"trigger": {"what": {}}}, "what a fault waits for is one of"),
        ({"trigger": {"what": "saves", "having": {}}}, "what a message has is a tuple, not {}."),
        ({"then": 5}, "A fault is an object like"),
        ({"then": {"fault": "crash"}}, "The fault 'crash' lacks: server."),
        ({"nth": "2"}, "nth is a whole number, not '2'."),
    ],
)
def test_what_is_no_waiting_fault_is_refused_in_a_sentence(change, text):
    with pytest.raises(ScenarioError) as caught:
        Fault.from_json({**When(saves(), crash("it")).to_json(), **change})
    assert str(caught.value).startswith(text)


def test_a_hunt_leaves_off_a_waiting_fault_that_is_not_needed():
    from consensus_lab.testing.hunt import attempt, shrink

    def led(trace):
        [(who, time), *_] = crashed(trace) or [(None, 0)]
        return ("somebody crashes", str(who), time / 1000) if who else None

    scenario = steady().when(becomes("leader"), crash("it")).when(saves("S3"), pause("it"))
    found = attempt(replace(scenario, duration=500), led)
    smallest = shrink(found, led)
    assert [fault for _, fault in smallest.scenario.faults] == [
        When(becomes("leader"), crash("it")),
        timeout("S1"),
    ]
