"""The recordings of a real etcd: its linearizable reads are, its serializable ones are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.sequential import sequential
from consensus_lab.consistency.specification import KeyValue
from consensus_lab.history import History

from .brute_force import explains
from .referee import check_points

FOLDER = Path(__file__).parents[2] / "notebooks" / "data" / "etcd"
LINEARIZABLE = ("lin_calm", "lin_kill", "lin_kill_cas", "lin_partition", "lin_sigstop")
SERIALIZABLE = {"ser_leaderstop": "594 ms", "ser_partition": "9.1 s", "ser_sigstop": "713 ms"}


def load(name: str) -> History:
    return History.load(FOLDER / f"{name}.jsonl")


def test_every_recording_is_looked_at() -> None:
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == {*LINEARIZABLE, *SERIALIZABLE}


@pytest.mark.parametrize("name", LINEARIZABLE)
def test_linearizable_reads_are_linearizable(name: str) -> None:
    verdict = linearizable(load(name))
    assert verdict
    assert verdict.witness is not None
    assert explains(verdict.witness.order, KeyValue())
    check_points(verdict)


@pytest.mark.parametrize(("name", "age"), SERIALIZABLE.items())
def test_serializable_reads_are_stale(name: str, age: str) -> None:
    verdict = linearizable(load(name))
    assert verdict.holds is False
    assert f"had been answered {age} before that read began" in verdict.explanation
    assert len(verdict.counterexample or ()) == 3


@pytest.mark.parametrize("name", SERIALIZABLE)
def test_stale_as_they_are_they_are_sequentially_consistent(name: str) -> None:
    verdict = sequential(load(name))
    assert verdict
    assert verdict.witness is not None
    order = verdict.witness.order
    assert explains(order, KeyValue())
    for process in verdict.history.processes:
        starts = [o.start for o in order if o.process == process]
        assert starts == sorted(starts)


def test_unknown_outcomes_were_later_seen_applied() -> None:
    history = load("lin_partition")
    seen = {(o.key, o.result) for o in history if o.kind == "read"}
    unknown = [o for o in history if o.outcome == "unknown"]
    assert sum((o.key, o.args[0]) in seen for o in unknown) == 2
