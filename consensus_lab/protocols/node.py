"""What every protocol here is made of: nodes that react, and the effects they ask for.

A node is a pure state machine. A handler looks at the node's fields and at what came in, changes
the fields, and tells the effects object `out` what it wants done. It never does it itself: there is
no clock, socket, file, thread or random number in a protocol. So one class runs in the simulator,
can be copied, compared and hashed by its state, and gives the same run every time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, ClassVar, Protocol

from ..errors import HandlerError
from .log import Log
from .record import record
from .shown import Shown

Operation = tuple[Any, ...]
"""What a client asks of a store: kind, key and arguments, such as ("write", "x", 4), ("read", "x")
or ("cas", "x", 1, 2). A transaction has no key, and micro-operations as its arguments:
("txn", None, ("read", "x", None), ("write", "y", 4))."""


@record
class ClientRequest:
    """A client asks. `sequence` numbers its requests, so that a retry is known as one.

    `first_unanswered` is the lowest sequence number whose response the client has not received: it
    has all below, and they need not be remembered any longer.
    """

    client: str
    sequence: int
    operation: Operation
    first_unanswered: int = 1


@record
class ClientReply:
    """The answer to a client; or, if `ok` is false, the advice to ask `leader` instead."""

    client: str
    sequence: int
    ok: bool
    result: Any = None
    leader: str | None = None


@record
class ClientRefusal:
    """The store says no, and surely nothing has happened: a failure that the client can trust."""

    client: str
    sequence: int
    why: str


class Effects(Protocol):
    """What a handler may ask for. The world carries it out after the handler has returned.

    Whatever a node sends after `save` leaves only once that save is on disk; if the node crashes
    first, the save is lost and so are those messages: nobody has heard a promise that is forgotten.
    """

    def send(self, to: str, message: Any) -> None:
        """Send `message`, a frozen dataclass, to `to`. It may be lost, late or doubled."""

    def set_timer(self, name: str, delay: float) -> None:
        """Let `on_<name>_timeout` be called in `delay` ms, instead of when it was last set for."""

    def cancel_timer(self, name: str) -> None:
        """Forget the timer `name`, whether it is set or not."""

    def save(self, hold: bool = True) -> None:
        """Write the durable fields, as they are when the handler returns, to disk.

        With `hold` false, what is sent does not wait for this save: let it promise nothing.
        """

    def reply(self, request: ClientRequest, result: Any) -> None:
        """Answer a client's request."""

    def redirect(self, request: ClientRequest, leader: str | None) -> None:
        """Tell the client to ask `leader`; None: nobody is known to lead."""

    def refuse(self, request: ClientRequest, why: str) -> None:
        """Say no, and `why`: the request has had no effect, and never will have."""

    def note(self, text: str) -> None:
        """Say in a few words what is happening. It appears beside the animation."""

    def random(self) -> float:
        """A number in [0, 1) from the scenario's seed: the same in every run."""

    def clock(self) -> float:
        """What this server's own clock shows, in ms. It may be wrong, and too fast or too slow."""


