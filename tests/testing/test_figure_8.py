"""Figure 8, both ways and with the cure: the same faults, and what each rule makes of them."""

from __future__ import annotations

import pytest

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.protocols.raft import BasicRaft, Raft
from consensus_lab.testing.failure_points import outcome
from consensus_lab.testing.figure_8 import CountsOldTerms, WithoutNoOp, figure_8

SEEDS = range(4)
X_IS_2 = 1
"""The number of the operation that writes x = 2."""

each_seed = pytest.mark.parametrize("seed", SEEDS)


def terms(trace, time):
    states = trace.state_at(time)
    return [[entry.term for entry in state["disk.log"]] for state in states.values()]


@each_seed
def test_the_logs_are_those_of_the_figure(seed):
    trace = figure_8(WithoutNoOp, seed=seed).run()
    assert terms(trace, 185) == [[1, 2], [1, 2], [1], [1], [1]]  # (a)
    assert terms(trace, 240) == [[1, 2], [1, 2], [1], [1], [1, 3]]  # (b)
    assert terms(trace, 349) == [[1, 2], [1, 2], [1, 2], [1], [1, 3]]  # (c)
    assert terms(trace, 440) == [[1, 2], [1, 3], [1, 3], [1, 3], [1, 3]]  # (d), S1 is down


@each_seed
def test_with_the_rule_the_entry_is_overwritten_and_nobody_is_harmed(seed):
    trace = figure_8(WithoutNoOp, seed=seed).run()
    assert trace.violations == []
    assert trace.operations[X_IS_2].outcome == "unknown"
    assert linearizable(trace.history()).holds


@each_seed
def test_without_the_rule_it_was_committed_and_answered(seed):
    trace = figure_8(CountsOldTerms, seed=seed).run()
    properties = [violation.property for violation in trace.violations]
    assert properties == ["Leader Completeness", "State Machine Safety"]
    assert trace.operations[X_IS_2].outcome == "ok"
    assert linearizable(trace.history()).holds is False


@each_seed
@pytest.mark.parametrize("protocol", [WithoutNoOp, CountsOldTerms])
def test_an_entry_of_its_own_term_makes_it_safe(protocol, seed):
    trace = figure_8(protocol, own_entry=True, seed=seed).run()
    assert trace.violations == []
    assert outcome(trace, X_IS_2).command == "kept"


@each_seed
@pytest.mark.parametrize("protocol", [BasicRaft, Raft])
def test_a_no_op_is_such_an_entry(protocol, seed):
    trace = figure_8(protocol, seed=seed).run()
    assert trace.violations == []
    assert outcome(trace, X_IS_2).command == "kept"


def test_it_is_told_step_by_step():
    trace = figure_8(WithoutNoOp).run()
    told = [event.detail["words"][:3] for event in trace.events if event.kind == "remark"]
    assert told == ["(a)", "(b)", "(c)", "(d)", "(d)"]
