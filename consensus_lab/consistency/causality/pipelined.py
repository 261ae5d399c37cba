"""PRAM: what one process did, all see in that order, as if it came through a pipe."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from math import inf

from ...graph import shortest_path
from .guarantees import Guarantee, MonotonicReads, MonotonicWrites, Proof, ReadYourWrites


class Pipelined(Guarantee):
    """For each process there is an order of its reads and of all writes that explains its reads.

    It keeps every process's own order. Lipton and Sandberg 1988.
    """

    model = "PRAM"
    implies = (ReadYourWrites, MonotonicReads, MonotonicWrites)

    def order(self, process: str) -> Iterator[tuple[int, int]]:
        """All writes of each process, what `process` itself did, and whose values it read."""
        for name, program in self.programs.items():
            yield from pairwise(
                number for number in program if name == process or self.is_write(number)
            )
        for read, source in self.reads(process):
            if source is not None:
                yield source, read
        yield from self.version_order

    def must_see(self, process: str) -> Iterator[tuple[int, Iterable[int]]]:
        """What must come before something that was read by then; found out step by step."""
        for read, write in self.view(process).found:
            yield read, (write,)

    def proof(self, read: int, write: int) -> Proof:
        view = self.view(self.operations[read].process)
        path = view.path(read, write)
        told = [f"{o.process}'s {o}" for o in map(self.operations.__getitem__, path)]
        words = f"{view.process} must have {' before '.join(told)}"
        return Proof(words, tuple(path[1:-1]))

    def arranged(self, processes: Sequence[str], order: list[int]) -> list[int]:
        """All writes and the process's reads, each write as late as the reads allow."""
        if len(processes) != 1 or len(order) < len(self.operations):
            return []
        moment = self.view(processes[0]).moment
        shown = [n for n in order if self.is_write(n) or self.operations[n].process == processes[0]]
        return sorted(shown, key=moment.__getitem__)

    def view(self, process: str) -> View:
        """The order in the eyes of `process`."""
        if process not in self.views:
            self.views[process] = View(self, process)
        return self.views[process]

    @cached_property
    def views(self) -> dict[str, View]:
        """Those that were made."""
        return {}


class View:
    """When each write must have reached a process: before which of its own operations.

    `moment` has for each write a place in the process's program: it cannot come after that. `found`
    are pairs of a read and a write to its key that it must see, other than the one it returned.
    """

    def __init__(self, of: Pipelined, process: str) -> None:
        self.of = of
        self.process = process
        self.before: list[list[int]] = [[] for _ in of.operations]
        for early, late in of.order(process):
            self.before[late].append(early)
        self.moment: list[float] = [inf] * len(of.operations)
        self.found: dict[tuple[int, int], None] = {}
        self.earlier: set[tuple[int, int]] = set()
        for place, number in enumerate(of.programs[process]):
            self.lower(number, place)
        while self.find():
            pass

    def lower(self, number: int, moment: float) -> None:
        """It comes no later than `moment`; so does what comes before it."""
        waiting = [number]
        while waiting:
            number = waiting.pop()
            if moment < self.moment[number]:
                self.moment[number] = moment
                waiting += self.before[number]

    def find(self) -> bool:
        """Look what each read must see by now; that comes before what it returned."""
        old = len(self.found)
        for read, source in self.of.reads(self.process):
            for write in self.seen_by(read):
                if write == source or (source is not None and (write, source) in self.earlier):
                    continue
                self.found[read, write] = None
                if source is not None:
                    self.earlier.add((write, source))
                    self.before[source].append(write)
                    self.lower(write, self.moment[source])
        return len(self.found) > old

    def seen_by(self, read: int) -> Iterator[int]:
        """The last write of each process to the key of `read` that has come by then."""
        key, now = self.of.operations[read].key, self.moment[read]
        for name in self.of.programs:
            numbers = self.of.writes.get((name, key), [])
            yield from numbers[: bisect_right(numbers, now, key=self.moment.__getitem__)][-1:]

    # -- why -------------------------------------------------------------------------------------

    def path(self, read: int, write: int) -> list[int]:
        """From `write` to `read`, by what was known before this pair was found."""
        after: dict[int, list[int]] = defaultdict(list)
        for early, late in self.of.order(self.process):
            after[early].append(late)
        for pair in self.found:
            if pair == (read, write):
                break
            source = self.of.source[pair[0]]
            if source is not None:
                after[pair[1]].append(source)
        found = shortest_path(write, read, after.__getitem__)
        assert found
        return found
