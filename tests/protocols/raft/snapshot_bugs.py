"""Mistakes that were made with snapshots, and the smallest scenario that each does not survive."""

from __future__ import annotations

from dataclasses import replace

from consensus_lab.protocols.raft import BasicRaft, Raft
from consensus_lab.protocols.state_machine import Sessions
from consensus_lab.simulation.faults import crash, cut, heal, request, restart, timeout, weather

from .bugs import STAGE


class InstallsOld(Raft):
    """Installs every snapshot, also one that is behind what it has applied."""

    def install(self, snapshot, out):
        self.begin_log_after(snapshot, out)
        self.restore()


class KeepsConflict(Raft):
    """Keeps what follows the snapshot, though it follows another entry here."""

    def begin_log_after(self, snapshot, out):
        self.log = self.entries_after(snapshot.last_index)
        self.snapshot = snapshot
        out.save()


class DropsTail(Raft):
    """Throws its whole log away, also what belongs after the snapshot."""

    def install(self, snapshot, out):
        if snapshot.last_index > self.commit_index:
            self.log = ()
        super().install(snapshot, out)


class ForgetsSessions(Raft):
    """Takes a snapshot of the data, and not of the sessions."""

    def take_snapshot(self, out):
        self.machine = Sessions(self.machine.machine)
        super().take_snapshot(out)


class TooEarly(Raft):
    """Takes the snapshot of what is committed before it has applied it."""

    def commit(self, index, out):
        if index - self.snapshot.last_index >= self.options.snapshot_every:
            self.last_applied = self.commit_index = index
            self.take_snapshot(out)
        super().commit(index, out)


class ForgetsTerm(Raft):
    """Does not know the term of the entry with which its snapshot ends."""

    def begin_log_after(self, snapshot, out):
        super().begin_log_after(replace(snapshot, last_term=0), out)


class CutsFirst(Raft):
    """The log is cut, but its snapshot is not on disk."""

    durable = BasicRaft.durable

    def last_index_in(self, saved):
        return self.snapshot.last_index + len(saved["log"])


class StartsAtZero(Raft):
    """Boots as if it had no snapshot."""

    def on_start(self, out):
        super().on_start(out)
        self.commit_index = self.last_applied = 0


class TakesOldForConflict(Raft):
    """Takes entries that are gone into its snapshot for a conflict, and cuts its log."""

    def on_append_entries(self, message, out):
        if message.prev_log_index < self.snapshot.last_index:
            self.log = ()
            out.save()
        super().on_append_entries(message, out)


def compacting(every, **options):
    """Nobody stands for election unless told to; S1 is, at 50 ms."""
    options = {**STAGE.options, "snapshot_every": every, **options}
    return replace(STAGE, options=options, duration=2000).at(50, timeout("S1"))


def writes(scenario, *times):
    """With the n-th client writing n at the n-th of these times (ms)."""
    for number, time in enumerate(times, 1):
        scenario = scenario.at(
            time, request("write", "x", number, client="ABCDE"[number - 1], server="S1")
        )
    return scenario


TWO_WRITES = writes(compacting(3), 200, 300)

RESTART = writes(compacting(3), 200, 300, 400).at(500, crash("S3")).at(600, restart("S3"))

OLD_SNAPSHOT = (
    writes(compacting(2), 200, 260, 1300, 1360, 1420)
    .at(150, cut("S1", "S3"))
    .at(400, heal())
    .at(435, weather(latency=(500, 500), duplicate=1))
    .at(445, weather(latency=(10, 10), duplicate=0))
    .at(1420, crash("S3"))
    .at(1430, restart("S3"))
)

WRONG_TAIL = (
    compacting(3)
    .at(150, cut("S1", "S2"), cut("S1", "S3"))
    .at(160, *[request("write", "x", n, client=name) for n, name in enumerate("ABC")])
    .at(300, timeout("S2"))
    .at(400, request("write", "y", 4, client="D"))
    .at(600, heal())
)
"""S1 gathers three entries alone, while S2 leads term 2 and takes a snapshot of other ones."""

ACKNOWLEDGED_TAIL = (
    writes(compacting(4), 200, 240, 298, 310)
    .at(299, weather(latency=(13, 13), duplicate=1))
    .at(301, weather(latency=(10, 10), duplicate=0))
    .at(318, cut("S3", "S1", one_way=True))
    .at(322, heal("S3", "S1"))
    .at(325, cut("S1", "S2", one_way=True))
    .at(350, crash("S1"))
    .at(360, heal())
    .at(500, timeout("S2"))
)
"""S3 acknowledges entry 5, which commits it, and then gets a snapshot up to index 4."""

LATE_ENTRIES = (
    writes(compacting(4), 200, 240, 280, 440)
    .at(205, weather(latency=(300, 300)))
    .at(215, weather(latency=(10, 10)))
    .at(455, cut("S1", "S2", one_way=True))
    .at(495, crash("S1"))
    .at(700, timeout("S2"))
)
"""S3 has a snapshot up to index 4 and entry 5 when the first AppendEntries arrives at last."""

KILLED_BY = {
    "S1": (InstallsOld, OLD_SNAPSHOT, "Nothing Goes Back"),
    "S2": (KeepsConflict, WRONG_TAIL, "Log Matching"),
    "S3": (DropsTail, ACKNOWLEDGED_TAIL, "Leader Completeness"),
    "S6": (ForgetsSessions, TWO_WRITES, "State Machine Safety"),
    "S7": (TooEarly, TWO_WRITES, "State Machine Safety"),
    "S8": (ForgetsTerm, TWO_WRITES, "State Machine Safety"),
    "S9": (CutsFirst, RESTART, "Log Matching"),
    "S10": (StartsAtZero, RESTART, "Indexes in Order"),
    "S11": (TakesOldForConflict, LATE_ENTRIES, "Leader Completeness"),
}
"""For each mistake its class, a scenario, and the property that breaks first."""
