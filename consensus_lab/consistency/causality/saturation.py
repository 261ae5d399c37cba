"""What must come before what, if one order is to suit all: inferred until nothing new follows.

Let r read what w wrote, and u write the same key. In any one order

    if u comes before r, it comes before w     (or r would have read u's value)
    if w comes before u, so does r             (or u would have replaced what r read)

The first of these, asked once of what causality says, is causal convergence. Asked again and again,
of each other's answers, the two settle nearly all that a history leaves open. Nearly: to decide
sequential consistency is NP-complete (Gibbons and Korach 1997).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...graph import sorted_topologically
from .past import INITIAL, Causality, merged


class Saturation:
    """The closure of `causality` under both rules.

    order   all operations in an order that keeps it; shorter if there is a circle: then no order
            explains all
    clocks  for each operation how many of each process come before it, itself included
    old     the same one round earlier
    """

    def __init__(self, causality: Causality) -> None:
        self.causality = causality
        self.after = [list(following) for following in causality.successors]
        for read in self._reads_of_the_beginning():
            self.after[read] += self._first_writes(read)
        self.clocks: list[list[int]] = [[]] * len(self.after)
        grown = True
        while grown:
            self._sort()
            grown = len(self.order) == len(self.after) and self._infer()

    def _sort(self) -> None:
        causality = self.causality
        self.order = sorted_topologically(range(len(self.after)), self.after)
        zero = [0] * len(causality.programs)
        self.old, self.clocks = self.clocks, [zero] * len(self.after)
        for place in self.order:
            clock = self.clocks[place].copy()
            clock[causality.session[place]] = causality.index[place] + 1
            self.clocks[place] = clock
            for following in self.after[place]:
                self.clocks[following] = merged(self.clocks[following], clock)

    def _infer(self) -> bool:
        """Apply both rules to what has more before it than it had. Returns whether any applied."""
        causality, known = self.causality, self._known
        found: list[tuple[int, int]] = []
        for place, (clock, old) in enumerate(zip(self.clocks, self.old, strict=True)):
            source = causality.sources[place]
            if clock == old:
                continue
            if source >= 0:
                others = causality.rivals(place, clock)
                found += [(other, source) for other in others if not known(other, source)]
            elif causality.operations[place].kind == "write":
                past = clock.copy()
                past[causality.session[place]] -= 1
                for other in causality.rivals(place, past):
                    readers = causality.readers[other]
                    found += [(read, place) for read in readers if not known(read, place)]
        for earlier, later in found:
            self.after[earlier].append(later)
        return bool(found)

    def _known(self, earlier: int, later: int) -> bool:
        return self.causality.has(self.clocks[later], earlier)

    def _reads_of_the_beginning(self) -> Iterator[int]:
        return (read for read, source in enumerate(self.causality.sources) if source == INITIAL)

    def _first_writes(self, read: int) -> Iterator[int]:
        """Of each process the first write to the key of `read`."""
        causality = self.causality
        for session, indices in causality.writes.get(causality.operations[read].key, ()):
            yield causality.programs[session][indices[0]]
