"""The drawing of a history: a line for each process, columns are time.

    P1:                 [W(x,4)]                [R(y)2]
    P2:  [W(y,2)]                   [R(x)0]

An operation lasts from the column of its [ to the column of its ], both included; spaces before the
] make it longer. The first column of a line is column 1.

    [W(x,4)]         write 4 to x                 [R(y)2]         read y, get 2
    [C(x,1,2)]       change x from 1 to 2         [C(x,1,2)no]    find that x is not 1, leave it
    [A(x,3)]         append 3 to the list x       [R(x)(1,3)]     read a list
    [enqueue(q,1)]   any other kind of operation  [dequeue(q)1]   … and what it returned
    [W(x,1) R(y)0]   a transaction                [T W(x,1)]      a transaction of one operation
    [W(x,4)          no answer came               [W(x,4)!]       it surely had no effect

Values are whole numbers, decimals, None, True, False, words (a value that is text), any text
between double quotes as in JSON, tuples of values, (1,2), and sets of them, {1,2}. What follows a #
is a comment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from typing import Any, NamedTuple

from .errors import HistoryError
from .history import History, Operation, natural

SHORT = {"W": "write", "R": "read", "C": "cas", "A": "append"}
LETTER = {kind: letter for letter, kind in SHORT.items()}
WORD = re.compile(r"[^\W\d][\w.'-]*")
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
NAME = re.compile(r"[^\s\[\]:#\"](?:[^\[\]:#\"]*[^\s\[\]:#\"])?")
ANOTHER = re.compile(rf"(?:{WORD.pattern}|{TEXT.pattern})\(")
TRANSACTION = re.compile(r"T(?=[] !#]|$)")
CONSTANTS = {"None": None, "True": True, "False": False}
TELLING = ("read", "dequeue", "pop")
"""The kinds whose answer is drawn even if it is None."""
DEEPEST = 20
WIDEST = 10_000
"""A history without a clock is drawn true to its ticks up to this many columns."""


# ---- reading ----


class Call(NamedTuple):
    """What was asked of one key, what was answered (`told`, if anything was), and where it says."""

    kind: str
    key: Hashable
    args: tuple[Hashable, ...]
    told: tuple[Hashable, ...]
    at: int


class Reader:
    """One line of a drawing, and the place in it that is read next."""

    def __init__(self, line: str, number: int) -> None:
        self.line = line
        self.number = number
        self.at = 0

    def fail(self, problem: str, at: int | None = None) -> HistoryError:
        """An error that points to its place."""
        at = self.at if at is None else at
        start = max(0, at - 60)
        shown = self.line[start : at + 20]
        return HistoryError(
            f"Line {self.number}, column {at + 1}: {problem}\n  {shown}\n  {' ' * (at - start)}^"
        )

    def match(self, pattern: re.Pattern[str]) -> str | None:
        """The text here, if it has the form of `pattern`; then go on behind it."""
        found = pattern.match(self.line, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found.group()

    def take(self, text: str) -> bool:
        """Whether exactly this comes next; then go on behind it."""
        if not self.line.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def skip_spaces(self) -> None:
        while self.at < len(self.line) and self.line[self.at] == " ":
            self.at += 1

    def at_end(self) -> bool:
        """Whether nothing more comes but a comment."""
        self.skip_spaces()
        return self.at == len(self.line) or self.line[self.at] == "#"

    def process(self) -> str:
        """The name in front of the colon."""
        self.skip_spaces()
        start = self.at
        name = self.text() if self.line.startswith('"', self.at) else self.match(NAME)
        if not name or not self.take(":"):
            raise self.fail("expected the name of a process and a colon, such as P1:", start)
        return name

    def operation(self, process: str) -> Operation:
        """One operation, from its [ to its ], or to the end of the line if it is never closed."""
        start = self.at
        if not self.take("["):
            raise self.fail("expected [ and an operation, such as [W(x,4)] or [R(x)4]")
        self.skip_spaces()
        marked = self.match(TRANSACTION) is not None
        calls = self.calls(marked)
        here = self.at
        failed = self.take("!")
        self.skip_spaces()
        closed = self.take("]")
        if not closed and not self.at_end():
            raise self.fail("expected ] here, or nothing more if no answer came")
        if failed and not closed:
            raise self.fail("an operation whose bracket is never closed has no answer", here)
        outcome = "failed" if failed else "ok" if closed else "unknown"
        for call in calls:
            if outcome == "ok" and call.kind == "read" and not call.told:
                raise self.fail("a read says what it returned, such as R(x)4", call.at)
            if outcome != "ok" and call.told:
                raise self.fail("what failed, or was never closed by a ], has no answer", call.at)
        whole = self.transaction(calls) if marked or len(calls) > 1 else _alone(calls[0])
        kind, key, args, result = whole
        result = result if outcome == "ok" else None
        end = self.at if closed else None
        return Operation(process, kind, key, args, result, start + 1, end, outcome)

    def calls(self, marked: bool) -> list[Call]:
        """What stands between two brackets; at least one call, unless T marks a transaction."""
        calls = [] if marked else [self.call()]
        self.skip_spaces()
        while ANOTHER.match(self.line, self.at):
            calls.append(self.call())
            self.skip_spaces()
        return calls

    def call(self) -> Call:
        """What is asked, and behind it what was answered: R(y)2."""
        kind = self.kind()
        key, *args = self.values()
        self.skip_spaces()
        at = self.at
        silent = self.at_end() or self.line[at] in "!]" or ANOTHER.match(self.line, at)
        return Call(kind, key, tuple(args), () if silent else (self.value(),), at)

    def transaction(self, calls: list[Call]) -> tuple[str, Hashable, tuple[Any, ...], Any]:
        """Kind, key, args and result of a transaction."""
        for call in calls:
            if call.told and call.kind != "read":
                raise self.fail("in a transaction only a read returns something", call.at)
        rest = {"read": (None,)}
        asked = tuple((c.kind, c.key, *c.args, *rest.get(c.kind, ())) for c in calls)
        told = tuple((c.kind, c.key, *c.args, *c.told) for c in calls)
        return "txn", None, asked, told

    def kind(self) -> str:
        """What is done, with the parenthesis behind it: W, R, C, or a longer word."""
        start = self.at
        word = self.match(WORD)
        kind = SHORT.get(word, word) if word else self.text()
        if not kind or not self.take("("):
            raise self.fail("expected an operation, such as W(x,4), R(x)4 or C(x,1,2)", start)
        return kind

    def values(self, depth: int = 0, close: str = ")") -> list[Hashable]:
        """The values up to the closing parenthesis; at least one."""
        values = [self.value(depth)]
        while not self.take(close):
            if not self.take(","):
                raise self.fail(f"expected , or {close}")
            self.skip_spaces()
            if depth and self.take(close):  # (1,) is a tuple of one value, as in Python
                break
            values.append(self.value(depth))
        return values

    def value(self, depth: int = 0) -> Hashable:
        """One value, and the spaces behind it."""
        self.skip_spaces()
        start = self.at
        value: Hashable
        if (opened := self.line[start : start + 1]) and opened in "({":
            if depth == DEEPEST:
                raise self.fail("parentheses are nested too deep here", start)
            self.at += 1
            self.skip_spaces()
            close, collect = (")", tuple) if opened == "(" else ("}", frozenset)
            value = collect(() if self.take(close) else self.values(depth + 1, close))
        elif (digits := self.match(NUMBER)) is not None:
            value = self.number_of(digits, start)
        elif (word := self.match(WORD)) is not None:
            value = CONSTANTS.get(word, word)
        elif (text := self.text()) is not None:
            value = text
        else:
            raise self.fail('expected a value: a number, a word, "a text", None, True or False')
        if depth or self.line[self.at : self.at + 1] == " ":
            self.skip_spaces()
        return value

    def number_of(self, digits: str, start: int) -> int | float:
        try:
            value = float(digits) if re.search("[.eE]", digits) else int(digits)
        except ValueError:  # Python refuses whole numbers of more than 4,300 digits
            raise self.fail("this number is too long", start) from None
        if value in (float("inf"), float("-inf")):
            raise self.fail("this number is too large", start)
        return value

    def text(self) -> str | None:
        """A text between double quotes, if one is here."""
        start = self.at
        quoted = self.match(TEXT)
        if quoted is None:
            return None
        try:
            return str(json.loads(quoted))
        except ValueError as error:
            raise self.fail(f"this is not a text as in JSON ({error})", start) from None


def _alone(call: Call) -> tuple[str, Hashable, tuple[Any, ...], Any]:
    """Kind, key, args and result of an operation that is no transaction."""
    result = call.told[0] if call.told else None
    if call.kind == "cas" and call.told in ((), ("no",)):
        result = not call.told
    return call.kind, call.key, call.args, result


def read(text: str) -> History:
    """The history of a drawing. Raises HistoryError with line and column."""
    operations: list[Operation] = []
    processes: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        reader = Reader(line.rstrip(), number)
        if "\t" in line:
            raise reader.fail(
                "columns are time, and a tab has no width: use spaces", line.index("\t")
            )
        if reader.at_end():
            continue
        process = reader.process()
        processes.append(process)
        while not reader.at_end():
            operations.append(reader.operation(process))
    return History(operations, processes=processes)


# ---- drawing ----


def draw(history: History) -> str:
    """The drawing of a history, without its marks.

    A history whose ticks are columns is drawn as it is. Of any other one, such as one in µs, only
    the order of the starts and ends is kept: each gets a column of its own, starts before ends at
    the same tick, and the columns are as close as the words between the brackets allow.
    """
    labels = {process: _label(process) for process in history.processes}
    words = [f"[{spell(operation)}" for operation in history]
    columns = _ticks_as_columns(history, labels, words) or _closest_columns(history, labels, words)
    lines = dict(labels)
    for operation, word, (start, end) in zip(history, words, columns, strict=True):
        line = lines[operation.process].ljust(start - 1) + word
        lines[operation.process] = line if end is None else line.ljust(end - 1) + "]"
    return "\n".join(lines.values())


Columns = list[tuple[int, int | None]]


def _ticks_as_columns(history: History, labels: dict[str, str], words: list[str]) -> Columns | None:
    """Start and end of each operation as they are, or None if that cannot be drawn."""
    if history.ticks_per_ms is not None:
        return None
    for operation, word in zip(history, words, strict=True):
        last = operation.start if operation.end is None else operation.end
        too_short = operation.end is not None and last - operation.start < len(word)
        if too_short or operation.start <= len(labels[operation.process]) or last > WIDEST:
            return None
    return [(operation.start, operation.end) for operation in history]


def _closest_columns(history: History, labels: dict[str, str], words: list[str]) -> Columns:
    """Columns with starts and ends in the same order."""
    moments: dict[tuple[int, bool], list[int]] = {}
    for index, operation in enumerate(history):
        moments.setdefault((operation.start, False), []).append(index)
        if operation.end is not None:
            moments.setdefault((operation.end, True), []).append(index)
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    column = max(map(len, labels.values()), default=0) + 2
    for moment in sorted(moments):
        is_end = moment[1]
        for index in moments[moment]:
            if is_end:
                column = max(column, starts[index] + len(words[index]))
        for index in moments[moment]:
            (ends if is_end else starts)[index] = column
        column += 1
    return [(starts[index], ends.get(index)) for index in range(len(history))]


def spell(operation: Operation) -> str:
    """An operation as it stands between its brackets: W(x,4), R(x)4, C(x,1,2)no, W(x,1) R(y)0."""
    kind, result = operation.kind, operation.result
    failed = "!" if operation.outcome == "failed" else ""
    if _is_transaction(operation):
        parts = [_spell_part(part, bool(result)) for part in result or operation.args]
        return " ".join(parts if len(parts) > 1 else ["T", *parts]) + failed
    asked = _spell_call(kind, operation.key, *operation.args)
    if operation.outcome != "ok" or (result is None and kind not in TELLING):
        return asked + failed
    if kind == "cas" and isinstance(result, bool):
        return asked + ("" if result else "no")
    return asked + spell_value(result)


def _is_transaction(operation: Operation) -> bool:
    """Whether it has the form that `Reader.transaction` gives one: else it is drawn by its name."""
    if operation.kind != "txn" or operation.key is not None:
        return False
    asked = operation.args
    told = operation.result if operation.outcome == "ok" else asked
    return isinstance(told, tuple) and len(told) == len(asked) and all(map(_is_part, asked, told))


def _is_part(asked: object, told: object) -> bool:
    match asked, told:
        case ("read", _, *_, None), ("read", _, *_, _):
            return asked[:-1] == told[:-1]
        case (str(kind), _, *_), _:
            return kind not in ("", "read") and asked == told
    return False


def _spell_part(part: tuple[Any, ...], answered: bool) -> str:
    """An operation within a transaction."""
    if part[0] != "read":
        return _spell_call(*part)
    return _spell_call(*part[:-1]) + (spell_value(part[-1]) if answered else "")


def _spell_call(kind: str, key: object, *args: object) -> str:
    plain = WORD.fullmatch(kind) and kind not in SHORT
    word = LETTER.get(kind) or (kind if plain else _quote(kind))
    return f"{word}({','.join(map(spell_value, (key, *args)))})"


def spell_value(value: object) -> str:
    """A value as it stands in a drawing."""
    if isinstance(value, tuple):
        inside = ",".join(map(spell_value, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, frozenset):
        return "{" + ",".join(map(spell_value, sorted(value, key=_place_in_set))) + "}"
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    word = str(value)
    return word if WORD.fullmatch(word) and word not in CONSTANTS else _quote(word)


def _place_in_set(value: object) -> tuple[Any, ...]:
    """A key that sorts the values of a set: numbers first."""
    if isinstance(value, int | float):
        return (0, value)
    return 1, natural(spell_value(value))


def _label(process: str) -> str:
    plain = NAME.fullmatch(process) and process.isprintable()
    return (process if plain else _quote(process)) + ":"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
