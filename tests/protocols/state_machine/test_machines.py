"""The machines: what each operation does and returns, and that a machine is a value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.errors import HandlerError
from consensus_lab.protocols.node import ClientRequest
from consensus_lab.protocols.state_machine import Bank, Counter, KeyValue, Lists, Locks

RICH = Bank({"ann": 100, "bob": 50})


def run(machine: Any, *operations: tuple[Any, ...]) -> list[Any]:
    """The results of operations, one after the other."""
    results = []
    for operation in operations:
        machine, result = machine.apply(ClientRequest("A", 1, operation))
        results.append(result)
    return results


def test_a_register_starts_at_0():
    assert run(KeyValue(), ("read", "x")) == [0]


def test_a_read_gives_what_was_written_last():
    assert run(KeyValue(), ("write", "x", 1), ("write", "x", 2), ("read", "x"))[-1] == 2


def test_keys_do_not_touch_each_other():
    assert run(KeyValue(), ("write", "x", 1), ("read", "y")) == [None, 0]


def test_cas_changes_what_is_as_expected():
    assert run(KeyValue(), ("cas", "x", 0, 5), ("read", "x")) == [True, 5]


def test_cas_leaves_what_is_not_as_expected():
    assert run(KeyValue(), ("cas", "x", 1, 5), ("read", "x")) == [False, 0]


def test_what_is_added_twice_is_there_twice():
    added = run(Counter(), ("increment", "x", 10), ("increment", "x", 10), ("read", "x"))
    assert added == [None, None, 20]


def test_a_counter_counts_down_too():
    assert run(Counter(), ("decrement", "x", 3), ("read", "x"))[-1] == -3


def test_a_list_grows_at_its_end():
    assert run(Lists(), ("append", "x", 1), ("append", "x", 2), ("read", "x"))[-1] == (1, 2)


def test_a_transfer_moves_money():
    moved = run(RICH, ("transfer", "ann", "bob", 30), ("read", "ann"), ("read", "bob"))
    assert moved == [True, 70, 80]


@pytest.mark.parametrize("transfer", [("bob", "ann", 51), ("ann", "eve", 1), ("ann", "bob", -1)])
def test_a_transfer_that_cannot_be_is_refused_and_moves_nothing(transfer):
    bank, done = RICH.apply(ClientRequest("A", 1, ("transfer", *transfer)))
    assert (bank, done) == (RICH, False)


@given(
    st.lists(
        st.tuples(
            st.just("transfer"),
            st.sampled_from(["ann", "bob", "eve", "zoe"]),
            st.sampled_from(["ann", "bob", "eve", "zoe"]),
            st.integers(-5, 120),
        )
    )
)
def test_no_transfer_makes_or_destroys_money_or_debt(transfers):
    bank = Bank({"ann": 100, "bob": 50, "eve": 0})
    for transfer in transfers:
        bank, _ = bank.apply(ClientRequest("A", 1, transfer))
    assert sum(bank.data.values()) == 150
    assert min(bank.data.values()) >= 0


def test_a_lock_that_is_held_is_given_to_nobody_else():
    assert run(Locks(), ("acquire", "door", "ann"), ("acquire", "door", "bob")) == [1, None]


def test_whoever_holds_a_lock_gets_the_same_token_again():
    assert run(Locks(), ("acquire", "door", "ann"), ("acquire", "door", "ann")) == [1, 1]


def test_only_the_owner_releases_a_lock():
    steps = [("acquire", "door", "ann"), ("release", "door", "bob"), ("read", "door")]
    assert run(Locks(), *steps) == [1, False, "ann"]


@given(st.lists(st.tuples(st.sampled_from(["acquire", "release"]), st.sampled_from("ab"))))
def test_each_new_owner_gets_a_larger_fencing_token(steps):
    locks, given_to = Locks(), {}
    for kind, owner in steps:
        locks, token = locks.apply(ClientRequest("A", 1, (kind, "door", owner)))
        if kind == "acquire" and token is not None:
            assert given_to.setdefault(token, owner) == owner
            assert token == max(given_to)


@pytest.mark.parametrize("machine", [KeyValue(), Counter(), Lists(), RICH, Locks()])
def test_what_a_machine_does_not_know_it_refuses(machine):
    with pytest.raises(HandlerError, match=f"{type(machine).__name__} does not know the operation"):
        run(machine, ("push", "x"))


@pytest.mark.parametrize(
    ("machine", "change"),
    [
        (KeyValue(), ("write", "x", 1)),
        (Counter(), ("increment", "x", 1)),
        (Lists(), ("append", "x", 1)),
        (RICH, ("transfer", "ann", "bob", 1)),
        (Locks(), ("acquire", "x", "ann")),
    ],
)
def test_the_machine_before_is_left_as_it_was(machine, change):
    before = str(machine)
    after, _ = machine.apply(ClientRequest("A", 1, change))
    assert str(machine) == before != str(after)


def test_only_a_read_changes_nothing():
    kinds = [("read", "x"), ("write", "x", 1), ("cas", "x", 0, 1)]
    assert [KeyValue().only_looks(operation) for operation in kinds] == [True, False, False]


def test_to_look_finds_what_a_read_would_find():
    machine = KeyValue({"x": 4})
    assert (machine.look(("read", "x")), machine.look(("read", "y"))) == (4, 0)
