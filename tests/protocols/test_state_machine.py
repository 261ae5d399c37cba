"""The replicated state machine: registers, and sessions that carry out a retry once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.protocols.node import ClientRequest
from consensus_lab.protocols.state_machine import KeyValue


def run(*operations: tuple[Any, ...]) -> list[Any]:
    """The results of operations, one after the other by one client."""
    machine, results = KeyValue(), []
    for sequence, operation in enumerate(operations, 1):
        machine, result = machine.apply(ClientRequest("A", sequence, operation))
        results.append(result)
    return results


def test_a_register_starts_at_0():
    assert run(("read", "x")) == [0]


def test_a_read_gives_what_was_written_last():
    assert run(("write", "x", 1), ("write", "x", 2), ("read", "x")) == [None, None, 2]


def test_keys_do_not_touch_each_other():
    assert run(("write", "x", 1), ("read", "y")) == [None, 0]


def test_cas_changes_what_is_as_expected():
    assert run(("cas", "x", 0, 5), ("read", "x")) == [True, 5]


def test_cas_leaves_what_is_not_as_expected():
    assert run(("cas", "x", 1, 5), ("read", "x")) == [False, 0]


def test_what_it_does_not_know_it_refuses():
    with pytest.raises(ValueError, match="KeyValue knows read, write and cas"):
        run(("push", "x"))


def test_a_retry_is_answered_and_not_carried_out_again():
    request = ClientRequest("A", 1, ("cas", "x", 0, 1))
    machine, first = KeyValue().apply(request)
    machine, _ = machine.apply(ClientRequest("B", 1, ("write", "x", 0)))
    after, again = machine.apply(request)
    assert (first, again) == (True, True)
    assert after == machine


def test_a_retry_that_comes_late_does_not_undo_what_another_client_wrote():
    request = ClientRequest("A", 1, ("write", "x", 1))
    machine, _ = KeyValue().apply(request)
    machine, _ = machine.apply(ClientRequest("B", 1, ("write", "x", 2)))
    machine, _ = machine.apply(request)
    assert machine.data["x"] == 2


def test_the_machine_before_is_left_as_it_was():
    before = KeyValue()
    before.apply(ClientRequest("A", 1, ("write", "x", 1)))
    assert before == KeyValue()


REQUESTS = st.builds(
    ClientRequest,
    st.sampled_from("AB"),
    st.integers(1, 4),
    st.one_of(
        st.tuples(st.just("read"), st.sampled_from("xy")),
        st.tuples(st.just("write"), st.sampled_from("xy"), st.integers(0, 3)),
        st.tuples(st.just("cas"), st.sampled_from("xy"), st.integers(0, 3), st.integers(0, 3)),
    ),
)


@given(st.lists(REQUESTS))
def test_same_start_and_same_commands_give_the_same_state_and_results(requests):
    def replica() -> list[tuple[KeyValue, Any]]:
        machine, steps = KeyValue(), []
        for request in requests:
            machine, result = machine.apply(request)
            steps.append((machine, result))
        return steps

    assert replica() == replica()


@given(st.lists(REQUESTS), REQUESTS)
def test_applying_twice_is_applying_once(requests, last):
    machine = KeyValue()
    for request in requests:
        machine, _ = machine.apply(request)
    once, result = machine.apply(last)
    twice, again = once.apply(last)
    assert (twice, again) == (once, result)


def test_only_a_read_changes_nothing():
    kinds = [("read", "x"), ("write", "x", 1), ("cas", "x", 0, 1)]
    assert [KeyValue().only_looks(operation) for operation in kinds] == [True, False, False]


def test_to_look_finds_what_a_read_would_find_and_remembers_nothing():
    machine = KeyValue({"x": 4})
    assert (machine.look(("read", "x")), machine.look(("read", "y"))) == (4, 0)
    assert machine == KeyValue({"x": 4})
