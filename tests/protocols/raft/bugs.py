"""One small mistake a class, and a scenario that Raft survives and the mistake does not."""

from __future__ import annotations

from dataclasses import replace

from consensus_lab.protocols.raft import Raft
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation.faults import cut, heal, request, timeout


class DoubleVote(Raft):
    """Grants every vote, whoever else has it."""

    def on_request_vote(self, message, out):
        self.voted_for = None
        super().on_request_vote(message, out)


class Truncating(Raft):
    """A leader that replaces the end of its own log."""

    def on_request(self, request, out):
        if self.role == "leader":
            self.log = self.log[:-1]
        super().on_request(request, out)


class Trusting(Raft):
    """Takes entries after any entry at the index before them, whatever its term."""

    def on_append_entries(self, message, out):
        if message.prev_log_index <= self.last_log_index:
            message = replace(message, prev_log_term=self.term_at(message.prev_log_index))
        super().on_append_entries(message, out)


class AnyLog(Raft):
    """Votes for a candidate whose log is behind its own."""

    def is_up_to_date(self, last_log_index, last_log_term):
        return True


class Eager(Raft):
    """A leader that applies what it has appended, before it is committed."""

    def append(self, command, out):
        super().append(command, out)
        committed = self.commit_index
        self.commit(self.last_log_index, out)
        self.commit_index = committed


STAGE = Scenario(
    Raft,
    servers=3,
    network=Network(latency=(10, 10)),
    disk=DiskModel((1, 1)),
    workload=Workload(retry=1000, patience=100),
    options={"election_timeout": (50_000, 60_000)},
    duration=1000,
)
"""Nothing is left to chance, and nobody stands for election unless a fault says so."""

TWO_CANDIDATES = STAGE.at(50, timeout("S1"), timeout("S2"))

TWO_REQUESTS = (
    STAGE.at(50, timeout("S1")).at(200, request("write", "x", 1)).at(300, request("write", "x", 2))
)

LONELY_LEADER = (
    STAGE.at(50, timeout("S1"))
    .at(150, cut("S1", "S2"), cut("S1", "S3"))
    .at(160, *[request("write", "x", n, client=name) for n, name in enumerate("ABC")])
    .at(300, timeout("S2"))
    .at(400, request("write", "y", 4, client="D"))
    .at(600, heal(), timeout("S3"))
)
"""S1 leads term 1 and gathers three entries alone; S2 leads term 2, and S3 term 3."""

LAGGING_CANDIDATE = (
    STAGE.at(50, timeout("S1"))
    .at(150, cut("S1", "S3"))
    .at(200, request("write", "x", 4))
    .at(400, heal(), timeout("S3"))
)

KILLED_BY = {
    "Election Safety": (DoubleVote, TWO_CANDIDATES),
    "Leader Append-Only": (Truncating, TWO_REQUESTS),
    "Log Matching": (Trusting, LONELY_LEADER),
    "Leader Completeness": (AnyLog, LAGGING_CANDIDATE),
    "State Machine Safety": (Eager, LONELY_LEADER),
}
"""For each property a class that breaks it, and the scenario in which it does."""
