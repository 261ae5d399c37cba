"""Figure 8 of the Raft paper as a scenario: why a majority alone does not commit an old entry.

Ongaro, D. and Ousterhout, J. (2014): In Search of an Understandable Consensus Algorithm (Extended
Version), section 5.4.2.
"""

from __future__ import annotations

from typing import Any

from ..protocols.node import Effects
from ..protocols.raft import BasicRaft
from ..simulation import Network, Scenario, Workload, say
from ..simulation.faults import crash, heal, partition, request, restart, timeout
from ..simulation.triggers import becomes, changes, receives, synced


class WithoutNoOp(BasicRaft):
    """Raft whose leaders begin without an entry of their own: so the figure has it."""

    def append(self, command: Any, out: Effects) -> None:
        if command is None:  # nothing to save: its log is on its disk already
            self.match_index = {**self.match_index, self.name: self.last_log_index}
            self.replicate(out)
        else:
            super().append(command, out)


class CountsOldTerms(WithoutNoOp):
    """The same without the last condition of the commit rule: a majority is enough (L8)."""

    def advance_commit_index(self, out: Effects) -> None:
        index = self.index_on_quorum()
        if index > self.commit_index:
            out.note(f"commits up to index {index}, of term {self.term_at(index)}")
            self.commit(index, out)


def figure_8(protocol: type[BasicRaft], own_entry: bool = False, seed: int = 1) -> Scenario:
    """Five servers, four leaders, and an entry that is on three servers and goes all the same.

    With `own_entry` S1 writes something in its own term 4, too, and replicates it ((e) in the
    figure). It ends with a read of x.
    """
    quick, patient = Network(latency=(2, 4)), Workload(retry=5000, patience=5000)
    scenario = Scenario(protocol, seed=seed, duration=700, network=quick, workload=patient)
    # S2 leads term 1, and everybody gets x = 1. Then S1 stands, in term 2.
    scenario = scenario.at(10, timeout("S2")).at(40, request("write", "x", 1, server="S2"))
    scenario = scenario.at(120, timeout("S1"))
    # (a) S1 leads term 2, and reaches S2 only.
    scenario = scenario.at(150, partition(["S1", "S2"], ["S3", "S4", "S5"]))
    scenario = scenario.at(160, request("write", "x", 2, client="B", server="S1"))
    scenario = scenario.at(185, say("(a) S1 leads term 2. Its x = 2 is on S1 and S2, of five."))
    # (b) S1 crashes. S5 leads term 3, and crashes when only its own disk has its entry.
    scenario = scenario.at(190, crash("S1"), timeout("S5"))
    scenario = scenario.when(becomes("leader", "S5"), partition(["S5"], ["S2", "S3", "S4"]))
    scenario = scenario.at(220, request("write", "y", 3, client="C", server="S5"))
    scenario = scenario.when(synced("S5"), crash("it"), since=215)
    told = "(b) S1 has crashed. S5 led term 3, wrote y = 3 to its own disk, and has crashed, too."
    scenario = scenario.at(240, say(told))
    # (c) S1 is back and leads term 4. S4 does not hear it; S2 and S3 do.
    scenario = scenario.at(245, heal(), restart("S1"), partition(["S1", "S2", "S3"], ["S4"]))
    scenario = scenario.at(250, timeout("S1")).at(270, timeout("S1"))
    if own_entry:
        scenario = scenario.at(300, request("write", "z", 4, client="D", server="S1"))
        told = "(e) S1 has z = 4, of its own term, on a majority: now x = 2 is committed with it."
        scenario = scenario.when(changes("commit_index", 3, "S1"), say(told), since=300)
        told = "(e) S5 stands three times and cannot win: S2 and S3 end with term 4, later than 3."
        scenario = scenario.at(410, say(told))
    told = "(c) S1 leads term 4. Its old entry x = 2, of term 2, is on three of five servers now."
    old = receives("AppendEntriesReply", "S1", source="S3", success=True, match_index=2)
    scenario = scenario.when(old, say(told), since=275)
    # (d) S1 crashes, S5 is back, and stands for election.
    scenario = scenario.at(350, crash("S1"), heal(), restart("S5"))
    scenario = scenario.at(355, timeout("S5")).at(375, timeout("S5")).at(395, timeout("S5"))
    told = "(d) S5 leads: its last entry is of term 3, later than term 2. Its log wins over theirs."
    scenario = scenario.when(becomes("leader", "S5"), say(told), since=355)
    if not own_entry:
        told = "(d) S2 and S3 have cut off x = 2, and have taken y = 3 in its place."
        scenario = scenario.at(440, say(told))
    return scenario.at(560, request("read", "x", client="E", server="leader"))
