"""Linearizability: every operation takes effect at one moment between its start and its end.

Herlihy, M. and Wing, J. (1990): Linearizability: a correctness condition for concurrent objects.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from itertools import accumulate
from operator import attrgetter, itemgetter

from ..garbage import no_garbage_collection
from ..history import History, Operation
from .reasons.explain import explain
from .reasons.minimize import Dependence, smallest
from .search.search import Search
from .search.timeline import return_of
from .shortcuts.shortcuts import shortcut
from .specification import KeyValue, Specification, has_hints, relevant
from .verdict import Reasons, Refutation, Verdict, Witness

MODEL = "linearizability"
BUDGET, BUDGET_WITHOUT_HINTS = 1_000_000, 100_000
NEAR = 50
"""So many operations around the place where a search was stuck may be impossible by themselves."""
FIRST_TURN = 1000
"""Configurations that each part's search may look at before the next one gets its turn."""


@no_garbage_collection()
def linearizable(
    history: History, specification: Specification | None = None, budget: int | None = None
) -> Verdict:
    """Whether `history` is linearizable, and why.

    specification  what the object promises; KeyValue() unless told: registers that start at 0
    budget         how many configurations to look at before the verdict is "undecided": a million
                   unless told; 100,000 if the specification gives no hints (needs and gives),
                   which takes some seconds

    Unknown outcomes may have happened at any later time, or never; what failed is left out. Raises
    ConsensusLabError for an operation that the specification does not know.
    """
    specification = KeyValue() if specification is None else specification
    operations = relevant(history, specification)
    specification = specification.narrowed(operations)
    if budget is None:
        budget = BUDGET if has_hints(specification) else BUDGET_WITHOUT_HINTS
    orders: list[Callable[[], list[Operation]]] = []
    searches: list[Search] = []
    for part in _parts(operations, specification):
        quick = shortcut(part, specification)
        holds = quick.hold() if quick else None
        if quick is None or holds is None:
            searches.append(Search(part, specification))
        elif holds:
            orders.append(quick.order)
        else:
            reasons = partial(_reasons, history, quick.culprits, specification, budget)
            return Refutation(MODEL, history, reasons)

    undecided = _in_turns(searches, budget)
    for search in searches:
        if search.found is False:
            stuck = partial(_around, search)
            return Refutation(
                MODEL, history, partial(_reasons, history, stuck, specification, budget)
            )
    if undecided:
        return Verdict.undecided(MODEL, history, budget, specification)
    orders += [search.order for search in searches]
    words = (
        f"All {len(history):,} operations fit into one order in which each takes effect between "
        "its start and its end."
    )
    witness = Witness(lambda: _together(orders), timed=True)
    return Verdict(MODEL, True, history, witness, explanation=words)


def _parts(operations: list[Operation], specification: Specification) -> Iterable[list[Operation]]:
    """The operations of each part of the object."""
    by_key = type(specification).part is KeyValue.part  # the same, but far quicker
    names = list(map(attrgetter("key") if by_key else specification.part, operations))
    if len(set(names)) <= 1:
        return [operations]
    parts: dict[Hashable, list[Operation]] = {name: [] for name in names}
    for name, operation in zip(names, operations, strict=True):
        parts[name].append(operation)
    return parts.values()


def _in_turns(searches: list[Search], budget: int) -> bool:
    """Run the searches until one fails or all are done. Returns whether the budget was spent first.

    They take turns, each turn four times as long, so that a part that is easily refuted is so
    before a hard one has used up everything.
    """
    waiting, turn = searches, FIRST_TURN
    while waiting:
        for search in waiting:
            left = budget - sum(other.spent for other in searches)
            if search.run(min(turn, search.spent + left)) is False:
                return False
        waiting = [search for search in waiting if search.found is None]
        if waiting and sum(search.spent for search in searches) >= budget:
            return True
        turn *= 4
    return False


def _around(search: Search) -> list[Operation]:
    """Some operations that are impossible: those around the place where the search was stuck.

    Of a long history these are few. If they are not impossible by themselves, take more.
    """
    operations = sorted(search.operations, key=return_of)
    dependence = Dependence(search.specification, timed=True)
    size = NEAR
    while size < len(operations):
        first, last = max(0, search.deepest - size), search.deepest + size
        near = dependence.without(operations, [*operations[:first], *operations[last:]])
        if Search(near, search.specification).run(search.spent) is False:
            return near
        size *= 4
    return operations


def _reasons(
    history: History,
    culprits: Callable[[], list[Operation]],
    specification: Specification,
    budget: int,
) -> Reasons:
    """Why there is no order: the smallest part of `culprits` that is impossible."""

    def is_impossible(operations: Sequence[Operation]) -> bool:
        quick = shortcut(operations, specification)
        holds = quick.hold() if quick else None
        return (Search(operations, specification).run(budget) if holds is None else holds) is False

    found = smallest(culprits(), is_impossible, Dependence(specification, timed=True))
    counterexample = history.only(found)
    quick = shortcut(counterexample, specification)
    anomaly, words = "", ""
    if quick and quick.hold() is False:
        anomaly, words = quick.anomaly, quick.why(counterexample)
    explanation = words or explain(counterexample, specification, timed=True)
    return counterexample, explanation, anomaly


def _together(orders: list[Callable[[], list[Operation]]]) -> list[Operation]:
    """The orders of all parts as one, each operation as early as its own order allows."""
    if len(orders) == 1:
        return orders[0]()
    timed: list[tuple[int, Operation]] = []
    for order in orders:
        operations = order()
        earliest = accumulate((operation.start for operation in operations), max)
        timed += zip(earliest, operations, strict=True)
    timed.sort(key=itemgetter(0))
    return [operation for _, operation in timed]
