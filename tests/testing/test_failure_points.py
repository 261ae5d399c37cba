"""Every point of failure, over many seeds: what becomes of the command is what the chapter says."""

from __future__ import annotations

from functools import cache

import pytest

from consensus_lab.protocols.raft import BasicRaft
from consensus_lab.simulation import Trace
from consensus_lab.testing.failure_points import (
    ASKED,
    FOLLOWER,
    LEADER,
    FailurePoint,
    FailureTable,
    Outcome,
    failure_table,
    outcome,
)

SEEDS = range(12)
POINTS = (*LEADER, *FOLLOWER)
each_point = pytest.mark.parametrize("point", POINTS, ids=lambda point: point.label)


class AnswersEarly(BasicRaft):
    def append(self, command, out):
        if command is not None:
            out.reply(command, None)
        super().append(command, out)


@cache
def played(point: FailurePoint, seed: int) -> Trace:
    return point.scenario(seed).run()


@each_point
def test_the_command_meets_its_fate_with_every_seed(point: FailurePoint) -> None:
    fates = {outcome(played(point, seed)).command for seed in SEEDS}
    assert fates == ({"kept", "lost"} if point.fate == "either" else {point.fate})


@each_point
def test_the_server_crashes_once_after_the_client_has_asked_and_comes_back(
    point: FailurePoint,
) -> None:
    for seed in SEEDS:
        events = [e for e in played(point, seed).events if e.time >= 1000 * ASKED]
        happened = [(e.kind, e.who) for e in events if e.kind in ("crash", "restart")]
        assert happened == [("crash", point.server), ("restart", point.server)]


@each_point
def test_nobody_is_lied_to_and_no_property_is_broken(point: FailurePoint) -> None:
    for seed in SEEDS:
        trace = played(point, seed)
        assert not outcome(trace).is_a_lie
        assert trace.violations == []


@each_point
def test_in_the_end_all_logs_are_the_same(point: FailurePoint) -> None:
    trace = played(point, 3)
    logs = [s["log"] for s in trace.state_at(2000).values() if s["status"] == "up"]
    assert len(set(logs)) == 1


def test_only_a_crash_after_the_answer_leaves_a_client_that_knew_before() -> None:
    told = [outcome(played(point, 1)).told_by for point in LEADER]
    assert [name == "S1" for name in told] == [False] * 7 + [True]


def test_there_are_eight_moments_for_the_leader_and_four_for_a_follower() -> None:
    assert (len(LEADER), len(FOLLOWER)) == (8, 4)


def test_soon_after_the_crash_the_command_may_be_open() -> None:
    assert outcome(LEADER[2].scenario(0).run(ASKED + 30)) == Outcome("open", None, None)


def test_what_a_crashed_server_had_in_memory_only_is_lost() -> None:
    assert outcome(LEADER[1].scenario(0).run(ASKED + 30)).command == "lost"


def test_a_point_opens_at_its_crash() -> None:
    shown = LEADER[3].play(seed=2)
    crash = next(e for e in shown.branches[0].events if e.kind == "crash")
    assert shown.options["at"] == crash.time / 1000


# ---- the table ----


@pytest.fixture(scope="module")
def table() -> FailureTable:
    return failure_table(LEADER, guesses="lllekkkx", seeds=8)


def test_the_table_counts_every_run(table: FailureTable) -> None:
    assert [sum(table.fates(row).values()) for row in range(8)] == [8] * 8


def test_a_guess_is_marked_right_or_wrong(table: FailureTable) -> None:
    assert [row[-1] for row in table.rows] == [*["lost ✓"] * 3, "either ✓", *["kept ✓"] * 3, "?"]
    assert failure_table(LEADER[:1], guesses="k", seeds=1).rows[0][-1] == "kept ✗"


def test_without_guesses_there_is_no_column_for_them() -> None:
    assert "you said" not in repr(failure_table(LEADER[:1], seeds=1))


def test_the_table_says_the_same_as_text_and_as_html(table: FailureTable) -> None:
    html = table._repr_html_()
    for point, row in zip(LEADER, table.rows, strict=True):
        assert point.words in repr(table)
        assert point.words.replace("'", "&#x27;") in html
        assert row[3] in html


def test_a_leader_that_answers_early_is_found_out() -> None:
    table = failure_table(LEADER, AnswersEarly, seeds=8)
    lies = [sum(one.is_a_lie for one in runs) for runs in table.outcomes]
    assert lies[7] == 8
    assert 0 < lies[3] < 9
    assert "a lie" in repr(table)
    assert "✗" in table._repr_html_()
