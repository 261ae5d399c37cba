"""PBFT: a store that stays linearizable though f of 3f + 1 replicas lie."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.errors import ScenarioError
from consensus_lab.protocols.byzantine.pbft import (
    PBFT,
    Checkpoint,
    NewView,
    Prepare,
    Prepared,
    PrePrepare,
    ViewChange,
)
from consensus_lab.protocols.byzantine.pbft.messages import is_genuine, signed
from consensus_lab.protocols.byzantine.pbft.traitors import NONSENSE
from consensus_lab.protocols.byzantine.signatures import Keys
from consensus_lab.protocols.node import ClientRequest
from consensus_lab.simulation import Network, Scenario
from consensus_lab.simulation.faults import crash, cut, heal, partition, request
from tests.hash_seeds import printed

NAMES = ("S1", "S2", "S3", "S4")
ALL_KEYS = Keys(0, NAMES)
REQUEST = ClientRequest("A", 1, ("write", "x", 1))
QUIET = Scenario(PBFT, servers=4, duration=2000)
BUSY = replace(QUIET, clients=3)


class Out:
    """What a handler asks for, written down."""

    def __init__(self):
        self.sent = []
        self.notes = []

    def send(self, to, message):
        self.sent.append((to, message))

    def note(self, text):
        self.notes.append(text)

    def reply(self, request, result):
        self.sent.append((request.client, result))

    def set_timer(self, name, delay):
        self.timer = delay

    def cancel_timer(self, name):
        self.timer = None


def end(trace):
    return trace.state_after(len(trace.events))


def kinds(trace):
    return {type(flight.message).__name__ for flight in trace.messages}


def answered(trace):
    return sum(operation.outcome == "ok" for operation in trace.operations)


def is_right(trace):
    """No property is broken, and the clients see one copy."""
    return not trace.violations and linearizable(trace.history()).holds


def lying(scenario, *traitors, habit="equivocate"):
    return replace(scenario, options={"traitors": traitors, "habit": habit})


# -- the normal case -------------------------------------------------------------------------------


def test_a_request_takes_three_rounds_among_the_replicas():
    trace = QUIET.at(100, request("write", "x", 1)).run()
    sent = [type(flight.message).__name__ for flight in trace.messages]
    assert {kind: sent.count(kind) for kind in dict.fromkeys(sent)} == {
        "ClientRequest": 4,
        "PrePrepare": 3,
        "Prepare": 9,
        "Commit": 12,
        "ClientReply": 4,
    }


def test_all_replicas_come_to_the_same_state():
    states = [fields["machine"] for fields in end(BUSY.run(1500)).values()]
    assert all(state == states[0] for state in states)


def test_a_client_waits_for_f_plus_1_equal_answers():
    assert [PBFT.replies_needed(n) for n in (1, 3, 4, 7)] == [1, 1, 2, 3]


def test_no_client_believes_what_one_replica_alone_says():
    trace = lying(BUSY, "S2").run()
    told = [f.message.result for f in trace.messages if type(f.message).__name__ == "ClientReply"]
    assert NONSENSE in told
    assert NONSENSE not in [operation.result for operation in trace.operations]


def test_a_request_that_was_done_is_answered_and_not_done_again():
    slow = replace(QUIET, network=Network(latency=(45, 50)))  # so that the client asks again
    trace = slow.at(100, request("write", "x", 1)).run()
    asked = [f for f in trace.messages if type(f.message).__name__ == "ClientRequest"]
    assert len(asked) == 8
    assert {fields["last_executed"] for fields in end(trace).values()} == {1}


# -- liars -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("habit", ["silence", "equivocate", "random"])
@pytest.mark.parametrize("traitor", ["S1", "S2"])
def test_one_liar_of_four_does_no_harm(habit, traitor):
    trace = lying(BUSY, traitor, habit=habit).run()
    assert is_right(trace)
    assert answered(trace) > 20


@settings(max_examples=8)
@given(
    seed=st.integers(0, 9999),
    traitor=st.sampled_from(NAMES),
    habit=st.sampled_from(["silence", "equivocate", "random"]),
    loss=st.sampled_from([0, 0.05]),
    lonely=st.sampled_from(NAMES),
)
def test_one_liar_of_four_does_no_harm_on_a_bad_network(seed, traitor, habit, loss, lonely):
    network = Network(loss=loss, duplicate=0.1, reorder=0.1)
    scenario = replace(BUSY, seed=seed, network=network, duration=1500)
    others = [name for name in NAMES if name != lonely]
    faulty = scenario.at(600, partition([lonely], others)).at(900, heal())
    assert is_right(lying(faulty, traitor, habit=habit).run())


def test_two_liars_of_seven_do_no_harm():
    trace = lying(replace(BUSY, servers=7, duration=1500), "S1", "S4").run()
    assert is_right(trace)
    assert answered(trace) > 10


def test_two_liars_of_four_make_a_client_believe_them():
    trace = lying(replace(BUSY, duration=800), "S3", "S4").run()
    assert NONSENSE in [operation.result for operation in trace.operations]
    assert not linearizable(trace.history()).holds


def test_a_primary_that_gives_numbers_in_two_orders_is_deposed():
    trace = lying(BUSY, "S1").run()
    assert {fields["view"] for fields in end(trace).values()} == {1}


def test_the_store_goes_on_when_the_primary_crashes():
    trace = BUSY.at(600, crash("primary")).run()
    assert is_right(trace)
    assert max(operation.end or 0 for operation in trace.operations) > 1_500_000


# -- what is believed ------------------------------------------------------------------------------


def backup(**fields):
    """S2 in view 0, which has heard of nothing yet."""
    node = PBFT("S2", NAMES)
    vars(node).update(fields)
    return node


def test_what_somebody_else_signed_is_thrown_away():
    node, out = backup(), Out()
    message = signed(PrePrepare(0, 1, REQUEST, "S1"), Keys(0, ("S3",)))
    node.on_message(message, out)
    assert (node.pre_prepares, len(out.notes)) == ({}, 1)


def test_what_was_changed_after_it_was_signed_is_not_genuine():
    message = signed(PrePrepare(0, 1, REQUEST, "S1"), ALL_KEYS)
    assert is_genuine(message, 0)
    assert not is_genuine(replace(message, number=2), 0)


def test_a_request_that_no_client_made_gets_no_vote():
    node, out = backup(), Out()
    node.on_message(signed(PrePrepare(0, 1, REQUEST, "S1"), ALL_KEYS), out)
    assert out.sent == []
    node.on_request(REQUEST, out)
    assert {type(message) for _, message in out.sent} == {Prepare}


@pytest.mark.parametrize(
    "message",
    [
        PrePrepare(0, 1, REQUEST, "S3"),
        PrePrepare(1, 1, REQUEST, "S2"),
        PrePrepare(0, 0, REQUEST, "S1"),
        PrePrepare(0, 41, REQUEST, "S1"),
    ],
)
def test_only_the_primary_of_this_view_gives_numbers_and_only_from_the_window(message):
    node = backup(waiting={"…": REQUEST})
    node.on_message(signed(message, ALL_KEYS), Out())
    assert node.pre_prepares == {}


def test_a_number_is_given_once_in_a_view():
    node, first = backup(), signed(PrePrepare(0, 1, REQUEST, "S1"), ALL_KEYS)
    node.on_message(first, Out())
    node.on_message(signed(PrePrepare(0, 1, None, "S1"), ALL_KEYS), Out())
    assert node.pre_prepares == {1: first}


def certificate(*voters, request=REQUEST, digest=None):
    """That S1's word as number 1 was prepared by these."""
    first = signed(PrePrepare(0, 1, request, "S1"), ALL_KEYS)
    votes = [Prepare(0, 1, digest or first.digest, voter) for voter in voters]
    return Prepared(first, tuple(signed(vote, ALL_KEYS) for vote in votes))


