"""What is read: where it comes from, and how far the reading has come."""

from __future__ import annotations

import gzip
from io import StringIO
from pathlib import Path

import pytest

from consensus_lab.errors import HistoryError
from consensus_lab.files import load, source
from consensus_lab.files.source import Source
from consensus_lab.history import History, parse


class Screen(StringIO):
    """Standard error, as a terminal or as a file."""

    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.jsonl"
    parse("A: [W(x,1)]  [R(x)1]").save(path)
    return path


def shown(path: Path, monkeypatch: pytest.MonkeyPatch, is_terminal: bool) -> str:
    screen = Screen(is_terminal)
    monkeypatch.setattr("sys.stderr", screen)
    assert len(load(path)) == 2
    return screen.getvalue()


def test_a_large_file_shows_a_bar_on_a_terminal(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "LARGE", 1)
    bar = shown(path, monkeypatch, is_terminal=True)
    assert "a.jsonl" in bar
    assert "100%" in bar


def test_a_small_file_shows_none(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(path, monkeypatch, is_terminal=True) == ""


def test_there_is_no_bar_in_a_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "LARGE", 1)
    assert shown(path, monkeypatch, is_terminal=False) == ""


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    assert Source("a", b"\xef\xbb\xbfx").text == "x"


def test_bytes_that_are_no_text_are_named_with_their_place() -> None:
    with pytest.raises(HistoryError, match=r"^a, line 2, column 3: expected text in UTF-8"):
        Source("a", b"one\ntw\xff\n")


def test_load_of_a_history_takes_any_format(tmp_path: Path) -> None:
    path = tmp_path / "drawing.txt"
    path.write_text("A: [W(x,1)]", "utf-8")
    assert History.load(path) == History.load(str(path), "drawing") == parse("A: [W(x,1)]")
    with pytest.raises(HistoryError, match="There is no format 'csv': give one of jsonl, edn"):
        load(path, "csv")
    path.write_text("A: {", "utf-8")
    with pytest.raises(HistoryError, match=r"^drawing\.txt, line 1, column 4: "):
        load(path, "drawing")


def test_what_gzip_packed_is_unpacked(path: Path) -> None:
    packed = path.with_name("a.jsonl.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert load(packed) == load(path)


@pytest.mark.parametrize("spoiled", [slice(None, 30), slice(0, 2)])
def test_what_cannot_be_unpacked_is_told(path: Path, spoiled: slice) -> None:
    path.write_bytes(gzip.compress(path.read_bytes())[spoiled])
    with pytest.raises(HistoryError, match=r"a\.jsonl cannot be unpacked"):
        load(path)
