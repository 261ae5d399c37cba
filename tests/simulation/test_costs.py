"""Round trips and disk writes, counted on runs made by hand and on real ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from consensus_lab.protocols import ClientReply, ClientRequest, Raft
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation.costs import Cost, cost, costs
from consensus_lab.simulation.faults import request
from consensus_lab.simulation.trace import ClientOperation, Event, Flight, Trace

READ = ClientRequest("A", 1, ("read", "x"))
ANSWER = ClientReply("A", 1, True, 4)


class Story:
    """A trace told event by event. Every event takes place 1 ms after the one before."""

    def __init__(self) -> None:
        self.trace = Trace(Scenario(Raft), ("S1", "S2", "S3"), ("A",), ())
        self.trace.operations.append(ClientOperation("A", READ.operation, 0))
        self.time = 0

    def event(self, kind: str, who: str, detail: Any, *sent: tuple[str, Any]) -> int:
        """Something happens to `who`, which sends messages. Returns the event's index."""
        self.time += 1000
        trace = self.trace
        numbers = range(len(trace.messages), len(trace.messages) + len(sent))
        trace.messages += [Flight(who, to, self.time, what, self.time) for to, what in sent]
        trace.events.append(Event(self.time, kind, who, detail, sent=list(numbers)))
        return len(trace.events) - 1

    def asks(self, server: str) -> None:
        """A sends its request to `server`, where it arrives."""
        self.event("request", "A", 0, (server, READ))
        self.comes(server)

    def comes(self, server: str, *sent: tuple[str, Any]) -> int:
        """The oldest message on its way to `server` comes, and lets it send more."""
        for number, flight in enumerate(self.trace.messages):
            if flight.target == server and flight.fate == "flying":
                flight.fate = "delivered"
                return self.event("deliver", server, number, *sent)
        raise AssertionError(f"nothing is on its way to {server}")

    def asks_and_sends(self, server: str, *sent: tuple[str, Any]) -> int:
        """A's request comes to `server`, which sends messages."""
        self.event("request", "A", 0, (server, READ))
        return self.comes(server, *sent)

    def saved(self, server: str, since: int, *sent: tuple[str, Any]) -> None:
        """What the event with index `since` saved is on disk."""
        self.event("synced", server, since, *sent)

    def heard(self) -> Cost | None:
        """The answer reaches A. What did it cost?"""
        flight = self.trace.messages[-1]
        flight.fate = "delivered"
        self.time += 1000
        flight.due = self.time
        [operation] = self.trace.operations
        operation.end, operation.outcome = self.time, "ok"
        self.trace.events.append(Event(self.time, "answer", "A", 0))
        return cost(self.trace, 0)


def test_an_answer_at_once_costs_nothing_but_time():
    story = Story()
    story.asks_and_sends("S1", ("A", ANSWER))
    assert story.heard() == Cost(messages=0, round_trips=0, disk_writes=0, latency=3)


def test_a_question_and_an_answer_are_a_round_trip():
    story = Story()
    story.asks_and_sends("S1", ("S2", "?"))
    story.comes("S2", ("S1", "!"))
    story.comes("S1", ("A", ANSWER))
    assert story.heard() == Cost(messages=2, round_trips=1, disk_writes=0, latency=5)


def test_two_questions_at_the_same_time_are_one_round_trip():
    story = Story()
    story.asks_and_sends("S1", ("S2", "?"), ("S3", "?"))
    story.comes("S2", ("S1", "!"))
    story.comes("S3", ("S1", "!"))
    story.comes("S1")
    story.comes("S1", ("A", ANSWER))
    assert story.heard() == Cost(messages=4, round_trips=1, disk_writes=0, latency=7)


def test_two_questions_one_after_the_other_are_two():
    story = Story()
    story.asks_and_sends("S1", ("S2", "?"))
    story.comes("S2", ("S1", "!"))
    story.comes("S1", ("S3", "?"))
    story.comes("S3", ("S1", "!"))
    story.comes("S1", ("A", ANSWER))
    cost = story.heard()
    assert cost is not None
    assert (cost.messages, cost.round_trips) == (4, 2)


def test_a_write_that_the_answer_waits_for_counts():
    story = Story()
    begun = story.asks_and_sends("S1")
    story.saved("S1", begun, ("A", ANSWER))
    assert story.heard() == Cost(messages=0, round_trips=0, disk_writes=1, latency=4)


def test_two_writes_one_after_the_other_are_two():
    story = Story()
    begun = story.asks_and_sends("S1")
    story.saved("S1", begun, ("S2", "?"))
    begun = story.comes("S2")
    story.saved("S2", begun, ("S1", "!"))
    story.comes("S1", ("A", ANSWER))
    assert story.heard() == Cost(messages=2, round_trips=1, disk_writes=2, latency=7)


