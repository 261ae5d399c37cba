"""Where the nodes of a graph stand: what comes before stands before, and a cycle is a ring.

Nodes that reach each other make one block, a ring; between blocks there are no cycles, so that they
can be put in generations, one after the other: from left to right if there is room, else downwards.
Plain arithmetic, and so the same pixels on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from ..graph import Edge, Graph, shortest_path

if TYPE_CHECKING:
    import networkx as nx  # type: ignore[import-untyped]

GAP, ROW_GAP, COLUMN_GAP = 28.0, 56.0, 48.0
"""Pixels between nodes of one generation, and between generations besides the edges' labels."""


@dataclass(frozen=True, slots=True)
class Box:
    """A place on the sheet: its middle and its size."""

    x: float
    y: float
    width: float
    height: float

    def holds(self, x: float, y: float, margin: float = 0) -> bool:
        """Whether a point lies inside, or less than `margin` beside."""
        return (
            abs(x - self.x) < self.width / 2 + margin and abs(y - self.y) < self.height / 2 + margin
        )

    def overlap(self, other: Box, margin: float = 0) -> float:
        """The area that two boxes share, in pixels²."""
        wide = (self.width + other.width) / 2 + margin - abs(self.x - other.x)
        high = (self.height + other.height) / 2 + margin - abs(self.y - other.y)
        return max(wide, 0) * max(high, 0)

    def moved(self, dx: float, dy: float) -> Box:
        return Box(self.x + dx, self.y + dy, self.width, self.height)


Size = tuple[float, float]
Block = dict[Hashable, Box]
"""Nodes that stay together, around (0, 0)."""


def places(graph: Graph, sizes: Mapping[Hashable, Size], width: float, label: float) -> Block:
    """A place for every node of `graph` in a picture `width` pixels wide, from y = 0 downwards.

    `sizes` are those of the nodes, `label` is the width of the widest label of an edge.
    """
    blocks = {members: block(graph, members, sizes, width, label) for members in _together(graph)}
    generations = list(_generations(graph, list(blocks)))
    across = [max(extent(blocks[m]).width for m in generation) for generation in generations]
    gap = COLUMN_GAP + label
    if sum(across) + gap * (len(across) - 1) <= width:
        return _in_columns(generations, blocks, gap, width)
    return _in_rows(graph, generations, blocks, width)


