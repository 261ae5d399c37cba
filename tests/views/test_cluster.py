"""The cluster view on Python's side: its still, its words, and what it answers to "what if?"."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from consensus_lab import Raft, Scenario, crash, cut, heal, partition, pause, request
from consensus_lab.protocols.node import Effects, Node
from consensus_lab.simulation.faults import Fault
from consensus_lab.views import view
from consensus_lab.views.cluster import SOON, ClusterView, describe, edited
from consensus_lab.views.cluster_still import (
    EDGE,
    MANY,
    RING,
    SMALL,
    TOP,
    moment_to_show,
    ring,
    still,
)
from consensus_lab.views.controls import explore
from consensus_lab.views.cuts import cut_links
from consensus_lab.views.judged import judge
from consensus_lab.views.questions import questions
from consensus_lab.views.widget import LIVE_VIEW

from ..hash_seeds import printed

SCENARIO = Scenario(Raft, servers=5, seed=7, clients=2, duration=1500).at(800, crash("leader"))


class Silent(Node):
    """A learner's first class: it has a field of its own, and no log, term or role."""

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.heard = ["<b>"]


class Broken(Raft):
    """Its handler fails when a client asks."""

    def on_request(self, request: Any, out: Effects) -> None:
        raise ValueError("not written yet")


class Late(Raft):
    """Its handler fails when a leader's heart has beaten long enough."""

    def on_heartbeat_timeout(self, out: Effects) -> None:
        if out.clock() > 1300:
            raise ValueError("too old")
        super().on_heartbeat_timeout(out)


