"""The trace of a run: the one thing that everything else reads.

It holds events with what each changed, not copies of the whole state. Field values are never
changed in place, so a delta is a reference and a keyframe (the state of all servers at some event,
kept every KEYFRAME events) is a reference a field; the state at any time is a keyframe and a few
deltas.

The JSON form, version 1, is all that a view gets. Times are whole µs of virtual time. ::

    format, version   "consensus-lab-trace", 1
    scenario          the scenario's own JSON
    protocol          the class's name
    servers, clients  lists of names
    durable           the fields that survive a crash
    duration          the end of the run
    messages          rows [from, to, sent, kind, body, due, fate]; a row's place is its id
                      (when the network doubles a message, its copy is the row after it)
        fate          "delivered", "lost" (by the network), "cut" (the link was cut), "down" (the
                      receiver was), "dropped" (by a fault), "flying" (the run ended first)
    events            rows [time, kind, who, detail, changes, sent, notes], empty ends left off
        kind          "start", "deliver" (detail: message id), "timer" (its name), "synced" (a
                      save is on disk), "crash", "restart", "pause", "resume", "fault" (detail:
                      what happened to the network), "request" and "answer" (who: a client;
                      detail: operation index), "violation" ({property, text}), "error" (a handler
                      failed here; the last event)
        changes       field: new value. "field+": [keep, added] keeps the start of the old list and
                      appends. "status" is "up", "paused" or "down"; "timers" gives for each set
                      timer [set at, fires at]; "disk.field" is what a crash would leave of a
                      durable field
        sent          ids of the messages that the event sent
        notes         what the node said about it
    operations        rows [process, kind, key, args, result, start, end, outcome, server]
    violations        {time, event (its index), property, text}

The deltas say everything; whoever loads them makes keyframes again, which costs next to nothing,
while written out they would be most of the file.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..garbage import no_garbage_collection
from ..history import History, Mark
from ..history import Operation as HistoryOperation
from .clock import microseconds, milliseconds

if TYPE_CHECKING:
    from .scenario import Scenario

FORMAT, VERSION = "consensus-lab-trace", 1
KEYFRAME = 256
TICKS_PER_MS = 1000
MARKED = ("crash", "restart", "pause", "resume", "fault")


class Event(NamedTuple):
    """Something happened at `time` (µs). `changes`: the fields of `who` that differ now."""

    time: int
    kind: str
    who: str | None
    detail: Any = None
    changes: Mapping[str, Any] = {}
    sent: Sequence[int] = ()
    notes: Sequence[str] = ()


class Flight:
    """A message on its way: sent and due in µs, and what became of it."""

    __slots__ = ("due", "fate", "message", "sent", "source", "target")

    def __init__(self, source: str, target: str, sent: int, message: Any, due: int) -> None:
        self.source = source
        self.target = target
        self.sent = sent
        self.message = message
        self.due = due
        self.fate = "flying"


@dataclass(slots=True)
class ClientOperation:
    """What a client asked, and what it was told; times in µs."""

    process: str
    operation: tuple[Any, ...]
    start: int
    end: int | None = None
    result: Any = None
    outcome: str = "unknown"
    server: str | None = None


@dataclass(frozen=True)
class Violation:
    """A property was broken at `time` (µs), by the event with index `event`."""

    time: int
    event: int
    property: str
    text: str

    def __str__(self) -> str:
        return f"{self.property} is broken at {milliseconds(self.time)}: {self.text}."


@dataclass(eq=False)
class Trace:
    """All that happened in a run of `scenario`."""

    scenario: Scenario
    servers: tuple[str, ...]
    clients: tuple[str, ...]
    durable: tuple[str, ...]
    duration: int = 0
    messages: list[Flight] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    operations: list[ClientOperation] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    keyframes: list[dict[str, dict[str, Any]]] = field(default_factory=list, repr=False)

    def state_at(self, time: float) -> dict[str, dict[str, Any]]:
        """Every server's fields at `time` (ms), events at it included: {"S1": {"role": …}}."""
        return self.state_after(bisect_right(self.events, microseconds(time), key=lambda e: e.time))

    def state_after(self, count: int) -> dict[str, dict[str, Any]]:
        """Every server's fields after the first `count` events."""
        while len(self.keyframes) <= count // KEYFRAME:
            start = (len(self.keyframes) - 1) * KEYFRAME
            last = self.keyframes[-1] if self.keyframes else {name: {} for name in self.servers}
            steps = self.events[start : start + KEYFRAME] if self.keyframes else []
            self.keyframes.append(after(last, steps))
        nearest = count // KEYFRAME
        return after(self.keyframes[nearest], self.events[nearest * KEYFRAME : count])

    def history(self) -> History:
        """What the clients saw: for the checkers. Requests without an answer stay unknown."""
        marks = [Mark(event.time, sentence(event)) for event in self.events if event.kind in MARKED]
        return History(
            [
                HistoryOperation(
                    process=done.process,
                    kind=done.operation[0],
                    key=done.operation[1],
                    args=tuple(done.operation[2:]),
                    result=done.result,
                    start=done.start,
                    end=done.end,
                    outcome=done.outcome,
                    server=done.server,
                )
                for done in self.operations
            ],
            ticks_per_ms=TICKS_PER_MS,
            marks=marks,
        )

    @no_garbage_collection()
    def to_json(self) -> str:
        """The JSON form that this module's docstring describes: same run, same bytes."""
        document = {
            "format": FORMAT,
            "version": VERSION,
            "scenario": self.scenario.to_json(),
            "protocol": self.scenario.protocol.__name__,
            "servers": self.servers,
            "clients": self.clients,
            "durable": self.durable,
            "duration": self.duration,
            "messages": [
                [
                    f.source,
                    f.target,
                    f.sent,
                    type(f.message).__name__,
                    plain(f.message),
                    f.due,
                    f.fate,
                ]
                for f in self.messages
            ],
            "events": list(event_rows(self.events)),
            "operations": [
                [o.process, kind, key, arguments, o.result, o.start, o.end, o.outcome, o.server]
                for o in self.operations
                for kind, key, *arguments in [o.operation]
            ],
            "violations": [vars(violation) for violation in self.violations],
        }
        return dumps(document)

    def save(self, path: str | Path) -> None:
        """Write the JSON form to a file."""
        Path(path).write_text(self.to_json() + "\n", encoding="utf-8")

    def __repr__(self) -> str:
        delivered = sum(flight.fate == "delivered" for flight in self.messages)
        told = "; ".join(map(str, self.violations)) or "no property broken"
        return (
            f"Trace of {self.scenario.protocol.__name__}: {len(self.servers)} servers, "
            f"{milliseconds(self.duration)}, {delivered} of {len(self.messages)} messages arrived, "
            f"{len(self.operations)} client operations, {told}"
        )


