"""SM(m) on the simulator: real signatures, and what traitors can do with theirs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.protocols.byzantine import SignedMessage, SignedMessages
from consensus_lab.protocols.byzantine.recursion import signed_message_count
from consensus_lab.protocols.byzantine.signatures import Keys, is_signed
from consensus_lab.simulation.generals import generals

NAMES = ("S1", "S2", "S3", "S4")


def run(n, m, *rest, **more):
    return generals(n, m, *rest, protocol=SignedMessages, **more).run()


def end(trace):
    return trace.state_after(len(trace.events))


def reasons(trace, name):
    """Why a general threw messages away."""
    return [rejected.why for rejected in end(trace)[name]["rejected"]]


# -- signatures ------------------------------------------------------------------------------------


def test_a_signature_holds_for_its_signer_and_its_text_alone():
    mark = Keys(1, ("S1",)).sign("S1", "attack")
    assert is_signed(1, "S1", "attack", mark)
    assert not is_signed(1, "S2", "attack", mark)
    assert not is_signed(1, "S1", "retreat", mark)
    assert not is_signed(2, "S1", "attack", mark)


def test_nobody_signs_for_another():
    assert not is_signed(1, "S1", "attack", Keys(1, ("S2", "S3")).sign("S1", "attack"))


@pytest.mark.parametrize("mark", ["", "00", "no hexadecimal", "ff" * 64])
def test_rubbish_is_no_signature(mark):
    assert not is_signed(1, "S1", "attack", mark)


def test_a_signature_covers_those_before_it():
    keys = Keys(0, NAMES)
    first = SignedMessage("attack", ()).signed("S1", keys)
    other = SignedMessage("retreat", ()).signed("S1", keys)
    signature = first.signed("S2", keys).chain[1]
    assert not is_signed(0, "S2", other.text(1), signature.mark)


def test_the_keys_follow_from_the_seed():
    first, again, other = (run(4, 1, seed=seed).messages[0].message for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_package_does_without_the_library_until_somebody_signs():
    code = "import consensus_lab.protocols, sys; print('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# -- the protocol ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "m"), [(3, 1), (4, 1), (4, 2), (7, 3)])
def test_without_lies_each_order_is_passed_on_once(n, m):
    assert len(run(n, m).messages) == signed_message_count(n, m)


def test_three_generals_bear_a_lying_commander():
    trace = run(3, 1, ["S1"], {"S1>S3": "retreat"})
    assert {end(trace)[name]["decision"] for name in ("S2", "S3")} == {"retreat"}
    assert sorted(end(trace)["S2"]["orders"]) == ["attack", "retreat"]


def test_who_changes_what_a_loyal_commander_said_is_found_out():
    trace = run(3, 1, ["S3"], {"S1>S3>S2": "retreat"})
    assert reasons(trace, "S2") == ["the signature of S1 is forged"]
    assert end(trace)["S2"]["decision"] == "attack"


def test_a_traitor_can_say_what_another_traitor_signed():
    trace = run(4, 1, ["S1", "S3"], {"S1>S3>S2": "retreat"})
    assert end(trace)["S2"]["orders"] == ("attack", "retreat")


def test_a_traitor_can_use_a_signature_that_it_has_seen():
    trace = run(4, 2, ["S3"], {"S1>S2>S3>S4": "attack"})
    assert ("S1", "S2", "S3") in [message.path for message in end(trace)["S4"]["heard"]]


@pytest.mark.parametrize(
    ("route", "why"),
    [("S1>S3@2", "in round 2 it has 1 signatures"), ("S1>S1>S3", "somebody signed it twice")],
)
def test_an_order_that_was_held_back_is_thrown_away(route, why):
    assert reasons(run(3, 1, ["S1"], {route: "retreat"}), "S3") == [why]


@settings(max_examples=40)
@given(
    seed=st.integers(0, 99),
    traitors=st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True),
    otherwise=st.sampled_from(["silence", "opposite", "random"]),
)
def test_four_generals_bear_any_two_traitors(seed, traitors, otherwise):
    assert run(4, 2, traitors, seed=seed, otherwise=otherwise).violations == []
