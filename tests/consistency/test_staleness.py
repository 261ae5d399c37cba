"""How stale reads are, and how long a write is not seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from math import inf

from hypothesis import given, settings

from consensus_lab import parse
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.staleness import atomicity, staleness, windows
from consensus_lab.history import History, Operation

from .brute_force import in_real_time, keeps
from .histories import histories, sessions

STALE = """
    P1: [W(x,1)] [W(x,2)] [W(x,3)]
    P2:                            [R(x)1] [R(x)3]
"""


def test_staleness_counts_the_newer_writes_and_the_time_since_the_first_of_them() -> None:
    stale, fresh = staleness(parse(STALE))
    two = next(o for o in parse(STALE) if o.args == (2,))
    assert stale.versions == 2
    assert stale.age == stale.read.start - (two.end or 0)
    assert (fresh.versions, fresh.age) == (0, 0)


def test_the_window_of_a_write_ends_with_the_last_read_that_missed_it() -> None:
    history = parse(STALE)
    stale = next(o for o in history if o.result == 1)
    assert {o.args[0]: window for o, window in windows(history).items()} == {
        1: 0,
        2: stale.start - next(o for o in history if o.args == (2,)).end,  # type: ignore[operator]
        3: stale.start - next(o for o in history if o.args == (3,)).end,  # type: ignore[operator]
    }


def test_a_write_at_the_same_time_is_not_newer() -> None:
    history = History.builder()
    history.write("P1", "x", 1, start=0, end=5)
    history.write("P2", "x", 2, start=5, end=9)
    history.read("P3", "x", 1, start=10, end=11)
    assert [one.versions for one in staleness(history.build())] == [0]


def test_times_are_in_ms_where_there_are_any() -> None:
    history = History.builder(ticks_per_ms=1000)
    history.write("P1", "x", 1, start=0, end=1000)
    history.read("P2", "x", 0, start=3500, end=4000)
    assert [one.age for one in staleness(history.build())] == [2.5]
    assert list(windows(history.build()).values()) == [2.5]


def test_of_a_value_written_twice_nobody_can_tell() -> None:
    assert staleness(parse("P1: [W(x,1)] [W(x,1)] [R(x)1]")) == ()


@settings(max_examples=500, deadline=None)
@given(sessions)
def test_a_stale_read_is_never_linearizable(history: History) -> None:
    if any(one.versions for one in staleness(history)):
        assert not linearizable(history)


def least_k(history: History) -> int | None:
    """The definition: of all orders that keep real time, the one in which reads lag least."""
    found = [
        max((lag(order, place) for place, o in enumerate(order) if o.kind == "read"), default=1)
        for order in orders_in_real_time(history)
    ]
    return int(min(found)) if min(found) < inf else None


def lag(order: Sequence[Operation], place: int) -> float:
    """Among how many of the last values is the one that this read returned?"""
    read = order[place]
    values = [0, *(o.args[0] for o in order[:place] if o.kind == "write")][::-1]
    return values.index(read.result) + 1 if read.result in values else inf


def orders_in_real_time(history: History) -> Iterator[tuple[Operation, ...]]:
    """Of one register. A write without an answer may be left out; a read is."""
    answered = [o for o in history if o.outcome == "ok"]
    lost = [o for o in history if o.outcome == "unknown" and o.kind == "write"]
    for count in range(len(lost) + 1):
        for happened in combinations(lost, count):
            for order in permutations([*answered, *happened]):
                if keeps(order, in_real_time):
                    yield order


@settings(max_examples=250, deadline=None)
@given(histories)
def test_the_least_k_is_that_of_the_definition(history: History) -> None:
    for part in history.by_key().values():
        if len(part) <= 5 and all(o.kind != "cas" for o in part):
            found = atomicity(part)
            assert (found and found.k) == least_k(part)
            assert found is None or found.exact


def test_a_history_is_as_stale_as_its_stalest_key() -> None:
    assert atomicity(parse(STALE)) == (3, True)
    assert str(atomicity(parse(STALE))) == "k = 3 (exactly)"
    assert atomicity(parse("P1: [W(x,1)] [W(y,1)]\nP2: [R(y)0]          [R(x)0]")) == (2, True)
    assert atomicity(parse("P1: [R(x)7]")) is None
    assert atomicity(History()) == (1, True)


def test_the_reads_of_a_single_writer_are_measured_exactly() -> None:
    """No two of its writes overlap, so that their order is known."""
    history = History.builder()
    for number in range(1, 200):
        history.write("P1", "x", number, start=10 * number, end=10 * number + 5)
        history.read("P2", "x", max(number - 3, 0), start=10 * number + 7, end=10 * number + 9)
    assert atomicity(history.build()) == (4, True)


def test_a_spent_budget_leaves_a_lower_bound() -> None:
    found = atomicity(parse("P1: [W(x,1)   ]  [R(x)1]\nP2: [W(x,2)   ]  [R(x)2]"), budget=1)
    assert found is not None
    assert not found.exact
    assert "lower bound" in str(found)
