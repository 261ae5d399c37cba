"""A store in which every server answers at once, and tells the others later: gossip.

Now and then each server picks another at random. They exchange all they hold, and both merge the
two (anti-entropy, push and pull). So whatever one server knows, all know in the end, through
crashes, losses and partitions. Until then they differ: that is the inconsistency window.

Here the newer of two writes wins, by the clocks of the servers that took them. A client that stays
at one server sees causes before effects, if the clocks are right. One that moves may miss even its
own writes. And a clock that is wrong makes the store forget the newer write.

Demers, A. et al. (1987): Epidemic algorithms for replicated database maintenance. Johnson, P. and
Thomas, R. (1975): The maintenance of duplicate databases, RFC 677.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from ..node import ClientRequest, Effects, Node, Operation


class State(Protocol):
    """What a server holds for a key. It never changes; `merge` makes a new one.

    Merging must be commutative, associative and idempotent: then it does not matter in which order
    the servers speak to each other, nor how often.
    """

    @property
    def value(self) -> Any:
        """What a read returns."""

    def merge(self, other: Any) -> Any:
        """All that either of them knows."""


@dataclass(frozen=True)
class GossipOptions:
    """Each server gossips every `interval` ms (give or take a half), with `fanout` others.

    With `direct_mail` it also sends each change to all at once. That is quick, and as a mail can be
    lost and overtaken, gossip must still do the rest.
    """

    interval: float = 50
    fanout: int = 1
    direct_mail: bool = False


@dataclass(frozen=True, slots=True)
class Push:
    """All that `sender` holds, by key; `pull` asks the receiver for all that it holds."""

    sender: str
    data: tuple[tuple[str, Any], ...]
    pull: bool


class Gossip(Node):
    """A server of the store. What it holds for a key, and how that changes, subclasses say.

    `empty` is what it holds before the first change, `kinds` are the changes that it knows, and
    `looks` what leaves all as it is.
    """

    durable = ("data", "_taken")
    options = GossipOptions()
    empty: ClassVar[Any]
    kinds: ClassVar[tuple[str, ...]]
    looks: ClassVar[tuple[str, ...]] = ("read",)

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.values: Mapping[str, Any] = {}  # what reads return; follows from data
        self.data: Mapping[str, Any] = {}
        self._taken: Mapping[str, int] = {}

    def on_start(self, out: Effects) -> None:
        """Take up what the disk holds, and wait until it is time to gossip."""
        self.keep(self.data)
        self.wait(out)

    def wait(self, out: Effects) -> None:
        """Gossip some time later."""
        out.set_timer("gossip", self.options.interval * (0.5 + out.random()))

    # -- clients -----------------------------------------------------------------------------------

    def on_request(self, request: ClientRequest, out: Effects) -> None:
        """Answer from what is here. Nobody else is asked."""
        kind, key = request.operation[:2]
        if kind in self.looks:
            out.reply(request, self.seen(key, request.operation))
        elif kind in self.kinds:
            if request.sequence > self._taken.get(request.client, 0):  # else it asks once more
                self.take(request, out)
            out.reply(request, None)
        else:
            out.refuse(request, f"this store knows {', '.join(self.looks + self.kinds)}")

    def take(self, request: ClientRequest, out: Effects) -> None:
        """Make a change, here; the others hear of it later."""
        key = request.operation[1]
        self._taken = {**self._taken, request.client: request.sequence}
        self.keep({key: self.changed(key, request.operation, out)})
        out.save()
        for peer in self.peers if self.options.direct_mail else ():
            out.send(peer, Push(self.name, ((key, self.data[key]),), False))

    @staticmethod
    def took(changes: Mapping[str, Any]) -> bool:
        """Whether a server with these changes of its fields took a client's request."""
        return "_taken" in changes

    def seen(self, key: str, operation: Operation) -> Any:
        """What `operation` finds in what is held for `key`."""
        return self.state_of(key).value

    def state_of(self, key: str) -> Any:
        """What is held for `key`."""
        return self.data.get(key, self.empty)

    def changed(self, key: str, operation: Operation, out: Effects) -> Any:
        """What is to be held for `key` after `operation`."""
        raise NotImplementedError

    # -- anti-entropy ------------------------------------------------------------------------------

    def on_gossip_timeout(self, out: Effects) -> None:
        """Exchange all with a few others, drawn at random."""
        self.wait(out)
        others = list(self.peers)
        for _ in range(min(self.options.fanout, len(others))):
            self.push(others.pop(int(out.random() * len(others))), True, out)

    def push(self, to: str, pull: bool, out: Effects) -> None:
        """Send all that is here."""
        out.send(to, Push(self.name, tuple(self.data.items()), pull))

    def on_push(self, message: Push, out: Effects) -> None:
        """Merge what another holds; if it asks, tell it what it lacks."""
        theirs = dict(message.data)
        merged = {key: self.state_of(key).merge(state) for key, state in theirs.items()}
        if any(state != self.state_of(key) for key, state in merged.items()):
            self.keep(merged)
            out.save()
        if message.pull and self.data != theirs:
            self.push(message.sender, False, out)

    def keep(self, states: Mapping[str, Any]) -> None:
        """Hold these from now on."""
        self.data = dict(sorted({**self.data, **states}.items()))
        self.values = {key: state.value for key, state in self.data.items()}


@dataclass(frozen=True, slots=True)
class Stamped:
    """A value with the time of its write, in ms by the clock of the `server` that took it."""

    time: float
    server: str
    value: Any

    def merge(self, other: Stamped) -> Stamped:
        """The newer of the two. Names break ties; any order will do, if all use the same."""
        return max(self, other, key=lambda one: (one.time, one.server, str(one.value)))


class LastWriterWins(Gossip):
    """Registers. Of two writes to a key the newer one is kept, by what the clocks said."""

    empty = Stamped(float("-inf"), "", 0)
    kinds = ("write",)

    def changed(self, key: str, operation: Operation, out: Effects) -> Stamped:
        """The new value; unless what is here claims to be newer still."""
        written = Stamped(out.clock(), self.name, operation[2])
        held: Stamped = self.state_of(key)
        if held.merge(written) is held:
            ahead = held.time - written.time
            out.note(f"drops {key}={written.value}: what is here is stamped {ahead:g} ms later")
        return held.merge(written)