@pytest.mark.parametrize(
    ("shown", "believed"),
    [
        (certificate("S2", "S3"), True),
        (certificate("S3"), False),
        (certificate("S3", "S3"), False),
        (certificate("S1", "S3"), False),
        (certificate("S2", "S3", digest=NONSENSE), False),
    ],
)
def test_a_view_change_shows_only_what_a_quorum_signed(shown, believed):
    node = backup()
    message = signed(ViewChange(1, (), (shown,), "S4"), ALL_KEYS)
    node.on_message(message, Out())
    assert ("S4" in node.view_changes) == believed


def test_a_checkpoint_needs_a_quorum_behind_it():
    proof = tuple(signed(Checkpoint(10, "d", name), ALL_KEYS) for name in ("S1", "S3"))
    message = signed(ViewChange(1, proof, (), "S4"), ALL_KEYS)
    node = backup()
    node.on_message(message, Out())
    assert node.view_changes == {}


def new_view(*pre_prepares):
    """S2 begins view 1, in which S4 has shown a certificate for number 1."""
    consent = [ViewChange(1, (), (), name) for name in ("S1", "S2")]
    consent.append(ViewChange(1, (), (certificate("S2", "S3"),), "S4"))
    signed_consent = tuple(signed(one, ALL_KEYS) for one in consent)
    legacy = tuple(signed(one, ALL_KEYS) for one in pre_prepares)
    return signed(NewView(1, signed_consent, legacy, "S2"), ALL_KEYS)


