"""Who must come before whom among transactions, and why."""

from __future__ import annotations

import pytest
from hypothesis import given

from consensus_lab.consistency.transactions.dependencies import Dependencies, Reasons
from consensus_lab.consistency.transactions.transactions import Transactions
from consensus_lab.graph import shortest_path
from consensus_lab.history import History, parse

from ..transaction_histories import histories


def arcs(drawing: str) -> dict[str, set[tuple[str, str]]]:
    history = parse(drawing)
    dependencies = Dependencies(Transactions(history))
    return {
        relation: {
            (history[source].process, history[target].process)
            for source, targets in enumerate(getattr(dependencies, relation))
            for target in targets
        }
        for relation in ("ww", "wr", "rw", "session")
    }


def test_the_longest_read_of_a_list_tells_the_order_of_its_versions() -> None:
    found = arcs("T1: [A(x,1)]\nT2: [A(x,2)]\nT3: [A(x,3)]\nT4: [R(x)(2,1)]\nT5: [R(x)(2,)]")
    assert found["ww"] == {("T2", "T1"), ("T1", "T3")}
    assert found["wr"] == {("T1", "T4"), ("T2", "T5")}
    assert found["rw"] == {("T4", "T3"), ("T5", "T1")}


def test_who_reads_a_register_and_then_writes_it_comes_after_the_value() -> None:
    found = arcs("T1: [W(x,1)]\nT2: [R(x)1 W(x,2)]\nT3: [R(x)1]\nT4: [R(x)0]")
    assert found["wr"] == {("T1", "T2"), ("T1", "T3")}
    assert found["rw"] == {("T3", "T2"), ("T4", "T1")}


def test_an_aborted_transaction_has_no_arcs() -> None:
    found = arcs("T1: [W(x,1)!]\nT2: [R(x)1]")
    assert not any(found.values())


def test_of_a_session_neighbours_are_joined() -> None:
    assert arcs("P1: [W(x,1)] [W(x,2)] [W(x,3)]")["session"] == {("P1", "P1")}


def test_two_writers_of_a_register_that_nobody_compared_are_in_doubt() -> None:
    dependencies = Dependencies(Transactions(parse("T1: [W(x,1)]\nT2: [W(x,2)]")))
    assert list(dependencies.doubts(lists=False)) == [("x", 0, 1)]


def test_a_chain_of_reads_and_writes_leaves_no_doubt() -> None:
    history = parse("T1: [W(x,1)]\nT2: [R(x)1 W(x,2)]\nT3: [R(x)2 W(x,3)]")
    assert not list(Dependencies(Transactions(history)).doubts(lists=True))


@given(histories)
def test_the_chain_of_moments_joins_those_and_only_those_that_do_not_overlap(
    history: History,
) -> None:
    dependencies = Dependencies(Transactions(history))
    leaving, moments = dependencies.real_time()
    after = leaving + moments
    for one, a in enumerate(history):
        for two, b in enumerate(history):
            if dependencies.committed[one] and dependencies.committed[two]:
                joined = shortest_path(one, two, after.__getitem__) is not None
                assert joined == (a.end is not None and a.end < b.start)


@pytest.mark.parametrize(
    ("drawing", "relation", "words"),
    [
        ("T1: [A(x,1)]\nT2: [R(x)(1,)]", "wr", "T2 read the 1 that T1 appended to x"),
        ("T1: [W(x,1)]\nT2: [R(x)1]", "wr", "T2 read the 1 that T1 wrote to x"),
        (
            "T1: [A(x,1)]\nT2: [A(x,2)]\nT3: [R(x)(1,2)]",
            "ww",
            "T2 appended 2 to x after T1 had appended 1",
        ),
        ("T1: [R(x)()]\nT2: [A(x,1)]", "rw", "T1 read x without the 1 that T2 appended"),
        ("T1: [R(x)0]\nT2: [W(x,1)]", "rw", "T1 read x as 0, and T2 wrote a later value, 1"),
        ("P1: [W(x,1)] [W(x,2)]", "session", "P1 asked for it first"),
    ],
)
def test_an_edge_has_its_reason_in_words(drawing: str, relation: str, words: str) -> None:
    assert Reasons(parse(drawing)).edge(0, 1, relation).reason == words
