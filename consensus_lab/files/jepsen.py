"""Jepsen's histories: events that say who asked what, and later who was told what.

As EDN, one map a line or all in one vector::

    {:type :invoke, :f :cas, :value [1 2], :process 3, :time 3291485317, :index 0}
    {:type :ok,     :f :cas, :value [1 2], :process 3, :time 3296209422, :index 1}

and as lines of a log, in which all other lines are left out::

    INFO  jepsen.util - 3	:invoke	:cas	[1 2]
    INFO [2021-02-08 11:17:57,842] jepsen worker 3 - jepsen.util 3	:ok	:cas	[1 2]

:ok is an answer, :fail is surely no effect, :info is an unknown outcome, and so is no answer at
all. The events stand in the order in which they happened; :time, in ns, says how far apart they
were. Log lines have their order only. Processes 0, 1, … are P0, P1, … here, and one that goes on
after an unknown outcome does so as P0', P0''. What the nemesis does becomes a mark.

A value belongs to its :key, or, if every request is a pair [key value] as Jepsen's independent
makes them, to that key; else all are about the one key x. The value of a transaction, :txn, is a
vector of [:r key nil], [:w key value] and [:append key element]. A register that holds nil holds
None; a list or a text (what is appended to) that is nil is () or "".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import Any, NamedTuple

from ..errors import HistoryError
from ..history import PLAIN, History, Mark, Operation, check_operation
from .columns import operations_of, types
from .edn import Table, TokenError, column, tables, values
from .source import LineError, Source, short

KINDS = {"get": "read", "put": "write", "r": "read", "w": "write"}
"""Jepsen's words for what is called otherwise here."""
MICRO = {"r": "read", "read": "read", "w": "write", "write": "write", "append": "append"}
ASK_NOTHING = frozenset({"read", "dequeue", "pop"})
"""Kinds whose value is what they were told; of all others it is what they asked."""
OUTCOMES = {"ok": "ok", "fail": "failed", "info": "unknown"}
TYPES = frozenset({"invoke", *OUTCOMES})
THE_KEY = "x"
NS_PER_MS = 1_000_000


class Event(NamedTuple):
    """What a line says, and where it stands: its line, and its place in that."""

    line: int
    place: int
    process: Any
    type: str
    f: Any
    value: Any
    key: Any = None
    time: Any = None

    def problem(self, words: str) -> TokenError:
        return TokenError(words, self.line, self.place)


Fields = tuple[str, str, Any, tuple[Any, ...], Any, int, int | None, str]
"""Those of an Operation, but for the server."""


@dataclass(slots=True)
class Call:
    """What was asked, and what came of it; times in ticks."""

    process: str
    asked: Event
    start: int
    told: Any = None
    end: int | None = None
    outcome: str = "unknown"