def extent(block: Block) -> Box:
    """The box around all boxes of a block."""
    left = min(b.x - b.width / 2 for b in block.values())
    right = max(b.x + b.width / 2 for b in block.values())
    top = min(b.y - b.height / 2 for b in block.values())
    bottom = max(b.y + b.height / 2 for b in block.values())
    return Box((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


# ---- what stands together ----

Members = tuple[Hashable, ...]


def digraph(graph: Graph) -> nx.DiGraph:
    """The same for networkx: nodes and edges in their order."""
    import networkx as nx

    found = nx.DiGraph()
    found.add_nodes_from(graph.nodes)
    found.add_edges_from((e.source, e.target) for e in graph.edges)
    return found


def _together(graph: Graph) -> list[Members]:
    """Nodes that reach each other, in the order of the graph; most nodes stand alone."""
    import networkx as nx

    number = {node: index for index, node in enumerate(graph.nodes)}
    found = nx.strongly_connected_components(digraph(graph))
    members = [tuple(sorted(each, key=number.__getitem__)) for each in found]
    return sorted(members, key=lambda each: number[each[0]])


def _generations(graph: Graph, blocks: Sequence[Members]) -> Iterable[list[Members]]:
    """The blocks by how many must come before them."""
    import networkx as nx

    home = {node: index for index, members in enumerate(blocks) for node in members}
    order = nx.DiGraph()
    order.add_nodes_from(range(len(blocks)))
    pairs = ((home[e.source], home[e.target]) for e in graph.edges)
    order.add_edges_from((a, b) for a, b in pairs if a != b)
    for generation in nx.topological_generations(order):
        yield [blocks[index] for index in sorted(generation)]


# ---- a ring ----


def block(
    graph: Graph, members: Members, sizes: Mapping[Hashable, Size], width: float, label: float
) -> Block:
    """One node alone, or a ring of nodes that reach each other, around (0, 0)."""
    if len(members) == 1:
        return {members[0]: Box(0, 0, *sizes[members[0]])}
    ring = _around(graph, members)
    widest = max(sizes[node][0] for node in ring)
    highest = max(sizes[node][1] for node in ring)
    across = (widest + label + COLUMN_GAP) / 2 / math.sin(math.pi / len(ring))
    across = min(across, max((width - widest) / 2, 0))
    down, tilt = 0.55 * across if len(ring) > 2 else 0.0, 0.0
    while True:
        boxes = [
            Box(across * math.cos(a), down * math.sin(a), *sizes[node])
            for node, a in zip(ring, _angles(len(ring), tilt), strict=True)
        ]
        if not any(a.overlap(b, GAP) for a, b in combinations(boxes, 2)):
            return dict(zip(ring, boxes, strict=True))
        down += max(highest / 4, 6)
        if not tilt and down > len(ring) * (highest + GAP):
            tilt, down = 0.25, 0.0  # there is no room for two side by side


def _angles(count: int, tilt: float) -> list[float]:
    """Two on top, or one if the number is odd; `tilt` is how far (0 to 1) all have moved on."""
    turn = 2 * math.pi / count
    start = -math.pi / 2 - (turn / 2 if count % 2 == 0 else 0) + tilt * turn
    return [start + turn * index for index in range(count)]


def _around(graph: Graph, members: Members) -> list[Hashable]:
    """The order on the ring: along the emphasised cycle if there is one, then the others."""
    inside = set(members)
    ring = _cycle([e for e in graph.emphasised if {e.source, e.target} <= inside])
    if not ring:
        after: dict[Hashable, list[Hashable]] = {node: [] for node in members}
        for e in graph.edges:
            if e.source in inside and e.target in inside and e.source != e.target:
                after[e.source].append(e.target)
        ring = (shortest_path(members[0], members[0], after.__getitem__) or [])[:-1]
    return [*ring, *(node for node in members if node not in ring)]


def _cycle(edges: Sequence[Edge]) -> list[Hashable]:
    """The nodes of a cycle in its order, or none if the edges are not one."""
    after = {edge.source: edge.target for edge in edges}
    if not edges:
        return []
    ring = [edges[0].source]
    while (following := after.get(ring[-1])) not in (None, *ring):
        ring.append(following)
    return ring if following == ring[0] else []


# ---- generations ----


def _in_columns(
    generations: Sequence[Sequence[Members]],
    blocks: Mapping[Members, Block],
    gap: float,
    width: float,
) -> Block:
    """One column a generation, each in the middle of the height."""
    columns = [[extent(blocks[members]) for members in generation] for generation in generations]
    across = [max(box.width for box in column) for column in columns]
    high = [sum(b.height for b in column) + GAP * (len(column) - 1) for column in columns]
    x = (width - sum(across) - gap * (len(columns) - 1)) / 2
    placed: Block = {}
    for generation, column, wide, height in zip(generations, columns, across, high, strict=True):
        y = (max(high) - height) / 2
        for members, box in zip(generation, column, strict=True):
            placed |= _put(blocks[members], x + wide / 2 - box.x, y + box.height / 2 - box.y)
            y += box.height + GAP
        x += wide + gap
    return placed


def _in_rows(
    graph: Graph,
    generations: Sequence[Sequence[Members]],
    blocks: Mapping[Members, Block],
    width: float,
) -> Block:
    """One row a generation (more if it does not fit), each member below those before it."""
    placed: Block = {}
    y = 0.0
    for generation in generations:
        wanted = {members: _wish(graph, members, placed, width / 2) for members in generation}
        for row in _fitting(sorted(generation, key=wanted.__getitem__), blocks, width):
            boxes = [extent(blocks[members]) for members in row]
            free = width - sum(box.width for box in boxes)
            gap = min(free / (len(row) + 1), 3 * GAP)
            x = (free - gap * (len(row) - 1)) / 2
            for members, box in zip(row, boxes, strict=True):
                placed |= _put(
                    blocks[members], x + box.width / 2 - box.x, y + box.height / 2 - box.y
                )
                x += box.width + gap
            y += max(box.height for box in boxes) + ROW_GAP
    return placed


def _fitting(
    generation: Sequence[Members], blocks: Mapping[Members, Block], width: float
) -> Iterable[list[Members]]:
    """The members of a generation in rows that fit."""
    row: list[Members] = []
    used = 0.0
    for members in generation:
        needs = extent(blocks[members]).width
        if row and used + GAP + needs > width:
            yield row
            row, used = [], 0.0
        used += needs + (GAP if row else 0)
        row.append(members)
    yield row


def _wish(graph: Graph, members: Members, placed: Block, middle: float) -> float:
    """The middle of what comes before."""
    inside = set(members)
    before = [placed[e.source].x for e in graph.edges if e.target in inside and e.source in placed]
    return sum(before) / len(before) if before else middle


def _put(block: Block, dx: float, dy: float) -> Block:
    return {node: box.moved(dx, dy) for node, box in block.items()}
