"""Registers in which no value is written twice: n log n instead of a search.

All operations on one value are a cluster: its write, and the reads that returned it. Two moments
say all about it: `first`, when the first answer came, and `last`, when the last question was asked.
If first < last, the value was surely there all that time: a forward zone. If not, all its
operations overlap, and it may have been there for a single moment between last and first: a
backward zone.

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
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from itertools import compress, count, pairwise
from typing import Any

from ...history import LATEST, History, Operation

NEVER = 2 * LATEST - 1
"""When a lost write was answered, and when a value was written that was not."""

BEFORE = -1
"""When the initial value was written; its cluster has the number 0."""

PORTION = 500
"""So many operations fit into the processor's cache."""

MANY = 1000
"""From so many operations on numpy is worth its start, if it is there."""


def portions(operations: Sequence[Operation]) -> Iterator[Sequence[Operation]]:
    """The same in portions that fit into the processor's cache.

    Who wants several fields of a million operations has them twice as fast portion by portion: each
    operation is fetched from memory once, and not once for each field.
    """
    for first in range(0, len(operations), PORTION):
        yield operations[first : first + PORTION]


@dataclass
class Zones:
    """The operations of one register, which of them write, and the number of each one's cluster."""

    operations: Sequence[Operation]
    writes: list[bool]
    cluster: list[int]
    count: int

    @staticmethod
    def of(operations: Sequence[Operation], initial: Hashable) -> Zones | None:
        """The zones of these reads and writes; None if there is anything else among them, or if a
        value is written twice, as the initial one is that is written again."""
        kinds, values = list[str](), list[Any]()
        for part in portions(operations):
            here = [o.kind for o in part]
            if not {"read", "write"}.issuperset(here):
                return None
            kinds += here
            values += [o.args[0] if o.args else o.result for o in part]
        writes = [kind == "write" for kind in kinds]
        written = list(compress(values, writes))
        numbers: dict[Hashable, int] = dict(zip(written, count(1)))
        if len(numbers) < len(written) or initial in numbers:
            return None
        numbers[initial] = 0
        try:
            cluster = list(map(numbers.__getitem__, values))
        except KeyError:  # a value that was never written
            cluster = [numbers.setdefault(value, len(numbers)) for value in values]
        if len(operations) >= MANY and find_spec("numpy"):
            from .fast_zones import FastZones

            return FastZones(operations, writes, cluster, len(numbers))
        return Zones(operations, writes, cluster, len(numbers))

    @cached_property
    def calls(self) -> list[int]:
        """When each operation was asked, as numbers that no answer has (see timeline.py)."""
        return [2 * o.start for o in self.operations]

    @cached_property
    def returns(self) -> list[int]:
        """When each operation was answered."""
        return [NEVER if o.end is None else 2 * o.end + 1 for o in self.operations]

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

    def hold(self) -> bool | None:
        """Whether conditions 1 to 4 are met: whether the register is linearizable."""
        first, last, write_call, _ = self.moments
        if NEVER in write_call or any(f < w for f, w in zip(first, write_call, strict=True)):
            return False
        if any(one[1] > two[0] for one, two in pairwise(self.forward)):
            return False
        return not any(
            s < f and self.zone_around(s)[1] > f for f, s in zip(first, last, strict=True)
        )

    @cached_property
    def forward(self) -> list[tuple[int, int, int]]:
        """The forward zones in order of time: first, last, cluster."""
        first, last, _, _ = self.moments
        return sorted((f, s, c) for c, (f, s) in enumerate(zip(first, last, strict=True)) if f < s)

    def zone_around(self, moment: int) -> tuple[int, int, int]:
        """The last forward zone that began before `moment`; an empty one if there is none."""
        place = bisect_left(self.forward, (moment,)) - 1
        return self.forward[place] if place >= 0 else (BEFORE, BEFORE, 0)

    # ---- why: a witness or a culprit ----

    def order(self) -> list[Operation]:
        """An order that explains the register, if it is linearizable.

        Cluster by cluster, for no value comes back. A forward zone stands where it begins; a
        backward zone at the moment that all its operations share, and if that is inside a forward
        zone, just behind that one.
        """
        first, last, _, _ = self.moments
        ends = [self.zone_around(s)[1] if s < f else s for f, s in zip(first, last, strict=True)]

        def place(index: int) -> tuple[int, bool, int, bool, int]:
            cluster = self.cluster[index]
            f, s, end = first[cluster], last[cluster], ends[cluster]
            moment = max(s, end) if s < f else f
            return moment, end > s, cluster, not self.writes[index], self.calls[index]

        return [self.operations[index] for index in sorted(range(len(self.cluster)), key=place)]

    def culprits(self) -> list[Operation]:
        """A few operations that are impossible together, if the register is not linearizable.

        Of several the stalest read: it tells the most.
        """
        if early := self.early():
            return self._extremes(min(early, key=self.moments[0].__getitem__))
        stale, other = self.stalest()
        if other:
            return [*self._extremes(stale), *self._extremes(other, only_write=True)]
        return self._overlap()

    @property
    def anomaly(self) -> str:
        """What is wrong, if something is, in the words of the field.

        A read is stale if a newer write had been answered before it began. If only another read had
        seen that write, which was still going on, it is a new-old inversion: reads go back.
        """
        early = self.early()
        if not early:
            return "stale read" if self.stalest()[1] else "new-old inversion"
        never = any(self.moments[2][cluster] == NEVER for cluster in early)
        return "thin-air read" if never else "future read"

    def early(self) -> list[int]:
        """The clusters that were read before they were written, or that never were: the latter
        alone, if there are any."""
        first, _, write_call, _ = self.moments
        never = [c for c, call in enumerate(write_call) if call == NEVER]
        return never or [c for c in range(self.count) if first[c] < write_call[c]]

    def why(self, history: History) -> str:
        """What is impossible, in words; nothing if `explain` has as good ones."""
        return ""

    def stalest(self) -> tuple[int, int]:
        """The cluster that was read longest after the write of another one had surely replaced it,
        and that other one; 0 if there is none."""
        _, _, write_call, write_return = self.moments
        writes = sorted(range(1, self.count), key=write_call.__getitem__)
        calls = [write_call[cluster] for cluster in writes]
        # The first to be answered among this write and all that were asked later.
        soonest = writes.copy()
        for place in range(len(writes) - 2, -1, -1):
            soonest[place] = min(soonest[place], soonest[place + 1], key=write_return.__getitem__)
        worst, pair = 0, (0, 0)
        for first, last, cluster in self.forward:
            place = bisect_right(calls, first)
            if place < len(writes):
                age = last - write_return[soonest[place]]
                if age > worst:
                    worst, pair = age, (cluster, soonest[place])
        return pair

    def _overlap(self) -> list[Operation]:
        """Two clusters whose zones break condition 3 or 4."""
        first, last, _, _ = self.moments
        for (_, end, a), (start, _, b) in pairwise(self.forward):
            if end > start:
                return [*self._extremes(a), *self._extremes(b)]
        for cluster, (f, s) in enumerate(zip(first, last, strict=True)):
            _, end, around = self.zone_around(s)
            if s < f < end:
                return [*self._extremes(cluster), *self._extremes(around)]
        return []

    def members(self, cluster: int) -> list[int]:
        """The indices of the operations of a cluster."""
        return [index for index, number in enumerate(self.cluster) if number == cluster]

    def _extremes(self, cluster: int, only_write: bool = False) -> list[Operation]:
        """Of a cluster: the operation answered first, the one asked last, and the write."""
        members = self.members(cluster)
        write = [i for i in members if self.writes[i]]
        found = [
            min(members, key=self.returns.__getitem__),
            max(members, key=self.calls.__getitem__),
        ]
        chosen = write if only_write else dict.fromkeys([*found, *write])
        return [self.operations[index] for index in chosen]
