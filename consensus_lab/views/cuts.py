"""Which links are cut at a time, as a trace tells its faults (static/trace.js does the same)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..simulation.trace import Trace

LINK = re.compile(r"the link (.+)([–→])(.+) (is cut|works again)")
PARTS = "the network parts: "

Links = frozenset[tuple[str, str]]
"""(from, to) of each link on which nothing arrives."""


def cut_links(trace: Trace, time: float) -> Links:
    """The links that are cut at `time` (ms)."""
    cut: Links = frozenset()
    for event in trace.events:
        if event.time > time * 1000:
            break
        if event.kind == "fault":
            cut = after(cut, str(event.detail), [*trace.servers, *trace.clients])
    return cut


def after(cut: Links, words: str, names: Iterable[str]) -> Links:
    """The links that are cut after a fault, as its words tell."""
    if words == "all links work again":
        return frozenset()
    if link := LINK.fullmatch(words):
        a, dash, b, what = link.groups()
        pairs = {(a, b)} if dash == "→" else {(a, b), (b, a)}
        return cut | pairs if what == "is cut" else cut - pairs
    if not words.startswith(PARTS):
        return cut
    groups = [group.split() for group in words.removeprefix(PARTS).split(" | ")]
    home = {name: number for number, group in enumerate(groups) for name in group}
    known = [name for name in names if name in home]
    return cut | {(a, b) for a in known for b in known if home[a] != home[b]}
