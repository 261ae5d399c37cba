"""What a checker says of what the clients of a run saw: the verdict on the strip of a cluster."""

from __future__ import annotations

from typing import Any

from ..consistency.lattice import MODELS, check, kinds_of
from ..errors import ConsensusLabError
from ..simulation.trace import Trace

BUDGET = 20_000
"""A view must not keep anybody waiting: a history that needs more is left undecided."""


def judge(trace: Trace) -> dict[str, Any] | None:
    """The verdict on a run as plain data; None if nobody asked anything, or no model fits.

    "holds", "model", "explanation"; and if it does not hold "guilty", the operations of the
    counterexample as indexes of `trace.operations`, the one whose answer broke the model first.
    """
    history = trace.history()
    if not history.operations:
        return None
    transactions = kinds_of(history) == {"txn"}
    name = "strict-serializable" if transactions else "linearizable"
    try:
        verdict = check(history, name, budget=None if transactions else BUDGET)
    except ConsensusLabError:
        return None
    told: dict[str, Any] = {
        "holds": verdict.holds,
        "model": MODELS[name].title,
        "explanation": verdict.explanation,
    }
    if not verdict.holds and verdict.counterexample is not None:
        number = {(o.process, o.start): n for n, o in enumerate(trace.operations)}
        guilty = [o for o in verdict.counterexample if (o.process, o.start) in number]
        guilty.sort(key=lambda o: (o.end is None, -(o.end or 0)))
        told["guilty"] = [number[o.process, o.start] for o in guilty]
    return told
