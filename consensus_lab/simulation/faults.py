"""What can be made to happen in a scenario: faults, their repair, and requests by hand.

Each is a value, made by a small function, so that a scenario can be compared, saved and shared.
A server is named ("S2"), or by the role it plays at that moment ("leader").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..errors import ScenarioError
from .checks import instance, is_number, number, operation, signed, text
from .clock import Clock, microseconds
from .fault import IT as IT
from .fault import Fault as Fault
from .fault import ServerFault as ServerFault
from .message_faults import delay as delay
from .message_faults import drop as drop
from .message_faults import duplicate as duplicate
from .network import Network
from .plain import LATER

if TYPE_CHECKING:
    from .world import World


class Crash(ServerFault):
    """The server stops at once. What its disk holds is all that is left of it."""

    def strike(self, world: World) -> None:
        if name := world.find(self.server, self, "up", "paused"):
            world.crash(name)


class Restart(ServerFault):
    """A crashed server boots again, with what its disk holds."""

    def strike(self, world: World) -> None:
        if name := world.find(self.server, self, "down"):
            world.restart(name)


class Wipe(ServerFault):
    """A crashed server boots as a new machine of the same name: its disk is empty.

    Raft may be expected to bear that only if the server has been removed from the cluster before:
    a voter must not forget.
    """

    def strike(self, world: World) -> None:
        if name := world.find(self.server, self, "down"):
            world.wipe(name)


class Pause(ServerFault):
    """The server stands still (a long garbage collection, SIGSTOP): messages and timers wait."""

    def strike(self, world: World) -> None:
        if name := world.find(self.server, self, "up"):
            world.pause(name)


class Resume(ServerFault):
    """A paused server goes on, believing that no time has passed."""

    def strike(self, world: World) -> None:
        if name := world.find(self.server, self, "paused"):
            world.resume(name)


@dataclass(frozen=True)
class SlowDisk(ServerFault):
    """From now on each write to this server's disk takes `sync` ms."""

    sync: float

    def __post_init__(self) -> None:
        number("the time of a write", self.sync)

    def strike(self, world: World) -> None:
        if name := world.find(self.server, self):
            world.slow_disk(name, self.sync)


@dataclass(frozen=True)
class ClockSkew(ServerFault):
    """The server's clock is `offset` ms ahead, and from now on runs at `rate`."""

    offset: float
    rate: float = 1.0

    def __post_init__(self) -> None:
        signed("the offset of a clock", self.offset)
        if not is_number(self.rate) or not 0.01 <= self.rate <= 100:
            raise ScenarioError(f"The rate of a clock is from 0.01 to 100, not {self.rate!r}.")

    def strike(self, world: World) -> None:
        if name := world.find(self.server, self):
            way = "behind" if self.offset < 0 else "ahead"
            shows = f"is {abs(self.offset):g} ms {way}" if self.offset else "shows the true time"
            runs = "" if self.rate == 1 else f" and runs at the rate {self.rate:g}"
            world.fault(f"the clock of {name} {shows}{runs}")
            world.servers[name].own_clock = Clock(world.now, microseconds(self.offset), self.rate)


@dataclass(frozen=True)
class Cut(Fault):
    """Nothing gets from `a` to `b`, nor back unless it is `one_way`."""

    a: str
    b: str
    one_way: bool = False

    def __post_init__(self) -> None:
        instance("one_way", self.one_way, bool)

    def names(self) -> Iterable[str]:
        return (self.a, self.b)

    def strike(self, world: World) -> None:
        a, b = world.find(self.a, self), world.find(self.b, self)
        if a and b:
            arrow = "→" if self.one_way else "–"
            links = links_between([a], [b], self.one_way)
            world.set_links(links, True, f"the link {a}{arrow}{b} is cut")


@dataclass(frozen=True)
class Heal(Fault):
    """The links between `a` and `b` work again; without names, all links do."""

    a: str | None = None
    b: str | None = None

    def __post_init__(self) -> None:
        if (self.a is None) != (self.b is None):
            raise ScenarioError('heal takes two names, or none: heal("S1", "S2") or heal().')

    def names(self) -> Iterable[str]:
        return () if self.a is None or self.b is None else (self.a, self.b)

    def strike(self, world: World) -> None:
        if self.a is None or self.b is None:
            world.set_links(list(world.links), False, "all links work again")
            return
        a, b = world.find(self.a, self), world.find(self.b, self)
        if a and b:
            world.set_links(links_between([a], [b]), False, f"the link {a}–{b} works again")


@dataclass(frozen=True)
class Partition(Fault):
    """Those of different groups cannot reach each other. A client that is in none reaches all.

    Who is named in two groups belongs to the first: `partition(["leader"], ["S1", "S2", "S3"])`.
    """

    groups: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        instance("the groups of a partition", self.groups, tuple)
        for group in self.groups:
            instance("a group of a partition", group, tuple)

    def names(self) -> Iterable[str]:
        return [name for group in self.groups for name in group]

    def strike(self, world: World) -> None:
        home: dict[str, int] = {}
        for place, group in enumerate(self.groups):
            for one in group:
                if name := world.find(one, self):
                    home.setdefault(name, place)
        groups = [
            [name for name in home if home[name] == place] for place in range(len(self.groups))
        ]
        told = " | ".join(" ".join(group) for group in groups)
        apart = [(a, b) for a in home for b in home if home[a] != home[b]]
        world.set_links(apart, True, f"the network parts: {told}")


