"""Holes in logs, read off a trace; and what Raft and Multi-Paxos do with the same one."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from xml.etree import ElementTree

from consensus_lab import MultiPaxos, Raft, Scenario, crash, heal, partition, request, view
from consensus_lab.protocols import Node
from consensus_lab.simulation import Network
from consensus_lab.simulation.holes import holes, holes_in_words, refusals
from consensus_lab.simulation.trace import Trace
from consensus_lab.simulation.triggers import receives
from consensus_lab.views.tally import LED, tally_leaders

ALL = ["S1", "S2", "S3", "S4", "S5"]


@cache
def lost(protocol: type[Node], crashes: bool = True, **options: Any) -> Trace:
    """What the leader tells of x = 1 is lost, what it tells of y = 2 is not; then it may crash."""
    calm = Network(latency=(10, 10))
    scenario = Scenario(protocol, seed=6, duration=1200, network=calm, options=options)
    scenario = scenario.at(500, request("write", "x", 1, client="A", server="leader"))
    scenario = scenario.at(515, request("write", "y", 2, client="B", server="leader"))
    asked = receives("ClientRequest", by="leader", source="A")
    scenario = scenario.when(asked, partition(["leader"], ALL)).when(asked, heal(), after=12)
    if crashes:
        last = receives("ClientRequest", by="leader", source="B")
        scenario = scenario.when(last, crash("it"), after=8)
    return scenario.run()


def test_an_acceptor_that_missed_a_slot_has_a_hole() -> None:
    found = holes(lost(MultiPaxos))
    assert {(hole.index, hole.server) for hole in found} == {(1, s) for s in ALL if s != "S3"}
    state = lost(MultiPaxos).state_at(found[0].begin / 1000)
    assert state[found[0].server]["log"][0] is None


def test_a_new_leader_fills_the_hole_with_a_no_op() -> None:
    told = holes_in_words(lost(MultiPaxos))
    assert told.startswith("slot 1 at S1 S2 S4 S5: filled with a no-op after ")
    assert lost(MultiPaxos).state_at(1200)["S1"]["machine"].data == {"y": 2}


def test_a_leader_that_lives_fills_it_with_its_command() -> None:
    assert "filled with the command" in holes_in_words(lost(MultiPaxos, crashes=False))


def test_a_hole_may_never_be_filled() -> None:
    trace = lost(MultiPaxos)
    begin = holes(trace)[0].begin
    cut_short = Trace(trace.scenario, trace.servers, trace.clients, trace.durable)
    cut_short.events = [event for event in trace.events if event.time <= begin]
    assert holes_in_words(cut_short).endswith("never filled")


def test_raft_has_no_holes() -> None:
    assert holes(lost(Raft)) == []
    assert holes_in_words(lost(Raft)) == "none"
    assert lost(Raft).state_at(1200)["S1"]["machine"].data == {"x": 1, "y": 2}


def test_raft_refuses_what_does_not_follow_if_each_entry_is_sent_once() -> None:
    trace = lost(Raft, crashes=False, window=8, max_entries=1)
    assert refusals(trace) > 0
    assert holes_in_words(trace) == f"none; {refusals(trace)} refusals"


# ---- in the pictures ----


def test_the_table_counts_what_it_was_to_be_without_a_leader() -> None:
    rows = tally_leaders({"Raft": lost(Raft), "Multi-Paxos": lost(MultiPaxos)}).rows
    told = {label: dict(zip(LED, row, strict=True)) for label, row in rows.items()}
    assert told["Raft"]["leaders"] == told["Multi-Paxos"]["leaders"] == "2"
    assert told["Raft"]["writes answered"] == "2"
    assert told["Multi-Paxos"]["writes answered"] == "1"
    for row in told.values():
        assert 150 < float(row["without one, ms"]) < 300


def test_without_any_leader_the_whole_run_counts() -> None:
    short = Scenario(Raft, duration=100).run()
    [row] = tally_leaders({"Raft": short}).rows.values()
    assert row[:3] == ("0", "100", "0")


def test_side_by_side_the_costs_travel_and_stand_in_the_still() -> None:
    widget = view([lost(Raft), lost(MultiPaxos)], labels=["Raft", "Multi-Paxos"], costs=True)
    assert widget.options["costs"]["heads"] == LED
    assert json.loads(json.dumps(widget.options["costs"]["rows"]))[1][-1].startswith("slot 1")
    assert "leaders: 2" in widget.still()
    assert "filled with a no-op" in widget.describe()


def test_a_hole_is_seen_in_the_still() -> None:
    trace = lost(MultiPaxos)
    svg = view(trace, at=holes(trace)[0].begin / 1000 + 1).still()
    words = [element.text for element in ElementTree.fromstring(svg).iter()]
    assert words.count("hole") == 4
