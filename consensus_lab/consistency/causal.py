"""Causal consistency: nobody sees an effect without its cause.

What is in the past of an operation (see causality/past.py) it must have seen. What is not, it may
have seen or not, in any order; so different processes may see independent writes in different
orders.
How far they may differ distinguishes three models:

    causal consistency (CC)    each operation alone is explained by some order of its past
    causal convergence (CCv)   … by one order for all: who has seen the same reads the same
    causal memory (CM)         … by one order for each process: nobody changes their mind

CCv and CM each imply CC, neither implies the other, and sequential consistency implies all.

Ahamad, M. et al. (1995): Causal memory: definitions, implementation, and programming.
Bouajjani, A. et al. (2017): On verifying causal consistency, POPL.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property, lru_cache, partial

from ..garbage import no_garbage_collection
from ..graph import sorted_topologically
from ..history import History, Operation
from .causality.memory import Memory
from .causality.past import INITIAL, UNKNOWN, Causality
from .causality.patterns import (
    Pattern,
    View,
    arbitration,
    not_causal,
    not_causal_memory,
    not_convergent,
)
from .reasons.minimize import Dependence, smallest
from .specification import KeyValue, reads_and_writes
from .verdict import Verdict, Witness

Find = Callable[[Causality], Pattern | None]
BUDGET = 300_000


def causal(history: History, budget: int = BUDGET) -> Verdict:
    """Whether `history` is causally consistent (CC), and why.

    It is about registers that are read and written. If each value that is read was written once,
    the time grows with operations times processes. If not, several writes may be the one that a
    read saw: all combinations are tried until `budget` operations were looked at, and then the
    verdict is "undecided".

    A write without an answer happened if its value was read; else it does not matter. Raises
    ConsensusLabError for other kinds of operations.
    """
    return _check("causal consistency", history, not_causal, past_in_order, budget)


def causal_convergence(history: History, budget: int = BUDGET) -> Verdict:
    """Whether `history` is causally convergent (CCv), and why. Otherwise as `causal`.

    There is one order of all writes, the arbitration, and each read returns the last write of its
    past in that order. So replicas that have seen the same writes hold the same.
    """
    return _check("causal convergence", history, not_convergent, past_in_arbitration, budget)


def causal_memory(history: History, budget: int = BUDGET) -> Verdict:
    """Whether `history` is one of causal memory (CM), and why. Otherwise as `causal`.

    For each process there is one order of what it has seen that explains all of its reads. If
    values repeat, the order for a later operation may explain a read by another write than the
    order for an earlier one did.
    """
    return _check("causal memory", history, not_causal_memory, past_in_view, budget)


ENOUGH = {
    "causal consistency": "each alone is explained by an order of that",
    "causal convergence": "one order of all writes explains all reads",
    "causal memory": "for each process one order of that explains all its reads",
}


Past = Callable[[Causality, int], list[int]]


class CausalWitness(Witness):
    """Orders that explain what each operation was told.

    order  all operations, in an order that keeps causality; for causal convergence the arbitration
    """

    def __init__(
        self,
        operations: Sequence[Operation],
        order: Callable[[], list[int]],
        past: Callable[[int], list[int]],
    ) -> None:
        super().__init__(lambda: [operations[place] for place in order()], timed=False)
        self._operations = operations
        self._past = past

    def past_of(self, operation: Operation) -> tuple[Operation, ...]:
        """What `operation` had seen, itself at the end, in an order that explains its result.

        For causal convergence it is part of `order`. For causal memory it explains also what the
        same process was told before.
        """
        operations = self._operations
        return tuple(operations[place] for place in self._past(operations.index(operation)))


# ---- the orders ----


def arbitrated(causality: Causality) -> list[int]:
    """All operations: in the order of the arbitration if there is one, else as causality has it."""
    order = arbitration(causality)
    return order if len(order) == len(causality.operations) else causality.order


def past_in_order(causality: Causality, place: int) -> list[int]:
    """For causal consistency: first what the write that `place` saw has replaced, then the rest."""
    clock, source = causality.clocks[place], causality.sources[place]
    early = {
        early
        for other in (causality.rivals(place, clock) if source >= 0 else ())
        for early in causality.past(causality.clocks[other])
    }
    late = set(causality.past(clock)) - early
    after = causality.successors
    return sorted_topologically(early, after) + sorted_topologically(late, after)


def past_in_arbitration(causality: Causality, place: int) -> list[int]:
    """For causal convergence: in the order that is the same for all."""
    return [other for other in arbitration(causality) if causality.before(other, place)]


def past_in_view(causality: Causality, place: int) -> list[int]:
    """For causal memory: in the order of its process."""
    program = causality.programs[causality.session[place]]
    return View(causality, program[: causality.index[place] + 1]).order()


# ---- which write each read saw ----


class Reading:
    """Operations that count, and for each read the writes that it may have seen.

    operations  each process's in its order
    initial     what the registers hold at first
    """

    def __init__(self, operations: Sequence[Operation], initial: Hashable = 0) -> None:
        self.operations = operations
        writers: dict[tuple[Hashable, Hashable], list[int]] = {}
        for place, operation in enumerate(operations):
            if operation.kind == "write":
                writers.setdefault((operation.key, operation.args[0]), []).append(place)
        self.candidates: list[list[int]] = []
        for operation in operations:
            found: list[int] = []
            if operation.kind == "read":
                found = writers.get((operation.key, operation.result), [])
                if operation.result == initial:
                    found = [*found, INITIAL]
                # The likeliest first: the last that was asked before the read was answered.
                if len(found) > 1:
                    asked = [c < 0 or operations[c].start <= (operation.end or 0) for c in found]
                    found = [c for _, c in sorted(zip(asked, found, strict=True), reverse=True)]
            self.candidates.append(found)
        self.open = [place for place, found in enumerate(self.candidates) if len(found) > 1]

    def from_nowhere(self) -> Pattern | None:
        """ThinAirRead: a value that nobody wrote."""
        for operation, found in zip(self.operations, self.candidates, strict=True):
            if operation.kind == "read" and not found:
                words = (
                    f"ThinAirRead: {operation.process}'s {operation} returned what nobody wrote: "
                    f"{operation.result!r} was never written to {operation.key}, or surely failed."
                )
                return Pattern("ThinAirRead", (), frozenset({operation}), words)
        return None

    @cached_property
    def likeliest(self) -> Causality:
        """Each read saw the likeliest write."""
        return Causality(
            self.operations, [found[0] if found else UNKNOWN for found in self.candidates]
        )

    def explain(self, find: Find, budget: int) -> Causality | Pattern | None:
        """Which write each read saw, so that there is no bad pattern.

        If there is none, the pattern that the likeliest choice has. None: the budget was spent.
        """
        nowhere = self.from_nowhere()
        if nowhere:
            return nowhere
        pattern = find(self.likeliest)
        if not pattern:
            return self.likeliest
        waiting: list[tuple[int, ...]] = [()] if self.open else []
        while waiting:
            chosen = waiting.pop()
            sources = [found[0] if len(found) == 1 else UNKNOWN for found in self.candidates]
            for place, source in zip(self.open, chosen, strict=False):
                sources[place] = source
            budget -= len(sources)
            if budget < 0:
                return None
            causality = Causality(self.operations, sources)
            if find(causality):
                continue  # with what is chosen so far; so with all that is chosen later
            if len(chosen) == len(self.open):
                return causality
            following = self.candidates[self.open[len(chosen)]]
            waiting += [(*chosen, source) for source in reversed(following)]
        return pattern


@lru_cache(maxsize=1)
def reading_of(history: History) -> Reading:
    """Those of `history`. The last is kept, for one history is often checked for several models."""
    return Reading(reads_and_writes(history, "causal consistency"))


@no_garbage_collection()
def _check(model: str, history: History, find: Find, past: Past, budget: int) -> Verdict:
    """The verdict for the model whose bad patterns `find` finds."""
    reading = reading_of(history)
    found = judge(reading, find, budget)
    if found is None:
        return Verdict.undecided(model, history, budget)
    if isinstance(found, Pattern):
        return _broken(model, history, find, reading, found, budget)
    words = f"All {len(history):,} operations saw what was in their past, and {ENOUGH[model]}."
    if isinstance(found, Memory):
        witness = CausalWitness(reading.operations, found.order, found.past_in_order)
    else:
        orders = partial(arbitrated, found), partial(past, found)
        witness = CausalWitness(reading.operations, *orders)
    return Verdict(model, True, history, witness, explanation=words)


def judge(reading: Reading, find: Find, budget: int) -> Causality | Memory | Pattern | None:
    """Which write each read saw, or for causal memory what each process had heard of.

    If nothing explains the reads, a pattern that shows it. None: the budget was spent.
    """
    found = reading.explain(find, budget)
    if find is not not_causal_memory or not reading.open or isinstance(found, Causality):
        return found
    causal = reading.explain(not_causal, budget)
    if isinstance(causal, Pattern):
        return causal
    memory = Memory(reading.operations, reading.candidates, budget)
    possible = memory.search()
    if possible is None:
        return None
    return memory if possible else find(reading.likeliest)


def _broken(
    model: str, history: History, find: Find, reading: Reading, found: Pattern, budget: int
) -> Verdict:
    """The verdict, with the smallest part that is impossible."""
    part = smallest(
        reading.operations if reading.open else list(history.only(found.culprits)),
        lambda operations: isinstance(judge(Reading(operations), find, budget), Pattern),
        Dependence(KeyValue(), timed=False),
    )
    small = Reading(part)
    pattern = small.from_nowhere() or find(small.likeliest)
    assert pattern
    words = pattern.words
    if small.open:
        words += " A value was written twice; from whichever write it is, there is such a pattern."
    return Verdict(
        model, False, history, None, history.only(part), words, pattern.name, pattern.cycle
    )
