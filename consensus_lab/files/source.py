"""What is read: a named text, line by line, and errors that say where in it they are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from ..errors import HistoryError

LARGE = 8_000_000
"""From so many letters on, a bar shows how far the reading has come."""
LINES_A_STEP = 5_000


class LineError(HistoryError):
    """What is wrong with a line, from which column on (counted from 1)."""

    def __init__(self, words: str, column: int = 1) -> None:
        super().__init__(words)
        self.column = column


class Source:
    """The content of a file.

    name  of the file, without its folder: for errors
    text  its content, decoded
    """

    def __init__(self, name: str, raw: bytes) -> None:
        self.name = name
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

    def lines(self) -> Iterator[tuple[int, str]]:
        """The number and the text of each line, blank ones too."""
        if len(self.text) < LARGE:
            yield from enumerate(StringIO(self.text), start=1)
            return
        from tqdm.auto import tqdm  # type: ignore[import-untyped]

        # disable=None: no bar where standard error is a file; a notebook always has its own.
        with tqdm(
            total=len(self.text), desc=self.name, unit="B", unit_scale=True, disable=None
        ) as bar:
            read = 0
            for number, line in enumerate(StringIO(self.text), start=1):
                yield number, line
                read += len(line)
                if number % LINES_A_STEP == 0:
                    bar.update(read)
                    read = 0
            bar.update(read)

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
