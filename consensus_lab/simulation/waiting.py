"""The faults that wait, in a run: they are told what servers do, and strike where it is theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ..protocols.node import Node
from .clock import microseconds
from .faults import IT, Fault, Request
from .message_faults import MessageFault
from .trace_json import plain

if TYPE_CHECKING:
    from .server import Server
    from .triggers import When
    from .world import World


class Happening(NamedTuple):
    """What a server `who` did: `name` is a kind of message, whose `values` and `number` follow,
    or a field, with {"to": its new value}. `other` is the message's other end.
    """

    what: str
    who: str
    name: str | None = None
    values: Mapping[str, Any] = {}
    other: str | None = None
    number: int | None = None


def of_message(
    what: str, who: str, other: str, message: Any, number: int | None = None
) -> Happening:
    """What `who` did with a message to or from `other`."""
    return Happening(what, who, type(message).__name__, plain(message), other, number)


class Armed:
    """A fault that waits, in a run."""

    def __init__(self, waits: When) -> None:
        self.waits = waits
        self.seen = 0
        self.strikes = False

    def heed(self, happened: Happening, world: World) -> None:
        """Strike, if it was waiting for this."""
        waits = self.waits
        # What it causes itself does not count: it would cause that again, without end.
        if self.strikes or not waits.trigger.fits(happened, world):
            return
        self.seen += 1
        if self.seen < waits.nth:
            return
        if waits.times is not None and self.seen == waits.nth + waits.times - 1:
            world.waiting.armed.remove(self)
        fault = bound(waits.then, happened)
        if waits.after:
            world.push(world.now + microseconds(waits.after), world.strike, (fault,))
            return
        self.strikes = True
        world.strike(fault)
        self.strikes = False

    def end(self, world: World) -> None:
        """The run is over: say so if what this waited for has not happened (often enough)."""
        if self.seen < self.waits.nth:
            world.fault(f"{self.waits}: it never came to that, so nothing happens")


def bound(fault: Fault, happened: Happening) -> Fault:
    """The same fault, in which "it" is who, or the message, that it waited for."""

    def named(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(named(item) for item in value)
        return happened.who if value == IT else value

    if isinstance(fault, MessageFault):
        return replace(fault, message=happened.number or 0) if fault.message == IT else fault
    if isinstance(fault, Request):
        return replace(fault, server=named(fault.server))
    return replace(fault, **{item.name: named(getattr(fault, item.name)) for item in fields(fault)})


class Waiting:
    """All faults that wait for something, in one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.armed: list[Armed] = []

    def add(self, waits: When) -> None:
        """From now on this one waits too."""
        self.armed.append(Armed(waits))

    def heed(self, happened: Happening) -> None:
        """Let every fault that waits for this strike."""
        for armed in list(self.armed):
            armed.heed(happened, self.world)

    def heed_step(
        self, name: str, kind: str, detail: Any, changes: dict[str, Any], saving: bool
    ) -> None:
        """What happened in a step of the server `name`, before anything that it sends leaves."""
        if kind == "deliver":
            flight = self.world.trace.messages[detail]
            self.heed(of_message("receives", name, flight.source, flight.message, detail))
        for field, value in changes.items():
            self.heed(Happening("changes", name, field, {"to": value}))
        if saving:
            self.heed(Happening("saves", name))
        if kind == "synced":
            self.heed(Happening("synced", name))

    def send(
        self, server: Server, node: Node, leaving: Sequence[tuple[str, Any]], sent: list[int]
    ) -> None:
        """Send what `node` wants to. If a fault crashes it between two messages, the rest stays."""
        world, name = self.world, server.name
        for to, message in leaving:
            if world.nodes.get(name) is node:
                self.heed(of_message("about to send", name, to, message))
            if world.nodes.get(name) is node:
                sent.append(world.transmit(name, to, message))
                self.heed(of_message("sends", name, to, message, sent[-1]))

    def end(self) -> None:
        """The run is over: say of each what it waited for in vain."""
        for armed in self.armed:
            armed.end(self.world)
