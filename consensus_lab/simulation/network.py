"""The network between servers and clients: late, lossy, doubling, reordering, and sometimes cut."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .checks import number, share, span
from .clock import microseconds


@dataclass(frozen=True)
class Network:
    """How links behave. Latencies in ms; the rest are probabilities from 0 to 1, message by
    message. Raises ScenarioError for a value that makes no sense.

    `latency`: shortest and longest time on the way. `loss`: never arrives. `duplicate`: arrives a
    second time, later. `reorder`: is held back for up to `reorder_delay` ms more, so that later
    messages overtake it.
    """

    latency: tuple[float, float] = (5, 15)
    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    reorder_delay: float = 100.0

    def __post_init__(self) -> None:
        span("network.latency", self.latency)
        share("network.loss", self.loss)
        share("network.duplicate", self.duplicate)
        share("network.reorder", self.reorder)
        number("network.reorder_delay", self.reorder_delay)


class Link:
    """One direction between two places, with random numbers of its own.

    Of its own, so that one message more on one link does not change the luck of all others: a "what
    if" then shows what its fault did, and nothing else.
    """

    __slots__ = ("cut", "random")

    def __init__(self, seed: int, source: str, target: str) -> None:
        self.random = Random(f"{seed}/{source}>{target}").random
        self.cut = False

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
        return (microseconds(delay),)

    def loses(self, network: Network) -> bool:
        """The network loses the next message."""
        return self.random() < network.loss