class Recording:
    """Puts events together to the operations of a history."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.marks: list[Mark] = []
        self.timed = False
        self._now = -1
        self._waiting: dict[Any, Call] = {}
        self._names: dict[Any, str] = {}

    def add(self, event: Event) -> None:
        """The next event. Raises TokenError if it does not go with those before."""
        now = self._tick(event.time)
        process = event.process
        name = self._names.get(process) or self._named(process)
        call = self._waiting.pop(process, None)
        if event.type == "invoke":
            if call is not None:
                raise event.problem(
                    f"{name} asks, and its {call.asked.f} is still open: expected :ok, :fail or "
                    ":info before"
                )
            call = self._waiting[process] = Call(name, event, now)
            self.calls.append(call)
        elif call is not None:
            if event.f != call.asked.f:
                raise event.problem(f"expected :{call.asked.f}, as {name} asked, not :{event.f}")
            call.outcome = OUTCOMES[event.type]
            if event.type == "info":
                self._names[process] = name + "'"
            else:
                call.told, call.end = event.value, now
        elif event.type == "info":
            words = f"{name} {_in_words(event.f)} {_in_words(event.value)}"
            self.marks.append(Mark(now, words.strip()[:100]))
        else:
            raise event.problem(f"{name} is answered, and has asked nothing: expected :invoke")

    def _tick(self, time: Any) -> int:
        """When the next event was: never at the time of the one before, for that would make a
        question overlap with an answer that came before it."""
        given = type(time) is int and time >= 0
        if self._now < 0:
            self.timed = given
        self._now = max(self._now + 1, time if given and self.timed else 0)
        return self._now

    def _named(self, process: Any) -> str:
        name = f"P{process}" if type(process) is int else str(process)
        return self._names.setdefault(process, name)

    def history(self) -> History:
        """The history of all events. Raises TokenError for a value that is none of its kind."""
        keyed = bool(self.calls) and all(_is_pair(call.asked) for call in self.calls)
        operations = _with_empty(_operations(self.calls, keyed))
        return History.of_checked(operations, NS_PER_MS if self.timed else None, self.marks)


# ---- one operation ----


def _is_pair(asked: Event) -> bool:
    """Whether this request has the form [key value] of Jepsen's independent.

    A cas by itself is [1 2], and as a pair [key [1 2]]; a read is nil, and [key nil].
    """
    if asked.f == "txn" or asked.key is not None:
        return False
    match asked.value:
        case (_, (_, _)):
            return True
        case (_, _):
            return str(asked.f) != "cas"
    return False


def _operations(calls: Sequence[Call], keyed: bool) -> list[Operation]:
    """The operations that came of these calls."""
    rows = [_fields(call, keyed) for call in calls]
    if not rows:
        return []
    processes, kinds, keys, args, results, starts, ends, outcomes = zip(*rows, strict=True)
    if types(chain(keys, results, chain.from_iterable(args))) <= PLAIN:
        nobody = [None] * len(rows)
        columns = processes, kinds, keys, args, results, starts, ends, outcomes, nobody
        found = operations_of(*columns)
        if found is not None:
            return found
    return [_checked(call, row) for call, row in zip(calls, rows, strict=True)]


def _checked(call: Call, fields: Fields) -> Operation:
    """The operation of these fields, if there can be such a one."""
    try:
        operation = Operation(*fields)
        check_operation(operation)
    except HistoryError as error:
        raise call.asked.problem(str(error)) from None
    return operation


def _fields(call: Call, keyed: bool) -> Fields:
    """The fields of the operation that came of a call, but for the server."""
    asked, answered = call.asked, call.outcome == "ok"
    kind = KINDS.get(asked.f, asked.f)
    key, result = None, None
    if kind == "txn":
        args = _transaction(asked, asked.value)
        result = _transaction(asked, call.told) if answered else None
    else:
        key, args, result = _request(call, kind, keyed)
    result = result if answered else None
    return call.process, kind, key, args, result, call.start, call.end, call.outcome


def _request(call: Call, kind: str, keyed: bool) -> tuple[Any, tuple[Any, ...], Any]:
    """The key, the arguments and the result of an operation that is no transaction."""
    key, value, told = call.asked.key, call.asked.value, call.told
    if keyed:
        key, value = value
        told = told[1] if isinstance(told, tuple) and len(told) == 2 else told
    elif key is None:
        key = THE_KEY
    if kind in ASK_NOTHING:
        return key, (), told
    if kind == "cas":
        if not (isinstance(value, tuple) and len(value) == 2):
            expected = "expected [old new] as the value of a cas"
            raise call.asked.problem(f"{expected}, not {short(value)}")
        return key, value, True
    return key, () if value is None and kind != "write" else (value,), None


def _transaction(asked: Event, value: Any) -> tuple[tuple[str, Any, Any], ...]:
    """The micro-operations of a transaction."""
    if not isinstance(value, tuple):
        raise asked.problem(f"expected a vector of [f key value], not {short(value)}")
    found: list[tuple[str, Any, Any]] = []
    for step in value:
        match step:
            case (str(f), key, result) if f in MICRO:
                found.append((MICRO[f], key, result))
            case _:
                expected = "expected [:r key nil], [:w key value] or [:append key element]"
                raise asked.problem(f"{expected}, not {short(step)}")
    return tuple(found)


def _with_empty(operations: Sequence[Operation]) -> Sequence[Operation]:
    """The same, but nobody reads None where others append: it is empty, as a list or a text is."""
    appended = {
        key
        for o in operations
        for kind, key, _ in (o.args if o.kind == "txn" else [(o.kind, o.key, None)])
        if kind == "append"
    }
    if not appended:
        return operations
    is_text = any(isinstance(o.result, str) for o in operations if o.kind == "read")
    empty: Any = "" if is_text else ()
    changed = []
    for o in operations:
        result = o.result
        if o.kind == "txn" and result is not None:
            result = tuple(
                (kind, key, () if value is None and key in appended else value)
                for kind, key, value in result
            )
        elif o.kind == "read" and o.outcome == "ok" and result is None and o.key in appended:
            result = empty
        changed.append(o if result is o.result else replace(o, result=result))
    return changed


def _in_words(value: Any) -> str:
    """A value as a mark shows it."""
    if isinstance(value, tuple):
        return " ".join(map(_in_words, value))
    if isinstance(value, frozenset):
        return " ".join(sorted(map(_in_words, value)))
    if isinstance(value, dict):
        return ", ".join(f"{_in_words(key)}: {_in_words(item)}" for key, item in value.items())
    return "" if value is None else str(value)


# ---- EDN ----


def read_edn(source: Source) -> History:
    """The history in events written as EDN."""
    recording = Recording()
    try:
        for found in tables(source.lines()):
            if isinstance(found, Table):
                for event in _events(found):
                    recording.add(event)
            else:
                recording.add(_event(*found))
        return recording.history()
    except TokenError as error:
        place = column(source.line(error.line), error.token)
        raise source.error(error.line, LineError(str(error), place)) from None


def _events(table: Table) -> Iterator[Event]:
    """The events that maps of one form describe."""
    lines, columns = table
    none = [None] * len(lines)
    who, what, value, key, time = (
        columns.get(name, none) for name in ("process", "type", "value", "key", "time")
    )
    f = columns.get("f", ["txn"] * len(lines))
    if types(who) <= {int, str} and types(f) == types(what) == {str} and set(what) <= TYPES:
        yield from map(Event, lines, repeat(0), who, what, f, value, key, time)
    else:
        for line, row in zip(lines, table.rows(), strict=True):
            yield _event(row, line, 0)


def _event(value: Any, line: int, token: int) -> Event:
    """The event that a map describes."""
    if not isinstance(value, dict):
        raise TokenError(
            "expected an event such as {:process 0, :type :invoke, :f :read, :value nil}, "
            f"not {short(value)}",
            line,
            token,
        )
    get = value.get
    event = Event(
        line,
        token,
        get("process"),
        get("type", ""),
        get("f", "txn"),
        get("value"),
        get("key"),
        get("time"),
    )
    if event.type not in TYPES:
        raise event.problem(f"expected :type :invoke, :ok, :fail or :info, not {short(event.type)}")
    if not isinstance(event.process, int | str):
        raise event.problem(f"expected a :process such as 0, not {short(event.process)}")
    if not isinstance(event.f, str):
        raise event.problem(f"expected an :f such as :read, not {short(event.f)}")
    return event


# ---- log lines ----

LOGGER = re.compile(r".*\bjepsen\.util\b[\s:-]*?\s(?=-?\d+\s|:\w)")
"""What a logger puts in front of an event; nothing does in Jepsen's history.txt."""
WHO = re.compile(r"\s*(?:(-?\d+)|:?([^\s:]+))(?=\s)")
WHAT = re.compile(r"\s+:(invoke|ok|fail|info)(?=\s)")
DONE = re.compile(r"\s+:(\S+)")


