"""The store that gossips: what it promises, what it does not, and what a wrong clock costs."""

from __future__ import annotations

import pytest

from consensus_lab.consistency.causal import causal_convergence
from consensus_lab.consistency.eventual import eventual
from consensus_lab.consistency.sequential import sequential
from consensus_lab.consistency.sessions import (
    monotonic_reads,
    read_your_writes,
    session_guarantees,
)
from consensus_lab.protocols.stores import LastWriterWins
from consensus_lab.simulation import DiskModel, Network, Scenario, Trace
from consensus_lab.simulation.faults import clock_skew, partition, request

from .scripts import script

HOME = range(400)
MOVING = range(300)  # with those of test_crdt.py a thousand


@pytest.fixture(scope="module")
def at_home() -> list[Trace]:
    return [script(LastWriterWins, seed, ["write"]).run() for seed in HOME]


@pytest.fixture(scope="module")
def moving() -> list[Trace]:
    return [script(LastWriterWins, seed, ["write"], moves=True).run() for seed in MOVING]


def asked(trace: Trace) -> list[object]:
    return [o.result for o in trace.operations if o.operation[0] == "read"]


# -- what it promises ------------------------------------------------------------------------------


def test_all_agree_in_the_end(at_home: list[Trace], moving: list[Trace]) -> None:
    for trace in at_home + moving:
        assert eventual(trace.history()).holds, trace.scenario.seed


def test_in_the_end_all_servers_hold_the_same(at_home: list[Trace]) -> None:
    for trace in at_home:
        first, *others = [state["data"] for state in trace.state_at(800).values()]
        assert all(other == first for other in others), trace.scenario.seed


def test_who_stays_at_home_sees_causes_before_effects(at_home: list[Trace]) -> None:
    for trace in at_home:
        assert causal_convergence(trace.history()).holds, trace.scenario.seed


def test_who_stays_at_home_has_all_session_guarantees(at_home: list[Trace]) -> None:
    for trace in at_home:
        assert all(session_guarantees(trace.history()).values()), trace.scenario.seed


# -- what it does not promise ----------------------------------------------------------------------


def test_it_is_not_sequentially_consistent_even_so(at_home: list[Trace]) -> None:
    assert any(sequential(trace.history()).holds is False for trace in at_home)


@pytest.mark.parametrize("guarantee", [read_your_writes, monotonic_reads])
def test_who_moves_may_lose_its_own_past(guarantee, moving: list[Trace]) -> None:
    assert any(guarantee(trace.history()).holds is False for trace in moving)


STEPS = {
    "read your writes": ["A S1 write x 1", "A S2 read x"],
    "monotonic reads": ["A S1 write x 1", "B S1 read x", "B S2 read x"],
    "monotonic writes": ["A S1 write x 1", "A S2 write y 2", "B S2 read y", "B S2 read x"],
    "writes follow reads": [
        "A S1 write x 1",
        "B S1 read x",
        "B S2 write y 2",
        "C S2 read y",
        "C S2 read x",
    ],
}


@pytest.mark.parametrize("model", STEPS)
def test_who_moves_may_lose_each_session_guarantee(model: str) -> None:
    verdicts = session_guarantees(steps(STEPS[model]).history())
    broken = {name for name, verdict in verdicts.items() if not verdict and name != "PRAM"}
    assert broken == {model}


def steps(lines: list[str]) -> Trace:
    """Requests 40 ms apart, on servers that have not gossiped yet."""
    scenario = calm(interval=1000)
    for place, line in enumerate(lines, start=1):
        client, server, kind, key, *value = line.split()
        ask = request(kind, key, *map(int, value), client=client, server=server)
        scenario = scenario.at(40 * place, ask)
    return scenario.run(400)


# -- the rules -------------------------------------------------------------------------------------


def calm(**options: object) -> Scenario:
    """Two servers that gossip each 50 ms or so, messages of exactly 5 ms."""
    return Scenario(
        LastWriterWins, servers=2, network=Network((5, 5)), disk=DiskModel((1, 1)), options=options
    )


def test_the_newer_of_two_writes_wins_everywhere() -> None:
    trace = (
        calm()
        .at(10, request("write", "x", 1, client="A", server="S1"))
        .at(12, request("write", "x", 2, client="B", server="S2"))
        .at(300, request("read", "x", client="A", server="S1"))
        .at(300, request("read", "x", client="B", server="S2"))
        .run(400)
    )
    assert asked(trace) == [2, 2]


def test_a_clock_that_is_behind_loses_the_newer_write() -> None:
    trace = (
        calm()
        .at(0, clock_skew("S2", -500))
        .at(10, request("write", "x", 1, client="A", server="S1"))
        .at(200, request("write", "x", 2, client="B", server="S2"))
        .at(230, request("read", "x", client="B", server="S2"))
        .run(400)
    )
    write = trace.operations[1]
    assert (write.operation, write.outcome) == (("write", "x", 2), "ok")
    assert asked(trace) == [1]
    notes = [note for event in trace.events for note in event.notes]
    assert notes == ["drops x=2: what is here is stamped 310 ms later"]


def test_with_wrong_clocks_causes_no_longer_come_first() -> None:
    trace = (
        calm()
        .at(0, clock_skew("S2", -500))
        .at(10, request("write", "x", 1, client="A", server="S1"))
        .at(200, request("read", "x", client="B", server="S2"))
        .at(220, request("write", "x", 2, client="B", server="S2"))
        .at(250, request("read", "x", client="B", server="S2"))
        .run(400)
    )
    assert asked(trace) == [1, 1]
    assert causal_convergence(trace.history()).holds is False
    assert eventual(trace.history()).holds


def test_servers_that_cannot_speak_differ_until_they_can() -> None:
    trace = (
        calm()
        .at(0, partition(["S1"], ["S2"]))
        .at(10, request("write", "x", 1, client="A", server="S1"))
        .at(400, request("read", "x", client="B", server="S2"))
        .run(500)
    )
    assert asked(trace) == [0]
    assert eventual(trace.history()).holds is False


def test_a_request_asked_twice_is_taken_once() -> None:
    trace = (
        calm()
        .at(10, request("write", "x", 1, client="A", server="S1"))
        .at(40, request("write", "x", 2, client="B", server="S1"))
        .run(300)
    )
    again = next(m.message for m in trace.messages if m.source == "A")
    node = LastWriterWins("S1", ("S1", "S2"))
    for name, value in trace.state_at(300)["S1"].items():
        if name in ("data", "_taken"):
            setattr(node, name, value)
    before = node.data

    class Out:
        def reply(self, request: object, result: object) -> None:
            assert result is None

    node.on_request(again, Out())  # type: ignore[arg-type]
    assert node.data == before


def test_it_refuses_what_it_does_not_know() -> None:
    trace = calm().at(10, request("cas", "x", 0, 1, client="A", server="S1")).run(100)
    assert trace.operations[0].outcome == "failed"
