"""Which links are cut, and which messages are on their way, at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..simulation.trace import Flight, Trace

Links = frozenset[tuple[str, str]]
"""(from, to) of each link on which nothing arrives."""


def cut_links(trace: Trace, time: float) -> Links:
    """The links that are cut at `time` (ms): what the last fault that cut or healed any told."""
    cut: Links = frozenset()
    for event in trace.events:
        if event.time > time * 1000:
            break
        if event.kind == "fault" and "cut" in event.detail:
            cut = frozenset(event.detail["cut"])
    return cut


def flights_at(trace: Trace, time: float) -> Iterator[Flight]:
    """The messages that are on their way at `time` (ms)."""
    dropped = {
        event.detail["dropped"]: event.time
        for event in trace.events
        if event.kind == "fault" and "dropped" in event.detail
    }
    for number, flight in enumerate(trace.messages):
        if flight.sent <= time * 1000 < dropped.get(number, flight.due):
            yield flight


# ---- who still reaches whom ----

Groups = list[list[str]]


def groups_of(servers: Sequence[str], cut: Links) -> Groups:
    """Servers that reach each other, there and back, perhaps by way of others; in their order."""

    def reached_from(start: str) -> list[str]:
        found = [start]
        for a in found:
            found += [b for b in servers if b not in found and (a, b) not in cut]
        return found

    reach = {name: reached_from(name) for name in servers}
    groups: Groups = []
    for name in servers:
        mutual = (g for g in groups if name in reach[g[0]] and g[0] in reach[name])
        home = next(mutual, None)
        if home is None:
            groups.append([name])
        else:
            home.append(name)
    return groups


def passes(senders: Iterable[str], receivers: Sequence[str], cut: Links) -> bool:
    """Whether anything gets from the one group to the other."""
    return any((a, b) not in cut for a in senders for b in receivers)


def parting_in_words(groups: Groups, cut: Links) -> str:
    """ "S1 S2 | S3"; with an arrow for two groups of which only one hears the other."""
    told = [" ".join(group) for group in groups]
    if len(groups) == 2:
        if passes(groups[0], groups[1], cut):
            return " → ".join(told)
        if passes(groups[1], groups[0], cut):
            return " → ".join(reversed(told))
    return " | ".join(told) if len(groups) > 1 else ""
