"""Extensions of Raft: PreVote, CheckQuorum, leadership transfer. Each off and on."""

from __future__ import annotations

from typing import Any

import pytest

from consensus_lab.protocols.raft import (
    AppendEntries,
    PreVote,
    PreVoteReply,
    Raft,
    RaftOptions,
    TimeoutNow,
)
from consensus_lab.simulation import Network, Scenario, Trace
from consensus_lab.simulation.faults import crash, cut, heal, partition, request, restart, transfer

from .fake import Out, leader, server, told

ON = {"pre_vote": True, "check_quorum": True}


def options(**chosen: Any) -> RaftOptions:
    return RaftOptions(**chosen)


def leaders(trace: Trace, start: float = 0) -> list[tuple[str, int]]:
    """Who became leader from `start` (ms) on, and of which term."""
    return [
        (event.who or "", trace.state_after(index + 1)[event.who or ""]["current_term"])
        for index, event in enumerate(trace.events)
        if event.changes.get("role") == "leader" and event.time >= start * 1000
    ]


def settled(**chosen: Any) -> tuple[Scenario, str, list[str]]:
    """Five servers of which one leads from 400 ms on; its name, and those of the others."""
    scenario = Scenario(Raft, servers=5, seed=3, options=chosen, duration=3000)
    [(name, _)] = leaders(scenario.run(1000))
    return scenario, name, [other for other in scenario.server_names if other != name]


# -- PreVote -----------------------------------------------------------------------------


def test_a_server_that_was_cut_off_deposes_a_healthy_leader():
    scenario, _, others = settled()
    trace = scenario.at(500, partition([others[0]], [*others[1:], "leader"])).at(1800, heal()).run()
    assert leaders(trace, start=1800)


def test_with_pre_vote_it_does_not():
    scenario, name, others = settled(pre_vote=True)
    trace = scenario.at(500, partition([others[0]], [*others[1:], name])).at(1800, heal()).run()
    assert not leaders(trace, start=500)
    assert trace.state_at(3000)[others[0]]["current_term"] == 1


def test_a_pre_vote_changes_neither_term_nor_vote():
    node = server(1, 1, options=options(pre_vote=True), leader=None)
    out = told(node, PreVote(1, "S2", 2, 1))
    assert out.answer == PreVoteReply(1, "S1", True)
    assert (node.current_term, node.voted_for, out.saves) == (1, None, 0)


def test_who_hears_from_a_leader_gives_no_pre_vote():
    node = server(1, 1, options=options(pre_vote=True), leader="S3")
    assert told(node, PreVote(1, "S2", 2, 1)).answer.granted is False


def test_a_log_that_is_behind_gets_no_pre_vote():
    node = server(1, 2, options=options(pre_vote=True), leader=None)
    assert told(node, PreVote(2, "S2", 5, 1)).answer.granted is False


def test_a_pre_vote_of_an_older_term_is_answered_with_the_newer_term():
    node = server(1, 4, options=options(pre_vote=True), leader=None)
    assert told(node, PreVote(3, "S2", 9, 3)).answer == PreVoteReply(4, "S1", False)


def test_a_pre_candidate_stands_once_a_majority_would_vote_for_it():
    node = server(1, servers=5, options=options(pre_vote=True))
    node.on_election_timeout(Out())
    assert (node.role, node.current_term) == ("pre-candidate", 1)
    told(node, PreVoteReply(1, "S2", True))
    told(node, PreVoteReply(1, "S2", True))
    assert node.role == "pre-candidate"
    told(node, PreVoteReply(1, "S3", True))
    assert (node.role, node.current_term) == ("candidate", 2)


def test_a_server_alone_elects_itself_with_pre_vote_too():
    trace = Scenario(Raft, servers=1, options={"pre_vote": True}, duration=1000).run()
    assert leaders(trace) == [("S1", 1)]


# -- CheckQuorum -------------------------------------------------------------------------


def isolated(**chosen: Any) -> tuple[Trace, str]:
    """A run in which the leader is cut off at 500 ms."""
    scenario, name, others = settled(**chosen)
    return scenario.at(500, partition([name], others)).run(), name


def test_a_leader_that_is_cut_off_believes_in_itself_for_ever():
    trace, name = isolated()
    assert trace.state_at(3000)[name]["role"] == "leader"


def test_with_check_quorum_it_steps_down_within_two_election_timeouts():
    trace, name = isolated(check_quorum=True)
    assert trace.state_at(500 + 2 * 300)[name]["role"] != "leader"


def test_a_leader_whom_a_majority_answers_stays():
    scenario, _, others = settled(check_quorum=True)
    trace = scenario.at(500, crash(others[0]), crash(others[1])).run()
    assert not leaders(trace, start=500)


