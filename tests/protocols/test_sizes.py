"""How large values are when they travel."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from consensus_lab.protocols.raft import AppendEntries, Entry, InstallSnapshot, Snapshot
from consensus_lab.protocols.sizes import size_of


@dataclass(frozen=True)
class Pair:
    one: int
    other: str


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (None, 1),
        (True, 1),
        (7, 8),
        (0.5, 8),
        ("four", 4),
        ((1, "ab"), 10),
        ({"x": 1, "y": 2}, 18),
        ({"a", "b"}, 2),
        (Pair(1, "abc"), 11),
    ],
)
def test_a_value_is_as_large_as_what_is_in_it(value, size):
    assert size_of(value) == size


def test_entries_make_a_message_larger():
    empty, one = (AppendEntries(1, "S1", 0, 0, entries, 0) for entries in ((), (Entry(1),)))
    assert size_of(one) - size_of(empty) == size_of(Entry(1))


def test_a_chunk_weighs_what_it_stands_for_whether_it_brings_the_snapshot_or_not():
    snapshot = Snapshot(3, 1, "x" * 500)
    chunk = InstallSnapshot(1, "S1", 3, 1, 0, 100, 500)
    last = InstallSnapshot(1, "S1", 3, 1, 400, 100, 500, snapshot)
    assert size_of(chunk) == size_of(last) == 100 + 42
