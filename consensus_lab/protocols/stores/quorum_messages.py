"""What the servers of a quorum store tell each other, and what they keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..node import ClientRequest


class Stored(NamedTuple):
    """A value and its version: a number, and the server that coordinated the write."""

    value: Any
    number: int
    server: str

    @property
    def version(self) -> tuple[int, str]:
        """Versions are compared by number, and then by server."""
        return self.number, self.server


UNWRITTEN = Stored(0, 0, "")


@dataclass(frozen=True, slots=True)
class Get:
    """The coordinator of `request` asks a replica what it holds for `key`."""

    request: str
    coordinator: str
    key: str


@dataclass(frozen=True, slots=True)
class GetReply:
    """What `server` holds."""

    request: str
    server: str
    stored: Stored


@dataclass(frozen=True, slots=True)
class Put:
    """Hold this, if it is newer; for the replica `owner`, if that is somebody else."""

    request: str
    sender: str
    owner: str
    key: str
    stored: Stored


@dataclass(frozen=True, slots=True)
class PutReply:
    """`server` holds it, for the replica `owner`."""

    request: str
    server: str
    owner: str


class Hint(NamedTuple):
    """What `owner` missed: to be handed off when it can be reached again."""

    owner: str
    key: str
    stored: Stored
    request: str


@dataclass(frozen=True, slots=True)
class Coordinated:
    """A request, and how far its coordinator is: "reading", "writing" or "answered".

    `found`: what the replicas hold that have answered. `chosen`: what is returned or written.
    `holders`: the replicas that hold it. `late`: once it has taken longer than `timeout`.
    """

    request: ClientRequest
    phase: str = "reading"
    found: Mapping[str, Stored] = field(default_factory=dict)
    chosen: Stored = UNWRITTEN
    holders: frozenset[str] = frozenset()
    late: bool = False

    @property
    def key(self) -> str:
        """What it is about."""
        return str(self.request.operation[1])

    @property
    def is_write(self) -> bool:
        """It changes the store."""
        return bool(self.request.operation[0] == "write")
