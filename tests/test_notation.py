"""The drawing of a history: what it reads it prints back, and mistakes are pointed at."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.errors import HistoryError
from consensus_lab.history import History, Operation, parse

from .consistency.brute_force import in_real_time
from .consistency.histories import histories

NOTES = """\
P1:                 [W(x,4)]                [R(y)2]
P2:  [W(y,2)]                   [R(x)0]"""

AWKWARD = """\
client 1: [W("a key","a [b]")   ] [R(x)None]   [C(x,-1,2.5)no ] [push(s,(1,(2,),()))]
"a:b":      [C(x,True,False)]   [R(x)"4"]    [W(x,4)!]   [R(y)!] [pop(s)1] [W(x,init.0)
用户:       [W(键,值)]"""


OBJECTS = """\
P1: [A(x,3)] [R(x)(1,3)]       [enqueue(q,1)] [dequeue(q)1] [dequeue(q)None]
P2: [increment(c,2)]  [add(s,1)] [contains(s,1)True] [R(s){-1,2,10}] [R(s){}]"""

TRANSACTIONS = """\
P1: [W(x,1) R(y)0 A(z,3)]  [W(x,1) R(y)!]  [T R(x)(1,2)]  [T] [W(x,1) R(y) W(z,1)
P2: [T W(x,1)]  [C(x,1,2) increment(c,1)  ]  [T W(x,2)"""


@pytest.mark.parametrize("text", [NOTES, AWKWARD, OBJECTS, TRANSACTIONS, ""])
def test_a_drawing_comes_back_as_it_was(text: str) -> None:
    assert str(parse(text)) == text


def test_columns_are_time() -> None:
    first, *_ = parse(NOTES)
    assert first == Operation("P2", "write", "y", (2,), start=6, end=13)


def test_values_are_what_they_look_like() -> None:
    text = 'P: [R(x)4][R(x)-4][R(x)4.5][R(x)word][R(x)"4"][R(x)None][R(x)True][R(x)(1,a)]'
    assert [o.result for o in parse(text)] == [4, -4, 4.5, "word", "4", None, True, (1, "a")]


def test_a_bracket_that_is_never_closed_is_an_operation_without_an_answer() -> None:
    (lost,) = parse("P1: [W(x,4)   # a comment")
    assert (lost.end, lost.outcome) == (None, "unknown")


def test_an_exclamation_mark_is_an_operation_that_failed() -> None:
    (failed,) = parse("P1: [W(x,4)!]")
    assert (failed.end, failed.outcome) == (13, "failed")


def test_several_operations_in_a_bracket_are_a_transaction() -> None:
    done, aborted, lost = parse("P: [W(x,1) R(y)0 A(z,3)] [R(y) W(x,1)!] [T R(y)")
    assert done.kind == "txn"
    assert done.key is None
    assert done.args == (("write", "x", 1), ("read", "y", None), ("append", "z", 3))
    assert done.result == (("write", "x", 1), ("read", "y", 0), ("append", "z", 3))
    assert (aborted.outcome, aborted.result) == ("failed", None)
    assert (lost.outcome, lost.args) == ("unknown", (("read", "y", None),))


def test_a_set_is_a_value() -> None:
    (read,) = parse("P: [R(s){2,(1,),{}}]")
    assert read.result == {2, (1,), frozenset()}


def test_a_process_without_operations_keeps_its_line() -> None:
    assert str(parse("P2: [W(x,1)]\nP1:")) == "P2: [W(x,1)]\nP1:"


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("P1: [W(x,1)]\nP2: [R(x)]", "Line 2, column 10", "a read says what it returned"),
        ("P1 [W(x,1)]", "Line 1, column 1", "a colon"),
        ("P1: [W(x,]", "Line 1, column 10", "a value"),
        ("P1: [W(x,1)] x", "Line 1, column 14", "expected ["),
        ("P1: [W(x,1)3", "Line 1, column 12", "never closed"),
        ("P1: [W(x,1) [R(x)1]", "Line 1, column 13", "expected"),
        ("P1: [W(x,1) R(y)]", "Line 1, column 17", "a read says what it returned"),
        ("P1: [W(x,1) R(y)1", "Line 1, column 17", "never closed"),
        ("P1: [W(x,1)3 R(y)1]", "Line 1, column 12", "only a read returns"),
        ("P1: [R(s){1,2)]", "Line 1, column 14", "expected , or }"),
        ("P1:\t[W(x,1)]", "Line 1, column 4", "tab"),
        ("P1: [W(x," + 9 * "9" * 999 + ")]", "Line 1, column 10", "too long"),
        ("P1: [W(x,1e999)]", "Line 1, column 10", "too large"),
        ("P1: [W(x," + "(" * 99, "Line 1, column 30", "too deep"),
        ('P1: [W(x,"a\\q")]', "Line 1, column 10", "JSON"),
    ],
)
def test_a_mistake_is_pointed_at(text: str, place: str, problem: str) -> None:
    with pytest.raises(HistoryError) as caught:
        parse(text)
    message, line, caret = str(caught.value).split("\n")
    assert message.startswith(place)
    assert problem in message
    column = int(message.split(":")[0].rsplit(" ", 1)[1])
    source = text.split("\n")[int(message.split(",")[0].split()[1]) - 1]
    assert line[caret.index("^") :] == source[column - 1 :][: len(line) - caret.index("^")]


@settings(max_examples=300, deadline=None)
@given(histories)
def test_a_history_comes_back_from_its_drawing_with_the_same_order_in_time(
    history: History,
) -> None:
    drawn = parse(str(history))
    pairs = dict(zip(_told(history), history, strict=True))
    assert sorted(map(str, _told(history))) == sorted(map(str, _told(drawn)))
    again = [pairs[key] for key in _told(drawn)]
    for a, old_a in zip(drawn, again, strict=True):
        for b, old_b in zip(drawn, again, strict=True):
            assert in_real_time(a, b) is in_real_time(old_a, old_b)
    assert parse(str(drawn)) == drawn


def _told(history: History) -> list[tuple[object, ...]]:
    """Each operation without its times, numbered within its process."""
    count: dict[str, int] = {}
    told = []
    for o in history:
        count[o.process] = count.get(o.process, 0) + 1
        told.append((o.process, count[o.process], o.kind, o.key, o.args, o.result, o.outcome))
    return told


def test_a_history_in_microseconds_is_drawn_close_together() -> None:
    history = History(
        [
            Operation("P1", "write", "x", (1,), start=1_000_000, end=9_000_000),
            Operation("P2", "read", "x", (), 1, start=9_000_000, end=9_000_001),
            Operation("P1", "write", "x", (2,), start=9_000_002, end=9_000_002),
        ],
        ticks_per_ms=1000,
    )
    assert str(history) == "P1: [W(x,1)] [W(x,2)]\nP2:  [R(x)1 ]"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@st.composite
def transactions(draw: st.DrawFn) -> Operation:
    """One transaction, of any micro-operations; it may have aborted or got no answer."""
    kinds = st.sampled_from(["read", "write", "append", "W"]) | st.text(min_size=1)
    asked, told = [], []
    for _ in range(draw(st.integers(0, 3))):
        kind, key, value = draw(kinds), draw(VALUES), draw(VALUES)
        asked.append((kind, key, None if kind == "read" else value))
        told.append((kind, key, value))
    outcome = draw(st.sampled_from(["ok", "failed", "unknown"]))
    result = tuple(told) if outcome == "ok" else None
    end = None if outcome == "unknown" else 20_000
    return Operation("P", "txn", None, tuple(asked), result, 10_000, end, outcome)


@settings(max_examples=300, deadline=None)
@given(transactions())
def test_any_transaction_comes_back(transaction: Operation) -> None:
    assert "txn" not in str(transaction) or "txn" in str(transaction.args)
    history = History([transaction])
    assert _told(parse(str(history))) == _told(history)


@settings(max_examples=300, deadline=None)
@given(VALUES, st.lists(VALUES).map(tuple), st.sampled_from(["ok", "failed", "unknown"]), VALUES)
def test_what_only_looks_like_a_transaction_comes_back_too(
    key: object, args: tuple[object, ...], outcome: str, result: object
) -> None:
    result, end = (result if outcome == "ok" else None), None if outcome == "unknown" else 99
    history = History([Operation("P", "txn", key, args, result, 1, end, outcome)])
    assert _told(parse(str(history))) == _told(history)


@settings(max_examples=300, deadline=None)
@given(st.text(min_size=1), VALUES, VALUES, VALUES)
def test_any_process_key_and_value_comes_back(
    process: str, key: object, value: object, result: object
) -> None:
    builder = History.builder()
    builder.write(process, key, value, start=10_000, end=20_000)
    builder.read(process, key, result, start=20_001, end=30_000)
    builder.add(process, "W", key, (value,), result, start=30_001, end=40_000)
    drawn = parse(str(builder.build()))
    assert _told(drawn) == _told(builder.build())


@settings(max_examples=500, deadline=None)
@given(st.text() | st.text(alphabet='P1:[]()WRC,x012no!"#\n \\').map(lambda text: "P1: [W(" + text))
def test_any_text_is_a_history_or_an_error_in_words(text: str) -> None:
    history = History()
    with suppress(HistoryError):
        history = parse(text)
    assert parse(str(history)) == history


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from([AWKWARD, OBJECTS, TRANSACTIONS]),
    st.integers(0, 200),
    st.integers(0, 9),
    st.text(max_size=3),
)
def test_a_damaged_drawing_is_a_history_or_an_error_in_words(
    text: str, place: int, length: int, new: str
) -> None:
    with suppress(HistoryError):
        parse(text[:place] + new + text[place + length :])
