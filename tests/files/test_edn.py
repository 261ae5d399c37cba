"""EDN: every value as the Python value it stands for, and every mistake at its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.files.edn import Table, TokenError, column, tables, values


def read(text: str, unwrap: bool = False) -> list[Any]:
    lines = list(enumerate(text.split("\n"), start=1))
    return [found.value for found in values(lines, unwrap)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nil", None),
        ("true", True),
        ("-7", -7),
        ("+3N", 3),
        ("2.5", 2.5),
        ("1e3", 1000.0),
        ("1.5M", 1.5),
        (":read", "read"),
        (":a.b/c-d?", "a.b/c-d?"),
        ("swap!", "swap!"),
        ("-", "-"),
        ('"x 0 0 y"', "x 0 0 y"),
        (r'"a\"b\\\n\u00e9"', 'a"b\\\né'),
        (r"\a", "a"),
        (r"\newline", "\n"),
        ("[1 [2 3] ()]", (1, (2, 3), ())),
        ("{:a 1, :b {:c nil}}", {"a": 1, "b": {"c": None}}),
        ("#{1 2}", frozenset({1, 2})),
        ("#{{:a 1} 2}", frozenset({frozenset({("a", 1)}), 2})),
        ('#inst "2020-01-01"', "2020-01-01"),
        ("#jepsen.history.Op{:type :ok}", {"type": "ok"}),
        ("[1 #_ 2 #_ [3 4] 5]", (1, 5)),
        ("[1 #_ #_ 2 3 4]", (1, 4)),
        ("[1 ; two\n 3]", (1, 3)),
        ("领导者", "领导者"),
    ],
)
def test_a_value_is_what_it_stands_for(text: str, value: Any) -> None:
    assert read(text) == [value]


def test_values_follow_one_another() -> None:
    assert read("1 [2]\n{:a 3}\n; done") == [1, (2,), {"a": 3}]


@pytest.mark.parametrize(
    "text", ["[{:a 1} {:a 2}]", "({:a 1}\n{:a 2}) ; end", "[{:a 1}\n,{:a 2}\n]"]
)
def test_a_file_that_is_one_list_is_its_values(text: str) -> None:
    assert read(text, unwrap=True) == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("text", "line", "place", "expected"),
    [
        ("[1 2", 1, 1, "expected ]"),
        ("{:a 1\n :b 2", 1, 1, "expected }"),
        ("[1 }", 1, 4, "expected ], not }"),
        ("1\n ]", 2, 2, "expected a value, not ]"),
        ("{:a 1 :b}", 1, 1, "expected a value for every key"),
        ("{:a 1 :a 2}", 1, 1, "twice"),
        ("[#{1 1}]", 1, 2, "twice"),
        ('{:a "b}', 1, 5, 'expected a "'),
        ("[007]", 1, 2, "expected a value"),
        ("1.5.2", 1, 1, "expected a value"),
        ("##NaN 1", 1, 1, "expected a value"),
        (":", 1, 1, "expected a value"),
        ("1e999", 1, 1, "too large"),
        ("9" * 400, 1, 1, "too long"),
        ("[" * 101, 1, 101, "nested deeper"),
        ("#_", 1, 1, "expected a value"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, line: int, place: int, expected: str) -> None:
    with pytest.raises(TokenError) as caught:
        read(text)
    assert expected in str(caught.value)
    told = caught.value
    assert (told.line, column(text.split("\n")[told.line - 1], told.token)) == (line, place)


def test_nothing_may_stand_behind_the_list_that_a_file_is() -> None:
    with pytest.raises(TokenError, match="expected nothing behind"):
        read("[1 2] 3", unwrap=True)


PIECES = st.sampled_from(
    ["[", "]", "{", "}", "(", ")", "#{", "#_", "#tag ", '"', "\\", ";", "\n", " ", ":a", "1", "nil"]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES | st.text(max_size=3), max_size=12).map("".join), st.booleans())
def test_any_text_is_values_or_a_mistake_in_words(text: str, unwrap: bool) -> None:
    with suppress(TokenError):
        read(text, unwrap)


LINE = '{:type :ok, :f :txn, :value [[:r 1 nil] [:append 9 "a"]], :process 3, :time 17, :index 0}'
PLAIN = "{:type :ok, :f :cas, :value [1 2], :process 3, :time 17, :index 0}"


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from([LINE, PLAIN]),
    st.integers(0, 90),
    st.integers(0, 12),
    st.lists(PIECES | st.sampled_from(["007", "[1]", ", ", ":type 1"]), max_size=3).map("".join),
)
def test_a_line_like_those_before_is_read_as_if_it_stood_alone(
    line: str, place: int, length: int, new: str
) -> None:
    """Lines that are alike are read at a glance, and that must not change what they say."""
    damaged = line[:place] + new + line[place + length :]
    try:
        alone = read(damaged)
    except TokenError:
        with pytest.raises(TokenError):
            read(f"{LINE}\n{PLAIN}\n{damaged}")
    else:
        assert read(f"{LINE}\n{PLAIN}\n{damaged}")[2:] == alone


LINES = [
    "{:a 1, :b nil}",
    "{:a 12345678, :b [1 2]}",
    "{:a 007, :b nil}",
    "{:a :x, :b 5}  ",
    '{:a 1, :b "text"}',
    "{:b 1, :a 2}",
    "{:b 1, :a 2}",
    "[1",
    "{:a 1, :b nil}]",
    "; a comment",
    "{:a 1}}",
    "",
]


@settings(max_examples=500)
@given(st.lists(st.sampled_from(LINES), max_size=9))
def test_lines_that_are_alike_are_read_together_as_they_are_alone(lines: list[str]) -> None:
    numbered = list(enumerate(lines, start=1))

    def together() -> Iterator[object]:
        for found in tables(numbered):
            yield from found.rows() if isinstance(found, Table) else [found.value]

    def alone() -> Iterator[object]:
        return (found.value for found in values(numbered))

    assert outcome_of(together) == outcome_of(alone)


def outcome_of(read: Callable[[], Iterator[object]]) -> object:
    """What comes of reading it: the values, or the words of the error and its place."""
    try:
        return list(read())
    except TokenError as error:
        return str(error), error.line, error.token
