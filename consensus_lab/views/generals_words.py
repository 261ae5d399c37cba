"""Words for generals: whose word is whose, lists of names, and letters for orders."""

from __future__ import annotations

from collections.abc import Iterable

from ..protocols.byzantine.general import Path


def hearsay(path: Path) -> str:
    """ "S2 said that S1 said " for what came from S1 through S2."""
    return "that ".join(f"{name} said " for name in reversed(path))


def of(path: Path) -> str:
    """ " from S2, who had it from S1": where the last of a path has its word from."""
    return "".join(
        f" from {name}" if place == 0 else f", who had it from {name}"
        for place, name in enumerate(reversed(path[:-1]))
    )


def listed(names: Iterable[str]) -> str:
    """ "S1, S2 and S3"."""
    *first, last = list(names) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def sign(value: str, taken: set[str]) -> str:
    """A letter for a value, different from those that are taken: "A" for attack."""
    letters = [*value.upper(), value]
    chosen = next((letter for letter in letters if letter.strip() and letter not in taken), value)
    taken.add(chosen)
    return chosen
