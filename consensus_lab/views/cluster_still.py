"""A run at one moment as a still picture: servers on their ring, messages, and logs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..protocols.raft.configuration import Configuration
from ..protocols.shown import Shown
from ..simulation.clock import milliseconds
from ..simulation.trace import Trace
from .cluster_fields import ballot_in, fields_table, in_short, operation_in_short, term_in_words
from .colours import (
    NONE_RECOLOURED,
    PAPER,
    RULE,
    Recoloured,
    recoloured_terms,
    term_colour,
    term_ink,
)
from .cuts import cut_links, flights_at
from .flight_still import message_parts
from .members import configuration_in_short, standing
from .picture import Part, Picture, circle, line, path, rect, shorten, text, text_width
from .wall import cut_parts

Fields = Mapping[str, Any]
Style = dict[str, Any]

WIDTH, RING, BODY, EDGE = 960.0, 132.0, 32.0, 42.0
MANY, WIDE, SMALL = 6, 152.0, 0.8
"""More servers than that stand on a wider ring, and are smaller."""
CENTRE_X, TOP = 205.0, 128.0
CAPTION = 24.0, 56.0
TABLE, CELL, ROW, MOST_CELLS = 440.0, 44.0, 46.0, 8


class Spot(NamedTuple):
    """A place on the sheet, in pixels."""

    x: float
    y: float


def moment_to_show(trace: Trace) -> float:
    """A telling time (ms): the first leader's first messages are under way. Else the end."""
    elected = next((e.time for e in trace.events if e.changes.get("role") == "leader"), None)
    if elected is not None:
        for flight in trace.messages:
            if flight.sent >= elected:
                return (flight.sent + 0.45 * (flight.due - flight.sent)) / 1000
    return trace.duration / 1000


def still(trace: Trace, time: float) -> str:
    """The picture at `time` (ms) as SVG text: same trace and time, same bytes."""
    state = trace.state_at(time)
    spots = ring(trace.servers)
    rows = TOP + ROW * len(trace.servers)
    height = max(max(spot.y for spot in spots.values()) + 74, rows + 30)
    title = f"{trace.scenario.protocol.__name__} at {milliseconds(round(time * 1000))}"
    parts = [text(24, 34, title, size=17, font_weight=700), *cluster(trace, time, spots)]
    columns = trace.scenario.protocol.shown.fields
    if not columns and any("log" in fields for fields in state.values()):
        parts += logs(trace.servers, state, recoloured_in(trace))
    else:
        frame = (TABLE, TOP, WIDTH - TABLE - 24, ROW)
        parts += fields_table(trace.servers, state, columns, *frame, recoloured_in(trace))
    return Picture(tuple(parts), WIDTH, height).svg(title)


# ---- the ring ----


def cluster(trace: Trace, time: float, spots: Mapping[str, Spot]) -> Iterable[Part]:
    """The servers at their `spots`, and the messages between them, at `time` (ms)."""
    state = trace.state_at(time)
    shown = trace.scenario.protocol.shown
    if cut := cut_links(trace, time):
        yield from cut_parts(spots, cut, CAPTION)
    for flight in flights_at(trace, time):
        if flight.source in spots and flight.target in spots:
            ends = spots[flight.source], spots[flight.target]
            edge = EDGE + 6 if len(spots) <= MANY else SMALL * EDGE + 6
            yield from message_parts(flight, *ends, time * 1000, edge, shown.looks)
    recoloured, size = recoloured_in(trace), SMALL if len(spots) > MANY else 1
    for name, spot in spots.items():
        figure = server_figure(name, spot, state[name], time * 1000, shown, recoloured)
        yield from figure if size == 1 else (smaller(part, spot, size) for part in figure)


def smaller(part: Part, spot: Spot, size: float) -> Part:
    """The same part seen from farther away, with `spot` where it was."""
    move = f"translate({spot.x * (1 - size):.1f} {spot.y * (1 - size):.1f}) scale({size:g})"
    return Part(part.tag, {**part.attributes, "transform": move}, part.text)


def recoloured_in(trace: Trace) -> Recoloured:
    """The colours of terms that are not the usual ones in this run."""
    wanted = trace.scenario.protocol.shown.term
    names = [wanted] if wanted else ["current_term", "term"]
    return recoloured_terms(
        next((event.changes[name] for name in names if name in event.changes), None)
        for event in trace.events
    )


