"""The properties of Paxos: each is broken by what it forbids, and by nothing else."""

from __future__ import annotations

import pytest

from consensus_lab.protocols.node import ClientRequest
from consensus_lab.protocols.paxos import MultiPaxos, Paxos
from consensus_lab.protocols.paxos.multi_properties import (
    LogLedger,
    LogValidity,
    StateMachineSafety,
)
from consensus_lab.protocols.paxos.properties import Agreement, Learning, P2c, Validity

from .fake import acceptor, follower, proposal, request

SERVERS = ("S1", "S2", "S3")
A, B = (ClientRequest("A", n, ("write", "x", n)) for n in (1, 2))


def watched(watcher, *steps: tuple[str, dict]) -> list[str]:
    """What the watcher says to these steps, each of a server and its changes."""
    nodes = {name: acceptor() for name in SERVERS}
    said = []
    for who, changes in steps:
        nodes[who].name = who
        for field, value in changes.items():
            if hasattr(nodes[who], field):
                setattr(nodes[who], field, value)
        said.append(watcher.watch(nodes, who, changes))
    return [sentence for sentence in said if sentence]


def accepts(who: str, number: str, value) -> tuple[str, dict]:
    """It has come to the disk of an acceptor."""
    return who, {"disk.accepted": proposal(number, value)}


def learns(who: str, number: str, value) -> tuple[str, dict]:
    return who, {"chosen": proposal(number, value)}


# -- one decree ----------------------------------------------------------------------------


def test_one_value_chosen_twice_is_agreement():
    steps = [accepts(who, n, 4) for n in ("1.S1", "2.S2") for who in SERVERS]
    assert watched(Agreement(), *steps) == []


def test_two_values_chosen_break_agreement():
    steps = [accepts("S1", "1.S1", 4), accepts("S2", "1.S1", 4)]
    steps += [accepts("S2", "2.S3", 7), accepts("S3", "2.S3", 7)]
    assert watched(Agreement(), *steps) == ["both 4 and 7 are chosen"]


def test_two_values_accepted_but_not_chosen_are_agreement():
    steps = [accepts("S1", "1.S1", 4), accepts("S3", "1.S3", 7), accepts("S2", "2.S2", 7)]
    assert watched(Agreement(), *steps) == []


def test_what_servers_believe_counts_for_agreement():
    said = watched(Agreement(), learns("S1", "1.S1", 4), learns("S2", "2.S3", 7))
    assert said == ["both 4 and 7 are chosen"]


def test_to_learn_what_is_not_chosen_is_noticed():
    steps = [accepts("S1", "1.S1", 4), accepts("S2", "2.S2", 4), learns("S3", "2.S2", 4)]
    [sentence] = watched(Learning(), *steps)
    assert sentence.startswith("S3 believes that 4 is chosen: no quorum")


def test_to_learn_what_is_chosen_is_right():
    steps = [accepts("S1", "1.S1", 4), accepts("S2", "1.S1", 4), learns("S3", "1.S1", 4)]
    assert watched(Learning(), *steps) == []


def test_p2c_holds_if_a_quorum_has_accepted_nothing_older():
    assert watched(P2c(), accepts("S1", "1.S1", 4), accepts("S3", "2.S3", 7)) == []


def test_p2c_holds_if_the_value_is_that_of_the_newest_older_proposal_in_a_quorum():
    steps = [accepts("S1", "1.S1", 4), accepts("S2", "2.S2", 7), accepts("S3", "3.S3", 7)]
    assert watched(P2c(), *steps) == []


def test_p2c_is_broken_if_every_quorum_knows_better():
    steps = [accepts("S1", "1.S1", 4), accepts("S2", "1.S1", 4), accepts("S3", "2.S3", 7)]
    [sentence] = watched(P2c(), *steps)
    assert sentence.startswith("ballot 2.S3 proposes 7")


def test_p2c_looks_at_the_newest_of_the_older_proposals():
    """Either quorum with S1 has 7 as its newest; the one without it has 8."""
    steps = [accepts("S1", "1.S1", 4), accepts("S2", "3.S2", 8), accepts("S3", "2.S3", 7)]
    assert len(watched(P2c(), *steps, accepts("S1", "4.S1", 4))) == 1


def test_p2c_takes_the_quorums_of_phase_1():
    steps = [accepts("S1", "1.S1", 4), accepts("S2", "2.S2", 7)]
    watcher = P2c()
    nodes = {name: acceptor() for name in SERVERS}
    for node in nodes.values():
        node.options = Paxos.options.__class__(q1=3)
    assert [watcher.watch(nodes, *step) is None for step in steps] == [True, False]


