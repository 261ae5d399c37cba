"""The search tests of DSLabs for Paxos, on ours: all that may happen is tried, step by step.

What they search for must be found; and a mistake that they are there for is found by them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from consensus_lab.protocols.node import ClientRequest
from consensus_lab.protocols.paxos import MultiPaxos, Paxos
from consensus_lab.protocols.paxos.messages import Accepted
from consensus_lab.protocols.state_machine import Lists, exactly_once
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation.faults import request as ask
from consensus_lab.simulation.faults import timeout

from .fake import request
from .search import State, beginning, breadth_first, random_walk
from .single_bugs import AcceptsAnything, Stubborn, TakesAnyPromise

THREE, FIVE = ("S1", "S2", "S3"), ("S1", "S2", "S3", "S4", "S5")


def chosen_in(state: State) -> set[object]:
    """The values that a majority has accepted under one ballot, and those that servers learnt."""
    voters: dict[tuple[object, object], set[str]] = {}
    for _, message in state.network:
        if isinstance(message, Accepted):
            voters.setdefault((message.ballot, message.value), set()).add(message.acceptor)
    most = len(state.nodes) // 2 + 1
    learnt = {node.chosen.value for node in state.nodes.values() if node.chosen}
    return learnt | {value for (_, value), who in voters.items() if len(who) >= most}


# -- one command ---------------------------------------------------------------------------


def test_one_command_can_be_decided():
    begin = beginning(Paxos, 3, ("S1", request(4)))
    found = next(steps for steps, state in breadth_first(begin, THREE, 8) if state.replies)
    assert found == 5  # the request, Prepare, Promise, Accept, Accepted


def test_whatever_happens_only_the_value_that_was_proposed_is_decided():
    begin = beginning(Paxos, 3, ("S1", request(4)))
    states = [state for _, state in breadth_first(begin, THREE, 30, most=500)]
    assert set().union(*map(chosen_in, states)) == {4}


def test_there_is_no_progress_in_a_minority():
    begin = beginning(Paxos, 5, ("S1", request(4)), ("S2", request(7, client="B")))
    states = list(breadth_first(begin, ("S1", "S2"), 30, most=20_000))
    assert 20 < len(states) < 20_000  # that was all
    assert not any(state.replies or chosen_in(state) for _, state in states)


def test_two_proposers_never_decide_two_values_however_their_messages_meet():
    begin = beginning(Paxos, 3, ("S1", request(4)), ("S3", request(7, client="B")))
    for _, state in breadth_first(begin, THREE, 12, most=2_000):
        assert len(chosen_in(state)) <= 1


# -- quorum checking, with five servers and scripted leaders ---------------------------------


def three_ballots(kind: type[Paxos]) -> State:
    """S1 alone accepts 4; then S5 has 7 chosen by S3, S4 and S5; then S2 hears from S1 and S3."""
    asked = ("S1", request(4)), ("S5", request(7, client="B")), ("S2", request(9, client="C"))
    state = beginning(kind, 5, *asked).deliver(asked[0])
    state = told(state, "Prepare", "S1", "S2", "S3")
    state = told(state, "Promise", "S1")
    state = state.deliver(asked[1]).after("S3", "S4", "S5")
    assert chosen_in(state) == {7}
    return state.deliver(asked[2])


def told(state: State, kind: str, *servers: str) -> State:
    """The state after these servers have got all messages of a kind that are for them."""
    for envelope in state.among(state.nodes):
        if envelope[0] in servers and type(envelope[1]).__name__ == kind:
            state = state.deliver(envelope)
    return state


def test_a_value_that_a_quorum_chose_is_found_by_every_other_quorum():
    begin = three_ballots(Paxos)
    for _, state in breadth_first(begin, ("S1", "S2", "S3"), 8, most=1_000):
        assert chosen_in(state) == {7}


def test_the_search_finds_who_takes_the_value_of_a_wrong_promise():
    begin = three_ballots(TakesAnyPromise)
    assert any(
        len(chosen_in(state)) > 1
        for _, state in breadth_first(begin, ("S1", "S2", "S3"), 12, most=5_000)
    )


# -- random search -------------------------------------------------------------------------


def walks(kind: type[Paxos], servers: int, seeds: range) -> Iterator[int]:
    """The seeds of the walks on which two values are decided."""
    names = FIVE[:servers]
    asked = [(name, request(n, client=name)) for n, name in enumerate(names)]
    begin = beginning(kind, servers, *asked)

    def proposers(state: State) -> list[tuple[str, str]]:
        return [(name, "proposal") for name in names if state.nodes[name].requests]

    for seed in seeds:
        states = list(random_walk(begin, seed, 40 * servers, proposers))
        if any(len(chosen_in(state)) > 1 for state in states[::10] + states[-1:]):
            yield seed


@pytest.mark.parametrize("servers", [3, 5])
def test_a_random_search_finds_nothing_wrong(servers):
    assert list(walks(Paxos, servers, range(8))) == []


@pytest.mark.parametrize("servers", [3, 5])
@pytest.mark.parametrize("bug", [Stubborn, AcceptsAnything, TakesAnyPromise])
def test_a_random_search_finds_mistakes(servers, bug):
    assert next(walks(bug, servers, range(200)), None) is not None


# -- a log ---------------------------------------------------------------------------------


class ListPaxos(MultiPaxos):
    """Multi-Paxos that keeps lists, to which clients append."""

    state_machine = exactly_once(Lists())


def append(client: str, value: int) -> ClientRequest:
    return ClientRequest(client, 1, ("append", "x", value))


READ = ClientRequest("R", 1, ("read", "x"))


def led_by(state: State, leader: str, *servers: str) -> State:
    """The leader prepares a ballot, and these servers promise it."""
    state = state.fire(leader, "election").after(leader, *servers)
    assert state.nodes[leader].role == "leader"
    return state


def test_two_clients_appends_are_visible_through_different_majorities():
    state = led_by(beginning(ListPaxos, 3), "S1", "S2").deliver(("S1", append("A", 1)))
    state = state.after("S1", "S2")
    state = led_by(state, "S3", "S2").deliver(("S3", append("B", 2))).after("S2", "S3")
    state = led_by(state, "S1", "S3").deliver(("S1", READ)).after("S1", "S3")
    assert state.replies["R"] == (1, 2)


def test_however_late_messages_are_both_appends_stay_visible():
    state = led_by(beginning(ListPaxos, 3), "S1", "S2").deliver(("S1", append("A", 1)))
    state = led_by(state.after("S1", "S2"), "S3", "S2").deliver(("S3", append("B", 2)))
    for _, late in breadth_first(state, THREE, 5, most=150):
        end = led_by(late, "S2", "S3").deliver(("S2", READ)).after("S2", "S3")
        assert end.replies["R"][0] == 1


@pytest.mark.parametrize("lost", [(1,), (2,), (1, 2), (1, 3), (2, 3)])
def test_logs_with_holes_are_filled(lost):
    """S1 proposes four commands, of which some never arrive. S2 leads, then S3."""
    state = led_by(beginning(ListPaxos, 3), "S1", "S2", "S3")
    for n, client in enumerate("ABCD", 1):
        state = state.deliver(("S1", append(client, n)))
    for to, message in state.among(state.nodes):
        if type(message).__name__ == "Accept" and to == "S2" and message.slot not in lost:
            state = state.deliver((to, message))
    assert (None in state.nodes["S2"].log) == (min(lost) < 4)
    late = {e for e in state.network if type(e[1]).__name__ == "Accept" and e[1].slot in lost}
    state = State(state.nodes, state.network - late, state.replies)
    state = led_by(state, "S2", "S3").deliver(("S2", READ)).after("S2", "S3")
    kept = tuple(n for n in range(1, 5) if n not in lost)
    assert state.replies["R"] == kept
    assert None not in state.nodes["S2"].log
    state = led_by(state, "S3", "S2").deliver(("S3", READ)).after("S2", "S3")
    assert state.nodes["S3"].machine.data == {"x": kept}


def test_three_commands_take_exactly_six_steps():
    """Each an Accept and an Accepted: a leader needs no more phase 1."""
    state = led_by(beginning(MultiPaxos, 3), "S1", "S2", "S3")
    for n, client in enumerate("ABC", 1):
        state = state.deliver(("S1", ClientRequest(client, 1, ("write", "x", n))))
    done = (
        steps
        for steps, one in breadth_first(state, ("S1", "S2"), 6, most=20_000)
        if len(one.replies) == 3
    )
    assert next(done) == 6


# -- how many messages ---------------------------------------------------------------------


@pytest.mark.parametrize("servers", [3, 5])
def test_an_agreement_takes_at_most_15_messages_a_server(servers):
    scenario = Scenario(
        MultiPaxos,
        servers=servers,
        network=Network(latency=(1, 10)),
        disk=DiskModel((0.5, 1.5)),
        workload=Workload(retry=10_000, patience=10_000),
        duration=3000,
    ).at(0, timeout("S1"))
    for n in range(100):
        scenario = scenario.at(200 + 25 * n, ask("write", "x", n, server="S1"))
    trace = scenario.run()
    assert all(operation.outcome == "ok" for operation in trace.operations)
    between = [f for f in trace.messages if {f.source, f.target} <= set(trace.servers)]
    assert len(between) / 100 <= 15 * servers


def test_the_search_sees_each_state_once():
    begin = beginning(Paxos, 3, ("S1", request(4)))
    keys = [state.key for _, state in islice(breadth_first(begin, THREE, 30), 500)]
    assert len(keys) == len(set(keys))
