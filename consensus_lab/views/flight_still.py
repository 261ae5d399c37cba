"""Messages in a still picture: shape and colour by kind, as in the live view (palette.js)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from ..simulation.trace import Flight
from ..simulation.trace_json import plain
from .colours import CAS, GOOD, PAPER, READ, WRITE
from .picture import Part, line, path, text

SHAPES = {
    "circle": "M0-6.5A6.5 6.5 0 1 1 0 6.5A6.5 6.5 0 1 1 0-6.5Z",
    "diamond": "M0-8.2L8.2 0L0 8.2L-8.2 0Z",
    "square": "M-5.8-5.8H5.8V5.8H-5.8Z",
    "triangle": "M0-8L7.6 5.6H-7.6Z",
    "hexagon": "M-3.8-6.6H3.8L7.6 0L3.8 6.6H-3.8L-7.6 0Z",
    "bar": "M-8.6-4H8.6V4H-8.6Z",
    "drop": "M0 8L-7.6-5.6H7.6Z",
}
"""Outlines around (0, 0) of about the same area, told apart at 10 pixels."""

HUES = (READ, WRITE, CAS, GOOD, "#b0307a", "#8a6100")
KNOWN = {
    "RequestVote": ("circle", 0),
    "AppendEntries": ("diamond", 1),
    "ClientRequest": ("square", 2),
    "InstallSnapshot": ("bar", 3),
}
SPARE = ("triangle", "hexagon", "drop", "bar", "circle", "square")
DOOMED = ("lost", "cut", "down", "dropped")


class Look(NamedTuple):
    """A shape by its name, the number of a hue, and whether it is hollow, as replies are."""

    shape: str
    hue: int
    reply: bool


@cache
def look_of(kind: str) -> Look:
    """The look of messages of a kind: that which everyone knows, or one by the kind's name."""
    client = kind in ("ClientReply", "ClientRefusal")
    question = "ClientRequest" if client else re.sub("(Reply|Response|Ack|Answer)$", "", kind)
    if question in KNOWN:
        return Look(*KNOWN[question], question != kind)
    number = 2166136261  # FNV-1a: the same for the same name, everywhere
    for letter in question:
        number = ((number ^ ord(letter)) * 16777619) & 0xFFFFFFFF
    shape, hue = SPARE[number % 6], number // 6 % len(HUES)
    is_taken = (shape, hue) in KNOWN.values()
    return Look(shape, len(HUES) - 1 if is_taken else hue, question != kind)


def sign_of(message: Any) -> str:
    """A "+" for a reply that grants, a "−" for one that refuses."""
    if type(message).__name__.endswith(("Nack", "Refusal")):
        return "−"
    answer = next((v for v in plain(message).values() if isinstance(v, bool)), None)
    return "" if answer is None else "+" if answer else "−"


def message_parts(
    flight: Flight,
    source: tuple[float, float],
    target: tuple[float, float],
    time: float,
    edge: float,
    looks: Mapping[str, str],
) -> Iterable[Part]:
    """A message at `time` (µs) on its way from `source` to `target`, circles with radius `edge`."""
    (x1, y1), (x2, y2) = source, target
    length = math.hypot(x2 - x1, y2 - y1) or 1
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    share = (time - flight.sent) / max(flight.due - flight.sent, 1)
    doomed = flight.fate in DOOMED
    way = edge + (length - 2 * edge) * (min(share, 0.6) if doomed else share)
    x, y = x1 + ux * way - 5 * uy, y1 + uy * way + 5 * ux
    kind = type(flight.message).__name__
    look = look_of(looks.get(kind, kind))
    colour = HUES[look.hue]
    yield line(x - 24 * ux, y - 24 * uy, x, y, stroke=colour, stroke_width=2, opacity=0.4)
    hollow = look.reply or doomed
    place = {"transform": f"translate({x:.1f} {y:.1f})"}
    fill = PAPER if hollow else colour
    yield path(SHAPES[look.shape], stroke=colour, fill=fill, stroke_width=2, **place)
    if hollow:
        sign = "✕" if doomed else sign_of(flight.message)
        ink = "bad" if doomed else colour
        yield text(x, y + 4, sign, fill=ink, text_anchor="middle", font_weight=700)