def test_one_ballot_stands_for_one_value():
    said = watched(P2c(), accepts("S1", "1.S1", 4), accepts("S2", "1.S1", 7))
    assert said == ["ballot 1.S1 stands for 4 and for 7"]


def test_only_what_a_client_proposed_may_be_accepted():
    asked = ("S1", {"requests": (request(4),)})
    assert watched(Validity(), asked, ("S2", {"accepted": proposal("1.S1", 4)})) == []
    said = watched(Validity(), asked, ("S2", {"accepted": proposal("1.S1", 5)}))
    assert said == ["S2 accepts 5, which no client has proposed"]


def test_the_properties_share_one_ledger():
    kinds = [type(one) for one in Paxos.properties()]
    assert kinds == [Validity, P2c, Agreement, Learning]
    ledgers = {id(one.ledger) for one in Paxos.properties()[1:]}
    assert len(ledgers) == 1 or len({id(o.ledger) for o in Paxos.properties()[1:]}) == 1


# -- a log of decrees ----------------------------------------------------------------------


def logs(watcher, *steps: tuple[str, dict]) -> list[str]:
    """The same for servers with a log."""
    nodes = {name: follower() for name in SERVERS}
    said = []
    for who, changes in steps:
        nodes[who].name = who
        if "disk.log" in changes:
            nodes[who].log = changes["disk.log"]
        nodes[who].last_applied = changes.get("last_applied", nodes[who].last_applied)
        said.append(watcher.watch(nodes, who, changes))
    return [sentence for sentence in said if sentence]


def test_each_slot_is_a_decree_of_its_own():
    one, two = (proposal("1.S1", A), proposal("1.S1", B)), (None, proposal("2.S2", A))
    steps = [(who, {"disk.log": one}) for who in ("S1", "S2")]
    steps += [(who, {"disk.log": (one[0], *two[1:])}) for who in ("S2", "S3")]
    [sentence] = logs(Agreement(LogLedger()), *steps)
    assert sentence == "both A's write x 2 and A's write x 1 are chosen in slot 2"


def test_only_what_is_new_in_a_log_is_counted_as_a_vote():
    ledger = LogLedger()
    log = (proposal("1.S1", A),)
    logs(Agreement(ledger), ("S1", {"disk.log": log}), ("S1", {"disk.log": (*log, *log)}))
    assert [slot for slot, _ in ledger.voted] == [2]


def applies(who: str, last: int, *log) -> tuple[str, dict]:
    return who, {"disk.log": log, "last_applied": last}


def test_a_log_holds_commands_of_clients_and_no_ops():
    good = applies("S1", 2, proposal("1.S1", A), proposal("1.S1", None))
    assert logs(LogValidity(LogLedger()), good) == []
    [sentence] = logs(LogValidity(LogLedger()), applies("S1", 1, proposal("1.S1", "rubbish")))
    assert sentence == "S1 learns 'rubbish', which no client has proposed"


def test_machines_that_apply_the_same_are_safe():
    log = (proposal("1.S1", A), proposal("1.S1", B))
    steps = [applies("S1", 2, *log), applies("S2", 1, *log), applies("S2", 2, *log)]
    assert logs(StateMachineSafety(LogLedger()), *steps) == []


def test_machines_that_apply_different_commands_are_not():
    steps = [applies("S1", 1, proposal("1.S1", A)), applies("S2", 1, proposal("1.S1", B))]
    [sentence] = logs(StateMachineSafety(LogLedger()), *steps)
    assert sentence == "in slot 1 S1 has applied A's write x 1, and S2 A's write x 2"


def test_to_apply_an_empty_slot_is_noticed():
    [sentence] = logs(StateMachineSafety(LogLedger()), applies("S1", 2, None, proposal("1.S1", B)))
    assert sentence == "S1 applies slot 1, in which it has accepted nothing"


def test_a_restarted_machine_begins_anew():
    log = (proposal("1.S1", A),)
    again = ("S1", {"disk.log": log, "last_applied": 1, "status": "up"})
    assert logs(StateMachineSafety(LogLedger()), applies("S1", 1, *log), again) == []


@pytest.mark.parametrize("protocol", [Paxos, MultiPaxos])
def test_each_run_has_properties_with_a_fresh_memory(protocol):
    first, second = protocol.properties(), protocol.properties()
    assert not {id(one) for one in first} & {id(one) for one in second}