@dataclass(frozen=True)
class Weather(Fault):
    """From now on the network behaves like this (see Network); None leaves a value as it is."""

    loss: float | None = None
    duplicate: float | None = None
    reorder: float | None = None
    latency: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        self.on(Network())

    def on(self, network: Network) -> Network:
        """`network` with these changes. Raises ScenarioError if one makes no sense."""
        return replace(network, **self.changes())

    def changes(self) -> dict[str, Any]:
        """What is to change."""
        return {key: value for key, value in vars(self).items() if value is not None}

    def strike(self, world: World) -> None:
        told = ", ".join(f"{key} {value}" for key, value in self.changes().items())
        world.fault(f"the network changes: {told}")
        world.network = self.on(world.network)


@dataclass(frozen=True)
class Timeout(ServerFault):
    """The server's timer `timer` fires now."""

    timer: str = "election"

    def __post_init__(self) -> None:
        text("the name of a timer", self.timer)

    def strike(self, world: World) -> None:
        if name := world.find(self.server, self, "up"):
            world.fire_now(name, self.timer)


@dataclass(frozen=True)
class Transfer(ServerFault):
    """The server is ordered to hand its leadership over to `successor`."""

    successor: str
    orders = True

    def names(self) -> Iterable[str]:
        return (self.server, self.successor)

    def strike(self, world: World) -> None:
        name, successor = world.find(self.server, self, "up"), world.find(self.successor, self)
        if name and successor:
            world.order(name, "transfer", successor)


@dataclass(frozen=True)
class Request(Fault):
    """A client asks for `operation`, such as ("write", "x", 4), as soon as it is free.

    It asks `server`, and no other, if one is given.
    """

    operation: tuple[Any, ...]
    client: str = "A"
    server: str | None = field(default=None, metadata=LATER)

    def __post_init__(self) -> None:
        operation(self.operation)
        if not isinstance(self.client, str) or not re.fullmatch("[A-Z]", self.client):
            raise ScenarioError(f"A client is named by a letter from A to Z, not {self.client!r}.")
        if self.server is not None:
            text("the server that is asked", self.server)

    def names(self) -> Iterable[str]:
        return () if self.server is None else (self.server,)

    def clients(self) -> Iterable[str]:
        return (self.client,)

    def strike(self, world: World) -> None:
        server = None if self.server is None else world.find(self.server, self)
        if self.server is None or server:
            world.clients[self.client].ask(self.operation, server)


def crash(server: str) -> Fault:
    """Stop `server` at once: memory and un-synced writes are lost, the disk stays."""
    return Crash(server)


def restart(server: str) -> Fault:
    """Boot a crashed server with what its disk holds."""
    return Restart(server)


def wipe(server: str) -> Fault:
    """Boot a crashed server with an empty disk: a new machine of the same name."""
    return Wipe(server)


def pause(server: str) -> Fault:
    """Let `server` stand still; what comes for it waits."""
    return Pause(server)


def resume(server: str) -> Fault:
    """Let a paused server go on."""
    return Resume(server)


def cut(a: str, b: str, one_way: bool = False) -> Fault:
    """Cut the link between `a` and `b`, or (`one_way`) only from `a` to `b`."""
    return Cut(a, b, one_way)


def heal(a: str | None = None, b: str | None = None) -> Fault:
    """Repair the link between `a` and `b`; without names, all links."""
    return Heal(a, b)


def clock_skew(server: str, offset: float, rate: float = 1.0) -> Fault:
    """Set the clock of `server` `offset` ms ahead of the true time (behind if below 0).

    From then on it runs at `rate`, and so do the timers that are set from then on: at 2.0 each
    takes half as long. clock_skew(server, 0) puts it right.
    """
    return ClockSkew(server, offset, rate)


def partition(*groups: Iterable[str]) -> Fault:
    """Part servers (and clients, where they are named) into `groups` that cannot reach each other.

    partition(["S1", "A"], ["S2", "S3", "B"])
    """
    return Partition(tuple(tuple(group) for group in groups))


def weather(
    loss: float | None = None,
    duplicate: float | None = None,
    reorder: float | None = None,
    latency: tuple[float, float] | None = None,
) -> Fault:
    """Change the whole network's behaviour (see Network) from now on."""
    return Weather(loss, duplicate, reorder, latency)


def slow_disk(server: str, sync: float) -> Fault:
    """Let each write to the disk of `server` take `sync` ms from now on."""
    return SlowDisk(server, sync)


def timeout(server: str, timer: str = "election") -> Fault:
    """Let a timer of `server` fire now."""
    return Timeout(server, timer)


def transfer(server: str, successor: str) -> Fault:
    """Order `server` (the "leader", as a rule) to hand its leadership over to `successor`."""
    return Transfer(server, successor)


def request(*operation: Any, client: str = "A", server: str | None = None) -> Fault:
    """Let `client` ask: request("write", "x", 4), ("read", "x") or ("cas", "x", 1, 2).

    With `server` it asks there and nowhere else.
    """
    return Request(operation, client, server)


def links_between(
    group: Iterable[str], other: Iterable[str], one_way: bool = False
) -> list[tuple[str, str]]:
    """The directed links from each of `group` to each of `other`, and back unless `one_way`."""
    there = [(a, b) for a in group for b in other]
    return there if one_way else there + [(b, a) for a, b in there]
