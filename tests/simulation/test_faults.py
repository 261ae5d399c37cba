"""Every fault does what it says, and says so when there is nothing that it could do."""

from __future__ import annotations

import pytest

from consensus_lab.errors import ScenarioError
from consensus_lab.protocols import Raft
from consensus_lab.simulation import Scenario, faults, message_faults, orders, triggers
from consensus_lab.simulation.faults import (
    Fault,
    clock_skew,
    crash,
    cut,
    delay,
    drop,
    duplicate,
    heal,
    partition,
    pause,
    request,
    restart,
    resume,
    slow_disk,
    timeout,
    transfer,
    weather,
    wipe,
)
from consensus_lab.simulation.orders import add_server, change_members
from consensus_lab.simulation.triggers import When, sends

from .toys import Saver, Ticker, fates, steady, texts, ticking


def kinds(trace, who):
    return [event.kind for event in trace.events if event.who == who]


# -- crash and restart ---------------------------------------------------------------------


def test_a_crashed_server_does_nothing():
    trace = ticking().at(55, crash("S1")).run()
    assert [f.sent for f in trace.messages if f.source == "S1"][-1] == 50_000
    assert kinds(trace, "S1")[-1] == "crash"


def test_a_message_to_a_crashed_server_finds_it_down():
    trace = ticking().at(55, crash("S2")).run()
    assert fates(trace) == ["delivered"] * 5 + ["down"] * 4 + ["flying"]


def test_a_crash_loses_the_memory():
    trace = ticking().at(55, crash("S1")).at(56, restart("S1")).run()
    assert trace.state_at(54)["S1"]["count"] == 5
    assert trace.state_at(56)["S1"]["count"] == 0


def test_a_wiped_server_boots_with_an_empty_disk():
    scenario = ticking(Saver).at(55, crash("S1"))
    assert scenario.at(56, restart("S1")).run().state_at(56)["S1"]["count"] > 0
    trace = scenario.at(56, wipe("S1")).run()
    assert trace.state_at(56)["S1"]["count"] == 0
    assert texts(trace)[-1] == "S1 is a new machine now, with an empty disk"


def test_only_a_server_that_is_down_can_be_wiped():
    trace = ticking(Saver).at(55, wipe("S1")).run()
    assert texts(trace) == ["wipe S1: it is up, so nothing happens"]


def test_a_crash_loses_a_field_that_only_a_handler_made():
    class Late(Ticker):
        def on_tick_timeout(self, out):
            super().on_tick_timeout(out)
            self.latest = self.count

    trace = ticking(Late).at(25, crash("S1")).at(30, restart("S1")).run(35)
    assert trace.state_at(24)["S1"]["latest"] == 2
    assert trace.state_at(35)["S1"]["latest"] is None


def test_a_crash_keeps_what_is_on_disk():
    trace = ticking(Saver).at(55, crash("S1")).at(56, restart("S1")).run()
    assert trace.state_at(56)["S1"]["count"] == 5


def test_a_crash_loses_what_has_not_reached_the_disk():
    scenario = ticking(Saver).at(0, slow_disk("S1", 8))
    trace = scenario.at(55, crash("S1")).at(56, restart("S1")).run()
    assert trace.state_at(54)["S1"]["count"] == 5
    assert trace.state_at(56)["S1"]["count"] == 4


def test_a_crash_loses_the_messages_that_waited_for_the_disk():
    trace = ticking(Saver).at(0, slow_disk("S1", 8)).at(55, crash("S1")).run()
    assert [f.message.number for f in trace.messages if f.source == "S1"] == [1, 2, 3, 4]


def test_a_save_that_a_crash_lost_does_not_arrive_after_the_restart():
    scenario = ticking(Saver).at(45, slow_disk("S1", 20))
    trace = scenario.at(55, crash("S1")).at(56, restart("S1")).run(85)
    disk = [event.changes["disk.count"] for event in trace.events if "disk.count" in event.changes]
    assert trace.state_at(85)["S1"]["disk.count"] == 4
    assert 5 in disk  # of S2
    assert 5 not in [e.changes.get("disk.count") for e in trace.events if e.who == "S1"]


