"""Lists in the JSON form are patches of the list before them."""

from __future__ import annotations

from consensus_lab.simulation.trace_json import Patches


def test_a_list_is_written_as_what_it_adds() -> None:
    patches = Patches()
    assert patches.write("S1", {"log": [1]}) == {"log": [1]}
    assert patches.write("S1", {"log": [1, 2]}) == {"log+": [1, [2]]}


def test_a_list_after_something_else_is_written_whole() -> None:
    patches = Patches()
    patches.write("S1", {"result": [1, 2]})
    assert patches.write("S1", {"result": None}) == {"result": None}
    assert patches.write("S1", {"result": [1, 2]}) == {"result": [1, 2]}


def test_what_was_only_seen_counts_as_written() -> None:
    patches = Patches()
    patches.see("S1", {"result": [1, 2]})
    patches.see("S1", {"result": None})
    assert patches.write("S1", {"result": [1, 2]}) == {"result": [1, 2]}
