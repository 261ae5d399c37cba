"""The arithmetic of majorities."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.protocols.raft.quorum import highest_on_majority, is_majority


@pytest.mark.parametrize(
    ("servers", "smallest"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 4), (7, 4)]
)
def test_the_smallest_majority(servers, smallest):
    assert is_majority(smallest, servers)
    assert not is_majority(smallest - 1, servers)


@pytest.mark.parametrize("servers", range(1, 8))
def test_any_two_majorities_share_a_server(servers):
    names = range(servers)
    majorities = [
        set(group)
        for size in range(servers + 1)
        for group in combinations(names, size)
        if is_majority(size, servers)
    ]
    assert all(one & other for one in majorities for other in majorities)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=9))
def test_the_highest_index_that_a_majority_has_reached(indexes):
    def reached(index: int) -> bool:
        return is_majority(sum(i >= index for i in indexes), len(indexes))

    highest = highest_on_majority(indexes)
    assert reached(highest)
    assert not reached(highest + 1)
