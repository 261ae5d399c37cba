"""The checks of chapter 03."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...consistency.linearizable import linearizable
from ...consistency.sequential import sequential
from ...history import Operation, parse
from ..checks import CheckFailed
from ..learner import ask, no_return
from ..random_histories import random_history
from .orders import (
    CLOCK,
    OWN_ORDER,
    Explain,
    as_verdict,
    check_explains,
    drawn,
    keeps_own_orders,
    require,
)

__all__ = [
    "as_verdict",
    "check_drawing",
    "check_keeps_program_order",
    "check_line_up",
    "check_two_registers",
]

ONE = "P1: [W(x,1)] [R(x)1]"
TWO = "P1: [W(x,1)]          [R(x)1]\nP2:          [W(x,2)]"
ORDERS = [
    (OWN_ORDER, (0, 1), True, ONE),
    (OWN_ORDER, (1, 0), False, ONE),
    (CLOCK, (1, 0, 2), True, TWO),
    (CLOCK, (0, 2, 1), True, TWO),
    ("Not only neighbours count", (2, 1, 0), False, TWO),
    ("The empty order breaks nothing", (), True, ONE),
]
"""For each rule a drawing, an order of its operations, and whether it keeps program order."""


def check_keeps_program_order(keeps: Callable[[Sequence[Operation]], bool]) -> None:
    """Task 3.1: does an order leave each process its own order?"""
    cases = []
    for rule, places, expected, drawing in ORDERS:
        history = parse(drawing)
        cases.append((rule, [history[place] for place in places], expected, history))
    for seed in range(200):
        history = random_history(seed, processes=2, keys=("x", "y"))
        order = sorted(history, key=lambda operation: (operation.key, operation.end or 0))
        cases.append((OWN_ORDER, order, keeps_own_orders(order), history))
    for rule, order, expected, history in cases:
        told = ask(keeps, order, evidence=history)
        if told is not expected:
            words = " ".join(f"{operation.process}:{operation}" for operation in order)
            said = f"For the order {words or '()'} it returns {told!r}; it should be {expected}."
            raise CheckFailed(f"{rule}. {said}{no_return(told)}\n{history}", history)
    print(f"✓ Task 3.1: {len(ORDERS)} drawn orders and {len(cases) - len(ORDERS)} random ones.")


def check_line_up(line_up: Explain) -> None:
    """Task 3.2: find an order that every process is content with, or None."""
    tries = 400
    refused = check_explains(line_up, "sequential consistency", ("x", "y"), tries)
    print(
        f"✓ Task 3.2: {tries} random histories judged as the package judges them; "
        f"{tries - refused} have an order, {refused} have none."
    )


def check_drawing(drawing: Callable[[], str]) -> None:
    """Task 3.3: sequentially consistent, not linearizable, on one register."""
    history = drawn(drawing)
    told = f"Draw at most three operations on one register; there are {len(history)}."
    small = 0 < len(history) <= 3 and len(history.by_key()) == 1
    require(small, "Three operations, one register", told, history)
    order = sequential(history)
    told = "No order explains it, not even one that forgets the clock."
    require(bool(order), "Sequentially consistent", told, order)
    clock = linearizable(history)
    told = f"It is linearizable as well: {clock.witness}."
    require(not clock, "Not linearizable", told, clock)
    print(f"✓ Task 3.3: sequentially consistent, and not linearizable.\n{history}")


def check_two_registers(drawing: Callable[[], str]) -> None:
    """Task 3.4: two registers, each fine alone, not fine together."""
    history = drawn(drawing)
    told = f"Draw at most six operations on two registers; there are {len(history)}."
    require(len(history) <= 6 and len(history.by_key()) == 2, "Two registers", told, history)
    zeros = [
        operation for operation in history if operation.kind == "read" and not operation.result
    ]
    told = f"{zeros[0]} returns the initial value." if zeros else ""
    require(not zeros, "Every read returns a value that was written", told, history)
    for key, part in history.by_key().items():
        verdict = sequential(part)
        told = f"{key} is not sequentially consistent by itself."
        require(bool(verdict), "Each register is fine alone", told, verdict)
    verdict = sequential(history)
    told = f"There is an order for both: {verdict.witness}."
    require(not verdict, "Together they are not", told, verdict)
    print(f"✓ Task 3.4: each register alone is fine, and both together are not.\n{history}")
