"""The figures of the course: `python -m consensus_lab.views.figures [DIR]` draws them.

They are made of the same parts and colours as the views. Two are not drawn at all: the example is
what the checker says of a history, as the timeline shows it; the election is a run, as it was.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ..consistency.sequential import sequential
from ..history import parse
from ..protocols.raft import Raft
from ..simulation import Scenario
from ..simulation.faults import crash
from . import cluster_still
from .colours import TERM_COLOURS
from .picture import Part, Picture, arrow_head, circle, line, paragraph, path, rect, text, wrap
from .story import Story
from .timeline import still

WIDTH = 700

EXAMPLE = """
P1:                 [W(x,4)]                [R(y)2]
P2:  [W(y,2)]                   [R(x)0]
"""


def sequential_example() -> str:
    """A history that sequential consistency allows and linearizability does not, with its order."""
    return still(Story.of(sequential(parse(EXAMPLE)), limit=10), WIDTH)


# ---- small words of the figures' own language ----


def box(x: float, y: float, width: float, height: float, colour: str = "ink", **more: Any) -> Part:
    """A rounded box with a tinted ground."""
    style = {"rx": 8, "fill": colour, "fill_opacity": 0.08, "stroke": colour, **more}
    return rect(x, y, width, height, **style)


def centred(x: float, y: float, words: str, **more: Any) -> Part:
    """Words with their middle at `x`."""
    return text(x, y, words, text_anchor="middle", **more)


def arrow(
    x1: float, y1: float, x2: float, y2: float, colour: str = "ink", **more: Any
) -> list[Part]:
    """A straight arrow from the first point to the second."""
    dx, dy = x2 - x1, y2 - y1
    short = 5 / ((dx * dx + dy * dy) ** 0.5)
    shaft = line(x1, y1, x2 - dx * short, y2 - dy * short, stroke=colour, stroke_width=1.6, **more)
    return [shaft, arrow_head(x2, y2, dx, dy, colour, 9)]


def curve(d: str, tip: tuple[float, float], along: tuple[float, float], colour: str) -> list[Part]:
    """A bent arrow: the path `d`, and a head at `tip` that points `along`."""
    head = arrow_head(*tip, *along, colour, 9)
    return [path(d, stroke=colour, stroke_width=1.6), head]


def cell(x: float, y: float, width: float, words: str, term: int, height: float = 32) -> list[Part]:
    """A log entry in the colour of its term."""
    colour = TERM_COLOURS[term % len(TERM_COLOURS)]
    style: dict[str, Any] = {
        "rx": 4,
        "fill": colour,
        "fill_opacity": 0.22,
        "stroke": colour,
        "stroke_width": 1.4,
    }
    ground = rect(x, y, width, height, **style)
    return [ground, centred(x + width / 2, y + 20.5, words, size=13)]


def badge(x: float, y: float, number: int, colour: str) -> list[Part]:
    """A step of what happens: its number on a disc."""
    disc = circle(x, y, 9, fill=colour, stroke="paper", stroke_width=1.5)
    return [disc, centred(x, y + 4, str(number), fill="paper", font_weight=600)]


# ---- replicated state machines ----

COMMANDS = (("x ← 3", 1), ("y ← 1", 1), ("y ← 9", 2))


def replicated_state_machine() -> str:
    """Clients, and three servers with their consensus module, log and state machine."""
    parts: list[Part] = []
    for column, server in enumerate(("S1", "S2", "S3")):
        parts += _server(20 + 228 * column, server, leader=server == "S1")
    parts += [box(62, 14, 120, 40, "muted"), centred(122, 39, "client", size=14, font_weight=600)]
    parts += arrow(98, 54, 98, 122, "write")
    parts += [*badge(98, 84, 1, "write"), text(80, 88, "y ← 9", size=13, text_anchor="end")]
    parts += arrow(146, 122, 146, 54, "good")
    parts += [*badge(146, 84, 4, "good"), text(164, 88, "done", size=13)]
    for x in (224, 452):
        parts += arrow(x - 10, 142, x + 34, 142, "read")
        parts += arrow(x + 34, 158, x - 10, 158, "read")
    parts += [path("M238 122 V100 H466 V122", stroke="read"), *badge(352, 100, 2, "read")]
    parts.append(centred(352, 80, "agree on one order", size=13))
    words = (
        "1 A client sends a command. 2 The consensus modules agree on its place in the log. "
        "3 Every server applies its log in order. 4 The client gets its answer. "
        "Same start, same commands, same order: same state."
    )
    parts += paragraph(20, 392, wrap(words, WIDTH - 40, 11.9), size=12.5, fill="muted")
    return Picture(tuple(parts), WIDTH, 424).svg("Replicated state machines on three servers")


def _server(x: float, name: str, leader: bool) -> Iterable[Part]:
    yield rect(x, 122, 204, 236, rx=12, fill="wash", stroke="rule")
    yield box(x + 14, 126, 176, 48, "read", fill_opacity=0.12)
    yield centred(x + 102, 148, "consensus module", size=13, font_weight=600)
    yield centred(x + 102, 165, f"{name} · leader" if leader else name, size=12, fill="muted")
    yield from arrow(x + 102, 174, x + 102, 217)
    yield text(x + 14, 214, "log", size=12, fill="muted")
    for index, (command, term) in enumerate(COMMANDS):
        yield from cell(x + 14 + 60 * index, 220, 56, command, term)
    yield from arrow(x + 102, 252, x + 102, 290)
    yield from badge(x + 102, 267, 3, "ink")
    yield box(x + 14, 290, 176, 54, "good", fill_opacity=0.1)
    yield centred(x + 102, 311, "state machine", size=13, font_weight=600)
    yield centred(x + 102, 332, "x = 3,  y = 9", size=13)


# ---- the states of a server ----


def server_states() -> str:
    """Follower, candidate, leader: what makes a server change from one to the other."""
    parts: list[Part] = []
    for x, y, name, job, colour in (
        (24, 168, "follower", "answers the others", "read"),
        (278, 40, "candidate", "asks for votes", "write"),
        (506, 260, "leader", "serves the clients", "good"),
    ):
        parts.append(box(x, y, 170, 64, colour, rx=32, fill_opacity=0.13, stroke_width=2))
        parts.append(centred(x + 85, y + 30, name, size=16, font_weight=600))
        parts.append(centred(x + 85, y + 49, job, size=12.5, fill="muted"))
    parts += arrow(64, 124, 64, 170)
    parts += curve("M128 168 C150 100 200 76 272 72", (278, 72), (1, -0.05), "ink")
    parts += curve("M434 46 C470 6 506 40 458 62", (448, 66), (-1, 0.35), "ink")
    parts += curve("M420 104 C440 180 540 170 578 250", (582, 259), (0.4, 1), "ink")
    parts += curve("M330 104 C316 160 270 190 202 198", (194, 199), (-1, 0.1), "ink")
    parts += curve("M506 300 C380 330 190 320 130 238", (126, 232), (-0.5, -1), "ink")
    for x, y, anchor, lines in (
        (64, 114, "middle", ["starts, or restarts"]),
        (176, 44, "middle", ["no word from a leader", "for an election timeout"]),
        (492, 34, "start", ["election timeout again:", "next term, asks anew"]),
        (540, 160, "start", ["has the votes", "of a majority"]),
        (304, 176, "start", ["hears from the leader of its", "term, or of a larger term"]),
        (318, 346, "middle", ["hears of a larger term"]),
    ):
        parts += paragraph(x, y, lines, size=13, text_anchor=anchor)
    rule = "A server that becomes candidate adds one to its term and votes for itself."
    parts.append(centred(WIDTH / 2, 386, rule, size=12.5, fill="muted"))
    return Picture(tuple(parts), WIDTH, 404).svg("The states of a Raft server")


# ---- snapshots ----

LOG = (
    ("x ← 1", 1),
    ("y ← 2", 1),
    ("x ← 4", 2),
    ("z ← 8", 2),
    ("y ← 6", 4),
    ("x ← 7", 4),
    ("z ← 3", 5),
)
COMMITTED = 5
COLUMN = 82


def snapshot() -> str:
    """A log before and after its committed entries are folded into a snapshot."""
    parts = [text(20, 78, "before", size=14, font_weight=600)]
    parts += [text(20, 232, "after", size=14, font_weight=600)]
    parts.append(path("M96 110 L150 184 H446 L500 110 Z", stroke="none", fill="wash"))
    for index in range(1, len(LOG) + 1):
        parts += _entry(index, 56)
        if index > COMMITTED:
            parts += [
                *arrow(_left(index) + 38, 112, _left(index) + 38, 192, "muted"),
                *_entry(index, 210),
            ]
    edge = _left(COMMITTED + 1) - 3
    parts.append(line(edge, 30, edge, 116, stroke="ink", stroke_width=2.4))
    parts.append(text(edge - 8, 24, "committed", size=12.5, text_anchor="end", font_weight=600))
    parts.append(text(edge + 8, 24, "not yet", size=12.5, fill="muted"))

    parts.append(box(150, 184, 296, 96, "read", fill_opacity=0.1, stroke_width=2))
    parts.append(centred(298, 206, "snapshot", size=15, font_weight=600))
    last = f"last included index {COMMITTED}, term {LOG[COMMITTED - 1][1]}"
    parts.append(centred(298, 230, last, size=13))
    state = dict(command.split(" ← ") for command, _ in LOG[:COMMITTED])
    values = ",   ".join(f"{key} = {value}" for key, value in sorted(state.items()))
    parts.append(rect(180, 242, 236, 26, rx=4, fill="paper", stroke="rule"))
    parts.append(centred(298, 260, values, size=14, font_weight=600))
    words = (
        "The committed entries leave the log; what they did stays, in the snapshot. A follower "
        "so far behind that it needs one of them is sent the snapshot instead."
    )
    parts += paragraph(20, 312, wrap(words, WIDTH - 40, 11.9), size=12.5, fill="muted")
    return Picture(tuple(parts), WIDTH, 344).svg("A snapshot replaces the beginning of a log")


def _left(index: int) -> float:
    return 96 + COLUMN * (index - 1)


def _entry(index: int, y: float) -> Iterable[Part]:
    """A log entry with its index above and its term below the command."""
    command, term = LOG[index - 1]
    x = _left(index)
    yield centred(x + 38, y - 6, str(index), size=12.5, fill="muted")
    yield from cell(x, y, 76, command, term, height=52)
    yield centred(x + 38, y + 42, f"term {term}", size=12, fill="muted")


# ---- eight moments at which a leader can die ----

CLIENT, LEADER, DISK, FOLLOWERS = 78, 142, 176, (226, 262, 298, 334)
"""The heights of the lanes."""

SENT, WAY, SYNC = (212, 248, 284, 320), 76, 34
"""When (px) the leader sends to each follower, how long that takes, and how long a disk takes."""

BANDS = (("lost", 92, 212, "bad"), ("either", 212, 248, "undecided"), ("kept", 248, 692, "good"))


def eight_moments() -> str:
    """A command on its way through five servers, with the eight moments of chapter 12."""
    parts: list[Part] = []
    for words, left, right, colour in BANDS:
        parts.append(rect(left, 20, right - left - 3, 20, rx=5, fill=colour, fill_opacity=0.16))
        size = 12.5 if right - left > 40 else 11
        x = (left + right - 3) / 2
        parts.append(centred(x, 34, words, size=size, fill=colour, font_weight=700))
    for x in (SENT[0] - 1.5, SENT[1] - 1.5):
        parts.append(line(x, 44, x, 352, "rule", stroke_dasharray="2 4"))
    lanes = [("client", CLIENT), ("S1 leads", LEADER), ("S1's disk", DISK)]
    lanes += [(f"S{n}", y) for n, y in enumerate(FOLLOWERS, start=2)]
    for name, y in lanes:
        parts.append(line(84, y, 690, y, "rule"))
        weight = 600 if name == "S1 leads" else 400
        parts.append(text(76, y + 4.5, name, size=13, text_anchor="end", font_weight=weight))
    parts += arrow(92, CLIENT, 128, LEADER, "cas")
    parts += [text(96, CLIENT - 8, "x = 7", size=12.5), *_busy(132, DISK, 46)]
    for sent, y in zip(SENT, FOLLOWERS, strict=True):
        parts += arrow(sent, LEADER, sent + WAY, y, "write")
        parts += _busy(sent + WAY, y, SYNC)
        parts += arrow(sent + WAY + SYNC, y, sent + 2 * WAY + SYNC, LEADER, "write")
        parts += arrow(590, LEADER, 666, y, "write")
    commits = SENT[1] + 2 * WAY + SYNC
    parts += arrow(commits + 16, LEADER, commits + 56, CLIENT, "good")
    parts.append(text(commits + 62, CLIENT - 8, "done", size=12.5))
    parts.append(text(576, LEADER - 12, "next AppendEntries", size=12, fill="muted"))
    for number, x in enumerate(_moments(), start=1):
        parts += badge(x, LEADER, number, "bad")
    words = (
        "At each number S1 may die. Grey: a disk at work. What decides is on how many disks the "
        "entry will be when the next leader is elected."
    )
    parts += paragraph(20, 376, wrap(words, WIDTH - 40, 11.9), size=12.5, fill="muted")
    return Picture(tuple(parts), WIDTH, 404).svg("Eight moments at which the leader can die")


def _busy(x: float, y: float, width: float) -> list[Part]:
    """A disk that writes."""
    return [rect(x, y - 6, width, 12, rx=3, fill="muted", fill_opacity=0.45)]


def _moments() -> list[float]:
    """Where the numbers stand: after the events that they are named for."""
    first, second = (sent + 2 * WAY + SYNC for sent in SENT[:2])
    return [108, 155, 192, SENT[0] + 18, SENT[1] + 18, first + 14, second + 4, second + 34]


def election() -> str:
    """The cluster view's still of a run: the old leader is down, and a new one is being elected."""
    scenario = Scenario(Raft, servers=5, seed=7, clients=2, duration=2000)
    return cluster_still.still(scenario.at(800, crash("leader")).run(), 988)


FIGURES: dict[str, Callable[[], str]] = {
    "sequential-example.svg": sequential_example,
    "replicated-state-machine.svg": replicated_state_machine,
    "server-states.svg": server_states,
    "snapshot.svg": snapshot,
    "eight-moments.svg": eight_moments,
    "election.svg": election,
}


def write_all(folder: Path) -> list[Path]:
    """Draw every figure into `folder`; the same bytes on every machine."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in FIGURES]
    for file in paths:
        file.write_bytes(FIGURES[file.name]().encode())
    return paths


if __name__ == "__main__":
    for written in write_all(Path(sys.argv[1] if len(sys.argv) > 1 else "img")):
        print(written)
