"""What each session guarantee demands: which writes a read must see, and why.

Operations are numbered in the order of their starts, so within a process the numbers grow.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any, ClassVar, NamedTuple

from ...graph import shortest_path
from ...history import Operation
from ..specification import KeyValue

INITIAL = KeyValue().initial


class Proof(NamedTuple):
    """Why a read must see a write: in words, and the operations (their numbers) between the two,
    each of which comes before the next."""

    words: str
    operations: tuple[int, ...] = ()


class Guarantee:
    """A guarantee about these reads and writes, process by process.

    `programs` has for each process the numbers of its operations; `source` for each read the write
    whose value it returned, or None if that was the initial value. A read whose value was written
    twice has no known source: it is `unclear`, and nothing is demanded of it. `ghosts` are reads of
    a value that nobody wrote. `versions` are the store's own, as far as it gave any: of two writes
    to a key, the one of the larger version is the later. `implies` are weaker guarantees, by one of
    which a history is told that breaks both.
    """

    model: str
    implies: ClassVar[tuple[type[Guarantee], ...]] = ()

    def __init__(
        self, operations: Iterable[Operation], versions: Mapping[Operation, Any] | None = None
    ) -> None:
        self.operations = list(operations)
        self.versions = versions or {}
        self.programs: dict[str, list[int]] = defaultdict(list)
        self.writes: dict[tuple[str, Hashable], list[int]] = defaultdict(list)
        self.source: dict[int, int | None] = {}
        self.unclear: list[int] = []
        self.ghosts: list[int] = []
        writers: dict[tuple[Hashable, Any], list[int | None]] = defaultdict(list)
        for number, o in enumerate(self.operations):
            self.programs[o.process].append(number)
            if o.kind == "write":
                self.writes[o.process, o.key].append(number)
                writers[o.key, o.args[0]].append(number)
        for number, o in enumerate(self.operations):
            if o.kind == "read":
                initial: list[int | None] = [None] if o.result == INITIAL else []
                sources = writers.get((o.key, o.result), []) + initial
                if len(sources) == 1:
                    self.source[number] = sources[0]
                else:
                    (self.unclear if sources else self.ghosts).append(number)

    # -- what a guarantee says -------------------------------------------------------------------

    def must_see(self, process: str) -> Iterator[tuple[int, Iterable[int]]]:
        """Each read of `process`, with the writes to its key that it must see.

        Of several writes of one process only the last is named: the others come before it anyway.
        """
        raise NotImplementedError

    def proof(self, read: int, write: int) -> Proof:
        """Why this read must see this write."""
        raise NotImplementedError

    def order(self, process: str) -> Iterator[tuple[int, int]]:
        """What comes before what in the eyes of `process`, whatever it reads.

        Here: the writes of each process to each key, in its order (else a process that reads its
        own older value could take it for the newer one), and what the store's versions say.
        """
        for numbers in self.writes.values():
            yield from pairwise(numbers)
        yield from self.version_order

    @cached_property
    def version_order(self) -> list[tuple[int, int]]:
        """The numbered writes to each key, one after the other."""
        numbered: dict[Hashable, list[int]] = defaultdict(list)
        for number, o in enumerate(self.operations):
            if o.kind == "write" and o in self.versions:
                numbered[o.key].append(number)
        for numbers in numbered.values():
            numbers.sort(key=lambda number: self.versions[self.operations[number]])
        return [pair for numbers in numbered.values() for pair in pairwise(numbers)]

    def arranged(self, processes: Sequence[str], order: list[int]) -> list[int]:
        """What a witness shows of an order that keeps all that `processes` demand: the writes.

        Nothing if there is a circle: then some operations are missing from `order`.
        """
        whole = len(order) == len(self.operations)
        return list(filter(self.is_write, order)) if whole else []

    # -- small things ----------------------------------------------------------------------------

    def is_write(self, number: int) -> bool:
        return self.operations[number].kind == "write"

    def writer(self, write: int) -> str:
        return self.operations[write].process

    def reads(self, process: str, until: int | None = None) -> Iterator[tuple[int, int | None]]:
        """The reads of a process, up to and with `until`, each with its source."""
        for number in self.programs[process]:
            if number in self.source:
                yield number, self.source[number]
            if number == until:
                return

    def had_read(self, read: int) -> str:
        """ "P2 had read 1 from x"."""
        o = self.operations[read]
        return f"{o.process} had read {o.result!r} from {o.key}"


class ReadYourWrites(Guarantee):
    """A read sees the writes that its own process did before."""

    model = "read your writes"

    def must_see(self, process: str) -> Iterator[tuple[int, Iterable[int]]]:
        latest: dict[Hashable, int] = {}
        for number in self.programs[process]:
            key = self.operations[number].key
            if self.is_write(number):
                latest[key] = number
            elif number in self.source and key in latest:
                yield number, (latest[key],)

    def proof(self, read: int, write: int) -> Proof:
        o = self.operations[write]
        return Proof(f"{o.process} had itself written {o.args[0]!r} to {o.key}")


class MonotonicReads(Guarantee):
    """A read sees the writes whose values its process has read before."""

    model = "monotonic reads"

    def must_see(self, process: str) -> Iterator[tuple[int, Iterable[int]]]:
        seen: dict[Hashable, dict[str, int]] = defaultdict(dict)
        for read, source in self.reads(process):
            latest = seen[self.operations[read].key]
            yield read, tuple(latest.values())
            if source is not None:
                keep_later(latest, self.writer(source), source)

    def proof(self, read: int, write: int) -> Proof:
        process = self.operations[read].process
        first = next(number for number, source in self.reads(process) if source == write)
        return Proof(self.had_read(first), (first,))


class MonotonicWrites(Guarantee):
    """Whoever has seen a write has also to see those that its process did before it."""

    model = "monotonic writes"

    def must_see(self, process: str) -> Iterator[tuple[int, Iterable[int]]]:
        seen: dict[str, int] = {}
        for read, source in self.reads(process):
            if source is not None:
                keep_later(seen, self.writer(source), source)
            key, found = self.operations[read].key, []
            for writer, last in seen.items():
                numbers = self.writes.get((writer, key), [])
                found += numbers[: bisect_left(numbers, last)][-1:]
            yield read, found

    def proof(self, read: int, write: int) -> Proof:
        o = self.operations[write]
        first, seen = next(
            (number, source)
            for number, source in self.reads(self.operations[read].process, until=read)
            if source is not None and source > write and self.writer(source) == o.process
        )
        return Proof(f"{self.had_read(first)}, which {o.process} wrote after {o}", (seen, first))

    def order(self, process: str) -> Iterator[tuple[int, int]]:
        """All writes of each process, to whatever key."""
        for program in self.programs.values():
            yield from pairwise(filter(self.is_write, program))
        yield from self.version_order


Latest = dict[tuple[Hashable, str], int]
"""The last write to a key by a process."""


class WritesFollowReads(Guarantee):
    """Whoever has seen a write has also to see those that its process had read before it."""

    model = "writes follow reads"

    def must_see(self, process: str) -> Iterator[tuple[int, Iterable[int]]]:
        seen: Latest = {}
        for read, source in self.reads(process):
            if source is not None:
                for place, write in self.followed[source].items():
                    keep_later(seen, place, write)
            key = self.operations[read].key
            yield read, [write for (about, _), write in seen.items() if about == key]

    def proof(self, read: int, write: int) -> Proof:
        for first, source in self.reads(self.operations[read].process, until=read):
            if source is not None:
                path = shortest_path(write, source, self.following.__getitem__)
                if path:
                    return Proof(self.had_read(first) + self.tale(path), (*path[1:], first))
        raise AssertionError("a read that must see a write has seen one that follows it")

    def tale(self, path: list[int]) -> str:
        """ ", which P2 wrote after it had read 1 from x", back along the path."""
        writes = [self.operations[number] for number in path if self.is_write(number)]
        return "".join(
            f", which {late.process} wrote after it had read {early.args[0]!r} from {early.key}"
            for late, early in pairwise(reversed(writes))
        )

    def order(self, process: str) -> Iterator[tuple[int, int]]:
        """Also: what a process had read before what it wrote."""
        yield from super().order(process)
        for number, followers in enumerate(self.following):
            yield from ((number, follower) for follower in followers)

    @cached_property
    def following(self) -> list[list[int]]:
        """From each write to the reads of its value; from each read to what its process does next,
        up to the next read."""
        after: list[list[int]] = [[] for _ in self.operations]
        for read, source in self.source.items():
            if source is not None:
                after[source].append(read)
        for program in self.programs.values():
            latest = None
            for number in program:
                if latest is not None:
                    after[latest].append(number)
                latest = latest if self.is_write(number) else number
        return after

    @cached_property
    def followed(self) -> list[Latest]:
        """For each operation the writes that it follows, handed on along `following`."""
        missing = [0] * len(self.operations)
        for followers in self.following:
            for number in followers:
                missing[number] += 1
        ready = [number for number, count in enumerate(missing) if not count]
        followed: list[Latest] = [{} for _ in self.operations]
        while ready:
            number = ready.pop()
            hands_on = followed[number]
            if self.is_write(number):
                o = self.operations[number]
                hands_on = {**hands_on, (o.key, o.process): number}
            for follower in self.following[number]:
                for place, write in hands_on.items():
                    keep_later(followed[follower], place, write)
                missing[follower] -= 1
                if not missing[follower]:
                    ready.append(follower)
        return followed


def keep_later(latest: dict[Any, int], place: Any, number: int) -> None:
    """Let `latest` have the later of what it has and `number`."""
    if number > latest.get(place, -1):
        latest[place] = number
