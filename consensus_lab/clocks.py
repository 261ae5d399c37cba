"""What can have influenced what: happens-before, and the clocks that tell it.

Lamport, L. (1978): Time, clocks, and the ordering of events in a distributed system.
Fidge, C. (1988): Timestamps in message-passing systems that preserve the partial ordering.
Mattern, F. (1989): Virtual time and global states of distributed systems.

An event happens before another if it came earlier in the same process, or if it sent a message that
the other received, or by a chain of such steps. Of two events neither of which happened before the
other, neither can have influenced the other: they are concurrent, whatever a wall clock says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from .errors import HistoryError
from .history import natural

if TYPE_CHECKING:
    from .simulation.trace import Trace


class VectorClock(Mapping[str, int]):
    """How much of each process is in somebody's past: {"A": 2, "B": 1}. An immutable value.

    counts  a number for each process; one that is not named has 0
    """

    __slots__ = ("_counts",)

    def __init__(self, counts: Mapping[str, int] | Iterable[tuple[str, int]] = ()) -> None:
        self._counts = {name: count for name, count in dict(counts).items() if count}

    def increment(self, name: str) -> Self:
        """One more event of `name`."""
        return type(self)({**self._counts, name: self[name] + 1})

    def merge(self, other: VectorClock) -> Self:
        """All that is in either past: of each number the larger."""
        names = self._counts | other._counts
        return type(self)({name: max(self[name], other[name]) for name in names})

    def __le__(self, other: VectorClock) -> bool:
        """Whether all of this past is also in the other."""
        return all(count <= other[name] for name, count in self._counts.items())

    def __lt__(self, other: VectorClock) -> bool:
        """Whether it happened before the other."""
        return self <= other and self != other

    def concurrent(self, other: VectorClock) -> bool:
        """Whether neither happened before the other."""
        return not self <= other and not other <= self

    def __getitem__(self, name: str) -> int:
        return self._counts.get(name, 0)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._counts, key=_natural))

    def __len__(self) -> int:
        return len(self._counts)

    def __eq__(self, other: object) -> bool:
        ours = self._counts
        return ours == other._counts if isinstance(other, VectorClock) else ours == other

    def __hash__(self) -> int:
        return hash(frozenset(self._counts.items()))

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{name}: {self[name]}" for name in self) + "}"


ZERO = VectorClock()

_natural = cache(natural)
"""There are few names, and clocks are looked through often."""


class Event(NamedTuple):
    """Something that happens at a process.

    process  where; None for what happens to the world: a link is cut
    name     what, in a word
    causes   the places of the events directly before it: the last one of its process, and the one
             that sent the message it received
    """

    process: str | None
    name: str
    causes: tuple[int, ...]


class Diagram(Sequence[Event]):
    """A space-time diagram: the events of some processes, and the messages between them.

    An event stands behind all that happened before it.
    """

    def __init__(self, events: Iterable[Event]) -> None:
        self.events = tuple(events)

    @staticmethod
    def of(trace: Trace) -> Diagram:
        """The events of a run, one for each of `trace.events`."""
        return Diagram(_of_trace(trace))

    @staticmethod
    def parse(text: str) -> Diagram:
        """Read a drawing, in which columns are time. m! sends the message m, and m? receives it:

            A:  a   m!
            B:          m?   b   n!
            C:    c                  n?

        Raises HistoryError for a message that is received before it is sent.
        """
        return Diagram(_of_drawing(text))

    def find(self, name: str | int) -> int:
        """The place of the event of this name; "B m?" is the m? of B, where several have one.

        Raises HistoryError if there is not exactly one.
        """
        if isinstance(name, int):
            return range(len(self))[name]
        places = [i for i, e in enumerate(self) if name in (e.name, f"{e.process} {e.name}")]
        if len(places) != 1:
            raise HistoryError(
                f"{len(places)} events of the diagram are called {name!r}: name one by its place, "
                f"or by its process and its name, such as 'A {name}'"
            )
        return places[0]

    def __getitem__(self, place: Any) -> Any:
        return self.events[place]

    def __len__(self) -> int:
        return len(self.events)

    def __repr__(self) -> str:
        processes = dict.fromkeys(e.process for e in self if e.process)
        return f"<Diagram of {len(self)} events of {len(processes)} processes>"


def happens_before(run: Trace | Diagram) -> Callable[[str | int, str | int], bool]:
    """Lamport's relation, as a question: `before = happens_before(run)`, then `before("a", "b")`.

    Events are given by their places, or by their names in a drawing.
    """
    diagram = _diagram(run)

    def before(first: str | int, second: str | int) -> bool:
        goal, start = diagram.find(first), diagram.find(second)
        waiting, seen = [start], {start}
        while waiting:
            for cause in diagram[waiting.pop()].causes:
                if cause == goal:
                    return True
                if cause > goal and cause not in seen:  # what came earlier cannot lead there
                    seen.add(cause)
                    waiting.append(cause)
        return False

    return before


def lamport_clocks(run: Trace | Diagram) -> list[int]:
    """For each event one more than the largest number directly before it.

    If a happened before b, a's number is smaller. Not the other way round: a smaller number alone
    says nothing. What happens to the world and not to a process has 0.
    """
    clocks: list[int] = []
    for process, _, causes in _diagram(run):
        highest = max((clocks[cause] for cause in causes), default=0)
        clocks.append(0 if process is None else highest + 1)
    return clocks


def vector_clocks(run: Trace | Diagram, zero: VectorClock = ZERO) -> list[VectorClock]:
    """For each event how many events of each process happened before it, itself included.

    Here it goes both ways: a happened before b if and only if a's clock < b's. What happens to the
    world and not to a process has an empty clock. `zero` is the clock to begin with: an empty one
    of a class of your own, if you have one.
    """
    clocks: list[VectorClock] = []
    for process, _, causes in _diagram(run):
        clock = zero
        for cause in causes:
            clock = clock.merge(clocks[cause]) if clock else clocks[cause]
        clocks.append(clock if process is None else clock.increment(process))
    return clocks


def _diagram(run: Trace | Diagram) -> Diagram:
    return run if isinstance(run, Diagram) else Diagram.of(run)


# ---- from a run, and from a drawing ----


def _of_trace(trace: Trace) -> Iterator[Event]:
    received, senders, last = _received(trace), dict[int, int](), dict[str, int]()
    for place, event in enumerate(trace.events):
        causes = [last[event.who]] if event.who in last else []
        if place in received:
            message = received[place]
            # The copy of a message that the network doubled is the row after it.
            causes.append(senders[message if message in senders else message - 1])
        if event.who is not None:
            last[event.who] = place
        senders.update((number, place) for number in event.sent)
        yield Event(event.who, event.kind, tuple(dict.fromkeys(causes)))


def _received(trace: Trace) -> dict[int, int]:
    """For each event that received a message the number of that message."""
    arrivals = {
        (flight.target, flight.due): number
        for number, flight in enumerate(trace.messages)
        if flight.fate == "delivered" and flight.target in trace.clients
    }
    received: dict[int, int] = {}
    for place, event in enumerate(trace.events):
        if event.kind == "deliver":
            received[place] = event.detail
        elif event.kind == "answer" and trace.operations[event.detail].end is not None:
            received[place] = arrivals[event.who or "", event.time]
    return received


def _of_drawing(text: str) -> Iterator[Event]:
    senders: dict[str, int] = {}
    last: dict[str, int] = {}
    for place, (_, _, process, name) in enumerate(sorted(_drawn(text))):
        causes = [last[process]] if process in last else []
        message = name[:-1]
        if name.endswith("!"):
            if message in senders:
                raise HistoryError(f"{process} sends {message} again: give each message its name")
            senders[message] = place
        elif name.endswith("?"):
            if message not in senders:
                raise HistoryError(
                    f"{process} receives {message} before anybody sent it: columns are time, so "
                    f"put {message}! further to the left"
                )
            causes.append(senders[message])
        last[process] = place
        yield Event(process, name, tuple(dict.fromkeys(causes)))


def _drawn(text: str) -> Iterator[tuple[int, int, str, str]]:
    """The column, the line, the process and the name of each event of a drawing."""
    for number, line in enumerate(text.splitlines()):
        process, colon, rest = line.partition(":")
        if not line.strip():
            continue
        if not (colon and process.strip()):
            raise HistoryError(f"Line {number + 1} of the diagram names no process: write 'A: …'")
        for event in re.finditer(r"\S+", rest):
            yield len(process) + event.start(), number, process.strip(), event.group()
