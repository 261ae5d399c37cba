"""The bug zoo: mistakes in Multi-Paxos, one small mistake a class; P13 of its rows, and P1."""

from __future__ import annotations

from dataclasses import replace

from consensus_lab.protocols.paxos import ZERO, MultiPaxos
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation.faults import crash, cut, heal, partition, request, restart, timeout


class ForgetsItsPromise(MultiPaxos):
    """P1. The promise does not survive a crash."""

    def on_start(self, out):
        self.promised = ZERO
        super().on_start(out)


class AppliesPastAHole(MultiPaxos):
    """P13. Takes all slots for chosen that come before one that is."""

    def advance_commit_index(self, out):
        chosen = [s for s, votes in self.accepted_by.items() if self.is_phase_2_quorum(votes)]
        self.commit(max(chosen, default=0), out)


class AsksForOneSlot(MultiPaxos):
    """P13. Phase 1 tells of the first open slot only."""

    def report(self, first):
        whole = super().report(first)
        return replace(whole, accepted=whole.accepted[:1])


class TakesTheOldForTheChosen(MultiPaxos):
    """P13. A follower takes for chosen what it has accepted, under whichever ballot."""

    def is_current(self, proposal):
        return proposal is not None


STAGE = Scenario(
    MultiPaxos,
    servers=3,
    network=Network(latency=(10, 10)),
    disk=DiskModel((1, 1)),
    workload=Workload(retry=1000, patience=900),
    options={"election_timeout": (50_000, 60_000)},
    duration=600,
)
"""Nothing is left to chance, and nobody prepares a ballot unless a fault says so."""

LED = STAGE.at(0, timeout("S1"))
"""S1 leads under ballot 1.S1."""

LOST = (
    LED.at(175, request("write", "x", 4, server="S1"))
    .at(180, cut("S1", "S2"), cut("S1", "S3"))
    .at(180, request("write", "y", 7, client="B", server="S1"))
    .at(190, heal())
)
"""Slot 1 is lost on its way; slot 2 is accepted by all."""

HOLE = LOST.at(213, crash("S1")).at(300, timeout("S2"))
"""The leader has heard that slot 2 is accepted, and crashes; S2 knows nothing of slot 1."""

AWAY = (
    LED.at(100, crash("S3"))
    .at(150, request("write", "x", 4, server="S1"))
    .at(160, request("write", "x", 7, client="B", server="S1"))
    .at(215, crash("S1"))
    .at(250, restart("S3"))
    .at(260, timeout("S3"))
    .at(330, request("write", "x", 9, client="C", server="S3"))
)
"""Two slots are chosen while S3 is away. Then it leads."""

DEPOSED = (
    LED.at(100, partition(["S1"], ["S2", "S3"]))
    .at(150, request("write", "x", 4, server="S1"))
    .at(200, timeout("S2"))
    .at(260, request("write", "y", 7, client="B", server="S2"))
    .at(400, heal())
)
"""S1 alone accepts 4 in slot 1. The others choose 7 there, and tell S1 that slot 1 is chosen."""

KILLED_BY = {
    "P13, applies": (AppliesPastAHole, HOLE, "State Machine Safety"),
    "P13, one slot": (AsksForOneSlot, AWAY, "State Machine Safety"),
    "P13, old": (TakesTheOldForTheChosen, DEPOSED, "State Machine Safety"),
}
"""For each row a class, the scenario that finds it out, and what is broken there."""

MISTAKES = [ForgetsItsPromise, *(bug for bug, _, _ in KILLED_BY.values())]
