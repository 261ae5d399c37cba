"""Graphs as pictures: where nodes and edges go, what is said, and that nothing lies on another."""

from __future__ import annotations

from itertools import combinations, pairwise, product
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.graph import Edge, Graph
from consensus_lab.history import parse
from consensus_lab.views import view
from consensus_lab.views.graph import WIDTHS, Card, compose, describe, excerpt
from consensus_lab.views.graph_edges import routes
from consensus_lab.views.graph_layout import Block, Box, places
from consensus_lab.views.graph_tree import children_of, tree_places, tree_routes

from ..hash_seeds import printed

SKEW = (
    Edge("T1", "T2", "rw", "T1 read x before T2 wrote it"),
    Edge("T2", "T1", "rw", "T2 read y before T1 wrote it"),
)
CYCLE = Graph(("T1", "T2"), SKEW, SKEW, "Write skew")
CHAIN = Graph(tuple("abcd"), (Edge("a", "b", "ww"), Edge("b", "c", "wr"), Edge("a", "c", "ww")))


def laid_out(graph: Graph, width: float = 560) -> Block:
    cards = {node: Card.of(node) for node in graph.nodes}
    return places(graph, {n: (c.width, c.height) for n, c in cards.items()}, width, 40)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    names = [f"node {i}" + " and more" * draw(st.integers(0, 2)) for i in range(8)]
    nodes = names[: draw(st.integers(1, 8))]
    edge = st.builds(Edge, st.sampled_from(nodes), st.sampled_from(nodes), st.just("ww"))
    edges = draw(st.lists(edge, max_size=12, unique=True))
    return Graph(tuple(nodes), tuple(edges), tuple(edges[: draw(st.integers(0, 4))]))


# ---- where things are ----


@settings(max_examples=40, deadline=None)
@given(graphs(), st.sampled_from(WIDTHS))
def test_no_node_lies_on_another_or_outside(graph: Graph, width: int) -> None:
    boxes = laid_out(graph, width)
    assert set(boxes) == set(graph.nodes)
    assert all(a.overlap(b) == 0 for a, b in combinations(boxes.values(), 2))
    for box in boxes.values():
        assert box.width / 2 - 0.01 <= box.x <= width - box.width / 2 + 0.01


def test_what_comes_before_stands_before() -> None:
    boxes = laid_out(CHAIN)
    assert boxes["a"].x < boxes["b"].x < boxes["c"].x


def test_where_there_is_no_room_it_stands_above() -> None:
    boxes = laid_out(CHAIN, 150)
    assert boxes["a"].y < boxes["b"].y < boxes["c"].y


def test_a_cycle_is_a_ring_in_its_order() -> None:
    nodes = ("a", "b", "c", "d")
    edges = tuple(Edge(x, y, "ww") for x, y in ["ac", "cb", "bd", "da", "ab"])
    boxes = laid_out(Graph(nodes, edges, edges[:4]))
    upper, right, lower = boxes["a"], boxes["c"], boxes["b"]
    assert [box.y for box in (upper, right)] == pytest.approx([upper.y] * 2)
    assert [box.x for box in (right, lower)] == pytest.approx([right.x] * 2)
    assert upper.x < right.x
    assert upper.y < lower.y


def test_an_edge_goes_round_a_node_that_is_in_its_way() -> None:
    boxes = laid_out(CHAIN)
    way = routes(CHAIN.edges, boxes, 560)[2]
    assert not any(boxes["b"].holds(*way.at(i / 50)) for i in range(51))


def test_an_edge_that_has_nothing_to_do_with_a_ring_goes_round_it() -> None:
    ring = tuple(Edge(a, b, "ww") for a, b in ["ab", "bc", "cd", "da"])
    past = Edge("x", "y", "ww")
    graph = Graph(tuple("xabcdy"), (*ring, Edge("x", "a", "wr"), Edge("c", "y", "wr"), past), ring)
    boxes = laid_out(graph)
    way = routes(graph.edges, boxes, 560, tuple("abcd"))[-1]
    middle = Box(boxes["a"].x / 2 + boxes["c"].x / 2, boxes["a"].y / 2 + boxes["c"].y / 2, 9, 9)
    assert not any(middle.holds(*way.at(i / 50)) for i in range(51))


def test_an_edge_ends_beside_its_nodes() -> None:
    boxes = laid_out(CYCLE)
    for way in routes(CYCLE.edges, boxes, 560):
        for node, end in [(way.edge.source, way.start), (way.edge.target, way.end)]:
            assert not boxes[node].holds(*end)
            assert boxes[node].holds(*end, 12)


def test_there_and_back_are_two_ways() -> None:
    there, back = routes(CYCLE.edges, laid_out(CYCLE), 560)
    assert abs(there.at(0.5)[1] - back.at(0.5)[1]) > 20
    assert there.label.overlap(back.label) == 0


def test_labels_lie_on_no_node() -> None:
    boxes = laid_out(CHAIN)
    for way in routes(CHAIN.edges, boxes, 560):
        assert all(way.label.overlap(box) == 0 for box in boxes.values())


# ---- trees ----


def tree(breadth: int, depth: int) -> Graph:
    """Every node but the leaves is followed by `breadth` others."""
    edges = [
        Edge(path, path + letter, letter)
        for length in range(depth)
        for path in map("".join, product("abcdefg"[:breadth], repeat=length))
        for letter in "abcdefg"[:breadth]
    ]
    return Graph(("", *(edge.target for edge in edges)), tuple(edges))


