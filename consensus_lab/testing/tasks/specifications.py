"""Chapter 02, what goes beyond registers: points given by hand, and a queue's specification."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...consistency.objects import Queue
from ...consistency.specification import REFUSED, Specification
from ...consistency.verdict import Verdict
from ...history import History, Operation, parse
from ..checks import CheckFailed
from ..learner import ask
from .orders import LATEST_WRITE, as_verdict, require

PUZZLE = parse("""
P1: [W(x,1)                    ]    [R(x)3]
P2:     [W(x,2)     ]   [R(x)1           ]
P3:         [R(x)2]   [W(x,3)              ]
""")
"""The history of task 2.5. Each of its operations has a name of its own."""

# ---- points ----


def placed(points: Mapping[str, int]) -> Verdict:
    """The order of these points of task 2.5 in the form that `view` draws."""
    return as_verdict(PUZZLE, sorted(PUZZLE, key=lambda operation: points[str(operation)]))


def check_points(points: Callable[[], Mapping[str, int]]) -> None:
    """Task 2.5: a point for each operation, inside its interval, that explains all answers."""
    given = ask(points)
    complete = isinstance(given, dict) and given.keys() == {str(o) for o in PUZZLE}
    names = ", ".join(f'"{operation}"' for operation in PUZZLE)
    require(complete, "Each operation has one point", f"Give a column to each of {names}.", PUZZLE)
    for operation in PUZZLE:
        point = given[str(operation)]
        assert operation.end is not None
        inside = isinstance(point, int | float) and operation.start <= point <= operation.end
        told = (
            f"{operation.process}'s {operation} lasts from column {operation.start} to column "
            f"{operation.end}, and you put it at {point!r}."
        )
        require(inside, "A point lies inside its interval", told, PUZZLE)
    twice = len(set(given.values())) < len(given)
    told = "Two operations have the same column: which of them is first?"
    require(not twice, "One after the other", told, PUZZLE)
    _replay({o: given[str(o)] for o in PUZZLE})
    print(f"✓ Task 2.5: {' → '.join(sorted(given, key=given.__getitem__))}")


def _replay(points: Mapping[Operation, int]) -> None:
    """Raise CheckFailed at the first answer that the register would not have given."""
    value = 0
    for operation in sorted(points, key=points.__getitem__):
        if operation.kind == "write":
            value = operation.args[0]
        told = (
            f"At column {points[operation]}, where you put {operation.process}'s {operation}, the "
            f"register holds {value}."
        )
        fits = operation.kind == "write" or operation.result == value
        require(fits, LATEST_WRITE, told, PUZZLE)


# ---- a specification ----

LONGEST = 5
ALWAYS_OPEN = "An enqueue is always possible"
EMPTY = "An empty queue says None"
NOT_EMPTY = "None is only for an empty queue"
FIRST = "First in, first out"
ONCE = "What was taken out is gone"
NOWHERE = "Nothing comes from nowhere"
A_STATE = "A state or REFUSED"

STEPS = [("enqueue", 1), ("enqueue", 2), ("dequeue", None), ("dequeue", 1), ("dequeue", 2)]
"""What is tried, one after the other: kind, and the value put in or told."""


def check_queue(queue: type[Specification]) -> None:
    """Task 2.6: a queue's specification, on every sequence of up to five operations."""
    if not isinstance(queue, type):
        raise CheckFailed(f"{A_STATE}. Hand over your class, without parentheses, not {queue!r}.")
    if not issubclass(queue, Specification):
        told = (
            f"Your class is no specification: begin it with class {queue.__name__}(Specification):"
        )
        raise CheckFailed(f"{A_STATE}. {told}")
    specification = queue()
    tried = 0
    waiting: list[tuple[History, Any, Any]] = [(History(), specification.initial, ())]
    for _ in range(LONGEST):
        following = []
        for before, state, true_state in waiting:
            for kind, value in STEPS:
                history = _longer(before, kind, value)
                operation = history[-1]
                true = Queue().step(true_state, operation)
                after = ask(specification.step, state, operation, evidence=history)
                tried += 1
                _compare(history, state, after, true_state, true)
                if true is not REFUSED:
                    following.append((history, after, true))
        waiting = following
    print(f"✓ Task 2.6: your queue agrees with the package's at all {tried} steps.")


def _longer(history: History, kind: str, value: Any) -> History:
    """`history` and one operation more, of the same process."""
    start = history[-1].end + 2 if history and history[-1].end is not None else 5
    args, result = ((value,), None) if kind == "enqueue" else ((), value)
    operation = Operation("P1", kind, "q", args, result, start)
    end = start + len(f"[{operation}")
    return History([*history, replace(operation, end=end)])


def _compare(history: History, state: Any, after: Any, true_state: Any, true: Any) -> None:
    """Raise CheckFailed if one of two specifications refuses, and the other does not."""
    operation = history[-1]
    step = f"From the state {state!r}, step({operation}) returns {after!r}"
    if after is not REFUSED:
        try:
            hash(after)
        except TypeError:
            told = f"{step}, which can change: a state is a value such as a tuple."
            raise CheckFailed(f"{A_STATE}. {told}", history) from None
        odd = isinstance(after, bool) or after is None
        told = f"{step}: return the state afterwards, or REFUSED."
        require(not odd, A_STATE, told, history)
    if (after is REFUSED) is (true is REFUSED):
        return
    wanted = "is right" if after is REFUSED else "is impossible"
    before = " ".join(map(str, history[:-1]))
    since = f"after {before}" if before else "in the beginning"
    told = f"{step}. But {since} that {wanted}.\n{history}"
    raise CheckFailed(f"{_rule(operation, true_state, history)}. {told}", history)


def _rule(operation: Operation, true_state: tuple[Any, ...], history: History) -> str:
    """Which promise of a queue is at stake."""
    if operation.kind == "enqueue":
        return ALWAYS_OPEN
    value = operation.result
    if value is None:
        took = any(o.kind == "dequeue" and o.result is not None for o in history)
        return NOT_EMPTY if true_state else ONCE if took else EMPTY
    if value in true_state:
        return FIRST
    return ONCE if any(o.args == (value,) for o in history) else NOWHERE
