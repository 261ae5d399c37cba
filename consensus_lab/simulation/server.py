"""One server of the world: its node, its timers, its disk, and what the node asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import cache
from operator import attrgetter
from random import Random
from typing import TYPE_CHECKING, Any

from ..errors import HandlerError
from ..protocols.log import Log
from ..protocols.node import CONSTANT, ClientRefusal, ClientReply, ClientRequest, Node
from .clock import Clock
from .disk import Disk

if TYPE_CHECKING:
    from .world import World

MOST_SENDS = 10_000
"""More messages than any handler means to send; it is stopped there, before memory runs out."""


NUMBER = (int, float)

PSEUDO_FIELDS = frozenset({"status", "timers"})
"""What the trace says of a server beside its node's fields."""


class Server:
    """A place where a node runs. It is also the `out` that the node's handlers speak to."""

    def __init__(self, name: str, world: World) -> None:
        self.name = name
        self.world = world
        self.status = "up"
        self.random = Random(f"{world.scenario.seed}/{name}").random
        self.own_clock = Clock()
        self.node = self.boot()
        self.durable = type(self.node).durable
        empty = kept_fields(vars(self.node), self.durable)
        self.disk = Disk(world.scenario.seed, name, world.scenario.disk, empty)
        self.timers: dict[str, tuple[int, int]] = {}
        self.alarms: dict[str, int] = {}
        self.parked: list[tuple[Any, tuple[Any, ...]]] = []
        self.seen = Seen((name, getattr(self.node, name)) for name in CONSTANT)
        self.pending: dict[str, Any] = {}
        self.sends: list[tuple[str, Any]] = []
        self.notes: list[str] = []
        self.saving = False
        self.holding = False

    def boot(self) -> Node:
        """A node with nothing but its class's first state."""
        scenario = self.world.scenario
        node = scenario.tailored(self.name, self.world.names)
        node.options = scenario.tuned
        for name in PSEUDO_FIELDS & vars(node).keys():
            raise HandlerError(f"it has a field {name!r}, a name that the trace keeps for itself")
        return node

    def reboot(self) -> None:
        """A new node that finds what the disk holds."""
        self.node = self.boot()
        for name, value in self.disk.content.items():
            setattr(self.node, name, kept(value))
        # A field that some handler made, and not the class's beginning, is not there any more.
        for name in sorted(self.seen.keys() - vars(self.node).keys()):
            del self.seen[name]
            self.pending[name] = None

    def wipe(self) -> None:
        """The disk holds what that of a new server does."""
        self.disk.content = kept_fields(vars(self.boot()), self.durable)

    # -- what a handler may ask for (protocols.node.Effects) -------------------------------------

    def send(self, to: str, message: Any) -> None:
        """See Effects.send. Raises HandlerError for what cannot be sent."""
        if to not in self.world.servers:
            self.check_client(to, message)
        check_message(message)
        if len(self.sends) >= MOST_SENDS:
            raise HandlerError(f"it sends more than {MOST_SENDS:,} messages at once")
        self.sends.append((to, message))

    def check_client(self, to: str, message: Any) -> None:
        """Raises HandlerError unless `to` is a client, and `message` an answer."""
        places = (*self.world.servers, *self.world.clients)
        if to not in places:
            raise HandlerError(f"it sends to {to!r}, but there are only {', '.join(places)}")
        if not isinstance(message, ClientReply | ClientRefusal):
            raise HandlerError(f"it sends {named(message)} to a client; use out.reply(request, …)")

    def set_timer(self, name: str, delay: float) -> None:
        """See Effects.set_timer. Raises HandlerError for what is no delay."""
        if not isinstance(delay, NUMBER):
            raise HandlerError(
                f"it sets the timer {name!r} to {named(delay)}; a delay is a number of ms"
            )
        if not 0 <= delay < 1e9:
            raise HandlerError(f"it sets the timer {name!r} to {delay} ms; a delay is 0 or more")
        now = self.world.now
        # At least a tick: a timer that fires at once, for ever, would stop the virtual clock.
        due = now + (self.own_clock.lasts(round(1000 * delay)) or 1)
        self.timers[name] = (now, due)
        self.pending["timers"] = self.timers
        # A timer that is put off with every heartbeat is looked after when it was first due.
        if self.alarms.get(name, due + 1) > due:
            self.set_alarm(name, due)

    def set_alarm(self, name: str, due: int) -> None:
        """Let the world look at the timer `name` at the time `due` (µs)."""
        self.alarms[name] = due
        self.world.push(due, self.world.ring, (self, name, due))

    def cancel_timer(self, name: str) -> None:
        """See Effects.cancel_timer."""
        if self.timers.pop(name, None):
            self.pending["timers"] = self.timers

    def save(self, hold: bool = True) -> None:
        """See Effects.save."""
        self.saving = True
        self.holding |= hold

    def reply(self, request: ClientRequest, result: Any) -> None:
        """See Effects.reply."""
        self.answer(ClientReply(request.client, request.sequence, True, result))

    def redirect(self, request: ClientRequest, leader: str | None) -> None:
        """See Effects.redirect."""
        self.answer(ClientReply(request.client, request.sequence, False, None, leader))

    def refuse(self, request: ClientRequest, why: str) -> None:
        """See Effects.refuse."""
        self.answer(ClientRefusal(request.client, request.sequence, str(why)))

    def answer(self, reply: ClientReply | ClientRefusal) -> None:
        """Send a reply to the client whose process it names."""
        self.send(self.world.home_of(reply.client), reply)

    def note(self, text: str) -> None:
        """See Effects.note."""
        self.notes.append(str(text))

    def clock(self) -> float:
        """See Effects.clock."""
        return self.own_clock.at(self.world.now) / 1000

    # -- what came of a handler ----------------------------------------------------------------

    def begin_save(self) -> None:
        """Put the durable fields on their way to the disk."""
        durable = {name: self.seen[name] for name in self.durable}
        save = self.disk.save(durable, self.world.now, len(self.world.trace.events), self.holding)
        self.saving = self.holding = False
        self.world.push(save.due, self.world.synced, (self,))

    def tell_disk(self, before: Mapping[str, Any]) -> None:
        """Let the trace say with the next event what is on disk now and was not before."""
        for name, value in self.disk.content.items():
            if value is not before[name] and value != before[name]:
                self.pending[f"disk.{name}"] = value

    def stop(self) -> None:
        """The node is gone, and with it its timers and what had not reached the disk."""
        self.timers = {}
        self.alarms = {}
        before = self.disk.content
        self.disk.crash()
        self.tell_disk(before)

    def unpark(self) -> list[tuple[Any, tuple[Any, ...]]]:
        """What waited while the server was paused, in the order in which it came."""
        parked, self.parked = self.parked, []
        return parked

    def changes(self) -> dict[str, Any]:
        """The node's fields that differ from when this was last asked, with their new values.

        Raises HandlerError if one is gone.
        """
        fields, seen = vars(self.node), self.seen
        if fields == seen:
            return {}
        changed = {}
        for name, value in fields.items():
            before = seen[name]
            # Identity first: to compare a long log with itself would walk through all of it.
            if value is not before and value != before:
                changed[name] = seen[name] = value if type(value) in ATOMS else kept(value)
        if len(seen) > len(fields):
            gone = min(seen.keys() - fields.keys())
            raise HandlerError(f"it deletes the field {gone!r}; set it to None instead")
        return changed

    def told(self, changes: dict[str, Any]) -> dict[str, Any]:
        """`changes`, and what else the next event is to say: the timers, the disk, the status."""
        pending, self.pending = self.pending, {}
        if "timers" in pending:
            pending["timers"] = self.timers.copy()
        # A field that a restart had taken away may be there again: then what changed is right.
        return {**changes, **pending, **changes} if changes else pending

    def set_status(self, status: str) -> None:
        """Be "up", "paused" or "down" from now on."""
        self.status = self.pending["status"] = status


