"""The digest of a state: the same for equal states, in whatever order they were made."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.errors import ConsensusLabError
from consensus_lab.protocols.node import ClientRequest
from consensus_lab.protocols.state_machine import Counter, KeyValue, Sessions, digest
from tests.hash_seeds import printed

PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner)
        | st.frozensets(st.text() | st.integers())
    ),
)


@given(VALUES, VALUES)
def test_states_have_the_same_digest_if_and_only_if_they_are_equal(one, other):
    assert (digest(one) == digest(other)) == (one == other)


@given(st.dictionaries(st.text(), VALUES))
def test_the_order_in_which_a_dict_was_filled_does_not_matter(state):
    assert digest(dict(reversed(state.items()))) == digest(state)


def test_the_hash_seed_does_not_matter():
    code = (
        "from consensus_lab.protocols.state_machine import digest;"
        "print(digest({'seats': {'1A', '1B', '2A', '2B'}, 1: frozenset('abc')}))"
    )
    state = {"seats": {"1A", "1B", "2A", "2B"}, 1: frozenset("abc")}
    assert printed(code) == {digest(state) + "\n"}


def test_numbers_that_are_equal_have_the_same_digest():
    assert digest(1) == digest(1.0) == digest(True) != digest("1")


def test_a_number_that_is_no_whole_one_has_a_digest():
    assert len({digest(0.5), digest(float("inf")), digest(0)}) == 3


def test_machines_of_different_classes_differ():
    assert digest(KeyValue({"x": 1})) != digest(Counter({"x": 1}))


def test_sessions_are_a_part_of_the_state():
    before = Sessions(KeyValue())
    after, _ = before.apply(ClientRequest("A", 1, ("read", "x")))
    assert before.data == after.data
    assert digest(before) != digest(after)


def test_what_is_left_out_of_comparison_is_no_part_of_the_state():
    @dataclass(frozen=True)
    class Cached:
        value: int
        cache: int = field(default=0, compare=False)

    assert digest(Cached(1, 2)) == digest(Cached(1, 3)) != digest(Cached(2, 2))


def test_what_has_no_canonical_form_is_refused_in_a_sentence():
    with pytest.raises(ConsensusLabError, match="a object has no digest"):
        digest({"x": object()})
