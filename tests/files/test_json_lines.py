"""The file of a history: it comes back as it was, and a bad line is named."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.errors import HistoryError
from consensus_lab.files import read
from consensus_lab.files import source as sources
from consensus_lab.files.json_lines import lines, plain_operations
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


# ---- large files are read many lines at a time ----


def outcome(raw: bytes, letters_a_block: int) -> History | str:
    """What comes of reading it: a history, or the words of an error."""
    with patch.object(sources, "A_BLOCK", letters_a_block):
        try:
            return from_bytes(raw)
        except HistoryError as error:
            return str(error)


@settings(max_examples=300, deadline=None)
@given(histories, st.integers(1, 200))
def test_in_blocks_of_any_size_the_same_is_read(history: History, size: int) -> None:
    assert outcome(b"".join(lines(history)), size) == history


MANY = "".join(
    f'{{"process": "P{n}", "kind": "write", "key": "k", "args": [{n}, [1, "a"]], "start": {n}, '
    f'"end": {n}, "outcome": "{"ok" if n % 3 else "failed"}"}}\n'
    if n % 4
    else f'{{"process": "P{n}", "kind": "write", "key": "k", "args": [{n}], "start": {n}}}\n'
    for n in range(1, 12)
)


@settings(max_examples=1000, deadline=None)
@given(
    st.integers(0, len(MANY)),
    st.integers(0, 12),
    JUNK | st.sampled_from([b"\n", b"}\n{", b"},{", b"\r", b":"]) | st.binary(max_size=3),
    st.integers(1, 400),
)
def test_in_blocks_of_any_size_a_damaged_file_gives_the_same_words(
    place: int, length: int, new: bytes, size: int
) -> None:
    raw = MANY.encode()
    raw = raw[:place] + new + raw[place + length :]
    assert outcome(raw, size) == outcome(raw, len(raw) + 1)


def test_lines_that_are_alike_are_read_at_a_glance() -> None:
    found = plain_operations(MANY)
    assert found is not None
    assert History(found) == from_bytes(MANY.encode())


@pytest.mark.parametrize(
    "text",
    [
        LINE + "\n\n" + LINE,
        LINE + "," + LINE,
        LINE.replace("[4]", "[4").replace("}", "]}") + "\n" + LINE.replace("}", ""),
        LINE.replace("[4]", "[4\n]"),
        LINE.replace("[4]", "[{}\n{}]") + "," + LINE,
        LINE.replace("P1", "P}\n{") + "," + LINE,
        LINE.replace("2}", '2, "start": 1}'),
        LINE.replace("2}", "0}"),
        LINE.replace("1, ", "true, "),
        LINE.replace("2}", "4611686018427387904}"),
        LINE.replace("2}", '2, "speed": 1}'),
        LINE.replace("2}", '2, "server": 1}'),
        LINE.replace("2}", '2, "result": 1, "outcome": "failed"}'),
        LINE.replace("2}", '2, "outcome": "lost"}'),
        LINE.replace("[4]", "null"),
        LINE.replace("[4]", "[NaN]"),
        LINE.replace("[4]", "[" * 9999),
        LINE.replace("write", ""),
    ],
)
def test_what_is_not_is_left_to_who_reads_line_by_line(text: str) -> None:
    assert plain_operations(text) is None