def after(
    state: Mapping[str, Mapping[str, Any]], events: Iterable[Event]
) -> dict[str, dict[str, Any]]:
    """The state that `events` make of `state`, which is left as it was."""
    result = {name: dict(fields) for name, fields in state.items()}
    for event in events:
        if event.changes:
            result[event.who or ""].update(event.changes)
    return result


def sentence(event: Event) -> str:
    """What happened, for people: "S3 crashes"."""
    verbs = {
        "crash": "crashes",
        "restart": "restarts",
        "pause": "stands still",
        "resume": "goes on",
    }
    return str(event.detail) if event.who is None else f"{event.who} {verbs[event.kind]}"


def event_rows(events: Iterable[Event]) -> Iterable[list[Any]]:
    """The events as rows: lists as patches of what they were, empty ends left off."""
    last: dict[tuple[str | None, str], Any] = {}
    for time, kind, who, detail, changes, sent, notes in events:
        changed: dict[str, Any] = {}
        for name, value in changes.items():
            old = last.get((who, name))
            last[who, name] = value
            if isinstance(value, list | tuple) and isinstance(old, list | tuple):
                keep = shared(old, value)
                if keep:
                    changed[name + "+"] = [keep, value[keep:]]
                    continue
            changed[name] = value
        row = [time, kind, who, detail, changed, sent, notes]
        while not row[-1] and row[-1] != 0:
            row.pop()
        yield row


def shared(old: Sequence[Any], new: Sequence[Any]) -> int:
    """How many items the two have in common at the start."""
    if new[: len(old)] == old:
        return len(old)
    for index, (a, b) in enumerate(zip(old, new, strict=False)):
        if a != b:
            return index
    return min(len(old), len(new))


def dumps(document: Any) -> str:
    """Compact JSON. What JSON cannot hold (tuples as keys, infinity) becomes text."""
    try:
        return json.dumps(
            document, default=plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except (TypeError, ValueError):
        return dumps(as_text(document))


def plain(value: Any) -> Any:
    """`value` as JSON's own types: a dataclass as its fields, a set as a sorted list."""
    kind: Any = type(value)
    names = field_names(kind)
    if names is not None:
        return {name: getattr(value, name) for name in names}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=text)
    if isinstance(value, Sequence):
        return list(value)
    # Not its repr: that may hold an address, which differs from run to run.
    return f"<{type(value).__name__}>"


def as_text(value: Any) -> Any:
    """`value` with each key of each dict, and each number that is none, as text."""
    if isinstance(value, dict):
        return {text(key): as_text(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_text(item) for item in value]
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, str | int | float | bool | None):
        return value
    return as_text(plain(value))


def text(value: Any) -> str:
    """A text itself, and the JSON form of all else: no order that a hash decides shows in it."""
    return value if isinstance(value, str) else dumps(value)


@cache
def field_names(kind: Any) -> tuple[str, ...] | None:
    """The names of a dataclass's fields; None if it is another class."""
    return tuple(item.name for item in fields(kind)) if is_dataclass(kind) else None
