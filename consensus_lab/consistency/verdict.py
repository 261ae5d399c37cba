"""What a checker answers: whether a history keeps to a model, and why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from ..errors import ConsensusLabError
from ..garbage import no_garbage_collection
from ..graph import Edge
from ..history import History, Operation
from .specification import Specification, has_hints


class Witness:
    """An order of the operations that explains what every process was told.

    order   the operations in that order. Those that had no effect are not in it: the failed ones,
            and those without an answer that never happened
    points  for linearizability, the moment (ticks) at which each of `order` took effect: inside its
            interval, and never before the one in front of it. None for other models

    Both are worked out when they are first asked for: of a million operations few people look.
    """

    def __init__(
        self, order: Sequence[Operation] | Callable[[], Sequence[Operation]], timed: bool
    ) -> None:
        self._order = order
        self._timed = timed

    @cached_property
    @no_garbage_collection()
    def order(self) -> tuple[Operation, ...]:
        return tuple(self._order() if callable(self._order) else self._order)

    @cached_property
    @no_garbage_collection()
    def points(self) -> tuple[int, ...] | None:
        if not self._timed or not self.order:
            return () if self._timed else None
        # As early as the operations in front allow, as late as those behind allow: take the middle.
        horizon = max(o.start if o.end is None else o.end for o in self.order)
        ends = (horizon if o.end is None else o.end for o in reversed(self.order))
        latest = reversed(list(accumulate(ends, min)))
        earliest = accumulate((o.start for o in self.order), max)
        return tuple((early + late) // 2 for early, late in zip(earliest, latest, strict=True))

    def __repr__(self) -> str:
        shown = [str(operation) for operation in self.order[:20]]
        return " → ".join(shown + ["…"] * (len(self.order) > len(shown)))


@dataclass(frozen=True, repr=False)
class Verdict:
    """What a checker says of a history, and why.

    model           "linearizability", "sequential consistency", …
    holds           True, False, or None: undecided, because the budget was spent. That is never
                    "fine": bool() of an undecided verdict raises
    witness         if it holds: an order that explains everything
    counterexample  if it does not: a part of the history that is already impossible, and no longer
                    so when any one operation is taken out
    explanation     the same in words
    anomaly         if it does not hold, the name of what went wrong, where the field has one:
                    "WriteCORead", "G-single", "read your writes"
    cycle           if it does not hold because each of some operations must come before the next,
                    and the last before the first: the edges that say so

    To take an operation out of a history means the same for every model: what only that one
    explains goes with it. Those are the operations that saw what it left, and what depends on them;
    of a transaction only the steps that read it, for the others stand without them. So nothing
    becomes impossible that was possible, and a part that is impossible convicts the whole. The
    counterexample is what stays when all others are taken out. (reasons/minimize.py; for
    transactions `within` of transactions/transactions.py.)
    """

    model: str
    holds: bool | None
    history: History
    witness: Witness | None = None
    counterexample: History | None = None
    explanation: str = ""
    anomaly: str = ""
    cycle: tuple[Edge, ...] = ()

    @classmethod
    def undecided(
        cls,
        model: str,
        history: History,
        budget: int,
        specification: Specification | None = None,
    ) -> Verdict:
        """The verdict when `budget` configurations were not enough to judge by `specification`."""
        words = (
            f"The budget of {budget:,} configurations was spent before an order was found or ruled "
            "out: give a larger budget, or check a part of the history."
        )
        if specification is not None and not has_hints(specification):
            words += (
                f" It takes far fewer if {type(specification).__name__} says what each operation "
                "needs and gives, and which kinds are observers (help(Specification))."
            )
        return cls(model, None, history, explanation=words)

    def __bool__(self) -> bool:
        if self.holds is None:
            raise ConsensusLabError(
                f"Whether this history keeps to {self.model} is undecided, which is neither yes "
                "nor no: give the checker a larger budget, or look at verdict.holds"
            )
        return self.holds

    def __repr__(self) -> str:
        answer = {True: "holds", False: "does not hold", None: "is undecided"}[self.holds]
        return f"{self.model[:1].upper()}{self.model[1:]} {answer}. {self.explanation}".rstrip()


Reasons = tuple[History, str, str]
"""A counterexample, the explanation, and the name of the anomaly."""


class Refutation(Verdict):
    """The verdict that a model does not hold, with reasons that are found when first asked for.

    To make a counterexample as small as can be takes longer than to know that there is one: of
    histories with a hundred lost operations, a hundred times as long.
    """

    def __init__(self, model: str, history: History, find: Callable[[], Reasons]) -> None:
        for name, value in (("model", model), ("holds", False), ("history", history)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_find", find)

    @cached_property
    @no_garbage_collection()
    def _reasons(self) -> Reasons:
        find: Callable[[], Reasons] = vars(self)["_find"]
        return find()

    @property
    def counterexample(self) -> History:
        return self._reasons[0]

    @property
    def explanation(self) -> str:
        return self._reasons[1]

    @property
    def anomaly(self) -> str:
        return self._reasons[2]
