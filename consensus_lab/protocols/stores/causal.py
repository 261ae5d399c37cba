"""A store in which nobody sees an effect before its cause.

Every server answers at once from what it has. It sends each write to all others, together with a
vector clock: how many writes of each server were there when it was made. A server holds a write
back until all of that has come to it, too. So an answer waits for its question, while writes that
know nothing of each other may come in any order.

Clients must stay at one server each: what they have seen is there, and perhaps nowhere else.

Ahamad, M. et al. (1995): Causal memory. Lloyd, W. et al. (2011): Don't settle for eventual (COPS).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from ...clocks import VectorClock
from ..node import ClientRequest, Effects, Node


@dataclass(frozen=True)
class CausalStoreOptions:
    """`converge`: of two writes that know nothing of each other all servers keep the same one
    (causal convergence); else each keeps the one that came last to it (causal memory). Every `sync`
    ms each server tells the others what it has, and is sent what it lacks.
    """

    converge: bool = True
    sync: float = 200


@dataclass(frozen=True, slots=True)
class Write:
    """`server` writes `value` to `key`, after all that `past` counts."""

    key: str
    value: Any
    server: str
    past: VectorClock

    @property
    def rank(self) -> tuple[int, str]:
        """Larger than that of any write in its past; and never the same as another's."""
        return sum(self.past.values()), self.server


@dataclass(frozen=True, slots=True)
class Sync:
    """`server` has as many writes of each server as `clock` says."""

    server: str
    clock: VectorClock


class CausalStore(Node):
    """A server of the store.

    `clock` counts the writes of each server that were applied here, and `data` is what they made.
    `waiting` are the writes whose past is not here yet. Kept, and not shown beside the animation:
    the writes in the order in which they were applied, and the last request of each client.
    """

    durable = ("clock", "data", "_applied", "_answered")
    options = CausalStoreOptions()
    first_clock = VectorClock()

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.clock = self.first_clock
        self.data: Mapping[str, Any] = {}
        self.waiting: tuple[Write, ...] = ()
        self._applied: tuple[Write, ...] = ()
        self._answered: Mapping[str, int] = {}

    def on_start(self, out: Effects) -> None:
        """Ask for what was missed."""
        self.on_sync_timeout(out)

    # -- requests ----------------------------------------------------------------------------------

    def on_request(self, request: ClientRequest, out: Effects) -> None:
        """Answer at once: nobody else is asked."""
        match request.operation:
            case ("read", key):
                out.reply(request, self.data.get(key, 0))
            case ("write", key, value):
                if request.sequence > self._answered.get(request.client, 0):
                    self._answered = {**self._answered, request.client: request.sequence}
                    self.write(Write(key, value, self.name, self.clock), out)
                out.reply(request, None)
            case (kind, *_):
                out.refuse(request, f"a causal store knows read and write, not {kind}")

    def write(self, write: Write, out: Effects) -> None:
        """Apply it here, and tell everybody."""
        self.apply(write, out)
        for peer in self.peers:
            out.send(peer, write)

    # -- writes of others --------------------------------------------------------------------------

    def on_write(self, write: Write, out: Effects) -> None:
        """A write came. Apply it, and what waited for it; or hold it back."""
        if write in self._applied or write in self.waiting:
            return
        self.waiting += (write,)
        while ready := [one for one in self.waiting if self.is_ready(one)]:
            self.waiting = tuple(one for one in self.waiting if one != ready[0])
            self.apply(ready[0], out)
        if write in self.waiting:
            out.note(f"{write.key}={write.value} waits for its past {write.past}")

    def is_ready(self, write: Write) -> bool:
        """All that `write` may depend on is here."""
        return write.past <= self.clock

    def apply(self, write: Write, out: Effects) -> None:
        """Take over a write, unless it loses against another that knew nothing of it."""
        self.clock = self.clock.increment(write.server)
        self._applied += (write,)
        if self.options.converge:
            write = max((w for w in self._applied if w.key == write.key), key=attrgetter("rank"))
        self.data = {**self.data, write.key: write.value}
        out.save()

    # -- what got lost -----------------------------------------------------------------------------

    def on_sync_timeout(self, out: Effects) -> None:
        """Tell the others what is here."""
        out.set_timer("sync", self.options.sync)
        for peer in self.peers:
            out.send(peer, Sync(self.name, self.clock))

    def on_sync(self, message: Sync, out: Effects) -> None:
        """Send `message.server` the writes that it lacks."""
        for write in self._applied:
            if write.past[write.server] >= message.clock[write.server]:
                out.send(message.server, write)
