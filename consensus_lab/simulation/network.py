"""The network between servers and clients: late, lossy, doubling, reordering, and sometimes cut."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from ..protocols.sizes import size_of
from .checks import number, positive, share, span
from .clock import microseconds
from .plain import LATER


@dataclass(frozen=True)
class Network:
    """How links behave. Latencies in ms; the rest are probabilities from 0 to 1, message by
    message. Raises ScenarioError for a value that makes no sense.

    `latency`: shortest and longest time on the way. `loss`: never arrives. `duplicate`: arrives a
    second time, later. `reorder`: is held back for up to `reorder_delay` ms more, so that later
    messages overtake it.

    `bandwidth`: so many bytes a ms leave on each link (None: no limit), one message behind the
    other. A message whose field `bulk` is true goes by a second channel of the same bandwidth, with
    a queue of its own. How large a message is, `protocols.sizes.size_of` says.
    """

    latency: tuple[float, float] = (5, 15)
    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    reorder_delay: float = 100.0
    bandwidth: float | None = field(default=None, metadata=LATER)

    def __post_init__(self) -> None:
        span("network.latency", self.latency)
        share("network.loss", self.loss)
        share("network.duplicate", self.duplicate)
        share("network.reorder", self.reorder)
        number("network.reorder_delay", self.reorder_delay)
        if self.bandwidth is not None:
            positive("network.bandwidth", self.bandwidth, "bytes a ms")


class Link:
    """One direction between two places, with random numbers of its own.

    Of its own, so that one message more on one link does not change the luck of all others: a "what
    if" then shows what its fault did, and nothing else.
    """

    __slots__ = ("cut", "free", "random")

    def __init__(self, seed: int, source: str, target: str) -> None:
        self.random = Random(f"{seed}/{source}>{target}").random
        self.cut = False
        self.free = [0, 0]

    def delays(self, network: Network) -> tuple[int, ...]:
        """How long each copy of a message is on its way, in µs."""
        random = self.random
        shortest, longest = network.latency
        delay = shortest + (longest - shortest) * random()
        if network.reorder and random() < network.reorder:
            delay += network.reorder_delay * random()
        if network.duplicate and random() < network.duplicate:
            again = delay + shortest + (longest - shortest) * random()
            return (microseconds(delay), microseconds(again))
        return (round(delay * 1000),)

    def queue(self, message: Any, bandwidth: float, now: int) -> int:
        """How long (µs) until the last byte of `message` has left, behind all that waits before it.

        A large message delays what follows it, unless it has a channel of its own.
        """
        channel = bool(getattr(message, "bulk", False))
        begin = max(now, self.free[channel])
        self.free[channel] = begin + microseconds(size_of(message) / bandwidth)
        return self.free[channel] - now

    def loses(self, network: Network) -> bool:
        """The network loses the next message."""
        return self.random() < network.loss


class Links(dict[tuple[str, str], Link]):
    """The directed links between places, made when they are first used."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __missing__(self, way: tuple[str, str]) -> Link:
        link = self[way] = Link(self.seed, *way)
        return link
