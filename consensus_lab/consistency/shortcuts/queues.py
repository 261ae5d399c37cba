"""Queues in which no value is put in twice: four bad patterns instead of a search.

A history of a queue is linearizable if and only if none of these is in it:

  VFresh  a value is taken out that was never put in, or not yet,
  VRepet  a value is taken out twice,
  VOrd    one value was put in before another, and came out after it, or never,
  VWit    a dequeue finds nothing, although at each moment of it something was surely there.

Henzinger, T., Sezgin, A. and Vafeiadis, V. (2013): Aspect-oriented linearizability proofs, section
3; Bouajjani, A., Emmi, M., Enea, C. and Hamza, J. (2015): On reducing linearizability to state
reachability.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from operator import attrgetter
from typing import NamedTuple

from ...history import LATEST, History, Operation
from ..reasons.explain import at
from ..search.timeline import call_of
from .chains import Flaw, who

NEVER = 2 * LATEST
"""When a value is asked for that stays in the queue for ever."""


class Stay(NamedTuple):
    """The way of a value through the queue.

    It went in between `asked_in` and `surely_in`, and out between `asked_out` and `surely_out`. A
    value that was handed out had been put in by then, whatever the answer to its enqueue.
    """

    value: Hashable
    enqueue: Operation
    dequeue: Operation | None
    asked_in: int
    surely_in: int
    asked_out: int
    surely_out: int

    @staticmethod
    def of(enqueue: Operation, dequeue: Operation | None) -> Stay:
        asked_in, surely_in = call_of(enqueue), _answer(enqueue)
        value = enqueue.args[0]
        if dequeue is None:
            return Stay(value, enqueue, None, asked_in, surely_in, NEVER, NEVER + 1)
        out = _answer(dequeue)
        asked_out = max(asked_in, call_of(dequeue))
        return Stay(value, enqueue, dequeue, asked_in, min(surely_in, out), asked_out, out)

    @property
    def operations(self) -> list[Operation]:
        return [self.enqueue] if self.dequeue is None else [self.enqueue, self.dequeue]


def _answer(operation: Operation) -> int:
    return NEVER if operation.end is None else 2 * operation.end + 1


@dataclass
class Patterns:
    """The operations of a queue, by value.

    stays   the ways of the values through the queue
    empty   the dequeues that found nothing
    lost    whether there are dequeues without an answer: they may have taken what stays in
    flaw    VFresh or VRepet, if one of them is there
    """

    stays: list[Stay]
    empty: list[Operation]
    lost: bool
    flaw: Flaw | None

    @staticmethod
    def of(operations: Sequence[Operation]) -> Patterns | None:
        """The patterns of these operations; None if a value was put in twice."""
        enqueues = [o for o in operations if o.kind == "enqueue"]
        entries = {o.args[0]: o for o in enqueues}
        if len(entries) < len(enqueues):
            return None
        exits: dict[Hashable, Operation] = {}
        flaw = None
        answered = [o for o in operations if o.kind == "dequeue" and o.end is not None]
        for dequeue in answered:
            value = dequeue.result
            enqueue = entries.get(value)
            if value is None:
                continue
            if enqueue is None or _answer(dequeue) < call_of(enqueue):
                flaw = flaw or _fresh(dequeue, enqueue)
            elif exits.setdefault(value, dequeue) is not dequeue:
                flaw = flaw or _repeated(enqueue, exits[value], dequeue)
        # An enqueue without an answer whose value nobody got may be left out: it never helps.
        known = [o for o in enqueues if o.end is not None or o.args[0] in exits]
        return Patterns(
            stays=[Stay.of(enqueue, exits.get(enqueue.args[0])) for enqueue in known],
            empty=[o for o in answered if o.result is None],
            lost=len(answered) + len(enqueues) < len(operations),
            flaw=flaw,
        )

    def hold(self) -> bool | None:
        """Whether the queue is linearizable; None if that depends on what the lost ones took."""
        if self.flaw or self.disorder:
            late = self.disorder[0] if self.disorder else None
            return False if self.flaw or not self.lost or (late and late.dequeue) else None
        if self.unwitnessed:
            taken = all(stay.dequeue for stay in self.unwitnessed[1])
            return False if taken or not self.lost else None
        return True

    @cached_property
    def disorder(self) -> tuple[Stay, Stay] | None:
        """VOrd: a value that surely went in before another one and surely came out after it."""
        entered = sorted(self.stays, key=attrgetter("surely_in"))
        place, slowest = 0, None
        for stay in sorted(self.stays, key=attrgetter("asked_in")):
            while entered[place].surely_in < stay.asked_in:
                if slowest is None or entered[place].asked_out > slowest.asked_out:
                    slowest = entered[place]
                place += 1
            if slowest is not None and slowest.asked_out > stay.surely_out:
                return slowest, stay
        return None

    @cached_property
    def inside(self) -> list[tuple[int, int, list[Stay]]]:
        """The times at which the queue was surely not empty, and who says so."""
        spans: list[tuple[int, int, list[Stay]]] = []
        sure = [stay for stay in self.stays if stay.surely_in < stay.asked_out]
        for stay in sorted(sure, key=attrgetter("surely_in")):
            if spans and stay.surely_in < spans[-1][1]:
                start, end, stays = spans[-1]
                if stay.asked_out > end:
                    spans[-1] = start, stay.asked_out, [*stays, stay]
            else:
                spans.append((stay.surely_in, stay.asked_out, [stay]))
        return spans

    def free_moment(self, dequeue: Operation) -> tuple[int, list[Stay]]:
        """The first moment of this dequeue at which the queue may be empty, and if that is too
        late, which values were there until then."""
        call = call_of(dequeue)
        place = bisect_left(self.inside, call, key=lambda span: span[0]) - 1
        if place < 0 or self.inside[place][1] <= call:
            return call, []
        _, end, stays = self.inside[place]
        return end, stays if end > _answer(dequeue) else []

    @cached_property
    def unwitnessed(self) -> tuple[Operation, list[Stay]] | None:
        """VWit: a dequeue that found nothing, and the values that were there all the time."""
        for dequeue in self.empty:
            stays = self.free_moment(dequeue)[1]
            if stays:
                start, end = call_of(dequeue), _answer(dequeue)
                there = [s for s in stays if s.asked_out > start and s.surely_in < end]
                return dequeue, there
        return None

    # ---- a witness ----

    def order(self) -> list[Operation]:
        """All operations by the earliest moments at which they can have happened, in the order of
        the values, and each enqueue behind the last empty moment that its value did not see."""
        moments = {id(dequeue): self.free_moment(dequeue)[0] for dequeue in self.empty}
        empty = sorted(set(moments.values()))
        points = [
            ((moments[id(dequeue)], bisect_left(empty, moments[id(dequeue)]), 2), dequeue)
            for dequeue in self.empty
        ]
        entry = exit = -1
        for stay in self._values():
            epoch = bisect_left(empty, stay.asked_out)
            entry = max(entry, stay.asked_in, empty[epoch - 1] if epoch else -1)
            points.append(((entry, epoch, 0), stay.enqueue))
            if stay.dequeue is not None:
                exit = max(exit, stay.asked_out)
                points.append(((exit, epoch, 1), stay.dequeue))
        return [operation for _, operation in sorted(points, key=lambda point: point[0])]

    def _values(self) -> list[Stay]:
        """An order of the values: whatever surely went in or came out earlier is in front."""
        stays, everyone = self.stays, range(len(self.stays))
        asked = [s.asked_in for s in stays], [s.asked_out for s in stays]
        sure = [s.surely_in for s in stays], [s.surely_out for s in stays]
        waiting = [sorted(everyone, key=times.__getitem__, reverse=True) for times in asked]
        inside = [sorted(everyone, key=times.__getitem__, reverse=True) for times in sure]
        reasons, gone = [2] * len(stays), [False] * len(stays)
        order: list[Stay] = []
        ready: list[tuple[int, int]] = []
        for _ in stays:
            for way in (0, 1):  # in, out: who asked before anybody left was sure of it may be next
                while gone[inside[way][-1]]:
                    inside[way].pop()
                soonest = sure[way][inside[way][-1]]
                while waiting[way] and asked[way][waiting[way][-1]] < soonest:
                    index = waiting[way].pop()
                    reasons[index] -= 1
                    if not reasons[index]:
                        heappush(ready, (asked[1][index], index))
            _, index = heappop(ready)
            gone[index] = True
            order.append(stays[index])
        return order

    # ---- culprits, and why ----

    def culprits(self) -> list[Operation]:
        if self.flaw:
            return self.flaw.culprits
        if self.disorder:
            return [operation for stay in self.disorder for operation in stay.operations]
        assert self.unwitnessed is not None
        dequeue, stays = self.unwitnessed
        return [dequeue, *(operation for stay in stays for operation in stay.operations)]

    @property
    def anomaly(self) -> str:
        return self.flaw.anomaly if self.flaw else "VOrd" if self.disorder else "VWit"

    def why(self, history: History) -> str:
        if self.flaw:
            return self.flaw.tell(history)
        if self.disorder:
            first, second = self.disorder
            proof = first.enqueue
            if first.dequeue is not None and _answer(first.dequeue) < _answer(proof):
                proof = first.dequeue
            out = f"by {who(first.dequeue)} only later" if first.dequeue else "never"
            return (
                f"{first.value!r} went in before {second.value!r}: {who(proof)} was over "
                f"{at(history, proof.end)}, and {who(second.enqueue)} began "
                f"{at(history, second.enqueue.start)}. Yet {second.value!r} was taken out by "
                f"{who(second.dequeue)}, and {first.value!r} {out}."  # type: ignore[arg-type]
            )
        if self.unwitnessed:
            dequeue, stays = self.unwitnessed
            values = ", then ".join(repr(stay.value) for stay in stays)
            return (
                f"{who(dequeue)} found nothing. It began {at(history, dequeue.start)} and was over "
                f"{at(history, dequeue.end)}, and all that time something was surely in the queue: "
                f"{values}."
            )
        return ""


def _fresh(dequeue: Operation, enqueue: Operation | None) -> Flaw:
    def tell(history: History) -> str:
        if enqueue is None:
            return f"{who(dequeue)} took out what nobody had put in."
        return (
            f"{who(dequeue)} was over {at(history, dequeue.end)}, before {who(enqueue)} began "
            f"{at(history, enqueue.start)}: it took out what was not in yet."
        )

    return Flaw("VFresh", [dequeue, *([enqueue] if enqueue else [])], tell)


def _repeated(enqueue: Operation, one: Operation, other: Operation) -> Flaw:
    def tell(history: History) -> str:
        return (
            f"{who(one)} and {who(other)} took out the same value, and it was put in once, by "
            f"{who(enqueue)}."
        )

    return Flaw("VRepet", [enqueue, one, other], tell)