def ring(servers: Sequence[str]) -> dict[str, Spot]:
    """Where each server stands: the first at the top, the others clockwise."""
    radius = 0 if len(servers) == 1 else RING if len(servers) <= MANY else WIDE
    angles = [2 * math.pi * i / len(servers) - math.pi / 2 for i in range(len(servers))]
    middle = TOP + RING
    return {
        name: Spot(CENTRE_X + radius * math.cos(angle), middle + radius * math.sin(angle))
        for name, angle in zip(servers, angles, strict=True)
    }


def server_figure(
    name: str,
    spot: Spot,
    fields: Fields,
    time: float,
    shown: Shown,
    recoloured: Recoloured = NONE_RECOLOURED,
) -> Iterable[Part]:
    """A server: its term and colour, its role beside it, and what is left of its timer."""
    down = fields.get("status") == "down"
    role = "crashed" if down else str(fields.get("role", ""))
    if fields.get("status") == "paused":
        role = f"{role}, paused"
    term = term_of(fields, shown)
    colour, ink = term_colour(term, recoloured), term_ink(term, recoloured)
    if down:
        colour, ink = "#f2f4f7", "muted"
    if role == "leader":
        yield circle(*spot, EDGE + 5, fill=colour, fill_opacity=0.35)
    if not down:
        yield circle(*spot, EDGE - 3, fill="paper", stroke="wash", stroke_width=5)
        yield from timer(spot, fields, time)
    outline: Style = {}
    if role in ("leader", "crashed", *shown.votes):
        outline = {"stroke": "muted" if down else "ink", "stroke_width": 1.5}
    if role in ("crashed", *shown.votes):
        outline["stroke_dasharray"] = "5 4"
    yield circle(spot.x, spot.y, BODY, fill=colour, **outline)
    centred: Style = {"text_anchor": "middle", "font_weight": 700}
    below = "✕" if down else "" if term is None else term_in_words(term, shown.word, 9)
    yield text(spot.x, spot.y + (-3 if below else 6), name, size=16, fill=ink, **centred)
    yield text(spot.x, spot.y + 14, shorten(below, 9), fill="bad" if down else ink, **centred)
    label = "★ leader" if role == "leader" else standing(name, role, fields)
    y = spot.y - EDGE - 12 if spot.y < TOP + RING - 10 else spot.y + EDGE + 20
    yield text(spot.x, y, label, fill="ink" if role == "leader" else "muted", **centred)


def term_of(fields: Fields, shown: Shown) -> Any:
    """The term that gives a server its colour; of a crashed one, what its disk holds of it."""
    disk = "disk." if fields.get("status") == "down" else ""
    names = [shown.term] if shown.term else ["current_term", "term"]
    return next((fields[disk + name] for name in names if disk + name in fields), None)


def timer(spot: Spot, fields: Fields, time: float) -> Iterable[Part]:
    """The rim: how much is left until the election timer (a leader's heartbeat) fires."""
    timers = fields.get("timers") or {}
    wanted = "heartbeat" if fields.get("role") == "leader" else "election"
    found = timers.get(wanted) or next(iter(timers.values()), None)
    if not found:
        return
    set_at, due = found
    share = min(max((due - time) / max(due - set_at, 1), 0), 0.999)
    angle, r = 2 * math.pi * share, EDGE - 3
    x, y = spot.x + r * math.sin(angle), spot.y - r * math.cos(angle)
    d = f"M{spot.x:.1f} {spot.y - r:.1f} A{r:g} {r:g} 0 {int(share > 0.5)} 1 {x:.1f} {y:.1f}"
    beats = wanted == "heartbeat" and wanted in timers
    yield path(d, stroke="write" if beats else "ink", stroke_width=3 if beats else 5)


# ---- the logs ----


def logs(
    servers: Sequence[str], state: Mapping[str, Fields], recoloured: Recoloured = NONE_RECOLOURED
) -> Iterable[Part]:
    """One row a server: what is committed is filled, what is not is dashed, with a bar between."""
    longest = max(
        (compacted(state[name]) + len(log_of(state[name])) for name in servers), default=0
    )
    first = max(1, longest - MOST_CELLS + 1)
    yield text(TABLE, TOP - 34, "Log", size=13, font_weight=700)
    yield text(TABLE + 470, TOP - 34, "State machine", size=13, font_weight=700, text_anchor="end")
    for index in range(first, longest + 1):
        x = TABLE + 84 + CELL * (index - first)
        yield text(x, TOP - 12, str(index), fill="muted", text_anchor="middle")
    for number, name in enumerate(servers):
        yield from log_row(name, state[name], first, TOP + ROW * number, recoloured)
    y = TOP + ROW * len(servers) + 6
    if any(compacted(state[name]) for name in servers):
        yield rect(TABLE + 316, y - 10, 16, 12, rx=3, fill="rule", stroke="muted")
        yield text(TABLE + 338, y, "in a snapshot", fill="muted")
    yield line(TABLE + 32, y - 11, TABLE + 32, y + 2, stroke_width=3)
    yield text(TABLE + 40, y, "committed up to here", fill="muted")
    dashed: Style = {"fill": "none", "stroke": "muted", "stroke_dasharray": "3 2"}
    yield rect(TABLE + 186, y - 10, 16, 12, rx=3, **dashed)
    yield text(TABLE + 208, y, "not committed", fill="muted")


