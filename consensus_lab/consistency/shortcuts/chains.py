"""Objects whose every version can be told from all others: chains instead of clusters.

A compare-and-set from a to b says that b came directly after a, and a list that was read says which
element came after which. So the versions join into chains, each begun by a write (the first one by
the initial value), and a chain can be judged as one large cluster (see zones.py): from `first`, the
first answer of any of its operations, to `last`, the last question. What is asked besides is that
each chain keeps time in itself:

  nothing that belongs to an earlier version, nor the operation that made this one, was asked after
  the answer of an operation on this version.

Gibbons, P. and Korach, E. (1997): Testing shared memories, section 4 (read-modify-writes whose
order is known).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ...history import History, Operation
from ..reasons.explain import ago, at
from ..specification import NOTHING
from .refused import Slots, inserted, slots
from .zones import Zones


class Step(NamedTuple):
    """An operation, the version that it found, and the version that it made."""

    operation: Operation
    needs: Hashable = NOTHING
    gives: Hashable = NOTHING


class Flaw(NamedTuple):
    """Why a history is impossible: what that is called, by whom, and in words."""

    anomaly: str
    culprits: list[Operation]
    tell: Callable[[History], str]


@dataclass
class Chains(Zones):
    """The operations of one object, with the chain of each (`cluster`), and the place in it.

    place    which version of its chain each operation is about
    makes    whether it made that version; `writes` says whether it began the chain
    refused  compare-and-sets that found another value than they expected
    initial  the initial value
    flaw     what is impossible at first sight
    """

    place: list[int] = field(default_factory=list)
    makes: list[bool] = field(default_factory=list)
    refused: Sequence[Operation] = ()
    initial: Hashable = 0
    flaw: Flaw | None = None

    def hold(self) -> bool | None:
        """Whether there is an order; None if the refused ones do not fit into the one found."""
        if self.flaw or self.out_of_step or not super().hold():
            return False
        return True if self._slots is not None else None

    @cached_property
    def in_chains(self) -> list[int]:
        """The operations chain by chain, version by version, its maker first."""
        cluster, place, makes, calls = self.cluster, self.place, self.makes, self.calls
        return sorted(
            range(len(cluster)), key=lambda i: (cluster[i], place[i], not makes[i], calls[i])
        )

    @cached_property
    def out_of_step(self) -> tuple[int, int] | None:
        """Two operations of a chain: one asked after the answer of the other, but of an earlier
        version, or the maker of the other's."""
        chains, places, calls, returns = self.cluster, self.place, self.calls, self.returns
        chain, version = -1, -1
        latest = seer = 0  # who was asked last: of all before, and of those who saw this version
        for index in self.in_chains:
            if chains[index] != chain:
                chain, version, latest, seer = chains[index], -1, index, index
            if places[index] != version:
                version = places[index]
                latest = seer if calls[seer] > calls[latest] else latest
            if calls[latest] > returns[index]:
                return latest, index
            if self.makes[index]:
                latest = index if calls[index] > calls[latest] else latest
            elif calls[index] > calls[seer]:
                seer = index
        return None

    def _call(self, index: int) -> int:
        return self.calls[index]

    # ---- a witness ----

    def order(self) -> list[Operation]:
        return inserted(self._plain_order(), self._slots or [])

    def _plain_order(self) -> list[Operation]:
        """The order without the refused ones: chain after chain, by the place of its zone."""
        first, last, _, _ = self.moments
        ends = [self.zone_around(s)[1] if s < f else s for f, s in zip(first, last, strict=True)]
        moments = [
            (f, False) if f < s else (max(s, end), end > s)
            for f, s, end in zip(first, last, ends, strict=True)
        ]
        chains = sorted(self.in_chains, key=lambda index: moments[self.cluster[index]])
        return [self.operations[index] for index in chains]

    @cached_property
    def _slots(self) -> Slots | None:
        return slots(self._plain_order(), self.refused, self.initial) if self.refused else []

    # ---- culprits, and why ----

    def culprits(self) -> list[Operation]:
        if self.flaw:
            return self.flaw.culprits
        if self.out_of_step:
            return self._with_makers(self.out_of_step)
        return super().culprits()

    @property
    def anomaly(self) -> str:
        if self.flaw:
            return self.flaw.anomaly
        if self.out_of_step is None:
            return super().anomaly
        late, early = self.out_of_step
        if self.makes[late]:
            return "future read"
        return "stale read" if self.makes[early] else "new-old inversion"

    def why(self, history: History) -> str:
        """What is impossible, in words; nothing if it is a matter of several chains."""
        if self.flaw:
            return self.flaw.tell(history)
        if self.out_of_step:
            early, late = (self.operations[index] for index in self.out_of_step)
            if self.makes[self.out_of_step[0]]:
                return (
                    f"{who(late)} was over {at(history, late.end)}, before {who(early)} began "
                    f"{at(history, early.start)}, and yet it was answered as if that had been done."
                )
            return (
                f"{who(early)} began {ago(history, late, early)} after {who(late)} was over, and "
                "yet it was answered from an earlier version."
            )
        return ""

    def _extremes(self, cluster: int, only_write: bool = False) -> list[Operation]:
        members = self.members(cluster)
        if only_write:
            return [self.operations[index] for index in members if self.writes[index]]
        first = min(members, key=self.returns.__getitem__)
        return self._with_makers([first, max(members, key=self._call)])

    def _with_makers(self, chosen: Sequence[int]) -> list[Operation]:
        """These operations of one chain, all that made the versions up to theirs, and who saw it:
        an append without an answer, or one that no read shows, need not have been there."""
        members = self.members(self.cluster[chosen[0]])
        reached = max(self.place[index] for index in chosen)
        seen = [index for index in members if not self.makes[index]]
        seen = seen or [index for index in members if self.operations[index].end is not None]
        seer = min(
            (index for index in seen if self.place[index] >= reached),
            key=self.place.__getitem__,
            default=chosen[0],
        )
        reached = max(reached, self.place[seer])
        makers = [index for index in members if self.makes[index] and self.place[index] <= reached]
        return [self.operations[index] for index in dict.fromkeys([*chosen, seer, *makers])]


