"""Quorums of Flexible Paxos: those of phase 1 and of phase 2 must meet, and no others need."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.errors import ScenarioError
from consensus_lab.protocols.paxos import MultiPaxos, Paxos, PaxosOptions
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import crash, partition, request

from .fake import acceptor


@given(st.integers(1, 9))
def test_by_default_a_quorum_is_a_majority(servers):
    node = acceptor(servers=servers)
    enough = [n for n in range(servers + 1) if node.is_phase_1_quorum(node.servers[:n])]
    assert enough[0] == servers // 2 + 1
    assert enough == [n for n in range(servers + 1) if node.is_phase_2_quorum(node.servers[:n])]


def test_quorums_may_be_of_different_sizes():
    node = acceptor(servers=5)
    node.options = PaxosOptions(q1=4, q2=2)
    assert [node.is_phase_1_quorum(node.servers[:n]) for n in (3, 4)] == [False, True]
    assert [node.is_phase_2_quorum(node.servers[:n]) for n in (1, 2)] == [False, True]


@pytest.mark.parametrize("protocol", [Paxos, MultiPaxos])
def test_quorums_that_need_not_meet_are_refused_with_a_sentence(protocol):
    with pytest.raises(ScenarioError, match=r"With 4 servers .* let q1 \+ q2 be more than 4"):
        Scenario(protocol, servers=4, options={"q1": 2, "q2": 2})


def test_a_quorum_of_more_than_all_is_refused():
    with pytest.raises(ScenarioError, match="A quorum of 4 is more than there are: 3 servers"):
        Scenario(Paxos, servers=3, options={"q1": 4})


def test_who_wants_to_see_the_bug_may():
    options = {"q1": 2, "q2": 2, "check_quorums": False}
    assert Scenario(Paxos, servers=4, options=options).run(10).violations == []


def test_a_small_second_quorum_goes_on_when_a_majority_is_gone():
    calm = Scenario(MultiPaxos, seed=2, clients=1, options={"q1": 4, "q2": 2}, duration=3000)
    leader = next(e.who for e in calm.run().events if e.changes.get("role") == "leader")
    rest = [name for name in calm.server_names if name != leader]
    gone = calm.at(1000, *map(crash, rest[:3]))
    late = [one for one in gone.run().operations if one.start > 1_100_000]
    assert len(late) > 5
    assert {one.outcome for one in late} == {"ok"}
    majority = replace(gone, options={})
    assert all(o.outcome != "ok" for o in majority.run().operations if o.start > 1_100_000)


def test_a_large_first_quorum_elects_nobody_without_it():
    scenario = Scenario(MultiPaxos, servers=5, options={"q1": 4, "q2": 2})
    trace = scenario.at(0, partition(["S1", "S2", "S3"], ["S4", "S5"])).run()
    assert not any(event.changes.get("role") == "leader" for event in trace.events)


@pytest.mark.parametrize(("q1", "q2"), [(1, 3), (3, 1), (2, 2)])
def test_quorums_that_meet_choose_one_value(q1, q2):
    for seed in range(5):
        scenario = Scenario(Paxos, servers=3, seed=seed, options={"q1": q1, "q2": q2})
        for client, server in zip("ABC", scenario.server_names, strict=True):
            ask = request("propose", None, client, client=client, server=server)
            scenario = scenario.at(50, ask)
        trace = scenario.run()
        assert trace.violations == []
        assert len({operation.result for operation in trace.operations}) == 1
