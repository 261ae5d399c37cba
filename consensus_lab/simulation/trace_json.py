"""The JSON form of a trace, version 3: all that a view gets. Times are whole µs of virtual time. ::

    format, version   "consensus-lab-trace", 3
    scenario          the scenario's own JSON
    protocol          the class's name
    servers, clients  lists of names
    durable           the fields that survive a crash
    shown             what the class says of how it is to be drawn (protocols/shown.py), if it does
    duration          the end of the run
    messages          rows [from, to, sent, kind, body, due, fate]; a row's place is its id
                      (when the network doubles a message, its copy is the row after it)
        body          the message's fields. "field+": [keep, added] keeps the start of that list in
                      the message of this kind before it on the same way, and appends
        fate          "delivered", "lost" (by the network), "cut" (the link was cut), "down" (the
                      receiver was), "dropped" (by a fault), "flying" (the run ended first)
    events            rows [time, kind, who, detail, changes, sent, notes], empty ends left off
        kind          "start", "order" (detail: what), "deliver" (detail: message id), "timer" (its
                      name), "synced" (a save is on disk; detail: the index of the event that
                      asked for it), "crash", "restart", "pause", "resume", "fault" ({text}, and
                      "cut": all links [from, to] that are cut now; or "dropped", "delayed" (and
                      "due": when it was to arrive) or "doubled" (and "copy"): message ids),
                      "request" and "answer" (who: a client; detail: operation index), "violation"
                      ({property, text}), "remark" ({words, answer}), "error" (a handler failed
                      here; the last event)
        changes       field: new value. "field+": [keep, added] keeps the start of the old list and
                      appends. "status" is "up", "paused" or "down"; "timers" gives for each set
                      timer [set at, fires at]; "disk.field" is what a crash would leave of a
                      durable field
        sent          ids of the messages that the event sent
        notes         what the node said about it
    operations        rows [process, kind, key, args, result, start, end, outcome, server]
    violations        {time, event (its index), property, text}
    since             only in the form of a fork: [events, messages, operations], how many rows of
                      each are left off, because they are those of the run that forked

Lists grow, and a server that is down is sent the whole tail of a log again and again: written out
each time, they would be most of the file. Deltas say everything; whoever loads them makes keyframes
again, which costs next to nothing.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import islice
from math import isfinite
from typing import Any

from ..protocols.log import Log
from .trace import BEGINNING, Flight, Fork, Trace, alike

FORMAT, VERSION = "consensus-lab-trace", 3


def document(trace: Trace, since: Fork) -> dict[str, Any]:
    """The JSON form, as an object for `dumps`."""
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "scenario": trace.scenario.to_json(),
        "protocol": trace.scenario.protocol.__name__,
        "servers": trace.servers,
        "clients": trace.clients,
        "durable": trace.durable,
        "duration": trace.duration,
        "messages": list(message_rows(trace.messages, since.messages)),
        "events": list(event_rows(trace, since.events)),
        "operations": [
            [o.process, kind, key, arguments, o.result, o.start, o.end, o.outcome, o.server]
            for o in trace.operations[since.operations :]
            for kind, key, *arguments in [o.operation]
        ],
        "violations": [vars(violation) for violation in trace.violations],
    }
    if said := trace.scenario.protocol.shown.said():
        whole["shown"] = said
    return whole if since == BEGINNING else {**whole, "since": since}


LISTS = (list, tuple, Log)


class Patches:
    """Writes lists as patches of what was last seen in the same place under the same name."""

    def __init__(self) -> None:
        self.last: dict[Hashable, dict[str, Sequence[Any]]] = {}

    def see(self, place: Hashable, values: Mapping[str, Any]) -> None:
        """Take note of `values`: later ones are patches of them."""
        before = self.last.setdefault(place, {})
        for name, value in values.items():
            if isinstance(value, LISTS):
                before[name] = value
            else:
                before.pop(name, None)

    def write(self, place: Hashable, values: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON form of `values`, after all that was seen and written before."""
        before = self.last.setdefault(place, {})
        written: dict[str, Any] = {}
        for name, value in values.items():
            if isinstance(value, LISTS):
                keep = shared(before.get(name, ()), value)
                before[name] = value
                if keep:
                    written[name + "+"] = [keep, value[keep:]]
                    continue
            else:  # a list that comes later has nothing to be a patch of
                before.pop(name, None)
            written[name] = value
        return written


def message_rows(messages: Sequence[Flight], skip: int) -> Iterator[list[Any]]:
    """The messages from number `skip` on as rows."""
    patches = Patches()
    latest = {(f.source, f.target, type(f.message)): f.message for f in messages[:skip]}
    for way, message in latest.items():
        patches.see(way, plain(message))
    for f in islice(messages, skip, None):
        kind = type(f.message)
        written = patches.write((f.source, f.target, kind), plain(f.message))
        yield [f.source, f.target, f.sent, kind.__name__, written, f.due, f.fate]


def event_rows(trace: Trace, skip: int) -> Iterator[list[Any]]:
    """The events from number `skip` on as rows, empty ends left off."""
    patches = Patches()
    for name, held in trace.state_after(skip).items():
        patches.see(name, held)
    for time, kind, who, detail, changes, sent, notes in islice(trace.events, skip, None):
        row = [time, kind, who, detail, patches.write(who, changes), sent, notes]
        while not row[-1] and row[-1] != 0:
            row.pop()
        yield row


def shared(old: Sequence[Any], new: Sequence[Any]) -> int:
    """How many items the two have in common at the start."""
    return len(old) if new[: len(old)] == old else alike(old, new)


def dumps(document: Any) -> str:
    """Compact JSON. What JSON cannot hold (tuples as keys, infinity) becomes text."""
    try:
        return json.dumps(
            document, default=plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
    except (TypeError, ValueError):
        return dumps(as_text(document))


def plain(value: Any) -> Any:
    """`value` as JSON's own types: a dataclass as its fields, a set as a sorted list."""
    kind: Any = type(value)
    names = field_names(kind)
    if names is not None:
        return {name: getattr(value, name) for name in names}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=text)
    if isinstance(value, Sequence):
        return list(value)
    # Not its repr: that may hold an address, which differs from run to run.
    return f"<{type(value).__name__}>"


def as_text(value: Any) -> Any:
    """`value` with each key of each dict, and each number that is none, as text."""
    if isinstance(value, dict):
        return {text(key): as_text(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_text(item) for item in value]
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, str | int | float | bool | None):
        return value
    return as_text(plain(value))


def text(value: Any) -> str:
    """A text itself, and the JSON form of all else: no order that a hash decides shows in it."""
    return value if isinstance(value, str) else dumps(value)


@cache
def field_names(kind: Any) -> tuple[str, ...] | None:
    """The names of a dataclass's fields; None if it is another class."""
    return tuple(item.name for item in fields(kind)) if is_dataclass(kind) else None
