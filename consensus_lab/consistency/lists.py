"""The chains of a list: every read of it names all its elements, and so all its versions.

An append that some read shows goes from the list before it to the list with it, as a
compare-and-set does; one that no read shows is as good as a write of a value that nobody sees.

Kingsbury, K. and Alvaro, P. (2020): Elle: inferring isolation anomalies from experimental
observations, section 3 (traceable objects).
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence

from ..history import History, Operation
from .chains import Chains, Flaw, Step, chained, who
from .explain import ago

BEGINNING = -1
"""Stands for the write that made the empty list in the beginning."""


class Lists(Chains):
    """The chains of a list, with words for two that cannot come one after the other."""

    def why(self, history: History) -> str:
        return super().why(history) or self._entangled(history)

    def _entangled(self, history: History) -> str:
        """Somebody saw the one chain before somebody saw the other, and the other way round."""
        first, last, _, _ = self.moments
        pairs = ((a, b) for _, _, a in self.forward for b in range(1, self.count) if a != b)
        one, other = next((a, b) for a, b in pairs if first[a] < last[b] and first[b] < last[a])
        earliest, latest = self._ends(one)
        first_of_other, last_of_other = self._ends(other)
        words = (
            f"{who(first_of_other)} was over {ago(history, first_of_other, latest)} before "
            f"{who(latest)} began, and yet that was answered as if it had not been done"
        )
        if one == 0:
            return f"{words}."
        began = "it" if last_of_other == first_of_other else who(last_of_other)
        return f"{words}, nor at any time before: {who(earliest)} was over before {began} began."

    def _ends(self, chain: int) -> tuple[Operation, Operation]:
        """The operation of a chain that was answered first, and the one that was asked last."""
        members = self.members(chain)
        first = min(members, key=self.returns.__getitem__)
        return self.operations[first], self.operations[max(members, key=self.calls.__getitem__)]


def of_list(operations: Sequence[Operation]) -> Chains | None:
    """The chains of a list; None if an element was put in twice, or an empty list written."""
    makers = _makers(operations)
    if makers is None:
        return None
    trunks: dict[Hashable, Operation] = {}  # the longest read that begins so
    reads = [o for o in operations if o.kind == "read" and o.result]
    for read in sorted(reads, key=lambda o: -len(o.result)):
        trunks.setdefault(read.result[0], read)
    seen: dict[int, Step] = {}
    bases: dict[Hashable, int] = {}
    for first, longest in trunks.items():
        bases[first] = makers.get(first, BEGINNING)
        if bases[first] != BEGINNING and operations[bases[first]].kind == "append":
            bases[first] = BEGINNING
        rivals = [trunks[f] for f, base in bases.items() if base == bases[first]]
        flaw = (
            _parted(longest, rivals[0])
            if rivals[0] is not longest
            else _follow(longest, bases[first], operations, makers, seen, trunks.values())
        )
        if flaw:
            return _impossible(flaw, operations, makers)

    steps: list[Step] = []
    for index, operation in enumerate(operations):
        if operation.kind == "read":
            told = operation.result
            base = bases[told[0]] if told else BEGINNING
            if base != BEGINNING and len(told) < len(operations[base].args[0]):
                return _impossible(_torn(operation, operations[base]), operations, makers)
            if told and trunks[told[0]].result[: len(told)] != told:
                return _impossible(_parted(operation, trunks[told[0]]), operations, makers)
            steps.append(Step(operation, needs=(base, len(told))))
        elif index in seen:
            steps.append(seen[index])
        elif operation.end is not None:
            steps.append(Step(operation, gives=(index, 0)))
    return chained(steps, (BEGINNING, 0), form=Lists)


def _makers(operations: Sequence[Operation]) -> dict[Hashable, int] | None:
    """For each element the index of the operation that put it in; None if there are two."""
    makers: dict[Hashable, int] = {}
    for index, operation in enumerate(operations):
        if operation.kind == "read":
            continue
        (value,) = operation.args
        elements = value if operation.kind == "write" else (value,)
        known = len(makers)
        makers.update(dict.fromkeys(elements, index))
        if not elements or len(makers) < known + len(elements):
            return None
    return makers


def _follow(
    read: Operation,
    base: int,
    operations: Sequence[Operation],
    makers: dict[Hashable, int],
    seen: dict[int, Step],
    trunks: Collection[Operation],
) -> Flaw | None:
    """Take down in `seen` who made the versions that `read` names; or say why that cannot be."""
    told, start = read.result, 0
    if base != BEGINNING:
        whole = operations[base].args[0]
        start = len(whole)
        if told[:start] != whole:
            return _torn(read, operations[base])
        seen[base] = Step(operations[base], gives=(base, start))
    for place in range(start, len(told)):
        maker = makers.get(told[place])
        if maker is None:
            return _thin_air(read, told[place])
        if maker in seen or operations[maker].kind == "write":
            return _misplaced(read, operations[maker], told[place], trunks)
        seen[maker] = Step(operations[maker], (base, place), (base, place + 1))
    return None


# ---- what is impossible at first sight ----


def _impossible(flaw: Flaw, operations: Sequence[Operation], makers: dict[Hashable, int]) -> Chains:
    """Chains with this flaw; all that its culprits show is guilty with them."""
    shown = [makers[e] for o in flaw.culprits if o.kind == "read" for e in o.result if e in makers]
    together = [*flaw.culprits, *(operations[index] for index in shown)]
    return Lists([], [], [], 1, flaw=flaw._replace(culprits=list(dict.fromkeys(together))))


def _thin_air(read: Operation, element: object) -> Flaw:
    def tell(history: History) -> str:
        return f"{who(read)} shows {element!r}, which nobody put in."

    return Flaw("thin-air read", [read], tell)


def _parted(read: Operation, other: Operation) -> Flaw:
    def tell(history: History) -> str:
        return (
            f"{who(read)} and {who(other)} disagree on what came after what: neither is how the "
            "other begins."
        )

    return Flaw("incompatible order", [read, other], tell)


def _torn(read: Operation, write: Operation) -> Flaw:
    def tell(history: History) -> str:
        return f"{who(read)} shows only a part of what {who(write)} wrote as a whole."

    return Flaw("torn read", [read, write], tell)


def _misplaced(
    read: Operation, maker: Operation, element: object, trunks: Iterable[Operation]
) -> Flaw:
    others = [o for o in trunks if o is not read and element in o.result]

    def tell(history: History) -> str:
        shows = f"{who(read)} shows {element!r}"
        if maker.kind == "write":
            return f"{shows} behind something else, but {who(maker)} wrote the list as a whole."
        if read.result.count(element) > 1:
            return f"{shows} twice, but it was put in once, by {who(maker)}."
        return f"{shows}, and so does {who(others[0])}, in another list; it was put in once."

    culprits = [read] if maker.kind == "write" else [read, *others]
    return Flaw("incompatible order", culprits, tell)