def test_a_restarted_server_boots():
    trace = ticking().at(55, crash("S1")).at(60, restart("S1")).run()
    assert kinds(trace, "S1").count("start") == 2
    assert trace.state_at(60)["S1"]["timers"] == {"tick": (60_000, 70_000)}


def test_a_timer_of_before_the_crash_does_not_fire_after_the_restart():
    trace = ticking().at(55, crash("S1")).at(56, restart("S1")).run()
    fired = [event.time for event in trace.events if event.who == "S1" and event.kind == "timer"]
    assert [time for time in fired if time > 50_000] == [66_000, 76_000, 86_000, 96_000]


def test_a_server_that_crashes_at_time_0_stays_down():
    trace = ticking().at(0, crash("S1")).run()
    assert trace.state_at(50)["S1"]["status"] == "down"
    assert fates(trace) == []


# -- pause and resume ----------------------------------------------------------------------


def test_a_paused_server_does_nothing():
    trace = ticking().at(25, pause("S1")).run()
    assert [f.sent for f in trace.messages if f.source == "S1"] == [10_000, 20_000]
    assert trace.state_at(90)["S1"]["heard"] == 2


def test_a_resumed_server_takes_up_what_waited_in_the_order_in_which_it_came():
    trace = ticking().at(25, pause("S1")).at(51, resume("S1")).run()
    caught_up = [e.detail for e in trace.events if e.who == "S1" and e.time == 51_000]
    first = [n for n, f in enumerate(trace.messages) if f.source == "S2"]
    assert caught_up == [None, "tick", first[2], first[3]]
    assert trace.state_at(51)["S1"]["heard"] == 4


def test_what_waits_at_a_paused_server_has_passed_the_link():
    scenario = ticking().at(25, pause("S2")).at(45, cut("S1", "S2"))
    trace = scenario.at(50, resume("S2")).run()
    assert fates(trace)[:4] == ["delivered"] * 4


def test_what_waits_at_a_paused_server_is_lost_when_it_crashes():
    trace = ticking().at(25, pause("S2")).at(45, crash("S2")).at(46, restart("S2")).run(60)
    assert fates(trace)[:5] == ["delivered", "delivered", "down", "down", "delivered"]


def test_what_waits_at_a_paused_server_has_not_arrived_when_the_run_ends():
    assert fates(ticking().at(25, pause("S2")).run())[2:] == ["flying"] * 8


def test_a_save_waits_while_the_server_is_paused():
    scenario = ticking(Saver).at(0, slow_disk("S1", 8)).at(55, pause("S1")).at(80, resume("S1"))
    trace = scenario.run()
    assert trace.state_at(79)["S1"]["disk.count"] == 4
    assert trace.state_at(80)["S1"]["disk.count"] == 5


# -- links ---------------------------------------------------------------------------------


def test_a_cut_link_carries_nothing_either_way():
    trace = ticking().at(25, cut("S1", "S2")).run()
    assert fates(trace) == ["delivered"] * 2 + ["cut"] * 8
    assert fates(trace, "S2", "S1") == ["delivered"] * 2 + ["cut"] * 8


def test_a_cut_takes_what_is_on_its_way():
    assert fates(ticking().at(22, cut("S1", "S2")).run())[1] == "cut"


def test_a_one_way_cut_carries_the_other_way():
    trace = ticking().at(25, cut("S1", "S2", one_way=True)).run()
    assert fates(trace) == ["delivered"] * 2 + ["cut"] * 8
    assert fates(trace, "S2", "S1") == ["delivered"] * 9 + ["flying"]


def test_a_healed_link_carries_again():
    trace = ticking().at(25, cut("S1", "S2")).at(45, heal("S1", "S2")).run(65)
    assert fates(trace) == ["delivered"] * 2 + ["cut"] * 2 + ["delivered"] * 2


def test_heal_without_names_repairs_every_link():
    scenario = ticking(servers=3).at(5, cut("S1", "S2"), cut("S3", "S1", one_way=True))
    trace = scenario.at(45, heal()).run(95)
    for link in (("S1", "S2"), ("S2", "S1"), ("S3", "S1")):
        assert fates(trace, *link) == ["cut"] * 4 + ["delivered"] * 5


