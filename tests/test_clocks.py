"""Happens-before, and the clocks that tell it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.clocks import (
    Diagram,
    Event,
    VectorClock,
    happens_before,
    lamport_clocks,
    vector_clocks,
)
from consensus_lab.errors import HistoryError
from consensus_lab.protocols import Raft
from consensus_lab.simulation import Network, Scenario
from consensus_lab.simulation.faults import crash, cut, pause, restart, resume

DRAWING = """
A:  a   m!
B:          m?   b   n!
C:    c                  n?
"""


def random_diagram(seed: int) -> Diagram:
    """Up to 15 events of three processes, some of which receive what an earlier one sent."""
    random = Random(seed)
    events: list[Event] = []
    last: dict[str, int] = {}
    for place in range(random.randint(0, 15)):
        process = random.choice("ABC")
        causes = {last[process]} if process in last else set()
        if place and random.random() < 0.4:
            causes.add(random.randrange(place))
        events.append(Event(process, f"e{place}", tuple(sorted(causes))))
        last[process] = place
    return Diagram(events)


diagrams = st.builds(random_diagram, st.integers(0, 2**32))


def reachable(diagram: Diagram) -> set[tuple[int, int]]:
    """The definition: the smallest transitive relation that has each event after its causes."""
    pairs = {(cause, place) for place, event in enumerate(diagram) for cause in event.causes}
    while True:
        more = {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs
        if not more:
            return pairs
        pairs |= more


@given(diagrams)
def test_happens_before_is_the_transitive_closure_of_the_causes(diagram: Diagram) -> None:
    before = happens_before(diagram)
    places = range(len(diagram))
    assert {(a, b) for a in places for b in places if before(a, b)} == reachable(diagram)


@given(diagrams)
def test_a_vector_clock_is_smaller_exactly_if_it_happened_before(diagram: Diagram) -> None:
    clocks, before = vector_clocks(diagram), happens_before(diagram)
    for a in range(len(diagram)):
        for b in range(len(diagram)):
            assert (clocks[a] < clocks[b]) == before(a, b)
            apart = a != b and not before(a, b) and not before(b, a)
            assert clocks[a].concurrent(clocks[b]) == apart


@given(diagrams)
def test_a_lamport_clock_grows_along_happens_before(diagram: Diagram) -> None:
    clocks = lamport_clocks(diagram)
    assert all(clocks[a] < clocks[b] for a, b in reachable(diagram))


def test_a_smaller_lamport_clock_alone_says_nothing() -> None:
    diagram = Diagram.parse(DRAWING)
    clocks = lamport_clocks(diagram)
    assert clocks[diagram.find("c")] < clocks[diagram.find("b")]
    assert not happens_before(diagram)("c", "b")


def test_a_drawing_has_a_message_from_its_m_to_its_m() -> None:
    diagram = Diagram.parse(DRAWING)
    assert [e.name for e in diagram] == ["a", "c", "m!", "m?", "b", "n!", "n?"]
    assert diagram[diagram.find("n?")].causes == (1, 5)
    before = happens_before(diagram)
    assert before("a", "n?")
    assert not before("n?", "a")
    assert not before("a", "a")
    assert [str(clock) for clock in vector_clocks(diagram)][-1] == "{A: 2, B: 3, C: 2}"
    assert str(diagram) == "<Diagram of 7 events of 3 processes>"


def test_one_message_may_go_to_several_processes() -> None:
    diagram = Diagram.parse("A: m!\nB:    m?\nC:    m?")
    assert happens_before(diagram)("m!", "C m?")
    with pytest.raises(HistoryError, match="2 events of the diagram are called 'm\\?'"):
        diagram.find("m?")


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        ("A:    m!\nB: m?", "B receives m before anybody sent it"),
        ("A: m! m!", "A sends m again"),
        ("a b c", "Line 1 of the diagram names no process"),
    ],
)
def test_a_drawing_that_cannot_be_is_refused(drawing: str, words: str) -> None:
    with pytest.raises(HistoryError, match=words):
        Diagram.parse(drawing)


counts = st.dictionaries(st.sampled_from("ABC"), st.integers(0, 3))
clocks = st.builds(VectorClock, counts)


@given(clocks, clocks, clocks)
def test_merging_gives_the_least_clock_above_both(
    a: VectorClock, b: VectorClock, c: VectorClock
) -> None:
    merged = a.merge(b)
    assert a <= merged
    assert b <= merged
    assert merged <= c or not (a <= c and b <= c)


@given(counts)
def test_a_process_that_is_not_named_counts_as_zero(given_counts: dict[str, int]) -> None:
    zeros = {**given_counts, "D": 0}
    assert VectorClock(given_counts) == VectorClock(zeros)
    assert hash(VectorClock(given_counts)) == hash(VectorClock(zeros))
    assert VectorClock(zeros)["E"] == 0


def test_incrementing_leaves_the_clock_as_it_was() -> None:
    clock = VectorClock({"A": 1})
    assert clock.increment("A") == {"A": 2}
    assert clock.increment("P10").increment("P2") == {"A": 1, "P2": 1, "P10": 1}
    assert str(clock.increment("P10").increment("P2")) == "{A: 1, P2: 1, P10: 1}"
    assert clock == {"A": 1}


def test_in_a_run_what_a_message_tells_is_in_the_past_of_who_hears_it() -> None:
    network = Network(loss=0.1, duplicate=0.2)
    trace = (
        Scenario(Raft, seed=4, clients=2, network=network)
        .at(900, crash("leader"))
        .at(1500, restart("S1"), cut("S2", "S3"), pause("S4"))
        .at(1700, resume("S4"))
        .run(3000)
    )
    clocks, before = vector_clocks(trace), happens_before(trace)
    assert len(clocks) == len(trace.events)
    sent = {number: place for place, e in enumerate(trace.events) for number in e.sent}
    heard = [p for p, e in enumerate(trace.events) if e.kind == "deliver" and e.detail in sent]
    assert len(heard) > 100
    for place in heard:
        assert clocks[sent[trace.events[place].detail]] < clocks[place]
    random = Random(1)
    for _ in range(300):
        a, b = random.choices([p for p, e in enumerate(trace.events) if e.who], k=2)
        assert before(a, b) == (clocks[a] < clocks[b])


def test_a_clients_answer_is_caused_by_the_server_that_gave_it() -> None:
    trace = Scenario(Raft, seed=1, clients=1).run(2000)
    clocks = vector_clocks(trace)
    answered = [p for p, e in enumerate(trace.events) if e.kind == "answer"]
    assert answered
    for place in answered:
        server = trace.operations[trace.events[place].detail].server
        assert clocks[place][server] > 0


def test_what_happens_to_the_world_is_nobodys_event() -> None:
    trace = Scenario(Raft).at(100, cut("S1", "S2")).run(200)
    [place] = [p for p, e in enumerate(trace.events) if e.kind == "fault"]
    assert vector_clocks(trace)[place] == {}
    assert lamport_clocks(trace)[place] == 0
