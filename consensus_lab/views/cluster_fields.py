"""For protocols without a log, in the still picture: one row a server, one column a field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from typing import Any

from ..simulation.trace_json import plain
from .colours import NONE_RECOLOURED, Recoloured, parts_of, term_colour
from .picture import Part, line, rect, shorten, text, wrap

HIDDEN = ("status", "timers", "role")
MOST_FIELDS, MOST_LINES, LETTERS = 4, 3, 60


def fields_table(
    servers: Sequence[str],
    state: Mapping[str, Mapping[str, Any]],
    columns: Sequence[str],
    x: float,
    y: float,
    width: float,
    row: float,
    recoloured: Recoloured = NONE_RECOLOURED,
) -> Iterable[Part]:
    """The fields of every server, as the live view shows them; a crashed one has none.

    They are the `columns`, or else the first few.
    """
    first = state[servers[0]]
    usual = [n for n in first if not n.startswith(("_", "disk.")) and n not in HIDDEN]
    names = [*(columns or usual[:MOST_FIELDS])]
    column = (width - 44) / max(1, len(names))
    for number, name in enumerate(names):
        words = name.replace("_", " ")
        yield text(x + 44 + column * number, y - 12, words, fill="muted")
    for place, server in enumerate(servers):
        top = y + row * place
        yield line(x, top - 4, x + width, top - 4, stroke="rule")
        yield text(x, top + 14, server, size=13, font_weight=700)
        fields = state[server]
        if fields.get("status") == "down":
            continue
        for number, name in enumerate(names):
            if ballot := ballot_in(fields.get(name)):
                colour = term_colour(ballot, recoloured)
                yield rect(x + 36 + column * number, top + 2, 4, 14, fill=colour)
            words = shorten(in_short(fields.get(name)), LETTERS)
            for i, part in enumerate(wrap(words, column - 10, 11)[:MOST_LINES]):
                yield text(x + 44 + column * number, top + 12 + 13 * i, part, size=11)


def in_short(value: Any) -> str:
    """A value in a few letters, as in the live view (`inShort` in words.js)."""
    if value is None:
        return "–"
    if isinstance(value, str | int | float):
        return str(value)
    if is_ballot(value):
        return term_in_words(value, "") if value[0] else "–"
    match value:
        case (held, int(number), str(server)) if server and is_ballot((number, server)):
            return f"{in_short(held)} @{number}.{server}"
    if ballot_in(value):
        return f"{in_short(value.value)} @{in_short(value.ballot)}"
    value = plain(value)
    if isinstance(value, dict) and {"operation", "client"} <= value.keys():
        return operation_in_short(value["operation"])
    if isinstance(value, list):
        return f"[{', '.join(map(_inside, value))}]"
    if isinstance(value, dict):
        items = [plain(item) for item in value.values()]
        if items and all(isinstance(one, dict) and "operation" in one for one in items):
            return ", ".join(operation_in_short(one["operation"]) for one in items)  # by digest
        return " ".join(f"{name}={_inside(item)}" for name, item in value.items()) or "{}"
    return str(value)


def _inside(value: Any) -> str:
    """The same inside another value: {value: 5, time: 3} is "5 @3"."""
    if value is None or isinstance(value, str | int | float):
        return in_short(value)
    item = plain(value)
    if not isinstance(item, dict):
        return in_short(item)
    rest = {name: part for name, part in item.items() if name not in ("key", "value")}
    if "value" in item and rest:
        held = f"{item['key']}=" if "key" in item else ""
        return f"{held}{_inside(item['value'])} @{' '.join(map(_inside, rest.values()))}"
    [only, *more] = item.values() or [None]
    if not more and only is not None and not isinstance(only, str | int | float):
        return _inside(only)
    return f"({in_short(item)})" if item else "{}"


# ---- terms and ballots ----


def is_ballot(value: Any) -> bool:
    """A round and a server: Ballot(3, "S1"), or before the first (0, "")."""
    match value:
        case (int(), str(server)):
            return server == "" or (server[0] == "S" and server[1:].isdigit())
    return False


def ballot_in(value: Any) -> Any:
    """The ballot that a value is, or under which it was accepted; None if there is none."""
    accepted = is_dataclass(value) and hasattr(value, "value")
    ballot: Any = getattr(value, "ballot", None) if accepted else value
    return ballot if is_ballot(ballot) and ballot[0] else None


def term_in_words(term: Any, word: str, most: int = 99) -> str:
    """ "term 4", "ballot 4.S1"; without the word if that has more than `most` letters."""
    parts = parts_of(term)
    short = ".".join(str(part) for part in parts if part != "") if parts else in_short(term)
    whole = f"{word} {short}".strip() if parts else short
    return whole if len(whole) <= most else shorten(short, most)


def operation_in_short(operation: Any) -> str:
    """What a client asks, as in a log: "x=4", "x?", "x:1→2", "propose 7"."""
    match operation:
        case ("write", key, value):
            return f"{key}={in_short(value)}"
        case ("read", key):
            return f"{key}?"
        case ("cas", key, old, new):
            return f"{key}:{in_short(old)}→{in_short(new)}"
        case (str(kind), *rest):
            return " ".join([kind, *(in_short(item) for item in rest if item is not None)])
    return in_short(operation)
