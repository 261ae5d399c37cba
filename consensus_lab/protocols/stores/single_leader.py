"""A store with one leader that orders all writes, and followers that copy its log.

The leader is the first server, for ever: there is no election here (see Raft). What the store
promises depends on two choices, which most databases leave to their users:

                 reads at the leader       local reads, where the client asks
    synchronous  linearizable              sequentially consistent (clients stay at one server)
    asynchronous linearizable              a client may miss its own write; nothing runs backwards

Kleppmann, M. (2017): Designing Data-Intensive Applications, chapter 5. Attiya, H. and Welch, J.
(1994): Sequential Consistency versus Linearizability, for the price of the first column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..node import ClientRequest, Effects, Node
from ..state_machine import KeyValue, Sessions


@dataclass(frozen=True)
class SingleLeaderOptions:
    """`synchronous`: a write is answered when every follower has it; else when the leader has.
    `local_reads`: each server answers reads itself. Every `heartbeat` ms the leader speaks to all;
    a follower that hears nothing for `patience` ms refuses what it would have to pass on.
    """

    synchronous: bool = True
    local_reads: bool = False
    heartbeat: float = 50
    patience: float = 200


@dataclass(frozen=True, slots=True)
class Forward:
    """A follower passes a client's request on to the leader."""

    request: ClientRequest


@dataclass(frozen=True, slots=True)
class Replicate:
    """What the leader's log holds after its first `length` commands. May be nothing."""

    length: int
    commands: tuple[ClientRequest, ...]


@dataclass(frozen=True, slots=True)
class ReplicateReply:
    """The log of `follower` is `length` long."""

    follower: str
    length: int


class SingleLeader(Node):
    """A server of the store: the leader if it is the first, else a follower."""

    durable = ("log",)
    options = SingleLeaderOptions()

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.leader = servers[0]
        self.role = "leader" if name == self.leader else "follower"
        self.log: tuple[ClientRequest, ...] = ()
        self.machine = Sessions(KeyValue())
        self.match_index: Mapping[str, int] = dict.fromkeys(self.peers, 0)
        self.commit_index = 0
        self.waiting: tuple[tuple[int, ClientRequest], ...] = ()
        self.forwarded: Mapping[str, int] = {}
        self.in_touch = True

    def on_start(self, out: Effects) -> None:
        """Carry out what the log holds; then lead, or wait for the leader."""
        self.carry_out(self.log)
        if self.role == "leader":
            self.on_heartbeat_timeout(out)
        else:
            out.set_timer("leader", self.options.patience)

    # -- requests ----------------------------------------------------------------------------------

    def on_request(self, request: ClientRequest, out: Effects) -> None:
        """Answer it here if that is allowed, else at the leader; without a leader, refuse."""
        if request.operation[0] == "read" and (self.options.local_reads or self.role == "leader"):
            out.reply(request, self.machine.look(request.operation))
        elif self.role == "leader":
            self.append(request, out)
        elif self.in_touch:
            self.forwarded = {**self.forwarded, request.client: request.sequence}
            out.send(self.leader, Forward(request))
        elif self.forwarded.get(request.client) != request.sequence:
            # What was passed on before may be carried out: only what never was can be refused.
            out.refuse(request, "no contact with the leader")

    def on_forward(self, message: Forward, out: Effects) -> None:
        """A follower's client asks; the leader answers it directly."""
        self.on_request(message.request, out)

    def append(self, request: ClientRequest, out: Effects) -> None:
        """The leader orders a command, and answers when enough servers have it."""
        self.log += (request,)
        self.carry_out((request,))
        out.save()
        self.waiting += ((len(self.log), request),)
        self.on_heartbeat_timeout(out)
        self.answer(out)

    def answer(self, out: Effects) -> None:
        """Answer the commands that are on enough servers."""
        everywhere = min([len(self.log), *self.match_index.values()])
        self.commit_index = everywhere if self.options.synchronous else len(self.log)
        for index, request in self.waiting:
            if index <= self.commit_index:
                _, result = self.machine.apply(request)  # it is done: this only asks the session
                out.reply(request, result)
        self.waiting = tuple(item for item in self.waiting if item[0] > self.commit_index)

    def carry_out(self, commands: tuple[ClientRequest, ...]) -> None:
        """Apply commands to the store's state, in the order of the log."""
        for command in commands:
            self.machine, _ = self.machine.apply(command)

    # -- replication -------------------------------------------------------------------------------

    def on_heartbeat_timeout(self, out: Effects) -> None:
        """Send every follower what it lacks, and soon again."""
        out.set_timer("heartbeat", self.options.heartbeat)
        for follower, length in self.match_index.items():
            out.send(follower, Replicate(length, self.log[length:]))

    def on_replicate(self, message: Replicate, out: Effects) -> None:
        """Append what is new. A log has no gaps: what comes too early is left to the next try."""
        self.in_touch = True
        out.set_timer("leader", self.options.patience)
        missing = message.commands[len(self.log) - message.length :]
        if missing and message.length <= len(self.log):
            self.log += missing
            self.commit_index = len(self.log)
            self.carry_out(missing)
            out.save()
        out.send(self.leader, ReplicateReply(self.name, len(self.log)))

    def on_replicate_reply(self, message: ReplicateReply, out: Effects) -> None:
        """Learn how far a follower is, and answer what waited for it."""
        length = max(message.length, self.match_index[message.follower])
        self.match_index = {**self.match_index, message.follower: length}
        self.answer(out)

    def on_leader_timeout(self, out: Effects) -> None:
        """Nothing was heard from the leader for too long."""
        self.in_touch = False
        out.note("has lost contact with the leader")
