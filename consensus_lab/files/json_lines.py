"""Our own file form of a history: JSON Lines, so that it can be read, cut and joined line by line.

The first line is a header, and each line after it is one operation::

    {"format": "consensus-lab-history", "version": 1, "ticks_per_ms": 1000, "marks": [[5300, "…"]]}
    {"process": "P1", "kind": "write", "key": "x", "args": [4], "start": 100, "end": 220}
    {"process": "P2", "kind": "read", "key": "x", "result": 4, "start": 150, "end": 230}
    {"process": "P2", "kind": "write", "key": "x", "args": [5], "start": 300}

The fields are those of Operation. What is None, and an outcome that follows from whether there is
an end, may be left out; a list among the values becomes a tuple. A file of operations alone,
without a header, has no unit of time and no marks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any

from ..errors import HistoryError
from ..history import History, Mark, Operation, check_operation
from .columns import FIELDS, operations_of, types
from .source import LineError, Source, short

FORMAT, VERSION = "consensus-lab-history", 1
KNOWN = frozenset(FIELDS)
NEEDED = ("process", "kind", "key", "start")
ATOMS = frozenset({str, int, float, bool, type(None)})
NO_ARGS: list[Any] = []


# ---- writing ----


def save(history: History, path: Path) -> None:
    """Write `history` to `path`. Raises HistoryError, and writes nothing, if it has no form in
    JSON."""
    path.write_bytes(b"".join(lines(history)))


def lines(history: History) -> Iterator[bytes]:
    """The lines of the file."""
    header = {"ticks_per_ms": history.ticks_per_ms, "marks": history.marks}
    yield _line({"format": FORMAT, "version": VERSION, **header}, "A mark of this history")
    for operation in history:
        yield _line(row(operation), f"{operation.process}'s {operation}")


def row(operation: Operation) -> dict[str, Any]:
    """The object of its line."""
    told = {name: getattr(operation, name) for name in FIELDS}
    if operation.outcome != "failed":  # "ok" with an end, "unknown" without
        del told["outcome"]
    return {name: value for name, value in told.items() if value is not None}


def _line(row: dict[str, Any], what: str) -> bytes:
    try:
        return json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n"
    except (TypeError, ValueError):
        raise HistoryError(
            f"{what} cannot be saved: a file holds numbers, text, True, False, None, and tuples"
        ) from None


# ---- reading ----


def read(source: Source) -> History:
    """The history in `source`. Raises HistoryError with file, line and column."""
    header: dict[str, Any] | None = None
    operations: list[Operation] = []
    for first, text in source.blocks():
        found = None if header is None else plain_operations(text)
        if found is not None:
            operations += found
            continue
        for number, line in enumerate(StringIO(text), first):
            if line.isspace():
                continue
            try:
                row = _parse(line)
                if header is None:
                    header = _header(row, line) if "format" in row else {}
                    if header:
                        continue
                operations.append(_operation(row, line))
            except HistoryError as error:
                raise source.error(number, error) from None
    return History.of_checked(operations, **header or {})


# ---- many lines at a glance ----


def plain_operations(text: str) -> list[Operation] | None:
    """The operations in some whole lines, if all are as one expects; else None.

    Then they are to be read one by one, which takes three times as long and says what is wrong.
    """
    text = text.removesuffix("\n")
    lines = text.count("\n") + 1
    joined = text.replace("}\n{", "},\n{")
    if len(joined) - len(text) < lines - 1:
        return None  # a line that is blank, or is not the whole of an object
    try:
        rows = QUICK.decode(f"[{joined}]")
        if len(rows) != lines or joined.count(":") != sum(map(len, rows)):
            return None  # maybe a name stands in an object twice
        return _plain(rows)
    except (RefusedError, ValueError, RecursionError, TypeError, KeyError, HistoryError):
        return None


def _plain(rows: list[dict[str, Any]]) -> list[Operation] | None:
    """The operations of these rows, column by column."""
    if not KNOWN.issuperset(chain.from_iterable(rows)):
        return None
    columns: Iterator[list[Any]] = ([row[name] for row in rows] for name in NEEDED)
    processes, kinds, keys, starts = columns
    args = [row.get("args", NO_ARGS) for row in rows]
    if types(args) != {list}:
        return None
    results, ends = [row.get("result") for row in rows], [row.get("end") for row in rows]
    outcomes = [row.get("outcome", "ok" if "end" in row else "unknown") for row in rows]
    servers = [row.get("server") for row in rows]
    keys, args, results = map(_values, (keys, args, results))
    return operations_of(processes, kinds, keys, args, results, starts, ends, outcomes, servers)


def _values(column: list[Any]) -> list[Any]:
    """The values of a column, as `_value` has them."""
    if types(column) == {list} and types(chain.from_iterable(column)) <= ATOMS:
        return list(map(tuple, column))
    if types(column) <= ATOMS:
        return column
    return [_value(value, "", "") for value in column]


# ---- one line after the other ----


class RefusedError(Exception):
    """Why a line is refused, and the last text of it that is to blame."""


def _refuse(constant: str) -> None:
    raise RefusedError(
        f"{constant} is not a value: it does not equal itself, or is no number", constant
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RefusedError(f"{short(twice)} stands there twice", _quoted(twice))
    return found


QUICK = json.JSONDecoder(parse_constant=_refuse)
STRICT = json.JSONDecoder(parse_constant=_refuse, object_pairs_hook=_object)


def _parse(line: str) -> dict[str, Any]:
    """The JSON object of one line."""
    text = line.strip()
    try:
        row = QUICK.decode(text)
        if type(row) is dict and line.count(":") != len(row):
            row = STRICT.decode(text)  # more colons than names: maybe a name stands there twice
    except RefusedError as error:
        words, culprit = error.args
        raise LineError(words, line.rfind(culprit) + 1) from None
    except json.JSONDecodeError as error:
        column = error.pos + line.index(text[:1]) + 1
        raise LineError(f"expected JSON ({error.msg})", column) from None
    except RecursionError:
        raise LineError("lists are nested too deep", line.find("[") + 1) from None
    except ValueError:
        number = re.search("[0-9]{1000}", line)
        raise LineError("a number is too long", number.start() + 1 if number else 1) from None
    if not isinstance(row, dict):
        raise LineError(f"expected an object in braces, {{…}}, not {short(row)}")
    return row


def _header(row: dict[str, Any], line: str) -> dict[str, Any]:
    """What a header says, as arguments of History."""
    if row["format"] != FORMAT:
        raise _at("format", line, f"this is a {short(row['format'])}, and expected was {FORMAT!r}")
    version = row.get("version")
    if type(version) is not int or version < 1:
        raise _at("version", line, f"the version is {short(version)}: expected {VERSION}")
    if version > VERSION:
        raise _at(
            "version",
            line,
            f"this file has version {version} of the format and this course reads up to {VERSION}: "
            "get a newer consensus_lab",
        )
    ticks = row.get("ticks_per_ms")
    if ticks is not None and not (type(ticks) is int and ticks > 0):
        raise _at("ticks_per_ms", line, f"expected a whole number above 0, not {short(ticks)}")
    marks = row.get("marks", [])
    if not isinstance(marks, list):
        raise _at("marks", line, f"the marks are {short(marks)}: expected a list of [time, text]")
    for mark in marks:
        match mark:
            case [int(), str()]:
                pass
            case _:
                raise _at("marks", line, f"a mark is {short(mark)}: expected [time, text]")
    return {"ticks_per_ms": ticks, "marks": [Mark(*mark) for mark in marks]}


def _operation(row: dict[str, Any], line: str) -> Operation:
    """The operation of a line."""
    if not row.keys() <= KNOWN:
        name = next(name for name in row if name not in KNOWN)
        raise _at(name, line, f"unknown field {short(name)}: expected {', '.join(FIELDS)}")
    get = row.get
    try:
        process, kind, key, start = [row[name] for name in NEEDED]
    except KeyError as error:
        raise LineError(f"the operation has no {error}: expected {', '.join(NEEDED)}, …") from None
    args = get("args", [])
    if type(args) is not list:
        raise _at("args", line, f"args is {short(args)}: expected a list")
    server = get("server")
    if server is not None and type(server) is not str:
        raise _at("server", line, f"server is {short(server)}: expected a name")
    end, result = get("end"), get("result")
    outcome = get("outcome", "unknown" if end is None else "ok")
    key, args, result = (
        _value(key, "key", line),
        _value(args, "args", line),
        _value(result, "result", line),
    )
    operation = Operation(process, kind, key, args, result, start, end, outcome, server)
    check_operation(operation)
    return operation


def _value(value: Any, name: str, line: str) -> Any:
    """A value of the field `name`: JSON's lists as tuples, which can be looked up."""
    if type(value) in ATOMS:
        return value
    if type(value) is list:
        if ATOMS.issuperset(map(type, value)):
            return tuple(value)
        return tuple(_value(item, name, line) for item in value)
    words = f"{short(value)} is no value: expected numbers, text, true, false, null, lists"
    raise _at(name, line, words)


def _at(name: str, line: str, words: str) -> LineError:
    """An error that points to the field `name` of the line."""
    return LineError(words, line.find(_quoted(name)) + 1)


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