def test_two_writes_at_the_same_time_are_one():
    story = Story()
    begun = story.asks_and_sends("S1", ("S2", "?"))
    other = story.comes("S2")
    story.saved("S1", begun)
    story.saved("S2", other, ("S1", "!"))
    story.comes("S1", ("A", ANSWER))
    assert story.heard() == Cost(messages=2, round_trips=1, disk_writes=1, latency=7)


def test_a_write_that_was_under_way_counts_if_it_is_waited_for():
    story = Story()
    begun = story.event("timer", "S1", "heartbeat")
    story.asks_and_sends("S1")
    story.saved("S1", begun, ("A", ANSWER))
    cost = story.heard()
    assert cost is not None
    assert cost.disk_writes == 1


def test_what_was_sent_before_the_question_is_no_round_trip():
    story = Story()
    story.event("timer", "S1", "heartbeat", ("S2", "?"))
    story.comes("S2", ("S1", "!"))
    story.event("request", "A", 0, ("S1", READ))
    story.trace.messages[1].fate, story.trace.messages[2].fate = "flying", "delivered"
    story.event("deliver", "S1", 2)
    story.comes("S1", ("A", ANSWER))
    cost = story.heard()
    assert cost is not None
    assert (cost.messages, cost.round_trips) == (0, 0)


def test_a_question_that_waits_for_the_round_before_waits_for_its_rest_too():
    story = Story()
    story.event("timer", "S1", "heartbeat", ("S2", "?"))
    story.event("request", "A", 0, ("S1", READ))
    story.trace.messages[1].fate = "delivered"
    story.event("deliver", "S1", 1)
    story.comes("S2", ("S1", "!"))
    story.comes("S1", ("S2", "?"))
    story.comes("S2", ("S1", "!"))
    story.comes("S1", ("A", ANSWER))
    cost = story.heard()
    assert cost is not None
    assert cost.round_trips == 1.5


def test_the_longest_chain_counts_if_the_answer_waited_for_two():
    """A follower has asked its leader, and then needs the next heartbeat as well."""
    story = Story()
    story.asks_and_sends("S2", ("S1", "?"))
    story.comes("S1", ("S2", "!"))
    story.comes("S2")
    story.event("timer", "S1", "heartbeat", ("S2", "heartbeat"))
    story.comes("S2", ("A", ANSWER))
    cost = story.heard()
    assert cost is not None
    assert cost.round_trips == 1


def test_a_copy_made_by_the_network_has_its_originals_sender():
    story = Story()
    story.asks_and_sends("S1", ("S2", "?"))
    original = story.trace.messages[-1]
    story.trace.messages.append(Flight("S1", "S2", original.sent, "?", original.due))
    original.fate = "lost"
    story.comes("S2", ("S1", "!"))
    story.comes("S1", ("A", ANSWER))
    assert story.heard() == Cost(messages=2, round_trips=1, disk_writes=0, latency=5)


def test_what_was_never_answered_has_no_cost():
    story = Story()
    story.asks("S1")
    assert cost(story.trace, 0) is None
    assert costs(story.trace) == []


# -- real runs -------------------------------------------------------------------------------------

CALM = Scenario(
    Raft,
    network=Network(latency=(10, 10)),
    disk=DiskModel((2, 2)),
    workload=Workload(retry=1000),
    duration=1200,
)


@pytest.mark.parametrize(
    ("options", "server", "expected"),
    [
        ({}, "leader", Cost(8, 1, 2, 44)),
        ({"parallel_disk": True}, "leader", Cost(8, 1, 1, 42)),
        ({"reads": "read_index"}, "leader", Cost(8, 1, 0, 40)),
        ({"reads": "lease"}, "leader", Cost(0, 0, 0, 20)),
        ({"reads": "follower"}, "follower", Cost(10, 2, 0, 60)),
        ({"reads": "follower_lease"}, "follower", Cost(2, 1, 0, 40)),
    ],
    ids=str,
)
def test_a_read_costs_what_the_thesis_says(options, server, expected):
    asked = request("read", "x", server=server)
    trace = replace(CALM, options=options).at(1005, asked).run()
    assert costs(trace) == [expected]


def test_only_operations_of_the_kind_asked_for_are_counted():
    trace = CALM.at(900, request("write", "x", 1)).at(1000, request("read", "x")).run()
    assert len(costs(trace)) == 2
    assert len(costs(trace, "read")) == 1
