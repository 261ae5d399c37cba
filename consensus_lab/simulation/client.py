"""Clients: they ask, and ask again; sometimes they never know."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Any

from ..protocols.node import ClientRefusal, ClientReply, ClientRequest, Operation
from .clock import microseconds
from .trace import ClientOperation

if TYPE_CHECKING:
    from .world import World

ADVICE_PAUSE = microseconds(20)
"""How long a client waits before it asks elsewhere, when told that nobody is known to lead."""


@dataclass(eq=False, slots=True)
class Asked:
    """A request under way, and its operation's place in the trace.

    `lane`: which of the client's lanes it takes. `only`: the one server that may be asked, if there
    is one. `target`: the one that is asked now. `times`: how often it was sent.
    `replies`: what each server has answered.
    """

    index: int
    lane: int
    request: ClientRequest
    only: str | None
    target: str
    times: int = 0
    replies: dict[str, Any] = field(default_factory=dict)


class Client:
    """A client of the store, with luck of its own and `Workload.outstanding` requests under way.

    After a request whose outcome it never learnt it begins a new session (A, A.2, A.3, …): the
    lost request may still happen while the next one runs, which one sequential process cannot do.

    For the same reason each request under way has a lane of its own, and to a history each lane is
    a process: A and A/2 of the session A. What they ask stands in no order, unless one was answered
    before the other was asked.
    """

    def __init__(self, name: str, world: World) -> None:
        self.name = name
        self.world = world
        self.workload = world.scenario.workload
        self.random = Random(f"{world.scenario.seed}/{name}/client").random
        self.works = name in world.scenario.working_clients
        self.session = name
        self.lives = 1
        self.sequence = 0
        self.target = self.anyone()
        self.needed = world.scenario.tailored.replies_needed(len(world.names))
        self.asked: dict[int, Asked] = {}
        self.queue: deque[tuple[Operation, str | None]] = deque()
        self.seen: dict[str, Any] = {}

    # -- what it asks ----------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to work, if it is a working client."""
        for _ in range(self.workload.outstanding if self.works else 0):
            self.after(microseconds(self.workload.start) + self.thinking_time(), self.work)

    def work(self) -> None:
        """It has thought long enough, and asks what it likes."""
        if self.is_free():
            fresh = self.world.values.__next__
            self.begin(self.workload.invent(self.random, fresh, self.seen))

    def ask(self, operation: Operation, server: str | None = None) -> None:
        """It is told what to ask, and perhaps whom, and does so when it is free."""
        self.queue.append((operation, server))
        self.obey()

    def obey(self) -> None:
        """Ask what it was told to, if it is free."""
        if self.queue and self.is_free():
            self.begin(*self.queue.popleft())

    def go_on(self) -> None:
        """What it was told to ask comes first, then what it likes."""
        if self.queue:
            # Not at once: an operation that starts when the last one ends would overlap with it.
            self.after(1, self.obey)
        elif self.works:
            self.after(self.thinking_time(), self.work)

    def begin(self, operation: Operation, server: str | None = None) -> None:
        """Ask: `server`, if one is given, else whom it is attached to."""
        operations = self.world.trace.operations
        self.sequence += 1
        request = ClientRequest(self.session, self.sequence, operation, self.first_unanswered())
        only = server or self.home()
        if only or self.workload.attach == "any":
            self.target = only or self.anyone()
        lane = next(n for n in count(1) if n not in self.asked)
        process = self.session if lane == 1 else f"{self.session}/{lane}"
        self.asked[lane] = asked = Asked(len(operations), lane, request, only, self.target)
        operations.append(ClientOperation(process, operation, self.world.now))
        self.send(asked, "request", asked.index)
        self.after(microseconds(self.workload.retry), self.retry, asked)
        self.after(microseconds(self.workload.patience), self.give_up, asked)

    # -- until it is answered --------------------------------------------------------------------

    def send(self, asked: Asked, kind: str, detail: Any) -> None:
        """Send a request to the server that is asked now."""
        asked.times += 1
        # If no single one is believed, because some may lie, all are asked.
        targets = [asked.target] if self.needed == 1 else self.world.names
        sent = [self.world.transmit(self.name, target, asked.request) for target in targets]
        self.world.record(kind, self.name, detail, sent=sent)

    def retry(self, asked: Asked) -> None:
        """No answer for a while: ask another server the same, under the same number."""
        if self.is_open(asked):
            self.try_another(asked)
            self.send(asked, "timer", "retry")
            self.after(microseconds(self.workload.retry), self.retry, asked)

    def repeat(self, asked: Asked) -> None:
        """Ask once more, where it was advised to."""
        if self.is_open(asked):
            self.send(asked, "timer", "retry")

    def give_up(self, asked: Asked) -> None:
        """No answer for too long: what became of it stays unknown."""
        if self.is_open(asked):
            del self.asked[asked.lane]
            self.lives += 1
            self.session = f"{self.name}.{self.lives}"
            self.sequence = 0
            self.try_another()
            self.world.record(
                "answer", self.name, asked.index, notes=["hears nothing and gives up"]
            )
            self.go_on()

    def hear(self, number: int, source: str, reply: ClientReply | ClientRefusal) -> None:
        """A reply came, as message `number`, from the server `source`."""
        asked = next((a for a in self.asked.values() if answers(reply, a.request)), None)
        if isinstance(reply, ClientRefusal):
            # Asked twice, it cannot know: S1 is slow, so it asks S2, who refuses, and S1 does it.
            if asked is not None and asked.times == 1:
                self.fail(asked, source, reply.why)
                return
        elif asked is not None and reply.ok and self.believes(asked, source, reply.result):
            self.learn(asked, source, reply.result)
            return
        self.world.record("deliver", self.name, number)
        # Only from the server asked last: a doubled advice, followed twice, doubles again.
        advised = asked is not None and source == asked.target
        if asked is not None and advised and isinstance(reply, ClientReply) and not reply.ok:
            self.follow(asked, reply.leader)

    def believes(self, asked: Asked, source: str, result: Any) -> bool:
        """With this answer, enough servers have given the same."""
        asked.replies[source] = result
        return list(asked.replies.values()).count(result) >= self.needed

    def follow(self, asked: Asked, leader: str | None) -> None:
        """Ask where it is advised to; if nobody is known to lead, a little later and elsewhere."""
        if leader in self.world.servers and not asked.only:
            self.target = asked.target = str(leader)
            self.repeat(asked)
        else:
            self.try_another(asked)
            self.after(ADVICE_PAUSE, self.repeat, asked)

    def learn(self, asked: Asked, source: str, result: Any) -> None:
        """The answer: write it down and go on."""
        done = self.world.trace.operations[asked.index]
        done.end, done.result, done.outcome, done.server = self.world.now, result, "ok", source
        if done.operation[0] == "read":
            self.seen[done.operation[1]] = result
        del self.asked[asked.lane]
        self.world.record("answer", self.name, asked.index)
        self.go_on()

    def fail(self, asked: Asked, source: str, why: str) -> None:
        """The store says no: the operation has had no effect, and the client goes on."""
        done = self.world.trace.operations[asked.index]
        done.end, done.outcome, done.server = self.world.now, "failed", source
        del self.asked[asked.lane]
        self.world.record("answer", self.name, asked.index, notes=[f"is refused: {why}"])
        self.go_on()

    # -- small things ----------------------------------------------------------------------------

    def after(self, delay: int, happen: Any, *arguments: Any) -> None:
        """Let `happen` be called in `delay` µs."""
        self.world.push(self.world.now + delay, happen, arguments)

    def is_free(self) -> bool:
        """It may ask one thing more."""
        return len(self.asked) < self.workload.outstanding

    def is_open(self, asked: Asked) -> bool:
        """That request is still under way."""
        return self.asked.get(asked.lane) is asked

    def first_unanswered(self) -> int:
        """The lowest sequence number of this session whose response it has not received."""
        requests = [asked.request for asked in self.asked.values()]
        waiting = [one.sequence for one in requests if one.client == self.session]
        return min([*waiting, self.sequence])

    def try_another(self, asked: Asked | None = None) -> None:
        """Believe in the next server of the ring, unless there is one that must be asked."""
        names = self.world.names
        if asked is None or not asked.only:
            self.target = names[(names.index(self.target) + 1) % len(names)]
            if asked:
                asked.target = self.target

    def home(self) -> str | None:
        """The server that it asks always, if the workload says so: S1 for A, S2 for B, …"""
        names = self.world.names
        return (
            names[(ord(self.name) - ord("A")) % len(names)]
            if self.workload.attach == "home"
            else None
        )

    def anyone(self) -> str:
        """A server drawn at random."""
        return self.world.names[int(self.random() * len(self.world.names))]

    def thinking_time(self) -> int:
        """How long it thinks this time, in µs."""
        shortest, longest = self.workload.think
        # At least a tick: an operation that starts when the last one ends would overlap with it.
        return max(1, microseconds(shortest + (longest - shortest) * self.random()))


def answers(reply: ClientReply | ClientRefusal, request: ClientRequest) -> bool:
    """The reply is to this request, and not a late one to an earlier."""
    return (reply.client, reply.sequence) == (request.client, request.sequence)