def who(operation: Operation) -> str:
    return f"{operation.process}'s {operation}"


# ---- how versions join ----


def chained(
    steps: Sequence[Step],
    initial: Hashable,
    refused: Sequence[Operation] = (),
    form: type[Chains] = Chains,
) -> Chains | None:
    """The chains of these steps; None if two of them made a version that somebody found."""
    found = {step.needs for step in steps}
    gives: list[Hashable] = []
    makers: dict[Hashable, int] = {}
    following: dict[Hashable, int] = {}
    flaw = None
    for index, (operation, need, give) in enumerate(steps):
        version = give if give in found or give is NOTHING else (NOTHING, index)
        gives.append(version)
        if version is not NOTHING:
            if version == initial or version in makers:
                return None
            makers[version] = index
            if need is not NOTHING:
                rival = following.setdefault(need, index)
                if rival != index and flaw is None:
                    flaw = _lost_update(steps[rival].operation, operation)
    if nowhere := [s.operation for s in steps if not _is_made(s.needs, initial, makers)]:
        flaw = _thin_air(min(nowhere, key=lambda o: o.start))

    places: dict[Hashable, tuple[int, int]] = {}
    heads = [v for v, index in makers.items() if steps[index].needs is NOTHING]
    for chain, head in enumerate([initial, *heads]):
        version, place = head, 0
        places[version] = chain, place
        while (index := following.get(version, -1)) >= 0 and gives[index] not in places:
            version, place = gives[index], place + 1
            places[version] = chain, place
    circle = [index for version, index in makers.items() if version not in places]
    if circle and flaw is None:
        flaw = _circle(circle[0], steps, makers)
    if flaw:
        seers = [*flaw.culprits, *_seers(flaw.culprits, steps)]
        together = [*seers, *_makers(seers, steps, makers)]
        flaw = flaw._replace(culprits=list(dict.fromkeys(together)))
    versions = [
        step.needs if give is NOTHING else give for step, give in zip(steps, gives, strict=True)
    ]
    where = [places.get(version, (0, 0)) for version in versions]
    return form(
        operations=[step.operation for step in steps],
        writes=[s.needs is NOTHING for s in steps],
        cluster=[chain for chain, _ in where],
        count=len(heads) + 1,
        place=[place for _, place in where],
        makes=[step.gives is not NOTHING for step in steps],
        refused=refused,
        initial=initial,
        flaw=flaw,
    )


