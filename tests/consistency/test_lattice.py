"""The lattice: what implies what, nothing more, and where a history stands."""

from __future__ import annotations

from functools import cache
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.consistency.lattice import (
    IMPLICATIONS,
    MODELS,
    Implication,
    check,
    models_for,
    specification_for,
    starting_at_zero,
    stronger_than,
    strongest,
    weaker_than,
)
from consensus_lab.consistency.objects import Queue
from consensus_lab.consistency.specification import KeyValue
from consensus_lab.errors import ConsensusLabError
from consensus_lab.history import History, parse

from . import transaction_histories
from .histories import histories, sessions


def standing(history: History) -> dict[str, bool | None]:
    """What every checker says, none of them left out."""
    specification = specification_for(history)
    names = models_for(history, specification)
    return {name: check(history, name, specification).holds for name in names}


def contradictions(history: History) -> list[Implication]:
    holds = standing(history) if len(history) else {}
    return [
        rule
        for rule in IMPLICATIONS
        if holds.get(rule.stronger) and holds.get(rule.weaker) is False
    ]


@settings(max_examples=200, deadline=None)
@given(histories | sessions)
def test_no_history_of_registers_contradicts_it(history: History) -> None:
    assert contradictions(history) == []


@settings(max_examples=200, deadline=None)
@given(transaction_histories.histories | transaction_histories.doubts)
def test_no_history_of_transactions_contradicts_it(history: History) -> None:
    assert contradictions(history) == []


# Each keeps to some models and not to others: between them they tell all models apart.
APART = (
    "A: [W(x,1)] [R(x)0]",
    "A: [W(x,1)]\nB:          [R(x)0]",
    "A: [R(x)8] [W(x,2)",
    "A:                        [R(x)2] [R(y)0]\nB:         [R(y)1] [W(x,2)]\nC: [W(y,1)]",
    "A:                  [W(x,2)]\nB: [W(x,1)] [R(x)2]         [R(x)1]",
    "A: [W(x,1)]                 [R(x)2]\nB:          [W(x,2)] [R(x)1]",
    "A:                  [R(x)2] [R(x)1] [R(x)0]\nB: [W(x,1)] [W(x,2)]",
    "A: [W(x,1)]\nB: [W(x,2)] [R(x)2] [R(x)1] [R(x)2]",
    "A: [W(z,1)] [W(x,1)] [W(y,1)]\nB: [W(x,2)] [R(z)0]           [R(y)1] [R(x)2]",
    "A: [W(x,1)] [W(y,1)]\n"
    "B: [W(x,2)] [W(z,1)]\n"
    "C:                   [R(y)1] [R(x)2] [R(z)1] [R(x)1]",
    "A: [W(x,1)]\n"
    "B: [W(x,2)]\n"
    "C:          [R(x)1] [W(y,1)]\n"
    "D:          [R(x)2] [W(z,1)]\n"
    "E:                           [R(y)1] [R(x)2] [R(z)1] [R(x)1]",
    "A: [W(x,2) W(y,3)]\nB:                 [T R(y)0]",
    "A: [W(x,1) R(y)0]\nB: [W(y,1) R(x)0]",
    "A: [R(x)0 W(x,1)]\nB: [R(x)0 W(x,2)]",
    "A: [A(x,1) R(x)(1,2)]\nB: [T A(x,2)]",
)


@cache
def told_apart() -> frozenset[tuple[str, str]]:
    """The pairs of models of which one of these histories keeps to the first and not the second."""
    found = set()
    for drawing in APART:
        holds = standing(parse(drawing))
        found |= {(a, b) for a in holds for b in holds if holds[a] and holds[b] is False}
    return frozenset(found)


PAIRS = [
    (a, b)
    for a, b in permutations(MODELS, 2)
    if (MODELS[a].about == "transactions") == (MODELS[b].about == "transactions")
]


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_a_model_implies_another_exactly_if_no_history_tells_them_apart(a: str, b: str) -> None:
    assert (b in weaker_than(a)) != ((a, b) in told_apart())


def test_it_has_no_circles() -> None:
    assert all(set(weaker_than(name)) & set(stronger_than(name)) == set() for name in MODELS)


def test_no_implication_follows_from_the_others() -> None:
    for rule in IMPLICATIONS:
        between = set(weaker_than(rule.stronger)) & set(stronger_than(rule.weaker))
        assert between == set()


def test_every_implication_says_why_and_who_says_so() -> None:
    assert all(rule.reason and "(" in rule.source for rule in IMPLICATIONS)


# -- where a history stands --


@settings(max_examples=100, deadline=None)
@given(histories | sessions | transaction_histories.histories)
def test_a_position_is_what_every_checker_would_have_said(history: History) -> None:
    if not len(history):
        return
    position, full = strongest(history), standing(history)
    for name, holds in position.standing.items():
        assert holds is full[name] or full[name] is None


