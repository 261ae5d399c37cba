"""The bug zoo: mistakes made in PBFT, one small mistake a class. The numbers are its rows."""

from __future__ import annotations

from consensus_lab.protocols.byzantine.pbft import PBFT
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import request


class QuorumTooSmall(PBFT):
    """B11. A quorum of 2f: two of them may have only the liar in common."""

    def is_quorum(self, replicas):
        return len(replicas) >= 2 * self.f


class TakesASecondPrePrepare(PBFT):
    """B12. It takes two requests for one number of one view, and votes for both."""

    def is_first(self, message):
        return True


class ForgetsThePast(PBFT):
    """B13. The new view does not look at the certificates."""

    def certificates(self, view_changes):
        return []


class CountsByNumber(PBFT):
    """B14. It counts the votes for a number, whatever request they are for."""

    def matching(self, message, votes):
        return votes


TWO_ORDERS = (
    Scenario(PBFT, servers=4, duration=1000, options={"traitors": ("S1",)})
    .at(100, request("write", "x", 1, client="A"))
    .at(100, request("write", "x", 2, client="B"))
)
"""Two clients ask at once, and the primary gives their requests numbers in two orders."""

KILLED_BY = {
    "B11": (QuorumTooSmall, TWO_ORDERS, "Agreement"),
    "B12": (TakesASecondPrePrepare, TWO_ORDERS, "Agreement"),
    "B13": (ForgetsThePast, TWO_ORDERS, "Agreement"),
    "B14": (CountsByNumber, TWO_ORDERS, "Agreement"),
}
