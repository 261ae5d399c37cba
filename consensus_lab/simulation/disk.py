"""A server's disk: what is written survives a crash, but only once it is really there."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from .checks import span
from .clock import microseconds


@dataclass(frozen=True)
class DiskModel:
    """How long the disk takes to make a write durable: shortest and longest time, in ms."""

    sync: tuple[float, float] = (0.5, 1.5)

    def __post_init__(self) -> None:
        span("disk.sync", self.sync)


@dataclass(slots=True)
class Save:
    """A write on its way to the platter, and the messages that wait for it."""

    durable: Mapping[str, Any]
    due: int
    waiting: list[tuple[str, Any]] = field(default_factory=list)


class Disk:
    """One disk: saves reach it one after the other, in order."""

    def __init__(
        self, seed: int, server: str, model: DiskModel, content: Mapping[str, Any]
    ) -> None:
        self.random = Random(f"{seed}/{server}/disk").random
        self.model = model
        self.content = content
        self.pending: deque[Save] = deque()

    def save(self, durable: Mapping[str, Any], now: int) -> Save:
        """Begin to write `durable` at time `now` (µs). It is there at the returned save's `due`."""
        shortest, longest = self.model.sync
        start = self.pending[-1].due if self.pending else now
        delay = microseconds(shortest + (longest - shortest) * self.random())
        save = Save(durable, max(start, now) + delay)
        self.pending.append(save)
        return save

    def sync(self) -> Save:
        """The oldest pending save is now on disk."""
        save = self.pending.popleft()
        self.content = save.durable
        return save

    def crash(self) -> None:
        """The power fails: what had not reached the disk is gone."""
        self.pending.clear()
