"""OM(m) as the paper defines it, by recursion, as a pure function; and how much it talks.

The same as the rounds of `OralMessages`, without a network: quick enough to try many strategies.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache

from .general import Path
from .oral import majority

Says = Callable[[Path, str, str], str]
"""What a traitor, the last of a path, tells a receiver instead of the true value."""


def oral_messages(
    generals: tuple[str, ...], m: int, order: str, traitors: Collection[str], says: Says
) -> dict[str, str]:
    """What each loyal lieutenant decides when the first of `generals` commands (OM(m), section 3).

    `says(path, receiver, value)`: what a traitor says where a loyal general would say `value`.
    """
    votes = last_votes(generals, m, order, traitors, says)
    return {name: majority(heard) for name, heard in votes.items()}


def last_votes(
    generals: tuple[str, ...], m: int, order: str, traitors: Collection[str], says: Says
) -> dict[str, list[str]]:
    """Of what values each loyal lieutenant takes the majority in the end."""
    commander, *lieutenants = generals

    @cache
    def sent(path: Path, receiver: str) -> str:
        """What the last of `path` tells `receiver` that it heard along the rest of it."""
        *before, sender = path
        true = sent(tuple(before), sender) if before else order
        return says(path, receiver, true) if sender in traitors else true

    def votes(path: Path, me: str) -> list[str]:
        """What `me` heard along `path`, and what by OM(m - k) the others are taken to have heard.

        Here k, the length of `path`, is how deep the recursion has come; at OM(0) nobody asks.
        """
        deeper = len(path) <= m
        others = [one for one in lieutenants if deeper and one != me and one not in path]
        return [sent(path, me), *(majority(votes((*path, one), me)) for one in others)]

    return {name: votes((commander,), name) for name in lieutenants if name not in traitors}


def message_count(n: int, m: int) -> int:
    """How many messages OM(m) sends among `n` generals: (n-1) + (n-1)(n-2) + …, m + 1 terms."""
    total, term = 0, 1
    for k in range(1, m + 2):
        term *= n - k
        total += term
    return total


def signed_message_count(n: int, m: int) -> int:
    """How many SM(m) sends when nobody lies: the order, and its copies; nothing is news twice."""
    return (n - 1) + (n - 1) * (n - 2) * (m > 0)
