"""Holes in logs, read off a trace: where there were any, for how long, and what filled them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .clock import milliseconds
from .trace import Trace

FEW = 2
"""So many slots with holes are told one by one."""


@dataclass(frozen=True)
class Hole:
    """`server` had nothing at `index` of its log, but something behind it, from `begin` (µs) on.

    At `end` an `entry` filled it; None: it never was.
    """

    server: str
    index: int
    begin: int
    end: int | None = None
    entry: Any = None


def holes(trace: Trace) -> list[Hole]:
    """Every hole that a log had in the run, in order of time."""
    return sorted(_holes(trace), key=lambda hole: (hole.begin, hole.server, hole.index))


def _holes(trace: Trace) -> Iterator[Hole]:
    empty: dict[tuple[str, int], int] = {}
    for event in trace.events:
        log = event.changes.get("log")
        if event.who is None or log is None:
            continue
        for index, entry in enumerate(log, 1):
            place = (event.who, index)
            if entry is None:
                empty.setdefault(place, event.time)
            elif place in empty:
                yield Hole(*place, empty.pop(place), event.time, entry)
    for place, begin in empty.items():
        yield Hole(*place, begin)


def refusals(trace: Trace) -> int:
    """How often a server refused entries, because they did not follow what it has."""
    return sum(
        type(flight.message).__name__ == "AppendEntriesReply" and not flight.message.success
        for flight in trace.messages
    )


def holes_in_words(trace: Trace) -> str:
    """What became of the holes: "slot 3 at S2 S4: filled with a no-op after 200 ms"."""
    by_index: dict[int, list[Hole]] = {}
    for hole in holes(trace):
        by_index.setdefault(hole.index, []).append(hole)
    if not by_index:
        refused = refusals(trace)
        return f"none; {refused} refusals" if refused else "none"
    if len(by_index) <= FEW:
        return "; ".join(in_words(index, found) for index, found in by_index.items())
    ends = [filled_with(found) for found in by_index.values()]
    counts = [f"{ends.count(end)} {end}" for end in dict.fromkeys(ends)]
    longest = max((hole.end or trace.duration) - hole.begin for hole in holes(trace))
    return f"{', '.join(counts)}; open for {milliseconds(longest)} at most"


def in_words(index: int, found: list[Hole]) -> str:
    """One slot and the servers that had nothing in it."""
    where = f"slot {index} at {' '.join(dict.fromkeys(hole.server for hole in found))}"
    ends = [hole.end for hole in found if hole.end is not None]
    took = f" after {milliseconds(max(ends) - found[0].begin)}" if ends else ""
    return f"{where}: {filled_with(found)}{took}"


def filled_with(found: list[Hole]) -> str:
    """What came into a slot in the end."""
    filled = [hole for hole in found if hole.end is not None]
    if not filled:
        return "never filled"
    last = max(filled, key=lambda hole: hole.end or 0)
    no_op = getattr(last.entry, "value", last.entry) is None
    return f"filled with {'a no-op' if no_op else 'the command'}"
