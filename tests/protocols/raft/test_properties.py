"""The five safety properties: each catches a mistake of its own, and none accuses Raft."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consensus_lab.protocols.raft import Raft, RaftOptions, Snapshot
from consensus_lab.protocols.raft.properties import (
    ElectionSafety,
    Entries,
    LeaderAppendOnly,
    LeaderCompleteness,
    LogMatching,
    StateMachineSafety,
    common_prefix,
    safety_properties,
)
from consensus_lab.protocols.state_machine import KeyValue, Session, Sessions
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import crash, request, restart, timeout

from .bugs import KILLED_BY, LONELY_LEADER, STAGE
from .fake import entries, leader, server

NAMES = tuple(KILLED_BY)


def running(protocol: type[Raft], scenario: Scenario) -> Scenario:
    return replace(scenario, protocol=protocol)


@pytest.mark.parametrize("name", NAMES)
def test_each_property_catches_its_mistake(name):
    bug, scenario = KILLED_BY[name]
    trace = running(bug, scenario).run()
    assert trace.violations[0].property == name


@pytest.mark.parametrize("name", NAMES)
def test_raft_survives_what_catches_the_mistake(name):
    assert KILLED_BY[name][1].run().violations == []


@pytest.mark.parametrize("name", NAMES)
def test_the_violation_points_at_the_event_that_broke_it(name):
    bug, scenario = KILLED_BY[name]
    trace = running(bug, scenario).run()
    first = trace.violations[0]
    broke, told = trace.events[first.event : first.event + 2]
    assert broke.time == first.time
    assert told.kind == "violation"
    assert told.detail == {"property": name, "text": first.text}


def test_a_property_is_reported_once_a_run():
    bug, scenario = KILLED_BY["Election Safety"]
    trace = running(bug, scenario.at(500, timeout("S1"), timeout("S2"))).run()
    assert [event.who for event in trace.events if event.changes.get("role") == "leader"][2:]
    assert [v.property for v in trace.violations].count("Election Safety") == 1


def test_the_five_are_watched_in_every_run_of_raft():
    assert [watcher.name for watcher in Raft.properties()] == list(NAMES)


def test_every_run_watches_with_an_empty_memory():
    assert all(a is not b for a, b in zip(safety_properties(), safety_properties(), strict=True))


# -- each by itself ----------------------------------------------------------------------


def test_election_safety_names_both_leaders_and_the_term():
    watcher, nodes = ElectionSafety(), {"S1": leader(2), "S2": leader(2)}
    assert watcher.watch(nodes, "S1", {"role": "leader"}) is None
    text = watcher.watch(nodes, "S2", {"role": "leader"})
    assert text == "S1 and S2 have both been elected leader of term 2"


def test_leaders_of_two_terms_are_no_violation_of_election_safety():
    watcher, nodes = ElectionSafety(), {"S1": leader(2), "S2": leader(3)}
    assert watcher.watch(nodes, "S1", {"role": "leader"}) is None
    assert watcher.watch(nodes, "S2", {"role": "leader"}) is None


def test_election_safety_remembers_a_leader_that_is_gone():
    watcher = ElectionSafety()
    watcher.watch({"S1": leader(2)}, "S1", {"role": "leader"})
    assert watcher.watch({"S2": leader(2)}, "S2", {"role": "leader"})


def test_a_leader_that_changes_its_list_in_place_is_caught():
    node = leader(1, 1)
    node.log = list(node.log)
    watcher = LeaderAppendOnly()
    watcher.watch({"S1": node}, "S1", {"role": "leader"})
    node.log[0] = entries(9)[0]
    assert watcher.watch({"S1": node}, "S1", {"log": node.log})


def test_a_follower_may_cut_its_log():
    node, watcher = server(1, 1), LeaderAppendOnly()
    watcher.watch({"S1": node}, "S1", {"log": node.log})
    node.log = ()
    assert watcher.watch({"S1": node}, "S1", {"log": ()}) is None


def test_log_matching_compares_logs_of_different_times():
    one, other = server(1, 2), server(2)
    other.log = entries(2, 2)
    watcher, nodes = LogMatching(), {"S1": one, "S2": other}
    assert watcher.watch(nodes, "S1", {"log": one.log}) is None
    one.log = ()
    assert "index 2 and term 2" in watcher.watch(nodes, "S2", {"log": other.log})


def test_leader_completeness_looks_at_leaders_that_were_elected_before_the_commit():
    old, new = leader(1), leader(2, current_term=2)
    old.log, old.current_term, new.log = entries(1), 1, ()
    watcher, nodes = LeaderCompleteness(), {"S1": old, "S2": new}
    assert watcher.watch(nodes, "S2", {"role": "leader"}) is None
    old.commit_index = 1
    text = watcher.watch(nodes, "S1", {"commit_index": 1})
    assert text == (
        "the entry at index 1 was committed in term 1, but S2, leader of term 2, does not hold it"
    )


def test_applying_beyond_the_log_is_a_violation_of_state_machine_safety():
    node = server(1, last_applied=2)
    text = StateMachineSafety().watch({"S1": node}, "S1", {"last_applied": 2})
    assert text == "S1 applied index 2, which is beyond its log"


def test_applying_again_after_a_crash_is_no_violation():
    scenario = STAGE.at(50, timeout("S1")).at(200, request("write", "x", 1))
    trace = scenario.at(400, crash("S3")).at(500, restart("S3")).run()
    applied = [e.changes["last_applied"] for e in trace.events if "last_applied" in e.changes]
    assert 0 in applied[1:]
    assert trace.state_at(1000)["S3"]["last_applied"] == 2
    assert trace.violations == []


SELDOM = RaftOptions(snapshot_every=1000)


def compacted(index, *tail, term=1):
    """A server whose log begins after `index`, with entries of these terms."""
    taken = Snapshot(index, term, None)
    node = server(options=SELDOM, snapshot=taken, commit_index=index, last_applied=index)
    node.log = entries(*tail, start=index + 1)
    return node


def test_a_leader_may_compact_its_log_but_not_change_what_is_left():
    watcher, node = LeaderAppendOnly(), leader(1, 1, 1, options=SELDOM)
    watcher.watch({"S1": node}, "S1", {"role": "leader"})
    node.snapshot, node.log = Snapshot(2, 1, None), node.log[2:]
    assert watcher.watch({"S1": node}, "S1", {"log": node.log}) is None
    node.log = entries(9, start=3)
    assert watcher.watch({"S1": node}, "S1", {"log": node.log})


def test_log_matching_compares_by_index_and_not_by_place():
    one, other = server(1, 1, 1, 1), compacted(2, 1, 1)
    watcher, nodes = LogMatching(), {"S1": one, "S2": other}
    assert watcher.watch(nodes, "S1", {"log": one.log}) is None
    assert watcher.watch(nodes, "S2", {"log": other.log}) is None
    other.log = entries(1, 1, start=4)
    assert "index 3 and term 1" in watcher.watch(nodes, "S2", {"log": other.log})


def test_log_matching_knows_the_term_with_which_a_snapshot_ends():
    one, other = server(1, 2, 3), compacted(2, 3, term=1)
    watcher, nodes = LogMatching(), {"S1": one, "S2": other}
    assert watcher.watch(nodes, "S1", {"log": one.log}) is None
    assert "index 3 and term 3" in watcher.watch(nodes, "S2", {"log": other.log})


def test_what_a_leader_has_in_its_snapshot_it_does_not_lack():
    old, new = server(1, 1, 1, commit_index=3), compacted(2, 1, 2, term=1)
    new.role, new.current_term = "leader", 2
    watcher, nodes = LeaderCompleteness(), {"S1": old, "S2": new}
    assert watcher.watch({"S1": old}, "S1", {"commit_index": 3}) is None
    assert watcher.watch(nodes, "S2", {"role": "leader"}) is None
    new.log = entries(2, start=3)
    assert "index 3" in watcher.watch(nodes, "S2", {"role": "leader"})


def test_entries_that_are_applied_and_compacted_in_one_step_are_known_by_their_terms():
    known = Entries()
    one, other = server(1, 1, 1), compacted(3, term=1)
    LogMatching(known).watch({"S1": one}, "S1", {"log": one.log})
    assert known.between(1, 3, 1) == list(one.log[1:])
    assert known.between(1, 3, 2) is None
    watcher = StateMachineSafety(known)
    answered = {"A": Session(1, {1: None, 2: None, 3: None})}
    other.snapshot = Snapshot(3, 1, Sessions(KeyValue({"x": 3}), answered))
    changes = {"last_applied": 3, "snapshot": other.snapshot}
    assert watcher.watch({"S2": other}, "S2", changes) is None
    other.snapshot = Snapshot(3, 1, Sessions(KeyValue({"x": 2}), answered))
    assert "not what those entries lead to" in watcher.watch({"S2": other}, "S2", changes)


def test_what_two_logs_share_is_counted_from_the_start():
    assert common_prefix(entries(1, 1), entries(1, 1, 2)) == 2
    assert common_prefix(entries(1, 1, 2), entries(1, 2)) == 1
    assert common_prefix(entries(1, 1), entries(1)) == 1
    assert common_prefix((), entries(1)) == 0


def test_the_stage_of_these_tests_has_three_leaders():
    trace = LONELY_LEADER.run()
    leaders = [event.who for event in trace.events if event.changes.get("role") == "leader"]
    assert leaders == ["S1", "S2", "S3"]
