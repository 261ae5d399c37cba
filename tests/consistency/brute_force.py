"""The definitions: every subset of the unknown operations, in every order, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations

from consensus_lab.consistency.specification import REFUSED, KeyValue, Specification
from consensus_lab.history import History, Operation

Precedes = Callable[[Operation, Operation], bool]


def in_real_time(a: Operation, b: Operation) -> bool:
    """a had its answer before b was asked; intervals are closed, so touching is overlapping."""
    return a.end is not None and a.end < b.start


def in_program(a: Operation, b: Operation) -> bool:
    """One process asked a before b."""
    return a.process == b.process and a.start < b.start


def explains(order: Sequence[Operation], specification: Specification | None = None) -> bool:
    """Whether all operations, one after the other, would have had the results they had."""
    specification = specification or KeyValue()
    states: dict[object, object] = {}
    for operation in order:
        part = specification.part(operation)
        state = specification.step(states.get(part, specification.initial), operation)
        if state is REFUSED:
            return False
        states[part] = state
    return True


def keeps(order: Sequence[Operation], precedes: Precedes) -> bool:
    """Whether no operation stands before one that precedes it."""
    return not any(precedes(b, a) for i, a in enumerate(order) for b in order[i + 1 :])


def is_possible(
    history: Iterable[Operation], precedes: Precedes, specification: Specification | None = None
) -> bool:
    """Whether any order explains the history and keeps what precedes what.

    Of the unknown operations every subset is tried: those that happened.
    """
    answered = [o for o in history if o.outcome == "ok"]
    idle = ("read", "contains")
    unknown = [o for o in history if o.outcome == "unknown" and o.kind not in idle]
    return any(
        next(orders([], [*answered, *happened], precedes, specification), None) is not None
        for size in range(len(unknown) + 1)
        for happened in combinations(unknown, size)
    )


def orders(
    begun: list[Operation],
    rest: list[Operation],
    precedes: Precedes,
    specification: Specification | None,
) -> Iterator[list[Operation]]:
    """Every order that begins with `begun`, goes on with `rest`, explains all, keeps `precedes`."""
    if not explains(begun, specification):
        return
    if not rest:
        yield begun
    for operation in rest:
        if not any(precedes(other, operation) for other in rest):
            others = [o for o in rest if o is not operation]
            yield from orders([*begun, operation], others, precedes, specification)


def is_linearizable(history: History, specification: Specification | None = None) -> bool:
    return is_possible(history, in_real_time, specification)


def is_sequential(history: History, specification: Specification | None = None) -> bool:
    return is_possible(history, in_program, specification)
