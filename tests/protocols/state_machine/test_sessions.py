"""Sessions: each request is carried out once, for every machine, in whatever order copies come."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.protocols import MultiPaxos, Raft
from consensus_lab.protocols.byzantine.pbft import PBFT
from consensus_lab.protocols.node import ClientRequest
from consensus_lab.protocols.state_machine import (
    Counter,
    KeyValue,
    Lists,
    Session,
    Sessions,
    exactly_once,
)
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation.faults import crash, cut, heal, request, restart, timeout


def add(sequence: int, first_unanswered: int = 1, client: str = "A") -> ClientRequest:
    """Append the sequence number to the list of its client."""
    return ClientRequest(client, sequence, ("append", client, sequence), first_unanswered)


def after(machine: Any, *requests: ClientRequest) -> Any:
    for each in requests:
        machine, _ = machine.apply(each)
    return machine


def test_a_retry_is_answered_and_not_carried_out_again():
    asked = ClientRequest("A", 1, ("cas", "x", 0, 1))
    machine, first = Sessions(KeyValue()).apply(asked)
    machine = after(machine, ClientRequest("B", 1, ("write", "x", 0)))
    later, again = machine.apply(asked)
    assert (first, again) == (True, True)
    assert later == machine


def test_without_a_session_a_retry_is_carried_out_again():
    assert after(Lists(), add(1), add(1)).data == {"A": (1, 1)}


def test_of_two_requests_under_way_the_later_may_come_first():
    assert after(Sessions(Lists()), add(2), add(1), add(2), add(1)).data == {"A": (2, 1)}


def test_each_of_two_requests_under_way_gets_its_own_answer_again():
    read, write = ClientRequest("A", 1, ("read", "x")), ClientRequest("A", 2, ("cas", "x", 0, 7))
    machine = after(Sessions(KeyValue({"x": 5})), read, write)
    assert [machine.apply(each)[1] for each in (read, write)] == [5, False]


def test_responses_that_the_client_has_are_forgotten():
    machine = after(Sessions(Lists()), add(1), add(2), add(3, first_unanswered=3))
    assert machine.sessions == {"A": Session(3, {3: None})}


def test_a_response_that_the_client_still_waits_for_is_kept():
    machine = after(Sessions(Lists()), add(1), add(2), add(3, first_unanswered=2))
    assert machine.sessions["A"].responses.keys() == {2, 3}


def test_a_copy_that_comes_after_its_response_was_forgotten_is_not_carried_out():
    machine = after(Sessions(Lists()), add(1), add(2, first_unanswered=2))
    assert machine.apply(add(1)) == (machine, None)


def test_a_late_copy_does_not_take_back_what_is_forgotten():
    machine = after(Sessions(Lists()), add(1), add(3, first_unanswered=3), add(4, 2), add(1))
    assert machine.data == {"A": (1, 3, 4)}


def test_clients_do_not_share_a_session():
    machine = after(Sessions(Lists()), add(1), add(1, client="B"))
    assert machine.data == {"A": (1,), "B": (1,)}


def test_to_look_asks_the_machine_and_leaves_no_trace_in_the_session():
    machine = Sessions(KeyValue({"x": 4}))
    assert machine.only_looks(("read", "x"))
    assert machine.look(("read", "x")) == 4
    assert machine.sessions == {}


def random_deliveries(seed: int) -> tuple[int, list[ClientRequest]]:
    """What a client with at most 3 requests under way causes: each comes once or more, late."""
    random = Random(seed)
    number, window = random.randint(1, 6), random.randint(1, 3)
    done: set[int] = set()
    sent: list[ClientRequest] = []
    arrived: list[ClientRequest] = []
    while len(done) < number:
        first = next(n for n in range(1, number + 2) if n not in done)
        if len(sent) < number and len(sent) - len(done) < window:
            sent.append(add(len(sent) + 1, first))
        one = random.choice(sent)
        arrived.append(one)
        if random.random() < 0.5:  # its answer reaches the client
            done.add(one.sequence)
    return number, arrived


deliveries = st.builds(random_deliveries, st.integers(0, 2**64 - 1))


@given(deliveries)
def test_whatever_is_delivered_how_often_is_carried_out_once(case):
    number, arrived = case
    machine = after(Sessions(Lists()), *arrived)
    assert sorted(machine.data["A"]) == list(range(1, number + 1))


@given(deliveries)
def test_no_more_responses_are_kept_than_may_be_under_way_since_the_client_last_spoke(case):
    _, arrived = case
    machine = after(Sessions(Lists()), *arrived)
    [session] = machine.sessions.values()
    assert min(session.responses) >= session.first_unanswered
    assert session.first_unanswered == max(each.first_unanswered for each in arrived)


class Plain(Raft):
    state_machine = Counter


class Once(Raft):
    state_machine = exactly_once(Counter())


def retried(protocol: type[Raft], **options: Any) -> Scenario:
    """A adds 10 at S1 and hears nothing; S1 crashes, S2 leads, and A asks there again."""
    return (
        Scenario(
            protocol,
            servers=3,
            network=Network(latency=(5, 5)),
            disk=DiskModel((1, 1)),
            workload=Workload(retry=150, patience=1500),
            options={"election_timeout": (50_000, 60_000), **options},
            duration=1500,
        )
        .at(10, timeout("S1"))
        .at(90, cut("S1", "A", one_way=True))
        .at(100, request("increment", "x", 10))
        .at(180, crash("S1"))
        .at(190, timeout("S2"))
        .at(1200, request("read", "x"))
    )


def test_an_addition_that_is_retried_after_a_crash_is_carried_out_once():
    assert retried(Once).run().operations[-1].result == 10


def test_without_sessions_it_is_carried_out_twice():
    assert retried(Plain).run().operations[-1].result == 20


def test_a_server_that_starts_from_a_snapshot_knows_the_retry():
    """S3 misses the addition and all that follows, and gets it by snapshot; then it leads."""
    scenario = retried(Once, snapshot_every=2)
    later = (
        scenario.at(20, crash("S3"))
        .at(170, request("read", "x", client="B", server="S1"))
        .at(175, request("read", "x", client="C", server="S1"))
        .at(178, restart("S3"))
        .at(800, heal())
    )
    trace = later.run()
    told = [note for event in trace.events if event.who == "S3" for note in event.notes]
    assert any(note.startswith("installs a snapshot") for note in told)
    assert trace.operations[0].outcome == "ok"
    assert trace.state_at(1500)["S3"]["machine"].data == {"x": 10}


@pytest.mark.parametrize("protocol", [Raft, MultiPaxos, PBFT])
def test_a_start_is_no_method_of_the_server_though_it_may_be_a_function(protocol):
    class Till(protocol):
        def state_machine():
            return Sessions(Counter())

    assert Till("S1", ("S1", "S2", "S3", "S4")).machine == Sessions(Counter())
