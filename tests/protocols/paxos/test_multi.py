"""Multi-Paxos: one test a rule of "Paxos Made Simple", section 3, and of what it leaves open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consensus_lab.protocols.node import ClientRequest
from consensus_lab.protocols.paxos import MultiPaxos, Nack
from consensus_lab.protocols.paxos.multi_messages import (
    Accept,
    Accepted,
    CatchUp,
    Chosen,
    Heartbeat,
    Prepare,
    Promise,
)
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.disk import torn
from consensus_lab.simulation.faults import crash, cut, heal, restart, timeout
from consensus_lab.simulation.faults import request as ask
from consensus_lab.testing import paxos_stories as stories

from .fake import Out, ballot, follower, leader, proposal, told

A, B, C = (ClientRequest("A", n, ("write", "x", n)) for n in (1, 2, 3))

LED = replace(stories.led(MultiPaxos), duration=1000)


def candidate(number: str, *log, **fields) -> MultiPaxos:
    return follower(*log, role="candidate", promised=ballot(number), **fields)


def promise(
    number: str, acceptor: str, *accepted, first: int = 1, commit_index: int = 0
) -> Promise:
    return Promise(ballot(number), acceptor, first, accepted, commit_index)


# -- phase 1, for all slots at once --------------------------------------------------------


def test_a_server_that_hears_from_no_leader_prepares_a_ballot_of_its_own():
    node, out = follower(promised=ballot("2.S3"), commit_index=0), Out()
    node.on_timer("election", out)
    assert (node.role, node.promised) == ("candidate", ballot("3.S1"))
    assert out.sent == [(peer, Prepare(ballot("3.S1"), "S1", 0)) for peer in ("S2", "S3")]
    assert (out.saves, out.held) == (1, True)


def test_one_promise_tells_of_all_slots_that_the_proposer_does_not_know():
    log = [proposal("1.S2", A), None, proposal("1.S2", C)]
    node = follower(*log, promised=ballot("1.S2"), commit_index=1)
    out = told(node, Prepare(ballot("2.S3"), "S3", 1))
    assert out.answer == promise("2.S3", "S1", None, log[2], first=2, commit_index=1)
    assert node.promised == ballot("2.S3")


def test_a_promise_is_saved_before_it_is_sent():
    out = told(follower(), Prepare(ballot("2.S3"), "S3", 0))
    assert (out.saves, out.held) == (1, True)


def test_a_lower_ballot_is_refused():
    node = follower(promised=ballot("2.S3"))
    out = told(node, Prepare(ballot("1.S2"), "S2", 0))
    assert out.answer == Nack(ballot("1.S2"), "S1", ballot("2.S3"))


def test_a_leader_that_promises_a_higher_ballot_leads_no_more():
    node = leader("1.S1")
    out = told(node, Prepare(ballot("2.S3"), "S3", 0))
    assert (node.role, node.leader, node.accepted_by) == ("follower", None, {})
    assert out.cancelled == ["heartbeat"]
    assert "election" in out.timers


def test_who_is_refused_gives_way_to_the_higher_ballot():
    node = candidate("1.S1")
    told(node, Nack(ballot("1.S1"), "S2", ballot("4.S3")))
    assert (node.role, node.promised) == ("follower", ballot("4.S3"))


def test_promises_of_an_older_ballot_do_not_count():
    node = candidate("2.S1")
    for peer in ("S2", "S3"):
        told(node, promise("1.S1", peer))
    assert (node.role, node.promises) == ("candidate", {})


def test_a_promise_that_comes_twice_counts_once():
    node = candidate("1.S1")
    for _ in range(2):
        told(node, promise("1.S1", "S2"))
    assert node.role == "candidate"


def test_a_quorum_of_promises_makes_a_leader():
    node = candidate("1.S1")
    for peer in ("S2", "S3"):
        out = told(node, promise("1.S1", peer))
    assert (node.role, node.leader) == ("leader", "S1")
    assert out.sent == [(peer, Heartbeat(ballot("1.S1"), "S1", 0)) for peer in ("S2", "S3")]
    assert out.cancelled == ["election"]


def test_the_own_promise_counts_once_it_is_on_disk():
    node = candidate("1.S1")
    told(node, promise("1.S1", "S2"))
    assert node.role == "candidate"
    node.on_saved({"promised": ballot("1.S1"), "log": ()}, Out())
    assert node.role == "leader"


# -- a new leader --------------------------------------------------------------------------


def elected(*promises: Promise, **fields) -> tuple[MultiPaxos, Out]:
    """S1, which becomes leader under ballot 9.S1 with these promises."""
    node = candidate("9.S1", **fields)
    for one in promises:
        out = told(node, one)
    assert node.role == "leader"
    return node, out


def accepts(out: Out) -> list[tuple[int, object]]:
    """What was proposed, slot by slot."""
    return [(m.slot, m.command) for to, m in out.sent if isinstance(m, Accept) and to == "S2"]


def test_a_new_leader_proposes_what_the_promises_tell_of_again():
    _, out = elected(promise("9.S1", "S2", proposal("1.S2", A)), promise("9.S1", "S3"))
    assert accepts(out) == [(1, A)]


def test_of_two_proposals_for_a_slot_the_one_with_the_higher_ballot_is_taken():
    node, out = elected(
        promise("9.S1", "S2", proposal("1.S2", A)), promise("9.S1", "S3", proposal("2.S3", B))
    )
    assert accepts(out) == [(1, B)]
    assert node.log == (proposal("9.S1", B),)


def test_a_new_leader_fills_a_hole_with_a_no_op():
    _, out = elected(
        promise("9.S1", "S2", None, None, proposal("1.S2", C)),
        promise("9.S1", "S3", proposal("1.S2", A)),
    )
    assert accepts(out) == [(1, A), (2, None), (3, C)]


def test_what_an_acceptor_knows_to_be_chosen_needs_no_votes():
    node, out = elected(
        promise("9.S1", "S2", proposal("1.S2", A), proposal("1.S2", B), commit_index=1),
        promise("9.S1", "S3"),
    )
    assert accepts(out) == [(2, B)]
    assert (node.commit_index, node.last_applied) == (1, 1)
    assert set(node.accepted_by) == {2}


def test_what_the_new_leader_knows_to_be_chosen_needs_no_votes_either():
    log = [proposal("1.S2", A), proposal("1.S2", B)]
    late = [promise("9.S1", peer, first=3) for peer in ("S2", "S3")]
    node, out = elected(*late, log=tuple(log), commit_index=2, last_applied=2)
    assert accepts(out) == []
    assert node.accepted_by == {}


def test_a_new_leader_takes_new_commands_behind_all_that_may_have_been_chosen():
    node, _ = elected(promise("9.S1", "S2", None, proposal("1.S2", B)), promise("9.S1", "S3"))
    out = Out()
    node.on_request(C, out)
    assert accepts(out) == [(3, C)]


# -- phase 2, slot by slot -----------------------------------------------------------------


def test_a_leader_proposes_a_command_in_the_next_slot_without_another_phase_1():
    node, out = leader("1.S1", proposal("1.S1", A), commit_index=1), Out()
    node.on_request(B, out)
    accept = Accept(ballot("1.S1"), "S1", 2, B, 1)
    assert out.sent == [("S2", accept), ("S3", accept)]
    assert node.log[1] == proposal("1.S1", B)
    assert (out.saves, out.held) == (1, True)


def test_who_does_not_lead_says_who_does():
    node, out = follower(leader="S2"), Out()
    node.on_request(A, out)
    assert out.redirects == [(A, "S2")]


def test_an_acceptor_accepts_and_saves_it_before_it_says_so():
    node = follower()
    out = told(node, Accept(ballot("1.S2"), "S2", 1, A, 0))
    assert out.answer == Accepted(ballot("1.S2"), "S1", 1)
    assert node.log == (proposal("1.S2", A),)
    assert (out.saves > 0, out.held) == (True, True)


def test_slots_may_be_accepted_in_any_order_and_leave_holes():
    node = follower()
    told(node, Accept(ballot("1.S2"), "S2", 3, C, 0))
    assert node.log == (None, None, proposal("1.S2", C))
    told(node, Accept(ballot("1.S2"), "S2", 1, A, 0))
    assert node.log == (proposal("1.S2", A), None, proposal("1.S2", C))


def test_an_acceptor_keeps_its_promise_in_every_slot():
    node = follower(promised=ballot("2.S3"))
    out = told(node, Accept(ballot("1.S2"), "S2", 7, A, 0))
    assert out.answer == Nack(ballot("1.S2"), "S1", ballot("2.S3"))
    assert node.log == ()


def test_to_accept_is_to_promise():
    node = follower(promised=ballot("1.S2"))
    told(node, Accept(ballot("2.S3"), "S3", 1, A, 0))
    assert (node.promised, node.leader) == (ballot("2.S3"), "S3")


def test_what_comes_twice_is_not_written_twice():
    node = follower(proposal("1.S2", A), promised=ballot("1.S2"))
    out = told(node, Accept(ballot("1.S2"), "S2", 1, A, 0))
    assert out.answer == Accepted(ballot("1.S2"), "S1", 1)
    assert out.saves == 0


def test_a_quorum_of_acceptors_chooses_and_the_leader_answers():
    node, out = leader("1.S1"), Out()
    node.on_request(A, out)
    told(node, Accepted(ballot("1.S1"), "S2", 1))
    assert node.commit_index == 0
    out = told(node, Accepted(ballot("1.S1"), "S3", 1))
    assert (node.commit_index, node.machine.data) == (1, {"x": 1})
    assert out.replies == [(A, None)]


def test_an_acceptance_that_comes_twice_counts_once():
    node = leader("1.S1", proposal("1.S1", A), accepted_by={1: frozenset()})
    for _ in range(2):
        told(node, Accepted(ballot("1.S1"), "S2", 1))
    assert node.commit_index == 0


def test_the_leaders_own_acceptance_counts_once_it_is_on_disk():
    node, out = leader("1.S1"), Out()
    node.on_request(A, out)
    node.on_saved({"promised": ballot("1.S1"), "log": ()}, Out())
    told(node, Accepted(ballot("1.S1"), "S2", 1))
    assert node.commit_index == 0
    node.on_saved({"promised": ballot("1.S1"), "log": node.log}, Out())
    assert node.commit_index == 1


def test_what_is_chosen_waits_for_the_slots_before_it():
    log = [proposal("1.S1", A), proposal("1.S1", B)]
    node = leader("1.S1", *log, accepted_by={1: frozenset({"S1"}), 2: frozenset({"S1"})})
    told(node, Accepted(ballot("1.S1"), "S2", 2))
    assert node.commit_index == 0
    told(node, Accepted(ballot("1.S1"), "S2", 1))
    assert node.commit_index == 2


# -- others learn --------------------------------------------------------------------------


def test_the_commit_index_travels_with_a_heartbeat_and_with_the_next_command():
    for message in (
        Heartbeat(ballot("1.S2"), "S2", 1),
        Accept(ballot("1.S2"), "S2", 2, B, 1),
    ):
        node = follower(proposal("1.S2", A), promised=ballot("1.S2"))
        told(node, message)
        assert (node.commit_index, node.last_applied) == (1, 1)


def test_what_was_accepted_under_an_older_ballot_is_not_what_was_chosen():
    node = follower(proposal("1.S2", A), promised=ballot("2.S3"))
    out = told(node, Heartbeat(ballot("2.S3"), "S3", 1))
    assert node.commit_index == 0
    assert out.answer == CatchUp(ballot("2.S3"), "S1", 0)


def test_a_follower_does_not_apply_past_a_hole():
    node = follower(proposal("1.S2", A), None, proposal("1.S2", C), promised=ballot("1.S2"))
    told(node, Heartbeat(ballot("1.S2"), "S2", 3))
    assert node.commit_index == 1


def test_a_leader_tells_who_asks_what_was_chosen():
    log = [proposal("1.S1", A), proposal("1.S1", None), proposal("1.S1", C)]
    node = leader("1.S1", *log, commit_index=2)
    out = told(node, CatchUp(ballot("1.S1"), "S3", 0))
    assert out.answer == Chosen(ballot("1.S1"), "S1", 1, (A, None))


def test_a_follower_that_is_told_what_was_chosen_applies_it():
    node = follower(proposal("1.S2", B), promised=ballot("2.S3"))
    out = told(node, Chosen(ballot("2.S3"), "S3", 1, (A, C)))
    assert node.machine.data == {"x": 3}
    assert node.log == (proposal("2.S3", A), proposal("2.S3", C))
    assert out.saves > 0


def test_a_heartbeat_of_an_older_ballot_is_refused():
    node = follower(promised=ballot("2.S3"))
    out = told(node, Heartbeat(ballot("1.S2"), "S2", 0))
    assert out.answer == Nack(ballot("1.S2"), "S1", ballot("2.S3"))
    assert out.timers == {}


def test_a_heartbeat_makes_a_follower_patient():
    out = told(follower(), Heartbeat(ballot("1.S2"), "S2", 0))
    assert set(out.timers) == {"election"}


def test_a_leader_offers_again_what_has_not_been_accepted():
    node, out = leader("1.S1", proposal("1.S1", A), accepted_by={1: frozenset({"S2"})}), Out()
    node.on_timer("heartbeat", out)
    again = [to for to, message in out.sent if isinstance(message, Accept)]
    assert again == ["S3"]


# -- in a run ------------------------------------------------------------------------------


def test_a_command_is_chosen_after_one_round_trip_to_a_quorum():
    trace = LED.at(200, ask("write", "x", 4, server="S1")).run()
    [operation] = trace.operations
    assert operation.end - operation.start == 2 * 10_000 + 2 * (10_000 + 1_000)


HOLE = (
    LED.at(180, cut("S1", "S2"), cut("S1", "S3"))
    .at(175, ask("write", "x", 4, server="S1"))
    .at(190, heal(), ask("write", "y", 7, client="B", server="S1"))
    .at(215, crash("S1"))
)
"""Slot 1 is lost on its way, and slot 2 is accepted by all. Then the leader crashes."""


def test_a_log_may_have_a_hole():
    assert HOLE.run().state_at(250)["S2"]["log"][0] is None


def test_a_new_leader_leaves_no_hole():
    trace = HOLE.at(300, timeout("S2")).run()
    log = trace.state_at(1000)["S3"]["log"]
    assert [one.value and one.value.operation for one in log] == [None, ("write", "y", 7)]
    assert trace.state_at(1000)["S3"]["commit_index"] == 2


def test_a_server_that_was_away_catches_up():
    scenario = LED.at(100, crash("S3"))
    for n in range(5):
        scenario = scenario.at(200 + 50 * n, ask("write", "x", n, server="S1"))
    trace = scenario.at(600, restart("S3")).run()
    assert trace.state_at(1000)["S3"]["commit_index"] == 5


def test_a_torn_write_leaves_a_part_of_the_log_and_the_whole_ballot():
    held = {"promised": ballot("2.S3"), "log": (proposal("2.S3", A),)}
    more = {**held, "log": (*held["log"], proposal("2.S3", B), proposal("2.S3", C))}
    left = torn(held, more, 0.5)
    assert left["promised"].round == 2
    assert left["log"] == more["log"][:2]


@pytest.mark.parametrize("seed", range(4))
def test_an_idle_cluster_keeps_its_leader(seed):
    trace = Scenario(MultiPaxos, seed=seed, duration=5000).run()
    led = [event.who for event in trace.events if event.changes.get("role") == "leader"]
    assert len(led) == 1


def test_all_servers_can_crash_at_once():
    scenario = Scenario(MultiPaxos, seed=3, clients=2, duration=4000)
    names = scenario.server_names
    trace = scenario.at(1500, *map(crash, names)).at(1600, *map(restart, names)).run()
    before = max(fields["commit_index"] for fields in trace.state_at(1499).values())
    after = min(fields["commit_index"] for fields in trace.state_at(3999).values())
    assert 10 < before < after
