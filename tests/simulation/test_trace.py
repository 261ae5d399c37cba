"""The trace: its states, its deltas and its JSON all tell the same run."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.protocols import Raft
from consensus_lab.simulation import Network, Scenario, Trace, Workload
from consensus_lab.simulation.faults import (
    crash,
    cut,
    drop,
    pause,
    request,
    restart,
    resume,
    timeout,
)
from consensus_lab.simulation.trace import KEYFRAME
from consensus_lab.simulation.trace_json import plain, shared

from .toys import Saver, Ticker, steady, ticking

EVENTFUL = (
    Scenario(
        Raft,
        seed=11,
        clients=3,
        network=Network(loss=0.05, duplicate=0.05, reorder=0.1),
        workload=Workload(cas=0.2, patience=300),
        duration=2500,
    )
    .at(600, crash("leader"))
    .at(900, restart("S1"), restart("S2"), restart("S3"), restart("S4"), restart("S5"))
    .at(1000, pause("S2"), cut("S1", "S3"))
    .at(1600, resume("S2"))
)
"""Elections, log repairs, crashes, lost requests: most of what can stand in a trace."""


class Careless(Ticker):
    """Changes its fields in place, as learners do."""

    durable = ("log",)

    def __init__(self, name, servers):
        super().__init__(name, servers)
        self.log = []
        self.votes = set()
        self.table = {}

    def on_tick_timeout(self, out):
        super().on_tick_timeout(out)
        self.log.append({"term": 1, "parts": [self.count]})
        self.log[0]["parts"].append(self.count)
        self.votes.add(self.count)
        self.table.setdefault("x", []).append(self.count)
        out.save()


@pytest.fixture(scope="module")
def eventful() -> Trace:
    return EVENTFUL.run()


def rebuilt(document: dict, count: int) -> dict[str, dict[str, Any]]:
    """What a view makes of the first `count` event rows: the rule of the JSON form."""
    state: dict[str, dict[str, Any]] = {name: {} for name in document["servers"]}
    for row in document["events"][:count]:
        for key, value in (row[4] if len(row) > 4 else {}).items():
            name = key.removesuffix("+")
            if key.endswith("+"):
                keep, added = value
                value = state[row[2]][name][:keep] + added
            state[row[2]][name] = value
    return state


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value, default=plain))


# -- states --------------------------------------------------------------------------------


def test_the_state_at_a_time_is_what_all_events_until_then_make(eventful):
    for time in range(0, 2500, 97):
        state: dict[str, dict[str, Any]] = {name: {} for name in eventful.servers}
        for event in eventful.events:
            if event.time <= time * 1000 and event.changes:
                state[event.who].update(event.changes)
        assert eventful.state_at(time) == state


def test_the_state_after_each_event_around_a_keyframe(eventful):
    assert len(eventful.events) > 3 * KEYFRAME
    fresh = EVENTFUL.run()
    for count in (2 * KEYFRAME + 1, KEYFRAME - 1, KEYFRAME, 0, len(fresh.events)):
        state: dict[str, dict[str, Any]] = {name: {} for name in fresh.servers}
        for event in fresh.events[:count]:
            if event.changes:
                state[event.who].update(event.changes)
        assert fresh.state_after(count) == state


def test_the_events_of_a_moment_belong_to_its_state():
    trace = ticking().run()
    assert trace.state_at(9.999)["S1"]["count"] == 0
    assert trace.state_at(10)["S1"]["count"] == 1


def test_the_state_is_a_copy_that_may_be_scribbled_on():
    trace = ticking().run()
    trace.state_at(50)["S1"]["count"] = 99
    assert trace.state_at(50)["S1"]["count"] == 5


def test_events_stand_in_the_order_of_time(eventful):
    times = [event.time for event in eventful.events]
    assert times == sorted(times)


def test_a_step_writes_down_only_what_it_changed():
    trace = ticking().run()
    heard = [event for event in trace.events if event.kind == "deliver"]
    assert [dict(event.changes) for event in heard[:2]] == [{"heard": 1}, {"heard": 1}]


def test_fields_that_a_learner_changes_in_place_are_remembered_as_they_were():
    trace = ticking(Careless).run(45)
    early, late = trace.state_at(25)["S1"], trace.state_at(45)["S1"]
    assert [entry["parts"] for entry in early["log"]] == [[1, 1, 2], [2]]
    assert [entry["parts"] for entry in late["log"]] == [[1, 1, 2, 3, 4], [2], [3], [4]]
    assert (early["votes"], late["votes"]) == ({1, 2}, {1, 2, 3, 4})
    assert (early["table"], late["table"]) == ({"x": [1, 2]}, {"x": [1, 2, 3, 4]})


def test_what_is_on_disk_does_not_change_with_a_field_that_changes_in_place():
    trace = ticking(Careless).at(40.5, crash("S1")).at(45, restart("S1")).run(45)
    assert [entry["parts"] for entry in trace.state_at(45)["S1"]["log"]] == [[1, 1, 2, 3], [2], [3]]


# -- the JSON form ---------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", [EVENTFUL, ticking(Careless)], ids=["eventful", "careless"])
def test_the_deltas_of_the_json_make_the_same_states(scenario):
    trace = scenario.run()
    document = json.loads(trace.to_json())
    for count in range(0, len(trace.events), max(1, len(trace.events) // 25)):
        assert rebuilt(document, count) == as_json(trace.state_after(count))


def test_a_growing_list_is_written_as_what_was_added():
    trace = steady().at(100, request("write", "x", 4)).run(200)
    rows = json.loads(trace.to_json())["events"]
    patches = [row[4]["log+"] for row in rows if len(row) > 4 and "log+" in row[4]]
    assert [(keep, len(added)) for keep, added in patches] == [(1, 1)] * 3


@pytest.mark.parametrize("time", [0, 10, 555, 1000, 1001, 1499.5, 2400, 2600])
@pytest.mark.parametrize("fault", [crash("leader"), resume("S2"), request("read", "x"), drop(40)])
def test_a_fork_and_the_run_that_forked_are_the_whole_run(eventful, time, fault):
    branch = EVENTFUL.at(time, fault).run(3000)
    since = branch.fork(eventful, round(time * 1000))
    parent, tail = json.loads(eventful.to_json()), json.loads(branch.to_json(since))
    whole = json.loads(branch.to_json())
    assert tail.get("since", [0, 0, 0]) == list(since)
    for rows, count in zip(("events", "messages", "operations"), since, strict=True):
        assert parent[rows][:count] + tail[rows] == whole[rows]


def test_a_late_fork_leaves_off_nearly_all(eventful):
    branch = EVENTFUL.at(2400, crash("leader")).run()
    since = branch.fork(eventful, 2_400_000)
    assert since.events > 0.9 * len(eventful.events)
    assert since.messages > 0.8 * len(eventful.messages)
    assert since.operations > 0.8 * len(eventful.operations)


def test_a_list_in_a_message_is_written_as_what_was_added():
    scenario = steady().at(10, crash("S3"))
    for time in (100, 120, 140):
        scenario = scenario.at(time, request("write", "x", time))
    document = json.loads(scenario.run(200).to_json())
    sent = [row for row in document["messages"] if row[1] == "S3" and row[3] == "AppendEntries"]
    patches = [row[4]["entries+"] for row in sent if "entries+" in row[4]]
    assert [(keep, len(added)) for keep, added in patches if added] == [(1, 1), (2, 1), (3, 1)]


def test_the_json_form_has_what_its_description_names(eventful):
    document = json.loads(eventful.to_json())
    assert list(document) == [
        "format",
        "version",
        "scenario",
        "protocol",
        "servers",
        "clients",
        "durable",
        "duration",
        "messages",
        "events",
        "operations",
        "violations",
    ]
    assert (document["format"], document["version"]) == ("consensus-lab-trace", 3)
    assert document["scenario"] == as_json(EVENTFUL.to_json())
    assert document["protocol"] == "Raft"
    assert document["servers"] == ["S1", "S2", "S3", "S4", "S5"]
    assert document["clients"] == ["A", "B", "C"]
    assert document["durable"] == list(Raft.durable)
    assert document["duration"] == 2_500_000


def test_every_row_is_as_described(eventful):
    document = json.loads(eventful.to_json())
    messages, places = document["messages"], {*document["servers"], *document["clients"]}
    for source, target, sent, kind, body, due, fate in messages:
        assert source in places
        assert target in places
        assert 0 <= sent <= due
        assert kind[0].isupper()
        assert isinstance(body, dict)
        assert fate in ("delivered", "lost", "cut", "down", "dropped", "flying")
    kinds = set()
    for row in document["events"]:
        full = row + [None, None, {}, [], []][len(row) - 2 :]
        time, kind, who, detail, changes, sent, notes = full
        kinds.add(kind)
        assert type(time) is int
        assert who is None or who in places
        assert kind != "deliver" or messages[detail][6] == "delivered"
        assert kind not in ("request", "answer") or detail < len(document["operations"])
        assert kind != "fault" or (who is None and isinstance(detail["text"], str))
        assert not changes or who in document["servers"]
        assert all(messages[number][2] == time for number in sent)
        assert all(isinstance(note, str) for note in notes)
    assert kinds >= {
        *("start", "deliver", "timer", "synced", "crash", "restart", "pause", "resume"),
        *("fault", "request", "answer"),
    }
    operations = document["operations"]
    for process, kind, key, arguments, result, start, end, outcome, server in operations:
        assert process.split(".")[0] in document["clients"]
        assert (kind, len(arguments)) in [("read", 0), ("write", 1), ("cas", 2)]
        assert key in ("x", "y")
        assert (end is None) == (outcome == "unknown") == (server is None)
        assert end is None or start < end
        assert end is not None or result is None
    assert {row[7] for row in operations} == {"ok", "unknown"}


def test_empty_ends_of_a_row_are_left_off_but_not_message_0():
    rows = json.loads(ticking().run(14).to_json())["events"]
    assert rows[0][:4] == [0, "start", "S1", None]
    assert next(row for row in rows if row[1] == "deliver")[3] == 0
    assert all(row[-1] or row[-1] == 0 for row in rows)


def test_violations_stand_in_the_json():
    class DoubleVote(Raft):
        def on_request_vote(self, message, out):
            self.voted_for = None
            super().on_request_vote(message, out)

    trace = replace(steady().at(10, timeout("S2")), protocol=DoubleVote).run(100)
    [told] = json.loads(trace.to_json())["violations"]
    assert told["property"] == "Election Safety"
    assert told["time"] == trace.events[told["event"]].time
    assert str(trace.violations[0]).startswith("Election Safety is broken at 2")


@dataclass(frozen=True)
class Point:
    x: int


class Exotic(Ticker):
    """Has fields that JSON does not know."""

    def __init__(self, name, servers):
        super().__init__(name, servers)
        self.values = {
            "set": {3, 1, 2},
            "frozen": frozenset({"b", "a", frozenset({"d", "c"})}),
            "infinite": float("inf"),
            "tuple keys": {(1, 2): "a", None: "b"},
            "dataclass": Point(4),
            "object": object(),
            "text": "→ é \u2028 </script>",
        }


def test_what_json_does_not_know_is_written_all_the_same():
    text = ticking(Exotic).run(5).to_json()
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert rebuilt(document, 2)["S1"]["values"] == {
        "set": [1, 2, 3],
        "frozen": [["c", "d"], "a", "b"],
        "infinite": "inf",
        "tuple keys": {"[1,2]": "a", "null": "b"},
        "dataclass": {"x": 4},
        "object": "<object>",
        "text": "→ é \u2028 </script>",
    }


def test_a_trace_is_saved_as_its_json_form(tmp_path):
    trace = ticking().run()
    trace.save(tmp_path / "trace.json")
    assert (tmp_path / "trace.json").read_text("utf-8") == trace.to_json() + "\n"


@given(st.lists(st.integers(0, 2)), st.lists(st.integers(0, 2)))
def test_what_two_lists_share_at_the_start(old, new):
    keep = shared(old, new)
    assert old[:keep] == new[:keep]
    assert keep in (len(old), len(new)) or old[keep] != new[keep]


@settings(max_examples=20, deadline=None)
@given(st.integers(), st.integers(0, 2))
def test_a_message_is_delivered_by_one_event_and_sent_by_one(seed, clients):
    trace = Scenario(Raft, seed=seed, clients=clients, network=Network(loss=0.1)).run(1000)
    delivered = [event.detail for event in trace.events if event.kind == "deliver"]
    answers = sum(operation.outcome == "ok" for operation in trace.operations)
    arrived = {n for n, flight in enumerate(trace.messages) if flight.fate == "delivered"}
    assert len(delivered) == len(set(delivered)) == len(arrived) - answers
    assert set(delivered) <= arrived
    sent = [number for event in trace.events for number in event.sent]
    assert sorted(sent) == list(range(len(trace.messages)))


# -- the history -----------------------------------------------------------------------------


def test_the_history_is_what_the_clients_saw(eventful):
    history = eventful.history()
    assert history.ticks_per_ms == 1000
    assert len(history) == len(eventful.operations) > 40
    assert {operation.outcome for operation in history} == {"ok", "unknown"}
    for operation in history:
        assert (operation.end is None) == (operation.outcome == "unknown")


def test_the_history_says_what_else_happened():
    scenario = steady().at(100, crash("leader")).at(120, cut("S2", "S3")).at(150, restart("S1"))
    trace = scenario.at(200, pause("S2")).at(210, resume("S2")).run(300)
    assert trace.history().marks == (
        (100_000, "S1 crashes"),
        (120_000, "the link S2–S3 is cut"),
        (150_000, "S1 restarts"),
        (200_000, "S2 stands still"),
        (210_000, "S2 goes on"),
    )


def test_the_text_of_a_trace_tells_the_run_in_a_line():
    assert repr(ticking(Saver).run()) == (
        "Trace of Saver: 2 servers, 100 ms, 18 of 18 messages arrived, 0 client operations, "
        "no property broken"
    )
