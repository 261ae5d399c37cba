"""A battle as a still picture: the ring with what was said, and the tree of one general."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from .colours import PAPER
from .generals_story import Battle, Said
from .picture import Part, Picture, circle, line, path, rect, text, wrap

WIDTH, TOP = 960.0, 56.0
CENTRE_X, CENTRE_Y, RADIUS, DISC = 225.0, 216.0, 118.0, 27.0
ASIDE, REST = 11.0, 0.68
TREE_X, COLUMN, ROW = 470.0, 150.0, 28.0
LOOKS = ("write", "read")
MOST = 12
"""So many messages are drawn; with more generals, those of the first round."""
MOST_STEPS = 4
"""So many steps of the reasoning are written; of a longer one, the last two."""

Spot = tuple[float, float]


def still(battle: Battle, name: str) -> str:
    """The end of a battle as SVG, with the tree of the general `name`."""
    signs = {value["name"]: value["sign"] for value in battle.to_json()["values"]}
    tree, bottom = tree_of(battle, name, signs)
    steps = battle.reasoning(name)
    steps = steps if len(steps) <= MOST_STEPS else steps[-2:]
    under, bottom = paragraphs(steps, max(bottom + 16, 150.0))
    conditions, end = verdicts(battle, CENTRE_Y + RADIUS + DISC + 44)
    parts = [
        text(16, 28, battle.title, size=17, font_weight=700),
        *ring(battle, name, signs),
        *tree,
        *under,
        *conditions,
    ]
    return Picture(tuple(parts), WIDTH, max(bottom + 16, end)).svg(battle.title)


# ---- the ring ----


def ring(battle: Battle, name: str, signs: dict[str, str]) -> Iterable[Part]:
    """The generals, what was said on the way, and what each will do."""
    seats = seats_of(battle.generals)
    said = battle.messages if len(battle.messages) <= MOST else []
    for each in said or [each for each in battle.messages if each.round == 1]:
        yield from message(each, seats, signs)
    for general, (x, y) in seats.items():
        traitor = general in battle.traitors
        style: dict[str, Any] = {"stroke": "ink", "stroke_width": 2, "fill": PAPER}
        if traitor:
            style |= {"stroke": "bad", "stroke_dasharray": "6 3", "fill": "wash"}
            yield circle(x, y, DISC + 4, fill="none", stroke="bad", stroke_dasharray="6 3")
        yield circle(x, y, DISC, **style)
        yield text(x, y + 5, general, size=15, text_anchor="middle", font_weight=700)
        below = y > CENTRE_Y - 1
        standing = ["commander"] * (general == battle.commander) + ["traitor"] * traitor
        look: dict[str, Any] = {"fill": "bad" if traitor else "muted", "text_anchor": "middle"}
        yield text(x, y + (DISC + 20 if below else -DISC - 11), ", ".join(standing), **look)
        if decision := battle.decisions.get(general):
            side = -1 if x < CENTRE_X - 1 else 1
            yield from pill(x + side * (DISC + 24), y, decision, signs)


def seats_of(generals: Sequence[str]) -> dict[str, Spot]:
    """Where each general sits; the commander at the top."""
    turn = 2 * math.pi / len(generals)
    return {
        name: (CENTRE_X + RADIUS * math.sin(turn * n), CENTRE_Y - RADIUS * math.cos(turn * n))
        for n, name in enumerate(generals)
    }


def message(said: Said, seats: dict[str, Spot], signs: dict[str, str]) -> Iterable[Part]:
    """A message most of its way along, beside the chord, so that one that meets it can be seen."""
    (x1, y1), (x2, y2) = seats[said.sender], seats[said.receiver]
    length = math.hypot(x2 - x1, y2 - y1)
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    x1, y1 = x1 + ux * DISC - uy * ASIDE, y1 + uy * DISC + ux * ASIDE
    way = REST * (length - 2 * DISC)
    x, y = x1 + ux * way, y1 + uy * way
    look: dict[str, Any] = {"stroke": "muted", "opacity": 0.5}
    if said.is_lie:
        look = {"stroke": "bad", "stroke_dasharray": "5 4"}
    yield line(x1, y1, x, y, **look)
    yield from pill(x, y, said.value, signs, lie=said.is_lie, refused=bool(said.refused))


def pill(
    x: float,
    y: float,
    value: str | None,
    signs: dict[str, str],
    lie: bool = False,
    refused: bool = False,
) -> Iterable[Part]:
    """A value: the first is filled, the others hollow, silence dashed; a lie has a "!"."""
    place = list(signs).index(value) if value is not None else 1
    colour = "muted" if value is None else LOOKS[min(place, 1)]
    style: dict[str, Any] = {"fill": PAPER if place else colour, "stroke": colour}
    if lie:
        style |= {"stroke": "bad", "stroke_dasharray": "4 2"}
    elif value is None:
        style |= {"stroke_dasharray": "3 2"}
    yield rect(x - 12, y - 9, 24, 18, rx=9, stroke_width=2, **style)
    letter = "–" if value is None else signs[value]
    ink = colour if place else "ink"
    yield text(x, y + 4.5, letter, size=13, fill=ink, text_anchor="middle", font_weight=700)
    if lie:
        yield text(x + 13, y - 5, "!", size=15, fill="bad", font_weight=700)
    if refused:
        yield text(x + 18, y + 5, "✕", size=14, fill="bad", font_weight=700)


# ---- the tree ----


def tree_of(battle: Battle, name: str, signs: dict[str, str]) -> tuple[list[Part], float]:
    """What `name` heard, and through whom; and where the picture of it ends."""
    vertices = battle.tree(name)
    parts = [text(TREE_X, TOP + 6, f"What {name} heard, and through whom", font_weight=700)]
    if not vertices:
        return parts, TOP
    spots, bottom = spots_of(vertices)
    for vertex, (x, y), parent in spots:
        if parent is not None:
            px, py = parent
            bend = (px + 106 + x) / 2
            d = f"M{px + 106:g} {py:g} C{bend:g} {py:g} {bend:g} {y:g} {x - 4:g} {y:g}"
            parts.append(path(d, stroke="rule", stroke_width=1.5))
        parts.append(text(x, y + 4.5, vertex["path"][-1], size=13, font_weight=600))
        look = {"lie": vertex["lie"], "refused": vertex["refused"]}
        parts += pill(x + 38, y, vertex["heard"], signs, **look)
        if vertex["makes"] and any(parent == (x, y) for _, _, parent in spots):
            parts.append(text(x + 57, y + 4.5, "⇒", fill="muted"))
            parts += pill(x + 88, y, vertex["makes"], signs)
    return parts, bottom


Placed = tuple[dict[str, Any], Spot, Spot | None]


def spots_of(vertices: list[dict[str, Any]]) -> tuple[list[Placed], float]:
    """Each vertex, where it stands, and where what it passes on stands; and the lowest row."""
    parents = [parent_of(vertex, vertices) for vertex in vertices]
    places: dict[int, Spot] = {}
    rows = 0

    def settle(number: int) -> float:
        nonlocal rows
        children = [child for child, parent in enumerate(parents) if parent == number]
        heights = [settle(child) for child in children]
        if not heights:
            rows += 1
        y = (heights[0] + heights[-1]) / 2 if heights else TOP + ROW * rows + 8
        places[number] = (TREE_X + COLUMN * (len(vertices[number]["path"]) - 1), y)
        return y

    for number, parent in enumerate(parents):
        if parent is None:
            settle(number)
    placed = [
        (vertex, places[number], None if parent is None else places[parent])
        for number, (vertex, parent) in enumerate(zip(vertices, parents, strict=True))
    ]
    return placed, TOP + ROW * rows + 20


def parent_of(vertex: dict[str, Any], vertices: list[dict[str, Any]]) -> int | None:
    """The number of the vertex whose word this one passes on."""
    above = [n for n, other in enumerate(vertices) if other["path"] == vertex["path"][:-1]]
    same = [n for n in above if vertices[n]["heard"] == vertex["heard"]]
    return next(iter([*same, *above]), None)


# ---- words ----


def paragraphs(sentences: Iterable[str], y: float) -> tuple[list[Part], float]:
    """Sentences under the tree, and where they end."""
    parts = []
    for sentence in sentences:
        for row in wrap(sentence, WIDTH - TREE_X - 24):
            y += 17
            parts.append(text(TREE_X, y, row))
        y += 4
    return parts, y


def verdicts(battle: Battle, y: float) -> tuple[list[Part], float]:
    """IC1 and IC2, one under the other, and where they end."""
    parts = []
    for condition in battle.conditions():
        y += 20
        colour = "good" if condition["holds"] else "bad"
        name = f"{'✓' if condition['holds'] else '✗'} {condition['name']}"
        parts.append(text(16, y, name, size=13, fill=colour, font_weight=700))
        for row in wrap(condition["words"], TREE_X - 90, 13):
            parts.append(text(70, y, row, size=13))
            y += 17
        y -= 11
    return parts, y + 12
