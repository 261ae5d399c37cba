"""How long the servers of a store differ: the inconsistency window, seen from above."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..errors import ConsensusLabError
from ..protocols.node import ClientRequest
from ..protocols.stores.gossip import Gossip
from .trace import TICKS_PER_MS, ClientOperation, Trace


class Change(NamedTuple):
    """At `time` (µs) `server` came to hold `state` for a key."""

    time: int
    server: str
    state: Any


def inconsistency_windows(trace: Trace) -> list[float | None]:
    """For each answered change how long some server still lacked it, in ms after the answer.

    0 if all had it by then; None if one had not when the run ended. A server has it if merging it
    in would tell it nothing new. Raises ConsensusLabError if the store is none that gossips.
    """
    protocol = trace.scenario.protocol
    if not issubclass(protocol, Gossip):
        raise ConsensusLabError(
            f"{protocol.__name__} does not merge states: inconsistency_windows() takes a trace of "
            "a store that gossips, such as LastWriterWins or Counters."
        )
    changes = _changes(trace)
    found: list[float | None] = []
    for operation, time, state in _taken(trace):
        waiting = set(trace.servers)
        for change in changes[operation.operation[1]]:
            if change.state.merge(state) == change.state:
                waiting.discard(change.server)
            if not waiting:
                assert operation.end is not None
                found.append(max(0, max(change.time, time) - operation.end) / TICKS_PER_MS)
                break
        else:
            found.append(None)
    return found


def _changes(trace: Trace) -> dict[str, list[Change]]:
    """For each key who came to hold what, by time."""
    found: dict[str, list[Change]] = defaultdict(list)
    held: dict[str, Any] = defaultdict(dict)
    for event in trace.events:
        data = event.changes.get("data")
        if event.who and data is not None:
            for key, state in data.items():
                if held[event.who].get(key) != state:
                    found[key].append(Change(event.time, event.who, state))
            held[event.who] = data
    return found


def _taken(trace: Trace) -> Iterator[tuple[ClientOperation, int, Any]]:
    """The answered changes: when they were taken (µs), and what was held for the key then."""
    count: Counter[str] = Counter()
    asked: dict[tuple[str, int], ClientOperation] = {}
    for operation in trace.operations:
        count[operation.process] += 1
        asked[operation.process, count[operation.process]] = operation
    held: dict[str, Any] = defaultdict(dict)
    for event in trace.events:
        who = event.who or ""
        held[who] = event.changes.get("data", held[who])
        if event.kind == "deliver" and Gossip.took(event.changes):
            request = trace.messages[event.detail].message
            if isinstance(request, ClientRequest):
                operation = asked[request.client, request.sequence]
                if operation.outcome == "ok" and operation.server == who:
                    yield operation, event.time, held[who][operation.operation[1]]