def _is_made(version: Hashable, initial: Hashable, makers: dict[Hashable, int]) -> bool:
    return version is NOTHING or version == initial or version in makers


def _thin_air(operation: Operation) -> Flaw:
    need = operation.args[0] if operation.args else operation.result

    def tell(history: History) -> str:
        return f"{who(operation)} found {need!r}, which nobody had made."

    return Flaw("thin-air read", [operation], tell)


def _lost_update(one: Operation, other: Operation) -> Flaw:
    def tell(history: History) -> str:
        return (
            f"{who(one)} and {who(other)} both changed the same {one.args[0]!r}, which was there "
            "only once: whichever came second cannot have found it."
        )

    return Flaw("lost update", [one, other], tell)


def _makers(
    operations: Iterable[Operation], steps: Sequence[Step], makers: dict[Hashable, int]
) -> Iterator[Operation]:
    """Who made the version that these found, the version that that one found, and so on."""
    needs = {step.operation: step.needs for step in steps}
    seen: set[Hashable] = set()
    for operation in operations:
        version = needs[operation]
        while version in makers and version not in seen:
            seen.add(version)
            maker = steps[makers[version]]
            yield maker.operation
            version = maker.needs


def _seers(operations: Iterable[Operation], steps: Sequence[Step]) -> list[Operation]:
    """For those without an answer, who found what they made: else they need not have happened."""
    gives = {step.operation: step.gives for step in steps}
    finders: dict[Hashable, list[Operation]] = {}
    for step in steps:
        finders.setdefault(step.needs, []).append(step.operation)
    seers: dict[Operation, None] = {}
    waiting = list(operations)
    while waiting:
        operation = waiting.pop()
        if operation.end is None:
            found = finders.get(gives[operation], [])
            answered = [o for o in found if o.end is not None][:1]
            found = answered or found
            waiting += [o for o in found if o not in seers]
            seers.update(dict.fromkeys(found))
    return list(seers)


def _circle(index: int, steps: Sequence[Step], makers: dict[Hashable, int]) -> Flaw:
    path: list[int] = []
    while index not in path:
        path.append(index)
        index = makers[steps[index].needs]
    circle = [steps[i].operation for i in path[path.index(index) :]][::-1]

    def tell(history: History) -> str:
        steps = ", then ".join(map(who, circle))
        return (
            f"There is a circle: {steps}, and then again {who(circle[0])}: each needs what the one "
            "before it made, so none can be the first."
        )

    return Flaw("cycle", circle, tell)


# ---- registers ----


def of_register(operations: Sequence[Operation], initial: Hashable) -> Chains | None:
    """The chains of a register; None if a value that somebody found was written twice.

    An operation without an answer has surely happened if somebody found what it wrote, and may be
    left out if not.
    """
    if _comes_back(operations, initial):
        return None
    refused: list[Operation] = []
    steps: list[Step] = []
    lost: dict[Hashable, list[Step]] = {}
    for operation in operations:
        if operation.kind == "read":
            steps.append(Step(operation, needs=operation.result))
        elif operation.result is False:
            refused.append(operation)
        else:
            need = operation.args[0] if operation.kind == "cas" else NOTHING
            step = Step(operation, need, operation.args[-1])
            (steps if operation.end is not None else lost.setdefault(step.gives, [])).append(step)
    found = [step.needs for step in steps]
    while lost and found:
        for step in lost.pop(found.pop(), ()):
            steps.append(step)
            found.append(step.needs)
    return chained(steps, initial, refused)


def _comes_back(operations: Sequence[Operation], initial: Hashable) -> bool:
    """Whether a value that somebody found was surely written twice: a look before the work."""
    done = [o for o in operations if o.end is not None and o.result is not False]
    written = [o.args[-1] for o in done if o.kind != "read"]
    twice = {value for value, count in Counter([initial, *written]).items() if count > 1}
    found = (o.result if o.kind == "read" else o.args[0] for o in done if o.kind != "write")
    return bool(twice) and any(value in twice for value in found)
