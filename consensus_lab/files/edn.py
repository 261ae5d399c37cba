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
from collections.abc import Iterable, Iterator
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
LONGEST = 300
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


def values(lines: Iterable[tuple[int, str]], unwrap: bool = True) -> Iterator[Found]:
    """The values in numbered lines, one after the other.

    unwrap  a file may be one list or vector of everything: then the values in that
    """
    known = Spellings()
    forms: dict[tuple[Any, ...], Form] = {}
    frames: list[Frame] = []
    whole = ""  # what closes the list that the file is
    line = token = 0
    for line, text in lines:
        if forms and not frames and whole != OVER:
            found = next(filter(None, (form.read(text) for form in forms.values())), None)
            if found is not None:
                yield Found(found, line, 0)
                continue
        for token, word in enumerate(TOKEN.findall(text)):
            if word[0] == ";":
                continue
            if word in CLOSES or word[0] == "#":
                if unwrap and not frames and word in ("[", "("):
                    unwrap, whole = False, CLOSES[word]
                else:
                    frames.append(_opened(word, len(frames), line, token))
                continue
            if word == whole and not frames:
                whole = OVER
                continue
            frame = frames.pop() if word in ENDS and frames else Frame("", [], line, token)
            try:
                value = _closed(frame, word) if word in ENDS else known[word]
            except ValueError as error:
                raise TokenError(str(error), line, token) from None
            begin = _behind_tags(frames, (frame.line, frame.token))
            if begin is None:
                continue
            if frames:
                frames[-1].items.append(value)
                continue
            if whole == OVER:
                raise TokenError("expected nothing behind the end of the list", *begin)
            unwrap = False
            yield Found(value, *begin)
            if isinstance(value, dict) and tuple(value) not in forms and len(forms) < FORMS:
                forms[tuple(value)] = Form(value, known)
    if frames:
        opener, _, line, token = frames[-1]
        raise TokenError(f"expected {CLOSES.get(opener, 'a value')} for this", line, token)
    if whole not in ("", OVER):
        raise TokenError(f"expected {whole} at the end", line, token)


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


class Form:
    """How a map stands in a line of its own: to read at a glance the lines that are like it.

    Histories are long, and their lines alike. A line that only looks like it is read in full.
    """

    def __init__(self, keys: Iterable[Any], known: Spellings) -> None:
        self.keys = tuple(keys)
        self.known = known
        fields = ",? ".join(f":{re.escape(str(key))} ({SIMPLE})" for key in self.keys)
        self.line = re.compile(rf"\s*{{{fields}}}\s*")

    def read(self, text: str) -> dict[Any, Any] | None:
        """The map in a line of this form; None if it is another line."""
        match = self.line.fullmatch(text)
        if match is None:
            return None
        try:
            values = map(self.known.__getitem__, match.groups())
            return dict(zip(self.keys, values, strict=True))
        except (ValueError, TokenError):
            return None


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
