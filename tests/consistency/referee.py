"""Judges what a checker hands over: the witness of a yes, the counterexample of a no."""

from __future__ import annotations

from itertools import pairwise

from consensus_lab.consistency.minimize import Dependence
from consensus_lab.consistency.specification import KeyValue
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.history import History

from .brute_force import Precedes, explains, is_possible, keeps


def check_witness(verdict: Verdict, precedes: Precedes) -> None:
    """The order has every answered operation once, none that failed, and explains what was told."""
    assert verdict.witness is not None
    assert verdict.counterexample is None
    order = verdict.witness.order
    assert len(set(order)) == len(order)
    assert {o for o in verdict.history if o.outcome == "ok"} <= set(order)
    assert set(order) <= {o for o in verdict.history if o.outcome != "failed"}
    assert keeps(order, precedes)
    assert explains(order)


def check_points(verdict: Verdict) -> None:
    """Each point is inside its interval, and none is before the one in front of it."""
    assert verdict.witness is not None
    points = verdict.witness.points
    assert points is not None
    assert all(a <= b for a, b in pairwise(points))
    for point, operation in zip(points, verdict.witness.order, strict=True):
        assert operation.start <= point
        assert operation.end is None or point <= operation.end


def check_counterexample(verdict: Verdict, precedes: Precedes, timed: bool) -> None:
    """It is a part of the history, impossible, and possible with any one operation taken out."""
    assert verdict.witness is None
    found = verdict.counterexample
    assert found is not None
    assert set(found) <= set(verdict.history)
    assert not is_possible(found, precedes)
    dependence = Dependence(KeyValue(), timed)
    for operation in found:
        assert is_possible(History(dependence.without(list(found), [operation])), precedes)
    assert verdict.explanation
