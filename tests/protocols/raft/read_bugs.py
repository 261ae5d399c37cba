"""Reads with one small mistake a class (R1 to R8), and a scenario that Raft survives and it not.

All are killed by linearizability: a read returns what was overwritten before it began.
"""

from __future__ import annotations

from dataclasses import replace

from consensus_lab.protocols.raft import Raft
from consensus_lab.simulation import Scenario
from consensus_lab.testing.tasks.reads import (
    BACK_FROM_A_CRASH,
    CALLED_TO_STAND,
    DEAF_TO_ONE,
    MISSED_HEARTBEAT,
    NEW_LEADER,
    OLD_LEADER,
    SLOW_ANSWERS,
    SLOW_CLOCK,
    UNTOLD_FOLLOWER,
)


class LocalRead(Raft):
    """R1: a leader reads what it has, without asking whether it still leads."""

    def is_confirmed(self, after):
        return True


class NoNoOp(Raft):
    """R2: begins its term without a no-op, and reads what it knows to be committed."""

    def append(self, command, out):
        if command is not None:
            super().append(command, out)
        else:
            self.on_heartbeat_timeout(out)

    def read_index(self):
        return self.commit_index


class AnyHeartbeat(Raft):
    """R3: counts answers to heartbeats that were sent before the read came."""

    def is_confirmed(self, after):
        return self.is_quorum({self.name, *self.answered})


class Hasty(Raft):
    """R4: looks before all up to the index is applied."""

    def is_ready(self, read):
        return super().is_ready(replace(read, index=0))


class LateLease(Raft):
    """R5: counts the lease from when the answers came, not from when the heartbeats were sent."""

    def renew_lease(self, out):
        super().renew_lease(out)
        self.lease_until = out.clock() + self.lease_length()


class TrustingClocks(Raft):
    """R6: the lease is as long as the election timeout, whatever the clocks."""

    def lease_length(self):
        return self.options.election_timeout[0]


class EarlyVoter(Raft):
    """R7: votes for others while the leader counts on it."""

    def is_deaf(self, out):
        return False


class ForgetfulVoter(Raft):
    """R7: forgets in a crash that the leader counts on it."""

    def on_start(self, out):
        super().on_start(out)
        self.deaf_until = 0


class SharingLeader(Raft):
    """R7: goes on to use its lease after it has called another to stand."""

    def has_lease(self, out):
        return out.clock() < self.lease_until


class OwnIndex(Raft):
    """R8: a follower looks as far as it knows itself, and asks nobody."""

    def ask_leader(self, request, leader, out):
        out.reply(request, self.machine.look(request.operation))


KILLED_IN: dict[type[Raft], Scenario] = {
    LocalRead: OLD_LEADER,
    NoNoOp: NEW_LEADER,
    AnyHeartbeat: OLD_LEADER,
    Hasty: MISSED_HEARTBEAT,
    LateLease: SLOW_ANSWERS,
    TrustingClocks: SLOW_CLOCK,
    EarlyVoter: DEAF_TO_ONE,
    ForgetfulVoter: BACK_FROM_A_CRASH,
    SharingLeader: CALLED_TO_STAND,
    OwnIndex: UNTOLD_FOLLOWER,
}
"""For each bug the scenario in which it shows."""
