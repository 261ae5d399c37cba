"""Three machines that are no state machines: each looks at something that only its server has.

`OnItsServer` hands a machine what a real server would let it see, so that what goes wrong is the
same in every run of a scenario. None of it is a part of the state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..node import ClientRequest, Effects
from .digest import digest
from .machines import Reads


@dataclass(frozen=True)
class Local:
    """What a server has for itself: its `clock` (ms), a `random` number in [0, 1), and the
    `hash_seed` of its process, on which the iteration order of its sets depends."""

    clock: float = 0
    random: float = 0
    hash_seed: str = ""

    def iterate(self, items: frozenset[str]) -> list[str]:
        """The items in the order in which this server's Python happens to walk through the set."""
        return sorted(items, key=lambda item: digest((self.hash_seed, item)))


class OnItsServer:
    """To be put before a protocol that applies a log: `class Shop(OnItsServer, Raft)`.

    Its machine has a field `local`, which is set before each command.
    """

    name: str
    machine: Any

    def apply(self, entry: Any, out: Effects) -> None:
        """Look at the clock, throw the dice, and let the machine carry out the command."""
        local = Local(out.clock(), out.random(), self.name)
        self.machine = replace(self.machine, local=local)
        super().apply(entry, out)  # type: ignore[misc]


@dataclass(frozen=True)
class Coupons(Reads):
    """Reads a random number: whoever asks gets a coupon with a code that nobody can guess."""

    data: Mapping[str, int] = field(default_factory=dict)
    local: Local = field(default=Local(), compare=False)

    def apply(self, request: ClientRequest) -> tuple[Coupons, Any]:
        match request.operation:
            case ("read", name):
                return self, self.data.get(name)
            case ("issue", name):
                code = int(1000 * self.local.random)
                return replace(self, data={**self.data, name: code}), code
        raise self.unknown(request.operation)


@dataclass(frozen=True)
class Leases(Reads):
    """Reads the clock: a lock is given away for a time (ms), and is free again after that."""

    data: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    local: Local = field(default=Local(), compare=False)

    def apply(self, request: ClientRequest) -> tuple[Leases, Any]:
        now = self.local.clock
        match request.operation:
            case ("read", lock):
                return self, self.data.get(lock)
            case ("lease", lock, owner, duration):
                if lock in self.data and now < self.data[lock][1]:
                    return self, False
                return replace(self, data={**self.data, lock: (owner, now + duration)}), True
        raise self.unknown(request.operation)


@dataclass(frozen=True)
class Seats(Reads):
    """Depends on the iteration order of a set: whoever asks gets the first free seat."""

    data: Mapping[str, str] = field(default_factory=dict)
    free: frozenset[str] = frozenset({"1A", "1B", "2A", "2B"})
    local: Local = field(default=Local(), compare=False)

    def apply(self, request: ClientRequest) -> tuple[Seats, Any]:
        match request.operation:
            case ("read", name):
                return self, self.data.get(name)
            case ("book", name):
                seat = self.local.iterate(self.free)[0]
                booked = {**self.data, name: seat}
                return replace(self, data=booked, free=self.free - {seat}), seat
        raise self.unknown(request.operation)
