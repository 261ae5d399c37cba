"""Mistakes on the way between clients and the log (C1 to C7): a class and a scenario each.

Raft survives the scenario, and the mistake does not: its clients see what cannot be linearized.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import count

from consensus_lab.protocols.node import ClientRequest
from consensus_lab.protocols.raft import Raft
from consensus_lab.protocols.state_machine import KeyValue, Session, Sessions, exactly_once
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation.faults import crash, cut, heal, request, restart, timeout


class RetriesTwice(Raft):
    """C1: a retry is carried out again."""

    state_machine = KeyValue


class KnowsTooEarly(Raft):
    """C2: looks for a retry when it comes, and not again when it is applied."""

    state_machine = KeyValue
    done: tuple[tuple[ClientRequest, object], ...] = ()

    def on_request(self, request, out):
        if request in dict(self.done):
            out.reply(request, dict(self.done)[request])
        else:
            super().on_request(request, out)

    def apply(self, entry, out):
        super().apply(entry, out)
        if isinstance(entry.command, ClientRequest):
            self.done += ((entry.command, True),)


class AnswersByIndex(Raft):
    """C3: whoever waits for an index is answered, whatever has come to stand there."""

    waiters: tuple[tuple[int, ClientRequest], ...] = ()

    def append(self, command, out):
        if isinstance(command, ClientRequest):
            self.waiters += ((self.last_log_index + 1, command),)
        super().append(command, out)

    def apply(self, entry, out):
        super().apply(entry, out)
        for index, waiter in self.waiters:
            if index == self.last_applied:
                out.reply(waiter, None)


class OneSessionForAll(Sessions):
    """Takes A.2, what A calls itself after a request it has lost, for A."""

    def apply(self, request):
        return super().apply(replace(request, client=request.client[0]))


class AnswersForAnother(Raft):
    """C4: a client that asks anew gets the answer to what it asked before."""

    state_machine = partial(OneSessionForAll, KeyValue())


class LastAnswerOnly(Sessions):
    """Remembers of each client the last answer, and takes whatever is not newer for a retry."""

    def apply(self, request):
        [(last, answer)] = self.sessions.get(
            request.client, Session(1, {0: None})
        ).responses.items()
        if request.sequence <= last:
            return self, answer
        machine, answer = self.machine.apply(request)
        session = Session(1, {request.sequence: answer})
        return type(self)(machine, {**self.sessions, request.client: session}), answer


class AnswersTheLast(Raft):
    """C4: a client with two requests under way gets for the one the answer to the other."""

    state_machine = partial(LastAnswerOnly, KeyValue())


class Moody(KeyValue):
    """Ignores every other write: no two replicas do the same."""

    mood = count()

    def apply(self, request):
        if request.operation[0] == "write" and next(self.mood) % 2:
            return self, None
        machine, result = super().apply(request)
        return type(self)(machine.data), result


class DependsOnLuck(Raft):
    """C6: what a command does depends on something else than machine and command."""

    state_machine = exactly_once(Moody())


class AppliesAgain(Raft):
    """C7: saves the machine, and not how far it has come; a restart applies the log once more."""

    state_machine = KeyValue
    durable = (*Raft.durable, "machine")

    def apply(self, entry, out):
        super().apply(entry, out)
        out.save()

    def on_start(self, out):
        saved = self.machine
        super().on_start(out)
        self.machine = saved


STAGE = Scenario(
    Raft,
    servers=3,
    network=Network(latency=(10, 10)),
    disk=DiskModel((1, 1)),
    workload=Workload(retry=250, patience=400),
    options={"election_timeout": (50_000, 60_000)},
    duration=1500,
).at(50, timeout("S1"))
"""Nothing is left to chance, and nobody stands for election unless a fault says so."""

LOST_ANSWER = STAGE.at(
    100, cut("S1", "A", one_way=True), request("cas", "x", 0, 1, server="S1")
).at(300, heal())
"""A's request is done, and A asks again. "No", says the store, "x is not 0 any more"."""

TWICE_IN_THE_LOG = (
    STAGE.at(100, cut("S1", "S2"), cut("S1", "S3"))
    .at(110, request("cas", "x", 0, 1, server="S1"))
    .at(200, request("cas", "x", 1, 0, client="B", server="S1"))
    .at(380, heal())
    .at(700, request("read", "x", client="B", server="S1"))
)
"""A asks again before its first request is committed. B's comes between."""

OTHER_LEADER = STAGE.at(200, request("write", "x", 1, server="S1"), timeout("S2")).at(
    800, request("read", "x", client="B", server="S2")
)
"""A's request waits at S1, where the no-op of S2 takes its place."""

LOST_REQUEST = (
    STAGE.at(100, cut("S1", "S2"), cut("S1", "S3"))
    .at(200, request("write", "x", 1, server="S1"))
    .at(620, heal(), request("write", "y", 2, server="S1"))
    .at(900, request("read", "y", client="B", server="S1"))
)
"""A gives up its first request, and goes on as A.2 while that is still under way."""

OVERTAKEN = (
    replace(STAGE, workload=Workload(retry=250, patience=1000, outstanding=2))
    .at(100, cut("A", "S1", one_way=True), request("write", "x", 1, server="S1"))
    .at(150, heal(), request("write", "y", 2, server="S1"))
    .at(900, request("read", "x", client="B", server="S1"))
)
"""A's second request is done before its first one, which is lost at first, and asked again."""

CHANGE_OF_LEADER = (
    STAGE.at(100, request("write", "x", 1, server="S1"))
    .at(300, timeout("S2"))
    .at(500, request("read", "x", client="B", server="S2"))
)
"""S1 has carried out the write, and S2 is asked what is there."""

RESTART = (
    replace(STAGE, servers=1, options={}, faults=())
    .at(400, request("cas", "x", 1, 2, server="S1"))
    .at(450, request("cas", "x", 0, 1, server="S1"))
    .at(600, crash("S1"))
    .at(610, restart("S1"))
    .at(1200, request("read", "x", server="S1"))
)
"""Before the restart, the first request could do nothing."""

KILLED_IN: dict[type[Raft], Scenario] = {
    RetriesTwice: LOST_ANSWER,
    KnowsTooEarly: TWICE_IN_THE_LOG,
    AnswersByIndex: OTHER_LEADER,
    AnswersForAnother: LOST_REQUEST,
    AnswersTheLast: OVERTAKEN,
    DependsOnLuck: CHANGE_OF_LEADER,
    AppliesAgain: RESTART,
}
"""For each bug the scenario in which it shows."""
