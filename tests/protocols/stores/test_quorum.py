"""The quorum store: what N, R and W promise, and what they do not."""

from __future__ import annotations

import pytest

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.staleness import staleness
from consensus_lab.errors import ScenarioError
from consensus_lab.protocols.stores import Quorum
from consensus_lab.protocols.stores.quorum import Put, Stored
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation.faults import crash, cut, heal, partition, request, restart
from consensus_lab.testing.hunt import hunt

from .storms import storms


def calm(servers=3, **options) -> Scenario:
    """Messages of exactly 5 ms, disks of exactly 1 ms."""
    return Scenario(
        Quorum,
        servers=servers,
        network=Network((5, 5)),
        disk=DiskModel((1, 1)),
        options=options,
        workload=Workload(retry=5000),
    )


def laggard(seed: int, **options) -> Scenario:
    """Six clients on three servers, and messages that overtake each other."""
    return Scenario(
        Quorum,
        servers=3,
        seed=seed,
        clients=6,
        duration=800,
        network=Network(latency=(1, 4), reorder=0.4, reorder_delay=150),
        options={"timeout": 400, **options},
        workload=Workload(
            think=(1, 20),
            keys=("x",),
            reads=0.7,
            start=10,
            retry=3000,
            patience=2500,
            attach="home",
        ),
    )


def results(trace) -> list:
    """What came of each request: its result, or how it ended without one."""
    return [o.result if o.outcome == "ok" else o.outcome for o in trace.operations]


def stale(trace) -> list:
    """The reads that were stale."""
    return [one.read for one in staleness(trace.history()) if one.versions]


def versions_put(trace) -> dict[int, int]:
    """The values that were written, by the numbers of their versions."""
    puts = [f.message for f in trace.messages if isinstance(f.message, Put)]
    return {put.stored.number: put.stored.value for put in puts}


# -- what it promises ------------------------------------------------------------------------------


@pytest.mark.parametrize(("r", "w"), [(2, 2), (1, 3), (3, 1)])
def test_with_overlapping_quorums_and_write_back_it_is_linearizable(r, w):
    for trace in storms(Quorum, 70, r=r, w=w, write_back=True):
        assert linearizable(trace.history()).holds, trace.scenario.seed


def test_that_also_holds_when_only_some_of_the_servers_are_replicas():
    for trace in storms(Quorum, 70, servers=5, write_back=True):
        assert linearizable(trace.history()).holds, trace.scenario.seed


def test_and_when_messages_overtake_each_other():
    for seed in range(60):
        assert linearizable(laggard(seed, write_back=True).run().history()).holds, seed


@pytest.mark.parametrize("read_repair", [True, False])
def test_with_overlapping_quorums_no_read_is_stale(read_repair):
    for trace in storms(Quorum, 70, read_repair=read_repair):
        assert not stale(trace), trace.scenario.seed
    for seed in range(60):
        assert not stale(laggard(seed, read_repair=read_repair).run()), seed


# -- what it does not promise ------------------------------------------------------------------


@pytest.mark.parametrize("read_repair", [True, False])
def test_overlapping_quorums_alone_are_not_linearizable(read_repair):
    found = hunt(Quorum, 60, lambda seed: laggard(seed, read_repair=read_repair))
    assert found
    assert found.property == "linearizability"
    assert not stale(found.trace)


@pytest.mark.parametrize(("r", "w"), [(1, 1), (1, 2), (2, 1)])
def test_quorums_that_need_not_overlap_return_stale_reads(r, w):
    assert any(stale(trace) for trace in storms(Quorum, 60, r=r, w=w))


def test_a_sloppy_quorum_returns_stale_reads_although_r_and_w_overlap():
    assert any(stale(trace) for trace in storms(Quorum, 120, servers=5, sloppy=True))


# -- in a partition ----------------------------------------------------------------------------


SPLIT = partition(["S1", "A"], ["S2", "S3", "B"])


def split(*operation, **options) -> list:
    """The same request on both sides of a cut: first on S1's, then on the side of S2 and S3."""
    asks = [request(*operation, client=c, server=s) for c, s in (("A", "S1"), ("B", "S2"))]
    return results(calm(**options).at(50, SPLIT).at(100, *asks).run(900))


def test_a_majority_is_needed_on_ones_own_side():
    assert split("read", "x") == ["failed", 0]
    assert split("write", "x", 1) == ["failed", None]


def test_with_r_and_w_of_one_both_sides_answer():
    assert split("read", "x", r=1, w=1) == [0, 0]
    assert split("write", "x", 1, r=1, w=1) == [None, None]


