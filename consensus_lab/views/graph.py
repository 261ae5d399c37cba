"""A graph with reasons on its edges, which appear one after the other.

Nodes are texts or operations. What must come before what is an arrow; a cycle, which says that it
cannot be, stands out thick and dashed.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import traitlets

from ..graph import Edge, Graph
from ..history import Operation
from .assets import module, stylesheet
from .graph_edges import LABEL, Route, routes
from .graph_layout import Box, places
from .graph_tree import tree_places, tree_routes
from .lanes import CORNER, LOOKS, MARGIN
from .picture import (
    Part,
    Picture,
    arrow_head,
    paragraph,
    path,
    rect,
    shorten,
    text,
    text_width,
    wrap,
)
from .widget import View

WIDTHS = (380, 560, 760)
"""The widths that are laid out: the live view takes the widest that fits."""

NODES, EDGES = 40, 60
"""How much of a large graph is shown: more could not be told apart."""

MANY = 4
"""So many edges that say the same word say it once, in a legend."""

PAD, LINE, LETTERS, LINES = 10, 15, 24, 3
"""Of a node: pixels at its sides, height of a line, letters in a line, lines at most."""

HINT = "Point at a node or an edge to read it in words; with the keyboard, Tab to it, then ↑ and ↓."


class GraphView(View):
    """A graph, growing: its edges appear in their order, each with its reason."""

    _esm = module("timeline.js")
    _css = stylesheet("timeline.css", "projector.css")
    story = traitlets.Dict().tag(sync=True)

    def __init__(self, graph: Graph) -> None:
        self._graph = replace(graph, edges=tuple(dict.fromkeys(graph.edges)))
        super().__init__(story=to_json(self._graph))

    def still(self) -> str:
        """The picture with all edges."""
        return compose(excerpt(self._graph), _natural_width(self._graph)).svg(headline(self._graph))

    def describe(self) -> str:
        """All edges in words."""
        return describe(self._graph)


def to_json(graph: Graph) -> dict[str, Any]:
    """All that the live view needs, once: pictures of several widths, and the words."""
    shown = excerpt(graph)
    return {
        "pictures": [compose(shown, width).to_json() for width in WIDTHS],
        "operations": [*map(node_in_words, shown.nodes), *map(edge_in_words, shown.edges)],
        "sentences": [f"{edge_in_words(edge)}." for edge in shown.edges],
        "order": list(range(len(shown.nodes), len(shown.nodes) + len(shown.edges))),
        "headline": headline(graph),
        "explanation": "",
        "left_out": left_out(graph, shown),
        "hint": HINT,
    }


def _natural_width(graph: Graph) -> float:
    """A small graph needs no wide picture."""
    return WIDTHS[1] if len(graph.nodes) <= 4 else WIDTHS[2]


# ---- words ----


def node_in_words(node: Hashable) -> str:
    """The text of a node; an operation with the process that did it."""
    return f"{node.process} {node}" if isinstance(node, Operation) else str(node)


def edge_in_words(edge: Edge) -> str:
    """ "T1 → T2 (wr): T2 read what T1 wrote"."""
    ends = f"{node_in_words(edge.source)} → {node_in_words(edge.target)} ({edge.relation})"
    return f"{ends}: {edge.reason}" if edge.reason else ends


def headline(graph: Graph) -> str:
    """What the graph shows, or how large it is."""
    counted = f"{_count(len(graph.nodes), 'node')} and {_count(len(graph.edges), 'edge')}"
    return graph.title or f"A graph of {counted}"


def describe(graph: Graph) -> str:
    """The text alternative: every edge with its reason, the emphasised ones marked."""
    loud = set(graph.emphasised)
    edges = [f"{'▸ ' if edge in loud else ''}{edge_in_words(edge)}" for edge in graph.edges]
    met = {node for edge in graph.edges for node in (edge.source, edge.target)}
    alone = [node_in_words(node) for node in graph.nodes if node not in met]
    rest = [f"No edge: {', '.join(alone)}"] if alone else []
    return "\n".join([headline(graph), *edges, *rest])


def excerpt(graph: Graph) -> Graph:
    """The graph, or of a large one the emphasised edges and the first others."""
    met = [node for edge in graph.edges for node in (edge.source, edge.target)]
    first = [node for edge in graph.emphasised for node in (edge.source, edge.target)]
    nodes = dict.fromkeys([*first, *graph.nodes, *met])
    kept = set(list(nodes)[:NODES])
    inside = [e for e in graph.edges if {e.source, e.target} <= kept]
    loud = set(graph.emphasised)
    chosen = set([*(e for e in inside if e in loud), *(e for e in inside if e not in loud)][:EDGES])
    order = dict.fromkeys([*graph.nodes, *met])
    return replace(
        graph,
        nodes=tuple(node for node in order if node in kept),
        edges=tuple(edge for edge in inside if edge in chosen),
    )


def left_out(graph: Graph, shown: Graph) -> str:
    """In words, how much of a large graph is not shown."""
    missing = len(graph.edges) - len(shown.edges)
    return f"{_count(missing, 'edge')} more: too many to be drawn." if missing else ""


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


# ---- the picture ----


def compose(graph: Graph, width: float) -> Picture:
    """The graph laid out in `width` pixels, under its title."""
    lines = wrap(headline(graph), 0.92 * (width - 2 * MARGIN), 13)  # bold is wider
    title = paragraph(MARGIN, 23.5, lines, size=13, font_weight=600)
    parts, bottom = draw(graph, width, 40 + 18 * (len(lines) - 1))
    return Picture((*title, *parts), width, bottom + MARGIN)


def draw(
    graph: Graph,
    width: float,
    top: float,
    step: int | None = 0,
    numbers: Mapping[Hashable, int] | None = None,
    cards: Mapping[Hashable, Card] | None = None,
) -> tuple[list[Part], float]:
    """The parts of the graph, `top` pixels from the top, and where they end.

    Its edges appear from `step` on; with None they are there from the beginning. `numbers` are
    those under which nodes and edges can be pointed at: first the nodes, then the edges, if nothing
    else is said. `cards` say how the nodes are written.
    """
    if numbers is None:
        numbers = {thing: n for n, thing in enumerate((*graph.nodes, *graph.edges))}
    cards = {node: Card.of(node) for node in graph.nodes} if cards is None else cards
    sizes = {node: (card.width, card.height) for node, card in cards.items()}
    shared = shared_relation(graph)
    edges = [edge._replace(relation="") for edge in graph.edges] if shared else graph.edges
    label = max((text_width(edge.relation, LABEL) for edge in edges), default=0)
    room = width - 2 * MARGIN
    tree = tree_places(graph, sizes, room, label)
    boxes = tree or (places(graph, sizes, room, label) if cards else {})
    boxes = {node: box.moved(MARGIN, 0) for node, box in boxes.items()}
    loud = set(graph.emphasised)
    caught = {node for edge in loud for node in (edge.source, edge.target)}
    ways = tree_routes(edges, boxes) if tree else routes(edges, boxes, width, caught)
    around = [*boxes.values(), *(way.label for way in ways)]
    points = [way.at(i / 12)[1] for way in ways for i in range(13)]
    highest = min([*(b.y - b.height / 2 for b in around), *points], default=0)
    lowest = max([*(b.y + b.height / 2 for b in around), *points], default=0)
    down = top - highest + 4

    arrows: list[Part] = []
    labels: list[Part] = []
    for number, (edge, way) in enumerate(zip(graph.edges, ways, strict=True)):
        for layer, drawn in ((arrows, _edge), (labels, _label)):
            parts = [_of(part, edge, numbers) for part in drawn(way, down, edge in loud)]
            layer += parts if step is None else [p.moves(step + number, opacity=0) for p in parts]
    nodes = [
        _of(part, node, numbers)
        for node, card in cards.items()
        for part in card.parts(boxes[node].moved(0, down), node in caught)
    ]
    bottom = lowest + down
    if shared:
        bottom += 26
        labels.append(text(MARGIN, bottom - 4, f"→ {shared}", fill="muted"))
    return [*arrows, *nodes, *labels], bottom


def shared_relation(graph: Graph) -> str:
    """What all edges say, if they are many: it is written once, and not on each."""
    relations = {edge.relation for edge in graph.edges}
    return relations.pop() if len(relations) == 1 and len(graph.edges) >= MANY else ""


def _of(part: Part, thing: Hashable, numbers: Mapping[Hashable, int]) -> Part:
    return part.of(numbers[thing]) if thing in numbers else part


@dataclass(frozen=True, slots=True)
class Card:
    """How a node is written: a line in bold, and lines of what it did."""

    name: str
    lines: tuple[str, ...]
    kind: str

    @classmethod
    def of(cls, node: Hashable) -> Card:
        """An operation: its process, and what it did. Anything else: its text."""
        if isinstance(node, Operation):
            return cls(node.process, _lines(str(node)), node.kind)
        first, *rest = _lines(str(node))
        return cls(first, tuple(rest), "")

    @property
    def width(self) -> float:
        named = text_width(self.name, 13)
        return max(38.0, named, *(text_width(line) for line in self.lines), 0.0) + 2 * PAD

    @property
    def height(self) -> float:
        return 26.0 + LINE * len(self.lines)

    def parts(self, box: Box, caught: bool) -> Iterable[Part]:
        """The card at its place; `caught` in a cycle it has a thick outline."""
        x, y = box.x - box.width / 2, box.y - box.height / 2
        kind = LOOKS.get(self.kind, self.kind)
        colour = kind if kind in CORNER else "cas" if kind else "ink"
        style: dict[str, Any] = {"fill": colour, "fill_opacity": 0.08, "stroke": colour}
        if caught:
            style |= {"stroke": "bad", "stroke_width": 2.2}
        yield rect(x, y, box.width, box.height, rx=9, fill="paper")
        yield rect(x, y, box.width, box.height, rx=9, **style)
        centred: dict[str, Any] = {"text_anchor": "middle"}
        yield text(box.x, y + 17.5, self.name, size=13, font_weight=600, **centred)
        for row, words in enumerate(self.lines):
            yield text(box.x, y + 17.5 + LINE * (row + 1), words, **centred)


def _lines(words: str) -> tuple[str, ...]:
    """`words` in a few lines; what is too long ends with an …"""
    lines = [
        shorten(line, LETTERS)
        for given in words.split("\n")
        for line in wrap(given, text_width("x" * LETTERS))
    ]
    more = [shorten(lines[LINES - 1] + " …", LETTERS)] if len(lines) > LINES else lines[LINES - 1 :]
    return (*lines[: LINES - 1], *more[:1]) or ("",)


def _edge(way: Route, down: float, loud: bool) -> Iterable[Part]:
    """The arrow; an emphasised one is thick, dashed and red."""
    (x1, y1), (x2, y2), (x3, y3) = [(x, y + down) for x, y in (way.start, way.control, way.end)]
    tail = way.between(0, 0.94).end
    dx, dy = way.end[0] - tail[0], way.end[1] - tail[1]
    d = f"M{x1:.1f} {y1:.1f} Q{x2:.1f} {y2:.1f} {x3:.1f} {y3:.1f}"
    colour = "bad" if loud else "muted"
    if loud:
        yield path(d, stroke=colour, stroke_width=2.8, stroke_dasharray="8 4")
    else:
        yield path(d, stroke=colour, stroke_width=1.4)
    yield arrow_head(x3, y3, dx, dy, colour, 11 if loud else 8)


def _label(way: Route, down: float, loud: bool) -> Iterable[Part]:
    """The relation, on a piece of paper that lies on the arrow."""
    box = way.label
    if not way.edge.relation:
        return
    x, y = box.x - box.width / 2, box.y - box.height / 2 + down
    yield rect(x, y, box.width, box.height, rx=3, fill="paper", fill_opacity=0.92)
    look: dict[str, Any] = {"fill": "bad", "font_weight": 600} if loud else {"fill": "muted"}
    yield text(box.x, box.y + down + 4, way.edge.relation, size=LABEL, text_anchor="middle", **look)
