"""Lists as other recordings have them: nil for an empty one, or all elements in one text.

A key that is appended to is a list. Here a list is a tuple, and () where nothing was appended.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ..history import Operation


def with_lists(operations: Sequence[Operation]) -> Sequence[Operation]:
    """The same operations, with tuples for the lists of all keys that are appended to."""
    pieces: dict[Hashable, set[Any]] = {}
    for operation in operations:
        for kind, key, value in _steps(operation):
            if kind == "append":
                pieces.setdefault(key, set()).add(value)
    if not pieces:
        return operations
    for operation in operations:
        if operation.kind == "write" and operation.key in pieces:
            pieces[operation.key].add(operation.args[0])
    lists = {key: Elements(found) for key, found in pieces.items()}
    return [_with_tuples(operation, lists) for operation in operations]


def _steps(operation: Operation) -> Iterable[tuple[str, Hashable, Any]]:
    """The micro-operations of a transaction; any other operation is its only one."""
    if operation.kind == "txn":
        return operation.args
    return [(operation.kind, operation.key, operation.args[0] if operation.args else None)]


class Elements:
    """What is appended to a list, so that a text can be taken apart into it.

    "abc" is ("a", "bc") if a and bc were appended. That is certain only if none of the elements
    begins like another one; otherwise a text stays what it is.
    """

    def __init__(self, elements: Iterable[Any]) -> None:
        texts = sorted({e for e in elements if isinstance(e, str) and e})
        clear = not any(after.startswith(before) for before, after in pairwise(texts))
        self.pattern = re.compile("|".join(map(re.escape, texts))) if texts and clear else None

    def of(self, value: Any) -> Any:
        """A list as a tuple. A text that is not made of these elements is one strange element."""
        if value is None:
            return ()
        if not isinstance(value, str) or self.pattern is None:
            return value
        found = tuple(self.pattern.findall(value))
        return found if "".join(found) == value else (value,)


def _with_tuples(operation: Operation, lists: dict[Hashable, Elements]) -> Operation:
    if operation.kind == "txn" and operation.result is not None:
        result = tuple(
            (kind, key, lists[key].of(value) if kind == "read" and key in lists else value)
            for kind, key, value in operation.result
        )
        return replace(operation, result=result)
    if operation.key not in lists:
        return operation
    elements = lists[operation.key]
    if operation.kind == "read" and operation.outcome == "ok":
        return replace(operation, result=elements.of(operation.result))
    if operation.kind == "write":
        return replace(operation, args=(elements.of(operation.args[0]),))
    return operation
