"""The patterns by which a history shows that it is not causal.

Bouajjani, A., Enea, C., Guerraoui, R. and Hamza, J. (2017): On verifying causal consistency, POPL.
Once it is known which write each read saw, a history keeps to a model if and only if it has none of
that model's bad patterns. Most are circles of operations that must come before one another.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...graph import Edge, components, shortest_path, sorted_topologically
from ...history import Operation
from .past import INITIAL, UNKNOWN, Causality, Conflict, merged

MOST_TRIED = 30
"""So many operations of a component are tried for a short circle through them."""

Chain = list[tuple[int, int]]
"""Steps from one operation to the next."""


@dataclass(frozen=True)
class Pattern:
    """A bad pattern that was found.

    name      as in the paper
    cycle     the circle
    culprits  the operations that show it
    words     the whole argument
    """

    name: str
    cycle: tuple[Edge, ...]
    culprits: frozenset[Operation]
    words: str


# ---- which patterns forbid what ----


def not_causal(causality: Causality) -> Pattern | None:
    """CyclicCO, WriteCOInitRead or WriteCORead: no causal consistency."""
    why = Why(causality)
    if len(causality.order) < len(causality.operations):
        return why.circle("CyclicCO", "nobody can read what is not written yet")
    for conflict in causality.conflicts:
        if conflict.source == INITIAL:
            return why.overwritten("WriteCOInitRead", conflict)
        if causality.before(conflict.source, conflict.other):
            return why.overwritten("WriteCORead", conflict)
    return None


def not_convergent(causality: Causality) -> Pattern | None:
    """Those, or CyclicCF: no one order of all writes in which everybody reads the last of them."""
    pattern = not_causal(causality)
    if pattern or len(arbitration(causality)) == len(causality.operations):
        return pattern
    why = Why(causality, causality.conflicts)
    return why.circle("CyclicCF", "no one order of the writes suits all who read them")


def not_causal_memory(causality: Causality) -> Pattern | None:
    """Those of `not_causal`, WriteHBInitRead or CyclicHB: a process has seen what fits no order."""
    pattern = not_causal(causality)
    if pattern:
        return pattern
    place = {operation: number for number, operation in enumerate(arbitration(causality))}
    for program in causality.programs:
        view = View(causality, program)
        process = causality.operations[program[0]].process
        why = Why(causality, view.conflicts, f"for {process}")
        if view.overwritten:
            return why.overwritten("WriteHBInitRead", view.overwritten)
        # Only an edge against an order that keeps all others can close a circle.
        if any(place.get(c.other, 0) >= place.get(c.source, 0) for c in view.conflicts):
            pattern = why.circle("CyclicHB", f"no one order suits all that {process} read")
            if pattern:
                return pattern
    return None


def arbitration(causality: Causality) -> list[int]:
    """All operations in an order that keeps causality and conflicts; shorter if there is none."""
    after = causality.with_conflicts(causality.conflicts)
    return sorted_topologically(range(len(after)), after)


# ---- what one process has seen, in an order of its own ----


class View:
    """The happens-before order of one process, for causal memory.

    If u is in the past of its read r, and r returned what w wrote, u comes before w. So what was
    before u was there when w came, and perhaps another read of this process saw both that and …
    until nothing new follows.

    program      the operations of the process, or the first few of them
    clocks       for each what happened before it
    conflicts    each pair of writes that a read put in order, after those that it follows from
    overwritten  a read of the initial value that had a write before it, if there is one
    """

    def __init__(self, causality: Causality, program: Sequence[int]) -> None:
        self.causality = causality
        self.program = program
        self.clocks: list[list[int]] = [causality.clocks[place] for place in program]
        self.conflicts: dict[Conflict, None] = {}
        self.overwritten: Conflict | None = None
        reads = [n for n, place in enumerate(program) if causality.sources[place] != UNKNOWN]
        grown = True
        while grown and not self.overwritten:
            grown = False
            for number in reversed(reads):
                grown = self._follow(number) or grown

    def _follow(self, number: int) -> bool:
        """What the read of this number puts in order. Returns whether a clock has grown."""
        causality, read, grown = self.causality, self.program[number], False
        source = causality.sources[read]
        first = None
        for other in causality.rivals(read, self.clocks[number]):
            conflict = Conflict(other, source, read)
            if source == INITIAL:
                self.overwritten = conflict
                return False
            if causality.before(other, source):
                continue
            self.conflicts[conflict] = None
            if first is None:
                first = bisect_left(
                    self.clocks[: number + 1], True, key=lambda c: causality.has(c, source)
                )
            for earlier in range(first, number):
                if causality.has(self.clocks[earlier], other):
                    break
                self.clocks[earlier] = merged(self.clocks[earlier], causality.clocks[other])
                grown = True
        return grown

    def order(self) -> list[int]:
        """What the last operation had seen, in an order that explains all that the process read."""
        after = self.causality.with_conflicts(self.conflicts)
        order: list[int] = []
        before: Sequence[int] = [0] * len(self.causality.programs)
        for clock in self.clocks:
            fresh = set(self.causality.past(clock)) - set(self.causality.past(before))
            order += sorted_topologically(fresh, after)
            before = clock
        return order


# ---- why one comes after another, step by step ----


class Why:
    """Chains of operations, each of which comes after the one before, and what that rests on."""

    def __init__(
        self, causality: Causality, conflicts: Iterable[Conflict] = (), whose: str = ""
    ) -> None:
        self.causality = causality
        self.conflicts = list(conflicts)
        self.whose = whose
        self.number: dict[tuple[int, int], int] = {}
        for number, conflict in enumerate(self.conflicts):
            self.number.setdefault((conflict.other, conflict.source), number)

    def chain(self, start: int, goal: int, conflicts: int | None = None) -> Chain:
        """A shortest one, with no more than the first so many conflicts."""
        after = self.causality.with_conflicts(self.conflicts[:conflicts])
        places = shortest_path(start, goal, after.__getitem__)
        assert places is not None, "what comes after something is reached from it"
        steps: Chain = []
        for here, there in pairwise(places):
            if steps and self._same(*steps[-1]) and self._same(here, there):
                here = steps.pop()[0]  # of several steps of one process in a row make one
            steps.append((here, there))
        return steps

    def circle(self, name: str, words: str) -> Pattern | None:
        """The pattern of a circle, if there is one."""
        after = self.causality.with_conflicts(self.conflicts)
        knots = components(len(after), after)
        if not knots:
            return None
        knot = min(knots, key=len)
        circles = [self.chain(place, place) for place in sorted(knot)[:MOST_TRIED]]
        circle = min(circles, key=len)
        edges = self.edges(circle)
        told = f"{name}: {words}. {in_circles(edges)}"
        return Pattern(name, tuple(edges), self._culprits(circle), told)

    def overwritten(self, name: str, conflict: Conflict) -> Pattern:
        """The pattern of a read that had a later write in its past than the one that it saw."""
        other, source, read = conflict
        chain = self.chain(other, read)
        edges = self.edges(chain)
        old, reader, writer = (
            self.causality.operations[read].result,
            self.who(read),
            self.who(other),
        )
        if source == INITIAL:
            reason = f"{reader} still returned the initial value {old!r}, which {writer} replaced"
            words = f"{writer} came before {reader}, which returned the initial value"
            words = f"{self.whose}, {words}" if self.whose else words
        else:
            earlier = self.chain(source, other)
            reason = f"{reader} still returned {old!r}, which {writer} had replaced"
            words = f"{writer} comes after {self.who(source)}, for {reasons(self.edges(earlier))}"
            chain = chain + earlier
        edges.append(self._edge(read, other, "conflict", reason))
        culprits = self._culprits([*chain, (other, read)])
        told = f"{name}: {words}. {in_circles(edges)}"
        return Pattern(name, tuple(edges), culprits, told)

    def _culprits(self, chain: Chain) -> frozenset[Operation]:
        """The operations of a chain, and those by which its conflicts are ones, and so on."""
        places, done, waiting = set[int](), set[tuple[int, int]](), list(chain)
        while waiting:
            step = waiting.pop()
            if step in done:
                continue
            done.add(step)
            places.update(step)
            if self._is_conflict(*step):
                number = self.number[step]
                read = self.conflicts[number].read
                places.add(read)
                # In causal memory a conflict may follow from earlier ones; else from causality.
                waiting += self.chain(step[0], read, number if self.whose else 0)
        places |= {self.causality.sources[place] for place in places}
        return frozenset(self.causality.operations[place] for place in places if place >= 0)

    def _is_conflict(self, here: int, there: int) -> bool:
        return (here, there) in self.number and not self.causality.before(here, there)

    def edges(self, chain: Chain) -> list[Edge]:
        """The same with reasons."""
        operations, edges = self.causality.operations, list[Edge]()
        for here, there in chain:
            if self._is_conflict(here, there):
                edges.append(self._conflict(self.conflicts[self.number[here, there]]))
            elif self._same(here, there):
                a, b = operations[here], operations[there]
                reason = f"{a.process} did {a} before {b}"
                edges.append(self._edge(here, there, "session order", reason))
            else:
                reason = f"{self.who(there)} returned what {self.who(here)} wrote"
                edges.append(self._edge(here, there, "reads from", reason))
        return edges

    def _same(self, here: int, there: int) -> bool:
        """Whether one process did one before the other."""
        session, index = self.causality.session, self.causality.index
        return session[here] == session[there] and index[here] < index[there]

    def _conflict(self, conflict: Conflict) -> Edge:
        other, source, read = conflict
        reason = (
            f"{self.who(read)} had {self.who(other)} in its past and returned what "
            f"{self.who(source)} wrote, so {self.whose or 'in any order'} that one is the later"
        )
        return self._edge(other, source, "happens before" if self.whose else "conflict", reason)

    def _edge(self, here: int, there: int, relation: str, reason: str) -> Edge:
        operations = self.causality.operations
        return Edge(operations[here], operations[there], relation, reason)

    def who(self, place: int) -> str:
        operation = self.causality.operations[place]
        return f"{operation.process}'s {operation}"


def reasons(edges: Iterable[Edge]) -> str:
    """Why the last comes after the first."""
    return "; ".join(edge.reason for edge in edges)


def in_circles(edges: Iterable[Edge]) -> str:
    """That this cannot be."""
    return (
        f"There is a circle: {reasons(edges)}. Whichever is put first, another must come before it."
    )
