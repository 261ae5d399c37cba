"""The causal store: no effect without its cause, and no more than that."""

from __future__ import annotations

from itertools import combinations

import pytest

from consensus_lab.clocks import VectorClock
from consensus_lab.consistency.causal import causal, causal_convergence, causal_memory
from consensus_lab.consistency.sequential import sequential
from consensus_lab.protocols.stores.causal import CausalStore, Write
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation.faults import crash, cut, heal, request, restart

from .storms import storms


class Hasty(CausalStore):
    """Does not wait for what a write depends on."""

    def is_ready(self, write: Write) -> bool:
        return True


def calm(store: type[CausalStore] = CausalStore, **options: object) -> Scenario:
    """Messages of exactly 5 ms, disks of exactly 1 ms."""
    return Scenario(
        store, servers=3, network=Network((5, 5)), disk=DiskModel((1, 1)), options=options
    )


def question_and_answer(store: type[CausalStore]) -> Scenario:
    """Ann asks at S1 while it cannot reach S3; Bob at S2 answers; Carol looks at S3."""
    return (
        calm(store)
        .at(10, cut("S1", "S3"))
        .at(20, request("write", "question", 1, client="A", server="S1"))
        .at(50, request("read", "question", client="B", server="S2"))
        .at(80, request("write", "answer", 2, client="B", server="S2"))
        .at(120, request("read", "answer", client="C", server="S3"))
        .at(150, request("read", "question", client="C", server="S3"))
    )


def results(scenario: Scenario, duration: float = 400) -> list[object]:
    return [operation.result for operation in scenario.run(duration).operations]


# -- what it promises ------------------------------------------------------------------------------


def test_it_is_causally_convergent() -> None:
    for trace in storms(CausalStore, 500):
        assert causal_convergence(trace.history()), trace.scenario.seed


def test_if_it_keeps_what_came_last_it_is_causal_memory() -> None:
    for trace in storms(CausalStore, 500, first=500, converge=False):
        assert causal_memory(trace.history()), trace.scenario.seed


def test_servers_that_have_the_same_writes_hold_the_same() -> None:
    compared = 0
    for trace in storms(CausalStore, 30):
        servers = list(trace.state_at(900).values())
        for a, b in combinations(servers, 2):
            if a["clock"] == b["clock"] and a["data"]:
                compared += 1
                assert a["data"] == b["data"]
    assert compared > 10


# -- what it does not ------------------------------------------------------------------------------


def test_it_is_not_sequentially_consistent() -> None:
    scenario = (
        calm()
        .at(20, request("write", "x", 1, client="A", server="S1"))
        .at(20, request("write", "y", 2, client="B", server="S2"))
        .at(35, request("read", "y", client="A", server="S1"))
        .at(35, request("read", "x", client="B", server="S2"))
        .at(10, cut("S1", "S2"))
    )
    history = scenario.run(200).history()
    assert causal_convergence(history)
    assert sequential(history).holds is False


def test_what_keeps_what_came_last_does_not_converge() -> None:
    traces = storms(CausalStore, 60, converge=False)
    assert "CyclicCF" in {causal_convergence(trace.history()).anomaly for trace in traces}


def test_a_server_that_does_not_wait_shows_an_answer_before_its_question() -> None:
    verdict = causal(question_and_answer(Hasty).run(200).history())
    assert verdict.anomaly == "WriteCOInitRead"
    assert len(verdict.counterexample or ()) == 5


# -- how -------------------------------------------------------------------------------------------


def test_an_answer_is_held_back_until_its_question_is_there() -> None:
    trace = question_and_answer(CausalStore).run(200)
    assert trace.state_at(150)["S3"]["waiting"] == (
        Write("answer", 2, "S2", VectorClock({"S1": 1})),
    )
    assert [operation.result for operation in trace.operations] == [None, 1, None, 0, 0]


def test_independent_writes_may_come_in_either_order() -> None:
    scenario = (
        calm()
        .at(10, cut("S1", "S3"))
        .at(20, request("write", "x", 1, client="A", server="S1"))
        .at(20, request("write", "y", 2, client="B", server="S2"))
        .at(60, request("read", "y", client="C", server="S3"))
    )
    assert results(scenario, 150)[-1] == 2


def test_what_was_lost_is_sent_again() -> None:
    trace = question_and_answer(CausalStore).at(300, heal()).run(800)
    assert trace.state_at(800)["S3"]["clock"] == {"S1": 1, "S2": 1}
    assert trace.state_at(800)["S3"]["waiting"] == ()


@pytest.mark.parametrize("converge", [True, False])
def test_of_two_independent_writes_all_keep_one_or_each_the_last_to_come(converge: bool) -> None:
    scenario = (
        calm(converge=converge)
        .at(20, request("write", "x", 1, client="A", server="S1"))
        .at(21, request("write", "x", 2, client="B", server="S2"))
        .at(60, request("read", "x", client="A", server="S1"))
        .at(60, request("read", "x", client="B", server="S2"))
    )
    assert results(scenario)[2:] == ([2, 2] if converge else [2, 1])


def test_a_write_that_was_answered_survives_a_crash() -> None:
    scenario = (
        calm()
        .at(10, cut("S1", "S2"), cut("S1", "S3"))
        .at(20, request("write", "x", 1, client="A", server="S1"))
        .at(60, crash("S1"))
        .at(80, restart("S1"), heal())
        .at(400, request("read", "x", client="B", server="S2"))
    )
    assert results(scenario, 600) == [None, 1]


def test_asked_twice_for_one_write_it_writes_once() -> None:
    scenario = Scenario(
        CausalStore, servers=1, network=Network((5, 5)), workload=Workload(retry=3)
    ).at(10, request("write", "x", 1, client="A", server="S1"))
    assert len(scenario.run(200).state_at(200)["S1"]["_applied"]) == 1


def test_it_refuses_what_it_cannot_do() -> None:
    scenario = calm().at(10, request("cas", "x", 0, 1, client="A", server="S1"))
    assert [o.outcome for o in scenario.run(100).operations] == ["failed"]
