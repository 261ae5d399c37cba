"""Retries, crashes and timing: one test a sentence of the paper's sections 5.1, 5.3, 5.5, 5.6."""

from __future__ import annotations

import pytest

from consensus_lab.protocols.raft import AppendEntries, Raft, RequestVote, RequestVoteReply
from consensus_lab.simulation import Network, Scenario, Trace
from consensus_lab.simulation.faults import crash, cut, request, restart, slow_disk, timeout

from .fake import Out, candidate, entries, leader, server, told


def led_by_s1(servers: int = 3, **more: object) -> Scenario:
    """S1 stands at 50 ms, and leads soon after."""
    return Scenario(Raft, servers=servers, **more).at(50, timeout("S1"))


def leaders(trace: Trace, start: float = 0) -> int:
    """How often somebody became leader, from `start` (ms) on."""
    elected = [event.time for event in trace.events if event.changes.get("role") == "leader"]
    return sum(time >= start * 1000 for time in elected)


# -- requests are made in parallel, and made again (5.1, 5.3) ------------------------------


def test_a_candidate_asks_all_at_once():
    node, out = server(1, servers=5), Out()
    node.on_timer("election", out)
    assert [to for to, _ in out.sent] == ["S2", "S3", "S4", "S5"]


def test_a_leader_offers_an_entry_to_all_at_once():
    node, out = leader(1, servers=5), Out()
    node.append(None, out)
    assert [to for to, _ in out.sent] == ["S2", "S3", "S4", "S5"]


def test_a_candidate_whose_questions_were_lost_asks_again():
    node = candidate(2)
    first, second = Out(), Out()
    node.on_timer("election", first)
    node.on_timer("election", second)
    assert [message.term for _, message in second.sent] == [4, 4]


def test_a_leader_offers_what_is_committed_to_those_that_lack_it():
    """Also after it has answered the client: until all followers store all entries."""
    node = leader(1, 1, commit_index=2, next_index={"S2": 3, "S3": 2})
    out = Out()
    node.on_timer("heartbeat", out)
    assert dict(out.sent)["S3"].entries == node.log[1:]


def test_one_slow_follower_does_not_hold_up_the_others():
    scenario = led_by_s1(servers=3).at(100, slow_disk("S3", 500))
    trace = scenario.at(200, request("write", "x", 4)).run(400)
    assert trace.operations[0].outcome == "ok"
    assert trace.state_at(400)["S1"]["match_index"] == {"S1": 2, "S2": 2, "S3": 1}


# -- an RPC that comes twice does no harm (5.5) --------------------------------------------


def test_append_entries_that_comes_twice_changes_nothing_and_is_answered_alike():
    node = server(1)
    message = AppendEntries(1, "S2", 1, 1, entries(1, 1, start=2), 2)
    first = told(node, message)
    before = node.state()
    second = told(node, message)
    assert node.state() == before
    assert (first.answer, second.saves) == (second.answer, 0)


def test_a_request_for_a_vote_that_comes_twice_is_answered_alike():
    node, message = server(), RequestVote(1, "S2", 0, 0)
    assert told(node, message).answer == told(node, message).answer


def test_a_request_for_a_vote_that_comes_again_after_a_restart_is_answered_alike():
    """It crashed after it had voted, before its answer left."""
    node, message = server(), RequestVote(1, "S2", 0, 0)
    answer = told(node, message).answer
    again = server(current_term=node.current_term, voted_for=node.voted_for)
    assert told(again, message).answer == answer


def test_append_entries_that_comes_again_after_a_restart_is_answered_alike():
    node, message = server(1), AppendEntries(1, "S2", 1, 1, entries(1, start=2), 0)
    answer = told(node, message).answer
    again = server(current_term=node.current_term, log=node.log)
    assert told(again, message).answer == answer


# -- servers that are down (5.5) -----------------------------------------------------------


def test_a_leader_goes_on_offering_to_a_follower_that_is_down():
    scenario = led_by_s1().at(100, crash("S3")).at(200, request("write", "x", 4))
    trace = scenario.at(2000, restart("S3")).run(2200)
    assert trace.state_at(2200)["S3"]["machine"].data == {"x": 4}


def test_a_candidate_that_crashes_leaves_the_election_to_others():
    trace = Scenario(Raft, servers=3).at(50, timeout("S1")).at(55, crash("S1")).run(1500)
    assert leaders(trace) >= 1
    assert "leader" in {trace.state_at(1500)[name]["role"] for name in ("S2", "S3")}


def test_a_minority_of_servers_that_are_down_stops_nothing():
    scenario = led_by_s1(servers=5).at(100, crash("S4"), crash("S5"))
    assert scenario.at(200, request("write", "x", 4)).run(400).operations[0].outcome == "ok"


def test_a_majority_that_is_down_stops_everything():
    scenario = led_by_s1(servers=5).at(100, crash("S3"), crash("S4"), crash("S5"))
    trace = scenario.at(200, request("write", "x", 4)).run(1500)
    assert trace.operations[0].outcome == "unknown"


# -- timing (5.6) --------------------------------------------------------------------------


def test_while_messages_are_much_faster_than_timeouts_there_is_one_election():
    assert leaders(Scenario(Raft, servers=5, seed=2).run(5000)) == 1


def test_leaders_that_speak_too_seldom_are_replaced_again_and_again():
    """The heartbeat must come sooner than the shortest election timeout."""
    scenario = Scenario(Raft, servers=5, seed=2, options={"heartbeat_interval": 290})
    assert leaders(scenario.run(5000)) > 3


def test_when_messages_take_longer_than_timeouts_there_is_no_steady_leader():
    scenario = Scenario(Raft, servers=5, seed=2, network=Network(latency=(200, 400)))
    trace = scenario.run(5000)
    assert trace.state_at(5000)["S1"]["current_term"] > 5
    assert trace.violations == []


@pytest.mark.parametrize("seed", range(5))
def test_timing_is_no_matter_of_safety(seed):
    network = Network(latency=(1, 600), duplicate=0.2, reorder=0.3)
    scenario = Scenario(Raft, servers=5, seed=seed, clients=2, network=network)
    assert scenario.run(4000).violations == []


# -- a leader that is elected again (Figure 2) ---------------------------------------------


def test_a_leader_that_is_elected_again_knows_of_no_match():
    """What its followers held in an older term may be cut off since."""
    node = candidate(3, 1, 1)
    node.match_index = {"S1": 2, "S2": 2, "S3": 2}
    told(node, RequestVoteReply(3, "S2", True))
    assert node.match_index == {"S1": 0, "S2": 0, "S3": 0}


def test_a_leader_that_is_cut_off_commits_nothing():
    scenario = led_by_s1().at(150, cut("S1", "S2"), cut("S1", "S3"))
    trace = scenario.at(200, request("write", "x", 4, server="S1")).run(1000)
    assert trace.state_at(1000)["S1"]["commit_index"] == 1
