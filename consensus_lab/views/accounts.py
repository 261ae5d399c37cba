"""What a witness tells: one order for all, an order for each process, or snapshots and commits."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..consistency.objects import Counter, List, Queue, Set, Stack
from ..consistency.specification import REFUSED, Specification
from ..consistency.verdict import Verdict
from ..history import Operation

State = dict[Hashable, Any]

KEY_VALUE = ("write", "read", "cas")
"""The kinds of operation of a register. Its first value is what was read first."""

UNWRITTEN = (0, None, ())
"""What a transaction reads in a key before anybody writes it."""

OBJECTS: tuple[type[Specification], ...] = (List, Counter, Set, Queue, Stack)
"""The other objects whose states are known here."""


@dataclass(frozen=True, slots=True)
class Account:
    """Operations in an order, under a heading.

    notes   for each what of it happens there ("commits"), or ""
    states  the object after each, or empty if the order alone does not explain the results
    initial the object before them
    """

    heading: str
    order: tuple[Operation, ...]
    notes: tuple[str, ...] = ()
    states: tuple[State, ...] = ()
    initial: State | None = None

    @classmethod
    def of(cls, heading: str, order: Iterable[Operation]) -> Account:
        """With the states if the results are those that this order gives."""
        order = tuple(order)
        initial = first_values(order)
        states = replay(order, initial)
        return cls(heading, order, ("",) * len(order), tuple(states or ()), initial)

    @property
    def explains(self) -> bool:
        """Whether every result is the one that this order gives."""
        return len(self.states) == len(self.order)


def accounts(verdict: Verdict) -> list[Account]:
    """What the witness of `verdict` tells, in as few orders as it takes."""
    witness = verdict.witness
    if witness is None:
        return []
    moments = getattr(witness, "moments", None)
    if moments is not None:
        order = tuple(operation for _, operation in moments)
        notes = tuple(NOTES[what] for what, _ in moments)
        return [Account("Snapshots and commits that explain it", order, notes)]
    whole = Account.of(HEADINGS.get(verdict.model, HEADING), witness.order)
    if whole.order and whole.explains:
        return [whole]
    readers = dict.fromkeys(o.process for o in verdict.history if o.kind == "read")
    return [seen for name in readers if (seen := _seen_by(name, witness))] or [whole]


def _seen_by(process: str, witness: Any) -> Account | None:
    """The order in which one process saw things, where the witness knows that."""
    if hasattr(witness, "order_of"):
        order = tuple(witness.order_of(process))
        return Account.of(f"In the eyes of {process}", order) if order else None
    last = next((o for o in reversed(witness.order) if o.process == process), None)
    if last is None or not hasattr(witness, "past_of"):
        return None
    past = tuple(witness.past_of(last))
    whole = Account.of(f"In the eyes of {process}", past)
    if whole.explains:
        return whole
    alone = [o for o in past if o.kind == "write" or o == last]  # it explains this operation only
    return Account.of(f"In the eyes of {process}, at {last}", alone)


NOTES = {"snapshot": "takes its snapshot", "commit": "commits"}
HEADING = "An order that explains it"
HEADINGS = {
    "sequential consistency": (
        "An order that explains it: every process keeps its own order, real time is given up"
    ),
    "serializability": "An order of the transactions, one after the other, that explains it",
    "strict serializability": "An order of the transactions that explains it and keeps real time",
    "eventual consistency": "The last looks at each key, and an order of the changes before them",
}


# ---- what happens to the object ----


def steps(operation: Operation) -> Sequence[tuple[str, Hashable, Any]]:
    """What a transaction did, step by step; of its reads what they returned, if that is known."""
    return operation.args if operation.result is None else operation.result


def keys_of(operation: Operation) -> list[Hashable]:
    """The keys that an operation is about."""
    if operation.kind == "txn":
        return list(dict.fromkeys(key for _, key, *_ in steps(operation)))
    return [operation.key]


def first_values(order: Iterable[Operation]) -> State:
    """What each key held at first, as far as `order` shows it."""
    order = tuple(order)
    changes = [step for o in order if o.kind == "txn" for step in steps(o)]
    lists = {key for kind, key, _ in changes if kind == "append"}
    state: State = {}
    for operation in order:
        if operation.kind == "txn":
            for kind, key, value in steps(operation):
                known = kind == "read" and operation.result is not None
                state.setdefault(key, () if key in lists else value if known else 0)
        elif operation.key in state:
            continue
        elif operation.kind not in KEY_VALUE or operation.kind == "read":
            found = _object([o for o in order if o.key == operation.key])
            state[operation.key] = operation.result if found is None else found.initial
        elif operation.kind == "cas" and operation.result is True:
            state[operation.key] = operation.args[0]
        else:
            state[operation.key] = 0
    return state


def _object(operations: Sequence[Operation]) -> Specification | None:
    """The object that these operations are about, if it is no register."""
    kinds = {operation.kind for operation in operations}
    if kinds <= set(KEY_VALUE):
        return None
    return next((known() for known in OBJECTS if kinds <= set(known.kinds or ())), None)


def replay(order: Sequence[Operation], initial: State) -> list[State] | None:
    """The values of all keys after each operation; None if a result is not what they give."""
    state = dict(initial)
    by_key: dict[Hashable, list[Operation]] = {}
    for operation in order:
        by_key.setdefault(operation.key, []).append(operation)
    objects = {key: _object(operations) for key, operations in by_key.items()}
    states: list[State] = []
    for operation in order:
        if not _apply(operation, state, objects[operation.key]):
            return None
        states.append(state.copy())
    return states


def _apply(operation: Operation, state: State, known: Specification | None) -> bool:
    """What an operation does to `state`; whether its result fits."""
    key, kind = operation.key, operation.kind
    if kind == "txn":
        return all(_step(state, *step, operation) for step in steps(operation))
    if known is not None:
        after = known.step(state[key], operation)
        if after is not REFUSED:
            state[key] = after
        return after is not REFUSED
    if kind == "read":
        return operation.outcome != "ok" or bool(state[key] == operation.result)
    if kind == "write":
        state[key] = operation.args[0]
        return True
    if kind != "cas":
        return False  # an object whose rules we do not know
    expected, new = operation.args
    found = state[key] == expected
    if found and operation.result is not False:
        state[key] = new
    # Without an answer it may have come too late to find what it expected.
    return operation.result is None or operation.result is found


def _step(state: State, kind: str, key: Hashable, value: Any, operation: Operation) -> bool:
    """One step of a transaction."""
    if kind == "read":
        unwritten = value in UNWRITTEN and state[key] in UNWRITTEN
        return operation.result is None or unwritten or bool(state[key] == value)
    state[key] = (*state[key], value) if kind == "append" else value
    return True
