"""Histories of transactions, read key by key."""

from __future__ import annotations

import pytest

from consensus_lab.consistency.serializable import serializable
from consensus_lab.consistency.transactions.transactions import Transactions, steps, within
from consensus_lab.errors import HistoryError
from consensus_lab.history import History, Operation, parse


def test_a_read_a_write_or_an_append_alone_is_a_transaction_of_one_step() -> None:
    history = parse("P1: [R(x)4] [W(x,4)] [A(y,1)]")
    assert [steps(operation) for operation in history] == [
        (("read", "x", 4),),
        (("write", "x", 4),),
        (("append", "y", 1),),
    ]


def test_of_a_transaction_without_an_answer_only_the_writes_are_known() -> None:
    lost = Operation("P1", "txn", None, (("read", "x", None), ("write", "y", 1)), outcome="unknown")
    assert steps(lost) == (("write", "y", 1),)


def test_an_unwritten_register_is_read_as_0_or_none() -> None:
    assert serializable(parse("P1: [R(x)0] [R(x)None]"))


def test_an_unwritten_list_is_read_as_an_empty_one_or_none() -> None:
    assert serializable(parse("P1: [R(x)()] [R(x)None]\nP2: [A(x,1)]"))


def test_the_second_try_of_a_failed_transaction_is_who_wrote_the_value() -> None:
    assert serializable(parse("P1: [W(x,1)!] [W(x,1)]\nP2: [R(x)1]"))


def test_a_value_that_nobody_read_may_be_written_twice() -> None:
    assert serializable(parse("P1: [W(x,1)]\nP2: [W(x,1)]\nP3: [W(x,2)] [R(x)2]"))


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        ("P1: [C(x,0,1)]", "is no transaction: give operations of the kind 'txn'"),
        ("P1: [W(x,1)]\nP2: [A(x,2)]", "treats x as a list, and others do not"),
        ("P1: [A(x,2)]\nP2: [R(x)5]", "reads 5 from x, which is a list"),
        ("P1: [W(x,1)]\nP2: [W(x,1)]\nP3: [R(x)1]", "writes 1 to x, which others do, too"),
        ("P1: [W(x,0)]\nP3: [R(x)0]", "which is also what it holds before"),
    ],
)
def test_what_cannot_be_judged_is_refused_in_a_sentence(drawing: str, words: str) -> None:
    with pytest.raises(HistoryError, match=words):
        serializable(parse(drawing))


@pytest.mark.parametrize("step", [("scan", "x", 1), ("read", "x"), 5])
def test_a_malformed_step_is_named(step: object) -> None:
    history = History([Operation("P1", "txn", None, (step,), (step,), 1, 2)])
    with pytest.raises(HistoryError, match="P1's transaction has the step"):
        serializable(history)


def test_what_those_left_out_wrote_is_taken_out_of_what_the_others_read() -> None:
    history = parse("T1: [A(x,1) W(y,1)]\nT2: [A(x,2)]\nT3: [R(x)(1,2) R(y)1]")
    alone, kept = within([history[1], history[2]], history)
    assert kept == [history[1], history[2]]
    assert steps(alone[1]) == (("read", "x", (2,)),)


def test_what_a_second_try_wrote_is_taken_out_with_it_though_the_first_wrote_the_same() -> None:
    history = parse("T1: [W(x,1)!]\nT2: [W(x,1)]\nT3: [R(x)1 W(y,2)]")
    alone, _ = within(history.without(history[1]), history)
    assert steps(alone[1]) == (("write", "y", 2),)


def test_a_transaction_of_which_nothing_is_left_is_left_out() -> None:
    history = parse("T1: [W(y,1)]\nT2: [R(y)1]")
    assert len(within([history[1]], history)[0]) == 0


def test_a_value_that_nobody_wrote_stays_in_what_was_read() -> None:
    history = parse("T1: [R(y)7]")
    assert steps(within(history, history)[0][0]) == (("read", "y", 7),)


def test_a_list_knows_its_longest_read_and_those_that_contradict_it() -> None:
    transactions = Transactions(
        parse("T1: [A(x,1)]\nT2: [A(x,2)]\nT3: [R(x)(1,2)]\nT4: [R(x)(2,)]\nT5: [R(x)(1,)]")
    )
    key = transactions.keys["x"]
    assert key.longest == (1, 2)
    assert key.strays == [(3, (2,))]
