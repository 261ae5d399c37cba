"""The definitions of causal consistency: every causal order, and every order of every past.

Bouajjani et al. (POPL 2017), section 3. Nothing here knows of bad patterns, nor of which write a
read has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, combinations, product

from consensus_lab.history import Operation

Pairs = frozenset[tuple[Operation, Operation]]
Test = Callable[[Sequence[Operation], Pairs], bool]


def program_order(operations: Iterable[Operation]) -> Pairs:
    operations = list(operations)
    return frozenset(
        (a, b)
        for a, b in product(operations, repeat=2)
        if a.process == b.process and a.start < b.start
    )


def is_transitive(pairs: Pairs) -> bool:
    return all((a, d) in pairs for a, b in pairs for c, d in pairs if b == c)


def causal_orders(operations: Sequence[Operation]) -> Iterator[Pairs]:
    """Every strict partial order that contains the program order."""
    program = program_order(operations)
    open_pairs = [(a, b) for a, b in combinations(operations, 2) if not {(a, b), (b, a)} & program]
    for chosen in product(*(([], [(a, b)], [(b, a)]) for a, b in open_pairs)):
        order = program | frozenset(chain.from_iterable(chosen))
        if is_transitive(order):
            yield order


def least_causal_orders(operations: Sequence[Operation]) -> Iterator[Pairs]:
    """Those that no more than program order and some choice of who read from whom asks for."""
    program = program_order(operations)
    reads = [o for o in operations if o.kind == "read"]
    sources = [
        [w for w in operations if w.kind == "write" and (w.key, w.args[0]) == (r.key, r.result)]
        + [None] * (r.result == 0)
        for r in reads
    ]
    for chosen in product(*sources):
        order = set(program) | {(w, r) for w, r in zip(chosen, reads, strict=True) if w}
        while not is_transitive(frozenset(order)):
            order |= {(a, d) for a, b in order for c, d in order if b == c}
        if not any(a == b for a, b in order):
            yield frozenset(order)


def past(operation: Operation, order: Pairs, operations: Sequence[Operation]) -> list[Operation]:
    """What comes before it, and itself."""
    return [o for o in operations if o == operation or (o, operation) in order]


def extensions(operations: Sequence[Operation], order: Pairs) -> Iterator[list[Operation]]:
    """Every total order of the operations that keeps `order`."""
    if not operations:
        yield []
    for first in operations:
        if not any((other, first) in order for other in operations):
            rest = [o for o in operations if o != first]
            for following in extensions(rest, order):
                yield [first, *following]


def explains(order: Iterable[Operation], told: Iterable[Operation]) -> bool:
    """Whether registers that start at 0 give the reads of `told` what they returned."""
    told, values = set(told), dict[object, object]()
    for operation in order:
        if operation.kind == "write":
            values[operation.key] = operation.args[0]
        elif operation in told and values.get(operation.key, 0) != operation.result:
            return False
    return True


def keeps_cc(operations: Sequence[Operation], order: Pairs) -> bool:
    return all(
        any(explains(e, [o]) for e in extensions(past(o, order, operations), order))
        for o in operations
    )


def keeps_ccv(operations: Sequence[Operation], order: Pairs) -> bool:
    return any(
        all(
            explains([o for o in arbitration if o == x or (o, x) in order], [x]) for x in operations
        )
        for arbitration in extensions(operations, order)
    )


def keeps_cm(operations: Sequence[Operation], order: Pairs) -> bool:
    program = program_order(operations)
    return all(
        any(
            explains(e, past(o, program, operations))
            for e in extensions(past(o, order, operations), order)
        )
        for o in operations
    )


def is_possible(history: Iterable[Operation], keeps: Test, least: bool = False) -> bool:
    """Whether some causal order keeps to the model. Unknown writes may have happened or not.

    least  try only those causal orders that are needed: far quicker, and the same (but for causal
           memory when values repeat, in a few histories that are larger than those tried here)
    """
    answered = [o for o in history if o.outcome == "ok"]
    lost = [o for o in history if o.outcome == "unknown" and o.kind == "write"]
    return any(
        keeps(happened, order)
        for count in range(len(lost) + 1)
        for some in combinations(lost, count)
        for happened in [[*answered, *some]]
        for order in (least_causal_orders if least else causal_orders)(happened)
    )
