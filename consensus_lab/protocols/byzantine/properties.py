"""Interactive consistency: what the Byzantine generals are to achieve, watched in every run.

Lamport, Shostak and Pease (1982), section 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..node import Property

Nodes = Mapping[str, Any]


class IC1:
    """All loyal lieutenants obey the same order."""

    name = "IC1"
    fields = frozenset({"decision"})

    def watch(self, nodes: Nodes, changed: str, changes: Mapping[str, Any]) -> str | None:
        decided = decisions(nodes)
        for name, decision in decided.items():
            if changed in decided and decision != decided[changed]:
                return f"{name} and {changed} are loyal, but {name} will {decision} and " + (
                    f"{changed} will {decided[changed]}"
                )
        return None


class IC2:
    """If the commander is loyal, every loyal lieutenant obeys the order that he gives."""

    name = "IC2"
    fields = frozenset({"decision"})

    def watch(self, nodes: Nodes, changed: str, changes: Mapping[str, Any]) -> str | None:
        options = nodes[changed].options
        decision = decisions(nodes).get(changed, options.order)
        if options.commander in options.traitors or decision == options.order:
            return None
        return (
            f"{options.commander} is loyal and says {options.order}, but {changed}, loyal too, "
            + (f"will {decision}")
        )


def decisions(nodes: Nodes) -> dict[str, str]:
    """What each loyal lieutenant has decided, if it has."""
    return {
        name: node.decision
        for name, node in nodes.items()
        if node.role == "lieutenant" and not node.traitor and node.decision is not None
    }


def interactive_consistency() -> list[Property]:
    """Both."""
    return [IC1(), IC2()]
