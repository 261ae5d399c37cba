"""Compare-and-sets that found another value than they expected: where they fit into an order."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Sequence
from heapq import merge
from itertools import accumulate

from ...history import Operation

Slots = list[tuple[int, Operation]]


def slots(
    order: Sequence[Operation], refused: Iterable[Operation], initial: Hashable
) -> Slots | None:
    """For each of `refused` how many of `order` come before it, if it goes as early as it can.

    There it finds another value than it expected, and real time is kept. None if one of them has no
    such place: in another order it might.
    """
    states = [initial, *(o.args[-1] if o.args else o.result for o in order)]
    change = _next_change(states)
    ends, behind = _behind(order)
    starts, ahead = _ahead(order)
    found: Slots = []
    done: list[tuple[int, int]] = []  # until when, and the last slot of all that ended by then
    for operation in sorted(refused, key=lambda o: (o.end, o.start)):
        assert operation.end is not None
        before = bisect_left(done, (operation.start,))
        slot = behind[bisect_left(ends, operation.start)]
        slot = max(slot, done[before - 1][1] if before else 0)
        if states[slot] == operation.args[0]:
            slot = change[slot]
        if slot > ahead[bisect_right(starts, operation.end)]:
            return None
        done.append((operation.end, max(slot, done[-1][1] if done else 0)))
        found.append((slot, operation))
    return sorted(found, key=lambda pair: (pair[0], pair[1].start))


def inserted(order: Sequence[Operation], places: Slots) -> list[Operation]:
    """`order` with the operations of `places` in their slots."""
    rows = ((2 * number + 1, operation) for number, operation in enumerate(order))
    more = ((2 * slot, operation) for slot, operation in places)
    return [operation for _, operation in merge(rows, more, key=lambda row: row[0])]


def _next_change(states: Sequence[Hashable]) -> list[int]:
    """For each slot the next one with another state; behind the last if there is none."""
    change = [len(states)] * len(states)
    for slot in range(len(states) - 2, -1, -1):
        same = states[slot] == states[slot + 1]
        change[slot] = change[slot + 1] if same else slot + 1
    return change


def _behind(order: Sequence[Operation]) -> tuple[list[int], list[int]]:
    """The ends of the operations, and behind how many of `order` one stands that began after the
    first so many of these."""
    answered = sorted((o.end, slot) for slot, o in enumerate(order, 1) if o.end is not None)
    return [end for end, _ in answered], [0, *accumulate((slot for _, slot in answered), max)]


def _ahead(order: Sequence[Operation]) -> tuple[list[int], list[int]]:
    """The starts of the operations, and in front of which of `order` one stands that ended before
    all but the first so many of these."""
    asked = sorted((o.start, slot) for slot, o in enumerate(order))
    latest = accumulate((slot for _, slot in reversed(asked)), min, initial=len(order))
    return [start for start, _ in asked], list(latest)[::-1]
