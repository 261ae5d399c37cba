"""For protocols without a log, in the still picture: one row a server, one column a field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..simulation.trace_json import plain
from .picture import Part, line, shorten, text, wrap

HIDDEN = ("status", "timers", "role")
MOST_FIELDS, MOST_LINES, LETTERS = 4, 3, 60


def fields_table(
    servers: Sequence[str],
    state: Mapping[str, Mapping[str, Any]],
    x: float,
    y: float,
    width: float,
    row: float,
) -> Iterable[Part]:
    """The fields of every server, as the live view shows them; a crashed one has none."""
    first = state[servers[0]]
    names = [n for n in first if not n.startswith(("_", "disk.")) and n not in HIDDEN]
    column = (width - 44) / max(1, len(names[:MOST_FIELDS]))
    for number, name in enumerate(names[:MOST_FIELDS]):
        words = name.replace("_", " ")
        yield text(x + 44 + column * number, y - 12, words, fill="muted")
    for place, server in enumerate(servers):
        top = y + row * place
        yield line(x, top - 4, x + width, top - 4, stroke="rule")
        yield text(x, top + 14, server, size=13, font_weight=700)
        fields = state[server]
        if fields.get("status") == "down":
            continue
        for number, name in enumerate(names[:MOST_FIELDS]):
            words = shorten(in_short(fields.get(name)), LETTERS)
            for i, part in enumerate(wrap(words, column - 10, 11)[:MOST_LINES]):
                yield text(x + 44 + column * number, top + 12 + 13 * i, part, size=11)


def in_short(value: Any) -> str:
    """A value in a few letters, as in the live view (`inShort` in words.js)."""
    if value is None:
        return "–"
    if isinstance(value, str | int | float):
        return str(value)
    value = plain(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_inside, value))}]"
    if isinstance(value, dict):
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