@pytest.mark.parametrize("width", WIDTHS)
def test_in_a_tree_each_node_is_in_the_middle_of_what_follows(width: int) -> None:
    graph = tree(3, 2)
    cards = {node: Card.of(node) for node in graph.nodes}
    boxes = tree_places(graph, {n: (c.width, c.height) for n, c in cards.items()}, width, 10)
    assert boxes is not None
    for node in ["", *"abc"]:
        first, *_, last = [boxes[node + letter].y for letter in "abc"]
        assert boxes[node].y == pytest.approx((first + last) / 2)
        assert boxes[node].x < boxes[node + "a"].x
    assert all(a.overlap(b) == 0 for a, b in combinations(boxes.values(), 2))


def test_the_edges_of_a_tree_cross_neither_nodes_nor_labels() -> None:
    graph = tree(5, 2)
    cards = {node: Card.of(node) for node in graph.nodes}
    boxes = tree_places(graph, {n: (c.width, c.height) for n, c in cards.items()}, 560, 10) or {}
    ways = tree_routes(graph.edges, boxes)
    for way in ways:
        points = [way.at(i / 40) for i in range(1, 40)]
        assert not any(box.holds(*point) for box in boxes.values() for point in points)
    assert all(a.label.overlap(b.label) == 0 for a, b in combinations(ways, 2))


@pytest.mark.parametrize(
    "edges", [["ab", "bc"], ["ab", "ac", "bc"], ["ab", "ac", "ca"], ["ab", "ab"], ["ab", "cd"]]
)
def test_what_does_not_branch_as_a_tree_does_is_none(edges: list[str]) -> None:
    nodes = tuple(sorted({letter for edge in edges for letter in edge}))
    graph = Graph(nodes, tuple(Edge(a, b, f"{i}") for i, (a, b) in enumerate(edges)))
    assert children_of(graph) is None


def test_a_tree_for_which_there_is_no_room_is_laid_out_downwards() -> None:
    boxes = laid_out(tree(2, 2), 150)
    assert tree_places(tree(2, 2), dict.fromkeys(tree(2, 2).nodes, (60, 40)), 150, 10) is None
    assert boxes[""].y < boxes["a"].y < boxes["aa"].y


# ---- the still ----


def elements(graph: Graph, tag: str) -> list[ElementTree.Element]:
    return list(
        ElementTree.fromstring(view(graph).still()).iter(f"{{http://www.w3.org/2000/svg}}{tag}")
    )


def test_a_cycle_is_told_by_thickness_and_dashes_not_by_colour_alone() -> None:
    edges = (*SKEW, Edge("T1", "T3", "ww"))
    lines = elements(Graph(("T1", "T2", "T3"), edges, SKEW), "path")
    loud = [p for p in lines if p.get("stroke-dasharray")]
    calm = [p for p in lines if p.get("stroke") != "none" and p not in loud]
    assert [float(p.get("stroke-width", "1")) for p in loud] == [2.8, 2.8]
    assert [float(p.get("stroke-width", "1")) for p in calm] == [1.4]


def test_every_node_and_every_relation_is_written() -> None:
    words = [e.text for e in elements(CHAIN, "text")]
    assert words == ["A graph of 4 nodes and 3 edges", *"abcd", "ww", "wr", "ww"]


def test_what_all_of_many_edges_say_is_written_once() -> None:
    nodes = tuple("abcde")
    graph = Graph(nodes, tuple(Edge(a, b, "implies") for a, b in pairwise(nodes)))
    words = [e.text for e in elements(graph, "text")]
    assert words == ["A graph of 5 nodes and 4 edges", *nodes, "→ implies"]
    assert "a → b (implies)" in describe(graph)


def test_an_operation_is_written_with_its_process() -> None:
    history = parse("P1: [W(x,4)]")
    words = [e.text for e in elements(Graph(tuple(history), ()), "text")]
    assert words[1:] == ["P1", "W(x,4)"]


def test_a_long_text_is_shortened_and_said_whole() -> None:
    long = "a very long text " * 10
    graph = Graph((long,), ())
    assert any(word.text.endswith("…") for word in elements(graph, "text"))
    assert long in view(graph).story["operations"]


def test_the_still_needs_no_stylesheet() -> None:
    tree = ElementTree.fromstring(view(CYCLE).still())
    assert not any({"class", "style"} & set(element.attrib) for element in tree.iter())


def test_a_large_graph_is_cut_down_and_its_cycle_stays() -> None:
    nodes = tuple(f"n{i}" for i in range(300))
    edges = tuple(Edge(a, b, "ww", "why") for a, b in pairwise(nodes))
    loop = (edges[298], Edge("n299", "n298", "rw", "why"))
    graph = Graph(nodes, (*edges, loop[1]), loop)
    assert set(loop) <= set(excerpt(graph).edges)
    assert len(view(graph).still()) < 40_000
    assert "more: too many" in view(graph).story["left_out"]


@pytest.mark.parametrize("graph", [Graph((), ()), Graph(("a",), (Edge("a", "a", "ww"),))])
def test_the_smallest_graphs_have_a_picture(graph: Graph) -> None:
    assert compose(graph, 560).height > 40


def test_an_edge_that_is_given_twice_is_drawn_once() -> None:
    graph = Graph(("T1", "T2"), (*SKEW, SKEW[0]), SKEW)
    assert view(graph).story == view(Graph(graph.nodes, SKEW, SKEW)).story


def test_the_same_graph_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    script = "from tests.views.test_graph import *; v = view(CHAIN); print(v.still(), v, v.story)"
    assert len(printed(script)) == 1


# ---- in words ----


def test_the_words_have_every_edge_with_its_reason() -> None:
    assert describe(CYCLE).splitlines() == [
        "Write skew",
        "▸ T1 → T2 (rw): T1 read x before T2 wrote it",
        "▸ T2 → T1 (rw): T2 read y before T1 wrote it",
    ]


def test_nodes_without_edges_are_named_too() -> None:
    assert describe(CHAIN).splitlines()[-1] == "No edge: d"
