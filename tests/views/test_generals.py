"""Byzantine generals as a picture and in words, and what the kernel answers to a wish."""

from __future__ import annotations

from typing import Any

import pytest

from consensus_lab.errors import ConsensusLabError, ScenarioError
from consensus_lab.protocols.byzantine import OralMessages, SignedMessages
from consensus_lab.simulation.generals import generals
from consensus_lab.views import view
from consensus_lab.views.generals import GeneralsView
from consensus_lab.views.generals_graph import message_tree
from consensus_lab.views.generals_story import Battle
from consensus_lab.views.generals_words import sign

LIE = {"S1>S3>S2": "retreat"}
THREE = generals(3, 1, ["S3"], LIE).run()
FOUR = generals(4, 1, ["S3"], LIE).run()
FORGER = generals(3, 1, ["S3"], LIE, protocol=SignedMessages).run()


def wished(trace: Any, **wish: Any) -> GeneralsView:
    shown = GeneralsView(trace)
    shown.wish = {"edit": 1, "traitors": ["S3"], "lies": {}, **wish}
    return shown


def test_view_shows_a_scenario_and_a_trace_of_generals_on_their_ring():
    assert isinstance(view(generals(4)), GeneralsView)
    assert isinstance(view(FOUR), GeneralsView)


def test_the_battle_is_told_in_a_few_sentences():
    assert repr(view(THREE)) == (
        "OM(1) with 3 generals; S3 is a traitor. "
        "Round 1: S1 commands attack to S2 and S3. "
        "Round 2: the lieutenants pass on what they heard in round 1. S3 lies to S2. "
        "In the end S1 will attack; S2 will retreat: IC2 broken. "
        "IC1: S2 alone is loyal, and agrees with itself. "
        "IC2: S1 is loyal and says attack, but S2, loyal too, will retreat."
    )


def test_conditions_that_hold_say_why():
    assert [each["words"] for each in Battle(FOUR).conditions()] == [
        "the loyal lieutenants, S2 and S4, all attack.",
        "S1 commands, is loyal and says attack: they obey.",
    ]


def test_of_a_commander_who_is_a_traitor_nothing_is_asked():
    betrayed = generals(4, 1, ["S1"], {"S1>S2": "retreat"}).run()
    assert "so nothing is asked" in Battle(betrayed).conditions()[1]["words"]


def test_a_general_reasons_from_the_leaves_up():
    steps = Battle(generals(7, 2, ["S3"], otherwise="opposite").run()).reasoning("S2")
    assert len(steps) == 5 + 1 + 1
    assert steps[0].startswith("What did S3 hear from S1? S2 counts ")
    assert steps[-1] == "S2 will attack."


def test_silence_is_told_as_what_it_counts_as():
    silent = generals(4, 1, ["S3"], {"S1>S3>S2": None}).run()
    assert "retreat through S3" in Battle(silent).reasoning("S2")[0]
    quiet = generals(4, 1, ["S1"], {"S1>S2": None}).run()
    assert "silence, which counts as retreat from S1" in Battle(quiet).reasoning("S2")[0]


def test_a_forged_signature_is_thrown_away_and_the_order_stands():
    steps = Battle(FORGER).reasoning("S2")
    assert steps == [
        "S3 brings “retreat”: the signature of S1 is forged.",
        "The signatures show one order of S1, attack.",
        "S2 will attack.",
    ]


def test_two_orders_with_one_signature_betray_the_commander():
    steps = Battle(
        generals(3, 1, ["S1"], {"S1>S2": "retreat"}, protocol=SignedMessages).run()
    ).reasoning("S2")
    assert steps[0] == "S1 signed retreat and attack: a traitor. Then all retreat."


def test_what_a_traitor_leaves_out_is_told_as_silence():
    silent = Battle(generals(4, 1, ["S3"], {"S1>S3>S2": None}).run())
    (said,) = [each for each in silent.messages if each.is_lie]
    assert str(said) == "S3 tells S2 nothing, which is a lie (the truth: attack)."


def test_a_learners_own_general_is_shown_by_its_name():
    class Hasty(OralMessages):
        def decide(self) -> str:
            return self.word((self.options.commander,))

    shown = view(generals(4, 1, ["S3"], LIE, protocol=Hasty))
    assert shown.describe().startswith("Hasty(1) with 4 generals")
    assert shown.story["decisions"]["S2"] == "attack"


def test_an_order_of_ones_own_has_a_letter_of_its_own():
    taken: set[str] = set()
    assert [sign(word, taken) for word in ("attack", "ambush", "wait")] == ["A", "M", "W"]


def test_an_unknown_general_cannot_be_asked():
    with pytest.raises(ConsensusLabError, match="no general 'S9'; there are S1, S2, S3"):
        view(THREE, of="S9")


@pytest.mark.parametrize(("time", "step"), [(0, 0), (150, 1.5), (200, 3), (None, 3)])
def test_a_time_is_a_place_among_the_rounds(time: float | None, step: float):
    assert GeneralsView(FOUR, at=time).story["at"] == step


@pytest.mark.parametrize("trace", [THREE, FOUR, FORGER])
def test_the_still_has_the_verdict_and_stays_small(trace: Any):
    still = view(trace).still()
    assert "IC1" in still
    assert "IC2" in still
    assert len(still) < 20_000


def test_the_still_is_the_same_each_time():
    assert view(FOUR).still() == view(generals(4, 1, ["S3"], LIE)).still()


# ---- wishes ----


def test_a_wish_brings_another_run():
    shown = wished(THREE)
    assert shown.trace.violations == []
    assert (shown.story["edit"], shown.story["said"]) == (1, "")


def test_the_lies_of_who_is_loyal_now_are_forgotten():
    shown = wished(THREE, traitors=["S2"], lies=LIE)
    assert shown.story["lies"] == {}
    assert shown.story["traitors"] == ["S2"]


def test_a_wish_that_cannot_be_is_told_and_the_battle_stays():
    shown = wished(THREE, lies={"S1>S2>S3>S2": "attack"}, traitors=["S3"])
    assert "no such message" in shown.story["said"]
    assert shown.trace is THREE


def test_the_search_plays_what_it_has_found():
    shown = wished(THREE, search=True)
    assert shown.story["said"] == "Strategy 2 breaks IC2: play it."
    assert [each.property for each in shown.trace.violations] == ["IC2"]


def test_the_search_says_that_there_is_nothing_to_find():
    shown = wished(FOUR, search=True)
    assert shown.story["said"] == (
        "All 4 strategies of these traitors tried: none breaks IC1 or IC2."
    )


# ---- the tree as a graph ----


def test_a_message_tree_is_a_graph_that_view_draws():
    graph = message_tree(FOUR, "S2")
    assert graph.nodes == ("S1\nattack", "S1 › S3\nretreat", "S1 › S4\nattack")
    assert [edge.relation for edge in graph.edges] == ["S3", "S4"]
    assert [edge.relation for edge in graph.emphasised] == ["S3"]
    assert "S3 tells S2: S1 said retreat" in repr(view(graph))


def test_who_hears_no_orders_has_no_tree():
    with pytest.raises(ConsensusLabError, match="S1 hears no orders here; S2, S3 and S4 do"):
        message_tree(FOUR, "S1")


def test_a_lie_for_a_message_that_does_not_exist_is_refused():
    with pytest.raises(ScenarioError, match="no such message"):
        view(generals(4, 1, ["S3"], {"S1>S2>S3>S4": "attack"}))
