"""Small random histories: for tests against a definition, and for the checks of the exercises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from ..history import History

STEP = 5
"""Starts and ends lie on a grid of this many columns, so that intervals often just touch."""


def random_history(
    seed: int,
    operations: int = 5,
    processes: int = 3,
    keys: Sequence[str] = ("x",),
    values: int = 2,
    unanswered: float = 0.15,
) -> History:
    """A history of 1 to `operations` reads and writes that overlap a good deal.

    Values are 1 to `values`, and 0, which every register holds at first; so many reads fit and many
    do not. A share of `unanswered` of the writes got no answer; their process goes on under a new
    name. Times are columns, wide enough to draw. The same `seed` gives the same history.
    """
    random = Random(f"history/{seed}").random

    def below(number: int) -> int:
        return int(random() * number)

    history = History.builder()
    names = [f"P{number}" for number in range(1, processes + 1)]
    free = [STEP] * processes
    for _ in range(1 + below(operations)):
        who = below(processes)
        start = free[who] + STEP * below(3)
        end = start + STEP * (2 + below(4))
        free[who] = end + STEP
        key = keys[below(len(keys))]
        if random() < 0.5:
            history.read(names[who], key, below(values + 1), start=start, end=end)
        elif random() < unanswered:
            history.write(names[who], key, 1 + below(values), start=start)
            names[who] += "'"
        else:
            history.write(names[who], key, 1 + below(values), start=start, end=end)
    return history.build()


def smallest(history: History, fails: Callable[[History], bool]) -> History:
    """A part of `history` that `fails`, and no longer does if any one operation is taken out."""
    for operation in history:
        part = history.without(operation)
        if len(part) and fails(part):
            return smallest(part, fails)
    return history


def at_the_left(history: History) -> History:
    """The same history, begun as soon as there is room for the names of its processes."""
    sooner = min((operation.start for operation in history), default=STEP) - STEP
    return History(
        replace(
            operation,
            start=operation.start - sooner,
            end=None if operation.end is None else operation.end - sooner,
        )
        for operation in history
    )
