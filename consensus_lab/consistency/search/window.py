"""A short proof that a long history has no order: a window of it is enough.

Cut the history at an answer. Whatever was answered by then is in order before the cut, and left one
of a few states. If from none of them an order explains what was asked after the cut and answered up
to a second one, then no order explains the whole. What was open at a cut may have happened on
either side: in the window it may happen or not, as what was never answered may.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, NamedTuple

from ...history import Operation
from ..specification import NOTHING
from .moves import JustInTime
from .timeline import Timeline, call_of

SIZES = (12, 25, 50, 100, 200, 400)
"""How many answers a window holds on either side: it grows until it proves something."""


class Window(NamedTuple):
    """The operations of a window, those that may also have happened, and the states before it."""

    operations: list[Operation]
    optional: list[Operation]
    starts: list[Any]


def windows(rules: JustInTime, answer: int) -> Iterator[Window]:
    """Windows around an answer, larger and larger, but all much smaller than the history."""
    for size in SIZES:
        first, last = answer - size, min(answer + size, len(rules.time) - 1)
        if first > 0 and 8 * size <= len(rules.time):
            yield _window(rules, first, last)


def _window(rules: JustInTime, first: int, last: int) -> Window:
    """The window of what was answered after the answer `first`, up to the answer `last`."""
    time = rules.time
    begin, end = time.returns[first], time.returns[last]
    lost = [o for kind in time.lost for o in kind.operations if call_of(o) < end]
    window = Window([], lost, _states(time, first))
    for index in range(first + 1, len(time)):
        operation, within = time.answered[index], index <= last and time.calls[index] > begin
        if within or (time.opened_at[index] > last and not rules.may_be_given(index, end)):
            window.operations.append(operation)
        elif time.opened_at[index] <= last and time.gives[index] is not NOTHING:
            window.optional.append(operation)
    return window


def _states(time: Timeline, first: int) -> list[Any]:
    """The states that may have been there when all answers up to `first` had been given."""
    begin = time.returns[first]
    # All that was over before another one was asked, which is over too, was surely replaced.
    movers = [index for index in range(first + 1) if time.gives[index] is not NOTHING]
    replaced = max((time.calls[index] for index in movers), default=-1)
    since = bisect_right(time.returns, replaced)
    states = [time.gives[index] for index in movers if index >= since]
    states += [time.gives[index] for index in time.movers[first + 1] if time.calls[index] < begin]
    states += [kind.give for kind in time.lost if kind.calls[0] < begin]
    if not movers:
        states.append(time.specification.initial)
    return list(dict.fromkeys(states))
