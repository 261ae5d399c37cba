"""The store with one leader: what each of its four kinds promises, and what it does not."""

from __future__ import annotations

import pytest

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.sequential import sequential
from consensus_lab.consistency.sessions import (
    monotonic_reads,
    monotonic_writes,
    read_your_writes,
    writes_follow_reads,
)
from consensus_lab.protocols.stores import SingleLeader
from consensus_lab.simulation import DiskModel, Network, Scenario
from consensus_lab.simulation.faults import crash, cut, heal, partition, request, restart

from .storms import storm, storms


def calm(**options) -> Scenario:
    """Three servers, messages of exactly 5 ms, disks of exactly 1 ms."""
    return Scenario(
        SingleLeader, servers=3, network=Network((5, 5)), disk=DiskModel((1, 1)), options=options
    )


def results(trace) -> list:
    """What came of each request: its result, or how it ended without one."""
    return [o.result if o.outcome == "ok" else o.outcome for o in trace.operations]


def milliseconds(trace) -> list[float]:
    """How long each request took."""
    return [(o.end - o.start) / 1000 for o in trace.operations]


# -- what it promises ------------------------------------------------------------------------------


@pytest.mark.parametrize("synchronous", [True, False])
def test_with_reads_at_the_leader_it_is_linearizable(synchronous):
    for trace in storms(SingleLeader, 100, synchronous=synchronous):
        assert linearizable(trace.history()).holds, trace.scenario.seed


def test_synchronous_with_local_reads_it_is_sequentially_consistent():
    for trace in storms(SingleLeader, 150, local_reads=True):
        assert sequential(trace.history()).holds, trace.scenario.seed


@pytest.mark.parametrize("guarantee", [monotonic_reads, monotonic_writes, writes_follow_reads])
def test_asynchronous_with_local_reads_nothing_runs_backwards(guarantee):
    for trace in storms(SingleLeader, 50, local_reads=True, synchronous=False):
        assert guarantee(trace.history()).holds, trace.scenario.seed


# -- what it does not promise ------------------------------------------------------------------


def test_with_local_reads_it_is_not_linearizable():
    """A follower that already has a write, and another that has it later."""
    scenario = calm(local_reads=True).at(100, cut("S1", "S3")).at(250, heal())
    scenario = scenario.at(110, request("write", "x", 1, server="S1"))
    scenario = scenario.at(150, request("read", "x", client="B", server="S2"))
    history = scenario.at(180, request("read", "x", client="C", server="S3")).run(600).history()
    assert [o.result for o in history if o.kind == "read"] == [1, 0]
    assert linearizable(history).holds is False
    assert sequential(history).holds


def test_asynchronous_with_local_reads_a_client_may_miss_its_own_write():
    scenario = calm(local_reads=True, synchronous=False).at(100, cut("S1", "S2", one_way=True))
    asks = [request("write", "x", 1, server="S2"), request("read", "x", server="S2")]
    trace = scenario.at(110, *asks).run(300)
    assert results(trace) == [None, 0]
    assert read_your_writes(trace.history()).holds is False


# -- what it costs -----------------------------------------------------------------------------


def test_an_asynchronous_write_waits_for_the_leaders_disk_only():
    asks = [request("write", "x", 1, server="S1"), request("read", "x", server="S1")]
    assert milliseconds(calm(synchronous=False).at(100, *asks).run(300)) == [11, 10]


def test_a_synchronous_write_waits_for_the_followers_and_their_disks():
    ask = request("write", "x", 1, server="S1")
    # to the leader, its disk, to the followers, their disks, and back
    assert milliseconds(calm().at(100, ask).run(300)) == [5 + 1 + 5 + 1 + 5 + 5]


def test_one_follower_out_of_reach_stops_all_synchronous_writes():
    ask = request("write", "x", 1, server="S1")
    cut_off = partition(["S1", "S2"], ["S3"])
    assert results(calm().at(50, cut_off).at(100, ask).run(900)) == ["unknown"]
    assert results(calm(synchronous=False).at(50, cut_off).at(100, ask).run(900)) == [None]


def test_a_follower_without_contact_to_the_leader_refuses():
    scenario = calm().at(50, partition(["S1", "S2"], ["S3"]))
    trace = scenario.at(500, request("write", "x", 1, server="S3")).run(900)
    assert results(trace) == ["failed"]
    assert milliseconds(trace) == [10]


def test_what_was_passed_on_is_never_refused():
    """The doubled request comes when contact is lost, and the first one was carried out."""
    for seed in range(20):
        scenario = storm(SingleLeader, seed)
        trace = scenario.run()
        failed = {o.operation[-1] for o in trace.operations if o.outcome == "failed"}
        log = trace.state_at(scenario.duration)["S1"]["log"]
        assert failed.isdisjoint(entry.operation[-1] for entry in log)


# -- its log -----------------------------------------------------------------------------------


def test_the_log_survives_a_crash_of_the_leader():
    asks = [request("write", "x", 1), request("read", "x")]
    scenario = calm().at(100, asks[0]).at(200, crash("S1")).at(250, restart("S1"))
    assert results(scenario.at(400, asks[1]).run(900)) == [None, 1]


def test_a_follower_that_was_down_catches_up():
    scenario = calm(synchronous=False).at(50, crash("S3")).at(100, request("write", "x", 1))
    trace = scenario.at(300, restart("S3")).run(600)
    assert [len(state["log"]) for state in trace.state_at(600).values()] == [1, 1, 1]


def test_a_write_that_is_asked_twice_is_carried_out_once():
    scenario = Scenario(SingleLeader, servers=3, network=Network((5, 5), duplicate=1))
    asks = [request("cas", "x", 0, 1), request("read", "x")]
    assert results(scenario.at(100, *asks).run(400)) == [True, 1]