@settings(max_examples=50, deadline=None)
@given(histories | sessions)
def test_every_model_that_holds_is_implied_by_one_of_the_strongest(history: History) -> None:
    if not len(history):
        return
    position = strongest(history)
    for name, holds in position.standing.items():
        above = {name, *stronger_than(name)}
        assert bool(holds) == bool(above & set(position.strongest))


def test_a_position_reads_well() -> None:
    assert str(strongest(parse(APART[1]))).startswith(
        "This history keeps to sequential consistency.\n"
        "  ✗ linearizability          stale read\n"
        "  ✓ causal convergence\n"
        "  ✓ causal memory\n"
        "  ✓ sequential consistency\n"
        "  ✓ causal consistency       implied by causal convergence\n"
        "  ✓ PRAM consistency         implied by causal memory\n"
        "  ✓ writes follow reads      implied by causal convergence\n"
        "  ✓ monotonic writes         implied by causal convergence\n"
        "  ✓ monotonic reads          implied by causal convergence\n"
        "  ✓ read your writes         implied by causal convergence\n"
        "  ✗ eventual consistency"
    )


def test_what_is_implied_is_not_checked() -> None:
    assert list(strongest(parse("A: [W(x,1)] [R(x)1]")).verdicts) == ["linearizable"]


def test_a_model_that_implies_what_fails_is_not_checked() -> None:
    position = strongest(parse(APART[5]))
    assert "sequential" not in position.verdicts
    assert "✗ sequential consistency   else causal convergence would hold" in str(position)


def test_the_verdicts_are_inside() -> None:
    verdict = strongest(parse(APART[0])).verdicts["read-your-writes"]
    assert verdict.holds is False
    assert verdict.counterexample == parse(APART[0])


def test_undecided_is_neither() -> None:
    doubtful = "A: [W(x,1)    ] [W(x,2)    ] [R(x)2]\nB: [W(x,2)    ] [W(x,1)    ] [R(x)1]"
    position = strongest(parse(doubtful), budget=1)
    assert position.standing["linearizable"] is None
    assert "linearizable" not in position.strongest
    assert "? linearizability" in str(position)


def test_the_map_has_what_was_asked_and_why_it_implies_the_next() -> None:
    graph = strongest(parse(APART[12])).graph()
    assert graph.title == "This history keeps to snapshot isolation."
    assert graph.nodes == (
        "✗ strict serializability",
        "✗ serializability",
        "✓ snapshot isolation",
        "✓ read committed",
        "✓ read uncommitted",
    )
    assert [(edge.source, edge.target) for edge in graph.edges] == [
        (a, b) for a, b in zip(graph.nodes, graph.nodes[1:], strict=False)
    ]
    assert graph.edges[2].reason.startswith("snapshot isolation implies read committed: ")


def test_other_objects_are_asked_what_can_be_asked_of_them() -> None:
    queue = parse("A: [enqueue(q,1)]\nB: [enqueue(q,2)]\nC:    [dequeue(q)2] [dequeue(q)1]")
    assert isinstance(specification_for(queue), Queue)
    assert list(strongest(queue).standing) == ["linearizable", "sequential", "eventual"]
    assert list(strongest(parse("A: [C(x,0,1)]")).standing) == [
        "linearizable",
        "sequential",
        "eventual",
    ]


def test_registers_may_start_with_something_else() -> None:
    history = parse("A: [R(x)None] [W(x,0)] [R(x)0]")
    assert "linearizable" not in strongest(history).strongest
    assert strongest(history, KeyValue(None)).strongest == ("linearizable",)
    assert check(history, "causal", KeyValue(None))
    renamed = starting_at_zero(history, None)
    assert [o.result for o in renamed] == [0, None, "0"]


@given(st.sampled_from(["0", "0'"]), st.sampled_from([0, None, "0"]))
def test_the_text_that_stands_for_zero_is_new(text: str, initial: object) -> None:
    history = History(parse(f'A: [W(x,0)] [W(x,"{text}")] [R(x)None]').operations)
    renamed = starting_at_zero(history, initial)  # type: ignore[arg-type]
    values = [o.args[0] if o.args else o.result for o in renamed]
    assert len(set(values)) == 3


def test_what_cannot_be_asked_is_said() -> None:
    with pytest.raises(ConsensusLabError, match="There is no model 'perfect': give one of linear"):
        check(parse("A: [W(x,1)]"), "perfect")
    with pytest.raises(ConsensusLabError, match="No object here knows all of fly, read"):
        strongest(parse("A: [fly(x)] [R(x)1]"))
    with pytest.raises(ConsensusLabError, match="can be checked for strict-serializable, serial"):
        check(parse(APART[11]), "causal")