def test_a_partition_cuts_between_groups_and_not_within():
    trace = ticking(servers=4).at(5, partition(["S1", "S2"], ["S3", "S4"])).run()
    assert set(fates(trace, "S1", "S2")) == {"delivered", "flying"}
    assert set(fates(trace, "S1", "S3")) == {"cut"}
    assert set(fates(trace, "S4", "S2")) == {"cut"}
    assert set(fates(trace, "S4", "S3")) == {"delivered", "flying"}


def test_who_is_named_twice_belongs_to_the_first_group():
    trace = steady().at(100, partition(["leader"], ["S1", "S2", "S3"])).run(200)
    assert texts(trace) == ["the network parts: S1 | S2 S3"]


def test_a_fault_of_links_tells_which_are_cut_now():
    scenario = ticking(servers=3).at(1, cut("S1", "S2", one_way=True)).at(2, cut("S3", "S2"))
    trace = scenario.at(3, heal("S1", "S2")).at(4, heal()).run(10)
    assert [event.detail["cut"] for event in trace.events if event.kind == "fault"] == [
        [("S1", "S2")],
        [("S1", "S2"), ("S2", "S3"), ("S3", "S2")],
        [("S2", "S3"), ("S3", "S2")],
        [],
    ]


def test_a_partition_leaves_clients_connected():
    trace = steady().at(100, partition(["S1"], ["S2", "S3"])).at(110, request("read", "x")).run(400)
    asked = [f for f in trace.messages if f.source == "A"]
    assert {f.fate for f in asked} == {"delivered"}


def test_a_partition_takes_along_the_clients_that_it_names():
    scenario = steady().at(100, partition(["S1"], ["S2", "S3", "A"]))
    trace = scenario.at(110, request("read", "x"), request("read", "x", client="B")).run(900)
    assert {f.fate for f in trace.messages if {f.source, f.target} == {"A", "S1"}} == {"cut"}
    assert {f.fate for f in trace.messages if {f.source, f.target} == {"A", "S2"}} == {"delivered"}
    assert {f.fate for f in trace.messages if {f.source, f.target} == {"B", "S1"}} == {"delivered"}


def test_a_client_can_be_cut_off():
    scenario = steady().at(100, request("read", "x"))
    trace = scenario.at(90, *[cut("A", name) for name in ("S1", "S2", "S3")]).run(400)
    assert {f.fate for f in trace.messages if f.source == "A"} == {"cut"}


# -- weather, disk, single messages, timers --------------------------------------------------


def test_weather_changes_the_network_from_then_on():
    trace = ticking().at(45, weather(loss=1)).run()
    assert fates(trace) == ["delivered"] * 4 + ["lost"] * 6


def test_weather_leaves_what_it_does_not_name():
    trace = ticking().at(45, weather(loss=1)).at(65, weather(latency=(7, 7), loss=0)).run()
    assert fates(trace)[6:] == ["delivered"] * 3 + ["flying"]
    assert {f.due - f.sent for f in trace.messages if f.sent > 65_000} == {7000}


def test_a_slow_disk_delays_what_waits_for_it():
    trace = ticking(Saver).at(0, slow_disk("S1", 4)).run()
    sent = [f.sent for f in trace.messages if f.source == "S1"]
    assert sent == [time + 4000 for time in range(10_000, 100_000, 10_000)]


def test_saves_reach_a_slow_disk_one_after_the_other():
    trace = ticking(Saver).at(0, slow_disk("S1", 25)).run()
    assert [f.sent for f in trace.messages if f.source == "S1"] == [35_000, 60_000, 85_000]


def test_a_dropped_message_never_arrives():
    trace = ticking().at(22, drop(2)).run()
    assert fates(trace) == ["delivered", "dropped", *["delivered"] * 7, "flying"]
    assert trace.messages[2].due == 23_000
    [fault] = [event for event in trace.events if event.kind == "fault"]
    assert (fault.time, fault.detail) == (22_000, {"text": "message 2 is dropped", "dropped": 2})


