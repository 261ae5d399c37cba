"""The drawing of a history: a line for each process, columns are time.

    P1:                 [W(x,4)]                [R(y)2]
    P2:  [W(y,2)]                   [R(x)0]

An operation lasts from the column of its [ to the column of its ], both included; spaces before the
] make it longer. The first column of a line is column 1.

    [W(x,4)]     write 4 to x                     [R(y)2]       read y, get 2
    [C(x,1,2)]   change x from 1 to 2             [C(x,1,2)no]  find that x is not 1, leave it
    [W(x,4)      no answer came                   [W(x,4)!]     it failed: it surely had no effect
    [push(s,1)]  any other kind of operation      [pop(s)1]     … and what it returned

Values are whole numbers, decimals, None, True, False, words (a value that is text), any text
between double quotes as in JSON, and tuples of values: (1,2). What follows a # is a comment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable

from .errors import HistoryError
from .history import History, Operation

SHORT = {"W": "write", "R": "read", "C": "cas"}
LETTER = {kind: letter for letter, kind in SHORT.items()}
WORD = re.compile(r"[^\W\d][\w.'-]*")
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
NAME = re.compile(r"[^\s\[\]:#\"](?:[^\[\]:#\"]*[^\s\[\]:#\"])?")
CONSTANTS = {"None": None, "True": True, "False": False}
DEEPEST = 20
WIDEST = 10_000
"""A history without a clock is drawn true to its ticks up to this many columns."""


# ---- reading ----


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
        kind = self.kind()
        key, *args = self.values()
        self.skip_spaces()
        here = self.at
        told = "!" if self.take("!") else "" if self.at_end() or self.line[here] == "]" else "value"
        result = self.value() if told == "value" else None
        self.skip_spaces()
        if self.take("]"):
            if kind == "read" and not told:
                raise self.fail("a read says what it returned, such as R(x)4", here)
            if kind == "cas" and told != "!":
                result = {"": True, "no": False}.get(self.line[here : self.at - 1].strip(), result)
            outcome = "failed" if told == "!" else "ok"
            return Operation(process, kind, key, tuple(args), result, start + 1, self.at, outcome)
        if not self.at_end():
            raise self.fail("expected ] here, or nothing more if no answer came")
        if told:
            raise self.fail("an operation whose bracket is never closed has no answer", here)
        return Operation(process, kind, key, tuple(args), None, start + 1, None, "unknown")

    def kind(self) -> str:
        """What is done, with the parenthesis behind it: W, R, C, or a longer word."""
        start = self.at
        word = self.match(WORD)
        kind = SHORT.get(word, word) if word else self.text()
        if not kind or not self.take("("):
            raise self.fail("expected an operation, such as W(x,4), R(x)4 or C(x,1,2)", start)
        return kind

    def values(self, depth: int = 0) -> list[Hashable]:
        """The values up to the closing parenthesis; at least one."""
        values = [self.value(depth)]
        while not self.take(")"):
            if not self.take(","):
                raise self.fail("expected , or )")
            self.skip_spaces()
            if depth and self.take(")"):  # (1,) is a tuple of one value, as in Python
                break
            values.append(self.value(depth))
        return values

    def value(self, depth: int = 0) -> Hashable:
        """One value, and the spaces behind it."""
        self.skip_spaces()
        start = self.at
        value: Hashable
        if self.take("("):
            if depth == DEEPEST:
                raise self.fail("parentheses are nested too deep here", start)
            self.skip_spaces()
            value = () if self.take(")") else tuple(self.values(depth + 1))
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
    """An operation as it stands between its brackets: W(x,4), R(x)4, C(x,1,2)no."""
    kind, result = operation.kind, operation.result
    word = LETTER.get(kind) or (
        kind if WORD.fullmatch(kind) and kind not in SHORT else _quote(kind)
    )
    arguments = ",".join(map(spell_value, (operation.key, *operation.args)))
    if operation.outcome != "ok":
        told = "!" if operation.outcome == "failed" else ""
    elif kind == "cas" and isinstance(result, bool):
        told = "" if result else "no"
    else:
        told = "" if result is None and kind != "read" else spell_value(result)
    return f"{word}({arguments}){told}"


def spell_value(value: object) -> str:
    """A value as it stands in a drawing."""
    if isinstance(value, tuple):
        inside = ",".join(map(spell_value, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    word = str(value)
    return word if WORD.fullmatch(word) and word not in CONSTANTS else _quote(word)


def _label(process: str) -> str:
    plain = NAME.fullmatch(process) and process.isprintable()
    return (process if plain else _quote(process)) + ":"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
