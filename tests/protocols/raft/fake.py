"""A server by itself, and an `out` that carries nothing out: it remembers what it was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle
from typing import Any

from consensus_lab.protocols.node import ClientRequest, Node
from consensus_lab.protocols.raft import Entry, Raft, RaftOptions


class Out:
    """Effects on paper. `luck` is what `random` gives, over and over."""

    def __init__(self, luck: Iterable[float] = (0.5,)) -> None:
        self.luck = cycle(luck)
        self.sent: list[tuple[str, Any]] = []
        self.timers: dict[str, float] = {}
        self.cancelled: list[str] = []
        self.saves = 0
        self.held = False
        self.replies: list[tuple[ClientRequest, Any]] = []
        self.redirects: list[tuple[ClientRequest, str | None]] = []
        self.notes: list[str] = []
        self.time = 0.0

    def send(self, to: str, message: Any) -> None:
        self.sent.append((to, message))

    def set_timer(self, name: str, delay: float) -> None:
        self.timers[name] = delay

    def cancel_timer(self, name: str) -> None:
        self.cancelled.append(name)

    def save(self, hold: bool = True) -> None:
        self.saves += 1
        self.held |= hold

    def reply(self, request: ClientRequest, result: Any) -> None:
        self.replies.append((request, result))

    def redirect(self, request: ClientRequest, leader: str | None) -> None:
        self.redirects.append((request, leader))

    def note(self, text: str) -> None:
        self.notes.append(text)

    def clock(self) -> float:
        return self.time

    def random(self) -> float:
        return next(self.luck)

    @property
    def answer(self) -> Any:
        """The only message that was sent."""
        [(_, message)] = self.sent
        return message


def server(
    *terms: int,
    servers: int = 3,
    kind: type[Raft] = Raft,
    options: RaftOptions = Raft.options,
    **fields: Any,
) -> Raft:
    """S1, with a log of entries of these terms (each a write of its index) and these fields.

    Its current term is that of its last entry, unless it is given. It takes orders.
    """
    tailored = kind.tailored(options, orders=True)
    node = tailored("S1", tuple(f"S{n}" for n in range(1, servers + 1)))
    node.options = options
    node.log = entries(*terms)
    node.current_term = max(terms, default=0)
    for name, value in fields.items():
        assert hasattr(node, name), name
        setattr(node, name, value)
    return node


def leader(
    *terms: int,
    servers: int = 3,
    kind: type[Raft] = Raft,
    options: RaftOptions = Raft.options,
    **fields: Any,
) -> Raft:
    """S1, leader of its current term, with nothing known of the others yet."""
    node = server(*terms, servers=servers, kind=kind, options=options)
    defaults = {
        "role": "leader",
        "leader": "S1",
        "voted_for": "S1",
        "next_index": dict.fromkeys(node.peers, len(terms) + 1),
        "match_index": {**dict.fromkeys(node.servers, 0), "S1": len(terms)},
    }
    for name, value in {**defaults, **fields}.items():
        setattr(node, name, value)
    return node


def candidate(
    term: int, *terms: int, servers: int = 3, options: RaftOptions = Raft.options
) -> Raft:
    """S1, candidate of `term`, which has only its own vote yet."""
    return server(
        *terms,
        servers=servers,
        options=options,
        role="candidate",
        current_term=term,
        voted_for="S1",
        votes=frozenset({"S1"}),
    )


def entries(*terms: int, start: int = 1) -> tuple[Entry, ...]:
    """Entries of these terms, each the write of its index; the first has the index `start`."""
    return tuple(Entry(term, write(index)) for index, term in enumerate(terms, start))


def write(index: int) -> ClientRequest:
    """The request that stands at `index` of every log here."""
    return ClientRequest("A", index, ("write", "x", index))


def told(node: Node, message: Any, luck: Iterable[float] = (0.5,)) -> Out:
    """What `node` asks for when `message` comes."""
    out = Out(luck)
    node.on_message(message, out)
    return out
