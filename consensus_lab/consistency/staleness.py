"""How stale: by how many writes, and by how much time, a read lagged behind.

For each read these are lower bounds, so that nobody is blamed who may be innocent: only writes that
began after the one that was read had its answer, and that had their own before the read began,
count as newer. So a history in which some read is stale by k versions is not (k+1)-atomic, as
k-atomicity lets a read return one of the last k values. For all reads together `atomicity` finds
the least k, and says whether it is sure.

Golab, W., Li, X. and Shah, M. (2011): Analyzing consistency properties for fun and profit.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable
from typing import Any, NamedTuple

from ..history import History, Operation
from .linearizable import linearizable
from .specification import REFUSED, KeyValue, Specification, relevant


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


class Atomicity(NamedTuple):
    """A history is k-atomic if all reads can have returned one of the last `k` values written.

    exact  whether it is, and for no smaller k; if not, `k` is only the least that is not ruled out
    """

    k: int
    exact: bool

    def __str__(self) -> str:
        words = "exactly" if self.exact else "a lower bound: the budget was spent"
        return f"k = {self.k} ({words})"


def atomicity(history: History, budget: int = 50_000) -> Atomicity | None:
    """How stale the reads of registers were together: the least k for which they are k-atomic.

    1 is linearizable. Each k is tried by the search, with a register that remembers its last k
    values; what `staleness` rules out is not tried. None: a value was read that was not written, or
    not yet, so there is no such k.

    budget  how many configurations to look at, for each k
    """
    most = 1 + max((len(part) for part in history.by_key().values()), default=0)
    if linearizable(history, LastValues(most), budget).holds is False:
        return None
    least = 1 + max((one.versions for one in staleness(history)), default=0)
    for k in range(least, most):
        holds = linearizable(history, LastValues(k) if k > 1 else KeyValue(), budget).holds
        if holds is not False:
            return Atomicity(k, exact=bool(holds))
    return Atomicity(most, exact=True)


class LastValues(Specification):
    """Registers of which a read may return any of the last k values: the state is these."""

    initial: tuple[Any, ...] = (KeyValue().initial,)
    kinds = ("write", "read")
    observers = ("read",)

    def __init__(self, k: int) -> None:
        self.k = k

    def step(self, state: Any, operation: Operation) -> Any:
        if operation.kind == "write":
            return (*operation.args, *state)[: self.k]
        return state if operation.result in state else REFUSED

    def part(self, operation: Operation) -> Hashable:
        return operation.key


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
