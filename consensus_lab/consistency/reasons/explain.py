"""Why a small history is impossible, in words.

The argument is looked for from the most natural to the most general: a value from nowhere, a value
from the future, a stale value; else a circle of operations each of which must come before the next.
"""

from __future__ import annotations

from collections.abc import Hashable
from operator import itemgetter
from typing import Any

from ...graph import Edge
from ...history import History, Operation, natural
from ...notation import spell_value
from ..search.placing import Precedes, furthest, homeless
from ..specification import ANY, NOTHING, Specification, has_hints
from .order import Order


def explain(counterexample: History, specification: Specification, timed: bool) -> str:
    """One paragraph on why no order explains these operations."""
    story = Story(counterexample, specification)
    several = len(counterexample) > 1

    def precedes(a: Operation, b: Operation) -> bool:
        return (timed and _over(a, b)) or (a.process == b.process and a.start < b.start)

    return (
        story.from_nowhere()
        or (timed and (story.from_the_future() or story.stale()))
        or story.circle(timed)
        or (several and (story.homeless(precedes) or story.stuck(precedes)))
        or story.nothing_fits(timed)
    )


def circle(counterexample: History, specification: Specification, timed: bool) -> tuple[Edge, ...]:
    """The circle of which the explanation tells, if it tells of one."""
    story = Story(counterexample, specification)
    return tuple(Order(counterexample, specification, story.seers, timed).circle())


