"""A store without a leader: N replicas of each key, of which R answer a read and W a write.

Any server coordinates a request. It asks all N replicas and goes on when enough have answered. A
write first reads, to find a version larger than any that is there. What R and W promise:

    R + W > N, and what a read returns is written back     linearizable
    R + W > N                                              regular: no read is stale, but of two
                                                           reads during a write the later one may
                                                           return the older value
    R + W <= N, or a sloppy quorum                         stale reads

A client that asks two servers for the same write may write twice: let it stay at one.

DeCandia, G. et al. (2007): Dynamo. Gifford, D. (1979): Weighted Voting for Replicated Data. The
write-back is that of Attiya, Bar-Noy and Dolev (1995), the versions for many writers are those of
Lynch and Shvartsman (1997).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any
from zlib import crc32

from ...errors import ScenarioError
from ..node import ClientRequest, Effects, Node
from ..shown import Shown
from .quorum_messages import UNWRITTEN, Coordinated, Get, GetReply, Hint, Put, PutReply, Stored


@dataclass(frozen=True)
class QuorumOptions:
    """`n` replicas of each key; `r` must answer a read and `w` a write.

    `write_back`: a read is answered when `w` replicas hold what it returns. `read_repair`: a
    replica that answers a read with an old version is sent the newest. `hand_off`: what a replica
    misses is kept for it as a hint, and tried again each `retry` ms. `sloppy`: after `timeout` ms
    other servers stand in for replicas that do not answer. A request that has had no effect is
    refused when it cannot be done within `timeout` ms.
    """

    n: int = 3
    r: int = 2
    w: int = 2
    write_back: bool = False
    read_repair: bool = True
    hand_off: bool = True
    sloppy: bool = False
    timeout: float = 100
    retry: float = 200

    def __post_init__(self) -> None:
        for name in ("r", "w"):
            if not 1 <= getattr(self, name) <= self.n:
                raise ScenarioError(
                    f"{name} is {getattr(self, name)} and n is {self.n}: choose {name} from 1 to n."
                )


class Quorum(Node):
    """A server of the store: a replica of some keys, and coordinator of what it is asked."""

    durable = ("data", "hints", "number", "_taken")
    options: QuorumOptions = QuorumOptions()
    shown = Shown(fields=("data", "hints"))

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.data: Mapping[str, Stored] = {}
        self.hints: tuple[Hint, ...] = ()
        self.number = 0
        self._requests: Mapping[str, Coordinated] = {}
        self._taken: Mapping[str, int] = {}

    def on_start(self, out: Effects) -> None:
        """Hand off what the disk still holds for others."""
        if self.hints:
            out.set_timer("hand_off", self.options.retry)

    # -- the rules ---------------------------------------------------------------------------------

    def newest(self, found: Iterable[Stored]) -> Stored:
        """Of what replicas hold, that with the largest version."""
        return max(found, key=attrgetter("version"))

    def is_read(self, answered: Collection[str]) -> bool:
        """Enough replicas have `answered` a read."""
        return len(answered) >= self.options.r

    def is_written(self, holders: Collection[str]) -> bool:
        """Enough replicas are `holders` of what is written."""
        return len(holders) >= self.options.w

    def may_return(self, holders: Collection[str]) -> bool:
        """A read may return what these `holders` have; if not, it is first written back."""
        return not self.options.write_back or self.is_written(holders)

    def ring(self, key: str) -> tuple[str, ...]:
        """All servers, in the order in which they are to hold `key`."""
        start = crc32(key.encode()) % len(self.servers)
        return self.servers[start:] + self.servers[:start]

    def replicas(self, key: str) -> tuple[str, ...]:
        """The servers that are to hold `key`."""
        return self.ring(key)[: self.options.n]

    def stand_ins(self, key: str) -> tuple[str, ...]:
        """The servers that may hold hints for silent replicas."""
        return self.ring(key)[self.options.n :]

    # -- the coordinator ---------------------------------------------------------------------------

    def on_request(self, request: ClientRequest, out: Effects) -> None:
        """Ask all replicas what they hold; also for a write, which needs a larger version."""
        kind, key = request.operation[:2]
        name = f"{request.client}/{request.sequence}"
        if kind not in ("read", "write"):
            out.refuse(request, f"a quorum store knows read and write, not {kind}")
        elif name not in self._requests and request.sequence > self._taken.get(request.client, 0):
            if kind == "write":  # to read twice does no harm
                self._taken = {**self._taken, request.client: request.sequence}
            self._requests = {**self._requests, name: Coordinated(request)}
            out.set_timer(name, self.options.timeout)
            self.ask(self.replicas(key), name, out)

    def ask(self, servers: Iterable[str], name: str, out: Effects) -> None:
        """Ask `servers` what they hold; itself last, for it answers at once."""
        for server in sorted(servers, key=self.name.__eq__):
            self.post(server, Get(name, self.name, self._requests[name].key), out)

    def on_get_reply(self, message: GetReply, out: Effects) -> None:
        """A replica tells what it holds."""
        if message.request not in self._requests:
            return
        state = self._requests[message.request]
        state = self.update(message.request, found={**state.found, message.server: message.stored})
        if state.phase == "reading" and self.is_read(state.found):
            self.choose(message.request, out)
        elif state.phase == "answered" and not state.is_write:
            self.repair([message.server], message.request, out)

    def choose(self, name: str, out: Effects) -> None:
        """Enough replicas have answered: return the newest value, or write a newer one."""
        state = self._requests[name]
        chosen = self.newest(state.found.values())
        if state.is_write:
            self.number = max(self.number, chosen.number) + 1
            # Or after a crash it could give this version to another value, and take a doubled
            # request for a new one.
            out.save()
            chosen = Stored(state.request.operation[2], self.number, self.name)
        holders = frozenset(server for server, held in state.found.items() if held == chosen)
        self.update(name, phase="writing", chosen=chosen, holders=holders, late=False)
        if not state.is_write and self.may_return(holders):
            self.answer(name, out)
        else:
            out.set_timer(name, self.options.timeout)
            lacking = [server for server in self.replicas(state.key) if server not in holders]
            self.hand(lacking, name, out)

    def hand(self, servers: Iterable[str], name: str, out: Effects) -> None:
        """Give `servers` what was chosen; itself last, for it replies at once."""
        state = self._requests[name]
        for server in sorted(servers, key=self.name.__eq__):
            self.post(server, Put(name, self.name, server, state.key, state.chosen), out)

    def on_put_reply(self, message: PutReply, out: Effects) -> None:
        """A replica holds it, or somebody in its place."""
        if message.server == message.owner:
            self.drop_hint(message, out)
        if message.request in self._requests:
            holders = self._requests[message.request].holders | {message.owner}
            state = self.update(message.request, holders=holders)
            if state.phase == "writing" and self.is_written(holders):
                self.answer(message.request, out)

    def answer(self, name: str, out: Effects) -> None:
        """Answer the client. Who replies after that can still be repaired, until it is late."""
        state = self.update(name, phase="answered")
        out.reply(state.request, None if state.is_write else state.chosen.value)
        if not state.is_write:
            self.repair(state.found, name, out)
        if state.late:
            self.forget(name, out)

    def repair(self, servers: Iterable[str], name: str, out: Effects) -> None:
        """Read repair: those that answered a read with something older are given the newest."""
        state = self._requests[name]
        if self.options.read_repair:
            older = [one for one in servers if state.found[one].version < state.chosen.version]
            self.hand(older, name, out)

    # -- what takes too long -----------------------------------------------------------------------

    def on_timer(self, name: str, out: Effects) -> None:
        """A request is late, or it is time to hand off."""
        if name in self._requests:
            self.on_late(name, out)
        else:
            super().on_timer(name, out)

    def on_late(self, name: str, out: Effects) -> None:
        """Let others stand in for silent replicas; refuse what has had no effect."""
        state = self._requests[name]
        self.update(name, late=True)
        if state.is_write and state.phase != "reading" and self.options.hand_off:
            self.leave_hints(name, out)
        if state.phase == "answered":
            self.forget(name, out)
        elif state.phase == "reading" and self.options.sloppy and not state.late:
            self.ask(self.stand_ins(state.key), name, out)
            out.set_timer(name, self.options.timeout)
        elif state.phase == "reading" or not state.is_write:
            if state.is_write:
                out.save()  # or a doubled request could still be carried out after a crash
            out.refuse(state.request, "too few replicas answer")
            self.forget(name, out)

    def leave_hints(self, name: str, out: Effects) -> None:
        """What silent replicas miss is kept for them: here, or in a sloppy quorum by stand-ins.

        Only a stand-in counts as a holder: what is kept here was there before.
        """
        state = self._requests[name]
        stand_ins = list(self.stand_ins(state.key)) if self.options.sloppy else []
        for owner in self.replicas(state.key):
            if owner in state.holders:
                continue
            if stand_ins:
                put = Put(name, self.name, owner, state.key, state.chosen)
                self.post(stand_ins.pop(0), put, out)
            else:
                self.keep_hint(Hint(owner, state.key, state.chosen, name), out)

    def on_hand_off_timeout(self, out: Effects) -> None:
        """Try to hand off what is kept for others."""
        for hint in self.hints:
            put = Put(hint.request, self.name, hint.owner, hint.key, hint.stored)
            out.send(hint.owner, put)
        if self.hints:
            out.set_timer("hand_off", self.options.retry)

    # -- the replica -------------------------------------------------------------------------------

    def on_get(self, message: Get, out: Effects) -> None:
        """Tell the newest that is here, be it a hint for somebody else."""
        hinted = [hint.stored for hint in self.hints if hint.key == message.key]
        newest = self.newest([self.data.get(message.key, UNWRITTEN), *hinted])
        self.post(message.coordinator, GetReply(message.request, self.name, newest), out)

    def on_put(self, message: Put, out: Effects) -> None:
        """Hold it, if it is newer than what is here; or keep it for its owner."""
        if message.owner != self.name:
            self.keep_hint(Hint(message.owner, message.key, message.stored, message.request), out)
        elif message.stored.version > self.data.get(message.key, UNWRITTEN).version:
            self.data = {**self.data, message.key: message.stored}
            out.save()
        self.post(message.sender, PutReply(message.request, self.name, message.owner), out)

    def keep_hint(self, hint: Hint, out: Effects) -> None:
        """Keep what `hint.owner` missed, and begin to hand off."""
        if not self.hints:
            out.set_timer("hand_off", self.options.retry)
        if hint not in self.hints:
            self.hints += (hint,)
            out.save()

    def drop_hint(self, message: PutReply, out: Effects) -> None:
        """Its owner has it now."""
        done = (message.request, message.owner)
        kept = tuple(hint for hint in self.hints if (hint.request, hint.owner) != done)
        if kept != self.hints:
            self.hints = kept
            out.save()

    # -- small things ------------------------------------------------------------------------------

    def post(self, to: str, message: Any, out: Effects) -> None:
        """Send a message; one to itself is there at once."""
        if to == self.name:
            self.on_message(message, out)
        else:
            out.send(to, message)

    def update(self, name: str, **changes: Any) -> Coordinated:
        """Change what is known of a request."""
        state = replace(self._requests[name], **changes)
        self._requests = {**self._requests, name: state}
        return state

    def forget(self, name: str, out: Effects) -> None:
        """Nothing more is to be done for a request."""
        self._requests = {key: state for key, state in self._requests.items() if key != name}
        out.cancel_timer(name)
