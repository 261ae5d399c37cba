"""What an answer cost, counted from the trace alone: round trips, disk writes, messages, time.

An event at a server has a trigger: a message from another server, sent in some event; or a save
that reached the disk, asked for in some event. Followed back from an answer, the triggers are what
it waited for, one thing after the other. Followed on from a question, they are what it set going.

Lamport, L. (1978): Time, Clocks, and the Ordering of Events in a Distributed System.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..protocols.node import ClientReply, ClientRequest
from .trace import ClientOperation, Trace


@dataclass(frozen=True)
class Cost:
    """What one answered request cost.

    `messages` went between servers on its behalf. `round_trips`: how often a message had to go and
    another to come back, one after the other, until it could be answered; a half is a single way.
    `disk_writes`: how many it waited for, one after the other. `latency` (ms): from the client's
    question to the answer, the ways between client and server included.
    """

    messages: int
    round_trips: float
    disk_writes: int
    latency: float


def cost(trace: Trace, operation: int) -> Cost | None:
    """What the operation with this index in `trace` cost; None if it was never answered.

    Counted from where the request reached the server that answered it (or, if it never did, any
    server): to be sent there by another costs time only. Messages that served several requests
    count for each of them.
    """
    return Causes(trace).cost(trace.operations[operation])


def costs(trace: Trace, kind: str | None = None) -> list[Cost]:
    """What each answered operation cost (or each of `kind`, such as "read"), in order of asking."""
    causes = Causes(trace)
    found = [causes.cost(o) for o in trace.operations if kind in (None, o.operation[0])]
    return [one for one in found if one is not None]


class Waited(NamedTuple):
    """So many messages between servers, and so many disk writes, one after the other."""

    messages: int = 0
    writes: int = 0

    def __add__(self, other: object) -> Waited:
        """First the one, and then the other."""
        if not isinstance(other, Waited):
            return NotImplemented
        return Waited(self.messages + other.messages, self.writes + other.writes)


class Step(NamedTuple):
    """A "message" or a "disk" write led from the event `source` to the event `target`."""

    by: str
    source: int
    target: int

    @property
    def waited(self) -> Waited:
        """This step alone."""
        return Waited(1, 0) if self.by == "message" else Waited(0, 1)


class Causes:
    """What triggered each event of a run, and what each triggered. Events go by their index."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.trigger: dict[int, Step] = {}
        self.triggered: defaultdict[int, list[Step]] = defaultdict(list)
        self.arrivals: defaultdict[tuple[str, str, int], list[int]] = defaultdict(list)
        self.senders: dict[int, int] = {}
        for index, event in enumerate(trace.events):
            if event.kind == "deliver":
                self.note_delivery(index, event.detail)
            elif event.kind == "synced":
                self.link(Step("disk", event.detail, index))
            for number in event.sent:
                self.senders[number] = index
        self.replies = {
            (flight.message.client, flight.due): number
            for number, flight in enumerate(trace.messages)
            if flight.fate == "delivered" and type(flight.message) is ClientReply
        }

    def note_delivery(self, index: int, number: int) -> None:
        """The message `number` came in the event `index`."""
        flight = self.trace.messages[number]
        if type(flight.message) is ClientRequest:
            request = flight.message
            self.arrivals[flight.target, request.client, request.sequence].append(index)
        elif flight.target in self.trace.servers:
            self.link(Step("message", self.sender(number), index))

    def link(self, step: Step) -> None:
        """Remember what led to what."""
        self.trigger[step.target] = step
        self.triggered[step.source].append(step)

    def sender(self, number: int) -> int:
        """The event that sent this message. A copy made by the network follows its original."""
        return self.senders[number if number in self.senders else number - 1]

    def cost(self, operation: ClientOperation) -> Cost | None:
        """What `operation` cost; None if it was never answered."""
        if operation.outcome != "ok" or operation.end is None:
            return None
        number = self.replies[operation.process, operation.end]
        flight, end = self.trace.messages[number], self.sender(number)
        asked = self.asked(flight.source, flight.message)
        waited, first = self.waited(asked[0], end, asked)
        latency = (operation.end - operation.start) / 1000
        messages = self.messages({asked[0], first}, end)
        return Cost(messages, waited.messages / 2, waited.writes, latency)

    def asked(self, server: str, reply: ClientReply) -> list[int]:
        """When `server` was asked what it answers. If never, when others were: a new leader may
        answer what only the one before it was asked.
        """
        request = (reply.client, reply.sequence)
        here = self.arrivals.get((server, *request))
        return here or sorted(
            event
            for place, events in self.arrivals.items()
            if place[1:] == request
            for event in events
        )

    def waited(self, start: int, end: int, asked: list[int]) -> tuple[Waited, int]:
        """How long the chains were of what the answer waited for since the question.

        Going back from the answer, one may not come to the question: that had to wait for something
        that was on its way already (a save, a heartbeat, an earlier round). What the question led
        to at that server until then comes before it. Returns the first event of the chain, too.
        """
        own = list(self.onward(start, end))
        chains, back, event = [], Waited(), end
        while event not in asked:
            chains += [led + back for at, led in own if at <= event and self.same(at, event)]
            step = self.trigger.get(event)
            if step is None or step.source < start:
                begun = step is not None and step.by == "disk" and event > start
                chains.append(back + Waited(0, int(begun)))
                timer = self.trace.events[event].kind == "timer"
                longest = Waited(*map(max, zip(*chains, strict=True)))
                return longest, start if timer else event
            back, event = back + step.waited, step.source
        return back, start

    def same(self, event: int, other: int) -> bool:
        """The two happened at one server."""
        return self.trace.events[event].who == self.trace.events[other].who

    def onward(self, start: int, end: int) -> Iterator[tuple[int, Waited]]:
        """Each event up to `end` that the one at `start` led to, and what lay between."""
        ahead = [(start, Waited())]
        while ahead:
            event, waited = ahead.pop()
            yield event, waited
            ahead += [
                (step.target, waited + step.waited)
                for step in self.triggered[event]
                if step.target <= end
            ]

    def messages(self, roots: set[int], end: int) -> int:
        """How many messages to servers the `roots` led to before the answer, and the answers to
        these.
        """
        seen, ahead = {end}, sorted(roots)  # what goes out with the answer serves others
        sent = 0
        while ahead:
            event = ahead.pop()
            if event not in seen:
                seen.add(event)
                numbers = self.trace.events[event].sent
                sent += sum(self.trace.messages[n].target in self.trace.servers for n in numbers)
                if event < end:
                    ahead += [step.target for step in self.triggered[event]]
        return sent
