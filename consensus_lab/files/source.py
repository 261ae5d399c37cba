"""What is read: a named text, line by line, and errors that say where in it they are."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterator
from gzip import decompress
from io import StringIO
from pathlib import Path

from ..errors import HistoryError

GZIP = b"\x1f\x8b"
"""So begins what gzip packed."""
LARGE = 8_000_000
"""From so many letters on, a bar shows how far the reading has come."""
A_BLOCK = 500_000
"""About so many letters are read at a time."""


class LineError(HistoryError):
    """What is wrong with a line, from which column on (counted from 1)."""

    def __init__(self, words: str, column: int = 1) -> None:
        super().__init__(words)
        self.column = column


class Source:
    """The content of a file; of one that gzip packed, what is in it.

    name  of the file, without its folder: for errors
    text  its content, decoded
    """

    def __init__(self, name: str, raw: bytes) -> None:
        self.name = name
        if raw.startswith(GZIP):
            try:
                raw = decompress(raw)
            except (OSError, EOFError, zlib.error) as problem:
                raise HistoryError(f"{name} cannot be unpacked: {problem}") from None
        raw = raw.removeprefix(b"\xef\xbb\xbf")
        try:
            self.text = raw.decode()
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            column = error.start - raw.rfind(b"\n", 0, error.start)
            raise self.error(line, LineError("expected text in UTF-8", column)) from None

    @classmethod
    def at(cls, path: Path) -> Source:
        """The file at `path`; "-" is standard input. Raises HistoryError if it cannot be read."""
        if str(path) == "-":
            return cls("standard input", sys.stdin.buffer.read())
        try:
            return cls(path.name, path.read_bytes())
        except OSError as error:
            raise HistoryError(f"{path} cannot be read: {error.strerror}") from None

    def blocks(self) -> Iterator[tuple[int, str]]:
        """Some thousand whole lines at a time: the number of the first, and the text of all."""
        blocks = self._blocks()
        if len(self.text) < LARGE:
            yield from blocks
            return
        from tqdm.auto import tqdm  # type: ignore[import-untyped]

        # disable=None: no bar where standard error is a file; a notebook always has its own.
        with tqdm(
            total=len(self.text), desc=self.name, unit="B", unit_scale=True, disable=None
        ) as bar:
            for number, text in blocks:
                yield number, text
                bar.update(len(text))

    def _blocks(self) -> Iterator[tuple[int, str]]:
        begin, number = 0, 1
        while begin < len(self.text):
            end = self.text.find("\n", begin + A_BLOCK) + 1 or len(self.text)
            yield number, self.text[begin:end]
            number += self.text.count("\n", begin, end)
            begin = end

    def lines(self) -> Iterator[tuple[int, str]]:
        """The number and the text of each line, blank ones too."""
        for first, text in self.blocks():
            yield from enumerate(StringIO(text), first)

    def line(self, number: int) -> str:
        """One line: to say what is wrong with it."""
        return self.text.split("\n")[number - 1]

    def error(self, line: int, problem: HistoryError) -> HistoryError:
        """The same problem, with its file, line and column."""
        column = getattr(problem, "column", 1)
        return HistoryError(f"{self.name}, line {line}, column {column}: {problem}")


def short(value: object) -> str:
    """A value as it is shown in an error."""
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
