"""Search the states that servers can reach, as DSLabs does: any message may be delivered next.

What was sent stays in the network for ever: it may come late, twice, or never. A state is the
servers, the network and the answers that clients got. A disk takes no time here; timers fire only
where a test says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cache, cached_property
from random import Random
from typing import Any

from consensus_lab.protocols.node import ClientRequest, Node, frozen

from .fake import Out

Envelope = tuple[str, Any]
"""A message and its target."""


@dataclass(frozen=True)
class State:
    """Where a search stands."""

    nodes: Mapping[str, Node]
    network: frozenset[Envelope] = frozenset()
    replies: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def key(self) -> Any:
        """Equal for equal states."""
        return tuple(map(key_of, self.nodes.values())), self.network, frozen(self.replies)

    def react(self, name: str, handler: str, *arguments: Any) -> State:
        """The state after a server has reacted to something, and saved what it had to."""
        node, out = copy(self.nodes[name]), Out()
        getattr(node, handler)(*arguments, out)
        if out.saves:
            node.on_saved({field: getattr(node, field) for field in node.durable}, out)
        replies = {**self.replies, **{asked.client: result for asked, result in out.replies}}
        node.key = None
        return State({**self.nodes, name: node}, self.network | set(out.sent), replies)

    def deliver(self, envelope: Envelope) -> State:
        """The state after a message has come."""
        to, message = envelope
        asks = isinstance(message, ClientRequest)
        return self.react(to, "on_request" if asks else "on_message", message)

    def fire(self, name: str, timer: str) -> State:
        """The state after a timer has fired."""
        return self.react(name, "on_timer", timer)

    def after(self, *servers: str) -> State:
        """The state once these servers, and they alone, have told each other all they can."""
        state = self
        while True:
            seen = state.key
            for envelope in state.among(servers):
                state = state.deliver(envelope)
            if state.key == seen:
                return state

    def among(self, servers: Iterable[str]) -> list[Envelope]:
        """The messages between these servers, and from clients to them; always in one order."""
        known = set(servers)
        near = [e for e in self.network if e[0] in known and sender(e[1]) in {*known, None}]
        return sorted(near, key=text)


def key_of(node: Any) -> int:
    """A number that equal servers share. It is made once: a step changes one server only."""
    if node.key is None:
        node.key = KEYS.setdefault(frozen({**node.state(), "key": 0}), len(KEYS))
    return int(node.key)


KEYS: dict[Any, int] = {}


@cache
def text(envelope: Envelope) -> str:
    return repr(envelope)


def beginning(kind: type[Node], servers: int, *asked: tuple[str, ClientRequest]) -> State:
    """Servers that have just been made, and what clients ask of them."""
    names = tuple(f"S{n}" for n in range(1, servers + 1))
    nodes: dict[str, Any] = {name: kind(name, names) for name in names}
    for node in nodes.values():
        node.key = None
    return State(nodes, frozenset(asked))


@cache
def sender(message: Any) -> str | None:
    """Who has sent it; None: a client."""
    fields = ("proposer", "acceptor", "leader", "server")
    return next((getattr(message, name) for name in fields if hasattr(message, name)), None)


def breadth_first(
    begin: State, servers: Iterable[str], depth: int, most: int = 10_000
) -> Iterator[tuple[int, State]]:
    """All states that can be reached by up to `depth` deliveries among `servers`, and how soon.

    It ends after `most` states.
    """
    servers = tuple(servers)
    level, seen = [begin], {begin.key}
    yield 0, begin
    for steps in range(1, depth + 1):
        reached: list[State] = []
        for state in level:
            for envelope in state.among(servers):
                after = state.deliver(envelope)
                if after.key not in seen:
                    seen.add(after.key)
                    reached.append(after)
                    yield steps, after
                    if len(seen) == most:
                        return
        level = reached


def random_walk(
    begin: State, seed: int, steps: int, timers: Callable[[State], list[tuple[str, str]]]
) -> Iterator[State]:
    """States on a way of random deliveries, most of them for the first time; now and then one of
    `timers` fires.
    """
    random, state, seen = Random(f"walk/{seed}"), begin, set()
    for _ in range(steps):
        envelopes, alarms = state.among(state.nodes), timers(state)
        fresh = [envelope for envelope in envelopes if envelope not in seen]
        if alarms and (not fresh or random.random() < 0.05):
            state = state.fire(*random.choice(alarms))
        else:
            envelope = random.choice(fresh if fresh and random.random() < 0.8 else envelopes)
            seen.add(envelope)
            state = state.deliver(envelope)
        yield state
