"""The checks of exercise 12.

Whole wrong answers are in tests/wrong_answers/chapter_12.py; here is what those do not see.
"""

from __future__ import annotations

from collections import Counter

import pytest

from consensus_lab.protocols.raft import BasicRaft, Raft
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.failure_points import outcome
from consensus_lab.testing.hunt import Finding
from consensus_lab.testing.tasks import failures


def test_the_reference_passes(capsys: pytest.CaptureFixture[str]) -> None:
    failures.check_fate(lambda trace: outcome(trace).command)
    failures.check_up_to_date(BasicRaft)
    failures.check_own_disk(Raft)
    assert capsys.readouterr().out.count("is right") == 3


def test_a_blank_fails_with_its_own_words() -> None:
    def stub(*arguments: object) -> None:
        raise NotImplementedError("Task 12.9: do it")

    for check, blank in (
        (failures.check_fate, stub),
        (failures.check_up_to_date, type("Blank", (BasicRaft,), {"is_up_to_date": stub})),
        (failures.check_own_disk, type("Blank", (Raft,), {"on_saved": stub})),
    ):
        with pytest.raises(NotImplementedError, match=r"^Task 12\.9: do it$"):
            check(blank)  # type: ignore[operator]


def test_all_three_fates_are_to_be_judged_and_none_can_be_told_from_the_answer() -> None:
    seen = Counter(
        (outcome(trace).command, trace.operations[0].outcome) for trace in failures.runs_to_judge()
    )
    assert {fate for fate, _ in seen} == {"kept", "open", "lost"}
    assert {("kept", "unknown"), ("open", "ok")} <= set(seen)


def test_a_judgement_that_is_wrong_comes_with_the_run_at_its_end() -> None:
    with pytest.raises(CheckFailed, match="But fate says 'kept'") as caught:
        failures.check_fate(lambda trace: "kept")
    evidence = caught.value.evidence
    assert isinstance(evidence, Finding)
    assert evidence.moment == evidence.trace.duration / 1000


def test_the_slow_leader_commits_only_when_its_own_disk_is_done() -> None:
    trace = failures.slow_leader(Raft).run()
    s2_has_both = next(
        event.time
        for event in trace.events
        if event.who == "S2" and len(event.changes.get("disk.log", ())) == 3
    )
    assert trace.state_at(s2_has_both / 1000 + 10)["S1"]["commit_index"] == 1
    assert trace.state_at(400)["S1"]["commit_index"] == 3


def test_the_leader_that_forgets_its_second_entry_had_not_committed_it() -> None:
    trace = failures.forgetful_leader(Raft).run()
    assert trace.violations == []
    assert len(trace.state_at(229)["S1"]["log"]) == 2
