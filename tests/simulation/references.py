"""Five runs whose traces are the same, to the byte, on every machine and Python.

When a trace is meant to change, write their digests anew:

    python -m tests.simulation.references > tests/simulation/digests.json
"""

from __future__ import annotations

import json
from hashlib import sha256

from consensus_lab.protocols import MultiPaxos, Paxos, Raft
from consensus_lab.simulation import Network, Scenario, Workload
from consensus_lab.simulation.faults import crash, cut, pause, request, restart, resume, weather
from consensus_lab.testing.campaigns import contest, storm

from .toys import Ticker, ticking


class Gossip(Ticker):
    """Keeps sets and dicts of text, whose own order differs from process to process."""

    durable = ("rumours",)

    def __init__(self, name, servers):
        super().__init__(name, servers)
        self.rumours = set()
        self.sources = {}

    def on_tick_timeout(self, out):
        super().on_tick_timeout(out)
        self.rumours |= {f"{self.name} says {self.count}", *self.servers}
        self.sources[frozenset(self.servers)] = self.count / 3
        out.note(f"draws {out.random()}")
        out.save()


REFERENCES = {
    "calm": Scenario(Raft, seed=7, clients=1, duration=2000),
    "rough": Scenario(
        Raft,
        seed=11,
        clients=3,
        duration=2500,
        network=Network(latency=(1, 40), loss=0.05, duplicate=0.05, reorder=0.1),
        workload=Workload(cas=0.2, patience=300),
    )
    .at(600, crash("leader"))
    .at(900, restart("S1"), restart("S2"), restart("S3"), restart("S4"), restart("S5"))
    .at(1000, pause("S2"), cut("S1", "S3", one_way=True))
    .at(1300, request("write", "z", "→ é"), weather(loss=0.2))
    .at(1600, resume("S2")),
    "paxos": contest(Paxos, 4),
    "multi-paxos": storm(MultiPaxos, 4),
    "gossip": ticking(Gossip, servers=4).at(33, crash("S1")).at(50, restart("S1")),
}


def digests() -> dict[str, str]:
    """The SHA-256 of each reference trace's JSON form."""
    return {
        name: sha256(scenario.run().to_json().encode()).hexdigest()
        for name, scenario in REFERENCES.items()
    }


if __name__ == "__main__":
    print(json.dumps(digests(), indent=1))
