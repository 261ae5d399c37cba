"""Histories in files: our own JSON Lines, drawings, and Jepsen's EDN and log lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ..errors import HistoryError
from ..garbage import no_garbage_collection
from ..history import History
from . import jepsen, json_lines
from .source import Source


def read_drawing(source: Source) -> History:
    """The history in a drawing (see `parse`)."""
    try:
        return History.parse(source.text)
    except HistoryError as error:
        raise HistoryError(re.sub("^Line", f"{source.name}, line", str(error))) from None


FORMATS: dict[str, Callable[[Source], History]] = {
    "jsonl": json_lines.read,
    "edn": jepsen.read_edn,
    "jepsen-log": jepsen.read_log,
    "drawing": read_drawing,
}

SIGNS = (
    ("jsonl", re.compile(r'\{\s*["}]')),
    ("drawing", re.compile(r"#\s|[^\[\n]*:\s*\[[^\W\d]")),
    ("edn", re.compile(r"[\[({;#]")),
    ("jepsen-log", re.compile("")),
)
"""What a file in each format begins with, in the order in which to look."""


def load(path: str | Path, format: str | None = None) -> History:
    """Read the history in the file at `path`; "-" is standard input.

    format  "jsonl", "edn", "jepsen-log" or "drawing"; None: guess it from how the file begins

    Large files show how far the reading has come. Raises HistoryError with file, line and column,
    and what was expected there.
    """
    if format is not None and format not in FORMATS:
        raise HistoryError(f"There is no format {format!r}: give one of {', '.join(FORMATS)}")
    return read(Source.at(Path(path)), format)


@no_garbage_collection()
def read(source: Source, format: str | None = None) -> History:
    """The history in `source`."""
    if not source.text.strip():
        raise HistoryError(f"{source.name} is empty: expected one operation a line")
    try:
        return FORMATS[format or guess(source.text)](source)
    except HistoryError as error:
        if str(error).startswith(source.name):
            raise
        raise HistoryError(f"{source.name}: {error}") from None


def guess(text: str) -> str:
    """The format of a text that begins like this one."""
    start = text[:10_000].lstrip()
    return next(name for name, sign in SIGNS if sign.match(start))
