"""Records: what is sent, and what stands in a log. They never change, and a run makes many."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import update_wrapper
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """`@dataclass(frozen=True, slots=True)`, whose instances are made three times as fast.

    A frozen dataclass sets each field by way of object.__setattr__, which looks at all ancestors
    of the class first. Here they go straight into their slots.
    """
    made: Any = dataclass(frozen=True, slots=True)(cls)
    names = [item.name for item in fields(made)]
    source = [f"def __init__(self, {', '.join(names)}):"]
    source += [f"    set_{name}(self, {name})" for name in names]
    namespace: dict[str, Any] = {f"set_{name}": getattr(made, name).__set__ for name in names}
    exec("\n".join(source), namespace)
    quick = namespace["__init__"]
    quick.__defaults__ = made.__init__.__defaults__
    made.__init__ = update_wrapper(quick, made.__init__)
    return made  # type: ignore[no-any-return]
