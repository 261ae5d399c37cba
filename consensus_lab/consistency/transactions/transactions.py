"""A history of transactions, read key by key: who wrote what, and who saw it.

A transaction is one Operation of kind "txn". Its args are what was asked, step by step, and its
result is the same with what the reads returned:

    ("read", key, value or None)    ("write", key, value)    ("append", key, element)

A read, a write or an append alone is a transaction of one step. A key that is appended to is a list
and begins as (); any other is a register and begins as 0 or None.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ...errors import HistoryError
from ...history import History, Operation

Step = tuple[str, Hashable, Any]
UNWRITTEN = (0, None)
"""What a register holds before anybody writes it."""


def steps(operation: Operation) -> Sequence[Step]:
    """What a transaction did, step by step; of one without an answer or a result only the writes.

    Raises HistoryError for an operation that is no transaction.
    """
    kind, key = operation.kind, operation.key
    if kind == "txn":
        if operation.outcome == "ok" and operation.result is not None:
            if not isinstance(operation.result, tuple):
                raise _malformed(operation, operation.result)
            return operation.result
        return tuple(s for s in operation.args if not (isinstance(s, tuple) and s[:1] == ("read",)))
    if kind == "read":
        return (("read", key, operation.result),) if operation.outcome == "ok" else ()
    if (kind == "write" or kind == "append") and len(operation.args) == 1:
        return ((kind, key, operation.args[0]),)
    raise HistoryError(
        f"{operation.process}'s {operation} is no transaction: give operations of the kind 'txn', "
        "or a read, a write or an append alone"
    )


@dataclass(slots=True)
class Key:
    """All that a history says of one key. Transactions are numbers.

    writes   (transaction, value), in the order of the transactions and of their steps
    reads    the same, without the reads of a register's value that the transaction wrote itself
    writer   who wrote a value
    final    the last value that a transaction wrote: all others of it are intermediate
    longest  of a list, the longest that was read; None for a register
    strays   of a list, the reads that saw no beginning of `longest`
    """

    name: Hashable
    is_list: bool
    writes: list[tuple[int, Any]]
    reads: list[tuple[int, Any]]
    writer: dict[Any, int] = field(default_factory=dict)
    final: dict[int, Any] = field(default_factory=dict)
    longest: tuple[Any, ...] = ()
    strays: list[tuple[int, Any]] = field(default_factory=list)

    def seen(self) -> Iterable[Any]:
        """Every value that somebody saw, at least once."""
        if self.is_list:
            return [*self.longest, *(element for _, value in self.strays for element in value)]
        return [value for _, value in self.reads]


class Transactions:
    """The transactions of `history`, numbered as there, and its keys in order of first use.

    committed   by number: whether it counts. One without an answer does if somebody saw a value of
                it: then it must have happened; else it may as well never have
    unfaithful  (transaction, key, value): reads that contradict the transaction's own writes

    Raises HistoryError for what is no transaction, for a key that is both a list and a register,
    and if a value that was read was written twice: then nobody can tell whom it came from.
    """

    def __init__(self, history: History) -> None:
        self.operations = history.operations
        self.unfaithful: list[tuple[int, Hashable, Any]] = []
        self._writes: dict[Hashable, list[tuple[int, Any]]] = {}
        self._reads: dict[Hashable, list[tuple[int, Any]]] = {}
        self._kinds: dict[Hashable, str] = {}
        for number, operation in enumerate(self.operations):
            self._read(number, operation)
        names = dict.fromkeys([*self._writes, *self._reads])
        self.keys = {name: self._key(name) for name in names}
        self.committed = [operation.outcome == "ok" for operation in self.operations]
        if any(operation.outcome == "unknown" for operation in self.operations):
            for key in self.keys.values():
                for value in key.seen():
                    writer = key.writer.get(value)
                    if writer is not None and self.operations[writer].outcome == "unknown":
                        self.committed[writer] = True

    def _read(self, number: int, operation: Operation) -> None:
        own: dict[Hashable, list[Any]] = {}
        reads: list[tuple[Hashable, Any, int]] = []
        for step in steps(operation):
            try:
                kind, key, value = step
            except (TypeError, ValueError):
                raise _malformed(operation, step) from None
            if kind == "read":
                reads.append((key, value, len(own[key]) if key in own else 0))
            elif kind == "append" or kind == "write":
                if self._kinds.setdefault(key, kind) != kind:
                    raise HistoryError(
                        f"{operation.process}'s {operation} treats {key} as a "
                        f"{'list' if kind == 'append' else 'register'}, and others do not: a key "
                        "is either appended to or written"
                    )
                own.setdefault(key, []).append(value)
                self._writes.setdefault(key, []).append((number, value))
            else:
                raise _malformed(operation, step)
        for key, value, before in reads:
            if self._kinds.get(key) == "append" and not isinstance(value, tuple | None):
                raise _no_list(operation, key, value)
            if key in own and not self._faithful(key, value, own[key], before):
                self.unfaithful.append((number, key, value))
            elif not before or self._kinds[key] == "append":
                self._reads.setdefault(key, []).append((number, value))

    def _faithful(self, key: Hashable, value: Any, own: list[Any], before: int) -> bool:
        """Whether a transaction saw its own writes: all `before` it, and none that came later."""
        if self._kinds[key] == "append":
            return [element for element in value or () if element in own] == own[:before]
        return bool(value == own[before - 1]) if before else value not in own

    def _key(self, name: Hashable) -> Key:
        writes, reads = self._writes.get(name, []), self._reads.get(name, [])
        kind = self._kinds.get(name)
        is_list = kind == "append" or (
            kind is None and any(isinstance(value, tuple) for _, value in reads)
        )
        key = Key(name, is_list, writes, reads)
        key.writer = {value: number for number, value in writes}
        key.final = dict(writes)
        if is_list:
            self._tidy(key)
            values = {value for _, value in key.reads}
            key.longest = longest = max(values, key=len, default=())
            strays = {value for value in values if longest[: len(value)] != value}
            key.strays = [read for read in key.reads if read[1] in strays] if strays else []
        if len(key.writer) < len(writes) or any(began in key.writer for began in UNWRITTEN):
            self._settle(key)
        return key

    def versions(self, key: Key, value: tuple[Any, ...] | None = None) -> tuple[Any, ...]:
        """The elements of a list in the order of its longest read; or of the read `value`.

        Without those of aborted transactions, and those that nobody ever appended.
        """
        if value is not None:
            return tuple(filter(partial(self._counts, key), value))
        lists = dict.fromkeys([key.longest, *(value for _, value in key.strays)])
        return max((self.versions(key, value) for value in lists), key=len)

    def _counts(self, key: Key, element: Any) -> bool:
        writer = key.writer.get(element)
        return writer is not None and self.committed[writer]

    def _tidy(self, key: Key) -> None:
        """Let every read of a list be a tuple; () if it returned None."""
        for number, value in key.reads:
            if not isinstance(value, tuple | None):
                raise _no_list(self.operations[number], key.name, value)
        key.reads = [(number, value or ()) for number, value in key.reads]

    def _settle(self, key: Key) -> None:
        """Whose value is it, of several who wrote it? Of one that was read, it must be clear."""
        writers: dict[Any, list[int]] = {}
        for number, value in key.writes:
            writers.setdefault(value, []).append(number)
        read = set(key.seen())
        for value, numbers in writers.items():
            # A transaction that failed is often asked again: its second try is who wrote it.
            live = [n for n in numbers if self.operations[n].outcome != "failed"] or numbers[:1]
            key.writer[value] = live[0]
            began = not key.is_list and value in UNWRITTEN
            if value in read and len(live) + began > 1:
                whose = "which is also what it holds before" if began else "which others do, too"
                operation = self.operations[live[-1]]
                raise HistoryError(
                    f"{operation.process}'s {operation} writes {value!r} to {key.name}, {whose}: "
                    "give every write a value of its own, so that a read tells whom it read from"
                )


def _no_list(operation: Operation, key: Hashable, value: object) -> HistoryError:
    return HistoryError(
        f"{operation.process}'s {operation} reads {value!r} from {key}, which is a list: "
        "a list is read as a tuple"
    )


def _malformed(operation: Operation, step: object) -> HistoryError:
    return HistoryError(
        f"{operation.process}'s transaction has the step {step!r}: a step is ('read', key, value), "
        "('write', key, value) or ('append', key, element)"
    )


def within(part: Iterable[Operation], whole: History) -> tuple[History, list[Operation]]:
    """`part` of `whole` as a history of its own, and its operations as they were.

    What the transactions left out had written is taken out of what the others read, so that these
    are not accused of reading values from nowhere. That makes nothing impossible that was possible:
    a part that is impossible convicts the whole.
    """
    chosen = set(part)
    kept = [operation for operation in whole if operation in chosen]
    # One that failed and was asked again left its values to the second try (see `_settle`).
    writers = {w: o for o in whole if o.outcome == "failed" for w in _writes(o)}
    writers |= {w: o for o in whole if o.outcome != "failed" for w in _writes(o)}
    left_out = {written for written, writer in writers.items() if writer not in chosen}
    pairs = []
    for operation in kept:
        told = tuple(shown for step in steps(operation) if (shown := _without(step, left_out)))
        if told:
            asked = tuple((kind, key, None if kind == "read" else v) for kind, key, v in told)
            result = told if operation.outcome == "ok" else None
            alone = replace(operation, kind="txn", key=None, args=asked, result=result)
            pairs.append((alone, operation))
    return History((alone for alone, _ in pairs), whole.ticks_per_ms), [old for _, old in pairs]


def _writes(operation: Operation) -> list[tuple[Hashable, Any]]:
    return [(key, value) for kind, key, value in steps(operation) if kind != "read"]


def _without(step: Step, left_out: set[tuple[Hashable, Any]]) -> Step | None:
    kind, key, value = step
    if kind != "read":
        return step
    if isinstance(value, tuple):
        return kind, key, tuple(element for element in value if (key, element) not in left_out)
    return None if (key, value) in left_out else step
