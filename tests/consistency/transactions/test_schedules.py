"""Schedules, their precedence graphs, and what their clients see."""

from __future__ import annotations

import re
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.consistency.serializable import serializable
from consensus_lab.consistency.transactions.schedules import (
    Step,
    conflict_graph,
    parse_schedule,
    run,
)
from consensus_lab.errors import HistoryError

steps = st.builds(
    Step, st.sampled_from("rw"), st.sampled_from(["T1", "T2", "T3"]), st.sampled_from("xy")
)
schedules = st.lists(steps, max_size=8)


def edges(text: str) -> list[tuple[object, object, str]]:
    return [tuple(edge[:3]) for edge in conflict_graph(parse_schedule(text)).edges]  # type: ignore[misc]


def is_conflict_serializable(schedule: list[Step]) -> bool:
    """The definition: some serial schedule has all conflicting steps in the same order."""
    names = sorted({step.transaction for step in schedule})
    conflicts = {
        (i, j)
        for j, b in enumerate(schedule)
        for i, a in enumerate(schedule[:j])
        if a.key == b.key and a.transaction != b.transaction and "w" in a.action + b.action
    }
    return any(
        all(
            order.index(schedule[i].transaction) < order.index(schedule[j].transaction)
            for i, j in conflicts
        )
        for order in permutations(names)
    )


def test_a_schedule_is_read_as_it_is_written() -> None:
    text = "r1(x) w2(x) c2 w12(y_1) a1"
    assert " ".join(map(str, parse_schedule(text))) == text


@pytest.mark.parametrize("text", ["x1(r)", "r1", "rx(1)", "c1(x)", "r1(x)w1(x)"])
def test_what_is_no_step_is_named(text: str) -> None:
    with pytest.raises(HistoryError, match=re.escape(repr(text))):
        parse_schedule(text)


def test_nothing_comes_after_the_end_of_a_transaction() -> None:
    with pytest.raises(HistoryError, match=re.escape("r1(x) comes after the end of T1")):
        parse_schedule("c1 r1(x)")


def test_an_edge_goes_from_the_earlier_of_two_conflicting_steps_to_the_later() -> None:
    assert edges("r1(x) w2(x) w1(y) w2(y) w1(z) r2(z)") == [
        ("T1", "T2", "rw"),
        ("T1", "T2", "ww"),
        ("T1", "T2", "wr"),
    ]


def test_two_reads_do_not_conflict_nor_do_steps_on_different_keys() -> None:
    assert edges("r1(x) r2(x) w1(y) w2(z)") == []


def test_an_aborted_transaction_is_left_out() -> None:
    assert edges("w1(x) r2(x) a1 c2") == []


def test_an_edge_tells_by_which_steps_it_arose_first() -> None:
    graph = conflict_graph(parse_schedule("r1(x) r1(x) w2(x) w2(x)"))
    assert [edge.reason for edge in graph.edges] == ["r1(x) stands before w2(x)"]


@given(schedules)
def test_the_graph_has_a_cycle_iff_no_serial_schedule_is_equivalent(schedule: list[Step]) -> None:
    assert bool(conflict_graph(schedule).emphasised) is not is_conflict_serializable(schedule)


@given(schedules)
def test_a_conflict_serializable_schedule_gives_a_serializable_history(
    schedule: list[Step],
) -> None:
    if is_conflict_serializable(schedule):
        assert serializable(run(schedule))


def test_a_store_with_one_copy_returns_what_was_written_last() -> None:
    history = run(parse_schedule("w1(x) r2(x) w1(x) r2(x) c1 c2"))
    assert history[1].result == (("read", "x", 1), ("read", "x", 101))


def test_an_abort_puts_back_what_was_there() -> None:
    history = run(parse_schedule("w1(x) r2(x) a1 r3(x) c2 c3"))
    assert [operation.result for operation in history] == [
        None,
        (("read", "x", 1),),
        (("read", "x", 0),),
    ]
    assert serializable(history).anomaly == "G1a"
