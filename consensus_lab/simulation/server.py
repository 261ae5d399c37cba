"""One server of the world: its node, its timers, its disk, and what the node asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from ..protocols.node import CONSTANT, ClientReply, ClientRequest, Node
from .clock import microseconds
from .disk import Disk

if TYPE_CHECKING:
    from .world import World

MOST_SENDS = 10_000
"""More messages than any handler means to send; it is stopped there, before memory runs out."""


class Server:
    """A place where a node runs. It is also the `out` that the node's handlers speak to."""

    def __init__(self, name: str, world: World) -> None:
        self.name = name
        self.world = world
        self.status = "up"
        self.random = Random(f"{world.scenario.seed}/{name}").random
        self.node = self.boot()
        self.durable = type(self.node).durable
        self.disk = Disk(
            world.scenario.seed, name, world.scenario.disk, kept_fields(self.node, self.durable)
        )
        self.timers: dict[str, tuple[int, int]] = {}
        self.parked: list[tuple[Any, tuple[Any, ...]]] = []
        self.seen: dict[str, Any] = {name: getattr(self.node, name) for name in CONSTANT}
        self.pending: dict[str, Any] = {}
        self.sends: list[tuple[str, Any]] = []
        self.notes: list[str] = []
        self.saving = False

    def boot(self) -> Node:
        """A node with nothing but its class's first state."""
        scenario = self.world.scenario
        node = scenario.protocol(self.name, self.world.names)
        node.options = scenario.tuned
        return node

    def reboot(self) -> None:
        """A new node that finds what the disk holds."""
        self.node = self.boot()
        for name, value in self.disk.content.items():
            setattr(self.node, name, kept(value))

    # -- what a handler may ask for (protocols.node.Effects) -------------------------------------

    def send(self, to: str, message: Any) -> None:
        """See Effects.send. Raises TypeError or ValueError for what cannot be sent."""
        if to not in self.world.places:
            raise ValueError(
                f"it sends to {to!r}, but there are only {', '.join(self.world.places)}"
            )
        if not is_dataclass(message) or isinstance(message, type):
            raise TypeError(
                f"it sends {message!r}; a message is a frozen dataclass such as RequestVote(…)"
            )
        if len(self.sends) >= MOST_SENDS:
            raise ValueError(f"it sends more than {MOST_SENDS:,} messages at once")
        self.sends.append((to, message))

    def set_timer(self, name: str, delay: float) -> None:
        """See Effects.set_timer. Raises TypeError or ValueError for what is no delay."""
        if not isinstance(delay, int | float):
            raise TypeError(f"it sets the timer {name!r} to {delay!r}; a delay is a number of ms")
        if not 0 <= delay < 1e9:
            raise ValueError(f"it sets the timer {name!r} to {delay} ms; a delay is 0 or more")
        now = self.world.now
        # At least a tick: a timer that fires at once, for ever, would stop the virtual clock.
        timer = (now, now + max(1, microseconds(delay)))
        self.timers[name] = timer
        self.pending["timers"] = self.timers
        self.world.push(timer[1], self.world.fire, (self, name, timer))

    def cancel_timer(self, name: str) -> None:
        """See Effects.cancel_timer."""
        if self.timers.pop(name, None):
            self.pending["timers"] = self.timers

    def save(self) -> None:
        """See Effects.save."""
        self.saving = True

    def reply(self, request: ClientRequest, result: Any) -> None:
        """See Effects.reply."""
        self.answer(ClientReply(request.client, request.sequence, True, result))

    def redirect(self, request: ClientRequest, leader: str | None) -> None:
        """See Effects.redirect."""
        self.answer(ClientReply(request.client, request.sequence, False, None, leader))

    def answer(self, reply: ClientReply) -> None:
        """Send a reply to the client whose process it names."""
        self.send(self.world.home_of(reply.client), reply)

    def note(self, text: str) -> None:
        """See Effects.note."""
        self.notes.append(str(text))

    # -- what came of a handler ----------------------------------------------------------------

    def begin_save(self) -> None:
        """Put the durable fields on their way to the disk."""
        save = self.disk.save(kept_fields(self.node, self.durable), self.world.now)
        self.world.push(save.due, self.world.synced, (self,))

    def stop(self) -> None:
        """The node is gone: no timers, nothing waits."""
        self.timers = {}
        self.parked = []
        self.disk.crash()

    def changes(self) -> dict[str, Any]:
        """The node's fields that differ from when this was last asked, with their new values."""
        fields, seen = vars(self.node), self.seen
        if fields == seen:
            return {}
        changed = {
            name: kept(value)
            for name, value in fields.items()
            # Identity first: to compare a long log with itself would walk through all of it.
            if value is not seen.get(name, self) and value != seen.get(name, self)
        }
        seen.update(changed)
        return changed

    def set_status(self, status: str) -> None:
        """Be "up", "paused" or "down" from now on."""
        self.status = self.pending["status"] = status


ATOMS = frozenset({int, str, tuple, frozenset, bool, float, type(None)})


def kept(value: Any) -> Any:
    """`value` so that later changes in place do not reach it; what cannot change is not copied.

    A learner may write `self.log.append(entry)`. The trace must still remember the log of before.
    """
    if type(value) in ATOMS:
        return value
    if isinstance(value, list):
        return [kept(item) for item in value]
    if isinstance(value, dict):
        return {key: kept(item) for key, item in value.items()}
    if isinstance(value, set):
        return set(value)
    return value


def kept_fields(node: Node, names: tuple[str, ...]) -> Mapping[str, Any]:
    """The named fields of `node`, kept."""
    return {name: kept(getattr(node, name)) for name in names}
