"""The values of a scenario as plain data, and back."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

LATER = {"later": True}
"""The metadata of a field that came later. It is written only if it says something, so that what
was written before stays what it was, to the byte."""


def written(item: Any) -> dict[str, Any]:
    """The fields of a dataclass as plain data."""
    values = asdict(item)
    for one in fields(item):
        if one.metadata == LATER and values[one.name] == one.default:
            del values[one.name]
    return values


def tupled(value: Any) -> Any:
    """JSON's lists as the tuples that they were."""
    return tuple(tupled(item) for item in value) if isinstance(value, list) else value
