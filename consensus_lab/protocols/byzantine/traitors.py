"""Traitors: they run the loyal generals' code, and something stands between it and the network.

So a learner's own general can be a traitor, too, without a line in its class.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...errors import ScenarioError

if TYPE_CHECKING:
    from ..node import Effects
    from .general import General

HABITS = ("truth", "silence", "opposite", "random")
ORDERS = ("attack", "retreat")


@dataclass(frozen=True)
class Lie:
    """In `round` the last of `path` tells `receiver`: "along `path` I heard `value`"."""

    path: tuple[str, ...]
    receiver: str
    round: int
    value: str | None

    @property
    def liar(self) -> str:
        """Who tells it."""
        return self.path[-1]

    @property
    def is_in_time(self) -> bool:
        """It comes instead of what a loyal general would say; else it is one message more."""
        return self.round == len(self.path)

    @property
    def route(self) -> str:
        """How it is written: "S1>S3>S2", and "S1>S3>S2@3" if it is one more, in round 3."""
        route = ">".join((*self.path, self.receiver))
        return route if self.is_in_time else f"{route}@{self.round}"


def read_lies(lies: Mapping[str, str | None]) -> list[Lie]:
    """The lies that {"S1>S3>S2": "attack"} stands for. Raises ScenarioError for any other form."""
    return [read_lie(route, value) for route, value in lies.items()]


def read_lie(route: str, value: str | None) -> Lie:
    """The lie `value` on `route`."""
    way, _, when = str(route).partition("@")
    *path, receiver = way.split(">")
    if not path or not all((*path, receiver)) or (when and not when.isdecimal()):
        raise ScenarioError(
            f"A lie has a route, such as 'S1>S3>S2': what S3 tells S2 that S1 said; not {route!r}."
        )
    if not (value is None or (isinstance(value, str) and value)):
        raise ScenarioError(
            f"The lie {route!r} is an order, such as 'attack', or None for silence; not {value!r}."
        )
    return Lie(tuple(path), receiver, int(when or len(path)), value)


class Lying:
    """What a traitor's handlers speak to. Where a lie is written down, the true word is not sent.

    It always speaks in its own name: a general knows who brings an oral message (Lamport, Shostak
    and Pease's assumption A2), and under a signed one stands who signed it.
    """

    def __init__(self, traitor: General, out: Effects) -> None:
        self.traitor = traitor
        self.out = out
        lies = read_lies(traitor.options.lies)
        self.lies = [lie for lie in lies if lie.liar == traitor.name]
        self.written = {(lie.path, lie.receiver) for lie in self.lies if lie.is_in_time}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.out, name)

    def send(self, to: str, message: Any) -> None:
        """Say what a loyal general would, or something else, or nothing."""
        if (message.path, to) in self.written:
            return
        value = self.by_habit(message.value)
        if value == message.value:
            self.out.send(to, message)
        elif value is not None:
            self.out.send(to, self.traitor.made_up(message.path, value))

    def tell_lies(self) -> None:
        """Tell those lies whose round has come."""
        for lie in self.lies:
            if lie.round == self.traitor.round and lie.value is not None:
                self.out.send(lie.receiver, self.traitor.made_up(lie.path, lie.value))

    def by_habit(self, value: str) -> str | None:
        """What a traitor says instead of `value` where no lie is written down."""
        match self.traitor.options.otherwise:
            case "silence":
                return None
            case "opposite":
                return opposite(value)
            case "random":
                return (*ORDERS, None)[int(3 * self.out.random())]
        return value


def opposite(order: str) -> str:
    """Retreat for attack, and attack for all else."""
    return "retreat" if order == "attack" else "attack"


def write_lies(lies: Iterable[Lie]) -> dict[str, str | None]:
    """As the option `lies` has them."""
    return {lie.route: lie.value for lie in lies}
