"""The role diagram of Raft, lit as it moves: which server is in which role, and what took it there.

Ongaro, D. and Ousterhout, J. (2014): In Search of an Understandable Consensus Algorithm (Extended
Version), Figure 4. The live view draws the same parts (static/roles.js).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..simulation.clock import milliseconds
from ..simulation.trace import Trace
from .cluster_still import TOP, cluster, recoloured_in, ring
from .colours import NONE_RECOLOURED, Recoloured, term_colour, term_ink
from .picture import Part, Picture, arrow_head, circle, path, rect, text

Fields = Mapping[str, Any]

WIDTH, HEIGHT = 440.0, 284.0
BOX_WIDTH, BOX_HEIGHT, BOX_TOP = 118.0, 66.0, 96.0
BOXES = {"follower": 8.0, "candidate": 161.0, "leader": 314.0}
"""The left edge of each role's box."""

CHIP, ROOM, PER_ROW = 10.5, 23.0, 5
"""The radius of a server's chip, the room that it takes, and how many stand in a row."""

CRASHED_AT, NOBODY = (8, HEIGHT - 10), "crashed: nobody"
"""Where it is written who has crashed, and what if nobody has."""

AFTERGLOW = 30_000
"""An arrow stays lit so long (µs) after somebody went along it."""


class Way(NamedTuple):
    """A way from role to role: its arrow, and the condition beside it."""

    source: str
    target: str
    d: str
    tip: tuple[float, float]
    along: tuple[float, float]
    words: str
    at: tuple[float, float]


WAYS = (
    Way("", "follower", "M28 62V92", (28, 95), (0, 1), "starts, or restarts", (8, 54)),
    Way(
        "follower", "candidate", "M85 96C95 52 180 52 193 91", (194, 95), (0.3, 1),
        "election timeout", (88, 32),
    ),
    Way(
        "candidate", "candidate", "M208 96C198 30 252 30 242 91", (241, 95), (-0.2, 1),
        "again: next term", (176, 16),
    ),
    Way(
        "candidate", "leader", "M262 96C275 52 350 52 363 91", (364, 95), (0.3, 1),
        "votes of a majority", (296, 44),
    ),
    Way(
        "candidate", "follower", "M205 162C195 194 100 194 89 167", (88, 163), (-0.25, -1),
        "hears the leader, or a larger term", (98, 204),
    ),
    Way(
        "leader", "follower", "M372 162C360 254 66 254 50 167", (49, 163), (-0.15, -1),
        "hears of a larger term", (160, 246),
    ),
)  # fmt: skip
"""The ways, in the order of their numbers."""


class Move(NamedTuple):
    """A server took a way, at `time` (µs)."""

    time: int
    who: str
    way: int


def moves(trace: Trace) -> list[Move]:
    """Every change of role in a run, and every new term of a candidate."""
    numbers = {(way.source, way.target): number for number, way in enumerate(WAYS)}
    roles: dict[str, str] = {}
    found = []
    for event in trace.events:
        if event.who not in trace.servers:
            continue
        name = str(event.who)
        if event.kind == "crash":
            roles[name] = ""
            continue
        before = roles.get(name, "")
        after = event.changes.get("role", before or "follower")
        roles[name] = after
        stands_again = before == after == "candidate" and "current_term" in event.changes
        way = numbers.get((before, after))
        if way is not None and (before != after or stands_again):
            found.append(Move(event.time, name, way))
    return found


# ---- the picture ----


def diagram(lit: Mapping[int, str] | None = None) -> list[Part]:
    """The three roles and the ways between them; `lit` ones (number: who) stand out.

    What belongs to way n is marked with the number n.
    """
    parts = []
    for role, x in BOXES.items():
        box = rect(x, BOX_TOP, BOX_WIDTH, BOX_HEIGHT, rx=14, fill="wash", stroke="muted")
        words = text(x + BOX_WIDTH / 2, BOX_TOP + 17, role, size=13, font_weight=600)
        parts += [box, with_anchor(words)]
    for number, way in enumerate(WAYS):
        ink = "write" if lit and number in lit else "muted"
        style: dict[str, Any] = {"font_weight": 700} if ink == "write" else {}
        marked = (
            path(way.d, stroke=ink, stroke_width=3 if style else 1.5),
            arrow_head(*way.tip, *way.along, ink, 9),
            text(*way.at, way.words, fill="ink" if style else "muted", **style),
        )
        parts += [part.of(number) for part in marked]
    return parts


def with_anchor(words: Part) -> Part:
    """The same words, centred."""
    return Part(words.tag, {**words.attributes, "text-anchor": "middle"}, words.text)


def chip_at(role: str, number: int) -> tuple[float, float]:
    """Where the chip of the server stands that is the `number`-th in its role."""
    row, column = divmod(number, PER_ROW)
    if role == "crashed":
        return 74 + ROOM * number, HEIGHT - 14
    return BOXES[role] + 13 + ROOM * column, BOX_TOP + 36 + 17 * row


def chips(state: Mapping[str, Fields], recoloured: Recoloured = NONE_RECOLOURED) -> Iterable[Part]:
    """Every server in the box of its role, in the colour of its term."""
    counts: dict[str, int] = {}
    for name, fields in state.items():
        down = fields.get("status") == "down"
        role = "crashed" if down else str(fields.get("role"))
        if role not in BOXES and not down:
            continue
        x, y = chip_at(role, counts.get(role, 0))
        counts[role] = counts.get(role, 0) + 1
        term = None if down else fields.get("current_term")
        yield circle(x, y, CHIP, fill=term_colour(term, recoloured), stroke="paper")
        ink = term_ink(term, recoloured)
        yield with_anchor(text(x, y + 3.5, name, size=10, fill=ink, font_weight=700))
    yield text(*CRASHED_AT, "crashed:" if "crashed" in counts else NOBODY, fill="muted")


def to_json() -> dict[str, Any]:
    """The diagram as the live view reads it."""
    return {
        "picture": Picture(tuple(diagram()), WIDTH, HEIGHT).to_json(),
        "ways": [[way.source, way.target, way.words] for way in WAYS],
        "boxes": {role: [x + 13, BOX_TOP + 36] for role, x in BOXES.items()},
        "crashed": [74, HEIGHT - 14],
        "crashed_at": CRASHED_AT,
        "nobody": NOBODY,
        "room": ROOM,
        "per_row": PER_ROW,
        "radius": CHIP,
        "afterglow": AFTERGLOW,
    }


def still(trace: Trace, time: float) -> str:
    """The ring and the role diagram at `time` (ms) as SVG text: same bytes for the same run."""
    state = trace.state_at(time)
    spots = ring(trace.servers)
    now = round(1000 * time)
    lit = {move.way: move.who for move in moves(trace) if 0 <= now - move.time < AFTERGLOW}
    title = f"{trace.scenario.protocol.__name__} at {milliseconds(now)}"
    parts = [text(24, 34, title, size=17, font_weight=700), *cluster(trace, time, spots)]
    moved = [
        shifted(part, 470, TOP - 60)
        for part in (*diagram(lit), *chips(state, recoloured_in(trace)))
    ]
    height = max(max(spot.y for spot in spots.values()) + 74, TOP - 60 + HEIGHT + 10)
    return Picture((*parts, *moved), 470 + WIDTH + 20, height).svg(title)


def shifted(part: Part, dx: float, dy: float) -> Part:
    """The same part further right and down."""
    attributes = {**part.attributes, "transform": f"translate({dx:g} {dy:g})"}
    return Part(part.tag, attributes, part.text)
