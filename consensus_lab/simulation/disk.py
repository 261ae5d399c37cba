"""A server's disk: what is written survives a crash, but only once it is really there."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ..protocols.log import Log
from .checks import share, span
from .plain import LATER


@dataclass(frozen=True)
class DiskModel:
    """How a disk behaves. Raises ScenarioError for a value that makes no sense.

    `sync`: how long it takes to make a write durable, shortest and longest time in ms. `torn`: how
    probable it is that a crash leaves a part of the write that is under way; else nothing of it.
    """

    sync: tuple[float, float] = (0.5, 1.5)
    torn: float = field(default=0.0, metadata=LATER)

    def __post_init__(self) -> None:
        span("disk.sync", self.sync)
        share("disk.torn", self.torn)


@dataclass(slots=True)
class Save:
    """A write on its way to the platter, and the messages that wait for it.

    `begun` is the index of the event that asked for it. No message waits unless it `holds` them.
    """

    durable: Mapping[str, Any]
    due: int
    begun: int
    holds: bool = True
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

    def save(
        self, durable: Mapping[str, Any], now: int, begun: int = 0, holds: bool = True
    ) -> Save:
        """Begin to write `durable` at time `now` (µs), as the event with index `begun` asks.

        It is there at the returned save's `due`.
        """
        shortest, longest = self.model.sync
        start = self.pending[-1].due if self.pending else now
        delay = round(1000 * (shortest + (longest - shortest) * self.random()))
        save = Save(durable, max(start, now) + delay, begun, holds)
        self.pending.append(save)
        return save

    def held_by(self) -> Save | None:
        """The save for which a message that is sent now has to wait."""
        for save in reversed(self.pending):
            if save.holds:
                return save
        return None

    def sync(self) -> Save:
        """The oldest pending save is now on disk."""
        save = self.pending.popleft()
        self.content = save.durable
        return save

    def crash(self) -> None:
        """The power fails: what had not reached the disk is gone, or a part of it is there."""
        if self.model.torn and self.pending and self.random() < self.model.torn:
            self.content = torn(self.content, self.pending[0].durable, self.random())
        self.pending.clear()


def torn(old: Mapping[str, Any], new: Mapping[str, Any], part: float) -> Mapping[str, Any]:
    """What a write of `new` over `old` leaves that was torn after this part of it.

    A log is appended to, so a part of what it grew by may be there. All else is small or is
    replaced as a whole: written first, or (a log that was cut, a snapshot) not at all.
    """
    content = dict(new)
    for name, value in new.items():
        before = old[name]
        # Not a named tuple: that is one thing, and a part of it would be none.
        if type(value) in (Log, tuple) and type(before) in (Log, tuple):
            if value[: len(before)] != before:
                return old
            content[name] = value[: len(before) + int(part * (len(value) - len(before) + 1))]
        elif value != before and not isinstance(value, str | int | None):
            return old
    return content
