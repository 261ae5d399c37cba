"""What can be judged without a search, because every value tells where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ...history import History, Operation
from ..objects import List, Queue, Text
from ..specification import Register, Specification
from .chains import of_register
from .lists import of_list, of_text
from .queues import Patterns
from .zones import Zones


class Shortcut(Protocol):
    """A verdict on one part of an object, and its reasons, without a search."""

    def hold(self) -> bool | None:
        """Whether there is an order that keeps real time; None: only a search can tell."""

    def order(self) -> list[Operation]:
        """That order, if there is one."""

    def culprits(self) -> list[Operation]:
        """Some operations that are impossible together, if there is none."""

    @property
    def anomaly(self) -> str:
        """What the field calls it."""

    def why(self, history: History) -> str:
        """What is impossible, in words; nothing if it has no better words than others."""


def shortcut(operations: Sequence[Operation], specification: Specification) -> Shortcut | None:
    """The shortcut for these operations of one part, if there is one."""
    if _is_still(specification, Register):
        zones = Zones.of(operations, specification.initial)
        return zones or of_register(operations, specification.initial)
    if _is_still(specification, List):
        return of_list(operations)
    if _is_still(specification, Text):
        return of_text(operations)
    if _is_still(specification, Queue):
        return Patterns.of(operations)
    return None


def _is_still(specification: Specification, cls: type[Specification]) -> bool:
    """Whether it promises what `cls` does, and is not one that somebody changed."""
    mine = type(specification)
    parts = ("step", "needs", "next", "rest")
    return issubclass(mine, cls) and all(
        getattr(mine, part, None) is getattr(cls, part, None) for part in parts
    )