@pytest.mark.parametrize("number", [0, 5000])
def test_a_message_that_is_not_on_its_way_cannot_be_dropped(number):
    trace = ticking().at(22, drop(number)).run()
    assert "dropped" not in fates(trace)
    assert texts(trace) == [f"message {number} is not on its way: nothing to drop"]


def test_a_message_that_waits_at_a_paused_server_is_no_longer_on_its_way():
    trace = ticking().at(22, pause("S2")).at(30, drop(2)).at(40, resume("S2")).run()
    assert fates(trace)[1] == "delivered"


def arrivals(trace):
    return [(e.time, e.detail) for e in trace.events if e.kind == "deliver"]


def test_a_delayed_message_arrives_later_and_others_overtake_it():
    plain, late = ticking().run(), ticking().at(22, delay(2, 25)).run()
    moved = [(time + 25_000 * (number == 2), number) for time, number in arrivals(plain)]
    assert arrivals(late) == sorted(moved)
    assert (late.messages[2].sent, late.messages[2].due) == (plain.messages[2].sent, 48_000)


def test_a_delay_says_when_the_message_was_to_arrive():
    [fault] = [e for e in ticking().at(22, delay(2, 25)).run().events if e.kind == "fault"]
    told = {"text": "message 2 comes 25 ms late", "delayed": 2, "due": 23_000}
    assert (fault.time, fault.detail) == (22_000, told)


def test_a_message_can_be_delayed_twice_and_then_dropped():
    twice = ticking().at(22, delay(2, 25), delay(2, 10))
    assert (58_000, 2) in arrivals(twice.run())
    assert fates(twice.at(50, drop(2)).run())[1] == "dropped"


def test_a_doubled_message_arrives_twice():
    plain, twice = ticking().run(), ticking().at(22, duplicate(2, after=4)).run()
    [fault] = [event for event in twice.events if event.kind == "fault"]
    copy = fault.detail["copy"]
    assert fault.detail == {"text": "message 2 is doubled", "doubled": 2, "copy": copy}
    assert len(arrivals(twice)) == len(arrivals(plain)) + 1
    assert {(23_000, 2), (27_000, copy)} <= set(arrivals(twice))
    assert twice.messages[copy].message == twice.messages[2].message


@pytest.mark.parametrize(("fault", "verb"), [(delay(0, 9), "delay"), (duplicate(0), "duplicate")])
def test_what_has_arrived_is_neither_delayed_nor_doubled(fault, verb):
    told = texts(ticking().at(22, fault).run())
    assert told == [f"message 0 is not on its way: nothing to {verb}"]


def test_a_timeout_fires_a_timer_at_once():
    trace = ticking().at(25, timeout("S1", "tick")).run()
    assert [f.sent for f in trace.messages if f.source == "S1"][:4] == [10000, 20000, 25000, 35000]


def test_a_request_is_asked_at_its_time():
    trace = steady().at(100, request("write", "x", 4, client="C")).run(200)
    [asked] = trace.operations
    assert (asked.process, asked.operation, asked.start) == ("C", ("write", "x", 4), 100_000)


def test_faults_of_one_time_happen_in_the_order_given():
    trace = ticking().at(25, pause("S1"), crash("S1"), restart("S1")).run()
    assert kinds(trace, "S1")[5:9] == ["pause", "crash", "restart", "start"]


def test_a_fault_comes_before_all_else_of_its_time():
    trace = ticking().at(30, crash("S1")).run()
    assert fates(trace) == ["delivered"] * 2


# -- who is meant ----------------------------------------------------------------------------


def test_leader_means_who_leads_at_that_moment():
    trace = steady().at(100, timeout("S2")).at(200, crash("leader")).run(300)
    assert [event.who for event in trace.events if event.kind == "crash"] == ["S2"]


