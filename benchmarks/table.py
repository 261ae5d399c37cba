"""The one table that `make bench` prints: what was measured beside what was asked for."""

from __future__ import annotations

import gc
import resource
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from time import process_time
from typing import TypeVar

Made = TypeVar("Made")
MISSED = "✗"
HEADINGS = ("", "topic", "work", "goal", "median", "worst", "memory", "verdict")
WIDTHS = (1, 15, 66, 20, 10, 10, 9, 0)


@dataclass(frozen=True)
class Row:
    """What one measurement gave.

    work      what was done
    measured  run by run how long it took, in `unit`; or how fast it went, if that ends in "/s"
    goal      the most that all of these may be, or the least if they are rates
    verdict   how the answers compare with those that are known
    memory    the peak while it ran, in MB, where it was asked for; `room` is the most it may be
    """

    work: str
    measured: Sequence[float]
    unit: str = "s"
    goal: float | None = None
    verdict: str = ""
    memory: float | None = None
    room: float | None = None

    @property
    def is_rate(self) -> bool:
        return self.unit.endswith("/s")

    @property
    def worst(self) -> float:
        return min(self.measured) if self.is_rate else max(self.measured)

    @property
    def missed(self) -> bool:
        """Whether it fell short of a goal."""
        beyond = self.goal is not None and (
            self.worst < self.goal if self.is_rate else self.worst > self.goal
        )
        return beyond or (self.room is not None and (self.memory or 0) > self.room)

    def told(self, topic: str) -> str:
        """The line of the table."""
        goal = [f"{'≥' if self.is_rate else '≤'} {self.goal:,g} {self.unit}"] if self.goal else []
        goal += [f"{self.room:,.0f} MB"] if self.room else []
        return line(
            MISSED if self.missed else "",
            topic,
            self.work,
            ", ".join(goal),
            self.figure(median(self.measured)),
            self.figure(self.worst),
            "" if self.memory is None else f"{self.memory:,.0f} MB",
            self.verdict,
        )

    def figure(self, number: float) -> str:
        digits = sum(number < limit for limit in (1, 10, 100))
        return f"{number:,.{digits}f} {self.unit}"


def line(*cells: str) -> str:
    """Figures stand at the right of their columns, words at the left."""
    padded = (
        cell.rjust(width) if heading in ("median", "worst", "memory") else cell.ljust(width)
        for cell, heading, width in zip(cells, HEADINGS, WIDTHS, strict=True)
    )
    return " ".join(padded).rstrip()


def show(topic: str) -> None:
    """Print the rows of one topic as they come."""
    for row in import_module(f"benchmarks.{topic}").rows():
        print(row.told(topic), flush=True)


def timed(work: Callable[..., Made], *args: object) -> tuple[Made, float]:
    """What work(*args) returns, and the seconds of processor time that it took."""
    gc.collect()
    begin = process_time()
    made = work(*args)
    return made, process_time() - begin


def forget_peak() -> None:
    """From here on `peak` counts anew, where the system can do that (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak() -> float:
    """The most memory that this process has used, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
