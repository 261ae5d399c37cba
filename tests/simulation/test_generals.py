"""Generals as scenarios: what can be written down, and what can be read from a trace."""

from __future__ import annotations

import json

import pytest

from consensus_lab.errors import ScenarioError
from consensus_lab.protocols.byzantine import SignedMessages
from consensus_lab.protocols.raft import Raft
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.generals import generals, reasoning

LIE = {"S1>S3>S2": "retreat"}


def test_a_scenario_of_generals_survives_a_file():
    scenario = generals(4, 1, ["S3"], {"S1>S3>S2": None, "S1>S3>S4": "retreat"}, seed=3)
    assert Scenario.from_json(json.loads(json.dumps(scenario.to_json()))) == scenario


def test_another_general_may_command():
    trace = generals(4, 1, ["S1"], {"S3>S1>S2": "retreat"}, commander="S3").run()
    assert trace.state_at(0)["S3"]["role"] == "commander"
    assert trace.violations == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"n": 2}, "at least 3; not 2"),
        ({"n": 1, "m": 0}, "at least 2; not 1"),
        ({"m": -1}, "the option m is from 0 on"),
        ({"traitors": ["S9"]}, "the option traitors is some of S1, S2, S3, S4"),
        ({"traitors": "S3"}, r'a list of names, such as \["S3"\]'),
        ({"commander": "S7"}, "There is no general 'S7' to command"),
        ({"commander": ("S1", "S2")}, "One commander gives one order; not"),
        ({"lies": LIE}, "There are lies, but no traitors"),
        ({"traitors": ["S3"], "otherwise": "sulk"}, "not 'sulk'"),
        ({"traitors": ["S2"], "lies": LIE}, "S3 is loyal and does not lie"),
        ({"traitors": ["S3"], "lies": {"S3": "attack"}}, "A lie has a route"),
        ({"traitors": ["S3"], "lies": {"S1>S3>": "attack"}}, "A lie has a route"),
        ({"traitors": ["S3"], "lies": {"S1>S3>S2@soon": "attack"}}, "A lie has a route"),
        ({"traitors": ["S3"], "lies": {"S1>S3>S2": 7}}, "or None for silence; not 7"),
        ({"traitors": ["S3"], "lies": {"S1>S3>S8": "attack"}}, "no general 'S8'"),
        ({"traitors": ["S3"], "lies": {"S2>S3>S4": "attack"}}, "begins with the commander, S1"),
        ({"traitors": ["S3"], "lies": {"S1>S2>S3>S4": "attack"}}, "there is no such message"),
        ({"traitors": ["S3"], "lies": {"S1>S3>S2@4": "attack"}}, "there is no such message"),
        ({"traitors": ["S3"], "lies": {"S1>S3>S1": "attack"}}, "no general is on a route twice"),
        ({"protocol": Raft}, "a subclass of General"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(arguments, sentence):
    with pytest.raises(ScenarioError, match=sentence):
        generals(**arguments)


def test_a_round_that_takes_no_time_is_refused():
    scenario = generals()
    with pytest.raises(ScenarioError, match="A round lasts more than 0 ms"):
        Scenario(scenario.protocol, servers=4, options={"round": 0})


# -- reasoning -------------------------------------------------------------------------------------


def test_the_reasoning_of_a_lieutenant_is_a_tree():
    trace = generals(3, 1, ["S3"], LIE).run()
    assert str(reasoning(trace, "S2")).splitlines() == [
        "S1: attack; retreat by attack, retreat",
        "  S1 > S3: retreat",
    ]


def test_the_reasoning_tells_what_was_not_heard():
    trace = generals(4, 1, ["S3"], otherwise="silence").run()
    vertex = reasoning(trace, "S2")
    assert (vertex.votes, vertex.concluded) == (("attack", "retreat", "attack"), "attack")
    assert str(vertex.relays[0]) == "S1 > S3: nothing, so retreat"


@pytest.mark.parametrize("name", ["S1", "S9"])
def test_who_is_no_lieutenant_has_no_tree(name):
    with pytest.raises(ScenarioError, match=f"{name} has no tree"):
        reasoning(generals().run(), name)


def test_who_signs_has_no_tree():
    with pytest.raises(ScenarioError, match="has no tree"):
        reasoning(generals(protocol=SignedMessages).run(), "S2")