def test_leader_means_the_newest_leader_when_an_old_one_has_not_heard_of_it():
    scenario = steady().at(90, partition(["S1"], ["S2", "S3"])).at(100, timeout("S3"))
    trace = scenario.at(200, crash("leader")).run(300)
    assert trace.state_at(199)["S1"]["role"] == "leader"
    assert [event.who for event in trace.events if event.kind == "crash"] == ["S3"]


def test_a_crashed_leader_is_nobodys_leader():
    trace = steady().at(100, crash("leader")).at(150, restart("leader")).run(200)
    assert trace.state_at(200)["S1"]["status"] == "down"
    assert texts(trace) == ["restart leader: there is none now, so nothing happens"]


def test_a_paused_leader_can_be_resumed_by_its_role():
    trace = steady().at(100, pause("leader")).at(150, resume("leader")).run(200)
    assert trace.state_at(200)["S1"]["status"] == "up"


NOTHING_HAPPENS = [
    (steady().at(5, crash("leader")), "crash leader: there is none now, so nothing happens"),
    (ticking().at(5, cut("leader", "S1")), "cut leader: there is none now, so nothing happens"),
    (ticking().at(5, restart("S1")), "restart S1: it is up, so nothing happens"),
    (ticking().at(5, resume("S1")), "resume S1: it is up, so nothing happens"),
    (ticking().at(5, crash("S1"), crash("S1")), "crash S1: it is down, so nothing happens"),
    (ticking().at(5, crash("S1"), pause("S1")), "pause S1: it is down, so nothing happens"),
    (ticking().at(5, pause("S1"), pause("S1")), "pause S1: it is paused, so nothing happens"),
    (ticking().at(5, pause("S1"), restart("S1")), "restart S1: it is paused, so nothing happens"),
    (ticking().at(5, crash("S1"), timeout("S1")), "timeout S1: it is down, so nothing happens"),
    (
        ticking().at(5, timeout("S1", "tea")),
        "timeout S1: its timer 'tea' is not set, so nothing happens",
    ),
]


@pytest.mark.parametrize(("scenario", "text"), NOTHING_HAPPENS, ids=lambda value: str(value)[:30])
def test_what_cannot_happen_is_said_in_the_trace(scenario, text):
    assert texts(scenario.run(50)) == [text]


def test_what_happens_to_the_network_is_said_in_the_trace():
    scenario = (
        ticking(servers=3)
        .at(1, cut("S1", "S2"))
        .at(2, cut("S1", "S2", one_way=True))
        .at(3, heal("S1", "S2"))
        .at(4, partition(["S1"], ["S2", "S3"]))
        .at(5, heal())
        .at(6, weather(loss=0.5, latency=(1, 2)))
        .at(7, slow_disk("S1", 20))
    )
    assert texts(scenario.run(10)) == [
        "the link S1–S2 is cut",
        "the link S1→S2 is cut",
        "the link S1–S2 works again",
        "the network parts: S1 | S2 S3",
        "all links work again",
        "the network changes: loss 0.5, latency (1, 2)",
        "the disk of S1 now takes 20 ms a write",
    ]


# -- faults as values ------------------------------------------------------------------------

ALL = [
    crash("S1"),
    restart("S1"),
    pause("S1"),
    resume("S1"),
    cut("S1", "S2"),
    cut("S1", "S2", one_way=True),
    heal("S1", "S2"),
    heal(),
    partition(["S1"], ["S2", "S3"]),
    weather(loss=0.1, duplicate=0.2, reorder=0.3, latency=(1, 9)),
    weather(),
    slow_disk("S1", 40),
    clock_skew("S1", -20, rate=1.1),
    drop(7),
    delay(7, 40.5),
    duplicate(7, 3),
    wipe("S1"),
    timeout("S1"),
    transfer("leader", "S2"),
    wipe("S1"),
    add_server("S4"),
    change_members("S1", "S2", server="S3"),
    request("cas", "x", 1, 2, client="B"),
    request("txn", None, ("read", "x", None), ("append", "y", 4), server="S2"),
    When(sends("Tick", to="S2", number=3), crash("it"), after=20, nth=2, times=None),
]


@pytest.mark.parametrize("fault", ALL, ids=str)
def test_a_fault_can_be_read_back_from_its_plain_data(fault):
    assert Fault.from_json(fault.to_json()) == fault


