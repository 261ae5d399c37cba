"""Precedence graphs: their cycles, and their orders."""

from __future__ import annotations

from hypothesis import given

from consensus_lab.consistency.transactions.anomalies import name_of
from consensus_lab.consistency.transactions.dependencies import Dependencies
from consensus_lab.consistency.transactions.precedence import Arc, Precedence
from consensus_lab.consistency.transactions.transactions import Transactions
from consensus_lab.history import History, parse

from ..transaction_histories import histories

SKEW = "T1: [R(x)0 R(y)0 W(x,1)]\nT2: [R(x)0 R(y)0 W(y,2)]"
ALL = ("ww", "wr", "rw")


def graph(drawing: str, split: bool = False, relations: tuple[str, ...] = ALL) -> Precedence:
    return Precedence(Dependencies(Transactions(parse(drawing))), relations, split)


def test_two_anti_dependencies_in_a_row_close_a_cycle() -> None:
    assert graph(SKEW).cycle() in (
        (Arc(0, 1, "rw"), Arc(1, 0, "rw")),
        (Arc(1, 0, "rw"), Arc(0, 1, "rw")),
    )


def test_not_so_if_snapshot_and_commit_are_two_points() -> None:
    assert graph(SKEW, split=True).is_acyclic()


def test_a_cycle_with_a_single_anti_dependency_is_preferred_if_asked_for() -> None:
    torn = "T3: [W(x,1) W(y,1)]\nT4: [R(x)1 R(y)0]"
    assert name_of(graph(torn, split=True).single()) == "G-single"
    assert graph(SKEW).single() == ()


def test_a_cycle_through_the_clock_names_the_clock() -> None:
    stale = "T1: [W(x,1)]\nT2:             [R(x)0]"
    cycle = graph(stale, relations=(*ALL, "real time")).cycle()
    assert {arc.relation for arc in cycle} == {"rw", "real time"}


def test_further_arcs_count_like_the_others() -> None:
    dependencies = Dependencies(Transactions(parse("T1: [W(x,1)]\nT2: [W(x,2)]")))
    both = [Arc(0, 1, "ww"), Arc(1, 0, "ww")]
    assert Precedence(dependencies, ["ww"]).cycle() == ()
    assert set(Precedence(dependencies, ["ww"], extra=both).cycle()) == set(both)


@given(histories)
def test_there_is_either_an_order_that_keeps_all_arcs_or_a_cycle(history: History) -> None:
    for split in (False, True):
        found = Precedence(Dependencies(Transactions(history)), (*ALL, "real time"), split)
        order = found.order(lambda number: number)
        cycle = found.cycle()
        assert (order is None) == bool(cycle)
        if order is not None:
            place = {point: index for index, point in enumerate(order)}
            assert all(place[a] < place[b] for a in place for b in found.after[a])
        else:
            sources = [arc.source for arc in cycle]
            assert [arc.target for arc in cycle] == sources[1:] + sources[:1]