class Answers(ClusterView):
    """A view that keeps what it would send to the browser."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.sent: list[tuple[dict[str, Any], list[bytes]]] = []
        super().__init__(*arguments, **options)

    def send(self, content: dict[str, Any], buffers: Any = None) -> None:
        self.sent.append((content, list(buffers or [])))

    def ask(self, time: float, fault: object, branch: int = 0) -> tuple[dict[str, Any], Any]:
        return self.ask_for({"time_us": round(time * 1000), "fault": fault, "branch": branch})

    def ask_for(self, question: object) -> tuple[dict[str, Any], Any]:
        del self.sent[:]
        self.hear(None, {"id": 1, "what_if": question}, [])
        parts = [json.loads(gzip.decompress(pack)) for _, packs in self.sent for pack in packs]
        return self.sent[-1][0], joined(*parts) if parts else None


def joined(first: dict[str, Any], rest: dict[str, Any] | None = None) -> dict[str, Any]:
    """The two parts of an answer as one, as the browser puts them together."""
    if rest is None:
        return first
    rows = {
        name: first[name][: end - begin] + rest[name]
        for name, begin, end in zip(
            ("events", "messages", "operations"), first["since"], rest["since"], strict=True
        )
    }
    return {**rest, **rows, "since": first["since"]}


CRASH = {"fault": "crash", "server": "S2"}


# ---- what travels to the browser ----


def test_the_browser_gets_the_whole_trace_once() -> None:
    trace = SCENARIO.run()
    assert gzip.decompress(ClusterView(trace).trace).decode() == trace.to_json()


def test_the_same_trace_travels_as_the_same_bytes() -> None:
    assert ClusterView(SCENARIO.run()).trace == ClusterView(SCENARIO.run()).trace


def test_only_options_that_were_chosen_travel() -> None:
    silent = replace(SCENARIO, clients=0).run()
    always = {"questions": questions(silent)}
    assert ClusterView(silent).options == always
    assert ClusterView(silent, at=200, play=False).options == {"at": 200, "play": False, **always}


def test_what_the_checker_says_of_the_clients_travels_too() -> None:
    trace = SCENARIO.run()
    assert ClusterView(trace).options["verdict"] == judge(trace)


def test_a_scenario_is_run_and_shown() -> None:
    assert repr(view(SCENARIO)) == describe(SCENARIO.run())


# ---- what if ----


def test_a_fault_makes_a_branch_that_agrees_with_the_run_until_then() -> None:
    trace = SCENARIO.run()
    content, branch = Answers(trace).ask(500, CRASH)
    before = [row for row in json.loads(trace.to_json())["events"] if row[0] < 500_000]
    assert (content["id"], "error" in content) == (1, False)
    assert branch["since"][0] == len(before)
    assert branch["events"][0][:3] == [500_000, "crash", "S2"]


def test_the_beginning_of_a_branch_is_sent_before_the_rest() -> None:
    answers = Answers(SCENARIO.run())
    answers.ask(500, CRASH)
    [(soon, [first]), (last, [_])] = answers.sent
    assert (soon["more"], "more" in last) == (True, False)
    assert json.loads(gzip.decompress(first))["duration"] == (500 + SOON) * 1000


def test_the_two_parts_of_a_branch_are_what_the_whole_is() -> None:
    parent = SCENARIO.run()
    _, branch = Answers(parent).ask(500, CRASH)
    whole = SCENARIO.at(500, Fault.from_json(CRASH)).run()
    assert branch == json.loads(whole.to_json(whole.fork(parent, 500_000)))


def test_a_handler_that_fails_in_the_rest_of_a_branch_is_told_with_it() -> None:
    late = replace(SCENARIO, protocol=Late, clients=0)
    content, branch = Answers(late.run(1200)).ask(500, {"fault": "heal"})
    assert "too old" in content["error"]
    assert branch["events"][-1][1] == "error"


def test_a_branch_can_be_branched_again() -> None:
    answers = Answers(SCENARIO.run())
    answers.ask(300, CRASH)
    _, branch = answers.ask(400, {"fault": "restart", "server": "S2"}, branch=1)
    assert branch["events"][0][:3] == [400_000, "restart", "S2"]
    assert [500_000, "crash", "S2"] not in [row[:3] for row in branch["events"]]


def test_a_branch_near_the_end_runs_on_so_that_one_sees_what_comes_of_it() -> None:
    _, branch = Answers(SCENARIO.run()).ask(1490, CRASH)
    assert branch["duration"] == 2_490_000


# ---- the list of faults, edited ----

TWO = SCENARIO.at(1000, pause("S2"))


@pytest.mark.parametrize(
    ("items", "faults", "from_"),
    [
        ([[800, 0], [1200, 1]], [(800, crash("leader")), (1200, pause("S2"))], 1000),
        ([[600, 0], [1000, 1]], [(600, crash("leader")), (1000, pause("S2"))], 600),
        ([[1000, 1]], [(1000, pause("S2"))], 800),
        ([[1100, 0], [1000, 1]], [(1000, pause("S2")), (1100, crash("leader"))], 800),
        (
            [[800, 0], [1000, 1], [200, CRASH]],
            [(200, crash("S2")), (800, crash("leader")), (1000, pause("S2"))],
            200,
        ),
        ([], [], 800),
    ],
    ids=["later", "earlier", "removed", "changing places", "added", "none left"],
)
def test_an_edited_list_runs_from_where_it_differs(
    items: list[Any], faults: list[Any], from_: float
) -> None:
    parent = TWO.run()
    time, world = edited(TWO, items)
    assert (time, world.scenario.faults) == (from_ * 1000, tuple(faults))
    answers = Answers(parent)
    content, branch = answers.ask_for({"faults": items, "branch": 0})
    whole = world.run()
    assert branch == json.loads(whole.to_json(whole.fork(parent, time)))
    assert (content["branch"], answers.branches[1].to_json()) == (1, whole.to_json())


def test_a_fault_that_is_moved_to_the_end_has_an_aftermath() -> None:
    assert edited(TWO, [[800, 0], [1400, 1]])[1].scenario.duration == 2400


def test_a_list_that_is_not_changed_makes_no_branch() -> None:
    content, branch = Answers(TWO.run()).ask_for({"faults": [[800, 0], [1000, 1]]})
    assert "has already" in content["error"]
    assert branch is None


@pytest.mark.parametrize("items", [None, [7], [["soon", 0]], [[1, 99]], [[1, {"fault": "?"}]]])
def test_a_list_without_sense_is_answered_with_a_sentence(items: Any) -> None:
    content, branch = Answers(TWO.run()).ask_for({"faults": items})
    assert content["error"].endswith(".")
    assert branch is None


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "crash", "server": "S9"},
        {"fault": "explode"},
        {"fault": "crash"},
        "crash",
        None,
    ],
)
def test_what_cannot_be_asked_is_answered_with_a_sentence(fault: object) -> None:
    answers = Answers(SCENARIO.run())
    content, branch = answers.ask(500, fault)
    assert content["error"].endswith(".")
    assert branch is None
    assert answers.ask(500, CRASH)[1] is not None


@pytest.mark.parametrize("content", [None, 7, {}, {"what": "?"}])
def test_a_message_that_asks_nothing_is_left_alone(content: object) -> None:
    answers = Answers(SCENARIO.run())
    answers.hear(None, content, [])
    assert answers.sent == []


@pytest.mark.parametrize("question", [None, {}, {"time_us": "soon", "fault": CRASH}])
def test_a_question_without_sense_is_answered_with_a_sentence(question: object) -> None:
    answers = Answers(SCENARIO.run())
    answers.hear(None, {"id": 3, "what_if": question}, [])
    content, buffers = answers.sent[-1]
    assert content["id"] == 3
    assert content["error"]
    assert buffers == []


def test_a_handler_that_fails_in_a_branch_is_told_and_its_run_is_shown() -> None:
    answers = Answers(Scenario(Broken, servers=3, seed=1, duration=1000).run())
    asked = {"fault": "request", "operation": ["write", "x", 1], "client": "A"}
    content, branch = answers.ask(500, asked)
    assert "not written yet" in content["error"]
    assert branch["events"][-1][1] == "error"


# ---- the still ----


def elements(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter())


def words(svg: str) -> list[str]:
    return [element.text for element in elements(svg) if element.text and element.text.strip()]


def test_the_still_shows_every_server_with_role_and_term() -> None:
    shown = words(ClusterView(SCENARIO.run()).still())
    assert {"S1", "S2", "S3", "S4", "S5", "★ leader", "follower", "term 1"} <= set(shown)


def test_the_still_needs_no_stylesheet() -> None:
    svg = ClusterView(SCENARIO.run()).still()
    assert not any({"class", "style"} & set(element.attrib) for element in elements(svg))


def test_the_still_is_small() -> None:
    many = Scenario(Raft, servers=9, seed=1, clients=3, duration=2000).run()
    assert len(ClusterView(many, at=1999).still()) < 40_000


def test_the_still_opens_where_the_first_leader_speaks() -> None:
    trace = SCENARIO.run()
    state = trace.state_at(moment_to_show(trace))
    assert [fields["role"] for fields in state.values()].count("leader") == 1


def test_without_a_leader_the_still_shows_the_end() -> None:
    trace = Scenario(Raft, servers=2, seed=1, duration=50).run()
    assert moment_to_show(trace) == 50


def test_the_still_is_of_the_time_that_was_asked_for() -> None:
    trace = SCENARIO.run()
    assert "Raft at 900 ms" in words(ClusterView(trace, at=900).still())
    assert "crashed" in words(ClusterView(trace, at=900).still())


def test_cut_links_are_crossed_out_in_the_still() -> None:
    scenario = Scenario(Raft, servers=3, seed=7)
    parted = scenario.at(300, cut("S1", "S2")).at(500, heal()).run(600)
    assert [words(still(parted, time)).count("✕") for time in (200, 400, 550)] == [0, 1, 0]


def test_a_link_that_is_cut_one_way_only_counts_as_cut() -> None:
    trace = Scenario(Raft, servers=3, seed=7).at(300, cut("S1", "S2", one_way=True)).run(400)
    assert cut_links(trace, 350) == {("S1", "S2")}


def test_clients_have_links_too() -> None:
    parts = partition(["S1", "A"], ["S2", "S3"])
    trace = Scenario(Raft, servers=3, seed=7, clients=1).at(300, parts).run(400)
    assert ("A", "S3") in cut_links(trace, 350)
    assert ("A", "S1") not in cut_links(trace, 350)


def test_a_paused_server_is_told_apart_from_a_crashed_one() -> None:
    trace = Scenario(Raft, servers=3, seed=7).at(500, pause("S1")).run(600)
    shown = words(still(trace, 550))
    assert any("paused" in word for word in shown)
    assert "crashed" not in shown


def test_a_class_with_none_of_the_usual_fields_has_a_still_too() -> None:
    trace = Scenario(Silent, servers=3, seed=1, duration=100).run()
    assert {"S1", "S2", "S3"} <= set(words(ClusterView(trace).still()))


def test_the_picture_travels_with_the_widget() -> None:
    data, _ = view(SCENARIO)._repr_mimebundle_() or ({}, {})
    assert data["image/svg+xml"] == ClusterView(SCENARIO.run()).still()
    assert data["text/html"].startswith("<img ")
    assert data["text/plain"] == describe(SCENARIO.run())


@pytest.mark.parametrize("shown", [view(SCENARIO), explore(lambda: SCENARIO.run())], ids=type)
def test_in_a_notebook_the_still_stands_beside_the_live_view(
    shown: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.publish_display_data", outputs.append)
    shown._ipython_display_()
    live, still = outputs
    assert list(live) == [LIVE_VIEW]
    assert LIVE_VIEW not in still
    assert {"image/svg+xml", "text/plain"} <= set(still)
    name = (shown if isinstance(shown, ClusterView) else shown.shown).stand_in
    assert f'<div data-still="{name}"><img ' in still["text/html"]


def test_still_and_words_do_not_depend_on_the_hash_seed() -> None:
    script = (
        "from tests.views.test_cluster import SCENARIO, ClusterView\n"
        "v = ClusterView(SCENARIO.run()); print(v.still(), v)"
    )
    assert len(printed(script)) == 1


# ---- in words ----


def test_the_words_tell_who_led_and_what_failed() -> None:
    told = describe(SCENARIO.run())
    assert told.startswith("Raft, 5 servers S1–S5, seed 7, 1.5 s. S1 becomes leader of term 1 at ")
    assert "S1 crashes at 800 ms." in told
    assert told.endswith("No property is broken.")


def test_a_long_run_is_told_briefly() -> None:
    scenario = Scenario(Raft, servers=3, seed=1, duration=3000)
    for time in range(100, 3000, 100):
        scenario = scenario.at(time, pause("S1"))
    assert "more such events." in describe(scenario.run())


def test_the_words_count_what_the_clients_got() -> None:
    scenario = Scenario(Raft, servers=3, seed=1, duration=1000)
    told = describe(scenario.at(500, request("write", "x", 1)).run())
    assert "1 of 1 client operations are answered." in told


def test_the_still_shows_the_entries_of_each_log() -> None:
    scenario = Scenario(Raft, servers=3, seed=1, duration=1000).at(500, request("write", "x", 7))
    assert words(still(scenario.run(), 900)).count("x=7") == 6  # in three logs, and three machines


@pytest.mark.parametrize("length", [3, 12], ids=["all columns", "folded"])
def test_in_the_still_a_compacted_log_keeps_its_indexes(length: int) -> None:
    scenario = Scenario(Raft, servers=3, seed=1, duration=3000, options={"snapshot_every": length})
    for time in range(500, 500 + 100 * length, 100):
        scenario = scenario.at(time, request("write", "x", time))
    told = words(still(scenario.run(), 2900))
    assert told.count(f"≤{length}") == 3
    assert "in a snapshot" in told
    assert str(length + 1) in told


@pytest.mark.parametrize("count", range(3, 10))
def test_no_role_in_the_still_is_hidden_by_another_server(count: int) -> None:
    trace = Scenario(Raft, servers=count, seed=1).run(400)
    spots = ring(trace.servers)
    size = SMALL if count > MANY else 1
    for name, spot in spots.items():
        up = spot.y < TOP + RING - 10
        x, y = spot.x, spot.y + size * (-EDGE - 17 if up else EDGE + 15)  # the middle of its words
        others = [other for other in spots if other != name]
        gaps = [math.hypot(max(abs(x - spots[o].x) - 25 * size, 0), y - spots[o].y) for o in others]
        assert min(gaps) > size * (EDGE + 4)
