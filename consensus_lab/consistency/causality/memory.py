"""Causal memory when values repeat: what had each process heard of by each of its reads?

One write for each read is not enough to know. The order that explains a process's reads up to now
may explain an earlier one by another write of the same value: by one that it has heard of since.
So the search is for the causal order itself. It begins with what must be in it. As long as there is
a read that no order of its past explains, together with the earlier reads of its process, a further
write must have been heard of by then: one of a value that these reads returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from ...graph import Closure
from ...history import Operation
from .past import INITIAL, UNKNOWN, Causality, merged

Clocks = tuple[tuple[int, ...], ...]


class Memory:
    """The search for a causal order with which there is causal memory.

    operations  each process's in its order
    candidates  for each read the writes that it may have seen, or INITIAL
    budget      how many operations to look at
    clocks      when it was found: for each operation how many of each process are in its past
    """

    def __init__(
        self, operations: Sequence[Operation], candidates: Sequence[Sequence[int]], budget: int
    ) -> None:
        self.candidates = candidates
        self.budget = budget
        self.program_order = Causality(operations, [UNKNOWN] * len(operations))
        self.clocks: Clocks = tuple(map(tuple, self.program_order.clocks))
        self.known: dict[tuple[int, Clocks], list[int] | None] = {}

    def search(self) -> bool | None:
        """Whether there is one; None: the budget was spent."""
        clocks: Clocks | None = self.clocks
        for read, (only, *others) in self._reads():
            if not others and only != INITIAL and clocks:
                clocks = self._having(clocks, read, only)
        waiting = [clocks] if clocks else []
        tried = set(waiting)
        while waiting:
            self.clocks = waiting.pop()
            read = next((r for r, _ in self._reads() if self.order_for(r) is None), UNKNOWN)
            if self.budget < 0:
                return None
            if read == UNKNOWN:
                return True
            for write in self._further(read):
                more = self._having(self.clocks, read, write)
                if more and more not in tried:
                    tried.add(more)
                    waiting.append(more)
        return False

    def _reads(self) -> Iterator[tuple[int, Sequence[int]]]:
        return ((place, found) for place, found in enumerate(self.candidates) if found)

    def _having(self, clocks: Clocks, read: int, write: int) -> Clocks | None:
        """The same, but `write` is in the past of `read`; None if that closes a circle."""
        has = self.program_order.has
        if has(clocks[write], read):
            return None
        return tuple(
            tuple(merged(clock, clocks[write])) if has(clock, read) else clock for clock in clocks
        )

    def _further(self, read: int) -> list[int]:
        """Writes one of which must be in the past of `read`, too; the likeliest last."""
        causality, clock = self.program_order, self.clocks[read]
        own = self.candidates[read]
        seen = [read]
        if any(c == INITIAL or causality.has(clock, c) for c in own):
            seen += reversed(self._earlier_reads(read))
        found = dict.fromkeys(c for r in seen for c in self.candidates[r] if c != INITIAL)
        return [c for c in reversed(found) if not causality.has(clock, c)]

    def _earlier_reads(self, place: int) -> list[int]:
        """Those of the same process, in its order."""
        causality = self.program_order
        program = causality.programs[causality.session[place]]
        return [p for p in program[: causality.index[place]] if self.candidates[p]]

    # ---- one read, and the earlier ones of its process ----

    def order_for(self, read: int) -> list[int] | None:
        """The past of `read` in an order that explains what its process has read; None: there is
        none, or the budget is spent."""
        past = sorted(self.program_order.past(self.clocks[read]), key=self._depth)
        key = read, tuple(self.clocks[place] for place in past)
        if key not in self.known:
            self.known[key] = self._order(past, [*self._earlier_reads(read), read])
        return self.known[key]

    def _depth(self, place: int) -> tuple[int, int]:
        """What comes later has more in its past."""
        return sum(self.clocks[place]), place

    def _order(self, past: list[int], reads: list[int]) -> list[int] | None:
        """Depth first: which write did each of `reads` see?"""
        number = {place: n for n, place in enumerate(past)}
        stack: list[tuple[Closure, tuple[int, ...]]] = [(self._closure(number), ())]
        while stack and self.budget >= 0:
            self.budget -= len(past)
            closure, chosen = stack.pop()
            if not self._saturate(closure, number, list(zip(reads, chosen, strict=False))):
                continue
            if len(chosen) == len(reads):
                return self._arranged(closure, past, [number[read] for read in reads])
            read = reads[len(chosen)]
            for source in reversed(self.candidates[read]):
                branch = closure.copy()
                if source != INITIAL:
                    if source not in number or closure.has(number[read], number[source]):
                        continue
                    branch.add(number[source], number[read])
                stack.append((branch, (*chosen, source)))
        return None

    def _closure(self, number: dict[int, int]) -> Closure:
        """Causality, among these."""
        causality, arcs = self.program_order, [list[int]() for _ in number]
        for place, n in number.items():
            for session, count in enumerate(self.clocks[place]):
                count -= session == causality.session[place]
                if count:
                    arcs[number[causality.programs[session][count - 1]]].append(n)
        return Closure.of(arcs)

    def _saturate(
        self, closure: Closure, number: dict[int, int], seen: list[tuple[int, int]]
    ) -> bool:
        """Put what a read had in its past before the write that it saw. Whether that can be."""
        grown = True
        while grown:
            grown = False
            for read, source in seen:
                for other in self._writes[self.program_order.operations[read].key]:
                    if other == source or other not in number:
                        continue
                    if not closure.has(number[other], number[read]):
                        continue
                    if source == INITIAL or closure.has(number[source], number[other]):
                        return False
                    if not closure.has(number[other], number[source]):
                        closure.add(number[other], number[source])
                        grown = True
        return True

    @cached_property
    def _writes(self) -> dict[object, list[int]]:
        """For each key the writes."""
        found: dict[object, list[int]] = {}
        for place, operation in enumerate(self.program_order.operations):
            found.setdefault(operation.key, [])
            if operation.kind == "write":
                found[operation.key].append(place)
        return found

    def _arranged(self, closure: Closure, past: list[int], reads: list[int]) -> list[int]:
        """Before each read what must come before it, and nothing else."""
        order: dict[int, None] = {}
        for read in reads:
            before = [n for n in range(len(past)) if closure.has(n, read)]
            order |= dict.fromkeys(sorted(before, key=lambda n: closure.before[n].bit_count()))
            order[read] = None
        return [past[n] for n in order]

    # ---- the witness ----

    def order(self) -> list[int]:
        """All operations in an order that keeps causality."""
        return sorted(range(len(self.clocks)), key=self._depth)

    def past_in_order(self, place: int) -> list[int]:
        """The past of an operation, itself at the end, that explains what its process has read."""
        here = [place] if self.candidates[place] else []
        reads = [*self._earlier_reads(place), *here]
        first = self.order_for(reads[-1]) or [] if reads else []
        rest = set(self.program_order.past(self.clocks[place])) - set(first)
        return [*first, *sorted(rest, key=self._depth)]
