"""The trace of a run: the one thing that everything else reads.

It holds events with what each changed, not copies of the whole state. Field values are never
changed in place, so a delta is a reference and a keyframe (the state of all servers at some event,
kept every KEYFRAME events) is a reference a field; the state at any time is a keyframe and a few
deltas.

Its JSON form, all that a view gets, is described in trace_json.py.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..garbage import no_garbage_collection
from ..history import History, Mark
from ..history import Operation as HistoryOperation
from .clock import microseconds, milliseconds

if TYPE_CHECKING:
    from .scenario import Scenario

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


class Fork(NamedTuple):
    """Where two runs part: so many events, messages and operations of the one begin the other."""

    events: int
    messages: int
    operations: int


BEGINNING = Fork(0, 0, 0)


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
    def to_json(self, since: Fork = BEGINNING) -> str:
        """The JSON form that trace_json.py describes: same run, same bytes.

        since  leave off what came before this fork, for whoever has the run that forked there
        """
        from .trace_json import document, dumps

        return dumps(document(self, since))

    def fork(self, other: Trace, time: int) -> Fork:
        """How much of `other` this run repeats, if their scenarios are the same until `time` (µs).

        What was on its way then, or not yet answered, may have ended differently: it counts as new.
        """
        time = min(time, other.duration + 1)  # later than its end, `other` knows nothing
        events = bisect_left(self.events, time, key=attrgetter("time"))
        messages = bisect_left(self.messages, time, key=attrgetter("sent"))
        operations = bisect_left(self.operations, time, key=attrgetter("start"))
        fates = attrgetter("due", "fate")
        ends = attrgetter("end", "outcome")
        return Fork(
            events,
            alike(map(fates, self.messages[:messages]), map(fates, other.messages)),
            alike(map(ends, self.operations[:operations]), map(ends, other.operations)),
        )

    def settled(self) -> Fork:
        """How much of this run will stay as it is when it goes on: all before what is under way."""
        ended = [flight.fate != "flying" for flight in self.messages]
        known = [operation.end is not None for operation in self.operations]
        return Fork(
            len(self.events),
            alike(ended, repeat(True)),
            alike(known, repeat(True)),
        )

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
    for _, _, who, _, changes, _, _ in events:
        if changes:
            result[who or ""].update(changes)
    return result


def sentence(event: Event) -> str:
    """What happened, for people: "S3 crashes"."""
    verbs = {
        "crash": "crashes",
        "restart": "restarts",
        "pause": "stands still",
        "resume": "goes on",
    }
    return str(event.detail["text"]) if event.who is None else f"{event.who} {verbs[event.kind]}"


def alike(one: Iterable[Any], two: Iterable[Any]) -> int:
    """How many items the two have in common at the start."""
    count = 0
    for a, b in zip(one, two, strict=False):
        if a != b:
            break
        count += 1
    return count
