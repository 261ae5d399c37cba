"""Judges what a checker hands over: the witness of a yes, the counterexample of a no."""

from __future__ import annotations

from itertools import pairwise

from consensus_lab.consistency.causal import CausalWitness
from consensus_lab.consistency.reasons.minimize import Dependence
from consensus_lab.consistency.specification import KeyValue, Specification
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.history import History

from .brute_causal import explains as reads_are_explained
from .brute_force import Precedes, explains, in_program, is_possible, keeps


def check_witness(
    verdict: Verdict, precedes: Precedes, specification: Specification | None = None
) -> None:
    """The order has every answered operation once, none that failed, and explains what was told."""
    assert verdict.witness is not None
    assert verdict.counterexample is None
    order = verdict.witness.order
    assert len(set(order)) == len(order)
    assert {o for o in verdict.history if o.outcome == "ok"} <= set(order)
    assert set(order) <= {o for o in verdict.history if o.outcome != "failed"}
    assert keeps(order, precedes)
    assert explains(order, specification)


def check_points(verdict: Verdict) -> None:
    """Each point is inside its interval, and none is before the one in front of it."""
    assert verdict.witness is not None
    points = verdict.witness.points
    assert points is not None
    assert all(a <= b for a, b in pairwise(points))
    for point, operation in zip(points, verdict.witness.order, strict=True):
        assert operation.start <= point
        assert operation.end is None or point <= operation.end


def check_counterexample(
    verdict: Verdict, precedes: Precedes, timed: bool, specification: Specification | None = None
) -> None:
    """It is a part of the history, impossible, and possible with any one operation taken out."""
    assert verdict.witness is None
    found = verdict.counterexample
    assert found is not None
    assert set(found) <= set(verdict.history)
    assert not is_possible(found, precedes, specification)
    dependence = Dependence(specification or KeyValue(), timed)
    for operation in found:
        smaller = History(dependence.without(list(found), [operation]))
        assert is_possible(smaller, precedes, specification)
    assert verdict.explanation


def check_causal_witness(verdict: Verdict, whose: str) -> None:
    """Each past is closed, keeps causality, and explains what the definition says it must.

    whose  whose results an order explains: "its own", for causal convergence "its own" from one
           order for all ("arbitration"), or all of its "process"
    """
    witness = verdict.witness
    assert isinstance(witness, CausalWitness)
    order = list(witness.order)
    assert {o for o in verdict.history if o.outcome == "ok"} <= set(order)
    assert set(order) <= {o for o in verdict.history if o.outcome != "failed"}
    assert keeps(order, in_program)
    pasts = {o: witness.past_of(o) for o in order}
    for operation, past in pasts.items():
        assert past[-1] == operation
        assert keeps(past, in_program)
        assert {o for o in order if in_program(o, operation)} <= set(past)
        for number, other in enumerate(past):
            assert set(pasts[other]) <= set(past[: number + 1])
        if whose == "arbitration":
            assert list(past) == [o for o in order if o in past]
        told = [o for o in past if o.process == operation.process]
        assert reads_are_explained(past, told if whose == "process" else [operation])


def check_cycle(verdict: Verdict) -> None:
    """Each edge of the circle begins where the last one ended, inside the counterexample."""
    assert verdict.counterexample is not None
    for edge, following in pairwise([*verdict.cycle, *verdict.cycle[:1]]):
        assert edge.target == following.source
        assert edge.source in verdict.counterexample
        assert edge.reason
