"""Registers in which no value is written twice: n log n instead of a search.

All operations on one value are a cluster: its write, and the reads that returned it. Two moments say
all about it: `first`, when the first answer came, and `last`, when the last question was asked. If
first < last, the value was surely there all that time: a forward zone. If not, all its operations
overlap, and it may have been there for a single moment between last and first: a backward zone.

A history is linearizable if and only if
  1. every value read was written, or is the initial one,
  2. no read was answered before the write of its value was asked,
  3. no two forward zones overlap,
  4. no backward zone lies inside a forward zone.

Gibbons, P. and Korach, E. (1997): Testing shared memories, section 4.1; the words are those of
Golab, W., Li, X. and Shah, M. (2011): Analyzing consistency properties for fun and profit.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from ..history import LATEST, Operation

NEVER = 2 * LATEST - 1
"""When a lost write was answered, and when a value was written that was not."""

BEFORE = -1
"""When the initial value was written; its cluster has the number 0."""

MANY = 1000
"""From so many operations on numpy is worth its start, if it is there."""


@dataclass
class Zones:
    """The operations of one register; each with its call and return as numbers that never meet
    (intervals are closed, see timeline.py), and the number of its cluster."""

    operations: Sequence[Operation]
    cluster: list[int]
    writes: list[bool]
    count: int
    calls: list[int] = field(init=False)
    returns: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.calls = [2 * o.start for o in self.operations]
        self.returns = [NEVER if o.end is None else 2 * o.end + 1 for o in self.operations]

    @classmethod
    def of(cls, operations: Sequence[Operation], initial: Hashable) -> Zones | None:
        """The zones of these reads and writes; None if there is anything else among them, or if a
        value is written twice, as the initial one is that is written again."""
        writes = [o.kind == "write" for o in operations]
        if not all(w or o.kind == "read" for w, o in zip(writes, operations, strict=True)):
            return None
        values = [
            o.args[0] if write else o.result for write, o in zip(writes, operations, strict=True)
        ]
        written = [value for value, write in zip(values, writes, strict=True) if write]
        once = set(written)
        if len(once) < len(written) or initial in once:
            return None
        numbers = {value: i for i, value in enumerate(dict.fromkeys([initial, *values]))}
        cluster = [numbers[value] for value in values]
        return cls(operations, cluster, writes, len(numbers))

    # ---- the moments of each cluster, and the verdict ----

    @cached_property
    def moments(self) -> tuple[list[int], list[int], list[int], list[int]]:
        """For each cluster: first, last, and when its value was written (call and return)."""
        first, last = [NEVER] * self.count, [BEFORE] * self.count
        write_call, write_return = first.copy(), first.copy()
        first[0] = write_call[0] = write_return[0] = BEFORE
        rows = zip(self.cluster, self.writes, self.calls, self.returns, strict=True)
        for cluster, write, call, ret in rows:
            if ret < first[cluster]:
                first[cluster] = ret
            if call > last[cluster]:
                last[cluster] = call
            if write:
                write_call[cluster], write_return[cluster] = call, ret
        return first, last, write_call, write_return

    def hold(self) -> bool:
        """Whether conditions 1 to 4 are met: whether the register is linearizable."""
        numpy = _numpy() if len(self.operations) >= MANY else None
        if numpy is not None:
            return self._hold_by_numpy(numpy)
        first, last, write_call, _ = self.moments
        if NEVER in write_call or any(f < w for f, w in zip(first, write_call, strict=True)):
            return False
        forward = self.forward
        if any(a[1] > b[0] for a, b in pairwise(forward)):
            return False
        return not any(
            zone is not None and zone[1] > f
            for f, s in zip(first, last, strict=True)
            if s < f
            for zone in [self._zone_around(s)]
        )

    @cached_property
    def forward(self) -> list[tuple[int, int, int]]:
        """The forward zones in order of time: first, last, cluster."""
        first, last, _, _ = self.moments
        return sorted((f, s, c) for c, (f, s) in enumerate(zip(first, last, strict=True)) if f < s)

    def _zone_around(self, moment: int) -> tuple[int, int, int] | None:
        """The last forward zone that began before `moment`."""
        place = bisect_left(self.forward, (moment,)) - 1
        return self.forward[place] if place >= 0 else None

    def _hold_by_numpy(self, np: Any) -> bool:
        """The same with arrays."""
        cluster, calls, returns, writes = self._arrays(np)
        first, last = np.full(self.count, NEVER), np.full(self.count, BEFORE)
        write_call = first.copy()
        np.minimum.at(first, cluster, returns)
        np.maximum.at(last, cluster, calls)
        write_call[cluster[writes]] = calls[writes]
        first[0] = write_call[0] = BEFORE
        if (write_call == NEVER).any() or (first < write_call).any():
            return False
        is_forward = first < last
        starts, ends = first[is_forward], last[is_forward]
        order = starts.argsort()
        starts, ends = starts[order], ends[order]
        if (ends[:-1] > starts[1:]).any():
            return False
        around = np.searchsorted(starts, last[~is_forward]) - 1
        inside = (around >= 0) & (np.append(ends, BEFORE)[around] > first[~is_forward])
        return not inside.any()

    def _arrays(self, np: Any) -> tuple[Any, Any, Any, Any]:
        return (
            np.array(self.cluster),
            np.array(self.calls),
            np.array(self.returns),
            np.array(self.writes),
        )

    # ---- why: a witness or a culprit ----

    def order(self) -> list[Operation]:
        """An order that explains the register, if it is linearizable.

        The write of a forward zone stands at its beginning, and each read where it was asked. A
        backward zone stands at the moment that all its operations share; if that is inside a forward
        zone, just behind that one.
        """
        first, last, _, _ = self.moments
        places: list[tuple[int, bool, int]] = []
        for cluster, (f, s) in enumerate(zip(first, last, strict=True)):
            around = self._zone_around(s) if s < f else None
            hidden = around is not None and around[1] > s
            places.append((around[1] if around and hidden else min(f, s), hidden, cluster))
        rows = []
        for index, cluster in enumerate(self.cluster):
            moment, hidden, _ = places[cluster]
            if not self.writes[index] and first[cluster] < last[cluster]:
                moment = max(moment, self.calls[index])
            rows.append((moment, hidden, cluster, not self.writes[index], self.calls[index], index))
        rows.sort()
        return [self.operations[row[-1]] for row in rows]

    def culprits(self) -> list[Operation]:
        """A few operations that are impossible together, if the register is not linearizable.

        Of several the stalest read: it tells the most.
        """
        first, last, write_call, _ = self.moments
        unwritten = [c for c in range(self.count) if write_call[c] == NEVER]
        if unwritten:
            return [self._extremes(min(unwritten, key=first.__getitem__))[0]]
        early = [c for c in range(self.count) if first[c] < write_call[c]]
        if early:
            return self._extremes(min(early, key=first.__getitem__))
        return self._stalest() or self._overlap()

    def _stalest(self) -> list[Operation]:
        """The read that returned a value longest after another write had surely replaced it."""
        first, last, write_call, write_return = self.moments
        writes = sorted(range(1, self.count), key=write_call.__getitem__)
        calls = [write_call[cluster] for cluster in writes]
        # The first to be answered among this write and all that were asked later.
        soonest = writes.copy()
        for place in range(len(writes) - 2, -1, -1):
            soonest[place] = min(soonest[place], soonest[place + 1], key=write_return.__getitem__)
        worst, pair = 0, (0, 0)
        for f, s, cluster in self.forward:
            place = bisect_right(calls, f)
            if place < len(writes):
                age = s - write_return[soonest[place]]
                if age > worst:
                    worst, pair = age, (cluster, soonest[place])
        if not worst:
            return []
        return [*self._extremes(pair[0]), *self._extremes(pair[1], only_write=True)]

    def _overlap(self) -> list[Operation]:
        """Two clusters whose zones break condition 3 or 4."""
        first, last, _, _ = self.moments
        for (_, end, a), (start, _, b) in pairwise(self.forward):
            if end > start:
                return [*self._extremes(a), *self._extremes(b)]
        for cluster, (f, s) in enumerate(zip(first, last, strict=True)):
            around = self._zone_around(s) if s < f else None
            if around is not None and around[1] > f:
                return [*self._extremes(cluster), *self._extremes(around[2])]
        return []

    def _extremes(self, cluster: int, only_write: bool = False) -> list[Operation]:
        """Of a cluster: the operation answered first, the one asked last, and the write."""
        members = [i for i, number in enumerate(self.cluster) if number == cluster]
        write = [i for i in members if self.writes[i]]
        found = [
            min(members, key=self.returns.__getitem__),
            max(members, key=self.calls.__getitem__),
        ]
        chosen = write if only_write else dict.fromkeys([*found, *write])
        return [self.operations[index] for index in chosen]


def _numpy() -> Any:
    """numpy if it is there (in a browser it may not be), else None."""
    try:
        import numpy
    except ImportError:
        return None
    return numpy