class Story:
    """What the operations of a counterexample say of each other."""

    def __init__(self, history: History, specification: Specification) -> None:
        self.history = history
        self.specification = specification
        self.seers: dict[Operation, Any] = {}
        self.givers: dict[tuple[Hashable, Any], list[Operation]] = {}
        if has_hints(specification):
            for operation in history:
                need, give = specification.needs(operation), specification.gives(operation)
                if need is not ANY and need is not NOTHING and operation.end is not None:
                    self.seers[operation] = need
                if give is not NOTHING:
                    key = (specification.part(operation), give)
                    self.givers.setdefault(key, []).append(operation)

    # ---- the arguments ----

    def from_nowhere(self) -> str:
        """A value that nobody wrote."""
        for seer, value in self.seers.items():
            if not self.givers_of(seer) and value != self.specification.initial:
                return (
                    f"{self.saw(seer)}, but nobody ever wrote {value!r} there: it began as "
                    f"{self.specification.initial!r}."
                )
        return ""

    def from_the_future(self) -> str:
        """A value whose write had not begun."""
        for seer, value in self.seers.items():
            givers = self.givers_of(seer)
            if value != self.specification.initial and all(_over(seer, giver) for giver in givers):
                giver = min(givers, key=lambda giver: giver.start)
                return (
                    f"{self.saw(seer)}, and was answered {self.at(seer.end)}, before "
                    f"{self.whose(giver)} began {self.at(giver.start)}: nobody can read what is "
                    "not written yet."
                )
        return ""

    def stale(self) -> str:
        """A value that another one had surely replaced: of several, the one replaced longest ago.

        Each value was written once, so if one was known before somebody met the other one, it was
        there earlier, and cannot come back.
        """
        stories = []
        for seer, value in self.seers.items():
            own = self.givers_of(seer)
            if len(own) + (value == self.specification.initial) != 1:
                continue
            for other in self.others(seer):
                later = [other, *self.seers_of(other)]
                proofs = [o for o in later if _over(o, seer)]
                known = [*own, *self.fellows(seer)]
                turns = [(a, b) for b in later for a in known if _over(a, b)]
                if proofs and (turns or not own):
                    age = seer.start - min(o.end for o in proofs if o.end is not None)
                    stories.append((age, seer, other, proofs, turns))
        if not stories:
            return ""
        age, seer, other, proofs, turns = max(stories, key=itemgetter(0))
        proof = min(proofs, key=lambda o: (o is not other, o.end))
        words = f"{self.saw(seer)}, although "
        if proof is other:
            words += f"{self.whose(other)} had been answered {self.ago(proof, seer)}"
        else:
            words += f"{self.saw(proof, had=True)}, {self.ago(proof, seer)}"
        words += f" before that {seer.kind} began ({self.at(proof.end)} and {self.at(seer.start)})"
        return words + self.first_of_the_two(seer, other, turns) + "."

    def first_of_the_two(
        self, seer: Operation, other: Operation, turns: list[tuple[Operation, Operation]]
    ) -> str:
        """Why what `seer` saw is the older of the two values."""
        if not turns:
            return ""
        before, after = turns[0]
        verb = "written" if before in self.givers_of(seer) else "seen"
        meeting = self.whose(after) if after is other else f"{after.process}'s {after}"
        return (
            f". {self.seers[seer]!r} is the older of the two: {before.process} had {verb} it "
            f"{self.at(before.end)}, and {meeting} only began {self.at(after.start)}"
        )

    def circle(self, timed: bool) -> str:
        """Operations each of which must come before the next, and the last before the first."""
        order = Order(self.history, self.specification, self.seers, timed)
        circle = order.circle()
        if not circle:
            return ""
        return (
            "There is a circle: "
            + "; ".join(edge.reason for edge in circle)
            + ". Whichever is put first, another must come before it."
        )

    def homeless(self, precedes: Precedes) -> str:
        """An answer that none of the states explains that can have been there."""
        found = homeless(self.history, self.specification, precedes)
        if found is None:
            return ""
        operation, states = found
        shown = sorted(map(spell_value, states), key=natural)
        met = " or ".join(shown[:4]) + (" or …" if len(states) > 4 else "")
        return (
            f"{operation.process}'s {operation} has no place among the others: wherever it is put, "
            f"it meets the state {met}, which does not explain its answer."
        )

    def stuck(self, precedes: Precedes) -> str:
        """How far one gets."""
        found = furthest(self.history, self.specification, precedes)
        if found is None:
            return ""
        order, state, left = found
        done = ", then ".join(f"{o.process}'s {o}" for o in order)
        following = " or ".join(f"{o.process}'s {o}" for o in left)
        return (
            f"No order goes further than this: {done}. The state is then {spell_value(state)}, and "
            f"the next would be {following}, which it does not explain."
        )

    def nothing_fits(self, timed: bool) -> str:
        if len(self.history) == 1:
            only = self.history[0]
            return (
                f"{only.process}'s {only} cannot have had that answer from the initial value "
                f"{self.specification.initial!r}, and nobody changed it."
            )
        keeping = "keeps real time" if timed else "keeps the order of every process"
        return (
            f"No order of these {len(self.history)} operations that {keeping} explains what every "
            "process was told; take any one of them out, with what depends on it, and one does."
        )

    # ---- who and what ----

    def part(self, operation: Operation) -> Hashable:
        return self.specification.part(operation)

    def givers_of(self, seer: Operation) -> list[Operation]:
        """Who gave the value that `seer` saw."""
        return self.givers.get((self.part(seer), self.seers[seer]), [])

    def seers_of(self, giver: Operation) -> list[Operation]:
        """Who saw the value of `giver`, if nobody else gave it."""
        value, part = self.specification.gives(giver), self.part(giver)
        if len(self.givers[part, value]) > 1 or value == self.specification.initial:
            return []
        return [o for o, v in self.seers.items() if v == value and self.part(o) == part]

    def fellows(self, seer: Operation) -> list[Operation]:
        """Who else saw that value."""
        value, part = self.seers[seer], self.part(seer)
        return [
            o
            for o, v in self.seers.items()
            if o is not seer and v == value and self.part(o) == part
        ]

    def others(self, seer: Operation) -> list[Operation]:
        """Who gave other values to the same part."""
        return [
            o
            for (part, value), givers in self.givers.items()
            for o in givers
            if part == self.part(seer) and value != self.seers[seer] and o is not seer
        ]

    # ---- words ----

    def name(self, part: Hashable) -> str:
        return "The register" if part is None else str(part)

    def saw(self, seer: Operation, had: bool = False) -> str:
        verb = "returned" if seer.kind == "read" else "found"
        verb = f"had {verb}" if had else verb
        known = seer.kind in ("read", "cas")
        what = f"{seer.kind} of {seer.key}" if known else str(seer)
        return f"{seer.process}'s {what} {verb} {self.seers[seer]!r}"

    def whose(self, giver: Operation) -> str:
        known = giver.kind in ("write", "cas")
        what = f"{giver.kind} of {giver.args[-1]!r}" if known else str(giver)
        return f"{giver.process}'s {what}"

    def at(self, tick: int | None) -> str:
        return at(self.history, tick)

    def ago(self, before: Operation, after: Operation) -> str:
        return ago(self.history, before, after)


def at(history: History, tick: int | None) -> str:
    """When: "at 12.5 ms", or "at 12" if a tick has no length."""
    assert tick is not None
    ticks = history.ticks_per_ms
    return f"at {tick / ticks:.6g} ms" if ticks else f"at {tick}"


def ago(history: History, before: Operation, after: Operation) -> str:
    """How long `before` was over when `after` began: "3.2 ms", "9.0 s", or "7 ticks"."""
    assert before.end is not None
    ticks = after.start - before.end
    if not history.ticks_per_ms:
        return f"{ticks} {'tick' if ticks == 1 else 'ticks'}"
    ms = ticks / history.ticks_per_ms
    return f"{ms / 1000:.1f} s" if ms >= 1000 else f"{ms:.3g} ms"


def _over(a: Operation, b: Operation) -> bool:
    """a had its answer before b began."""
    return a.end is not None and a.end < b.start
