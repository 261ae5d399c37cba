"""The edges of a graph: arrows that go round other nodes, with labels that lie on nothing else.

One edge after the other tries a few bends, and takes the one that costs least.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

from ..graph import Edge
from .graph_layout import Box, extent
from .picture import text_width

BENDS = (0, 16, -16, 34, -34, 58, -58, 90, -90, 130, -130, 180, -180)
"""How far (pixels) the middle of an edge may stand off from the straight way."""

SHARES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)
"""Where on its way an edge may have its label."""

SAMPLES = 16
LABEL = 11.0
"""Size of a label's letters."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Route:
    """An edge laid out: a curve with one control point, and the box of its label."""

    edge: Edge
    start: Point
    control: Point
    end: Point
    label: Box

    def at(self, share: float) -> Point:
        """The point after that share of the way."""
        a, b, c = (1 - share) ** 2, 2 * share * (1 - share), share**2
        (x1, y1), (x2, y2), (x3, y3) = self.start, self.control, self.end
        return a * x1 + b * x2 + c * x3, a * y1 + b * y2 + c * y3

    def between(self, first: float, last: float) -> Route:
        """The part of the curve from one share of the way to another."""

        def blossom(s: float, t: float) -> Point:
            (x1, y1), (x2, y2), (x3, y3) = self.start, self.control, self.end
            a, b, c = (1 - s) * (1 - t), s * (1 - t) + t * (1 - s), s * t
            return a * x1 + b * x2 + c * x3, a * y1 + b * y2 + c * y3

        ends = blossom(first, first), blossom(first, last), blossom(last, last)
        return Route(self.edge, *ends, self.label)


