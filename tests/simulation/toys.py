"""Protocols too small to be of use, to see what a world does to them."""

from __future__ import annotations

from dataclasses import dataclass

from consensus_lab.protocols import Node, Raft
from consensus_lab.simulation import DiskModel, Network, Scenario


@dataclass(frozen=True)
class Tick:
    """The sender's count."""

    number: int


class Ticker(Node):
    """Every 10 ms each server counts one up, and tells all others."""

    role = "ticker"

    def __init__(self, name, servers):
        super().__init__(name, servers)
        self.count = 0
        self.heard = 0

    def on_start(self, out):
        out.set_timer("tick", 10)

    def on_tick_timeout(self, out):
        self.count += 1
        out.set_timer("tick", 10)
        for peer in self.peers:
            out.send(peer, Tick(self.count))

    def on_tick(self, message, out):
        self.heard += 1


class Saver(Ticker):
    """The same, but each count is on disk before it is told."""

    durable = ("count",)

    def on_tick_timeout(self, out):
        super().on_tick_timeout(out)
        out.save()


def ticking(kind: type[Node] = Ticker, servers: int = 2, **values) -> Scenario:
    """A scenario whose messages take exactly 3 ms and whose disks take exactly 1 ms."""
    defaults = {"network": Network(latency=(3, 3)), "disk": DiskModel((1, 1)), "duration": 100}
    return Scenario(kind, servers=servers, **{**defaults, **values})


def steady(**values) -> Scenario:
    """Three Raft servers; S1 leads from about 30 ms on, and nobody else stands unless told."""
    from consensus_lab.simulation.faults import timeout

    options = {"election_timeout": (50_000, 60_000)}
    defaults = {"network": Network(latency=(5, 5)), "disk": DiskModel((1, 1)), "options": options}
    return Scenario(Raft, servers=3, **{**defaults, **values}).at(10, timeout("S1"))


def fates(trace, source="S1", target="S2") -> list[str]:
    """What became of the messages of one link, in the order in which they were sent."""
    return [f.fate for f in trace.messages if (f.source, f.target) == (source, target)]


def texts(trace) -> list[str]:
    """What the trace says about faults."""
    return [event.detail["text"] for event in trace.events if event.kind == "fault"]
