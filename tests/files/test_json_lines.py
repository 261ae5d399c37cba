"""The file of a history: it comes back as it was, and a bad line is named."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.errors import HistoryError
from consensus_lab.files import read
from consensus_lab.files.json_lines import lines
from consensus_lab.files.source import Source
from consensus_lab.history import History, Mark, Operation, parse

from ..consistency.histories import histories

LINE = '{"process": "P1", "kind": "write", "key": "x", "args": [4], "start": 1, "end": 2}'
HEADER = '{"format": "consensus-lab-history", "version": 1, "ticks_per_ms": 1000}'


def from_bytes(raw: bytes) -> History:
    return read(Source("a.jsonl", raw), "jsonl")


@settings(max_examples=300, deadline=None)
@given(histories)
def test_a_history_comes_back_from_its_file(history: History) -> None:
    assert from_bytes(b"".join(lines(history))) == history


def test_everything_is_kept(tmp_path: Path) -> None:
    history = History(
        [
            Operation("甲", "write", ("a", 1), ((1, None, "ok"),), None, 5, 9, "ok", "S1"),
            Operation("乙", "write", "x", (None,), None, 6, 7, "failed"),
            Operation("丙", "read", "x", (), "ok", 8, 9),
            Operation("丙", "cas", "x", (1.5, ()), False, 10, 11),
            Operation("丙", "write", "x", (True,), None, 12, None, "unknown"),
        ],
        ticks_per_ms=1_000_000,
        marks=[Mark(7, "S3（领导者）停了")],
    )
    path = tmp_path / "history.jsonl"
    history.save(path)
    assert History.load(path) == history
    assert "领导者" in path.read_text(encoding="utf-8")


def test_operations_without_a_header_are_a_history_without_a_clock() -> None:
    history = from_bytes(LINE.encode())
    assert history == History([Operation("P1", "write", "x", (4,), start=1, end=2)])


@pytest.mark.parametrize(
    ("second", "column", "problem"),
    [
        (b"{", 2, "expected JSON"),
        (b'  {"process": }', 15, "expected JSON"),
        (b'{"process": "\xff"}', 14, "expected text in UTF-8"),
        (b"[1]", 1, "expected an object in braces"),
        (b"{}", 1, "the operation has no 'process'"),
        (LINE[:-1].encode() + b', "start": 3}', 83, "'start' stands there twice"),
        (LINE[:-1].encode() + b', "speed": 3}', 83, "unknown field 'speed'"),
        (LINE.replace("[4]", "[NaN]").encode(), 57, "NaN is not a value"),
        (LINE.replace("[4]", "[Infinity]").encode(), 57, "Infinity is not a value"),
        (LINE.replace("[4]", "4").encode(), 48, "args is 4: expected a list"),
        (LINE.replace("[4]", '[{"a": 1}]').encode(), 48, "is no value"),
        (LINE.replace("[4]", "[" + "9" * 5000 + "]").encode(), 57, "a number is too long"),
        (LINE.replace("[4]", "[" * 99999).encode(), 56, "nested too deep"),
        (LINE.replace('"P1"', "7").encode(), 1, "give it a name"),
        (LINE.replace(": 2}", ": 0}").encode(), 1, "later than its question"),
        (LINE.replace(": 2}", ": 2.5}").encode(), 1, "later than its question"),
        (HEADER.encode(), 2, "unknown field 'format'"),
    ],
)
def test_a_bad_line_is_named_with_file_line_and_column(
    second: bytes, column: int, problem: str
) -> None:
    with pytest.raises(HistoryError, match=rf"^a\.jsonl, line 2, column {column}: ") as caught:
        from_bytes(HEADER.encode() + b"\n" + second)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("header", "column", "problem"),
    [
        ('{"format": "consensus-lab-trace"}', 2, "this is a 'consensus-lab-trace'"),
        (HEADER.replace("1,", "2,"), 37, "get a newer consensus_lab"),
        (HEADER.replace("1,", '"1",'), 37, "the version is '1'"),
        (HEADER.replace("1000", '1000, "marks": [[1]]'), 73, "expected [time, text]"),
        (HEADER.replace("1000", '1000, "marks": 1'), 73, "expected a list"),
        (HEADER.replace("1000", "0"), 51, "expected a whole number above 0"),
    ],
)
def test_a_bad_header_is_named(header: str, column: int, problem: str) -> None:
    with pytest.raises(HistoryError, match=rf"^a\.jsonl, line 1, column {column}: ") as caught:
        from_bytes(header.encode())
    assert problem in str(caught.value)


def test_a_file_that_cannot_have_happened_is_named() -> None:
    with pytest.raises(HistoryError, match=r"^a\.jsonl: P1 .* one thing at a time"):
        from_bytes(f"{LINE}\n{LINE}".encode())


def test_an_empty_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match=r"a\.jsonl is empty"):
        from_bytes(b"\n")
    with pytest.raises(HistoryError, match="cannot be read: No such file"):
        History.load(tmp_path / "none.jsonl")


def test_what_has_no_form_in_json_is_not_saved(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    parse("P1: [W(x,1)]").save(path)
    before = path.read_bytes()
    for value in (frozenset({1}), float("inf"), "\ud800"):
        with pytest.raises(HistoryError, match="cannot be saved"):
            History([Operation("P1", "write", "x", (value,), start=1, end=2)]).save(path)
    assert path.read_bytes() == before


@settings(max_examples=500, deadline=None)
@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_history_or_an_error_in_words(raw: bytes) -> None:
    with suppress(HistoryError):
        from_bytes(raw)


JUNK = st.sampled_from(
    [b"null", b"true", b"-1", b"1e400", b'"', b"{}", b"[]", b"[[1]]", b",", b"}"]
)


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 170), st.integers(0, 12), JUNK | st.binary(max_size=4))
def test_a_damaged_file_is_a_history_or_an_error_in_words(
    place: int, length: int, new: bytes
) -> None:
    raw = f"{HEADER}\n{LINE}\n".encode()
    with suppress(HistoryError):
        from_bytes(raw[:place] + new + raw[place + length :])
