"""EDN, the data notation of Clojure, as far as histories are written in it.

https://github.com/edn-format/edn

    nil true false      None, True, False          :read  add  "text"  \\a    text
    7  -3N  2.5  1e3    numbers                    [1 2]  (1 2)              tuples
    {:a 1, :b 2}        a dict                     #{1 2}                    a frozenset

Keywords and symbols become text, for a history only compares them. A tag, as in #inst "…", is left
off its value; #_ leaves out the value behind it; what follows a ; is a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from typing import Any, NamedTuple

from ..errors import HistoryError
from .source import short

TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"'  # a text
    r"|\#\{|\#_|[()\[\]{}]"
    r"|;.*"
    r'|\\[^\s][^\s,()\[\]{}";]*'  # a letter
    r'|[^\s,()\[\]{}";\\]+'  # a number, keyword, symbol or tag
    r"|[^\s,]"
)
INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)N?")
DECIMAL = re.compile(r"[+-]?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?M?")
NAME = re.compile(r":[^:].*|[^\W\d].*|[+-](?:\D.*)?|[.*!_?$%&=<>/|'].*")
TAG = re.compile(r"#[{_]|#:?[^\W\d].*")
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))")
CONSTANTS = {"nil": None, "true": True, "false": False}
LETTERS = {"\\newline": "\n", "\\return": "\r", "\\space": " ", "\\tab": "\t"}
ESCAPES = {"t": "\t", "r": "\r", "n": "\n", "b": "\b", "f": "\f"}
SIMPLE = r'[^\s,()\[\]{}";#\\]+|\[[^(){}";#\\]*?\]'
CLOSES = {"[": "]", "(": ")", "{": "}", "#{": "}"}
ENDS = frozenset(CLOSES.values())
OVER = "the list has ended"
LONGEST, LONGEST_RUN = 300, 5_000
DEEPEST = 100
SHORT = 5
FORMS = 8


class Found(NamedTuple):
    """A value and where it begins: its line, and how many tokens of that line stand before it."""

    value: Any
    line: int
    token: int


class Frame(NamedTuple):
    """A collection or tag that is open: how it began, and what is in it so far."""

    opener: str
    items: list[Any]
    line: int
    token: int


class TokenError(HistoryError):
    """What is wrong, in which line, and how many of its tokens stand before the place."""

    def __init__(self, words: str, line: int, token: int) -> None:
        super().__init__(words)
        self.line, self.token = line, token


class Table(NamedTuple):
    """Maps with the same keys, each in a line of its own: their values, key by key."""

    lines: list[int]
    columns: dict[Any, list[Any]]

    def rows(self) -> Iterator[dict[Any, Any]]:
        """The maps."""
        keys = tuple(self.columns)
        for row in zip(*self.columns.values(), strict=True):
            yield dict(zip(keys, row, strict=True))


def values(lines: Iterable[tuple[int, str]], unwrap: bool = True) -> Iterator[Found]:
    """The values in numbered lines, one after the other.

    unwrap  a file may be one list or vector of everything: then the values in that
    """
    reader = Reader(unwrap)
    line, text = 0, ""
    for line, text in lines:
        yield from reader.read(line, text)
    reader.end(line, text)


def tables(lines: Iterable[tuple[int, str]]) -> Iterator[Found | Table]:
    """The same, but successive lines that are alike come together."""
    reader = Reader()
    form: Form | None = None
    run: list[tuple[int, str, tuple[str, ...]]] = []
    line, text = 0, ""
    for line, text in lines:
        words = form.words(text) if form else None
        if words is None or len(run) == LONGEST_RUN:
            yield from reader.read_run(form, run)
            run = []
            form, words = reader.form_of(text)
        if words is None:
            yield from reader.read(line, text)
        else:
            run.append((line, text, words))
    yield from reader.read_run(form, run)
    reader.end(line, text)


class Reader:
    """Reads values token by token. It may rest between two lines, or in the middle of a value."""

    def __init__(self, unwrap: bool = True) -> None:
        self.known = Spellings()
        self.forms: dict[tuple[Any, ...], Form] = {}
        self.unwrap = unwrap
        self.frames: list[Frame] = []
        self.whole = ""  # what closes the list that the file is

    def form_of(self, text: str) -> tuple[Form, tuple[str, ...]] | tuple[None, None]:
        """The form that this line has, and what stands in it; if it has one that is known."""
        if not self.frames and self.whole != OVER:
            for form in self.forms.values():
                words = form.words(text)
                if words is not None:
                    return form, words
        return None, None

    def read_run(
        self, form: Form | None, run: list[tuple[int, str, tuple[str, ...]]]
    ) -> Iterator[Found | Table]:
        """What stands in lines of this form."""
        if form is None:
            return
        lines, _, words = zip(*run, strict=True)
        try:
            columns = map(self.known.column, zip(*words, strict=True))
            yield Table(list(lines), dict(zip(form.keys, columns, strict=True)))
        except (ValueError, TokenError):
            for line, text, _ in run:
                yield from self.read(line, text)

    def read(self, line: int, text: str) -> Iterator[Found]:
        """The values that end in this line."""
        for token, word in enumerate(TOKEN.findall(text)):
            if word[0] == ";":
                continue
            if word in CLOSES or word[0] == "#":
                if self.unwrap and not self.frames and word in ("[", "("):
                    self.unwrap, self.whole = False, CLOSES[word]
                else:
                    self.frames.append(_opened(word, len(self.frames), line, token))
            elif word == self.whole and not self.frames:
                self.whole = OVER
            else:
                yield from self._closing(word, line, token)

    def _closing(self, word: str, line: int, token: int) -> Iterator[Found]:
        """The value that ends with this word, if it is not inside of another one."""
        frames = self.frames
        frame = frames.pop() if word in ENDS and frames else Frame("", [], line, token)
        try:
            value = _closed(frame, word) if word in ENDS else self.known[word]
        except ValueError as error:
            raise TokenError(str(error), line, token) from None
        begin = _behind_tags(frames, (frame.line, frame.token))
        if begin is None:
            return
        if frames:
            frames[-1].items.append(value)
            return
        if self.whole == OVER:
            raise TokenError("expected nothing behind the end of the list", *begin)
        self.unwrap = False
        yield Found(value, *begin)
        if isinstance(value, dict) and tuple(value) not in self.forms and len(self.forms) < FORMS:
            self.forms[tuple(value)] = Form(value)

    def end(self, line: int, text: str) -> None:
        """This was the last line."""
        if self.frames:
            opener, _, *begin = self.frames[-1]
            raise TokenError(f"expected {CLOSES.get(opener, 'a value')} for this", *begin)
        if self.whole not in ("", OVER):
            token = len(TOKEN.findall(text)) - 1
            raise TokenError(f"expected {self.whole} at the end", line, token)


class Spellings(dict[str, Any]):
    """What each spelling means. Short ones are remembered, for they come again and again.

    Asked for one that means nothing it raises ValueError: for an atom, or a vector of such.
    """

    def __missing__(self, text: str) -> Any:
        value: Any
        if "1" <= text[0] <= "9" and text.isdecimal() and len(text) < LONGEST:
            value = int(text)  # times, mostly: the quick way for what is never seen again
        elif text[0] != "[":
            value = _atom(text)
        elif "[" not in text[1:]:
            value = tuple(map(self.__getitem__, text[1:-1].replace(",", " ").split()))
        else:
            (found,) = values([(0, text)], unwrap=False)
            value = found.value
        if len(text) <= SHORT or text[0] == ":":
            self[text] = value
        return value

    def column(self, words: Sequence[str]) -> list[Any]:
        """What each of these means."""
        if 4 * len(set(words)) < len(words):
            return list(map(self.__getitem__, words))
        return [
            int(word)
            if "1" <= word[0] <= "9" and word.isdecimal() and len(word) < LONGEST
            else self[word]
            for word in words
        ]


class Form:
    """How a map stands in a line of its own: to read at a glance the lines that are like it.

    Histories are long, and their lines alike. A line that only looks like it is read in full.
    """

    def __init__(self, keys: Iterable[Any]) -> None:
        self.keys = tuple(keys)
        fields = ",? ".join(f":{re.escape(str(key))} ({SIMPLE})" for key in self.keys)
        self.line = re.compile(rf"\s*{{{fields}}}\s*")

    def words(self, text: str) -> tuple[str, ...] | None:
        """The values in a line of this form, as they are written; None if it is another line."""
        match = self.line.fullmatch(text)
        return match.groups() if match else None


def _opened(opener: str, depth: int, line: int, token: int) -> Frame:
    """A collection or tag begins."""
    if opener[0] == "#" and not TAG.fullmatch(opener):
        raise TokenError(f"expected a value, and {short(opener)} is none", line, token)
    if depth == DEEPEST:
        raise TokenError(f"values are nested deeper than {DEEPEST}", line, token)
    return Frame(opener, [], line, token)


def _behind_tags(frames: list[Frame], begin: tuple[int, int]) -> tuple[int, int] | None:
    """Where a value begins, with the tags in front of it; None if it is to be left out."""
    while frames and frames[-1].opener not in CLOSES:
        tag = frames.pop()
        if tag.opener == "#_":
            return None
        begin = tag.line, tag.token
    return begin


def _closed(frame: Frame, closer: str) -> Any:
    """The value of a collection, which ends here."""
    opener, items, line, token = frame
    if closer != CLOSES.get(opener):
        raise ValueError(f"expected {CLOSES.get(opener, 'a value')}, not {closer}")
    if opener in ("[", "("):
        return tuple(items)
    if opener == "#{":
        members = frozenset(map(_hashable, items))
        if len(members) < len(items):
            raise TokenError("a value stands in this set twice", line, token)
        return members
    if len(items) % 2:
        raise TokenError("expected a value for every key of this map", line, token)
    found = dict(zip(map(_hashable, items[::2]), items[1::2], strict=True))
    if 2 * len(found) < len(items):
        raise TokenError("a key stands in this map twice", line, token)
    return found


def _hashable(value: Any) -> Any:
    """A value that can be looked up: a map as the set of its pairs."""
    if isinstance(value, dict):
        return frozenset((key, _hashable(item)) for key, item in value.items())
    return tuple(map(_hashable, value)) if isinstance(value, tuple) else value


def _atom(word: str) -> Any:
    """The value of a single token."""
    if INTEGER.fullmatch(word):
        if len(word) > LONGEST:
            raise ValueError("this number is too long")
        return int(word.removesuffix("N"))
    if word in CONSTANTS:
        return CONSTANTS[word]
    if NAME.fullmatch(word):
        return word.removeprefix(":")
    if word[0] == '"' and len(word) > 1:
        return ESCAPE.sub(_letter, word[1:-1])
    if DECIMAL.fullmatch(word):
        number = float(word.removesuffix("M"))
        if isfinite(number):
            return number
        raise ValueError("this number is too large")
    if word[0] == "\\" and len(word) > 1:
        return LETTERS.get(word, word[1:])
    expected = 'a " at the end of this text, in the same line' if word == '"' else "a value"
    raise ValueError(f"expected {expected}, not {short(word)}")


def _letter(escape: re.Match[str]) -> str:
    """What an escape in a text stands for."""
    code, letter = escape.groups()
    return chr(int(code, 16)) if code else ESCAPES.get(letter, letter)


def column(text: str, token: int) -> int:
    """The column of a line at which a token begins."""
    starts = [match.start() for match in TOKEN.finditer(text)]
    return starts[token] + 1 if token < len(starts) else len(text.rstrip()) + 1
