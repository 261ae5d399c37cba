"""The bug zoo: mistakes in Multi-Paxos, one small mistake a class; P13 of its rows, and P1."""

from __future__ import annotations

from dataclasses import replace

from consensus_lab.protocols.paxos import ZERO, MultiPaxos
from consensus_lab.simulation.faults import heal, partition, request, timeout
from consensus_lab.testing import paxos_stories as stories


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


DEPOSED = (
    stories.led(MultiPaxos)
    .at(100, partition(["S1"], ["S2", "S3"]))
    .at(150, request("write", "x", 4, server="S1"))
    .at(200, timeout("S2"))
    .at(260, request("write", "y", 7, client="B", server="S2"))
    .at(400, heal())
)
"""S1 alone accepts 4 in slot 1. The others choose 7 there, and tell S1 that slot 1 is chosen."""

KILLED_BY = {
    "P13, applies": (AppliesPastAHole, stories.hole(MultiPaxos), "State Machine Safety"),
    "P13, one slot": (AsksForOneSlot, stories.away(MultiPaxos), "State Machine Safety"),
    "P13, old": (TakesTheOldForTheChosen, DEPOSED, "State Machine Safety"),
}
"""For each row a class, the scenario that finds it out, and what is broken there."""

MISTAKES = [ForgetsItsPromise, *(bug for bug, _, _ in KILLED_BY.values())]
