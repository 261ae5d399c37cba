"""How stale reads are, and how long a write is not seen."""

from __future__ import annotations

from hypothesis import given, settings

from consensus_lab import parse
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.staleness import staleness, windows
from consensus_lab.history import History

from .histories import sessions

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
