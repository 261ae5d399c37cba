"""The message tree of one general as a graph, which `view` lets grow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import ConsensusLabError
from ..graph import Edge, Graph
from ..simulation.trace import Trace
from .generals_story import Battle
from .generals_words import listed


def message_tree(trace: Trace, name: str) -> Graph:
    """What the lieutenant `name` heard in a run of generals, as a graph: `view` lets it grow.

    A node is a path, with what came along it; lies are emphasised, with who told them. Raises
    ConsensusLabError if nobody tells `name` anything.
    """
    battle = Battle(trace)
    vertices = battle.tree(name) if name in battle.generals else []
    if not vertices:
        raise ConsensusLabError(f"{name} hears no orders here; {listed(battle.generals[1:])} do.")
    label = {vertex["path"]: label_of(vertex) for vertex in vertices}
    edges = {
        vertex["path"]: Edge(
            label[vertex["path"][:-1]],
            label[vertex["path"]],
            vertex["path"][-1],
            str(vertex["words"]).rstrip("."),
        )
        for vertex in vertices
        if vertex["path"][:-1] in label
    }
    lies = tuple(edges[v["path"]] for v in vertices if v["lie"] and v["path"] in edges)
    title = f"What {name} heard, and what it makes of it ({battle.title})"
    return Graph(tuple(label.values()), tuple(edges.values()), lies, title)


def label_of(vertex: Mapping[str, Any]) -> str:
    """The path, what came along it, and what was made of that."""
    heard, made = vertex["heard"] or "silence", vertex["makes"]
    turned = f" ⇒ {made}" if made and made != heard else ""
    return f"{' › '.join(vertex['path'])}\n{heard}{turned}"
