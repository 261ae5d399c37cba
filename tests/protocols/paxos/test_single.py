"""Single-decree Paxos: one test a rule of "Paxos Made Simple", section 2."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consensus_lab.protocols.paxos import (
    ZERO,
    Accept,
    Accepted,
    Nack,
    Paxos,
    PaxosOptions,
    Prepare,
    Promise,
)
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation.faults import crash, heal, partition, restart
from consensus_lab.simulation.faults import request as ask

from .fake import Out, acceptor, ballot, proposal, request, told

STAGE = Scenario(
    Paxos,
    servers=3,
    network=Network(latency=(10, 10)),
    disk=DiskModel((1, 1)),
    workload=Workload(retry=10_000, patience=9_000),
)


def proposing(value=4, **fields) -> tuple[Paxos, Out]:
    """S1, asked by a client to propose `value`, and what it asked for then."""
    node, out = acceptor(**fields), Out()
    node.on_request(request(value), out)
    return node, out


# -- phase 1, the proposer -----------------------------------------------------------------


def test_a_client_that_proposes_makes_the_server_prepare_a_ballot_of_its_own():
    node, out = proposing()
    assert (node.role, node.ballot) == ("proposer", ballot("1.S1"))
    assert out.sent == [(peer, Prepare(ballot("1.S1"), "S1")) for peer in ("S2", "S3")]


def test_a_new_ballot_is_higher_than_what_was_promised_and_what_was_heard_of():
    for seen in ({"promised": ballot("6.S3")}, {"highest_seen": ballot("6.S3")}):
        assert acceptor(**seen).next_ballot() == ballot("7.S1")


def test_a_ballot_is_promised_and_saved_by_its_own_server_before_others_hear_of_it():
    node, out = proposing()
    assert node.promised == ballot("1.S1")
    assert (out.saves, out.held) == (1, True)


def test_a_restarted_server_does_not_use_a_ballot_again():
    trace = (
        STAGE.at(50, ask("propose", None, 4, server="S1"))
        .at(75, crash("S1"))
        .at(100, restart("S1"))
        .at(120, ask("propose", None, 7, server="S1", client="B"))
        .run()
    )
    prepared = {f.message.ballot for f in trace.messages if isinstance(f.message, Prepare)}
    assert prepared == {ballot("1.S1"), ballot("2.S1")}


def test_a_second_request_does_not_begin_a_second_ballot():
    node, _ = proposing()
    out = Out()
    node.on_request(request(7, client="B"), out)
    assert out.sent == []
    assert node.ballot == ballot("1.S1")


def test_the_same_request_twice_is_one():
    node, _ = proposing()
    node.on_request(request(4), Out())
    assert len(node.requests) == 1


def test_what_proposes_no_value_is_refused():
    trace = STAGE.at(50, ask("read", "x", server="S1")).run(500)
    assert [operation.outcome for operation in trace.operations] == ["failed"]


# -- phase 1, the acceptor -----------------------------------------------------------------


def test_an_acceptor_promises_a_higher_ballot_and_tells_what_it_has_accepted():
    node = acceptor(promised=ballot("1.S2"), accepted=proposal("1.S2", 4))
    out = told(node, Prepare(ballot("2.S3"), "S3"))
    assert node.promised == ballot("2.S3")
    assert out.sent == [("S3", Promise(ballot("2.S3"), "S1", proposal("1.S2", 4)))]


def test_a_promise_is_saved_before_it_is_sent():
    out = told(acceptor(), Prepare(ballot("1.S3"), "S3"))
    assert (out.saves, out.held) == (1, True)


def test_a_promise_that_is_asked_for_twice_is_given_twice():
    node = acceptor(promised=ballot("2.S3"))
    out = told(node, Prepare(ballot("2.S3"), "S3"))
    assert out.answer == Promise(ballot("2.S3"), "S1", None)


def test_an_acceptor_refuses_a_lower_ballot_than_it_has_promised():
    node = acceptor(promised=ballot("2.S3"))
    out = told(node, Prepare(ballot("1.S2"), "S2"))
    assert out.sent == [("S2", Nack(ballot("1.S2"), "S1", ballot("2.S3")))]
    assert node.promised == ballot("2.S3")


# -- phase 2, the proposer -----------------------------------------------------------------


def test_a_quorum_of_promises_makes_the_proposer_ask_all_to_accept():
    node, _ = proposing(servers=5)
    assert told(node, Promise(node.ballot, "S2", None)).sent == []
    assert told(node, Promise(node.ballot, "S3", None)).sent == []
    out = told(node, Promise(node.ballot, "S4", None))
    asked = [to for to, message in out.sent if message == Accept(node.ballot, "S1", 4)]
    assert asked == ["S2", "S3", "S4", "S5"]


def test_a_promise_that_comes_twice_counts_once():
    node, _ = proposing()
    for _ in range(2):
        told(node, Promise(node.ballot, "S2", None))
    assert node.phase == 1


def test_a_promise_of_an_older_ballot_does_not_count():
    node, _ = proposing()
    node.prepare(Out())
    for peer in ("S2", "S3"):
        told(node, Promise(ballot("1.S1"), peer, None))
    assert (node.phase, node.promises) == (1, {})


def test_the_own_promise_counts_once_it_is_on_disk():
    node, _ = proposing()
    told(node, Promise(node.ballot, "S2", None))
    assert node.phase == 1
    node.on_saved({"promised": node.promised, "accepted": None}, Out())
    assert node.phase == 2


def test_without_an_accepted_proposal_the_value_is_the_clients():
    node, _ = proposing(value=4)
    node.promises = {"S1": None, "S2": None}
    assert node.value_to_propose() == 4


def test_the_value_of_the_highest_ballot_in_the_promises_is_proposed():
    node, _ = proposing(value=4)
    reported = [proposal("2.S3", 7), None, proposal("3.S2", 8), proposal("1.S5", 9)]
    node.promises = dict(zip(("S2", "S3", "S4", "S5"), reported, strict=True))
    assert node.value_to_propose() == 8


def test_a_late_promise_does_not_propose_twice():
    node, _ = proposing()
    for peer in ("S2", "S3"):
        told(node, Promise(node.ballot, peer, None))
    assert told(node, Promise(node.ballot, "S1", None)).sent == []


# -- phase 2, the acceptor -----------------------------------------------------------------


@pytest.mark.parametrize("promised", ["1.S2", "2.S3"], ids=["lower promise", "same promise"])
def test_an_acceptor_accepts_what_it_has_not_promised_to_refuse(promised):
    node = acceptor(promised=ballot(promised))
    out = told(node, Accept(ballot("2.S3"), "S3", 4))
    assert node.accepted == proposal("2.S3", 4)
    assert out.sent == [(peer, Accepted(ballot("2.S3"), "S1", 4)) for peer in ("S2", "S3")]


def test_an_acceptor_saves_what_it_accepts_before_it_says_so():
    out = told(acceptor(), Accept(ballot("2.S3"), "S3", 4))
    assert (out.saves, out.held) == (1, True)


def test_to_accept_is_to_promise():
    node = acceptor()
    told(node, Accept(ballot("2.S3"), "S3", 4))
    assert node.promised == ballot("2.S3")


def test_an_acceptor_keeps_its_promise():
    node = acceptor(promised=ballot("2.S3"))
    out = told(node, Accept(ballot("1.S2"), "S2", 4))
    assert node.accepted is None
    assert out.answer == Nack(ballot("1.S2"), "S1", ballot("2.S3"))


def test_promise_and_accepted_proposal_are_what_survives_a_crash():
    assert Paxos.durable == ("promised", "accepted")


# -- the learner ---------------------------------------------------------------------------


def test_a_value_is_learnt_when_a_quorum_has_accepted_it_under_one_ballot():
    node = acceptor(servers=5)
    for voter in ("S2", "S3"):
        told(node, Accepted(ballot("1.S2"), voter, 4))
    assert node.chosen is None
    told(node, Accepted(ballot("1.S2"), "S4", 4))
    assert node.chosen == proposal("1.S2", 4)


def test_the_same_value_under_different_ballots_is_not_yet_chosen():
    node = acceptor()
    told(node, Accepted(ballot("1.S2"), "S2", 4))
    told(node, Accepted(ballot("2.S3"), "S3", 4))
    assert node.chosen is None


def test_an_acceptance_that_comes_twice_counts_once():
    node = acceptor()
    for _ in range(2):
        told(node, Accepted(ballot("1.S2"), "S2", 4))
    assert node.chosen is None


def test_a_late_acceptance_of_an_older_ballot_does_not_hide_the_newer_one():
    node = acceptor()
    told(node, Accepted(ballot("2.S3"), "S3", 4))
    told(node, Accepted(ballot("1.S2"), "S3", 7))
    assert node.accepted_by == {"S3": proposal("2.S3", 4)}


def test_what_the_own_acceptor_accepts_counts_once_it_is_on_disk():
    node = acceptor()
    told(node, Accept(ballot("1.S2"), "S2", 4))
    told(node, Accepted(ballot("1.S2"), "S2", 4))
    assert node.chosen is None
    node.on_saved({"promised": node.promised, "accepted": node.accepted}, Out())
    assert node.chosen == proposal("1.S2", 4)


def test_clients_that_wait_are_answered_with_the_chosen_value():
    node, _ = proposing(value=4)
    out = Out()
    node.learn(proposal("2.S3", 7), out)
    assert out.replies == [(request(4), 7)]
    assert (node.role, node.requests) == ("acceptor", ())


def test_a_client_that_comes_late_is_answered_at_once():
    node, out = acceptor(chosen=proposal("1.S2", 7)), Out()
    node.on_request(request(4), out)
    assert out.replies == [(request(4), 7)]
    assert out.sent == []


# -- progress ------------------------------------------------------------------------------


def test_who_is_refused_backs_off_for_a_random_time():
    node, _ = proposing()
    out = told(node, Nack(node.ballot, "S2", ballot("4.S3")), luck=[0.5])
    assert out.timers == {"proposal": 110}
    assert out.sent == []
    node.on_timer("proposal", Out())
    assert node.ballot == ballot("5.S1")


def test_without_back_off_who_is_refused_prepares_at_once():
    node, _ = proposing()
    node.options = replace(PaxosOptions(), back_off=(0, 0))
    out = told(node, Nack(node.ballot, "S2", ballot("4.S3")))
    assert ("S2", Prepare(ballot("5.S1"), "S1")) in out.sent


def test_a_refusal_of_an_older_ballot_does_not_stop_the_present_one():
    node, _ = proposing()
    node.prepare(Out())
    assert told(node, Nack(ballot("1.S1"), "S2", ballot("1.S3"))).timers == {}
    assert node.phase == 1


def test_the_ballots_begin_above_zero():
    assert ZERO < ballot("1.S1") < ballot("1.S2") < ballot("2.S1")


def test_a_value_is_chosen_after_two_round_trips():
    trace = STAGE.at(50, ask("propose", None, 4, server="S1")).run()
    times = [e.time for e in trace.events if e.who == "S1" and e.changes.get("chosen")]
    assert times == [60_000 + 4 * (10_000 + 1_000)]  # one write to a disk before each message


DUEL = (
    replace(STAGE, disk=DiskModel((5, 5)), options={"back_off": (0, 0)})
    .at(50, ask("propose", None, 4, server="S1"))
    .at(77, ask("propose", None, 7, server="S3", client="B"))
)
"""Each prepares a higher ballot just before the other is accepted."""


def test_two_proposers_without_back_off_duel_for_ever():
    trace = DUEL.run()
    assert not any("chosen" in event.changes and event.changes["chosen"] for event in trace.events)
    assert trace.state_at(3000)["S2"]["promised"].round > 100


def test_back_off_ends_the_duel():
    trace = replace(DUEL, options={}).run()
    assert [operation.result for operation in trace.operations] == [4, 4]


def test_a_minority_chooses_nothing():
    trace = (
        STAGE.at(0, partition(["S1"], ["S2", "S3"]))
        .at(50, ask("propose", None, 4, server="S1"))
        .run()
    )
    assert trace.state_at(3000)["S1"]["chosen"] is None


def test_a_majority_chooses_without_the_others():
    trace = (
        STAGE.at(0, partition(["S1", "S2"], ["S3"]))
        .at(50, ask("propose", None, 4, server="S1"))
        .run()
    )
    assert trace.operations[0].result == 4


def test_a_learner_that_missed_everything_learns_by_proposing():
    trace = (
        STAGE.at(0, partition(["S1", "S2"], ["S3"]))
        .at(50, ask("propose", None, 4, server="S1"))
        .at(300, heal())
        .at(310, ask("propose", None, 7, server="S3", client="B"))
        .run()
    )
    assert [operation.result for operation in trace.operations] == [4, 4]
