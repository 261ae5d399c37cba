"""The leader's disk writes while its entries travel; it counts itself once it is done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consensus_lab.protocols.raft import AppendEntries, Raft, RaftOptions
from consensus_lab.simulation import DiskModel, Network, Scenario, Trace, Workload
from consensus_lab.simulation.faults import (
    crash,
    cut,
    heal,
    request,
    restart,
    slow_disk,
    timeout,
)

from .election_bugs import NeverWaits, Unheld
from .fake import Out, leader, write

PARALLEL = {"parallel_disk": True}
STAGE = Scenario(
    Raft,
    servers=3,
    network=Network(latency=(10, 10)),
    disk=DiskModel((1, 1)),
    workload=Workload(retry=5000, patience=9000),
    options={"election_timeout": (50_000, 60_000), **PARALLEL},
    duration=2000,
).at(50, timeout("S1"))
"""S1 leads from 72 ms on, and nobody stands for election unless a fault says so."""

SLOW_LEADER = STAGE.at(100, slow_disk("S1", 300)).at(200, request("write", "x", 4))


def latency(scenario: Scenario) -> float:
    [operation] = scenario.run().operations
    assert operation.end is not None
    return (operation.end - operation.start) / 1000


def test_by_default_an_entry_waits_for_the_leaders_disk():
    node, out = leader(1), Out()
    node.on_request(write(2), out)
    assert out.held


def test_with_the_option_it_does_not():
    node, out = leader(1, options=RaftOptions(**PARALLEL)), Out()
    node.on_request(write(2), out)
    assert (out.saves, out.held) == (1, False)


def test_entries_leave_before_they_are_on_the_leaders_disk():
    trace = SLOW_LEADER.run()
    sent = [f for f in trace.messages if isinstance(f.message, AppendEntries) and f.sent > 200_000]
    assert sent[0].sent == 210_000
    assert sent[0].message.entries
    assert len(trace.state_at(210)["S1"]["disk.log"]) == 1


def test_a_majority_of_others_commits_before_the_leaders_disk_is_done():
    alone = replace(SLOW_LEADER, options={**SLOW_LEADER.options, "parallel_disk": False})
    assert latency(alone) == 10 + 300 + 21 + 10
    assert latency(SLOW_LEADER) == 10 + 21 + 10


def test_a_follower_promises_nothing_before_its_disk_is_done():
    scenario = STAGE.at(100, slow_disk("S2", 300), slow_disk("S3", 300))
    assert latency(scenario.at(200, request("write", "x", 4))) == 10 + 10 + 300 + 10 + 10


def test_an_entry_is_saved_before_a_later_leader_hears_that_it_is_there():
    """S1's disk is slow; S2, to whom its entry went, leads next, and counts on S1 for it."""
    scenario = SLOW_LEADER.at(215, cut("S1", "S3")).at(225, timeout("S2")).at(500, crash("S1"))
    trace = scenario.run(499)
    assert trace.state_at(499)["S2"]["role"] == "leader"
    assert trace.state_at(499)["S2"]["match_index"]["S1"] == 0
    assert scenario.at(600, restart("S1"), heal()).run().violations == []


# -- what each of the three rules is good for ----------------------------------------------


class CountsItselfEarly(Raft):
    """L18: a leader that counts itself for what its disk has not written yet."""

    def save_own_entry(self, out):
        super().save_own_entry(out)
        self.match_index = {**self.match_index, self.name: self.last_log_index}


class PromisesEarly(Raft):
    """L19: a follower that acknowledges entries before they are on its disk."""

    def merge(self, previous, entries, out):
        super().merge(previous, entries, Unheld(out))


class TrustsOldSaves(NeverWaits):
    """L20: a leader that counts itself when a save of an older term is done."""

    def on_saved(self, saved, out):
        super().on_saved({**saved, "current_term": self.current_term}, out)


ONE_FOLLOWER_HAS_IT = (
    SLOW_LEADER.at(150, cut("S1", "S3"))
    .at(400, crash("S1"), crash("S2"))
    .at(500, restart("S1"), heal())
    .at(550, timeout("S3"))
)
"""S1 and S2 have the write, S1 not on its disk. Both crash; S1 forgets it, and S3 leads with S1."""

LOST_BY_THE_FOLLOWER = (
    STAGE.at(100, slow_disk("S2", 300))
    .at(150, cut("S1", "S3"))
    .at(200, request("write", "x", 4))
    .at(300, crash("S1"), crash("S2"))
    .at(500, restart("S2"), heal())
    .at(550, timeout("S3"))
)
"""S1 has the write on its disk, S2 not yet. Both crash; S2 forgets it, and S3 leads with S2."""


SAVED_BUT_CUT_OFF = replace(
    STAGE.at(100, slow_disk("S1", 300))
    .at(150, cut("S1", "S2"), cut("S1", "S3"))
    .at(200, request("write", "x", 1), request("write", "x", 2, client="B"))
    .at(215, timeout("S2"))
    .at(260, heal())
    .at(330, timeout("S1"))
    .at(360, cut("S1", "S3"))
    .at(900, crash("S1"), crash("S2"))
    .at(1000, restart("S1"), heal(), timeout("S3")),
    protocol=NeverWaits,
)
"""S1's entries 2 and 3 of term 1 are cut off by S2, leader of term 2. S1 leads term 3; its entry 3
has reached S2 when the disk reports the old entry 3. Both crash, and S3 leads with S1."""


KILLED = [
    (CountsItselfEarly, ONE_FOLLOWER_HAS_IT),
    (PromisesEarly, LOST_BY_THE_FOLLOWER),
    (TrustsOldSaves, SAVED_BUT_CUT_OFF),
]


@pytest.mark.parametrize(("bug", "scenario"), KILLED)
def test_who_counts_what_is_not_on_a_disk_loses_what_was_committed(bug, scenario):
    def violations(trace: Trace) -> list[str]:
        return [violation.property for violation in trace.violations]

    assert violations(scenario.run()) == []
    assert "Leader Completeness" in violations(replace(scenario, protocol=bug).run())
