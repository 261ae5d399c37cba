"""The definitions of the session guarantees: all orders of all writes, for each process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations, permutations

from consensus_lab.history import History, Operation

from .brute_force import explains, in_program, keeps

Sees = Callable[[History, Operation], set[Operation]]


def writes_of(history: History) -> list[Operation]:
    return [o for o in history if o.kind == "write" and o.outcome != "failed"]


def reads_of(history: History, process: str) -> list[Operation]:
    return [o for o in history if (o.process, o.kind, o.outcome) == (process, "read", "ok")]


def source(history: History, read: Operation) -> Operation | None:
    """The write that it returned; None: the initial value."""
    found = [w for w in writes_of(history) if (w.key, w.args) == (read.key, (read.result,))]
    return found[0] if found else None


def seen_by(history: History, read: Operation) -> set[Operation]:
    """The writes that its process has read so far, now included."""
    reads = [r for r in reads_of(history, read.process) if r.start <= read.start]
    return {w for r in reads if (w := source(history, r))}


def own_writes(history: History, read: Operation) -> set[Operation]:
    return {w for w in writes_of(history) if in_program(w, read)}


def read_before(history: History, read: Operation) -> set[Operation]:
    return {
        w
        for r in reads_of(history, read.process)
        if r.start < read.start and (w := source(history, r))
    }


def written_before(history: History, read: Operation) -> set[Operation]:
    seen = seen_by(history, read)
    return {w for w in writes_of(history) if any(in_program(w, later) for later in seen)}


def answered(history: History, read: Operation) -> set[Operation]:
    """What the writers of the seen writes had read before, and so on back."""
    found: set[Operation] = set()
    new = seen_by(history, read)
    while new:
        new = {w for later in new for w in read_before(history, later)} - found
        found |= new
    return found


def same_key_in_program(history: History, a: Operation, b: Operation) -> bool:
    return in_program(a, b) and a.key == b.key


def all_in_program(history: History, a: Operation, b: Operation) -> bool:
    return in_program(a, b)


def follows_or_same_key(history: History, a: Operation, b: Operation) -> bool:
    return same_key_in_program(history, a, b) or a in read_before(history, b)


GUARANTEES: dict[str, tuple[Sees, Callable[[History, Operation, Operation], bool]]] = {
    "read your writes": (own_writes, same_key_in_program),
    "monotonic reads": (read_before, same_key_in_program),
    "monotonic writes": (written_before, all_in_program),
    "writes follow reads": (answered, follows_or_same_key),
}


def is_kept(model: str, history: History) -> bool:
    """Whether each process has an order of all writes that explains its reads."""
    _, precedes = GUARANTEES[model]
    orders = [
        order
        for order in permutations(writes_of(history))
        if keeps(order, lambda a, b: precedes(history, a, b))
    ]
    reads = [reads_of(history, process) for process in history.processes]
    return all(
        any(all(can_return(model, history, order, read) for read in own) for order in orders)
        for own in reads
    ) and not any(precedes(history, w, w) for w in writes_of(history))


def can_return(model: str, history: History, order: Sequence[Operation], read: Operation) -> bool:
    """Whether what it returned was written, and no write that it must see is behind that."""
    must_see = {w for w in GUARANTEES[model][0](history, read) if w.key == read.key}
    written = source(history, read)
    if written is None:
        return read.result == 0 and not must_see
    return all(order.index(w) <= order.index(written) for w in must_see)


def is_pram(history: History) -> bool:
    """Whether each process has an order of its reads and all writes that explains the reads."""
    return all(is_pram_for(history, process) for process in history.processes)


def is_pram_for(history: History, process: str) -> bool:
    surely = [w for w in writes_of(history) if w.outcome == "ok"] + reads_of(history, process)
    perhaps = [w for w in writes_of(history) if w.outcome == "unknown"]
    return any(
        keeps(order, in_program) and explains(order)
        for size in range(len(perhaps) + 1)
        for happened in combinations(perhaps, size)
        for order in permutations([*surely, *happened])
    )
