"""What PBFT guarantees to honest replicas at all times, watched in every run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...node import Property

Nodes = Mapping[str, Any]
Changes = Mapping[str, Any]


class Agreement:
    """No two honest replicas commit different requests under the same number."""

    name = "Agreement"
    fields = frozenset({"committed"})

    def __init__(self) -> None:
        self.known: dict[int, tuple[str, Any]] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        if changed in node.options.traitors:
            return None
        for number, request in node.committed.items():
            first, known = self.known.setdefault(number, (changed, request))
            if request != known:
                return f"{first} and {changed} committed different requests as number {number}"
        return None


class PreparedOnce:
    """No two honest replicas are prepared for different requests in one view (section 4.2)."""

    name = "One Request for a View and a Number"
    fields = frozenset({"prepared"})

    def __init__(self) -> None:
        self.known: dict[tuple[int, int], tuple[str, Any]] = {}

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        if changed in node.options.traitors:
            return None
        for number, certificate in node.prepared.items():
            message = certificate.pre_prepare
            place, told = (message.view, number), (changed, message.request)
            first, known = self.known.setdefault(place, told)
            if message.request != known:
                return (
                    f"{first} and {changed} are prepared for different requests as number {number} "
                    f"of view {message.view}"
                )
        return None


def safety_properties() -> list[Property]:
    """Both, with empty memories."""
    return [Agreement(), PreparedOnce()]
