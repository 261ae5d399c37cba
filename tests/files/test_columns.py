"""Operations made field by field are those that are made one by one."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.files.columns import FIELDS, operations_of
from consensus_lab.history import LATEST, History, Operation

from ..consistency.histories import histories

GOOD = Operation("P", "read", "x", (), 1, 2, 3, "ok", "S1")


def columns(operations: list[Operation]) -> list[list[Any]]:
    return [list(map(attrgetter(name), operations)) for name in FIELDS]


@given(histories)
def test_they_are_the_same(history: History) -> None:
    if len(history):
        assert operations_of(*columns(list(history))) == list(history)


@given(st.integers(1, 3))
def test_they_cannot_be_changed_either(count: int) -> None:
    found = operations_of(*columns([GOOD] * count))
    assert found is not None
    with pytest.raises(AttributeError):
        found[0].key = "y"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("process", ""),
        ("process", 1),
        ("kind", None),
        ("start", -1),
        ("start", True),
        ("start", LATEST),
        ("end", 1),
        ("end", 2.5),
        ("end", None),
        ("end", LATEST),
        ("outcome", "failed"),
        ("outcome", "unknown"),
        ("outcome", "lost"),
        ("server", 1),
    ],
)
def test_what_is_no_operation_is_left_to_who_says_why(field: str, value: object) -> None:
    made = columns([GOOD, GOOD])
    made[FIELDS.index(field)][1] = value
    assert operations_of(*made) is None