class Node:
    """The base of every protocol's server. Subclass it and write handlers.

    `durable` names the fields that survive a crash. `options` holds what a scenario may tune.
    `shown` says what pictures show of a server, if its fields' names do not say it.

    Give fields immutable values and replace them (`self.log += (entry,)`). Changing a list or dict
    in place works too, and is noticed, but then two fields may share it by accident.
    """

    durable: ClassVar[tuple[str, ...]] = ()
    options: Any = None
    shown: ClassVar[Shown] = Shown()
    role: str = "server"

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        self.name = name
        self.servers = servers

    @property
    def peers(self) -> tuple[str, ...]:
        """All servers but this one."""
        return tuple(server for server in self.servers if server != self.name)

    def on_start(self, out: Effects) -> None:
        """The server boots, for the first time or after a crash."""

    def on_message(self, message: Any, out: Effects) -> None:
        """A message came. Hands it to `on_append_entries` if it is an AppendEntries, and so on."""
        call(self, handler_name(type(message).__name__), (message, out))

    def on_request(self, request: ClientRequest, out: Effects) -> None:
        """A client asks for something."""
        out.redirect(request, None)

    def on_timer(self, name: str, out: Effects) -> None:
        """A timer fired. Hands it to `on_election_timeout` if its name is "election", and so on."""
        call(self, f"on_{name}_timeout", (out,))

    def on_saved(self, saved: Mapping[str, Any], out: Effects) -> None:
        """The durable fields, with the values `saved`, are now on disk."""

    def precedence(self) -> Any:
        """Who is meant when several servers play one role: the one for which this is greatest.

        A scenario that says `crash("leader")` while a deposed leader has not heard of the new one
        means the new one.
        """
        return 0

    @classmethod
    def tailored(cls, options: Any, orders: bool) -> type[Node]:
        """The class that runs under these options: this one, or one made to measure.

        `orders`: some may be given to a server. Until one is, this must make no difference.
        """
        return cls

    @classmethod
    def replies_needed(cls, servers: int) -> int:
        """How many of so many servers must give a client the same answer, before it believes it.

        If more than one, it asks all.
        """
        return 1

    @classmethod
    def check_options(cls, options: Any, servers: tuple[str, ...]) -> None:
        """Raises ScenarioError if these options make no sense among these servers."""

    @classmethod
    def properties(cls) -> list[Property]:
        """The properties to be watched at each step of a run, each with a fresh memory."""
        return []

    def state(self) -> dict[str, Any]:
        """The fields that change: everything but the name, the servers and the options."""
        return {key: value for key, value in vars(self).items() if key not in CONSTANT}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(frozen(vars(self)))

    def __repr__(self) -> str:
        fields = ", ".join(f"{key}={value!r}" for key, value in self.state().items())
        return f"{type(self).__name__}({self.name}: {fields})"


CONSTANT = frozenset({"name", "servers", "options"})


class Property(Protocol):
    """Something that must hold at every moment of every run, watched change by change.

    `name` is the property's name in the literature. `fields` are those it depends on: when none of
    them changes, it is not asked. Beside the node's own there are "status" ("up": it has booted),
    "timers" (those that are set) and "disk": what it holds, told when it should be what memory
    holds, as nothing is on its way to it.
    """

    name: str
    fields: frozenset[str]

    def watch(
        self, nodes: Mapping[str, Node], changed: str, changes: Mapping[str, Any]
    ) -> str | None:
        """Look at what just changed. Returns None, or a sentence that says what is broken.

        `nodes` are the running servers by name, `changed` is the server that moved, and `changes`
        holds its changed fields with their new values.
        """


def frozen(value: Any) -> Any:
    """A hashable likeness of `value`: equal values give equal likenesses, whatever their order."""
    if is_dataclass(value):
        return (type(value), *(frozen(getattr(value, item.name)) for item in fields(value)))
    if isinstance(value, Mapping):
        return frozenset((key, frozen(item)) for key, item in value.items())
    if isinstance(value, list | tuple | Log):
        return tuple(frozen(item) for item in value)
    if isinstance(value, set | frozenset):
        return frozenset(frozen(item) for item in value)
    return value


@cache
def handler_name(kind: str) -> str:
    """The handler for messages of class `kind`: `on_append_entries` for AppendEntries."""
    return "on_" + re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()


def call(node: Node, handler: str, arguments: tuple[Any, ...]) -> None:
    """Let `node` react. Raises HandlerError if it has no such handler, or one that answers.

    `return RequestVoteReply(…)` looks as if it sent something. Nobody would ever get it.
    """
    react = getattr(node, handler, None)
    if react is None:
        raise HandlerError(f"there is no handler {handler}; write one")
    answer = react(*arguments)
    if answer is not None:
        raise HandlerError(
            f"{handler} returns a value ({type(answer).__name__}); a handler returns nothing, "
            "and says what it wants through `out`"
        )
