"""A scenario is a value: it compares, saves and loads, and refuses what makes no sense."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.errors import ScenarioError
from consensus_lab.protocols import Raft
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation.faults import crash, cut, request, restart, weather

from .strategies import JSON, SCENARIOS, damaged
from .toys import Ticker

RICH = (
    Scenario(
        Raft,
        servers=3,
        seed=7,
        clients=2,
        duration=50,
        options={"heartbeat_interval": 20},
        network=Network(loss=0.1),
    )
    .at(10, crash("S1"), cut("S2", "S3"))
    .at(20, restart("S1"), weather(latency=(1, 2)))
    .at(30, request("write", "x", 4))
)


def plain(scenario: Scenario) -> dict:
    """As it stands in a file."""
    return json.loads(json.dumps(scenario.to_json()))


# -- a value -------------------------------------------------------------------------------


def test_scenarios_of_equal_parts_are_equal():
    assert Scenario(Raft, seed=3).at(5, crash("S1")) == Scenario(Raft, seed=3).at(5, crash("S1"))
    assert Scenario(Raft, seed=3) != Scenario(Raft, seed=4)


def test_at_leaves_the_scenario_as_it_was():
    scenario = Scenario(Raft)
    scenario.at(5, crash("S1"))
    assert scenario.faults == ()


def test_faults_stand_in_the_order_of_their_times():
    scenario = Scenario(Raft).at(9, crash("S1")).at(5, crash("S2")).at(9, restart("S1"))
    assert [time for time, _ in scenario.faults] == [5, 9, 9]
    assert [fault.kind for _, fault in scenario.faults] == ["crash", "crash", "restart"]


def test_running_leaves_the_scenario_as_it_was():
    before = plain(RICH)
    RICH.run()
    assert plain(RICH) == before


def test_the_duration_of_a_run_can_be_given():
    trace = Scenario(Raft).run(70)
    assert (trace.duration, trace.scenario.duration) == (70_000, 70)


def test_servers_and_clients_are_named_in_order():
    scenario = Scenario(Raft, servers=3, clients=2).at(5, request("read", "x", client="D"))
    assert scenario.server_names == ("S1", "S2", "S3")
    assert scenario.client_names == ("A", "B", "D")
    assert scenario.working_clients == ("A", "B")


def test_options_tune_the_protocol():
    trace = Scenario(Raft, options={"election_timeout": (10, 10), "heartbeat_interval": 5}).run(1)
    assert trace.state_at(1)["S1"]["timers"] == {"election": (0, 10_000)}


def test_options_given_as_lists_are_the_same_value():
    pair = {"election_timeout": [10, 20]}
    assert Scenario(Raft, options=pair) == Scenario(Raft, options={"election_timeout": (10, 20)})


# -- files ---------------------------------------------------------------------------------


@settings(deadline=None, max_examples=25)
@given(SCENARIOS)
def test_what_is_written_can_be_read_back(scenario):
    assert Scenario.from_json(plain(scenario)) == scenario


def test_a_file_can_be_read_back(tmp_path):
    RICH.save(tmp_path / "rich.json")
    assert Scenario.load(tmp_path / "rich.json") == RICH


def test_a_file_is_the_same_to_the_byte_when_it_is_written_again(tmp_path):
    RICH.save(tmp_path / "one.json")
    Scenario.load(tmp_path / "one.json").save(tmp_path / "other.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "other.json").read_bytes()


def test_what_came_later_is_written_only_if_it_says_something():
    assert "attach" not in plain(RICH)["workload"]
    assert "server" not in plain(RICH)["faults"][-1]
    home = replace(RICH, workload=Workload(attach="home")).at(30, request("read", "x", server="S2"))
    assert plain(home)["workload"]["attach"] == "home"
    assert plain(home)["faults"][-1]["server"] == "S2"
    assert Scenario.from_json(plain(home)) == home


def test_a_class_of_ones_own_is_handed_over():
    scenario = Scenario(Ticker, seed=5)
    assert Scenario.from_json(plain(scenario), protocol=Ticker) == scenario


def test_what_a_file_leaves_out_is_the_default():
    short = {"format": "consensus-lab-scenario", "version": 1, "protocol": "Raft"}
    assert Scenario.from_json(short) == Scenario(Raft)


# -- what it refuses -------------------------------------------------------------------------


def changed(**values) -> dict:
    return {**plain(RICH), **values}


REFUSED = [
    (5, 'This is no scenario: it lacks "format": "consensus-lab-scenario".'),
    ({}, 'This is no scenario: it lacks "format": "consensus-lab-scenario".'),
    (changed(format="other"), "This is no scenario"),
    (changed(version=2), "The scenario has version 2; this package reads up to 1. Update"),
    (changed(version="1"), "\"version\" is a whole number from 1 on, not '1'."),
    (changed(version=0), '"version" is a whole number from 1 on, not 0.'),
    (changed(protocol="Saft"), "The scenario runs 'Saft'; known are Raft, "),
    (changed(protocol=None), "The scenario runs None; known are"),
    (changed(colour="red", sound=1), "A scenario has no colour, sound."),
    (changed(servers=0), "servers is from 1 to 99, not 0."),
    (changed(servers=2.5), "servers is a whole number, not 2.5."),
    (changed(servers=True), "servers is a whole number, not True."),
    (changed(clients=27), "clients is from 0 to 26, not 27."),
    (changed(seed="7"), "seed is a whole number, not '7'."),
    (changed(duration=-1), "duration is a number of ms from 0 to 1e9, not -1."),
    (changed(duration=float("nan")), "duration is a number of ms from 0 to 1e9, not nan."),
    (changed(duration="long"), "duration is a number of ms from 0 to 1e9, not 'long'."),
    (changed(options=[]), "options is a Mapping, not []."),
    (changed(options={"speed": 9}), "Raft has no option 'speed'. It has: election_timeout, heart"),
    (changed(options={"heartbeat_interval": "x"}), "the option heartbeat_interval is a number"),
    (changed(options={"election_timeout": 150}), "the option election_timeout is a pair of times"),
    (changed(network=None), '"network" is an object with latency, loss'),
    (changed(network={"noise": 1}), '"network" is an object with latency, loss'),
    (changed(network={"latency": [9, 1]}), "network.latency is first the shorter time"),
    (changed(network={"latency": ["a", "b"]}), "network.latency is a number of ms"),
    (changed(network={"loss": None}), "network.loss is a probability from 0 to 1, not None."),
    (changed(disk={"sync": [-1, 1]}), "disk.sync is a number of ms"),
    (changed(workload={"keys": []}), "workload.keys is one name or more, not ()."),
    (changed(workload={"reads": float("nan")}), "workload.reads is a probability"),
    (changed(faults={}), '"faults" is a list, not {}.'),
    (changed(faults=[5]), "Each fault has a time"),
    (changed(faults=[{"fault": "crash", "server": "S1"}]), "Each fault has a time"),
    (changed(faults=[{"at": 5}]), "A fault is an object like"),
    (changed(faults=[{"at": 5, "fault": "crash", "server": "S4"}]), "crash at 5 ms: there is no"),
    (changed(faults=[{"at": 5, "fault": "crash", "server": {}}]), "crash at 5 ms: there is no"),
    (changed(faults=[{"at": 5, "fault": "crash", "server": [1]}]), "crash at 5 ms: there is no"),
    (changed(faults=[{"at": "5", "fault": "heal"}]), "the time of a fault is a number of ms"),
    (changed(faults=[{"at": 5, "fault": "partition", "groups": 5}]), "the groups of a partition"),
    (changed(faults=[{"at": 5, "fault": "partition", "groups": [5]}]), "a group of a partition"),
    (changed(faults=[{"at": 5, "fault": "request", "operation": []}]), "A request is"),
    (changed(faults=[{"at": 5, "fault": "request", "operation": [["read"], 1]}]), "A request is"),
    (changed(faults=[{"at": 5, "fault": "request", "operation": [{}, 1]}]), "A request is"),
    (changed(faults=[{"at": 5, "fault": "request", "operation": ["read", {}]}]), "A request is of"),
]


@pytest.mark.parametrize(("data", "text"), REFUSED)
def test_what_makes_no_sense_is_refused_in_a_sentence(data, text):
    with pytest.raises(ScenarioError) as caught:
        Scenario.from_json(data)
    assert str(caught.value).startswith(text)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Scenario(5), "A protocol is a subclass of Node, such as Raft; not 5."),
        (lambda: Scenario(int), "A protocol is a subclass of Node, such as Raft; not <class 'int"),
        (lambda: Scenario(Raft, network=(5, 15)), "network is a Network, not (5, 15)."),
        (lambda: Scenario(Raft, disk=5), "disk is a DiskModel, not 5."),
        (lambda: Scenario(Raft, workload={}), "workload is a Workload, not {}."),
        (lambda: Scenario(Raft).at(5, "crash"), '.at(5, …) takes faults such as crash("S1")'),
        (lambda: Scenario(Raft).at("5", crash("S1")), "the time of a fault is a number of ms"),
        (
            lambda: Scenario(Raft).at(5, crash("S6")),
            "crash at 5 ms: there is no server 'S6'. There",
        ),
        (lambda: Scenario(Raft).at(5, crash("A")), "crash at 5 ms: there is no server 'A'."),
        (lambda: Scenario(Raft).run(-5), "duration is a number of ms from 0 to 1e9, not -5."),
        (lambda: Scenario(Ticker, options={"x": 1}), "Ticker has no option 'x'. It has none."),
    ],
)
def test_what_makes_no_sense_in_python_is_refused_in_a_sentence(make, text):
    with pytest.raises(ScenarioError) as caught:
        make()
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"{", "is not JSON"),
        (b"", "is not JSON"),
        (b"\xff\xfe\x00", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"9" * 5000, "is not JSON"),
        (b"[]", "This is no scenario"),
    ],
)
def test_a_file_that_holds_none_is_named_in_the_sentence(tmp_path, content, text):
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(ScenarioError, match=text) as caught:
        Scenario.load(path)
    assert str(caught.value).startswith(str(path))


@given(JSON)
def test_no_json_gets_past_the_reader_but_a_scenario(data):
    with pytest.raises(ScenarioError):
        Scenario.from_json(data)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_a_damaged_scenario_is_refused_in_a_sentence_or_runs(data):
    document = plain(replace(RICH, workload=Workload(), disk=DiskModel()))
    try:
        scenario = Scenario.from_json(data.draw(damaged(document)))
    except ScenarioError:
        return
    assert Scenario.from_json(plain(scenario)) == scenario
    assert scenario.run(min(scenario.duration, 50)).events
