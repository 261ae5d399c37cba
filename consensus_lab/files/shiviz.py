"""Runs for ShiViz, which draws the events of a log as a space-time diagram.

https://bestchai.bitbucket.io/shiviz/

Such a log says of each event where it happened, what happened, and its vector clock.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..clocks import vector_clocks

if TYPE_CHECKING:
    from ..simulation.trace import Event, Trace

EXPRESSION = r"(?<host>\S+) (?<clock>\{[^}]*\}) (?<time>\S+) (?<event>.*)"
"""How ShiViz finds the parts of a line."""


def save_shiviz(trace: Trace, path: str | Path) -> None:
    r"""Write the run as a log that ShiViz can read: one event a line, with its vector clock::

        S2 {"S1":1,"S2":2} 161.300ms receives RequestVote from S1; sends RequestVoteReply to S1

    The first line is the regular expression that ShiViz reads the others by,
    `(?<host>\S+) (?<clock>\{[^}]*\}) (?<time>\S+) (?<event>.*)`. The second is empty: the log is
    one run. What happens to the network and to no process has no place in such a log.
    """
    Path(path).write_text("\n".join([EXPRESSION, "", *lines(trace), ""]), encoding="utf-8")


def lines(trace: Trace) -> Iterator[str]:
    """A line for each event of a server or a client."""
    for event, clock in zip(trace.events, vector_clocks(trace), strict=True):
        if event.who is not None:
            counts = json.dumps(dict(clock), separators=(",", ":"), ensure_ascii=False)
            yield f"{event.who} {counts} {event.time / 1000:.3f}ms {in_words(event, trace)}"


def in_words(event: Event, trace: Trace) -> str:
    """What happened, what was sent then, and what the node said about it."""
    parts = [_happening(event, trace)]
    for number in event.sent:
        flight = trace.messages[number]
        parts.append(f"sends {type(flight.message).__name__} to {flight.target}")
    return "; ".join([*parts, *event.notes])


def _happening(event: Event, trace: Trace) -> str:
    match event.kind:
        case "deliver":
            flight = trace.messages[event.detail]
            return f"receives {type(flight.message).__name__} from {flight.source}"
        case "timer":
            return f"timer {event.detail} is due"
        case "synced":
            return "has saved"
        case "request" | "answer":
            kind, key, *args = trace.operations[event.detail].operation
            asked = f"{kind} {key} {' '.join(map(str, args))}".rstrip()
            return f"{'asks' if event.kind == 'request' else 'is done with'} {asked}"
    return event.kind
