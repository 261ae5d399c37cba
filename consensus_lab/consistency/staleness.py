"""How stale: by how many writes, and by how much time, a read lagged behind.

Both are lower bounds, so that nobody is blamed who may be innocent: only writes that began after
the one that was read had its answer, and that had their own before the read began, count as newer.
So a history in which some read is stale by k versions is not (k+1)-atomic, as k-atomicity lets a
read return one of the last k values; whether it is (k+2)-atomic they do not say.

Golab, W., Li, X. and Shah, M. (2011): Analyzing consistency properties for fun and profit.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable
from typing import NamedTuple

from ..history import History, Operation
from .specification import KeyValue, relevant


class Staleness(NamedTuple):
    """How stale one read was: by `versions` newer writes, the first of them answered `age` ms
    (ticks, if the history has no ms) before the read began. A fresh one has 0 and 0."""

    read: Operation
    versions: int
    age: float


def staleness(history: History) -> tuple[Staleness, ...]:
    """For each answered read of a register how stale it was, in order of the reads' starts.

    Reads of a value that was written twice, or by nobody, are left out: of those nobody can tell.
    """
    per_ms = history.ticks_per_ms or 1
    found = []
    for read, newer in _reads_with_newer(history):
        since = min((o.end for o in newer if o.end is not None), default=read.start)
        found.append(Staleness(read, len(newer), (read.start - since) / per_ms))
    return tuple(sorted(found, key=lambda one: one.read.start))


def windows(history: History) -> dict[Operation, float]:
    """For each answered write how long others still read something older, in ms (or ticks).

    The inconsistency window as clients see it: from the write's answer until the beginning of the
    last read that missed it; 0 if no read did.
    """
    per_ms = history.ticks_per_ms or 1
    longest = {o: 0.0 for o in history if o.kind == "write" and o.outcome == "ok"}
    for read, newer in _reads_with_newer(history):
        for write in newer:
            assert write.end is not None
            longest[write] = max(longest[write], (read.start - write.end) / per_ms)
    return longest


def _reads_with_newer(history: History) -> list[tuple[Operation, list[Operation]]]:
    """Each read, with the newer writes that were over before it began."""
    keys: dict[Hashable, list[Operation]] = {}
    for o in relevant(history, KeyValue()):
        keys.setdefault(o.key, []).append(o)
    found: list[tuple[Operation, list[Operation]]] = []
    for operations in keys.values():
        writes = [o for o in operations if o.kind == "write"]
        over = sorted((o for o in writes if o.end is not None), key=lambda o: o.end or 0)
        ends = [float(o.end or 0) for o in over]
        for read in operations:
            source = _source_ends(read, writes) if read.kind == "read" else None
            if source is not None:
                rivals = over[bisect_right(ends, source) : bisect_left(ends, read.start)]
                found.append((read, [o for o in rivals if o.start > source]))
    return found


def _source_ends(read: Operation, writes: list[Operation]) -> float | None:
    """When the write whose value it returned had its answer; None if nobody can tell which."""
    ends: list[float] = [-1.0] if read.result == KeyValue().initial else []
    for o in writes:
        if o.args[0] == read.result:
            ends.append(float("inf") if o.end is None else o.end)
    return ends[0] if len(ends) == 1 else None