def test_every_kind_of_fault_is_tried_here():
    homes = [module.__name__ for module in (faults, message_faults, orders, triggers)]
    kinds = {kind for kind, fault in Fault.kinds.items() if fault.__module__ in homes}
    assert {fault.kind for fault in ALL} == kinds


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (5, "A fault is an object like"),
        ({}, "A fault is an object like"),
        ({"fault": 5}, "A fault is an object like"),
        ({"fault": "sneeze"}, "There is no fault 'sneeze'. There are: "),
        ({"fault": "crash"}, "The fault 'crash' lacks: server."),
        ({"fault": "serverfault", "server": "S1"}, "There is no fault 'serverfault'."),
        ({"fault": "crash", "servr": "S1"}, "The fault 'crash' takes server, not servr."),
    ],
)
def test_what_is_no_fault_is_refused_in_a_sentence(data, text):
    with pytest.raises(ScenarioError) as caught:
        Fault.from_json(data)
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: slow_disk("S1", -1), "the time of a write is a number of ms"),
        (lambda: slow_disk("S1", float("nan")), "the time of a write is a number of ms"),
        (lambda: weather(loss=2), "network.loss is a probability from 0 to 1, not 2."),
        (lambda: weather(latency=(9, 1)), "network.latency is first the shorter time"),
        (lambda: drop(-1), "the number of a message is from 0 on, not -1."),
        (lambda: drop("2"), "the number of a message is a whole number, not '2'."),
        (lambda: delay(2, -1), "the delay of a message is a number of ms from 0 to 1e9, not -1."),
        (
            lambda: duplicate(2, "soon"),
            "the time from a message to its copy is a number of ms from 0 to 1e9, not 'soon'.",
        ),
        (lambda: timeout("S1", 5), "the name of a timer is a text, not 5."),
        (lambda: cut("S1", "S2", one_way="yes"), "one_way is a bool, not 'yes'."),
        (lambda: heal("S1"), "heal takes two names, or none"),
        (lambda: request("write", "x"), 'A request to write is ("write", key, value), not'),
        (lambda: request("enqueue", "q"), 'A request to enqueue is ("enqueue", key, value), not'),
        (lambda: request("sneeze", "x", 1), 'A request is ("read", key)'),
        (lambda: request("txn", "x"), 'A transaction is ("txn", None, micro-operation, …), not'),
        (lambda: request("txn", None, "read"), 'A micro-operation is ("read", key, None), ("wri'),
        (lambda: request("txn", None, ("add", "x", 1)), "A micro-operation is"),
        (lambda: request("txn", None, ("write", "x", [1])), "A request is of numbers, texts"),
        (lambda: request("txn", None, ("read", "x", 5)), "A micro-operation is"),
        (lambda: request("read", "x", server=5), "the server that is asked is a text, not 5."),
        (lambda: request("write", "x", [1]), "A request is of numbers, texts, booleans and None"),
        (lambda: request("write", "x", float("nan")), "A request is of numbers"),
        (lambda: request("read", "x", client="S1"), "A client is named by a letter from A to Z"),
        (lambda: request("read", "x", client=5), "A client is named by a letter from A to Z"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(make, text):
    with pytest.raises(ScenarioError) as caught:
        make()
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    "fault",
    [crash("S9"), cut("S1", "S9"), partition(["S1"], ["S9"]), request("read", "x", server="S9")],
)
def test_an_unknown_server_is_refused_with_those_that_there_are(fault):
    with pytest.raises(ScenarioError, match=r"no server 'S9'\. There are S1, S2, or a role"):
        ticking().at(5, fault)


def test_a_role_of_the_learners_own_protocol_can_be_named():
    trace = ticking().at(5, crash("ticker")).run()
    assert [event.kind for event in trace.events].count("crash") == 1
    assert Ticker.role == "ticker"


def test_a_client_cannot_crash():
    with pytest.raises(ScenarioError, match="there is no server 'A'"):
        Scenario(Raft, clients=1).at(5, crash("A"))
