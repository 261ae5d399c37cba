"""The file form of a history: JSON Lines, so that it can be read, cut and joined line by line.

The first line is a header, and each line after it is one operation:

    {"format": "consensus-lab-history", "version": 1, "ticks_per_ms": 1000, "marks": [[5300, "S3
    crashes"]]} {"process": "P1", "kind": "write", "key": "x", "args": [4], "start": 100, "end":
    220} {"process": "P2", "kind": "read", "key": "x", "result": 4, "start": 150, "end": 230,
    "server": "S2"} {"process": "P2", "kind": "write", "key": "x", "args": [5], "start": 300,
    "outcome": "unknown"}

The fields are those of Operation. What is None, and an outcome that follows from whether there is
an end, may be left out; a list among the values becomes a tuple. A file of operations alone,
without a header, has no unit of time and no marks.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from .errors import HistoryError
from .history import History, Mark, Operation, check_operation

FORMAT, VERSION = "consensus-lab-history", 1
FIELDS = tuple(field.name for field in fields(Operation))
NEEDED = ("process", "kind", "key", "start")


# ---- writing ----


def save(history: History, path: Path) -> None:
    """Write `history` to `path`. Raises HistoryError, and writes nothing, if it has no form in
    JSON."""
    path.write_bytes(b"".join(lines(history)))


def lines(history: History) -> Iterator[bytes]:
    """The lines of the file."""
    yield _line(
        {
            "format": FORMAT,
            "version": VERSION,
            "ticks_per_ms": history.ticks_per_ms,
            "marks": history.marks,
        },
        "A mark of this history",
    )
    for operation in history:
        row = {name: getattr(operation, name) for name in FIELDS}
        told = {name: value for name, value in row.items() if value is not None}
        if operation.outcome != "failed":  # "ok" with an end, "unknown" without
            del told["outcome"]
        yield _line(told, f"{operation.process}'s {operation}")


def _line(row: dict[str, Any], what: str) -> bytes:
    try:
        return json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except (TypeError, ValueError):
        raise HistoryError(
            f"{what} cannot be saved: a file holds numbers, text, True, False, None, and tuples"
        ) from None


# ---- reading ----


def load(path: Path) -> History:
    """Read the history in `path`. Raises HistoryError with file and line."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise HistoryError(f"{path} cannot be read: {error.strerror}") from None
    return from_bytes(raw, path.name)


def from_bytes(raw: bytes, name: str) -> History:
    """Read the history in `raw`, the content of a file called `name`."""
    header: dict[str, Any] = {}
    operations: list[Operation] = []
    rows = 0
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            row = _parse(line)
            rows += 1
            if rows == 1 and "format" in row:
                header = _header(row)
            else:
                operations.append(_operation(row))
        except HistoryError as error:
            raise HistoryError(f"{name}, line {number}: {error}") from None
    if not rows:
        raise HistoryError(
            f"{name} is empty: a history has a header line, then a line per operation"
        )
    try:
        return History(operations, **header)
    except HistoryError as error:
        raise HistoryError(f"{name}: {error}") from None


def _parse(line: bytes) -> dict[str, Any]:
    """The JSON object of one line."""
    try:
        row = json.loads(line.decode(), object_pairs_hook=_object, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise HistoryError(f"byte {error.start + 1} is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise HistoryError(f"column {error.colno}: expected JSON ({error.msg})") from None
    except RecursionError:
        raise HistoryError("lists are nested too deep") from None
    except ValueError:
        raise HistoryError("a number is too long") from None
    if not isinstance(row, dict):
        raise HistoryError(f"expected an object in braces, {{…}}, not {_short(row)}")
    return row


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise HistoryError(f"{_short(twice)} stands there twice")
    return found


def _refuse(constant: str) -> None:
    raise HistoryError(f"{constant} is not a value: it does not equal itself, or is no number")


def _header(row: dict[str, Any]) -> dict[str, Any]:
    """What a header says, as arguments of History."""
    if row["format"] != FORMAT:
        raise HistoryError(f"this is a {_short(row['format'])}, and expected was {FORMAT!r}")
    version = row.get("version")
    if type(version) is not int or version < 1:
        raise HistoryError(f"the version is {_short(version)}: expected {VERSION}")
    if version > VERSION:
        raise HistoryError(
            f"this file has version {version} of the format and this course reads up to {VERSION}: "
            "get a newer consensus_lab"
        )
    marks = row.get("marks", [])
    if not isinstance(marks, list):
        raise HistoryError(f"the marks are {_short(marks)}: expected a list of [time, text]")
    for mark in marks:
        match mark:
            case [int(), str()]:
                pass
            case _:
                raise HistoryError(f"a mark is {_short(mark)}: expected [time, text]")
    return {"ticks_per_ms": row.get("ticks_per_ms"), "marks": [Mark(*mark) for mark in marks]}


def _operation(row: dict[str, Any]) -> Operation:
    """The operation of a line."""
    for name in NEEDED:
        if name not in row:
            raise HistoryError(f"the operation has no {name!r}: expected {', '.join(NEEDED)}, …")
    for name in row:
        if name not in FIELDS:
            raise HistoryError(f"unknown field {_short(name)}: expected {', '.join(FIELDS)}")
    if not isinstance(row.get("args", []), list):
        raise HistoryError(f"args is {_short(row['args'])}: expected a list")
    if not isinstance(row.get("server", ""), str | None):
        raise HistoryError(f"server is {_short(row['server'])}: expected a name")
    answered = row.get("end") is not None
    given = {"args": [], "outcome": "ok" if answered else "unknown", **row}
    operation = Operation(**{name: _value(value) for name, value in given.items()})
    check_operation(operation)
    return operation


def _value(value: Any) -> Any:
    """JSON's lists as tuples, which can be looked up."""
    if isinstance(value, list):
        return tuple(map(_value, value))
    if isinstance(value, dict):
        raise HistoryError(
            f"{_short(value)} is no value: use numbers, text, true, false, null, lists"
        )
    return value


def _short(value: object) -> str:
    """A value as it is shown in an error."""
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
