"""Components and shortest paths, against what networkx says."""

from __future__ import annotations

from itertools import pairwise, product

import networkx
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.graph import Closure, components, shortest_path

NODES = 8
graphs = st.sets(
    st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)).filter(lambda e: e[0] != e[1])
)


def successors(edges: set[tuple[int, int]]) -> list[list[int]]:
    return [[b for a, b in sorted(edges) if a == node] for node in range(NODES)]


@given(graphs)
def test_components_are_those_of_networkx(edges: set[tuple[int, int]]) -> None:
    known = networkx.strongly_connected_components(networkx.DiGraph(edges))
    expected = sorted(sorted(component) for component in known if len(component) > 1)
    assert sorted(map(sorted, components(NODES, successors(edges)))) == expected


def test_a_deep_graph_needs_no_recursion() -> None:
    count = 50_000
    ring = [[(node + 1) % count] for node in range(count)]
    assert [len(component) for component in components(count, ring)] == [count]


@given(graphs, st.integers(0, NODES - 1), st.integers(0, NODES - 1))
def test_a_path_is_as_short_as_that_of_networkx(
    edges: set[tuple[int, int]], start: int, goal: int
) -> None:
    graph = networkx.DiGraph(edges)
    graph.add_nodes_from(range(NODES))
    lengths = [
        1 + networkx.shortest_path_length(graph, after, goal)
        for after in graph.successors(start)
        if networkx.has_path(graph, after, goal)
    ]
    path = shortest_path(start, goal, lambda node: successors(edges)[node])
    assert (len(path) - 1 if path else None) == (min(lengths) if lengths else None)


@given(graphs, st.integers(0, NODES - 1), st.integers(0, NODES - 1))
def test_a_path_goes_along_edges_from_start_to_goal(
    edges: set[tuple[int, int]], start: int, goal: int
) -> None:
    path = shortest_path(start, goal, lambda node: successors(edges)[node])
    if path is not None:
        assert (path[0], path[-1]) == (start, goal)
        assert set(pairwise(path)) <= edges


forward = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda arc: arc[0] < arc[1]), max_size=12
)


@given(forward)
def test_a_closure_knows_what_can_be_reached(arcs: list[tuple[int, int]]) -> None:
    after: list[list[int]] = [[b for a, b in arcs if a == point] for point in range(7)]
    closure = Closure.of(after)
    for a, b in product(range(7), repeat=2):
        reached = shortest_path(a, b, after.__getitem__) is not None
        assert (closure.after[a] >> b & 1, closure.before[b] >> a & 1) == (reached, reached)


def test_a_copy_of_a_closure_leaves_the_first_one_alone() -> None:
    closure = Closure.of([[1], [], []])
    closure.copy().add(1, 2)
    assert closure.after == [0b10, 0, 0]