@pytest.mark.parametrize(
    ("legacy", "view"),
    [
        ([PrePrepare(1, 1, REQUEST, "S2")], 1),
        ([], 0),
        ([PrePrepare(1, 1, None, "S2")], 0),
        ([PrePrepare(1, 1, REQUEST, "S2"), PrePrepare(1, 2, REQUEST, "S2")], 0),
    ],
)
def test_a_new_view_that_leaves_out_or_adds_anything_is_not_entered(legacy, view):
    node = PBFT("S3", NAMES)
    node.on_message(new_view(*legacy), Out())
    assert node.view == view


def test_a_hole_is_filled_with_the_null_request():
    second = signed(PrePrepare(0, 2, REQUEST, "S1"), ALL_KEYS)
    votes = tuple(signed(Prepare(0, 2, second.digest, name), ALL_KEYS) for name in ("S2", "S3"))
    change = ViewChange(1, (), (Prepared(second, votes),), "S4")
    assert [one.request for one in backup().legacy(1, [change])] == [None, REQUEST]


# -- checkpoints -----------------------------------------------------------------------------------


def test_what_lies_before_a_checkpoint_is_forgotten():
    fields = end(BUSY.run())["S1"]
    stable = fields["stable"][0].number
    assert stable >= 20
    for name in ("pre_prepares", "prepares", "commits", "prepared", "committed"):
        assert min(fields[name], default=stable + 1) > stable


def test_a_replica_that_was_cut_off_fetches_the_state():
    away = BUSY.at(500, *(cut("S4", name) for name in NAMES[:3]), *(cut("S4", c) for c in "ABC"))
    trace = away.at(1200, heal()).run()
    notes = [note for event in trace.events for note in event.notes if event.who == "S4"]
    assert any(note.startswith("takes the state after request") for note in notes)
    assert is_right(trace)
    assert end(trace)["S4"]["last_executed"] > end(trace)["S1"]["stable"][0].number - 10


# -- the rest --------------------------------------------------------------------------------------


def test_a_run_repeats_to_the_byte():
    script = (
        "from consensus_lab.protocols.byzantine.pbft import PBFT;"
        "from consensus_lab.simulation import Scenario;"
        "s = Scenario(PBFT, servers=4, clients=2, duration=700,"
        " options={'traitors': ('S1',), 'habit': 'random'});"
        "print(s.run().to_json())"
    )
    assert len(printed(script)) == 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"habit": "sulk"}, "A habit is one of silence, equivocate, random; not 'sulk'"),
        ({"traitors": ("S9",)}, "traitors is some of S1, S2, S3, S4"),
        ({"checkpoint_every": 0}, "checkpoint_every is from 1 on"),
        ({"window": 5}, "less than window"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, sentence):
    with pytest.raises(ScenarioError, match=sentence):
        replace(QUIET, options=options)
