"""Mistakes made with PreVote, CheckQuorum and leadership transfer: one small mistake a class.

E20 to E23 are the rows of the bug zoo. (R7, the lease that a transfer ends, is among the reads.)
"""

from __future__ import annotations

from dataclasses import replace

from consensus_lab.protocols.raft import PreVote, PreVoteReply, Raft, TransferVote
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import crash, cut, request, restart, timeout, transfer

from .bugs import STAGE


class PreVoteMakesATerm(Raft):
    """E20. Asking whether it could win, a server goes on to the next term."""

    def become_pre_candidate(self, out):
        self.current_term += 1
        super().become_pre_candidate(out)
        out.save()


class PreVoteForAnybody(Raft):
    """E21. Says that it would vote, although it hears from a leader."""

    def on_pre_vote(self, message, out):
        self.leader = None
        super().on_pre_vote(message, out)


class TermsApart(Raft):
    """E22. Takes no term from the answers and questions of PreVote."""

    def on_message(self, message, out):
        if isinstance(message, PreVote):
            self.on_pre_vote(message, out)
        elif isinstance(message, PreVoteReply):
            self.on_pre_vote_reply(message, out)
        else:
            super().on_message(message, out)


class NeverChecks(Raft):
    """E23. A leader does not mind that nobody answers."""

    def on_quorum_timeout(self, out):
        self.listen(out)


class DeafToTransfer(Raft):
    """Does not listen to the one whom the leader itself has called."""

    def on_message(self, message, out):
        if not (self.options.check_quorum and self.leader and isinstance(message, TransferVote)):
            super().on_message(message, out)


class TransferForEver(Raft):
    """Does not go on when its successor has not managed."""

    def on_transfer_timeout(self, out):
        pass


def stage(**options) -> Scenario:
    """Three servers; nobody stands unless told to. S1 is, at 50 ms; it leads from 72 ms on."""
    return replace(STAGE, options={**STAGE.options, **options}).at(50, timeout("S1"))


def quick(**options) -> Scenario:
    """The same, but patience ends: after 150 to 300 ms."""
    return replace(stage(**options), options=options, duration=2000)


IMPATIENT = stage(pre_vote=True).at(200, timeout("S3"))
"""S3 has not heard from S1 for too long, all others have."""

HEARS_ONE = stage(pre_vote=True).at(150, cut("S1", "S3", one_way=True)).at(250, timeout("S3"))
"""S3 does not hear the leader, but it hears S2, who does."""

TWO_TERMS = (
    stage(pre_vote=True)
    .at(260, crash("S1"), timeout("S2"))
    .at(300, timeout("S3"))
    .at(331, crash("S3"))
    .at(400, restart("S1"))
    .at(500, timeout("S2"))
)
"""S3 began term 2 and is gone. S1 is back, in term 1; S2, in term 2, asks it."""

ALONE = quick(check_quorum=True).at(500, cut("leader", "S2"), cut("leader", "S3"))
"""The leader is cut off from all."""

HANDS_OVER = stage(check_quorum=True).at(200, transfer("S1", "S2"))

SUCCESSOR_IS_DOWN = (
    replace(quick(), options={"election_timeout": (400, 400)})
    .at(500, crash("S2"), transfer("leader", "S2"))
    .at(1000, request("write", "x", 1))
)

KILLED_BY = {
    "E20": (PreVoteMakesATerm, IMPATIENT, "the leader stays"),
    "E21": (PreVoteForAnybody, HEARS_ONE, "the leader stays"),
    "E22": (TermsApart, TWO_TERMS, "somebody leads"),
    "E23": (NeverChecks, ALONE, "only one leads"),
    "a deaf follower": (DeafToTransfer, HANDS_OVER, "the successor leads"),
    "no way back": (TransferForEver, SUCCESSOR_IS_DOWN, "clients are answered"),
}
"""For each row a class, the scenario that finds it out, and what is broken there."""
