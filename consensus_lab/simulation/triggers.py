"""Faults that wait for something to happen: "when somebody becomes leader, crash it". ::

    scenario.when(becomes("leader"), crash("it"), after=20)
    scenario.when(sends("AppendEntries", by="leader", entries=True), crash("it"), nth=2)

What a server does in one step happens in this order, and a fault strikes exactly where it is told:

1. its handler runs, and its fields change      `receives`, `changes`, `becomes`, `saves`
2. its messages leave, one after the other      `about_to_send`, `sends`

Messages that wait for a save leave when it is on disk; then 1 is `synced`. A server that crashes
between two of its messages sends the first of them only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from ..errors import ScenarioError
from .checks import instance, number, one_of, text, whole
from .faults import IT, Fault
from .message_faults import MessageFault
from .plain import tupled, written

if TYPE_CHECKING:
    from .waiting import Happening
    from .world import World

MESSAGES = ("sends", "about to send", "receives")
WHATS = (*MESSAGES, "changes", "saves", "synced", "crashes")


@dataclass(frozen=True)
class Trigger:
    """What a fault waits for: that the server `by` (or in that role; None: any) does `what`.

    `name` is the kind of a message or the name of a field. `other` is the message's other end.
    `having` are pairs: a field of the message and the value that it must have. True and False stand
    for all that counts as such: ("entries", True) is an AppendEntries that is no mere heartbeat.
    """

    what: str
    by: str | None = None
    name: str | None = None
    other: str | None = None
    having: tuple[tuple[str, Any], ...] = ()

    def __post_init__(self) -> None:
        one_of("what a fault waits for", self.what, WHATS)
        if self.what in (*MESSAGES, "changes"):
            text(f"what a server {self.what}", self.name)
        for who in (self.by, self.other):
            if who is not None:
                text("a server", who)
        if self.by and re.fullmatch("[A-Z]", self.by):
            raise ScenarioError(
                f"A fault waits for what a server does, not for the client {self.by}; "
                f'name the server: receives("ClientRequest", source={self.by!r}).'
            )
        instance("what a message has", self.having, tuple)
        for pair in self.having:
            if not isinstance(pair, tuple) or len(pair) != 2 or not isinstance(pair[0], str):
                raise ScenarioError(f"What a message has is a field and its value, not {pair!r}.")

    def fits(self, happened: Happening, world: World) -> bool:
        """This is what was waited for. Raises ScenarioError if such a message has no such field."""
        return (
            self.what == happened.what
            and self.name in (None, happened.name)
            and world.is_called(happened.who, self.by)
            and world.is_called(happened.other, self.other)
            and all(same(wanted, self.value(happened, field)) for field, wanted in self.having)
        )

    def value(self, happened: Happening, field: str) -> Any:
        """The value of a field of what happened."""
        if field not in happened.values:
            raise ScenarioError(
                f"A fault waits for {self}, but {happened.name} has no field {field!r}. "
                f"It has: {', '.join(happened.values)}."
            )
        return happened.values[field]

    def to_json(self) -> dict[str, Any]:
        """As plain data: all that is set."""
        return {name: value for name, value in written(self).items() if value}

    @staticmethod
    def from_json(data: Any) -> Trigger:
        """The trigger that `to_json` wrote. Raises ScenarioError for anything else."""
        known = [item.name for item in fields(Trigger)]
        if not isinstance(data, dict) or set(data) - set(known) or "what" not in data:
            raise ScenarioError(f'"trigger" is an object with {", ".join(known)}; not {data!r}.')
        return Trigger(**{name: tupled(value) for name, value in data.items()})

    def __str__(self) -> str:
        having = " ".join(f"{field}={value!r}" for field, value in self.having)
        between = "from" if self.what == "receives" else "to"
        other = f"{between} {self.other}" if self.other else ""
        parts = (self.by or "somebody", self.what, self.name, having, other)
        return " ".join(part for part in parts if part)


def same(wanted: Any, value: Any) -> bool:
    """`value` is what is wanted; True and False stand for all that counts as such."""
    return bool(value) is wanted if isinstance(wanted, bool) else bool(value == wanted)


@dataclass(frozen=True)
class When(Fault):
    """From its time on: when `trigger` happens for the `nth` time, `then` strikes `after` ms later.

    It does so `times` times: at that one, at the next, and so on; None: at every one.
    """

    trigger: Trigger
    then: Fault
    after: float = 0
    nth: int = 1
    times: int | None = 1

    def __post_init__(self) -> None:
        instance("what a fault waits for", self.trigger, Trigger)
        if not isinstance(self.then, Fault) or isinstance(self.then, When):
            raise ScenarioError(f'What waits is a fault such as crash("it"), not {self.then!r}.')
        waits_for_it = isinstance(self.then, MessageFault) and self.then.message == IT
        if waits_for_it and self.trigger.what != "sends":
            raise ScenarioError(
                f'{self.then.kind}("it") waits until {self.trigger.by or "somebody"} sends.'
            )
        number("the time after which a fault strikes", self.after)
        whole("nth", self.nth, 1)
        if self.times is not None:
            whole("times", self.times, 1)

    def names(self) -> Iterable[str]:
        named = (self.trigger.by, self.trigger.other, *self.then.names())
        return [name for name in named if name is not None and name != IT]

    def clients(self) -> Iterable[str]:
        return self.then.clients()

    @property
    def orders(self) -> bool:
        return self.then.orders

    def strike(self, world: World) -> None:
        world.waiting.add(self)

    def to_json(self) -> dict[str, Any]:
        told = {"trigger": self.trigger.to_json(), "then": self.then.to_json()}
        return {
            "fault": self.kind,
            **told,
            "after": self.after,
            "nth": self.nth,
            "times": self.times,
        }

    @staticmethod
    def read(name: str, value: Any) -> Any:
        readers = {"trigger": Trigger.from_json, "then": Fault.from_json}
        return readers[name](value) if name in readers else value

    def __str__(self) -> str:
        nth = f", time {self.nth}" if self.nth > 1 else ""
        return f"{self.then} when {self.trigger}{nth}"


# -- what a fault can wait for -------------------------------------------------------------------


def becomes(role: str, by: str | None = None) -> Trigger:
    """A server (or `by`) takes up a role: becomes("leader")."""
    return changes("role", role, by)


ANYTHING = object()


def changes(field: str, to: Any = ANYTHING, by: str | None = None) -> Trigger:
    """A field of a server changes, to the value `to` if one is given.

    changes("commit_index", by="leader"): before the answer to the client leaves.
    """
    return Trigger("changes", by, field, having=() if to is ANYTHING else (("to", to),))


def sends(kind: str, by: str | None = None, to: str | None = None, **having: Any) -> Trigger:
    """A server has sent a message of this kind, whose fields have the values `having`.

    sends("AppendEntries", by="leader", to="S2", entries=True). What it sends next has not left.
    """
    return Trigger("sends", by, kind, to, tuple(having.items()))


def about_to_send(
    kind: str, by: str | None = None, to: str | None = None, **having: Any
) -> Trigger:
    """A server is going to send such a message at once; if it crashes now, the message stays."""
    return Trigger("about to send", by, kind, to, tuple(having.items()))


def receives(kind: str, by: str | None = None, source: str | None = None, **having: Any) -> Trigger:
    """A server has got a message of this kind and reacted to it; its answer has not left.

    receives("AppendEntriesReply", by="leader", success=True)
    """
    return Trigger("receives", by, kind, source, tuple(having.items()))


def saves(by: str | None = None) -> Trigger:
    """A server begins to write to its disk. A crash now loses the write."""
    return Trigger("saves", by)


def synced(by: str | None = None) -> Trigger:
    """What a server wrote is on its disk. What waited for that has not left."""
    return Trigger("synced", by)


def crashes(by: str | None = None) -> Trigger:
    """A server crashes: .when(crashes(), restart("it"), after=100, times=None)."""
    return Trigger("crashes", by)
