"""An order of operations that a learner's function proposes: what is wrong with it, if anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from ...consistency.linearizable import linearizable
from ...consistency.sequential import sequential
from ...consistency.verdict import Verdict, Witness
from ...history import History, Operation, parse
from ..checks import CheckFailed
from ..learner import ask, name, no_return, shown
from ..random_histories import at_the_left, random_history, smallest

LATEST_WRITE = "A read returns the latest write"
REAL_TIME = "Real time is kept"
OWN_ORDER = "Every process keeps its own order"
COMPLETE = "Every answered operation, once"
UNANSWERED = "Without an answer: perhaps it happened, perhaps not"
AN_ORDER = "An order or None"
OVERLAP = "To overlap is to be free"
CLOCK = "The global clock is let go"

Order = Sequence[Operation] | None
Explain = Callable[[History], Order]


class Wrong(NamedTuple):
    """A rule that is broken, and how."""

    rule: str
    text: str


def replays(order: Iterable[Operation]) -> bool:
    """Whether each read in `order` returns what its register holds then; all hold 0 at first."""
    registers: dict[object, Any] = {}
    for operation in order:
        if operation.kind == "write":
            registers[operation.key] = operation.args[0]
        elif operation.result != registers.get(operation.key, 0):
            return False
    return True


def keeps_real_time(order: Sequence[Operation]) -> bool:
    """Whether no operation stands behind one that was asked only after its answer."""
    latest = -1
    for operation in order:
        latest = max(latest, operation.start)
        if operation.end is not None and operation.end < latest:
            return False
    return True


def keeps_own_orders(order: Sequence[Operation]) -> bool:
    """Whether the operations of each process stand in the order in which it asked."""
    last: dict[str, int] = {}
    for operation in order:
        if operation.start < last.get(operation.process, -1):
            return False
        last[operation.process] = operation.start
    return True


def is_order(order: Any) -> bool:
    """Whether this is a sequence of operations at all."""
    return isinstance(order, list | tuple) and all(isinstance(o, Operation) for o in order)


def wrong_with(history: History, order: Any, model: str) -> Wrong | None:
    """What is wrong with `order` as the explanation of `history`. None says that there is none."""
    holds = bool(linearizable(history) if model == "linearizability" else sequential(history))
    if order is None:
        return missed(history, model) if holds else None
    if not is_order(order):
        return Wrong(AN_ORDER, f"it returns {order!r}, not a list of operations")
    told = " ".join(map(str, order)) or "the empty order"
    known = set(history)
    if len(set(order)) < len(order) or not known.issuperset(order):
        return Wrong(COMPLETE, f"{told} has an operation twice, or one that is not in the history")
    if left_out := [o for o in history if o.end is not None and o not in order]:
        return Wrong(COMPLETE, f"{told} leaves out {left_out[0]}")
    if model == "linearizability" and not keeps_real_time(order):
        return Wrong(REAL_TIME, f"{told} turns round two operations that did not overlap")
    if not keeps_own_orders(order):
        return Wrong(OWN_ORDER, f"{told} turns round two operations of one process")
    if not replays(order):
        return Wrong(LATEST_WRITE, f"{told} has a read that returns something else")
    return None


def missed(history: History, model: str) -> Wrong:
    """It says that there is no order, and there is: which freedom did it not use?"""
    if any(operation.end is None for operation in history):
        rule = UNANSWERED
    else:
        rule = OVERLAP if model == "linearizability" or linearizable(history) else CLOCK
    found = linearizable(history) if model == "linearizability" else sequential(history)
    assert found.witness
    order = " ".join(map(str, found.witness.order)) or "the empty order"
    return Wrong(rule, f"it returns None, yet {order} explains all that was seen")


def check_explains(explain: Explain, model: str, keys: Sequence[str], tries: int = 400) -> int:
    """Try `explain` on many small random histories. Returns how many of them have no order.

    Raises CheckFailed with the smallest history on which it is wrong.
    """
    refused = 0
    for seed in range(tries):
        history = random_history(seed, keys=keys)
        order = ask(explain, history, evidence=history)
        if wrong := wrong_with(history, order, model):
            raise smallest_failure(explain, model, history, wrong)
        refused += order is None
    return refused


def smallest_failure(explain: Explain, model: str, history: History, wrong: Wrong) -> CheckFailed:
    """The rejection of `explain`, with the smallest part of `history` that breaks the same rule."""

    def found(part: History) -> Wrong | None:
        return wrong_with(part, ask(explain, part, evidence=part), model)

    def same(part: History) -> bool:
        other = found(part)
        return other is not None and other.rule == wrong.rule

    small = at_the_left(smallest(history, same))
    rule, text = found(small) or wrong
    return CheckFailed(
        f"{rule}. For this history {name(explain)} is wrong: {text}.\n{small}", small
    )


def drawn(drawing: Callable[[], str]) -> History:
    """The history that a learner drew. Raises CheckFailed, or HistoryError with line and column."""
    text = ask(drawing)
    if not isinstance(text, str):
        told = f"{name(drawing)} returns {shown(text)}: return the drawing as a text."
        raise CheckFailed(f"{told}{no_return(text)}")
    return parse(text)


def require(fine: bool, rule: str, told: str, evidence: object) -> None:
    """Raise CheckFailed with `rule` and what is wrong, unless all is `fine`."""
    if not fine:
        raise CheckFailed(f"{rule}. {told}", evidence)


def as_verdict(history: History, order: Order, model: str = "linearizability") -> Verdict:
    """A learner's own answer in the form that `view` draws: their order, or that there is none."""
    if order is None:
        text = "Your function finds no order that explains this history."
        return Verdict(model, False, history, None, history, text)
    if not is_order(order):
        raise CheckFailed(f"{AN_ORDER}. Your function returns {order!r}.", history)
    text = f"Your function's order: {' '.join(map(str, order))}."
    witness = Witness(tuple(order), timed=model == "linearizability")
    return Verdict(model, True, history, witness, None, text)