def read_log(source: Source) -> History:
    """The history in the events of a log."""
    recording = Recording()
    known: dict[str, Any] = {}
    try:
        for number, line in source.lines():
            event = _logged(line, number, known)
            if event is not None:
                recording.add(event)
        if recording.calls:
            return recording.history()
        expected = "expected lines such as INFO  jepsen.util - 3 :invoke :cas [1 2]"
        raise TokenError(f"{expected}, and found none", 1, 1)
    except TokenError as error:
        raise source.error(error.line, LineError(str(error), error.token)) from None


def _logged(line: str, number: int, known: dict[str, Any]) -> Event | None:
    """The event in a line of a log; None if there is none."""
    logger = LOGGER.match(line)
    at = logger.end() if logger else 0
    who = WHO.match(line, at)
    what = who and WHAT.match(line, who.end())
    done = what and DONE.match(line, what.end())
    if who is None or what is None or done is None:
        if logger is None:
            return None
        last = what or who or logger
        expected = "a function such as :read" if what else ":invoke, :ok, :fail or :info"
        raise TokenError(f"expected {expected}", number, _next(line, last.end()) + 1)
    process = who[2] if who[1] is None else int(who[1])
    at = _next(line, done.end())
    value: Any = line[at:].rstrip()
    if value == "nil":
        value = None
    elif what[1] in ("invoke", "ok"):  # after :info and :fail may stand anything
        if value not in known:
            known[value] = _first(value, number, at)
        value = known[value]
    return Event(number, who.start(who.lastindex or 0) + 1, process, what[1], done[1], value)


def _next(line: str, at: int) -> int:
    """Where the next word begins."""
    return len(line) - len(line[at:].lstrip())


def _first(text: str, number: int, at: int) -> Any:
    """The first value in `text`, the rest of a line from `at` on; behind it may stand an error."""
    try:
        for found in values([(number, text)], unwrap=False):
            return found.value
    except TokenError as error:
        raise TokenError(str(error), number, at + column(text, error.token)) from None
    raise TokenError("expected a value", number, at + 1)