def log_of(fields: Fields) -> Sequence[Any]:
    """The log that a server has: a crashed one has what is on its disk."""
    log = fields.get("disk.log" if fields.get("status") == "down" else "log")
    return log if isinstance(log, Sequence) and not isinstance(log, str) else ()


def compacted(fields: Fields) -> int:
    """The index up to which a snapshot stands for the log, on disk if the server is down."""
    snapshot = fields.get("disk.snapshot" if fields.get("status") == "down" else "snapshot")
    return getattr(snapshot, "last_index", 0)


def log_row(
    name: str, fields: Fields, first: int, y: float, recoloured: Recoloured
) -> Iterable[Part]:
    """The log of one server from index `first` on, and what its state machine holds."""
    log, covered = log_of(fields), compacted(fields)
    last = covered + len(log)
    committed = 0 if fields.get("status") == "down" else fields.get("commit_index", 0)
    yield text(TABLE, y + 19, name, size=13, font_weight=700)
    yield rect(TABLE + 62, y, CELL * MOST_CELLS, 28, rx=4, fill="wash")
    folded = max(min(first - 1, last), covered)
    if covered >= first:  # one block, from the fold to the last column that it covers
        width = 33 + CELL * (covered - first + 1)
        yield rect(TABLE + 26, y, width, 28, rx=4, fill="rule", stroke="muted")
    elif folded:
        yield rect(TABLE + 26, y, 32, 28, rx=4, fill="wash", stroke=RULE)
    if folded:
        yield text(TABLE + 42, y + 18, f"≤{folded}", size=11, fill="muted", text_anchor="middle")
    begin = max(first, covered + 1)
    for index, entry in enumerate(log[begin - covered - 1 :], begin):
        x = TABLE + 62 + CELL * (index - first)
        if entry is None:
            hole: Style = {"stroke": "muted", "stroke_dasharray": "2 3"}
            yield rect(x + 2, y + 1, CELL - 6, 26, rx=4, fill=PAPER, **hole)
            yield text(x + CELL / 2 - 1, y + 18, "hole", fill="muted", text_anchor="middle")
        else:
            yield from cell(entry, x, y, index <= committed, recoloured)
    if committed >= first:
        x = TABLE + 62 + CELL * (min(committed, last) - first + 1)
        yield line(x - 0.5, y - 5, x - 0.5, y + 33, stroke_width=3)
    machine = fields.get("machine")
    if machine is not None and fields.get("status") != "down":
        data = getattr(machine, "data", None)
        words = in_short(data) if data else ""
        yield text(TABLE + 470, y + 19, shorten(words, 14), text_anchor="end")


def cell(entry: Any, x: float, y: float, committed: bool, recoloured: Recoloured) -> Iterable[Part]:
    """One entry in the colour of its term."""
    term = ballot_in(entry) or getattr(entry, "term", None)
    colour = term_colour(term, recoloured)
    if committed:
        yield rect(x + 1, y, CELL - 4, 28, rx=4, fill=colour)
    else:
        dashed: Style = {"stroke": colour, "stroke_width": 2, "stroke_dasharray": "4 3"}
        yield rect(x + 2, y + 1, CELL - 6, 26, rx=4, fill=PAPER, **dashed)
    ink = term_ink(term, recoloured) if committed else "ink"
    words = entry_in_short(entry)
    size = 13 if text_width(words, 13) <= CELL - 8 else 10.5
    centred: Style = {"text_anchor": "middle", "font_weight": 600}
    yield text(x + CELL / 2 - 1, y + 19, shorten(words, 7), size=size, fill=ink, **centred)


def entry_in_short(entry: Any) -> str:
    """A command in a few letters: "x=4", "x?", "x:1→2"; "–" for the no-op that begins a term."""
    command = entry.value if ballot_in(entry) else getattr(entry, "command", entry)
    if command is None:
        return "–"
    if isinstance(command, Configuration):
        return configuration_in_short(command)
    return operation_in_short(getattr(command, "operation", command))
