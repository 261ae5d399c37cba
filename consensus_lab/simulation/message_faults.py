"""What can happen to one message that is on its way: it is lost, it comes later, it comes twice.

A message is named by its number in the trace; in a fault that waits, "it" is the message that was
waited for. For one that has arrived it is too late, and the trace says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .checks import number, whole
from .clock import microseconds
from .fault import IT, Fault
from .trace import Flight

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .world import World


@dataclass(frozen=True)
class MessageFault(Fault):
    """Something that happens to the message with this number, if it is still on its way."""

    message: int | str

    def __post_init__(self) -> None:
        if self.message != IT:
            whole("the number of a message", self.message, 0)

    def names(self) -> Iterable[str]:
        return (IT,) if self.message == IT else ()

    def flight(self, world: World) -> Flight | None:
        """The message, if it is on its way. If not, the trace says so, and None is returned."""
        flights = world.trace.messages[int(self.message) : int(self.message) + 1]
        if flights and flights[0].fate == "flying" and flights[0].due >= world.now:
            return flights[0]
        world.fault(f"message {self.message} is not on its way: nothing to {self.kind}")
        return None


class Drop(MessageFault):
    """The message is lost."""

    def strike(self, world: World) -> None:
        if flight := self.flight(world):
            flight.fate = "dropped"
            world.fault(f"message {self.message} is dropped", dropped=self.message)


@dataclass(frozen=True)
class Delay(MessageFault):
    """The message comes `by` ms later, so that others may overtake it."""

    by: float

    def __post_init__(self) -> None:
        super().__post_init__()
        number("the delay of a message", self.by)

    def strike(self, world: World) -> None:
        if flight := self.flight(world):
            number, due = int(self.message), flight.due
            world.trace.messages[number] = copy_of(flight, flight.sent, due + microseconds(self.by))
            flight.fate = "delayed"  # of the one that the queue holds at the old time
            world.fault(f"message {number} comes {self.by:g} ms late", delayed=number, due=due)
            launch(world, number)


@dataclass(frozen=True)
class Duplicate(MessageFault):
    """A copy of the message comes too, `after` ms after it."""

    after: float = 10

    def __post_init__(self) -> None:
        super().__post_init__()
        number("the time from a message to its copy", self.after)

    def strike(self, world: World) -> None:
        if flight := self.flight(world):
            copy = len(world.trace.messages)
            due = flight.due + microseconds(self.after)
            world.trace.messages.append(copy_of(flight, world.now, due))
            world.fault(f"message {self.message} is doubled", doubled=self.message, copy=copy)
            launch(world, copy)


def copy_of(flight: Flight, sent: int, due: int) -> Flight:
    """The same message, sent and due at other times (µs)."""
    return Flight(flight.source, flight.target, sent, flight.message, due)


def launch(world: World, number: int) -> None:
    """Let the message with this number arrive when it is due."""
    flight = world.trace.messages[number]
    link = world.links[flight.source, flight.target]
    world.push(flight.due, world.deliver, (number, flight, link))


def drop(message: int | str) -> Fault:
    """Lose the message with this number in the trace; "it": the one that a trigger waited for."""
    return Drop(message)


def delay(message: int | str, by: float) -> Fault:
    """Let the message with this number (or "it") come `by` ms later than it would."""
    return Delay(message, by)


def duplicate(message: int | str, after: float = 10) -> Fault:
    """Let a copy of the message with this number (or "it") come `after` ms after it."""
    return Duplicate(message, after)
