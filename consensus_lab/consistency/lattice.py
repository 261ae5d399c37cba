"""Which consistency model implies which, and where a history stands among them.

A model implies another if every history that keeps to the first keeps to the second as well. Of the
models that have a checker here:

    linearizable ── sequential ─┬─ causal-convergence ─┬─ causal ── read-your-writes
        │                       │                      └─ monotonic-reads, monotonic-writes,
        └─ eventual             │                         writes-follow-reads
                                └─ causal-memory ─┬─ causal
                                                  ├─ writes-follow-reads
                                                  └─ pram ── read-your-writes,
                                                             monotonic-reads, monotonic-writes
    strict-serializable ── serializable ── snapshot-isolation ── read-committed ── read-uncommitted

A survey of many more: Viotti, P. and Vukolić, M. (2016): Consistency in non-transactional
distributed storage systems; for transactions Bailis, P. et al. (2013): Highly available
transactions: virtues and limitations.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from inspect import signature
from typing import Any, NamedTuple

from ..errors import ConsensusLabError
from ..graph import Edge, Graph
from ..history import History, Operation
from .objects import OBJECTS
from .specification import Register, Specification
from .verdict import Verdict


class Model(NamedTuple):
    """A consistency model.

    title   its name in a sentence
    home    where its checker is, in this folder
    about   what it can be asked of: "objects" of any kind, "registers" that are read and written,
            or "transactions"
    source  who defined it
    """

    title: str
    home: str
    about: str
    source: str


HERLIHY_WING = "Herlihy and Wing (1990), Linearizability: a correctness condition"
LAMPORT = "Lamport (1979), How to make a multiprocessor computer …"
AHAMAD = "Ahamad et al. (1995), Causal memory: definitions, implementation, and programming"
BOUAJJANI = "Bouajjani et al. (2017), On verifying causal consistency"
TERRY = "Terry et al. (1994), Session guarantees for weakly consistent replicated data"
BRZEZINSKI = "Brzezinski et al. (2004), From session causality to causal consistency"
LIPTON = "Lipton and Sandberg (1988), PRAM: a scalable shared memory"
VOGELS = "Vogels (2009), Eventually consistent"
ADYA = "Adya et al. (2000), Generalized isolation level definitions"
CERONE = "Cerone and Gotsman (2018), Analysing snapshot isolation"
PAPADIMITRIOU = "Papadimitriou (1979), The serializability of concurrent database updates"

MODELS = {
    "linearizable": Model("linearizability", "linearizable", "objects", HERLIHY_WING),
    "causal-convergence": Model("causal convergence", "causal", "registers", BOUAJJANI),
    "causal-memory": Model("causal memory", "causal", "registers", AHAMAD),
    "sequential": Model("sequential consistency", "sequential", "objects", LAMPORT),
    "causal": Model("causal consistency", "causal", "registers", BOUAJJANI),
    "pram": Model("PRAM consistency", "sessions", "registers", LIPTON),
    "writes-follow-reads": Model("writes follow reads", "sessions", "registers", TERRY),
    "monotonic-writes": Model("monotonic writes", "sessions", "registers", TERRY),
    "monotonic-reads": Model("monotonic reads", "sessions", "registers", TERRY),
    "read-your-writes": Model("read your writes", "sessions", "registers", TERRY),
    "eventual": Model("eventual consistency", "eventual", "objects", VOGELS),
    "strict-serializable": Model(
        "strict serializability", "serializable", "transactions", PAPADIMITRIOU
    ),
    "serializable": Model("serializability", "serializable", "transactions", PAPADIMITRIOU),
    "snapshot-isolation": Model("snapshot isolation", "serializable", "transactions", CERONE),
    "read-committed": Model("read committed", "serializable", "transactions", ADYA),
    "read-uncommitted": Model("read uncommitted", "serializable", "transactions", ADYA),
}
"""In the order in which `strongest` asks: what implies much comes early, and what takes long after
that which may rule it out."""


class Implication(NamedTuple):
    """Every history that keeps to `stronger` keeps to `weaker`: why, and who says so."""

    stronger: str
    weaker: str
    reason: str
    source: str


ARBITRATION = "the one order of all writes puts every write in front of those that must follow it"
VIEW = "the order that explains a process contains all that it must see, in front of the read"

IMPLICATIONS = (
    Implication(
        "linearizable",
        "sequential",
        "an order that keeps real time keeps the order of every process",
        HERLIHY_WING,
    ),
    Implication(
        "linearizable",
        "eventual",
        "whoever asks after the last change is answered behind it in the one order",
        VOGELS,
    ),
    Implication(
        "sequential", "causal-convergence", "its one order can be the arbitration", BOUAJJANI
    ),
    Implication(
        "sequential", "causal-memory", "its one order explains every process at once", AHAMAD
    ),
    Implication(
        "causal-convergence",
        "causal",
        "a read that the arbitration explains is explained by some order of its past",
        BOUAJJANI,
    ),
    Implication(
        "causal-memory",
        "causal",
        "a read that its process's order explains is explained by some order of its past",
        BOUAJJANI,
    ),
    Implication(
        "causal-memory",
        "pram",
        "causality contains the order of every process, so what keeps it keeps these",
        AHAMAD,
    ),
    Implication("causal-memory", "writes-follow-reads", VIEW, BRZEZINSKI),
    Implication("causal-convergence", "writes-follow-reads", ARBITRATION, BRZEZINSKI),
    Implication("causal-convergence", "monotonic-writes", ARBITRATION, BRZEZINSKI),
    Implication("causal-convergence", "monotonic-reads", ARBITRATION, BRZEZINSKI),
    Implication(
        "causal",
        "read-your-writes",
        "a process's own writes are in the past of its reads",
        BRZEZINSKI,
    ),
    Implication("pram", "monotonic-writes", VIEW, BRZEZINSKI),
    Implication("pram", "monotonic-reads", VIEW, BRZEZINSKI),
    Implication("pram", "read-your-writes", VIEW, BRZEZINSKI),
    Implication(
        "strict-serializable",
        "serializable",
        "an order of the transactions that keeps real time is an order",
        PAPADIMITRIOU,
    ),
    Implication(
        "serializable",
        "snapshot-isolation",
        "in a serial order each transaction reads what was there when it began, and none overlap",
        CERONE,
    ),
    Implication(
        "snapshot-isolation",
        "read-committed",
        "a snapshot holds only what was committed, and all of it in one order",
        CERONE,
    ),
    Implication(
        "read-committed", "read-uncommitted", "no G1 contains that writes go in one order", ADYA
    ),
)


def weaker_than(name: str) -> Iterator[str]:
    """All models that the model `name` implies, in the order of MODELS."""
    found = {name}
    for _ in MODELS:
        found |= {rule.weaker for rule in IMPLICATIONS if rule.stronger in found}
    return (other for other in MODELS if other in found and other != name)


def stronger_than(name: str) -> Iterator[str]:
    """All models that imply the model `name`."""
    return (other for other in MODELS if name in weaker_than(other))


def checker(name: str) -> Callable[..., Verdict]:
    """The function that checks a history for a model. Raises ConsensusLabError for another name."""
    if name not in MODELS:
        raise ConsensusLabError(f"There is no model {name!r}: give one of {', '.join(MODELS)}")
    module = import_module(f".{MODELS[name].home}", __package__)
    found: Callable[..., Verdict] = getattr(module, name.replace("-", "_"))
    return found


def check(
    history: History,
    name: str,
    specification: Specification | None = None,
    budget: int | None = None,
) -> Verdict:
    """The verdict on `history` by the name of the model.

    specification  what the object promises; guessed from the operations unless told
    budget         the checker's own unless told; some need none
    """
    function = checker(name)
    about = MODELS[name].about
    if about != "transactions" and "txn" in kinds_of(history):
        others = [other for other, model in MODELS.items() if model.about == "transactions"]
        raise ConsensusLabError(
            f"This history is one of transactions, and {MODELS[name].title} is about single "
            f"operations. It can be checked for {', '.join(others)}"
        )
    specification = specification or specification_for(history)
    if about == "registers" and specification is not None:
        history = starting_at_zero(history, specification.initial)
    wanted = {"specification": specification, "budget": budget}
    taken = signature(function).parameters
    return function(
        history, **{n: value for n, value in wanted.items() if n in taken and value is not None}
    )


def kinds_of(history: History) -> set[str]:
    """The kinds of all operations."""
    return {operation.kind for operation in history.forms}


def specification_for(
    history: History, names: Iterable[str] = tuple(OBJECTS)
) -> Specification | None:
    """The first of these objects that can have answered as in `history`; None for transactions.

    Raises ConsensusLabError if none of them knows all that is done there.
    """
    kinds = kinds_of(history)
    if kinds == {"txn"}:
        return None
    objects = [OBJECTS[name]() for name in names]
    knowing = [one for one in objects if kinds <= set(one.kinds or ())]
    if not knowing:
        raise ConsensusLabError(
            f"No object here knows all of {', '.join(sorted(kinds))}: give a specification of yours"
        )
    answers = {(o.kind, type(o.result)): o for o in history if o.outcome == "ok"}.values()
    return next((one for one in knowing if _can_answer(one, answers)), knowing[0])


def _can_answer(specification: Specification, answers: Iterable[Operation]) -> bool:
    """Whether these results have the form that they have for such an object."""
    return all(
        specification.can_answer(operation)
        for operation in answers
        if operation.kind in specification.answers
    )


def starting_at_zero(history: History, initial: Hashable) -> History:
    """The same history of registers that start at 0, as checkers without a specification have it.

    The initial value becomes 0; a 0 that somebody writes becomes the text "0".
    """
    if initial == 0:
        return history
    used = {value for o in history for value in (o.result, *o.args)}
    zero = "0"
    while zero in used:
        zero += "'"

    def renamed(value: Any) -> Any:
        return 0 if value == initial else zero if value == 0 else value

    return History(
        (
            replace(
                o,
                args=tuple(map(renamed, o.args)),
                result=renamed(o.result) if o.kind == "read" and o.outcome == "ok" else o.result,
            )
            for o in history
        ),
        history.ticks_per_ms,
        history.marks,
        history.processes,
    )


# ---- where a history stands ----


@dataclass(frozen=True, repr=False)
class Position:
    """Where a history stands among the models that can be asked of it.

    standing  for each model whether it holds; None: undecided
    verdicts  of those that were checked; what another one implies was not
    """

    history: History
    standing: Mapping[str, bool | None]
    verdicts: Mapping[str, Verdict]

    @property
    def strongest(self) -> tuple[str, ...]:
        """The models that hold and are implied by no other one that does."""
        holding = [name for name, holds in self.standing.items() if holds]
        return tuple(
            name for name in holding if not any(other in holding for other in stronger_than(name))
        )

    def graph(self) -> Graph:
        """The map: an edge from each model to those that it implies, and ✓, ✗ or ? for each."""
        label = {
            name: f"{SIGN[holds]} {MODELS[name].title}" for name, holds in self.standing.items()
        }
        edges = tuple(
            Edge(
                label[rule.stronger],
                label[rule.weaker],
                "implies",
                f"{MODELS[rule.stronger].title} implies {MODELS[rule.weaker].title}: {rule.reason}",
            )
            for rule in IMPLICATIONS
            if rule.stronger in label and rule.weaker in label
        )
        return Graph(tuple(label.values()), edges, title=str(self).splitlines()[0])

    def __repr__(self) -> str:
        titles = [MODELS[name].title for name in self.strongest] or ["none of these models"]
        told = ", ".join(titles[:-1]) + " and " * (len(titles) > 1) + titles[-1]
        lines = [f"This history keeps to {told}."]
        for name, holds in self.standing.items():
            lines.append(f"  {SIGN[holds]} {MODELS[name].title:24} {self.why(name)}".rstrip())
        return "\n".join(lines)

    def why(self, name: str) -> str:
        """How we know, in a few words."""
        if name in self.verdicts:
            return self.verdicts[name].anomaly
        holds = self.standing[name]
        deciding = set(stronger_than(name) if holds else weaker_than(name))
        other = next(o for o in self.verdicts if o in deciding and self.standing[o] is holds)
        title = MODELS[other].title
        return f"implied by {title}" if holds else f"else {title} would hold"


SIGN = {True: "✓", False: "✗", None: "?"}


def strongest(
    history: History, specification: Specification | None = None, budget: int | None = None
) -> Position:
    """Check `history` for each model that can be asked of it, and say where it stands.

    specification  what the object promises; guessed from the kinds of operations unless told
    budget         for each checker; its own unless told

    A model is not checked if one that implies it holds, or if one that it implies does not. Raises
    ConsensusLabError for operations that no model is about.
    """
    specification = specification or specification_for(history)
    standing: dict[str, bool | None] = {}
    verdicts: dict[str, Verdict] = {}
    names = list(models_for(history, specification))
    for name in names:
        if name in standing:
            continue
        verdict = verdicts[name] = check(history, name, specification, budget)
        standing[name] = verdict.holds
        if verdict.holds is not None:
            for other in weaker_than(name) if verdict.holds else stronger_than(name):
                standing.setdefault(other, verdict.holds)
    return Position(history, {name: standing[name] for name in names}, verdicts)


def models_for(history: History, specification: Specification | None) -> Iterator[str]:
    """The models that can be asked of `history`."""
    if specification is None:
        about = {"transactions"}
    elif isinstance(specification, Register) and "cas" not in kinds_of(history):
        about = {"objects", "registers"}
    else:
        about = {"objects"}
    return (name for name, model in MODELS.items() if model.about in about)
