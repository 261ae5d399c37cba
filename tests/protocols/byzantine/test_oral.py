"""OM(m) on the simulator: what is sent, what is heard, what is concluded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.protocols.byzantine import majority
from consensus_lab.protocols.byzantine.recursion import message_count
from consensus_lab.simulation import Network
from consensus_lab.simulation.faults import cut, pause, resume, weather
from consensus_lab.simulation.generals import generals


def end(trace):
    """The fields of all generals at the end."""
    return trace.state_after(len(trace.events))


def decisions(trace):
    return {name: fields["decision"] for name, fields in end(trace).items()}


def broken(trace):
    return {violation.property for violation in trace.violations}


@pytest.mark.parametrize(("n", "m"), [(2, 0), (3, 1), (4, 1), (5, 2), (7, 2), (6, 3)])
def test_as_many_messages_are_sent_as_the_formula_says(n, m):
    assert len(generals(n, m).run().messages) == message_count(n, m)


def test_the_formula_gives_the_papers_numbers():
    assert [message_count(n, m) for n, m in [(4, 1), (7, 2), (10, 3)]] == [9, 156, 3609]


@pytest.mark.parametrize("order", ["attack", "retreat", "wait"])
def test_a_loyal_commander_is_obeyed(order):
    assert set(decisions(generals(4, 1, order=order).run()).values()) == {order}


def test_every_lieutenant_hears_along_every_path():
    heard = end(generals(4, 1).run())["S2"]["heard"]
    assert set(heard) == {("S1",), ("S1", "S3"), ("S1", "S4")}


def test_all_decide_when_round_m_plus_1_is_over():
    trace = generals(7, 2).run()
    assert {event.time for event in trace.events if event.changes.get("decision")} == {300_000}


def test_silence_is_a_word_for_retreat():
    trace = generals(4, 1, ["S1"], otherwise="silence").run()
    assert {decisions(trace)[name] for name in ("S2", "S3", "S4")} == {"retreat"}


def test_only_the_first_word_along_a_path_counts():
    trace = generals(4, 1, ["S3"], {"S1>S3>S2@1": "retreat"}).run()
    (rejected,) = end(trace)["S2"]["rejected"]
    assert (rejected.path, rejected.value) == (("S1", "S3"), "attack")
    assert rejected.why == "S3 has said something else before"


def test_the_same_word_twice_is_no_contradiction():
    trace = replace(generals(), network=Network(duplicate=1)).run()
    assert [fields["rejected"] for fields in end(trace).values()] == [()] * 4


def test_a_word_in_a_later_round_is_late():
    trace = generals(4, 1, ["S1"], {"S1>S3": None, "S1>S3@2": "attack"}).run()
    assert ("S1",) not in end(trace)["S3"]["heard"]
    assert "late" in end(trace)["S3"]["rejected"][0].why


def test_a_traitor_does_as_it_likes_and_the_same_in_every_run():
    scenario = generals(7, 2, ["S1", "S3"], otherwise="random", seed=5)
    assert scenario.run().to_json() == scenario.run().to_json()


@given(
    seed=st.integers(0, 999),
    traitors=st.lists(st.sampled_from([f"S{i}" for i in range(1, 8)]), max_size=2, unique=True),
    otherwise=st.sampled_from(["silence", "opposite", "random"]),
)
def test_seven_generals_bear_any_two_traitors(seed, traitors, otherwise):
    scenario = generals(7, 2, traitors, seed=seed, otherwise=otherwise)
    assert broken(scenario.run()) == set()


# -- without synchrony -----------------------------------------------------------------------------


def test_messages_that_are_late_break_ic2_though_nobody_lies():
    trace = generals(4, 1).at(100, weather(latency=(150, 150))).run()
    assert broken(trace) == {"IC2"}
    assert {flight.fate for flight in trace.messages} == {"delivered"}


def test_one_loyal_word_too_late_and_one_lie_are_too_much_for_four():
    lie = generals(4, 1, ["S3"], {"S1>S3>S2": "retreat"})
    late = lie.at(99, pause("S4")).at(195, resume("S4"))
    assert broken(lie.run()) == set()
    assert broken(late.run(350)) == {"IC1", "IC2"}


def test_a_cut_link_is_a_silent_traitor_and_can_be_borne():
    assert broken(generals(4, 1).at(0, cut("S3", "S4", one_way=True)).run()) == set()


# -- majority --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "result"),
    [
        (["attack"], "attack"),
        (["attack", "attack", "retreat"], "attack"),
        (["attack", "retreat"], "retreat"),
        (["attack", "attack", "wait", "wait"], "retreat"),
        (["wait", "attack", "wait"], "wait"),
    ],
)
def test_the_majority_is_more_than_half_or_else_retreat(values, result):
    assert majority(values) == result


@given(st.permutations(["attack", "attack", "retreat", "wait", "wait"]))
def test_the_majority_does_not_depend_on_the_order_of_the_votes(values):
    assert majority(values) == "retreat"
