"""The arithmetic of majorities. Any two majorities of the same servers share a server."""

from __future__ import annotations

from collections.abc import Iterable


def is_majority(count: int, servers: int) -> bool:
    """More than half: 2 of 3, 3 of 4, 3 of 5. Half is not enough: two halves need not meet."""
    return 2 * count > servers


def highest_on_majority(indexes: Iterable[int]) -> int:
    """The highest index that more than half of `indexes` have reached, one number a server."""
    ordered = sorted(indexes)
    return ordered[(len(ordered) - 1) // 2]
