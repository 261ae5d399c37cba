"""Registers and lists whose versions form chains: the same verdicts without a search."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import parse
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.objects import List, Text
from consensus_lab.consistency.shortcuts.chains import of_register
from consensus_lab.consistency.shortcuts.lists import of_list, of_text
from consensus_lab.consistency.specification import KeyValue, Specification, relevant
from consensus_lab.history import History, Operation

from .. import object_histories as made
from ..brute_force import in_real_time, is_linearizable
from ..referee import check_counterexample, check_points, check_witness

SEEDS = st.integers(0, 2**64 - 1)


def cas_history(seed: int) -> History:
    return made.object_history(seed, made.ask_cas, made.do_cas, 0, most=7)


@settings(max_examples=1000, deadline=None)
@given(SEEDS)
def test_chains_of_compare_and_sets_agree_with_the_definition(seed: int) -> None:
    history = cas_history(seed)
    verdict = linearizable(history)
    assert verdict.holds is is_linearizable(history)
    if verdict:
        check_witness(verdict, in_real_time)
        check_points(verdict)
    else:
        check_counterexample(verdict, in_real_time, timed=True)


def test_they_seldom_need_the_search() -> None:
    undecided = 0
    for seed in range(500):
        chains = of_register(relevant(cas_history(seed), KeyValue()), 0)
        assert chains is not None
        undecided += chains.hold() is None
    assert undecided < 50


def test_lists_of_unique_elements_never_need_it() -> None:
    for seed in range(500):
        history = made.object_history(seed, made.ask_list, made.do_list, (), most=7)
        lists = of_list(relevant(history, List()))
        assert lists is not None
        assert lists.hold() is is_linearizable(history, List())


@pytest.mark.parametrize(
    ("text", "anomaly", "words"),
    [
        ("P: [C(x,0,1)]\nQ: [C(x,0,2)]", "lost update", "both changed the same 0"),
        ("P: [C(x,1,2)]\nQ: [C(x,2,1)]", "cycle", "There is a circle"),
        ("P: [C(x,7,1)]", "thin-air read", "found 7, which nobody had made"),
        (
            "P: [W(x,1)] [R(x)2]\nQ:                   [C(x,1,2)]",
            "future read",
            "before Q's C(x,1,2)",
        ),
        ("P: [W(x,1)] [C(x,1,2)] [R(x)1]", "stale read", "from an earlier version"),
    ],
)
def test_what_is_wrong_has_a_name(text: str, anomaly: str, words: str) -> None:
    verdict = linearizable(parse(text))
    assert not verdict
    assert verdict.anomaly == anomaly
    assert words in verdict.explanation


@pytest.mark.parametrize(
    ("text", "anomaly", "words"),
    [
        ("P: [R(x)(1,)]", "thin-air read", "shows 1, which nobody put in"),
        ("P: [A(x,1)   ]\nQ: [A(x,2)   ]\nR: [R(x)(1,2)]\nS: [R(x)(2,1)]", "incompatible order",
         "disagree"),
        ("P: [W(x,(1,2))]\nQ: [R(x)(1,)]", "torn read", "only a part"),
        ("P: [A(x,1)]\nQ: [R(x)(1,1)]", "incompatible order", "shows 1 twice"),
        ("P: [W(x,(1,))] [A(x,2)]\nQ: [W(x,(3,))   ] [R(x)(1,2,3)]", "incompatible order",
         "wrote it as a whole"),
        ("P: [A(x,1)] [R(x)()]", "stale read", "as if it had not been done"),
        ("P: [R(x)(1,)] [A(x,1)]", "future read", "before P's A(x,1) began"),
        ("P: [A(x,1)] [A(x,2)] [R(x)(1,)]", "stale read", "as if it had not been done"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_list_has_a_name(text: str, anomaly: str, words: str) -> None:
    verdict = linearizable(parse(text.replace("] [", "]  [")), List())
    assert not verdict
    assert verdict.anomaly == anomaly
    assert words in verdict.explanation


def test_a_lost_compare_and_set_happened_if_somebody_found_its_value() -> None:
    assert linearizable(parse("P: [C(x,0,1)\nQ:        [R(x)0] [R(x)1]"))
    assert not linearizable(parse("P: [C(x,0,1)\nQ:        [R(x)1] [R(x)0]"))
    assert not linearizable(parse("P: [C(x,5,1)\nQ:        [R(x)1]"))


def test_a_refused_one_must_have_met_another_value() -> None:
    assert linearizable(parse("P: [W(x,1)]\nQ:  [C(x,1,2)no]"))
    assert not linearizable(parse("P: [W(x,1)]\nQ:            [C(x,1,2)no]"))


def test_elements_that_come_twice_are_a_matter_for_the_search() -> None:
    twice = parse("P: [A(x,1)] [A(x,1)] [R(x)(1,1)]")
    assert of_list(twice.operations) is None
    assert linearizable(twice, List())


def test_a_register_that_somebody_changed_is_not_taken_for_one() -> None:
    class Forgetful(List):
        def step(self, state: object, operation: Operation) -> object:
            return () if operation.kind == "append" else super().step(state, operation)

    forgotten = parse("P: [A(x,1)]  [R(x)()]")
    specification: Specification = Forgetful()
    assert linearizable(forgotten, specification)
    assert not linearizable(forgotten, List())


def test_a_text_falls_into_pieces_in_one_way() -> None:
    verdict = linearizable(parse('P: [A(x,"a;")]  [A(x,"b;")]\nQ: [R(x)"b;a;"]'), Text())
    assert verdict.anomaly == "future read"
    assert of_text(parse("P: [A(x,a)] [A(x,ab)]").operations) is None
    thin = linearizable(parse('P: [A(x,"a;")]  [R(x)"a;c"]'), Text())
    assert "shows 'c', which nobody put in" in thin.explanation
