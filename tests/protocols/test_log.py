"""A log is a tuple that grows without being copied."""

from __future__ import annotations

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.protocols.log import Log, begins, fixed
from consensus_lab.protocols.node import frozen

ITEMS = st.lists(st.integers(0, 3), max_size=6).map(tuple)
PLACES = st.none() | st.integers(-8, 8)


@st.composite
def logs_and_tuples(draw):
    """Versions of one log that were made from each other, and the tuples that they should be."""
    versions = [(Log(), ())]
    for _ in range(draw(st.integers(1, 7))):
        log, items = draw(st.sampled_from(versions))
        keep, added = draw(st.integers(0, len(items))), draw(ITEMS)
        versions.append((log[:keep] + added, items[:keep] + added))
    return versions


@given(logs_and_tuples())
def test_every_version_stays_what_it_was(versions):
    for log, items in versions:
        assert (tuple(log), len(log), repr(log)) == (items, len(items), repr(items))


@given(logs_and_tuples(), PLACES, PLACES, st.sampled_from([None, 1, 2, -1]))
def test_a_part_of_it_is_what_it_is_of_a_tuple(versions, start, stop, step):
    for log, items in versions:
        assert log[start:stop:step] == items[start:stop:step]


@given(logs_and_tuples(), st.integers(-8, 8))
def test_an_item_of_it_is_what_it_is_of_a_tuple(versions, place):
    for log, items in versions:
        if -len(items) <= place < len(items):
            assert log[place] == items[place]
        else:
            with pytest.raises(IndexError):
                log[place]


@given(logs_and_tuples())
def test_it_equals_what_has_the_same_items(versions):
    for log, items in versions:
        assert log == items
        assert items == log
        for other, others in versions:
            assert (log == other) == (items == others)


@given(logs_and_tuples())
def test_equal_logs_have_equal_hashes(versions):
    for log, items in versions:
        assert hash(log) == hash(items)
        assert frozen(log) == frozen(items)


@given(logs_and_tuples())
def test_it_begins_a_longer_one_if_their_items_say_so(versions):
    for log, items in versions:
        for other, others in versions:
            expected = items == others[: len(items)]
            assert begins(log, other) == begins(items, other) == begins(log, others) == expected


def test_a_log_that_grows_shares_its_items_with_what_it_was():
    short, added = Log((1, 2)), (3,)
    assert (short + added)._shared is short._shared


def test_a_log_that_parts_from_another_leaves_it_alone():
    short = Log((1, 2))
    one, two = (short + added for added in [(3,), (4,)])
    assert (tuple(short), tuple(one), tuple(two)) == ((1, 2), (1, 2, 3), (1, 2, 4))


def test_it_is_no_list():
    assert Log((1,)) != [1]


def test_a_copy_of_it_grows_on_its_own():
    log = Log((1, 2))
    one, two = (each + added for each, added in [(log, (3,)), (deepcopy(log), (4,))])
    assert (tuple(log), tuple(one), tuple(two)) == ((1, 2), (1, 2, 3), (1, 2, 4))


def test_a_list_is_fixed_as_it_is_now():
    items = [1, 2]
    seen = fixed(items)
    items.append(3)
    assert seen == (1, 2)


def test_a_log_need_not_be_fixed():
    log = Log((1,))
    assert fixed(log) is log