def test_with_check_quorum_nobody_listens_to_a_candidate_while_there_is_a_leader():
    scenario, name, others = settled(check_quorum=True)
    one_way = scenario.at(500, *(cut(o, others[0], one_way=True) for o in [name, *others[1:]]))
    assert not leaders(one_way.run(), start=500)
    scenario, name, others = settled()
    one_way = scenario.at(500, *(cut(o, others[0], one_way=True) for o in [name, *others[1:]]))
    assert max(term for _, term in leaders(one_way.run(), start=500)) > 2


# -- contact with a leader ---------------------------------------------------------------


@pytest.mark.parametrize("chosen", [{"pre_vote": True}, {"check_quorum": True}], ids=str)
def test_a_leader_is_believed_in_for_the_shortest_election_timeout_without_a_word(chosen):
    node, out = server(1, options=options(**chosen)), Out()
    node.on_message(AppendEntries(1, "S2", 1, 1, (), 0), out)
    assert out.timers["contact"] == 150
    assert node.leader == "S2"
    node.on_contact_timeout(Out())
    assert node.leader is None


def test_without_these_extensions_it_is_believed_in_until_the_election_timeout():
    out = told(server(1), AppendEntries(1, "S2", 1, 1, (), 0))
    assert set(out.timers) == {"election"}


def test_a_leader_goes_on_to_believe_in_itself():
    node = leader(1, options=options(pre_vote=True))
    node.on_contact_timeout(Out())
    assert node.leader == "S1"


@pytest.mark.parametrize("seed", range(6))
def test_with_all_extensions_a_crashed_leader_is_replaced_within_two_timeouts(seed):
    trace = Scenario(Raft, seed=seed, options=ON).at(1000, crash("leader")).run()
    elected = [e.time for e in trace.events if e.changes.get("role") == "leader"]
    assert elected[-1] < 1_000_000 + 1000 * 300 * 2


# -- leadership transfer -----------------------------------------------------------------


@pytest.mark.parametrize("chosen", [{}, ON], ids=["plain", "all on"])
def test_a_leader_hands_over_without_anybody_waiting_for_a_timeout(chosen):
    scenario, _, others = settled(**chosen)
    trace = scenario.at(1000, transfer("leader", others[2])).run()
    assert leaders(trace, start=1000) == [(others[2], 2)]
    changed = [e.time for e in trace.events if e.changes.get("role") == "leader"]
    assert changed[-1] < 1_060_000


def test_a_successor_that_is_behind_is_brought_up_to_date_first():
    scenario, name, others = settled()
    scenario = scenario.at(500, cut(name, others[0])).at(510, request("write", "x", 1))
    behind = scenario.run(589).state_at(589)
    assert len(behind[others[0]]["log"]) < len(behind[name]["log"])
    trace = scenario.at(590, heal(), transfer(name, others[0])).run()
    assert leaders(trace, start=500) == [(others[0], 2)]
    assert trace.state_at(3000)[others[0]]["machine"].data == {"x": 1}


def test_a_leader_whose_successor_is_down_goes_on_after_a_while():
    scenario, name, others = settled()
    scenario = scenario.at(500, crash(others[0])).at(600, transfer(name, others[0]))
    trace = scenario.at(700, request("write", "x", 1)).run()
    assert not leaders(trace, start=500)
    [asked] = trace.operations
    assert asked.outcome == "ok"
    assert asked.end is not None
    assert asked.end > 900_000


def test_a_leader_that_hands_over_takes_no_requests():
    node = leader(1, servers=3)
    out = Out()
    node.on_transfer("S2", out)
    before = node.log
    node.on_request(request("write", "x", 1), out)  # anything
    assert node.log == before
    assert len(out.redirects) == 1


def test_only_a_follower_of_that_term_follows_a_call_to_stand():
    node = server(1, 3)
    told(node, TimeoutNow(2, "S2"))
    assert node.role == "follower"
    told(node, TimeoutNow(3, "S2"))
    assert (node.role, node.current_term) == ("candidate", 4)


def test_who_does_not_lead_cannot_hand_over():
    node, out = server(1), Out()
    node.on_transfer("S2", out)
    assert out.sent == []


# -- all together ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_lost_with_all_extensions_on_in_rough_weather(seed):
    network = Network(latency=(1, 30), loss=0.05, duplicate=0.05, reorder=0.05)
    scenario = Scenario(Raft, seed=seed, clients=2, network=network, options=ON, duration=4000)
    scenario = scenario.at(600, crash("leader")).at(1200, transfer("leader", "S2"))
    scenario = scenario.at(1500, *(restart(name) for name in scenario.server_names))
    scenario = scenario.at(1800, partition(["leader", "S5"], ["S1", "S2", "S3", "S4"]))
    trace = scenario.at(2600, heal(), transfer("leader", "S4")).run()
    assert trace.violations == []
    assert any(operation.outcome == "ok" for operation in trace.operations)
