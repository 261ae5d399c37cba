"""A digest of a state: a few letters that are the same if, and only if, the states are.

Replicas that hold gigabytes can compare themselves by sending each other a digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from hashlib import sha256
from typing import Any

from ...errors import ConsensusLabError

LETTERS = 8


def digest(state: Any) -> str:
    """The first eight hexadecimal letters of the SHA-256 of a state's canonical form.

    Equal states have equal digests, on every machine and in every process: the order of dicts and
    sets, and Python's own hash, play no part. Fields of a dataclass that are left out of comparison
    (`compare=False`) are no part of the state. Raises ConsensusLabError for a value that has no
    canonical form.
    """
    return sha256(canonical(state).encode()).hexdigest()[:LETTERS]


def canonical(value: Any) -> str:
    """`value` written in the one way in which every replica writes it."""
    if isinstance(value, bool | int | float):
        return repr(int(value)) if value == value // 1 else repr(value)  # 1, 1.0 and True are equal
    if value is None or isinstance(value, str | bytes):
        return repr(value)
    if is_dataclass(value):
        parts = [f"{one.name}={canonical(getattr(value, one.name))}" for one in compared(value)]
        return f"{type(value).__name__}({', '.join(parts)})"
    if isinstance(value, Mapping):
        items = [f"{canonical(key)}: {canonical(item)}" for key, item in value.items()]
        return f"{{{', '.join(sorted(items))}}}"
    if isinstance(value, set | frozenset):
        return f"set({', '.join(sorted(map(canonical, value)))})"
    if isinstance(value, Iterable):
        return f"[{', '.join(map(canonical, value))}]"
    raise ConsensusLabError(
        f"a state is made of plain values, dataclasses and collections; a {type(value).__name__} "
        "has no digest"
    )


def compared(value: Any) -> list[Any]:
    """The fields of a dataclass that count when two of its values are compared."""
    return [one for one in fields(value) if one.compare]
