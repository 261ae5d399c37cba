"""Which links are cut, and which messages are on their way, at a time."""

from __future__ import annotations

from collections.abc import Iterator

from ..simulation.trace import Flight, Trace

Links = frozenset[tuple[str, str]]
"""(from, to) of each link on which nothing arrives."""


def cut_links(trace: Trace, time: float) -> Links:
    """The links that are cut at `time` (ms): what the last fault that cut or healed any told."""
    cut: Links = frozenset()
    for event in trace.events:
        if event.time > time * 1000:
            break
        if event.kind == "fault" and "cut" in event.detail:
            cut = frozenset(event.detail["cut"])
    return cut


def flights_at(trace: Trace, time: float) -> Iterator[Flight]:
    """The messages that are on their way at `time` (ms)."""
    dropped = {
        event.detail["dropped"]: event.time
        for event in trace.events
        if event.kind == "fault" and "dropped" in event.detail
    }
    for number, flight in enumerate(trace.messages):
        if flight.sent <= time * 1000 < dropped.get(number, flight.due):
            yield flight
