"""Sequential consistency: one order for all, in which every process keeps its own. No common clock.

Lamport, L. (1979): How to make a multiprocessor computer that correctly executes multiprocess
programs.

Unlike linearizability it cannot be checked key by key: two registers that are each sequentially
consistent need not be so together. To decide it is NP-complete even if no value is written twice
(Gibbons and Korach 1997). So two quick answers come first: what is linearizable is sequentially
consistent, and what is not causally convergent is not. For what is in between there is a search
with a budget. If that takes long, what must come before what is inferred until nothing new follows
(causality/saturation.py), and the search begins again with that; if it still takes long, what is
known of the order of the writes to each register is completed as it is for transactions
(transactions/one_step.py).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import ge
from typing import Any, NamedTuple

from ..history import History, Operation
from .causal import Reading
from .causality.past import Causality
from .causality.patterns import Pattern, arbitration, not_convergent
from .causality.saturation import Saturation
from .linearizable import linearizable
from .reasons.explain import circle, explain
from .reasons.minimize import Dependence, smallest
from .specification import (
    ANY,
    NOTHING,
    REFUSED,
    KeyValue,
    Specification,
    has_hints,
    relevant,
    take_step,
)
from .transactions.one_step import OneStep
from .verdict import Verdict, Witness

MODEL = "sequential consistency"
FIRST_LOOK = 1_000
"""So many configurations, and one for every fourth operation, are looked at before anything else is
tried."""
SECOND_LOOK = 4
"""So many times as many are looked at when more was inferred."""


def sequential(
    history: History, specification: Specification | None = None, budget: int | None = None
) -> Verdict:
    """Whether `history` is sequentially consistent, and why.

    specification  what the object promises; KeyValue() unless told: registers that start at 0
    budget         how many configurations to look at before the verdict is "undecided": 60,000, and
                   one more for each operation, unless told

    An operation without an answer is the last of its process; it may have happened or not. Raises
    ConsensusLabError for an operation that the specification does not know.
    """
    specification = KeyValue() if specification is None else specification
    budget = 60_000 + len(history) if budget is None else budget
    in_real_time = linearizable(history, specification, budget)
    linear = in_real_time.witness
    if linear is not None:
        witness = Witness(lambda: linear.order, timed=False)
        words = "It is even linearizable: an order that keeps real time keeps every process's own."
        return Verdict(MODEL, True, history, witness, explanation=words)
    operations = relevant(history, specification)
    screen = Screen(operations, specification)
    if screen.pattern:
        return _broken(history, screen.culprits(), specification, budget)
    found = order_of(operations, specification, screen, budget)
    if isinstance(found, Impossible):
        return _broken(history, found.culprits, specification, budget)
    if found is not None:
        words = (
            f"All {len(history):,} operations fit into one order in which every process keeps its "
            "own, though not into one that keeps real time."
        )
        if in_real_time.holds is None:
            words = f"All {len(history):,} operations fit into an order that keeps every process's."
        return Verdict(MODEL, True, history, Witness(found, timed=False), explanation=words)
    return Verdict.undecided(MODEL, history, budget, specification)


class Impossible(NamedTuple):
    """There is no order of these."""

    culprits: list[Operation]


def order_of(
    operations: list[Operation], specification: Specification, screen: Screen, budget: int
) -> list[Operation] | Impossible | None:
    """An order that keeps every process's own and explains all; None: the budget was spent."""
    first = min(budget, FIRST_LOOK + len(operations) // 4)
    second = min(budget, first * (1 + SECOND_LOOK))
    search = Interleaving(operations, specification, screen.ranks())
    for limit in (first, second, budget):
        if search.run(limit):
            return search.order()
        if not search.stack:
            return Impossible(operations)
        if screen.causality and limit == first < budget:
            saturation = Saturation(screen.causality)
            if len(saturation.order) < len(saturation.clocks):
                return Impossible(operations)
            ranks, pasts = screen.ranked(saturation.order), screen.pasts(saturation)
            search = Interleaving(operations, specification, ranks, pasts, spent=limit)
        elif screen.causality and limit == second < budget:
            inferred = OneStep(operations)
            if inferred.holds is not None:
                return inferred.order if inferred.holds else Impossible(inferred.culprits)
    return None


def _broken(
    history: History, culprits: list[Operation], specification: Specification, budget: int
) -> Verdict:
    """The verdict, with the smallest part of `culprits` that is impossible."""

    def is_impossible(part: Sequence[Operation]) -> bool:
        screen = Screen(part, specification)
        if screen.pattern:
            return True
        return isinstance(order_of(list(part), specification, screen, budget), Impossible)

    found = smallest(culprits, is_impossible, Dependence(specification, timed=False))
    counterexample = history.only(found)
    words = explain(counterexample, specification, timed=False)
    pattern = Screen(found, specification).pattern
    name = pattern.name if pattern else ""
    cycle = circle(counterexample, specification, timed=False)
    return Verdict(MODEL, False, history, None, counterexample, words, name, cycle)


class Screen:
    """A quick look for what is not even causally convergent, and so not sequentially consistent.

    It is for registers and values that were written once: there it is quick. A compare-and-set that
    was applied counts as a read and a write, one that was not as nothing.

    pattern  the bad pattern, if there is one
    """

    def __init__(self, operations: Sequence[Operation], specification: Specification) -> None:
        self.operations = operations
        self.pattern: Pattern | None = None
        self.causality: Causality | None = None
        self.whole: dict[Hashable, Operation] = {}
        if type(specification) is KeyValue:
            parts: list[Operation] = []
            for operation in operations:
                for part in _read_and_written(operation):
                    parts.append(part)
                    self.whole[part] = operation
            reading = Reading(parts, specification.initial)
            if not reading.open:
                found = reading.explain(not_convergent, budget=0)
                self.pattern = found if isinstance(found, Pattern) else None
                self.causality = found if isinstance(found, Causality) else None

    def culprits(self) -> list[Operation]:
        """The operations that show the pattern."""
        assert self.pattern is not None
        shown = {self.whole[part] for part in self.pattern.culprits}
        return [operation for operation in self.operations if operation in shown]

    def ranks(self) -> dict[Operation, int]:
        """Where each operation stands in an order of all writes that everybody could have seen, as
        far as causality goes: a good guess for an order that explains all."""
        return self.ranked(arbitration(self.causality)) if self.causality else {}

    def ranked(self, order: Iterable[int]) -> dict[Operation, int]:
        """Where each operation stands in this order of the parts."""
        assert self.causality
        parts = self.causality.operations
        return {self.whole[parts[place]]: rank for rank, place in enumerate(order)}

    def pasts(self, saturation: Saturation) -> Pasts | None:
        """For each operation of each process how many of each process come before it.

        None if there are compare-and-sets: the parts of these would have to be counted together.
        """
        assert self.causality
        if any(operation.kind == "cas" for operation in self.operations):
            return None
        pasts: Pasts = []
        for session, program in enumerate(self.causality.programs):
            pasts.append([saturation.clocks[place].copy() for place in program])
            for index, clock in enumerate(pasts[-1]):
                clock[session] = index
        return pasts


def _read_and_written(operation: Operation) -> list[Operation]:
    """`operation` as reads and writes, as far as it surely was one."""
    if operation.kind != "cas":
        return [operation]
    expected, new = operation.args
    read = replace(operation, kind="read", args=(), result=expected)
    written = replace(operation, kind="write", args=(new,), result=None)
    if operation.result is None:
        return [written]
    return [read, written] if operation.result else []


Pasts = list[list[list[int]]]


class Place(NamedTuple):
    """How far each process has come, the state of each part, and how the search came here."""

    length: int
    step: int | None
    done: tuple[int, ...]
    states: tuple[Any, ...]


class Interleaving:
    """The search for an order, process by process: which of them goes next?

    Depth first, the operation with the lowest of `ranks` before the others, or that was asked first
    by the recorded clock: that is a hint, no more. But nothing goes before what `pasts` counts.
    What was tried from the same place with the same states is not tried again.
    """

    def __init__(
        self,
        operations: Iterable[Operation],
        specification: Specification,
        ranks: Mapping[Operation, int] | None = None,
        pasts: Pasts | None = None,
        spent: int = 0,
    ) -> None:
        self.ranks = ranks or {}
        self.pasts = pasts
        self.specification = specification
        self.hints = has_hints(specification)
        programs: dict[str, list[Operation]] = {}
        parts: dict[Hashable, int] = {}
        for operation in sorted(operations, key=lambda o: o.start):
            programs.setdefault(operation.process, []).append(operation)
            parts.setdefault(specification.part(operation), len(parts))
        self.programs = list(programs.values())
        self.part = [[parts[specification.part(o)] for o in p] for p in self.programs]
        self.need = [[specification.needs(o) for o in p] for p in self.programs]
        self.give = [[specification.gives(o) for o in p] for p in self.programs]
        self.goal = [sum(o.end is not None for o in p) for p in self.programs]
        self._index()
        self.steps: list[int] = []
        self.spent = spent
        start = tuple(0 for _ in self.programs)
        self.stack = [Place(0, None, start, tuple(specification.initial for _ in parts))]
        self.tried: set[tuple[tuple[int, ...], tuple[Any, ...]]] = set()

    def _index(self) -> None:
        """Where each value of each part is needed and given: (process, index) of the operations."""
        self.needers: dict[tuple[int, Any], list[tuple[int, int]]] = {}
        self.givers: dict[tuple[int, Any], list[tuple[int, int]]] = {}
        for process, program in enumerate(self.programs):
            for index in range(len(program)):
                part, here = self.part[process][index], (process, index)
                self.needers.setdefault((part, self.need[process][index]), []).append(here)
                self.givers.setdefault((part, self.give[process][index]), []).append(here)
        definite = not any(value is ANY for _, value in self.givers)
        self.looks_ahead = self.hints and definite
        self.unclear = {part for part, value in self.needers if value is ANY}

    def run(self, limit: int) -> bool:
        """Look for an order at up to `limit` configurations."""
        while self.stack and self.spent < limit:
            at = self.stack.pop()
            del self.steps[at.length :]
            if at.step is not None:
                self.steps.append(at.step)
            at = self._advance(at)
            if all(done >= goal for done, goal in zip(at.done, self.goal, strict=True)):
                return True
            if (at.done, at.states) not in self.tried:
                self.tried.add((at.done, at.states))
                self.spent += 1
                self.stack += sorted(self._moves(at), key=self._rank, reverse=True)
        return False

    def order(self) -> list[Operation]:
        """The order that `run` found."""
        programs = [iter(program) for program in self.programs]
        return [next(programs[process]) for process in self.steps]

    def _rank(self, move: Place) -> int:
        process = move.step
        assert process is not None
        operation = self.programs[process][move.done[process] - 1]
        return self.ranks.get(operation, operation.start)

    def _advance(self, at: Place) -> Place:
        """Let go all that is no choice: observers that agree, and writes that nobody will miss."""
        done, states = list(at.done), list(at.states)
        waiting = list(range(len(done)))
        while waiting:
            process = waiting.pop()
            while done[process] < self.goal[process]:
                index = done[process]
                part, give = self.part[process][index], self.give[process][index]
                if give is NOTHING:
                    if not self._agrees(process, index, states[part]):
                        break
                elif self._is_dead(process, index, done, states):
                    states[part] = give
                    waiting += [other for other in range(len(done)) if other != process]
                else:
                    break
                done[process] += 1
                self.steps.append(process)
        return Place(len(self.steps), None, tuple(done), tuple(states))

    def _agrees(self, process: int, index: int, state: Any) -> bool:
        need = self.need[process][index]
        if self.hints and need is not ANY:
            return bool(need is NOTHING or need == state)
        return take_step(self.specification, state, self.programs[process][index]) is not REFUSED

    def _is_dead(self, process: int, index: int, done: list[int], states: list[Any]) -> bool:
        """A write of a value that nobody needs any more, over another such value."""
        part, give = self.part[process][index], self.give[process][index]
        return (
            self.looks_ahead
            and part not in self.unclear
            and self.need[process][index] is NOTHING
            and not self._remain(self.needers, part, give, done)
            and not self._remain(self.needers, part, states[part], done)
        )

    def _moves(self, at: Place) -> Iterator[Place]:
        """Each process whose next operation can go, and goes."""
        for process, index in enumerate(at.done):
            if index == len(self.programs[process]) or self.give[process][index] is NOTHING:
                continue
            part, need = self.part[process][index], self.need[process][index]
            state = at.states[part]
            if self.pasts and not all(map(ge, at.done, self.pasts[process][index])):
                continue
            if self.hints and need is not ANY and need is not NOTHING and need != state:
                continue
            after = take_step(self.specification, state, self.programs[process][index])
            lost = index == self.goal[process]
            if after is REFUSED or (lost and after == state):
                continue
            if after != state and self._must_stay(part, state, at.done, process):
                continue
            done = (*at.done[:process], index + 1, *at.done[process + 1 :])
            states = (*at.states[:part], after, *at.states[part + 1 :])
            yield Place(at.length, process, done, states)

    def _must_stay(self, part: int, value: Any, done: tuple[int, ...], taker: int) -> bool:
        """Whether some other operation still needs `value`, and nothing left can bring it back."""
        if not self.looks_ahead:
            return False
        here = (taker, done[taker])
        needers = self._remain(self.needers, part, value, done)
        if all(o == here or o[1] >= self.goal[o[0]] for o in needers):
            return False
        return all(o == here for o in self._remain(self.givers, part, value, done))

    def _remain(
        self,
        index: dict[tuple[int, Any], list[tuple[int, int]]],
        part: int,
        value: Any,
        done: Sequence[int],
    ) -> list[tuple[int, int]]:
        """Those of `index` that are still to come."""
        return [o for o in index.get((part, value), ()) if o[1] >= done[o[0]]]
