"""What Multi-Paxos guarantees: what Paxos does, in each slot; and machines that apply the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..log import fixed
from ..node import ClientRequest, Property
from .messages import Proposal
from .properties import Agreement, Changes, Learning, Ledger, OnLedger, P2c, told


class LogLedger(Ledger):
    """A decree for each slot. A server has learnt what it has applied."""

    voting, learning = "disk.log", "last_applied"
    place = " in slot {}"

    def __init__(self) -> None:
        super().__init__()
        self.logs: dict[str, Any] = {}
        self.applied: dict[str, int] = {}

    def votes(self, acceptor: str, changes: Changes) -> list[tuple[int, Proposal]]:
        log, old = fixed(changes[self.voting]), self.logs.get(acceptor, ())
        self.logs[acceptor] = log
        length = len(old)
        if log[:length] == old:
            return [(n, one) for n, one in enumerate(log[length:], length + 1) if one is not None]
        return [
            (slot, proposal)
            for slot, proposal in enumerate(log, 1)
            if proposal is not None and (slot > length or proposal != old[slot - 1])
        ]

    def lessons(self, node: Any, changes: Changes) -> list[tuple[int, Any]]:
        start = 0 if "status" in changes else self.applied.get(node.name, 0)
        self.applied[node.name] = node.last_applied
        return [
            (slot, node.command_at(slot) if slot <= len(node.log) else None)
            for slot in range(start + 1, node.last_applied + 1)
        ]


class LogValidity(OnLedger):
    """Only a client's command may be chosen; or a no-op, in a hole."""

    name = "Validity"
    looks_at = ("learning",)

    def complaints(self, node: Any) -> Iterator[str]:
        for _, command in self.ledger.learnt:
            if not (command is None or isinstance(command, ClientRequest)):
                yield f"{node.name} learns {told(command)}, which no client has proposed"


class StateMachineSafety(OnLedger):
    """All machines apply the same commands in the same order, without leaving a slot out."""

    name = "State Machine Safety"
    looks_at = ("learning",)

    def __init__(self, ledger: Ledger | None = None) -> None:
        super().__init__(ledger)
        self.applied: dict[int, tuple[Any, str]] = {}

    def complaints(self, node: Any) -> Iterator[str]:
        for slot, command in self.ledger.learnt:
            first, who = self.applied.setdefault(slot, (command, node.name))
            if slot > len(node.log) or node.log[slot - 1] is None:
                yield f"{node.name} applies slot {slot}, in which it has accepted nothing"
            elif first != command:
                here = told(command)
                yield f"in slot {slot} {who} has applied {told(first)}, and {node.name} {here}"


def log_properties() -> list[Property]:
    """All of them, with empty memories."""
    ledger = LogLedger()
    return [
        LogValidity(ledger),
        P2c(ledger),
        Agreement(ledger),
        Learning(ledger),
        StateMachineSafety(ledger),
    ]
