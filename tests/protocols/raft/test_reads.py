"""Reads that do not go through the log: each rule, each rule broken, and hundreds of bad days."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consensus_lab import Scenario, linearizable
from consensus_lab.errors import ScenarioError
from consensus_lab.protocols import ClientRequest, Raft
from consensus_lab.protocols.raft import (
    AppendEntries,
    AppendEntriesReply,
    RaftOptions,
    ReadIndex,
    ReadIndexReply,
    RequestVote,
    RequestVoteReply,
    TransferVote,
)
from consensus_lab.protocols.state_machine import KeyValue
from consensus_lab.simulation.faults import (
    clock_skew,
    cut,
)
from consensus_lab.testing.hunt import attempt, complaint_of
from consensus_lab.testing.tasks.reads import LEASES, SLOW_CLOCK, bad_day

from .fake import Out, leader, server, told
from .read_bugs import (
    KILLED_IN,
    AnyHeartbeat,
    Hasty,
    LateLease,
    LocalRead,
    NoNoOp,
    OwnIndex,
    TrustingClocks,
)

MODES = ("read_index", "lease", "follower", "follower_lease")
READ = ClientRequest("B", 1, ("read", "x"))
ASK, LEASE = RaftOptions(reads="read_index"), RaftOptions(reads="lease")


def ruling(reads: str = "read_index", **fields) -> Raft:
    """S1 leads term 1 of three servers, and has committed a write of 7 after its no-op."""
    options, machine = RaftOptions(reads=reads), KeyValue({"x": 7})
    applied = {"commit_index": 2, "last_applied": 2, "machine": machine, "no_op_index": 1}
    return leader(1, 1, options=options, **{**applied, **fields})


def asked(node: Raft, request: ClientRequest = READ, out: Out | None = None) -> Out:
    """What `node` asks for when a client asks."""
    out = out or Out()
    node.on_request(request, out)
    return out


def answer(node: Raft, follower: str, request: int, success: bool = True) -> Out:
    """What `node` asks for when `follower` answers the AppendEntries with this number."""
    reply = AppendEntriesReply(node.current_term, follower, success, 2, request=request)
    return told(node, reply)


def numbers(out: Out) -> list[int]:
    """The numbers of the AppendEntries sent."""
    return [message.request for _, message in out.sent if isinstance(message, AppendEntries)]


# -- options ---------------------------------------------------------------------------------------


def test_by_default_a_read_goes_through_the_log():
    node = ruling("log")
    asked(node)
    assert node.last_log_index == 3


def test_a_way_of_reading_that_does_not_exist_is_refused():
    with pytest.raises(ScenarioError, match="reads is one of log, read_index"):
        Scenario(Raft, options={"reads": "quickly"})


def test_clocks_that_drift_by_less_than_nothing_are_refused():
    with pytest.raises(ScenarioError, match="clock_drift is 1 or more"):
        Scenario(Raft, options={"clock_drift": 0.9})


@pytest.mark.parametrize("reads", MODES)
def test_what_changes_something_goes_through_the_log(reads):
    node = ruling(reads)
    asked(node, ClientRequest("B", 1, ("cas", "x", 7, 8)))
    assert node.last_log_index == 3


# -- ReadIndex -------------------------------------------------------------------------------------


def test_a_read_writes_nothing():
    node = ruling()
    out = asked(node)
    assert (node.last_log_index, out.saves) == (2, 0)


def test_a_read_begins_a_round_of_heartbeats_and_waits_for_it():
    node = ruling(answered={"S2": 5}, requests=5, round=4)
    out = asked(node)
    assert numbers(out) == [6, 7]
    assert out.replies == []


def test_a_majority_that_answers_the_round_lets_it_be_answered():
    node = ruling(answered={"S2": 5}, requests=5, round=4)
    asked(node)
    assert answer(node, "S2", request=6).replies == [(READ, 7)]


def test_a_refusal_proves_as_well_that_the_follower_follows():
    node = ruling(answered={"S2": 5}, requests=5, round=4)
    asked(node)
    assert answer(node, "S2", request=6, success=False).replies == [(READ, 7)]


def test_an_answer_to_an_earlier_heartbeat_proves_nothing():
    node = ruling(answered={"S2": 5}, requests=5, round=4)
    asked(node)
    assert answer(node, "S3", request=5).replies == []


def test_an_answer_of_an_earlier_term_proves_nothing():
    node = ruling(answered={"S2": 5}, requests=5, round=4)
    node.current_term = 3
    asked(node)
    out = told(node, AppendEntriesReply(2, "S2", True, 2, request=6))
    assert out.replies == []


def test_in_five_servers_one_answer_is_no_majority():
    heard = {"answered": {"S2": 9, "S3": 9}, "requests": 9}
    node = leader(1, 1, servers=5, options=ASK, commit_index=2, last_applied=2, **heard)
    asked(node)
    assert answer(node, "S4", request=12).replies == []
    assert len(answer(node, "S5", request=13).replies) == 1


def test_reads_that_come_while_a_round_is_under_way_share_the_next():
    node = ruling(answered={"S2": 5}, requests=5, round=4)
    asked(node)
    others = [ClientRequest("C", n, ("read", "x")) for n in (1, 2, 3)]
    for other in others:
        assert asked(node, other).sent == []
    out = answer(node, "S2", request=6)
    assert out.replies == [(READ, 7)]
    assert numbers(out) == [8, 9]
    assert [request for request, _ in answer(node, "S2", request=8).replies] == others


def test_a_heartbeat_under_way_does_not_hold_up_a_read():
    node = ruling(answered={"S2": 3}, requests=5, round=4)
    assert numbers(asked(node)) == [6, 7]


def test_a_round_that_is_lost_is_made_up_for_by_the_next_heartbeat():
    node = ruling(answered={"S2": 5}, requests=5, round=4)
    asked(node)
    out = Out()
    node.on_heartbeat_timeout(out)
    assert answer(node, "S3", request=numbers(out)[1]).replies == [(READ, 7)]


def test_the_read_index_is_the_commit_index_when_the_read_came():
    node = ruling()
    asked(node)
    assert [read.index for read in node.waiting] == [2]


def test_a_new_leader_has_to_apply_its_no_op_first():
    heard = {"answered": {"S2": 5}, "requests": 5, "round": 4}
    node = leader(1, 1, 2, options=ASK, no_op_index=3, **heard)
    asked(node)
    assert answer(node, "S2", request=6).replies == []
    reply = AppendEntriesReply(2, "S2", True, 3, request=8)
    assert (READ, 3) in told(node, reply).replies


def test_a_leader_that_steps_down_forgets_its_reads():
    node = ruling()
    asked(node)
    told(node, AppendEntriesReply(9, "S2", False))
    assert node.waiting == ()


def test_a_server_alone_reads_at_once():
    applied = {"commit_index": 1, "last_applied": 1, "machine": KeyValue({"x": 7})}
    node = leader(1, servers=1, options=ASK, **applied)
    assert asked(node).replies == [(READ, 7)]


def test_who_does_not_lead_says_who_does():
    node = server(1, options=ASK, leader="S3")
    assert asked(node).redirects == [(READ, "S3")]


def test_a_retry_is_answered_again():
    node = ruling(answered={"S2": 5}, requests=5, round=4)
    asked(node)
    asked(node)
    answered = answer(node, "S2", request=6).replies + answer(node, "S2", request=8).replies
    assert answered == [(READ, 7), (READ, 7)]


# -- leases ----------------------------------------------------------------------------------------


def at(time: float) -> Out:
    """An `out` whose clock shows `time` (ms)."""
    out = Out()
    out.time = time
    return out


def leased(**fields) -> Raft:
    """A leader whose heartbeats, sent at 100 ms, S2 has answered at 130 ms."""
    node = ruling("lease", **fields)
    sent = at(100)
    node.on_heartbeat_timeout(sent)
    heard = at(130)
    node.on_message(AppendEntriesReply(1, "S2", True, 2, request=numbers(sent)[0]), heard)
    return node


def test_with_a_lease_a_read_needs_nobody():
    out = asked(leased(), out=at(200))
    assert (out.replies, out.sent) == ([(READ, 7)], [])


def test_a_lease_is_counted_from_when_the_heartbeats_were_sent():
    assert leased().lease_until == pytest.approx(100 + 150 / 1.1)


def test_after_the_lease_a_read_asks_a_majority():
    out = asked(leased(), out=at(100 + 150 / 1.1))
    assert out.replies == []
    assert len(numbers(out)) == 2


def test_the_answer_of_a_minority_gives_no_lease():
    node = leader(1, 1, servers=5, options=LEASE)
    node.on_heartbeat_timeout(at(100))
    node.on_message(AppendEntriesReply(1, "S2", True, 2, request=1), at(101))
    assert node.lease_until == 0


def test_a_late_answer_does_not_shorten_the_lease():
    node = leased()
    node.on_message(AppendEntriesReply(1, "S3", True, 2, request=2), at(150))
    assert node.lease_until == pytest.approx(100 + 150 / 1.1)


def test_a_lease_ends_with_its_term():
    node = leased()
    node.become_follower(2, Out())
    node.role = "candidate"
    node.become_leader(at(140))
    assert node.lease_until == 0


def test_who_hands_over_has_no_lease_for_the_rest_of_its_term():
    node = leased()
    node.on_transfer("S3", at(150))
    node.on_transfer_timeout(at(160))
    assert asked(node, out=at(170)).replies == []


def test_a_new_leader_with_a_lease_still_waits_for_its_no_op():
    node = leased()
    node.no_op_index = 3
    assert asked(node, out=at(150)).replies == []


def followed(when: float) -> Raft:
    """A follower that heard from its leader at `when` (ms)."""
    node = server(1, options=LEASE, leader="S2")
    node.on_message(AppendEntries(1, "S2", 1, 1, (), 0), at(when))
    return node


def test_who_follows_a_leader_is_deaf_to_candidates_for_the_shortest_timeout():
    node = followed(100)
    early, late = at(249), at(251)
    node.on_message(RequestVote(2, "S3", 5, 1), early)
    assert (early.sent, node.current_term) == ([], 1)
    node.on_message(RequestVote(2, "S3", 5, 1), late)
    assert late.answer == RequestVoteReply(2, "S1", True)


def test_but_not_to_the_one_that_the_leader_has_called():
    out = at(110)
    followed(100).on_message(TransferVote(2, "S3", 5, 1), out)
    assert out.answer == RequestVoteReply(2, "S1", True)


def test_who_comes_back_from_a_crash_keeps_a_promise_it_may_have_given():
    node = server(1, options=LEASE)
    node.on_start(at(1000))
    out = at(1149)
    node.on_message(RequestVote(2, "S3", 5, 1), out)
    assert out.sent == []


def test_who_has_promised_to_be_quiet_does_not_stand_whatever_its_timer_says():
    node, early, late = followed(100), at(249), at(251)
    node.on_election_timeout(early)
    assert (node.role, early.sent, list(early.timers)) == ("follower", [], ["election"])
    node.on_election_timeout(late)
    assert node.role == "candidate"


def test_without_leases_nobody_is_deaf():
    node = server(1, leader="S2")
    node.on_message(AppendEntries(1, "S2", 1, 1, (), 0), at(100))
    out = at(101)
    node.on_message(RequestVote(2, "S3", 5, 1), out)
    assert out.answer.granted


# -- followers -------------------------------------------------------------------------------------


def following(**fields) -> Raft:
    """S1 follows S2, and has applied a write of 7 as the second entry."""
    applied = {"commit_index": 2, "last_applied": 2, "machine": KeyValue({"x": 7})}
    options = RaftOptions(reads="follower")
    return server(1, 1, 1, options=options, leader="S2", **applied, **fields)


def test_a_follower_asks_its_leader_how_far_to_look():
    assert asked(following()).answer == ReadIndex(1, "S1", READ)


def test_the_leader_makes_sure_that_it_leads_before_it_says():
    node = ruling("follower", answered={"S2": 5}, requests=5, round=4)
    assert numbers(told(node, ReadIndex(1, "S3", READ))) == [6, 7]
    out = answer(node, "S2", request=6)
    assert out.sent == [("S3", ReadIndexReply(1, "S1", READ, 2))]


def test_a_follower_that_has_come_so_far_answers():
    assert told(following(), ReadIndexReply(1, "S2", READ, 2)).replies == [(READ, 7)]


def test_a_follower_that_has_not_waits_until_it_has():
    node = following()
    assert told(node, ReadIndexReply(1, "S2", READ, 3)).replies == []
    out = told(node, AppendEntries(1, "S2", 3, 1, (), 3))
    assert out.replies == [(READ, 3)]


def test_a_follower_without_a_leader_cannot_ask():
    node = following()
    node.leader = None
    assert asked(node).redirects == [(READ, None)]


def test_who_leads_no_more_does_not_say_how_far_to_look():
    assert told(following(), ReadIndex(1, "S3", READ)).sent == []


# -- the bugs --------------------------------------------------------------------------------------


def test_a_clock_beyond_the_bound_lets_the_lease_serve_the_past():
    believed = {**SLOW_CLOCK.options, "clock_drift": 1.05}
    trace = replace(SLOW_CLOCK, options=believed).run()
    assert linearizable(trace.history()).holds is False


def test_a_clock_that_shows_another_time_does_no_harm():
    trace = LEASES.at(0, clock_skew("S1", 5000), clock_skew("S2", -5000))
    trace = trace.at(380, cut("S1", "S2"), cut("S1", "S3")).run()
    assert linearizable(trace.history()).holds is True


# -- bad days --------------------------------------------------------------------------------------


@pytest.mark.parametrize("reads", MODES)
def test_whatever_happens_no_read_returns_the_past(reads):
    answered = 0
    for seed in range(20):
        trace = bad_day(Raft, reads, seed).run()
        assert trace.violations == []
        assert linearizable(trace.history()).holds is True, seed
        answered += sum(o.outcome == "ok" and o.operation[0] == "read" for o in trace.operations)
    assert answered > 20 * 20


@pytest.mark.parametrize(
    "bug",
    [LocalRead, NoNoOp, AnyHeartbeat, Hasty, LateLease, TrustingClocks, OwnIndex],
    ids=lambda bug: bug.__name__,
)
def test_a_campaign_finds_the_mistake_without_being_told_where_to_look(bug):
    reads = KILLED_IN[bug].options["reads"]
    assert any(attempt(bad_day(bug, reads, seed), complaint_of) for seed in range(20))