def test_a_write_that_some_replica_may_hold_is_not_refused():
    assert split("write", "x", 1, r=1, w=2) == ["unknown", None]


def test_after_the_partition_the_replicas_agree():
    asks = [request("write", "x", n, client="AB"[n], server=f"S{n + 1}") for n in range(2)]
    trace = calm(r=1, w=1).at(50, SPLIT).at(100, *asks).at(300, heal()).run(900)
    assert len({state["data"]["x"] for state in trace.state_at(900).values()}) == 1


def test_a_replica_that_was_down_is_handed_what_it_missed():
    scenario = calm().at(50, crash("S3")).at(100, request("write", "x", 1, server="S1"))
    trace = scenario.at(300, restart("S3")).run(900)
    assert trace.state_at(900)["S3"]["data"]["x"].value == 1
    assert trace.state_at(250)["S1"]["hints"]
    assert not trace.state_at(900)["S1"]["hints"]


def test_without_hand_off_and_reads_it_stays_behind():
    scenario = calm(hand_off=False).at(50, crash("S3"))
    trace = scenario.at(100, request("write", "x", 1, server="S1")).at(300, restart("S3")).run(900)
    assert "x" not in trace.state_at(900)["S3"]["data"]


def test_a_read_repairs_the_replica_that_stayed_behind():
    scenario = calm(hand_off=False).at(50, crash("S3"))
    scenario = scenario.at(100, request("write", "x", 1, server="S1")).at(300, restart("S3"))
    trace = scenario.at(400, request("read", "x", server="S2")).run(900)
    assert trace.state_at(900)["S3"]["data"]["x"].value == 1


def test_in_a_sloppy_quorum_others_stand_in_and_hand_off_later():
    # Of five servers S4, S5 and S1 are the replicas of x.
    isolated = partition(["S2", "S3", "A"], ["S4", "S5", "S1"])
    ask = request("write", "x", 1, server="S2")
    assert results(calm(5).at(50, isolated).at(100, ask).run(900)) == ["failed"]
    trace = calm(5, sloppy=True).at(50, isolated).at(100, ask).at(600, heal()).run(1200)
    assert results(trace) == [None]
    assert {len(trace.state_at(500)[name]["hints"]) for name in ("S2", "S3")} == {1, 2}
    assert [trace.state_at(1200)[name]["data"]["x"].value for name in ("S4", "S5", "S1")] == [1] * 3


# -- small things ------------------------------------------------------------------------------


def test_a_client_hears_within_two_round_trips():
    trace = calm().at(100, request("write", "x", 1, server="S1"), request("read", "x")).run(300)
    # to S1; to the replicas and back; there again, disk, and back; to the client
    assert [(o.end - o.start) / 1000 for o in trace.operations] == [5 + 10 + 12 + 5, 5 + 10 + 5]


def test_versions_are_compared_by_number_and_then_by_server():
    stored = [Stored("a", 2, "S1"), Stored("b", 2, "S2"), Stored("c", 1, "S3")]
    assert Quorum("S1", ("S1",)).newest(stored).value == "b"


def test_a_version_is_never_given_twice_even_after_a_crash():
    """The first write is lost with S1's memory, but for its number."""
    scenario = calm().at(50, cut("S1", "S2", one_way=False)).at(60, heal())
    scenario = scenario.at(100, request("write", "x", 1, server="S1")).at(118, crash("S1"))
    trace = scenario.at(200, restart("S1")).at(
        300, request("write", "x", 2, client="B", server="S1")
    )
    assert versions_put(trace.run(900)) == {1: 1, 2: 2}


def test_a_doubled_write_is_carried_out_once_even_if_a_crash_came_between():
    """S1 gets the request at 111 ms, and its double at 208."""
    network = Network((2, 100), duplicate=1)
    scenario = Scenario(Quorum, 3, seed=16, network=network, workload=Workload(retry=5000))
    scenario = scenario.at(100, request("write", "x", 1, server="S1"))
    trace = scenario.at(180, crash("S1")).at(182, restart("S1")).run(900)
    came = [f.due // 1000 for f in trace.messages if f.source == "A" and f.fate == "delivered"]
    assert came == [110, 207]
    assert versions_put(trace) == {1: 1}


def test_what_it_cannot_do_is_refused():
    assert results(calm().at(100, request("cas", "x", 0, 1)).run(300)) == ["failed"]


@pytest.mark.parametrize("options", [{"r": 0}, {"w": 4}, {"n": 2, "r": 3, "w": 1}])
def test_quorums_that_cannot_be_are_refused_in_a_sentence(options):
    with pytest.raises(ScenarioError, match=r"choose . from 1 to n"):
        calm(**options)
