"""How large a value is when it travels: a number that is the same on every machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

NUMBER = 8


def size_of(value: Any) -> int:
    """About how many bytes `value` takes: 8 a number, 1 a letter, and for all else what is in it.

    A message that stands for more than it holds says so itself, with a property `bytes_on_wire`.
    """
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, int | float):
        return NUMBER
    if isinstance(value, str | bytes):
        return len(value)
    if hasattr(value, "bytes_on_wire"):
        return int(value.bytes_on_wire)
    if is_dataclass(value):
        return sum(size_of(getattr(value, item.name)) for item in fields(value))
    if isinstance(value, Mapping):
        return sum(size_of(key) + size_of(item) for key, item in value.items())
    if isinstance(value, Iterable):
        return sum(map(size_of, value))
    return sum(map(size_of, vars(value).values())) if hasattr(value, "__dict__") else NUMBER
