"""Reads and writes as transactions of one step: then sequential consistency is serializability.

In full: strong session serializability. So the inference that puts the versions of a key in order
(versions.py) also decides histories in which there are too many orders of operations to try.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...history import History, Operation
from ..serializable import serializable
from .transactions import UNWRITTEN


class OneStep:
    """Operations of registers whose values were written once, each as a transaction.

    holds     whether some order that keeps every process's own explains all; None: undecided
    order     if so, that order
    culprits  if not, some of the operations that show it
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.holds: bool | None = None
        self.order: list[Operation] = []
        self.culprits: list[Operation] = []
        if not all(map(_is_clear, operations)):
            return
        whole = {_transaction(operation): operation for operation in operations}
        verdict = serializable(History(whole), sessions=True)
        self.holds = verdict.holds
        if verdict.witness:
            self.order = [whole[transaction] for transaction in verdict.witness.order]
        if verdict.counterexample:
            found = {whole[transaction] for transaction in verdict.counterexample}
            seen = {(o.key, o.args[0] if o.kind == "cas" else o.result) for o in found}
            found |= {o for o in operations if o.args and (o.key, o.args[-1]) in seen}
            self.culprits = [operation for operation in operations if operation in found]


def _is_clear(operation: Operation) -> bool:
    """Whether it is surely a read, a write, or a read and a write."""
    if operation.kind == "cas" and operation.result is not True:
        return False
    return not operation.args or operation.args[-1] not in UNWRITTEN


def _transaction(operation: Operation) -> Operation:
    if operation.kind != "cas":
        return operation
    expected, new = operation.args
    asked = ("read", operation.key, None), ("write", operation.key, new)
    told = ("read", operation.key, expected), ("write", operation.key, new)
    return replace(operation, kind="txn", key=None, args=asked, result=told)
