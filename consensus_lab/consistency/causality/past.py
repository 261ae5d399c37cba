"""The causal order of a history: what was in whose past when it was asked.

An operation is in the past of another if the same process did it earlier, if the other read what it
wrote, or by a chain of such steps. That is Lamport's happens-before with a read in the place of a
receipt: a write is a message to whoever reads it.

Each operation gets a vector clock: how many operations of each process are in its past, itself
included. One pass over the history makes them all, and then "is a in the past of b?" is a look at
one number.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from ...history import Operation

INITIAL = -1
"""The source of a read that returned the initial value."""

UNKNOWN = -2
"""The source of a write, and of a read of which nothing is assumed."""


class Conflict(NamedTuple):
    """`read` had `other` in its past and returned what `source` wrote: so `other` came first."""

    other: int
    source: int
    read: int


class Causality:
    """Operations, numbered by their places, and for each read the write whose value it returned.

    operations  in the order of their starts
    sources     for each the number of its write, or INITIAL, or UNKNOWN
    """

    def __init__(self, operations: Sequence[Operation], sources: Sequence[int]) -> None:
        self.operations = operations
        self.sources = sources
        sessions: dict[str, int] = {}
        self.programs: list[list[int]] = []
        self.session: list[int] = []
        self.index: list[int] = []
        self.readers: list[list[int]] = [[] for _ in operations]
        for place, operation in enumerate(operations):
            session = sessions.setdefault(operation.process, len(sessions))
            if session == len(self.programs):
                self.programs.append([])
            self.session.append(session)
            self.index.append(len(self.programs[session]))
            self.programs[session].append(place)
            if sources[place] >= 0:
                self.readers[sources[place]].append(place)
        self.clocks, self.order = self._clocks()

    def _clocks(self) -> tuple[list[list[int]], list[int]]:
        """The clocks, and the order in which they were made: of what can go next the oldest.

        On a circle nothing can go next; so the order holds all operations unless there is one.
        """
        zero, order = [0] * len(self.programs), list[int]()
        clocks: list[list[int]] = [[]] * len(self.operations)
        ready = [program[0] for program in self.programs]
        waiting: dict[int, list[int]] = {}  # a write that had no turn yet: the reads that wait
        heapify(ready)
        while ready:
            place = heappop(ready)
            source, session, index = self.sources[place], self.session[place], self.index[place]
            if source >= 0 and not clocks[source]:
                waiting.setdefault(source, []).append(place)
                continue
            program = self.programs[session]
            clock = clocks[program[index - 1]] if index else zero
            if source >= 0 and clock[self.session[source]] <= self.index[source]:
                clock = merged(clock, clocks[source])
            else:
                clock = clock.copy()
            clock[session] = index + 1
            clocks[place] = clock
            order.append(place)
            if index + 1 < len(program):
                heappush(ready, program[index + 1])
            for reader in waiting.pop(place, ()):
                heappush(ready, reader)
        return clocks, order

    def before(self, a: int, b: int) -> bool:
        """Whether a is in the past of b, or is b."""
        return self.clocks[b][self.session[a]] > self.index[a]

    def has(self, clock: Sequence[int], place: int) -> bool:
        """Whether `clock` counts the operation at `place`."""
        return clock[self.session[place]] > self.index[place]

    def past(self, clock: Sequence[int]) -> Iterator[int]:
        """The operations that `clock` counts."""
        for program, count in zip(self.programs, clock, strict=True):
            yield from program[:count]

    @cached_property
    def writes(self) -> dict[Hashable, list[tuple[int, list[int]]]]:
        """For each key who writes it: the session, and the places in its program."""
        found: dict[Hashable, dict[int, list[int]]] = {}
        for place, operation in enumerate(self.operations):
            if operation.kind == "write":
                by_session = found.setdefault(operation.key, {})
                by_session.setdefault(self.session[place], []).append(self.index[place])
        return {key: list(by_session.items()) for key, by_session in found.items()}

    def rivals(self, read: int, clock: Sequence[int]) -> Iterator[int]:
        """The last write of each session to the key of `read` that `clock` counts, but its source.

        What holds of these holds of the earlier ones: they come before them.
        """
        source = self.sources[read]
        for session, indices in self.writes.get(self.operations[read].key, ()):
            count = bisect_left(indices, clock[session])
            if count:
                other = self.programs[session][indices[count - 1]]
                if other != source:
                    yield other

    @cached_property
    def conflicts(self) -> list[Conflict]:
        """Whose order does not follow from the past of either, but from a read that saw both."""
        return [
            Conflict(other, source, read)
            for read, source in enumerate(self.sources)
            if source != UNKNOWN
            for other in self.rivals(read, self.clocks[read])
            if source == INITIAL or not self.before(other, source)
        ]

    @cached_property
    def successors(self) -> list[list[int]]:
        """For each operation the next of its process, and the reads of its value."""
        after = [list(readers) for readers in self.readers]
        for program in self.programs:
            for place, following in pairwise(program):
                after[place].append(following)
        return after

    def with_conflicts(self, conflicts: Iterable[Conflict]) -> list[list[int]]:
        """The same, and the second write of each conflict after the first."""
        after = list(self.successors)
        for other, source, _ in conflicts:
            after[other] = [*after[other], source]
        return after


def merged(a: Sequence[int], b: Sequence[int]) -> list[int]:
    """All that is in either past."""
    return [x if x > y else y for x, y in zip(a, b, strict=True)]
