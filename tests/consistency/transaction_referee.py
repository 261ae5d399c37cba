"""The definitions of the isolation levels by trying everything, and the referees of witnesses.

Independent of the checkers: no graph here, only orders of whole transactions that are replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import combinations, permutations
from typing import Any

from consensus_lab.consistency.transactions.transactions import steps
from consensus_lab.history import History, Operation

State = dict[Hashable, Any]
Moment = tuple[str, Operation]


# ---- replaying ----


def run(operation: Operation, state: State) -> State | None:
    """What a transaction leaves of `state`; None if its reads would have returned other values."""
    state = dict(state)
    for kind, key, value in steps(operation):
        if kind == "append":
            state[key] = (*state.get(key, ()), value)
        elif kind == "write":
            state[key] = value
        elif operation.outcome == "ok" and not same(state.get(key), value):
            return None
    return state


def same(stored: Any, read: Any) -> bool:
    """An unwritten register is read as 0 or None, an unwritten list as () or None."""
    return read in (0, None, ()) if stored is None else bool(stored == read)


def replays(order: Iterable[Operation]) -> bool:
    """Whether whole transactions, one after the other, explain what they read."""
    state: State | None = {}
    for operation in order:
        assert state is not None
        state = run(operation, state)
        if state is None:
            return False
    return True


def replays_snapshots(moments: Iterable[Moment]) -> bool:
    """Whether each reads from its snapshot, and nobody loses what they wrote."""
    state: State = {}
    versions: dict[Hashable, int] = {}
    snapshots: dict[Operation, tuple[State, dict[Hashable, int]]] = {}
    for what, operation in moments:
        if what == "snapshot":
            snapshots[operation] = (dict(state), dict(versions))
            continue
        snapshot, seen = snapshots[operation]
        after = run(operation, snapshot)
        if after is None:
            return False
        for key in written(operation):
            if versions.get(key) != seen.get(key):
                return False
            state[key] = after[key]
            versions[key] = versions.get(key, 0) + 1
    return True


def replays_committed(order: Sequence[Operation]) -> bool:
    """Whether each read saw a version that an earlier transaction of `order`, or its own, left."""
    final = lists(order)
    left: dict[Hashable, list[Any]] = {}
    for operation in order:
        own: dict[Hashable, Any] = {}
        reads = []
        for kind, key, value in steps(operation):
            if kind == "read":
                if operation.outcome == "ok":
                    reads.append((key, value, own.get(key, ())))
            else:
                own[key] = (*own.get(key, ()), value)
        for key, value, mine in reads:
            if key in final:
                value = value or ()
                if value != final[key][: len(value)] or not own_only(operation, key, value, mine):
                    return False
                # Its last element: its own, or the last one of an earlier transaction.
                if value and value[-1] not in mine and value[-1] not in left.get(key, []):
                    return False
            elif mine:
                if value != mine[-1]:
                    return False
            elif value not in (0, None) and value not in left.get(key, []):
                return False
        for key, values in own.items():
            left.setdefault(key, []).append(values[-1])
    return True


def lists(order: Iterable[Operation]) -> dict[Hashable, tuple[Any, ...]]:
    """The lists that these transactions make, one after the other."""
    final: dict[Hashable, tuple[Any, ...]] = {}
    for operation in order:
        for kind, key, value in steps(operation):
            if kind == "append":
                final[key] = (*final.get(key, ()), value)
            elif kind == "read" and isinstance(value, tuple):
                final.setdefault(key, ())
    return final


def own_only(operation: Operation, key: Hashable, value: Any, mine: Any) -> bool:
    """Of its own elements a transaction sees all it appended before, and none that came later."""
    own = [v for kind, k, v in steps(operation) if kind == "append" and k == key]
    return [element for element in value if element in own] == list(mine)


def replays_uncommitted(order: Sequence[Operation], history: History) -> bool:
    """Whether all lists that were read are beginnings of those that `order` makes.

    What aborted transactions appended is left out. Registers: each value was written by somebody.
    """
    final = lists(order)
    appended = {(k, v) for o in history for kind, k, v in steps(o) if kind == "append"}
    values = {(k, v) for o in history for kind, k, v in steps(o) if kind == "write"}
    for operation in order:
        own: State = {}
        future = written(operation)
        for kind, key, value in steps(operation):
            if kind != "read":
                own[key] = (*own.get(key, ()), value) if kind == "append" else value
            elif operation.outcome == "ok" and key in final:
                kept = tuple(e for e in value or () if e in final[key])
                if kept != final[key][: len(kept)] or len(set(value or ())) < len(value or ()):
                    return False
                if any((key, e) not in appended for e in value or ()):
                    return False
                if not own_only(operation, key, value or (), own.get(key, ())):
                    return False
            elif operation.outcome == "ok":
                if key in own and value != own[key]:
                    return False
                if key not in own and value not in (0, None) and (key, value) not in values:
                    return False
                if key not in own and ("write", key, value) in future.values():
                    return False
    return True


def written(operation: Operation) -> dict[Hashable, Any]:
    return {(key): (kind, key, value) for kind, key, value in steps(operation) if kind != "read"}


# ---- the definitions ----


def subsets(history: History) -> Iterator[list[Operation]]:
    """The committed transactions, with each choice of those without an answer."""
    committed = [o for o in history if o.outcome == "ok"]
    unknown = [o for o in history if o.outcome == "unknown"]
    for size in range(len(unknown) + 1):
        for happened in combinations(unknown, size):
            yield [*committed, *happened]


def keeps_sessions(order: Sequence[Operation]) -> bool:
    return not any(
        a.process == b.process and b.start < a.start
        for i, a in enumerate(order)
        for b in order[i + 1 :]
    )


def keeps_real_time(order: Sequence[Operation]) -> bool:
    return not any(
        b.end is not None and b.end < a.start for i, a in enumerate(order) for b in order[i + 1 :]
    )


def is_serializable(
    history: History, keeps: Callable[[Sequence[Operation]], bool] = lambda order: True
) -> bool:
    return any(
        keeps(order) and replays(order)
        for chosen in subsets(history)
        for order in permutations(chosen)
    )


def is_snapshot_isolated(history: History, sessions: bool = False) -> bool:
    return any(
        replays_snapshots(moments)
        for chosen in subsets(history)
        for moments in interleavings([], chosen, [], sessions)
    )


def interleavings(
    moments: list[Moment], rest: list[Operation], running: list[Operation], sessions: bool
) -> Iterator[list[Moment]]:
    """Every order of snapshots and commits; one in which each earlier moment could not swap."""
    if not rest and not running:
        yield moments
    for operation in rest:
        if sessions and any(
            o.process == operation.process and o.start < operation.start for o in rest + running
        ):
            continue
        left = [o for o in rest if o is not operation]
        yield from interleavings(
            [*moments, ("snapshot", operation)], left, [*running, operation], sessions
        )
    for operation in running:
        left = [o for o in running if o is not operation]
        yield from interleavings([*moments, ("commit", operation)], rest, left, sessions)


def is_read_committed(history: History) -> bool:
    return any(
        replays_committed(order) for chosen in subsets(history) for order in permutations(chosen)
    )


def is_read_uncommitted(history: History) -> bool:
    """Of transactions without an answer those count of which somebody saw something."""
    seen = {
        (key, element)
        for o in history
        if o.outcome == "ok"
        for kind, key, value in steps(o)
        if kind == "read"
        for element in (value if isinstance(value, tuple) else (value,))
    }
    chosen = [
        o
        for o in history
        if o.outcome == "ok"
        or (
            o.outcome == "unknown"
            and any((key, v) in seen for kind, key, v in steps(o) if kind != "read")
        )
    ]
    return any(replays_uncommitted(order, history) for order in permutations(chosen))
