"""A graph that is a tree: each node in the middle of the height of what follows from it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from ..graph import Edge, Graph
from .graph_edges import LABEL, Route
from .graph_layout import Block, Box, Size
from .picture import text_width

ROW = 9.0
"""Pixels between leaves."""

LEAST, MOST = 34.0, 90.0
"""Pixels between generations, besides the edges' labels."""

LABEL_AT = 0.56
"""Where on its way an edge has its label: near its end, where siblings are apart."""

Children = Mapping[Hashable, Sequence[Hashable]]


def children_of(graph: Graph) -> Children | None:
    """What follows each node, if the graph is one tree that branches; else None."""
    children: dict[Hashable, list[Hashable]] = {node: [] for node in graph.nodes}
    for edge in graph.edges:
        children[edge.source].append(edge.target)
    below = [node for following in children.values() for node in following]
    roots = [node for node in graph.nodes if node not in set(below)]
    is_tree = len(roots) == 1 and len(below) == len(set(below)) == len(graph.nodes) - 1
    return children if is_tree and max(map(len, children.values())) > 1 else None


def tree_places(
    graph: Graph, sizes: Mapping[Hashable, Size], width: float, label: float
) -> Block | None:
    """A place for every node, a column a generation; None for what is no tree, or too wide.

    `sizes` are those of the nodes, `label` is the width of the widest label of an edge.
    """
    children = children_of(graph)
    if children is None:
        return None
    generations = [[node for node in graph.nodes if not any(node in c for c in children.values())]]
    while following := [child for node in generations[-1] for child in children[node]]:
        generations.append(following)
    across = [max(sizes[node][0] for node in generation) for generation in generations]
    gap = min(MOST + label, (width - sum(across)) / (len(across) - 1))
    if gap < LEAST + label:
        return None
    heights = _heights(children, sizes, generations[0][0])
    x = (width - sum(across) - gap * (len(across) - 1)) / 2
    placed: Block = {}
    for generation, wide in zip(generations, across, strict=True):
        placed |= {node: Box(x + wide / 2, heights[node], *sizes[node]) for node in generation}
        x += wide + gap
    return placed


def _heights(
    children: Children, sizes: Mapping[Hashable, Size], root: Hashable
) -> dict[Hashable, float]:
    """The middle of each node: leaves under each other, all others between their children."""
    found: dict[Hashable, float] = {}
    lowest = 0.0

    def settle(node: Hashable) -> None:
        nonlocal lowest
        for child in children[node]:
            settle(child)
        if children[node]:
            found[node] = (found[children[node][0]] + found[children[node][-1]]) / 2
        else:
            found[node] = lowest + sizes[node][1] / 2
            lowest += sizes[node][1] + ROW

    settle(root)
    return found


def tree_routes(edges: Sequence[Edge], boxes: Block) -> list[Route]:
    """Straight from the right side of each node to the left side of the next."""
    found = []
    for edge in edges:
        a, b = boxes[edge.source], boxes[edge.target]
        start, end = (a.x + a.width / 2 + 2, a.y), (b.x - b.width / 2 - 4, b.y)
        middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
        x, y = (one + LABEL_AT * (other - one) for one, other in zip(start, end, strict=True))
        label = Box(x, y, text_width(edge.relation, LABEL) + 6, LABEL + 5)
        found.append(Route(edge, start, middle, end, label))
    return found
