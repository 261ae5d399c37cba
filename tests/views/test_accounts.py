"""What a witness tells: orders, and what the object holds after each step of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from consensus_lab.consistency.causal import causal, causal_convergence, causal_memory
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.objects import List, Queue, Set
from consensus_lab.consistency.serializable import serializable, snapshot_isolation
from consensus_lab.consistency.sessions import pram, read_your_writes
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.history import History, Operation, parse
from consensus_lab.views import view
from consensus_lab.views.accounts import accounts, first_values, replay
from consensus_lab.views.story import Story, deed

TWO_ORDERS = parse("""
P1:  [W(x,1)]
P2:  [W(x,2)]
P3:            [R(x)1]  [R(x)2]
P4:            [R(x)2]  [R(x)1]
""")
SKEW = parse("""
A:  [R(x)0 R(y)0 W(x,1)]
B:   [R(x)0 R(y)0 W(y,1)]
""")


def headings(verdict: Verdict) -> list[str]:
    assert verdict.holds
    return [account.heading for account in accounts(verdict)]


@pytest.mark.parametrize("check", [causal_memory, pram])
def test_each_process_that_reads_has_an_order_of_its_own(
    check: Callable[[History], Verdict],
) -> None:
    told = accounts(check(TWO_ORDERS))
    assert [account.heading for account in told] == ["In the eyes of P3", "In the eyes of P4"]
    assert all(account.explains for account in told)


def test_causal_consistency_explains_one_read_at_a_time() -> None:
    told = accounts(causal(TWO_ORDERS))
    assert [account.heading for account in told] == [
        "In the eyes of P3, at R(x)2",
        "In the eyes of P4, at R(x)1",
    ]
    assert all(account.explains for account in told)


def test_where_one_order_explains_all_only_that_is_told() -> None:
    history = parse("P1: [W(x,1)] [R(x)1]\nP2:                 [R(x)1]")
    assert len(headings(causal_convergence(history))) == 1
    assert len(headings(read_your_writes(history))) == 1


def test_snapshots_and_commits_are_told_apart() -> None:
    (account,) = accounts(snapshot_isolation(SKEW))
    assert account.notes[:2] == ("takes its snapshot", "takes its snapshot")
    assert account.notes[2:] == ("commits", "commits")
    sentences = Story.of(snapshot_isolation(SKEW), 50).sentences
    assert sentences[-1].split(":")[0] in ("A commits", "B commits")


def test_after_a_transaction_all_its_keys_are_known() -> None:
    history = parse(
        "A: [W(x,1) A(y,2)]\nB:                    [R(x)1 R(y)(2)]".replace("(2)", "(2,)")
    )
    (account,) = accounts(serializable(history))
    assert account.states[-1] == {"x": 1, "y": (2,)}


def test_a_transaction_without_an_answer_may_be_the_first_to_ask_for_a_list() -> None:
    order = parse("A: [R(y) A(y,7)\nB:                [T R(y)(7,)]").operations
    assert first_values(order) == {"y": ()}
    assert replay(order, {"y": ()}) == [{"y": (7,)}, {"y": (7,)}]


@pytest.mark.parametrize(
    ("drawing", "specification", "after"),
    [
        ("P1: [enqueue(q,1)] [enqueue(q,2)] [dequeue(q)1]", Queue(), (2,)),
        ("P1: [add(s,1)] [add(s,2)] [remove(s,1)]", Set(), frozenset({2})),
    ],
)
def test_other_objects_are_shown_with_what_they_hold(
    drawing: str, specification: Queue | Set, after: object
) -> None:
    (account,) = accounts(linearizable(parse(drawing), specification))
    assert list(account.states[-1].values()) == [after]


def test_an_order_that_does_not_explain_the_results_shows_no_states() -> None:
    write, read = parse("P1: [W(x,1)] [R(x)2]")
    assert replay((write, read), first_values((write, read))) is None


def test_a_set_is_written_in_the_same_order_everywhere() -> None:
    history = parse("P1: [add(s,2)] [add(s,1)] [add(s,3)]")
    told = Story.of(linearizable(history, Set()), 50).sentences
    assert told[-1] == "P1 does add(s,3): s is now {1, 2, 3}."


def test_a_transaction_is_told_step_by_step() -> None:
    told = [deed(operation) for operation in SKEW]
    assert told[0] == "A reads x and gets 0, reads y and gets 0 and writes 1 to x"


def test_a_long_transaction_has_a_label_of_two_lines() -> None:
    asked = tuple(("read", f"key{n}", None) for n in range(4))
    told = tuple(("read", f"key{n}", 0) for n in range(4))
    long = Operation("A", "txn", None, asked, told, 0, 400)
    other = Operation("A", "txn", None, asked, told, 500, 1000)
    labels = [part[2] for part in view(History([long, other])).story["pictures"][0]["parts"]]
    assert "R(key0)0 R(key1)0" in labels
    assert "R(key2)0 R(key3)0" in labels


@pytest.mark.parametrize(
    ("check", "history"),
    [
        (causal, TWO_ORDERS),
        (causal_convergence, TWO_ORDERS),
        (causal_memory, TWO_ORDERS),
        (pram, TWO_ORDERS),
        (serializable, SKEW),
        (snapshot_isolation, SKEW),
    ],
)
def test_every_kind_of_verdict_has_a_small_still_and_words(
    check: Callable[[History], Verdict], history: History
) -> None:
    verdict = check(history)
    widget = view(verdict)
    assert len(widget.still()) < 40_000
    assert widget.describe()
    assert len(widget.story["order"]) == len(widget.story["sentences"])
    if verdict.cycle:
        assert verdict.anomaly in widget.story["headline"]


def test_of_a_long_list_the_end_is_shown() -> None:
    history = parse("P1: " + " ".join(f"[A(x,{n})]" for n in range(10, 20)))
    verdict = linearizable(history, List())
    words = [part[2] for part in view(verdict).story["pictures"][-1]["parts"]]
    assert "(… 18, 19)" in words


def test_of_transactions_fewer_are_shown() -> None:
    many = parse("P1: " + " ".join(f"[T W(x,{n})]" for n in range(60)))
    assert len(view(many).story["operations"]) == 25
    assert len(view(many, limit=40).story["operations"]) == 40


def test_of_two_rows_an_arc_joins_what_a_process_did_in_both() -> None:
    for picture in view(snapshot_isolation(SKEW)).story["pictures"]:
        words = [words for _, _, words, *_ in picture["parts"]]
        rows = len({a["y"] for _, a, words, *_ in picture["parts"] if words and " · " in words})
        # The name of a process is at its lane, and at its arc, or at both halves of that.
        assert [words.count(name) for name in "AB"] == [1 + rows] * 2
