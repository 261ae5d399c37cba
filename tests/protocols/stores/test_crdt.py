"""Data types that merge: the laws of the merge, and the stores that gossip them."""

from __future__ import annotations

from functools import reduce
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.consistency.eventual import eventual
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.objects import Counter, Set
from consensus_lab.protocols.stores import Counters, GCounter, ORSet, PNCounter, Sets
from consensus_lab.protocols.stores.gossip import LastWriterWins, Stamped
from consensus_lab.simulation import Trace

from .scripts import script

servers = st.sampled_from(["S1", "S2", "S3"])
amounts = st.integers(1, 5)


@st.composite
def replicas(draw: st.DrawFn, empty: Any, change: Any) -> list[Any]:
    """Three replicas after some changes and merges, as they can come about."""
    held = [empty] * 3
    for _ in range(draw(st.integers(0, 8))):
        place = draw(st.integers(0, 2))
        if draw(st.booleans()):
            held[place] = change(draw, held[place], f"S{place + 1}")
        else:
            held[place] = held[place].merge(held[draw(st.integers(0, 2))])
    return held


def grow(draw: Any, state: GCounter, server: str) -> GCounter:
    return state.increment(server, draw(amounts))


def move(draw: Any, state: PNCounter, server: str) -> PNCounter:
    step = state.increment if draw(st.booleans()) else state.decrement
    return step(server, draw(amounts))


def put(draw: Any, state: ORSet, server: str) -> ORSet:
    element = draw(st.integers(1, 3))
    return state.add(element, server) if draw(st.booleans()) else state.remove(element)


def stamp(draw: Any, state: Stamped, server: str) -> Stamped:
    return state.merge(Stamped(draw(st.integers(0, 5)), server, draw(amounts)))


TYPES = [
    (GCounter(), grow),
    (PNCounter(), move),
    (ORSet(), put),
    (LastWriterWins.empty, stamp),
]


@pytest.mark.parametrize(("empty", "change"), TYPES, ids=["GCounter", "PNCounter", "ORSet", "LWW"])
@given(data=st.data())
def test_merge_is_a_join(empty: Any, change: Any, data: st.DataObject) -> None:
    a, b, c = data.draw(replicas(empty, change))
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(a) == a
    assert a.merge(empty) == a


@pytest.mark.parametrize(("empty", "change"), TYPES, ids=["GCounter", "PNCounter", "ORSet", "LWW"])
@given(data=st.data())
def test_a_change_only_adds_to_what_is_known(empty: Any, change: Any, data: st.DataObject) -> None:
    a, *_ = data.draw(replicas(empty, change))
    changed = change(data.draw, a, "S1")
    assert changed.merge(a) == changed


@given(st.lists(st.tuples(servers, st.integers(-5, 5)), max_size=12))
def test_no_count_is_lost_and_none_is_counted_twice(steps: list[tuple[str, int]]) -> None:
    held = {name: PNCounter() for name in ("S1", "S2", "S3")}
    for server, amount in steps:
        held[server] = held[server].increment(server, amount)
        held["S1"] = held["S1"].merge(held[server])
    assert reduce(PNCounter.merge, held.values()).value == sum(amount for _, amount in steps)


def test_an_addition_at_the_same_time_as_a_removal_wins() -> None:
    both = ORSet().add("milk", "S1")
    here, there = both.remove("milk"), both.add("milk", "S2")
    assert here.value == ()
    assert here.merge(there).value == ("milk",)


def test_an_element_can_come_back() -> None:
    assert ORSet().add(1, "S1").remove(1).add(1, "S1").value == (1,)


# -- on gossip -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def counters() -> list[Trace]:
    return [script(Counters, seed, ["increment", "decrement"]).run() for seed in range(150)]


@pytest.fixture(scope="module")
def sets() -> list[Trace]:
    return [script(Sets, seed, ["add", "remove"]).run() for seed in range(150)]


def test_counters_end_up_with_the_exact_sum(counters: list[Trace]) -> None:
    for trace in counters:
        assert eventual(trace.history(), Counter()).holds, trace.scenario.seed


def test_sets_end_up_the_same(sets: list[Trace]) -> None:
    for trace in sets:
        assert eventual(trace.history(), Set()).holds, trace.scenario.seed


def test_on_the_way_there_they_are_not_linearizable(
    counters: list[Trace], sets: list[Trace]
) -> None:
    assert any(linearizable(trace.history(), Counter()).holds is False for trace in counters)
    assert any(linearizable(trace.history(), Set()).holds is False for trace in sets)
