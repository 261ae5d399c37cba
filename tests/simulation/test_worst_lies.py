"""The search that plays the traitors against given generals."""

from __future__ import annotations

import pytest

from consensus_lab.protocols.byzantine import OralMessages, SignedMessages
from consensus_lab.simulation.generals import generals
from consensus_lab.simulation.worst_lies import every, spoken_by, worst_lies


class OthersOnly(OralMessages):
    """What the commander said itself does not count."""

    def votes(self, path):
        return super().votes(path)[1:] or super().votes(path)


def test_against_three_it_finds_the_one_lie_that_is_needed():
    answer = worst_lies(generals(3, 1, ["S3"]))
    assert answer.trace is not None
    assert answer.trace.scenario.options["lies"] == {"S1>S3>S2": "retreat"}
    assert str(answer) == "Strategy 2 breaks IC2: play it."


@pytest.mark.parametrize(("traitor", "count"), [("S1", 8), ("S2", 4), ("S3", 4), ("S4", 4)])
def test_against_four_it_tries_everything_and_finds_nothing(traitor, count):
    answer = worst_lies(generals(4, 1, [traitor]))
    assert (answer.trace, answer.tried, answer.all_tried) == (None, count, True)


def test_with_signatures_silence_is_a_word_too():
    answer = worst_lies(generals(3, 1, ["S1"], protocol=SignedMessages))
    assert str(answer) == "All 9 strategies of these traitors tried: none breaks IC1 or IC2."


def test_a_class_of_a_learners_own_is_played_against_as_it_is():
    answer = worst_lies(generals(4, 1, ["S3"], protocol=OthersOnly))
    assert answer.trace is not None
    assert answer.trace.scenario.protocol is OthersOnly
    assert {each.property for each in answer.trace.violations} == {"IC1", "IC2"}


def test_where_not_all_can_be_tried_it_climbs():
    answer = worst_lies(generals(6, 2, ["S2", "S3"]))
    assert answer.trace is not None
    assert answer.trace.violations


def test_what_it_finds_has_no_lie_too_many():
    answer = worst_lies(generals(7, 1, ["S1", "S2"]))
    assert answer.trace is not None
    scenario = answer.trace.scenario
    for route in scenario.options["lies"]:
        fewer = {each: word for each, word in scenario.options["lies"].items() if each != route}
        assert not generals(7, 1, ["S1", "S2"], fewer).run().violations


def test_where_not_all_was_tried_it_says_so():
    answer = worst_lies(generals(4, 2, ["S1", "S3"], protocol=SignedMessages))
    assert str(answer) == "60 strategies tried, of many more: none breaks IC1 or IC2."


def test_without_traitors_there_is_nothing_to_say():
    assert spoken_by(generals(4, 1)) == []
    assert list(every([], ("attack", "retreat"))) == [{}]
