"""Whole runs with snapshots: lagging followers, crashes, slow wires; and typical mistakes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from consensus_lab.protocols.raft import InstallSnapshot, Raft
from consensus_lab.protocols.raft.invariants import with_invariants
from consensus_lab.simulation import Network, Scenario, Trace, Workload
from consensus_lab.simulation.faults import crash, cut, heal, partition, request, restart, timeout

from .snapshot_bugs import OLD_SNAPSHOT, compacting, writes

# -- whole runs --------------------------------------------------------------------------


def lagging(**chosen: Any) -> Scenario:
    """S3 is cut off while the others take snapshots, and then it is back."""
    scenario = writes(compacting(3, **chosen), 200, 260, 320, 380, 440)
    return scenario.at(150, cut("S3", "S1"), cut("S3", "S2")).at(600, heal())


def test_a_follower_that_lags_too_far_behind_gets_the_snapshot_and_what_follows_it():
    trace = lagging().run()
    assert trace.violations == []
    first, _, last = trace.state_at(1500).values()
    assert last["machine"] == first["machine"]
    assert last["commit_index"] == 6
    assert any(type(f.message) is InstallSnapshot for f in trace.messages)


def test_a_follower_that_crashes_in_the_middle_of_a_snapshot_gets_it_in_the_end():
    scenario = lagging(snapshot_chunk=8).at(675, crash("S3")).at(800, restart("S3"))
    trace = scenario.run()
    assert trace.state_at(674)["S3"]["incoming"] == (6, 1, 24)
    assert trace.violations == []
    assert trace.state_at(2000)["S3"]["machine"].data == {"x": 5}


def test_each_server_takes_its_snapshots_by_itself():
    trace = writes(compacting(2), 200, 260, 320).at(250, crash("S1")).at(400, timeout("S2")).run()
    taken = [e.time for e in trace.events if any("takes a snapshot" in n for n in e.notes)]
    assert len(set(taken)) > 2
    assert trace.violations == []


def test_the_log_stays_bounded():
    scenario = Scenario(Raft, servers=3, clients=2, seed=4, options={"snapshot_every": 10})
    scenario = replace(scenario, workload=Workload(think=(10, 30)), duration=6000)
    trace = scenario.run()
    lengths = [len(e.changes["log"]) for e in trace.events if "log" in e.changes]
    assert trace.state_at(6000)["S1"]["snapshot"].last_index > 100
    assert max(lengths) < 20


@pytest.mark.parametrize("seed", range(12))
def test_nothing_is_lost_with_snapshots_in_rough_weather(seed):
    """Chunks are lost, doubled and overtaken; servers crash and are cut off."""
    network = Network(latency=(1, 30), loss=0.05, duplicate=0.05, reorder=0.05, bandwidth=20)
    options = {"snapshot_every": 4, "snapshot_chunk": 30, "pre_vote": seed % 2 == 0}
    protocol = with_invariants(Raft)
    scenario = Scenario(
        protocol, seed=seed, clients=3, network=network, options=options, duration=5000
    )
    scenario = scenario.at(600, crash("leader"), partition(["S1"], ["S2", "S3", "S4", "S5"]))
    scenario = scenario.at(1500, *(restart(name) for name in scenario.server_names), heal())
    scenario = scenario.at(2200, crash("S2"), crash("S3")).at(2900, restart("S2"), restart("S3"))
    trace = (
        scenario.at(3500, *(crash(name) for name in scenario.server_names))
        .at(3600, *(restart(name) for name in scenario.server_names))
        .run()
    )
    assert trace.violations == []
    assert any(type(f.message) is InstallSnapshot for f in trace.messages)
    assert sum(operation.outcome == "ok" for operation in trace.operations) > 5


# -- the channel of snapshots -------------------------------------------------------------


def returning(channel: str, chunk: int = 0) -> Trace:
    """S3 comes back after 2 s; at 25 bytes a ms its snapshot of 10,000 bytes takes 400 ms."""
    options = {"snapshot_every": 2, "snapshot_channel": channel, "snapshot_chunk": chunk}
    network = Network(bandwidth=25)
    scenario = Scenario(Raft, servers=3, seed=2, options=options, network=network, duration=4500)
    scenario = scenario.at(50, timeout("S1")).at(300, crash("S3")).at(2000, restart("S3"))
    for n in range(10):
        page = request("write", f"page {n}", "." * 1000, server="S1")
        scenario = scenario.at(400 + 100 * n, page)
    return scenario.run()


def reigns(trace: Trace) -> int:
    return sum(event.changes.get("role") == "leader" for event in trace.events)


def test_behind_a_large_snapshot_on_the_same_channel_heartbeats_come_too_late():
    trace = returning("same")
    assert reigns(trace) > 3
    assert trace.state_at(4500)["S3"]["snapshot"].last_index == 0


@pytest.mark.parametrize(("channel", "chunk"), [("bulk", 0), ("bulk", 1000), ("same", 1000)])
def test_on_a_channel_of_its_own_or_in_chunks_a_snapshot_costs_no_leader(channel, chunk):
    trace = returning(channel, chunk)
    assert reigns(trace) == 1
    assert trace.state_at(4500)["S3"]["last_applied"] == 11


# -- mistakes ----------------------------------------------------------------------------


def test_the_old_snapshot_does_arrive_late():
    sent = [f for f in OLD_SNAPSHOT.run().messages if type(f.message) is InstallSnapshot]
    assert max(f.due for f in sent) > 1_430_000
