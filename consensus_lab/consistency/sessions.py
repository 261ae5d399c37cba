"""Session guarantees: what one client may count on, whichever server it asks.

    read your writes      a read sees what its process wrote before
    monotonic reads       … what its process has read before
    monotonic writes      … what was written, by the same process, before a write it has seen
    writes follow reads   … what the writer of a write it has seen had read before
    PRAM                  the first three together, and each process sees all writes in one order

In full: each process has an order of all writes, in which any process's writes to one key stand as
that process did them. Each read returns a write that was there, and no write that it must see is
behind that one; if it returns the initial value, there is no write that it must see. Processes may
order writes differently: to agree is what other models ask for.

Terry, D. et al. (1994): Session guarantees for weakly consistent replicated data.
Lipton, R. and Sandberg, J. (1988): PRAM: a scalable shared memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ..graph import Edge, components, shortest_path, sorted_topologically
from ..history import History, Operation
from .causality.guarantees import (
    Guarantee,
    MonotonicReads,
    MonotonicWrites,
    ReadYourWrites,
    WritesFollowReads,
)
from .causality.pipelined import Pipelined
from .reasons.minimize import Dependence, smallest
from .specification import KeyValue, reads_and_writes
from .verdict import Verdict, Witness

Versions = Mapping[Operation, Any]


def read_your_writes(history: History, versions: Versions | None = None) -> Verdict:
    """Whether each read sees what its own process wrote before, and why.

    versions  for writes, as far as the store numbered them, the number: of two writes to a key the
              larger one is the later. Without them any order that explains the reads will do

    Registers that start at 0 are read and written. Writes without an answer happened if somebody
    read them. If a value was written twice nothing is demanded of reads that return it; a history
    that is not broken without them is undecided. Raises ConsensusLabError for other operations.
    """
    return _check(ReadYourWrites, history, versions)


def monotonic_reads(history: History, versions: Versions | None = None) -> Verdict:
    """Whether nobody who has read a write reads an older one later. See `read_your_writes`."""
    return _check(MonotonicReads, history, versions)


def monotonic_writes(history: History, versions: Versions | None = None) -> Verdict:
    """Whether all see the writes of a process in its order. See `read_your_writes`.

    Whoever has seen a write has to see those that the same process did before it.
    """
    return _check(MonotonicWrites, history, versions)


def writes_follow_reads(history: History, versions: Versions | None = None) -> Verdict:
    """Whether nobody sees an answer without what it answers. See `read_your_writes`.

    Whoever has seen a write has to see what its process had read before it, and so on back.
    """
    return _check(WritesFollowReads, history, versions)


def pram(history: History, versions: Versions | None = None) -> Verdict:
    """Whether each process has an order of all writes that explains its reads (PRAM, FIFO).

    The order keeps every process's own. See `read_your_writes` for the rest.
    """
    return _check(Pipelined, history, versions)


def session_guarantees(history: History, versions: Versions | None = None) -> dict[str, Verdict]:
    """The verdicts on all five, by the names of the models."""
    kinds = (ReadYourWrites, MonotonicReads, MonotonicWrites, WritesFollowReads, Pipelined)
    return {kind.model: _check(kind, history, versions) for kind in kinds}


class SessionWitness(Witness):
    """Orders of the writes that explain what each process was told.

    order  the order that is good for all processes, if there is such a one; else empty
    """

    def __init__(self, of: Guarantee) -> None:
        super().__init__(lambda: _order(of, list(of.programs)), timed=False)
        self._of = of

    def order_of(self, process: str) -> tuple[Operation, ...]:
        """The order in the eyes of `process`; for PRAM its own reads stand in it, too."""
        return tuple(_order(self._of, [process]))


# ---- one engine for all ----


def _check(kind: type[Guarantee], history: History, versions: Versions | None) -> Verdict:
    """The verdict on one guarantee."""
    of = kind(reads_and_writes(history, kind.model), versions)
    broken = _broken(of)
    if broken is not None:
        return _refuted(kind, history, of, broken.shown, versions)
    if of.unclear:
        read = of.operations[of.unclear[0]]
        words = (
            f"{len(of.unclear)} of the reads returned a value that was written more than once "
            f"(such as {read.process}'s {read}), so nobody can tell which write they saw; the "
            "others break nothing. Give each write a value of its own."
        )
        return Verdict(kind.model, None, history, explanation=words)
    words = "Every read saw all the writes that it had to see."
    return Verdict(kind.model, True, history, SessionWitness(of), explanation=words)


class Circle(NamedTuple):
    """Operations each of which comes before the next, and the last before the first.

    edges    in that order; none if a read of a value that nobody wrote is all that is wrong
    shown    the numbers of the operations that show it
    reasons  the same in words
    """

    edges: list[Edge]
    shown: list[int]
    reasons: list[str]


def _broken(of: Guarantee) -> Circle | None:
    """What breaks the guarantee, if anything does."""
    if of.ghosts:
        return Circle([], of.ghosts[:1], [])
    circles = (_circle(of, process) for process in of.programs)
    return next(filter(None, circles), None)


Demands = dict[tuple[int, int], int]
"""Which write comes before which, and the read that says so: it must see the one and returned the
other."""


def _demands(of: Guarantee, process: str) -> tuple[Demands, tuple[int, int] | None]:
    """What the reads of `process` say of the order, and a (read, write) where a read of the initial
    value must see a write."""
    demands: Demands = {}
    for read, writes in of.must_see(process):
        source = of.source[read]
        for write in writes:
            if source is None:
                return demands, (read, write)
            plain = of.writer(write) == of.writer(source) and write < source
            if write != source and not plain:
                demands.setdefault((write, source), read)
    return demands, None


def _circle(of: Guarantee, process: str) -> Circle | None:
    """A circle in the eyes of `process`."""
    demands, too_early = _demands(of, process)
    if too_early:
        return _beginning(of, *too_early, demands)
    after: list[list[int]] = [[] for _ in of.operations]
    for early, late in (*of.order(process), *demands):
        after[early].append(late)
    circles = components(len(after), after)
    if not circles:
        return None
    member = min(circles, key=lambda circle: (len(circle), min(circle)))[0]
    path = shortest_path(member, member, after.__getitem__)
    assert path
    edges = [_edge(of, early, late, demands) for early, late in pairwise(path)]
    edges = _best_told(edges, of.model)
    return Circle(edges, sorted(_shown(of, path, demands)), [edge.reason for edge in edges])


def _shown(of: Guarantee, path: list[int], demands: Demands) -> set[int]:
    """`path`, and all that shows why each step of it must be."""
    shown, known = set(path), set[tuple[int, int]]()
    waiting = [*pairwise(path)]
    while waiting:
        pair = waiting.pop()
        if pair in demands and pair not in known:
            known.add(pair)
            read = demands[pair]
            proof = [pair[0], *of.proof(read, pair[0]).operations, read]
            shown |= {*proof}
            waiting += pairwise(proof)
    return shown


def _best_told(circle: list[Edge], model: str) -> list[Edge]:
    """The same circle, begun where it is told best: demands first, what is plain last."""
    turns = [circle[place:] + circle[:place] for place in range(len(circle))]
    return min(turns, key=lambda turn: (turn[0].relation != model, turn[-1].relation == model))


def _beginning(of: Guarantee, read: int, write: int, demands: Demands) -> Circle:
    """The circle of a read that returned the initial value although it must see a write."""
    proof = of.proof(read, write)
    path = [write, *proof.operations, read]
    edges = [_edge(of, early, late, demands) for early, late in pairwise(path)]
    o = of.operations[read]
    late = f"{o.process}'s {o} returned the initial value, before every write"
    edges.append(Edge(o, of.operations[write], "initial value", late))
    return Circle(edges, sorted(_shown(of, path, demands)), [proof.words, late])


def _edge(of: Guarantee, early: int, late: int, demands: Demands) -> Edge:
    """Why one comes before the other."""
    a, b = of.operations[early], of.operations[late]
    if (early, late) in demands:
        read = demands[early, late]
        o = of.operations[read]
        words = f"{of.proof(read, early).words}, and then {o.process}'s {o} returned {o.result!r}"
        return Edge(a, b, of.model, f"{words}: so {a} comes before {b}")
    if of.source.get(late) == early:
        return Edge(a, b, "reads from", f"{b.process}'s {b} returned what {a.process} wrote")
    if a.process == b.process and early < late:
        return Edge(a, b, "session order", f"{a.process} did {a} before {b}")
    return Edge(a, b, "version order", f"the store gave {b} a later version than {a}")


def _order(of: Guarantee, processes: Sequence[str]) -> list[Operation]:
    """An order that is good for all these processes, or nothing."""
    after: list[list[int]] = [[] for _ in of.operations]
    for process in processes:
        for early, late in (*of.order(process), *_demands(of, process)[0]):
            after[early].append(late)
    order = of.arranged(processes, sorted_topologically(range(len(after)), after))
    return [of.operations[number] for number in order]


def _refuted(
    kind: type[Guarantee],
    history: History,
    of: Guarantee,
    shown: Sequence[int],
    versions: Versions | None,
) -> Verdict:
    """The verdict, with the smallest part of what was `shown` that is impossible."""
    sources = [of.source.get(number) for number in shown]
    numbers = sorted({*shown, *(source for source in sources if source is not None)})
    found = smallest(
        [of.operations[number] for number in numbers],
        lambda part: _broken(kind(part, versions)) is not None,
        Dependence(KeyValue(), timed=False),
    )
    counterexample = history.only(found)
    broken = _broken(kind(counterexample, versions))
    assert broken
    if not broken.edges:
        words = _from_nowhere(history, counterexample[0])
        return Verdict(
            kind.model, False, history, None, counterexample, words, anomaly="ThinAirRead"
        )
    parts = (part for part in kind.implies if _broken(part(counterexample, versions)))
    anomaly = next(parts, kind).model
    *first, last = broken.reasons
    words = f"{'; '.join(first)}; but {last}: a contradiction."
    return Verdict(
        kind.model, False, history, None, counterexample, words, anomaly, tuple(broken.edges)
    )


def _from_nowhere(history: History, read: Operation) -> str:
    """What is wrong with a read of a value that nobody wrote."""
    saw = f"{read.process}'s {read} returned {read.result!r}"
    for o in history:
        if o.outcome == "failed" and (o.key, o.args) == (read.key, (read.result,)):
            return f"{saw}, but {o.process}'s {o} had failed: it surely had no effect."
    return f"{saw}, but nobody ever wrote that to {read.key}."
