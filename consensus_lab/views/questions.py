"""What a reader can ask of the servers of a run: nothing is offered that they do not know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..protocols.node import ClientRequest, Node
from ..protocols.paxos import Paxos
from ..protocols.stores.gossip import Gossip
from ..simulation.trace import Trace

Operation = tuple[Any, ...]

CHANGES: tuple[Operation, ...] = (
    ("write", "x", 0),
    ("increment", "x", 1),
    ("append", "x", 0),
    ("add", "x", 0),
    ("acquire", "x", "you"),
    ("propose", None, 0),
)
"""What changes something. The browser puts a value that nobody has written in the place of a 0."""

LOOK: Operation = ("read", "x")


def questions(trace: Trace) -> dict[str, Operation] | None:
    """An operation that changes something and one that looks, as "write" and "read".

    What the servers cannot be asked is missing. None for transactions: what to ask follows from
    those in the run.
    """
    asked = {one.operation[0]: one.operation for one in trace.operations}
    if "txn" in asked:
        return None
    takes = known_by(trace.scenario.protocol, set(asked))
    own = [operation for kind, operation in asked.items() if kind != "read"]
    usual = [change for change in CHANGES if change[0] in asked]
    unusual = [operation for operation in own if operation[0] not in {c[0] for c in CHANGES}]
    change = next((each for each in (*usual, *unusual, *CHANGES) if takes(each)), None)
    found = {"write": change, "read": LOOK if takes(LOOK) else None}
    if change is not None and change[0] == "propose":
        found["read"] = change  # another value
    return {name: operation for name, operation in found.items() if operation is not None}


def known_by(protocol: type[Node], asked: set[str]) -> Callable[[Operation], bool]:
    """Whether servers of that class can be asked for an operation, as far as one can know.

    asked  the kinds of what clients asked them in a run
    """
    if protocol.on_request is Node.on_request:
        return lambda operation: False  # it sends every client away
    if issubclass(protocol, Paxos):
        return lambda operation: operation[0] == "propose"
    if issubclass(protocol, Gossip):
        kinds = (*protocol.kinds, *protocol.looks)
        return lambda operation: operation[0] in kinds
    if callable(start := getattr(protocol, "state_machine", None)):
        return lambda operation: _applies(start, operation)
    return lambda operation: operation[0] in (asked or {"write", "read"})


def _applies(start: Callable[[], Any], operation: Operation) -> bool:
    """Whether the machine carries it out: a machine (it may be a learner's) raises if it cannot."""
    try:
        start().apply(ClientRequest("you", 1, operation))
    except Exception:
        return False
    return True