class Seen(dict[str, Any]):
    """A node's fields as they were last seen. One that never was differs from every value."""

    def __missing__(self, name: str) -> object:
        return MISSING


MISSING = object()

ATOMS = frozenset({int, str, tuple, Log, frozenset, bool, float, type(None)})


def kept(value: Any) -> Any:
    """`value` so that later changes in place do not reach it; what cannot change is not copied.

    A learner may write `self.log.append(entry)`. The trace must still remember the log of before.
    """
    if type(value) in ATOMS:
        return value
    if isinstance(value, list):
        return [kept(item) for item in value]
    if isinstance(value, dict):
        if ATOMS.issuperset(map(type, value.values())):
            return value.copy()
        return {key: kept(item) for key, item in value.items()}
    if isinstance(value, set):
        return set(value)
    return value


def kept_fields(fields: Mapping[str, Any], names: tuple[str, ...]) -> Mapping[str, Any]:
    """The named fields of a node, kept. Raises HandlerError if one is missing."""
    try:
        return {name: kept(fields[name]) for name in names}
    except KeyError as missing:
        raise HandlerError(f"`durable` names {missing}, but there is no such field") from None


CHANGEABLE = frozenset({list, dict, set})


def check_message(message: Any) -> None:
    """Raises HandlerError unless `message` is a frozen dataclass of what cannot change on the way.

    With a list in it, a sender that appends to its log would also change what it sent before, and
    the log of whoever got it: a bug of the simulation, which no network has.
    """
    kind: Any = type(message)
    contents = contents_of(kind)(message)
    if not CHANGEABLE.isdisjoint(map(type, contents)):
        bad = next(value for value in contents if type(value) in CHANGEABLE)
        raise HandlerError(
            f"it sends {named(message)} with {named(bad)} in it, which could change on the way; "
            "send a tuple"
        )


@cache
def contents_of(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    """What reads all fields of a message of class `kind`."""
    parameters = getattr(kind, "__dataclass_params__", None)
    if parameters is None or not parameters.frozen:
        raise HandlerError(
            f"it sends {named(kind)}; a message is a frozen dataclass such as RequestVote(…)"
        )
    names = [item.name for item in fields(kind)]
    # attrgetter gives a tuple for two names or more.
    return attrgetter(*names, *["__class__"] * (2 - len(names)))


def named(value: Any) -> str:
    """`value` by its class's name: its text may be long, or differ from run to run."""
    kind = value if isinstance(value, type) else type(value)
    return f"{'an' if kind.__name__[0] in 'AEIOUaeiou' else 'a'} {kind.__name__}"
