"""The checks of chapter 02."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...consistency.linearizable import linearizable
from ...history import Operation, parse
from ..checks import CheckFailed
from ..learner import ask, no_return
from ..random_histories import random_history
from .orders import (
    LATEST_WRITE,
    OVERLAP,
    Explain,
    as_verdict,
    check_explains,
    drawn,
    replays,
    require,
)

__all__ = ["as_verdict", "check_drawing", "check_is_legal", "check_linearize", "check_precedes"]

PAIRS = [
    ("An answer before a question", True, "P1: [W(x,1)]\nP2:          [R(x)0]"),
    ("Time has a direction", False, "P1:           [W(x,1)]\nP2: [R(x)0]"),
    (OVERLAP, False, "P1: [W(x,1)    ]\nP2:       [R(x)0]"),
    (OVERLAP, False, "P1: [W(x,1)            ]\nP2:     [R(x)0]"),
    ("Without an answer there is no end", False, "P1: [W(x,1)\nP2:           [R(x)0]"),
    ("Intervals are closed", False, "P1: [W(x,1)]\nP2:        [R(x)0]"),
]
"""For each rule a drawing, and whether its first operation (of P1) precedes the other (of P2)."""

ORDERS = [
    ("Every register starts at 0", True, "P1: [R(x)0]"),
    ("Every register starts at 0", False, "P1: [R(x)1]"),
    (LATEST_WRITE, True, "P1: [W(x,1)] [W(x,2)] [R(x)2]"),
    (LATEST_WRITE, False, "P1: [W(x,1)] [W(x,2)] [R(x)1]"),
    (LATEST_WRITE, False, "P1: [W(x,1)] [R(x)0]"),
    ("A later read is held to it too", False, "P1: [W(x,1)] [R(x)1] [R(x)2]"),
    ("Each key is a register of its own", True, "P1: [W(x,1)] [R(y)0] [R(x)1]"),
    ("Each key is a register of its own", False, "P1: [W(x,1)] [R(y)1]"),
]
"""For each rule operations in the order of the drawing, and whether they are legal so."""


def check_precedes(precedes: Callable[[Operation, Operation], bool]) -> None:
    """Task 2.1: the real-time order of two operations."""
    for rule, expected, drawing in PAIRS:
        pair = parse(drawing)
        a, b = sorted(pair, key=lambda operation: operation.process)
        told = ask(precedes, a, b, evidence=pair)
        if told is not expected:
            words = f"precedes({a}, {b}) returns {told!r}; it should be {expected}."
            words += no_return(told)
            raise CheckFailed(f"{rule}. {words}\n{pair}", pair)
    tried = 0
    for seed in range(100):
        history = random_history(seed)
        for a in history:
            for b in history:
                pair = history.only((a, b))
                expected = a.end is not None and a.end < b.start
                tried += 1
                if ask(precedes, a, b, evidence=pair) is not expected:
                    words = f"precedes({a}, {b}) should be {expected}, with {a} by {a.process}."
                    raise CheckFailed(f"Real-time order. {words}\n{pair}", pair)
    print(f"✓ Task 2.1: {len(PAIRS)} drawings and {tried} random pairs, all as they should be.")


def check_is_legal(is_legal: Callable[[Sequence[Operation]], bool]) -> None:
    """Task 2.2: operations one after the other, on registers."""
    cases = [(rule, expected, parse(drawing)) for rule, expected, drawing in ORDERS]
    for seed in range(200):
        history = random_history(seed, keys=("x", "y"))
        cases.append((LATEST_WRITE, replays(history), history))
    for rule, expected, history in cases:
        told = ask(is_legal, list(history), evidence=history)
        if told is not expected:
            order = " ".join(map(str, history))
            words = (
                f"For the order {order} your is_legal returns {told!r}; it should be {expected}."
            )
            words += no_return(told)
            raise CheckFailed(f"{rule}. {words}", history)
    print(f"✓ Task 2.2: {len(ORDERS)} small orders and {len(cases) - len(ORDERS)} random ones.")


def check_linearize(linearize: Explain) -> None:
    """Task 2.3: find an order that explains a history, or None, as the package's checker does."""
    tries = 400
    refused = check_explains(linearize, "linearizability", ("x",), tries)
    print(
        f"✓ Task 2.3: {tries} random histories judged as the package judges them; "
        f"{tries - refused} have an order, {refused} have none."
    )


def check_drawing(drawing: Callable[[], str]) -> None:
    """Task 2.4: two reads, each fine with the write, and not fine together."""
    history = drawn(drawing)
    writes = [operation for operation in history if operation.kind == "write"]
    reads = [operation for operation in history if operation.kind == "read"]
    shape = len(writes) == 1 and len(reads) == 2 and len(history.by_key()) == 1 == len(history) - 2
    told = "Draw exactly three operations on one register: a write and two reads."
    require(shape, "One write, two reads", told, history)
    for read in reads:
        pair = linearizable(history.only((writes[0], read)))
        told = f"{writes[0]} and {read} do not fit even without the other read."
        require(bool(pair), "Each read alone fits the write", told, pair)
    whole = linearizable(history)
    told = f"There is an order that explains all three: {whole.witness}."
    require(not whole, "Together they have no order", told, whole)
    print(f"✓ Task 2.4: each read is fine alone, and no order explains both.\n{history}")
