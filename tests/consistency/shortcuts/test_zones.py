"""The zones, plain and by numpy: the same verdicts, orders and culprits."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import parse
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.shortcuts import zones as module
from consensus_lab.consistency.shortcuts.fast_zones import FastZones
from consensus_lab.consistency.shortcuts.zones import Zones
from consensus_lab.consistency.specification import KeyValue, relevant
from consensus_lab.history import History, Operation

from ..brute_force import is_linearizable
from ..histories import random_history


def plain_and_fast(history: History) -> tuple[Zones, FastZones] | None:
    zones = Zones.of(relevant(history, KeyValue()), 0)
    if zones is None:
        return None
    return zones, FastZones(zones.operations, zones.writes, zones.cluster, zones.count)


@settings(max_examples=600, deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_numpy_changes_nothing_but_the_time(seed: int) -> None:
    for part in random_history(seed).by_key().values():
        both = plain_and_fast(part)
        if both is not None:
            plain, fast = both
            assert plain.hold() is fast.hold() is is_linearizable(part)
            if plain.hold():
                assert plain.order() == fast.order()
            else:
                assert plain.culprits() == fast.culprits()


def long_history(stale: bool) -> History:
    """3,000 operations on a register that works, but for one read in the end if it is `stale`."""
    random = Random(7)
    builder = History.builder()
    value = 0
    for number in range(3000):
        time = 10 * number
        if random.random() < 0.5:
            value = number + 1
            builder.write(f"P{number % 5}", "x", value, start=time, end=time + 30)
        else:
            builder.read(f"P{number % 5}", "x", value, start=time, end=time + 9)
    builder.read("P9", "x", 1 if stale else value, start=40_000, end=40_001)
    return builder.build()


@pytest.mark.parametrize("stale", [False, True])
def test_a_long_history_gets_the_same_verdict_where_numpy_is_missing(
    stale: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = long_history(stale)
    verdict = linearizable(history)
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    without = linearizable(history)
    assert verdict.holds is without.holds is not stale
    if stale:
        assert verdict.counterexample == without.counterexample
    else:
        assert verdict.witness is not None
        assert without.witness is not None
        assert verdict.witness.order == without.witness.order


def test_of_several_stale_reads_the_stalest_is_shown() -> None:
    verdict = linearizable(
        parse("""
P1: [W(x,1)] [W(x,2)]
P2:                     [R(x)1]         [R(x)1]
""")
    )
    assert verdict.counterexample is not None
    assert max(o.start for o in verdict.counterexample) == 41


def test_a_value_that_is_written_twice_is_a_matter_for_the_search() -> None:
    write = Operation("P1", "write", "x", (1,), None, 1, 2)
    assert Zones.of([write, Operation("P2", "write", "x", (1,), None, 1, 2)], 0) is None
    assert Zones.of([Operation("P2", "write", "x", (0,), None, 1, 2)], 0) is None
    assert Zones.of([write], 0) is not None
