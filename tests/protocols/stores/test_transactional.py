"""The transactional store: each level keeps its promise, and breaks the next stronger one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from consensus_lab.consistency.serializable import (
    read_committed,
    serializable,
    snapshot_isolation,
    strict_serializable,
)
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.errors import ScenarioError
from consensus_lab.protocols.stores.transactional import Transactional
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation.faults import crash, request, restart

from .storms import storm

WORK = Workload(think=(1, 12), keys=("x", "y"), reads=0.55, start=5, retry=120, patience=250)
PROMISES: dict[str, Callable[..., Verdict]] = {
    "read committed": read_committed,
    "snapshot isolation": snapshot_isolation,
    "serializable": strict_serializable,
}


def busy(seed: int, level: str) -> Scenario:
    """300 ms of four clients on a bad network; every other scenario also has crashes."""
    scenario = storm(Transactional, seed, servers=1 + seed % 2, level=level, pace=0.7)
    faults = scenario.faults if seed % 2 else ()
    kind = "transactions" if seed % 3 else "register transactions"
    return replace(
        scenario, clients=4, duration=300, faults=faults, workload=replace(WORK, object=kind)
    )


@pytest.mark.parametrize("level", PROMISES)
def test_a_level_keeps_its_promise(level: str) -> None:
    for seed in range(330):
        history = busy(seed, level).run().history()
        assert PROMISES[level](history), seed


@pytest.mark.parametrize(
    ("level", "stronger"),
    [("read committed", snapshot_isolation), ("snapshot isolation", serializable)],
)
def test_some_run_breaks_the_next_stronger_level(
    level: str, stronger: Callable[..., Verdict]
) -> None:
    verdicts = (stronger(busy(seed, level).run().history()) for seed in range(330))
    assert any(verdict.holds is False for verdict in verdicts)


# -- step by step ----------------------------------------------------------------------------------


def calm(level: str) -> Scenario:
    """Messages of exactly 5 ms, a disk of exactly 1 ms, a step every 2 ms."""
    return Scenario(
        Transactional,
        servers=1,
        duration=200,
        network=Network((5, 5)),
        disk=DiskModel((1, 1)),
        options={"level": level, "pace": 2},
    )


def transaction(client: str, *steps: tuple[object, ...]) -> object:
    return request("txn", None, *steps, client=client)


def results(scenario: Scenario) -> list[object]:
    return [operation.result for operation in scenario.run().operations]


def test_a_transaction_sees_its_own_writes() -> None:
    steps = [("append", "x", 1), ("read", "x", None), ("write", "y", 5), ("read", "y", None)]
    told = (("append", "x", 1), ("read", "x", (1,)), ("write", "y", 5), ("read", "y", 5))
    assert results(calm("serializable").at(10, transaction("A", *steps))) == [told]


def test_an_operation_alone_is_a_transaction_of_one_step() -> None:
    scenario = (
        calm("serializable")
        .at(10, request("write", "x", 4, client="A"))
        .at(60, request("read", "x", client="B"))
        .at(60, request("read", "z", client="C"))
    )
    assert sorted(map(str, results(scenario))) == ["4", "None", "None"]


def test_nobody_reads_what_was_not_committed() -> None:
    """B reads while A has written and not yet committed, and is not made to wait."""
    long = [("write", "x", 1), *[("read", "z", None)] * 30]
    scenario = calm("read committed").at(10, transaction("A", *long))
    assert results(scenario.at(20, request("read", "x", client="B")))[1] is None


def test_with_two_phase_locking_a_reader_who_came_later_is_turned_away() -> None:
    long = [("write", "x", 1), *[("read", "z", None)] * 30]
    scenario = calm("serializable").at(10, transaction("A", *long))
    trace = scenario.at(20, request("read", "x", client="B")).run()
    assert [operation.outcome for operation in trace.operations] == ["ok", "failed"]


def test_of_two_that_change_a_key_since_their_snapshot_the_second_is_aborted() -> None:
    long = [*[("read", "z", None)] * 30, ("write", "x", 1)]
    scenario = calm("snapshot isolation").at(10, transaction("A", *long))
    trace = scenario.at(20, request("write", "x", 2, client="B")).run()
    assert [operation.outcome for operation in trace.operations] == ["failed", "ok"]


def test_what_is_answered_survives_a_crash() -> None:
    scenario = (
        calm("serializable")
        .at(10, request("write", "x", 4, client="A"))
        .at(60, crash("S1"))
        .at(70, restart("S1"))
        .at(80, request("read", "x", client="B"))
    )
    assert results(scenario) == [None, 4]


def test_a_level_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ScenarioError, match="it is one of read committed, snapshot isolation"):
        calm("chaos").run()
