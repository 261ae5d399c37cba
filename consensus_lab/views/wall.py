"""Where the network is cut, in a still: walls between groups, and the links that no wall explains.

The live view draws the same (static/wall.js).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from .cuts import Groups, Links, groups_of, parting_in_words, passes
from .picture import Part, arrow_head, circle, line, path, text

OUT, BEND, WORDS = 46.0, 60.0, 72.0
"""Pixels by which a wall sticks out of the ring, from the ring's middle to the controls of its
curve, and from the lowest server's middle to where other things may stand."""

Spots = Mapping[str, tuple[float, float]]


def cut_parts(spots: Spots, cut: Links, caption: tuple[float, float]) -> Iterable[Part]:
    """What is cut between the servers at their `spots`; the `caption` tells the groups."""
    servers = list(spots)
    groups = groups_of(servers, cut)
    yield from links(spots, groups, cut)
    for first, length, group in runs_of(servers, groups):
        turn = 2 * math.pi / len(servers)
        begin = (first - 0.5) * turn - math.pi / 2
        others = [name for name in servers if name not in group]
        doors = passes(others, group, cut), passes(group, others, cut)
        yield from wall(spots, begin, begin + length * turn, *doors)
    if len(groups) > 1:
        words = f"parted: {parting_in_words(groups, cut)}"
        yield text(*caption, words, fill="bad", font_weight=600)


def runs_of(servers: Sequence[str], groups: Groups) -> Iterable[tuple[int, int, list[str]]]:
    """Neighbours on the ring to be walled off: the first, how many, and their group.

    The largest group has no walls of its own.
    """
    main = max(groups, key=len)

    def at(place: int) -> list[str]:
        name = servers[place % len(servers)]
        return next(group for group in groups if name in group)

    for place in range(len(servers)):
        if at(place) is main or at(place) is at(place - 1):
            continue
        length = 1
        while at(place + length) is at(place):
            length += 1
        yield place, length, at(place)


def wall(spots: Spots, begin: float, end: float, inward: bool, outward: bool) -> Iterable[Part]:
    """Bricks from one gap in the ring to another (angles); an arrow goes through what is open."""
    x = sum(spot[0] for spot in spots.values()) / len(spots)
    y = sum(spot[1] for spot in spots.values()) / len(spots)
    radius = max(math.hypot(a - x, b - y) for a, b in spots.values())
    below = max(spot[1] for spot in spots.values()) + WORDS - y

    def on_ray(angle: float, distance: float) -> tuple[float, float]:
        return x + distance * math.cos(angle), y + distance * math.sin(angle)

    def far(angle: float) -> tuple[float, float]:
        down = math.sin(angle)
        return on_ray(angle, min(radius + OUT, below / down if down > 0.1 else math.inf))

    a, c, d, b = far(begin), on_ray(begin, BEND), on_ray(end, BEND), far(end)
    told = [f"{px:.1f} {py:.1f}" for px, py in (a, c, d, b)]
    curve = f"M{told[0]} C{' '.join(told[1:])}"
    yield path(curve, stroke="bad", stroke_width=10)
    yield path(curve, stroke="paper", stroke_width=7.5)
    yield path(curve, stroke="bad", stroke_width=7.5, stroke_opacity=0.25)
    yield path(curve, stroke="bad", stroke_width=8, stroke_dasharray="1.4 8.6")
    if not (inward or outward):
        return
    mx, my = ((a[i] + 3 * c[i] + 3 * d[i] + b[i]) / 8 for i in (0, 1))
    ux, uy = math.cos((begin + end) / 2), math.sin((begin + end) / 2)
    door = (mx - 10 * uy, my + 10 * ux, mx + 10 * uy, my - 10 * ux)
    yield line(*door, stroke="paper", stroke_width=24)
    yield line(mx - 16 * ux, my - 16 * uy, mx + 16 * ux, my + 16 * uy, stroke_width=2)
    for side in [1] * inward + [-1] * outward:
        tip = mx + 27 * side * ux, my + 27 * side * uy
        yield arrow_head(*tip, side * ux, side * uy, "ink", 15)


def links(spots: Spots, groups: Groups, cut: Links) -> Iterable[Part]:
    """A dashed line with a ✕ for each link that is cut but for which no wall stands.

    Where only one way is cut, the ✕ is nearer to who hears nothing, and an arrow shows the other.
    """
    home = {name: group for group in groups for name in group}

    def bare(a: str, b: str) -> bool:
        return (a, b) in cut and (home[a] is home[b] or passes(home[a], home[b], cut))

    for a, b in combinations(spots, 2):
        if not (bare(a, b) or bare(b, a)):
            continue
        start, end = (a, b) if (a, b) in cut else (b, a)
        (x1, y1), (x2, y2) = spots[start], spots[end]
        one_way = (end, start) not in cut
        yield line(x1, y1, x2, y2, stroke="bad", stroke_dasharray="3 6", stroke_opacity=0.6)
        if one_way:
            x, y = x1 + (x2 - x1) * 0.34, y1 + (y2 - y1) * 0.34
            yield arrow_head(x, y, x1 - x2, y1 - y2, "ink", 13)
        share = 0.66 if one_way else 0.5
        x, y = x1 + (x2 - x1) * share, y1 + (y2 - y1) * share
        yield circle(x, y, 8, fill="paper")
        yield text(x, y + 5, "✕", size=15, fill="bad", text_anchor="middle", font_weight=700)
