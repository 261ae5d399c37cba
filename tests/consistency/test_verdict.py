"""Verdicts: what they say of themselves."""

from __future__ import annotations

from consensus_lab import parse
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.sequential import sequential
from consensus_lab.consistency.verdict import Witness


def test_a_verdict_reads_as_a_sentence() -> None:
    assert repr(linearizable(parse("P1: [R(x)7]"))).startswith(
        "Linearizability does not hold. P1's read of x returned 7"
    )
    assert repr(sequential(parse("P1: [R(x)0]"))).startswith("Sequential consistency holds. ")
    undecided = linearizable(parse("P: [W(x,1)]\nQ: [W(x,1)]\nR: [R(x)1]"), budget=0)
    assert repr(undecided).startswith("Linearizability is undecided. The budget of 0")


def test_points_lie_in_the_middle_of_where_they_may_be() -> None:
    witness = linearizable(parse("P1: [W(x,1)          ]\nP2:                 [R(x)1   ]")).witness
    assert witness is not None
    assert witness.points == (13, 25)


def test_a_witness_is_worked_out_when_it_is_looked_at() -> None:
    asked = []
    witness = Witness(lambda: asked.append(1) or (), timed=True)  # type: ignore[func-returns-value]
    assert not asked
    assert witness.order == witness.order == ()
    assert asked == [1]
