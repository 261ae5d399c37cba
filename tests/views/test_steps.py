"""Runs told step by step: the five steps, the walk back, and the index arrays at each."""

from __future__ import annotations

import pytest

from consensus_lab import Raft, Scenario, crash, request, view
from consensus_lab.errors import ConsensusLabError
from consensus_lab.protocols.raft import BasicRaft
from consensus_lab.testing.repair import wrong_tail
from consensus_lab.views.steps import five_steps, indexes, steps_of, walk_back

WRITTEN = Scenario(BasicRaft, servers=3, seed=2, duration=500).at(300, request("write", "x", 7))
FIVE = five_steps(WRITTEN)


def next_indexes(trace, follower="S1"):
    return [indexes(trace, step.time)[follower][2] for step in steps_of(trace)]


def test_a_command_is_replicated_in_five_steps():
    assert len(steps_of(FIVE)) == 5


def test_the_steps_change_nothing_else():
    def seen(trace):
        return [(e.time, e.who, e.changes) for e in trace.events if e.kind != "remark"]

    assert seen(FIVE) == seen(WRITTEN.run())


def test_at_the_fourth_step_only_the_leader_has_committed():
    fourth = steps_of(FIVE)[3]
    assert [row[0] for row in indexes(FIVE, fourth.time).values()] == ["2", "1", "1"]


def test_at_the_fourth_step_a_majority_matches():
    fourth = steps_of(FIVE)[3]
    assert sorted(row[3] for row in indexes(FIVE, fourth.time).values()) == ["1", "2", "2"]


def test_at_the_last_step_all_have_committed_and_applied():
    last = steps_of(FIVE)[-1]
    assert [row[:2] for row in indexes(FIVE, last.time).values()] == [("2", "2")] * 3


def test_a_command_that_is_never_committed_is_told_in_a_sentence():
    dies = WRITTEN.at(305, crash("leader"))
    with pytest.raises(ConsensusLabError, match="before the command has gone through"):
        five_steps(dies)


def test_a_server_that_is_down_has_no_indexes_of_its_own():
    dies = WRITTEN.at(450, crash("leader")).run()
    assert indexes(dies, 480)["S1"] == ("–", "–", "–", "–")


@pytest.mark.parametrize("seed", range(3))
def test_without_a_hint_next_index_walks_back_one_by_one(seed):
    trace = walk_back(wrong_tail(BasicRaft, seed=seed), "S1", since=240)
    assert next_indexes(trace) == ["6", "5", "4", "3", "2", "7"]


@pytest.mark.parametrize("seed", range(3))
def test_with_the_hint_next_index_jumps(seed):
    trace = walk_back(wrong_tail(Raft, seed=seed), "S1", since=240)
    assert next_indexes(trace) == ["6", "2", "7"]


def test_the_still_has_a_panel_for_each_step():
    svg = view(FIVE, indexes=True).still()
    assert all(f">{number}</text>" in svg for number in range(1, 6))
    assert svg.count(">commit</text>") == 5


def test_the_still_has_the_same_bytes_each_time():
    assert view(FIVE, indexes=True).still() == view(five_steps(WRITTEN), indexes=True).still()


def test_the_text_says_every_step_with_the_indexes():
    told = repr(view(FIVE, indexes=True))
    assert "4 · 346.7 ms" in told
    assert "S1: commitIndex 2, lastApplied 2, nextIndex –, matchIndex 2" in told


def test_a_run_without_remarks_is_told_as_ever():
    plain = WRITTEN.run()
    assert repr(view(plain, indexes=True)) == repr(view(plain))
    assert view(plain, indexes=True).still() == view(plain).still()


def test_it_opens_at_the_first_step():
    assert view(FIVE, indexes=True).options["at"] == steps_of(FIVE)[0].time