class Taken:
    """The ground that edges lie on, in squares of a few pixels."""

    SIDE = 7.0

    def __init__(self) -> None:
        self.squares: set[tuple[int, int]] = set()

    def add(self, route: Route) -> None:
        """An edge lies here now."""
        (x1, y1), (x2, y2) = route.start, route.end
        steps = int((math.hypot(x2 - x1, y2 - y1) + 60) / 4)
        self.squares |= {self.square(*route.at(i / steps)) for i in range(1, steps)}

    def square(self, x: float, y: float) -> tuple[int, int]:
        return int(x // self.SIDE), int(y // self.SIDE)

    def near(self, x: float, y: float) -> bool:
        """Whether an edge passes that point."""
        column, row = self.square(x, y)
        squares = self.squares
        return (column, row) in squares or (
            (column - 1, row) in squares
            or (column + 1, row) in squares
            or (column, row - 1) in squares
            or (column, row + 1) in squares
        )

    def under(self, label: Box) -> int:
        """How many squares a label would hide."""
        left, top = self.square(label.x - label.width / 2, label.y - label.height / 2)
        right, bottom = self.square(label.x + label.width / 2, label.y + label.height / 2)
        return sum(
            (column, row) in self.squares
            for column in range(left, right + 1)
            for row in range(top, bottom + 1)
        )


def routes(
    edges: Sequence[Edge],
    boxes: Mapping[Hashable, Box],
    width: float,
    ring: Collection[Hashable] = (),
) -> list[Route]:
    """A route for each edge, in this order, between the nodes' `boxes`.

    An edge that has nothing to do with the nodes of the `ring` goes round it as a whole.
    """
    whole = [extent({node: boxes[node] for node in ring})] if ring else []
    found: list[Route] = []
    taken = Taken()
    ways = {(edge.source, edge.target) for edge in edges}
    for edge in edges:
        if edge.source == edge.target:
            route = _loop(edge, boxes[edge.source], width)
        else:
            # There and back: neither goes straight, so that the two look alike.
            bends = BENDS[(edge.target, edge.source) in ways :]
            ends = boxes[edge.source], boxes[edge.target]
            others = [box for box in boxes.values() if box not in ends]
            others += whole if not {edge.source, edge.target} & set(ring) else []
            route = _cheapest(edge, bends, ends, others, found, taken, width)
        found.append(route)
        taken.add(route)
    return found


def _cheapest(
    edge: Edge,
    bends: Sequence[float],
    ends: tuple[Box, Box],
    boxes: Sequence[Box],
    others: Sequence[Route],
    taken: Taken,
    width: float,
) -> Route:
    """The route that costs least. A bend costs at least what it measures, so few are tried."""
    least, best = math.inf, None
    for bend in bends:
        if abs(bend) >= least:
            break
        cost, route = _try(edge, bend, ends, boxes, others, taken, width)
        if best is None or cost < least:
            least, best = cost, route
    assert best is not None
    return best


def _loop(edge: Edge, box: Box, width: float) -> Route:
    """From a node to itself: over the corner that is nearer to the middle of the picture."""
    side = 1 if box.x < width / 2 else -1
    x, y = box.x + side * box.width / 2, box.y - box.height / 2
    label = Box(x + side * 10, y - 18, text_width(edge.relation, LABEL) + 6, LABEL + 5)
    ends = (x - side * 24, y), (x + side * 30, y - 40), (x + side * 3, y + 12)
    return Route(edge, *ends, label)


def _try(
    edge: Edge,
    bend: float,
    between: tuple[Box, Box],
    boxes: Sequence[Box],
    others: Sequence[Route],
    taken: Taken,
    width: float,
) -> tuple[float, Route]:
    """What a bend costs, and the route that it makes."""
    a, b = between
    dx, dy = b.x - a.x, b.y - a.y
    length = math.hypot(dx, dy) or 1.0
    middle = ((a.x + b.x) / 2 - 2 * bend * dy / length, (a.y + b.y) / 2 + 2 * bend * dx / length)
    whole = Route(edge, (a.x, a.y), middle, (b.x, b.y), Box(0, 0, 0, 0))
    route = whole.between(*_outside(whole, a, b))
    points = [route.at((i + 0.5) / SAMPLES) for i in range(SAMPLES)]
    third = [box for box in boxes if _may_meet(route, box)]
    cost = float(abs(bend))
    cost += 500 * sum(box.holds(x, y, 7) for x, y in points for box in third)
    cost += 1200 * sum(not 4 < x < width - 4 for x, _ in points)
    cost += 18 * sum(taken.near(x, y) for x, y in points[2:-2])
    ends = route.start, route.control, route.end
    if not edge.relation:
        return cost, Route(edge, *ends, Box(*route.at(0.5), 0, 0))
    size = text_width(edge.relation, LABEL) + 6, LABEL + 5
    options = [Box(*route.at(share), *size) for share in SHARES]
    prices = [
        8 * index
        + 5 * sum(label.overlap(box, 4) for box in (*between, *boxes))
        + 5 * sum(label.overlap(other.label, 4) for other in others)
        + 20 * taken.under(label)
        + 900 * (not size[0] / 2 + 4 < label.x < width - size[0] / 2 - 4)
        for index, label in enumerate(options)
    ]
    best = min(range(len(options)), key=prices.__getitem__)
    return cost + prices[best], Route(edge, *ends, options[best])


def _may_meet(route: Route, box: Box) -> bool:
    """Whether a box is in the part of the sheet in which a curve lies."""
    xs, ys = zip(route.start, route.control, route.end, strict=True)
    wide, high = box.width / 2 + 7, box.height / 2 + 7
    return min(xs) - wide < box.x < max(xs) + wide and min(ys) - high < box.y < max(ys) + high


def _outside(route: Route, a: Box, b: Box) -> tuple[float, float]:
    """The shares of the way at which a curve leaves the box `a` and arrives at the box `b`."""
    steps = 40
    first = next((i for i in range(steps) if not a.holds(*route.at(i / steps), 1)), 0)
    last = next((i for i in range(steps, 0, -1) if not b.holds(*route.at(i / steps), 3)), steps)
    return (first / steps, last / steps) if first < last else (0.45, 0.55)
