"""The bug zoo: mistakes made in replication, one small mistake a class. The numbers are its rows.

L18 to L20 are those of parallel_disk, L22 is among those of the invariants.
"""

from __future__ import annotations

from dataclasses import replace

from consensus_lab.protocols.raft import Raft
from consensus_lab.simulation.faults import (
    crash,
    cut,
    heal,
    partition,
    request,
    restart,
    slow_disk,
    timeout,
    weather,
)

from .bugs import LONELY_LEADER, STAGE, Eager


class TakesAnything(Raft):
    """L1. Appends what comes, whether the entry before it is there or not."""

    def on_append_entries(self, message, out):
        last = self.last_log_index
        if message.prev_log_index > last:
            message = replace(message, prev_log_index=last, prev_log_term=self.term_at(last))
        super().on_append_entries(message, out)


class CutsAlways(Raft):
    """L2. Cuts its log after what it was sent, whether that conflicts or not."""

    def merge(self, previous, entries, out):
        self.replace_after(previous, entries)
        out.save()


class CutsNever(Raft):
    """L3. Keeps its own entries where they conflict."""

    def merge(self, previous, entries, out):
        new = entries[max(0, self.last_log_index - previous) :]
        if new:
            self.replace_after(self.last_log_index, new)
            out.save()


class AgreesAlways(Raft):
    """L4. Says yes, also when the entries do not fit."""

    def refusal(self, message):
        return self.acceptance(message, message.prev_log_index + len(message.entries))


class AgreesToItsEnd(Raft):
    """L5. Acknowledges up to the end of its own log, and not of what it was sent."""

    def acceptance(self, message, last_new):
        return super().acceptance(message, self.last_log_index)


class CommitsItsTail(Raft):
    """L6, L7. Commits what the leader has committed, up to the end of its own log."""

    def on_append_entries(self, message, out):
        super().on_append_entries(message, out)
        if message.term == self.current_term:
            self.commit(min(message.leader_commit, self.last_log_index), out)


class CommitsByCounting(Raft):
    """L8. Commits an entry of an older term as soon as a majority has it (Figure 8)."""

    def advance_commit_index(self, out):
        self.commit(self.index_on_quorum(), out)


class HalfCommits(Raft):
    """L9. Commits what n // 2 of n servers have."""

    def index_on_quorum(self):
        ordered = sorted(self.match_index.values())
        return ordered[-(len(ordered) // 2)]


class CountsWhatCameSince(Raft):
    """L11. Takes an answer for all that is in the log when it comes."""

    def on_append_entries_reply(self, message, out):
        if message.success:
            message = replace(message, match_index=self.last_log_index)
        super().on_append_entries_reply(message, out)


class CountsOldAnswers(Raft):
    """L12. A leader that is elected again takes an answer of its older term for one of this."""

    def on_append_entries_reply(self, message, out):
        super().on_append_entries_reply(replace(message, term=self.current_term), out)


class RemembersMatches(Raft):
    """E24. A leader that is elected again keeps what it knew of its followers."""

    known = None

    def become_follower(self, term, out):
        self.known = self.match_index or self.known
        super().become_follower(term, out)

    def become_leader(self, out):
        super().become_leader(out)
        self.match_index = {**self.match_index, **(self.known or {})}


class NeverStepsBack(Raft):
    """L15. A hint that is off by one: the same is offered again and again."""

    def index_to_retry(self, message):
        return self.next_index[message.follower]


class RepliesAtOnce(Raft):
    """L17. Answers the client as soon as the command is in the leader's own log."""

    def append(self, command, out):
        super().append(command, out)
        if command is not None:
            out.reply(command, None)


GAP = (
    STAGE.at(50, timeout("S1"))
    .at(150, cut("S1", "S3"))
    .at(200, request("write", "x", 4))
    .at(300, heal(), timeout("S2"))
)
"""S3 lacks the write, and S2, the next leader, begins after it."""

FALSE_YES = (
    GAP.at(300, crash("S1"))
    .at(400, crash("S2"), restart("S1"), heal())
    .at(410, timeout("S1"))
    .at(450, timeout("S1"))
)
"""S2 leads with S3, which lacks the write, and crashes. S1, which has the write, leads with S3."""

OVERTAKEN = (
    STAGE.at(50, timeout("S1"))
    .at(150, cut("S1", "S3"))
    .at(199, weather(latency=(40, 40)))
    .at(200, request("write", "x", 1, server="S1"))
    .at(240, weather(latency=(30, 30)))
    .at(241, weather(latency=(5, 5)), request("write", "x", 2, client="B", server="S1"))
    .at(284, crash("S1"))
    .at(290, heal(), timeout("S2"))
)
"""S1's offer of two entries overtakes that of the first. S1 commits both, and crashes."""

STALE_TAIL = (
    replace(STAGE, options={**STAGE.options, "snapshot_every": 4})
    .at(50, timeout("S1"))
    .at(150, cut("S1", "S2"), cut("S1", "S3"))
    .at(
        160,
        *(request("write", "x", n, client=name, server="S1") for n, name in enumerate("ABCDEFGH")),
    )
    .at(300, timeout("S2"))
    .at(
        400, *(request("write", "y", n, client=name, server="S2") for n, name in enumerate("IJKLM"))
    )
)
"""S1's tail of term 1 is long. S2, leader of term 2, has a snapshot, and heals S1 with that."""

STALE_TAIL_COMES_BACK = STALE_TAIL.at(600, heal())

STALE_TAIL_IS_COUNTED = (
    STALE_TAIL.at(550, cut("S2", "S3"))
    .at(560, request("write", "z", 1, client="N", server="S2"))
    .at(600, heal("S1", "S2"))
    .at(645, crash("S2"), cut("S1", "S2"))
    .at(670, heal(), timeout("S3"))
)
"""S2 writes what S3 does not get, and hears from S1 that it has as much."""

FIGURE_8 = (
    replace(STAGE, servers=5, options={**STAGE.options, "window": 1, "max_entries": 1})
    .at(50, timeout("S1"))
    .at(150, partition(["S1", "S2"], ["S3", "S4", "S5"]))
    .at(150, request("write", "x", 1, server="S1"))
    .at(210, crash("S1"), heal(), partition(["S2"], ["S3", "S4", "S5"]), timeout("S5"))
    .at(233, partition(["S5"], ["S3", "S4"]))
    .at(263, crash("S5"), heal(), restart("S1"), partition(["S1", "S2", "S3"], ["S4"]))
    .at(263, timeout("S1"))
    .at(273, timeout("S1"))
    .at(338, cut("S1", "S3"), crash("S1"))
    .at(358, heal(), restart("S5"), timeout("S5"))
    .at(388, timeout("S5"))
)
"""Figure 8 (d) of the paper; golden/figure8_overwritten.txt tells it step by step."""

TWO_OF_FIVE = (
    replace(STAGE, servers=5)
    .at(50, timeout("S1"))
    .at(150, partition(["S1", "S2"], ["S3", "S4", "S5"]))
    .at(160, request("write", "x", 1, server="S1"))
    .at(300, timeout("S3"))
)

SINCE = (
    STAGE.at(50, timeout("S1"))
    .at(150, cut("S1", "S3"))
    .at(200, request("write", "x", 1, server="S1"))
    .at(213, request("write", "x", 2, client="B", server="S1"))
    .at(222, cut("S1", "S2", one_way=True))
    .at(300, crash("S1"), heal())
    .at(310, timeout("S2"))
)
"""S2's answer to the first entry comes when S1 has a second, which S2 never gets."""

LED_AGAIN = (
    replace(STAGE, servers=5, duration=2500)
    .at(50, timeout("S1"))
    .at(150, partition(["S1", "S2"], ["S3", "S4", "S5"]))
    .at(200, request("write", "x", 1, server="S1"))
    .at(200, request("write", "x", 2, client="B", server="S1"))
    .at(300, timeout("S3"))
    .at(400, heal())
    .at(500, timeout("S1"))
    .at(523, *(cut("S1", name, one_way=True) for name in ("S2", "S3", "S5")))
    .at(700, crash("S1"), crash("S4"), heal())
    .at(710, timeout("S3"))
)
"""In term 1 S2 has S1's entries 2 and 3. S3, leader of term 2, cuts them off. S1 leads term 3, and
its entry 3 reaches S4 only. Both crash."""

LED_AGAIN_AND_LATE = LED_AGAIN.at(190, slow_disk("S2", 200))
"""The same, but S2's answer of term 1 is held up by its disk until S1 leads term 3."""

PROMISED = (
    STAGE.at(50, timeout("S1"))
    .at(150, cut("S1", "S2"), cut("S1", "S3"))
    .at(200, request("write", "x", 1, server="S1"))
    .at(300, timeout("S2"))
    .at(400, request("read", "x", client="B", server="S2"))
)
"""A writes at S1, which is cut off; B reads at S2, which leads the next term."""

KILLED_BY = {
    "L1": (TakesAnything, GAP, "State Machine Safety"),
    "L2": (CutsAlways, OVERTAKEN, "Leader Completeness"),
    "L3": (CutsNever, LONELY_LEADER, "State Machine Safety"),
    "L4": (AgreesAlways, FALSE_YES, "Leader Completeness"),
    "L5": (AgreesToItsEnd, STALE_TAIL_IS_COUNTED, "Leader Completeness"),
    "L6": (CommitsItsTail, STALE_TAIL_COMES_BACK, "State Machine Safety"),
    "L8": (CommitsByCounting, FIGURE_8, "Leader Completeness"),
    "L9": (HalfCommits, TWO_OF_FIVE, "Leader Completeness"),
    "L11": (CountsWhatCameSince, SINCE, "Leader Completeness"),
    "L12": (CountsOldAnswers, LED_AGAIN_AND_LATE, "Leader Completeness"),
    "E24": (RemembersMatches, LED_AGAIN, "Leader Completeness"),
    "L15": (NeverStepsBack, LONELY_LEADER, "the logs are the same"),
    "L16": (Eager, LONELY_LEADER, "State Machine Safety"),
    "L17": (RepliesAtOnce, PROMISED, "linearizability"),
}
"""For each row a class, the scenario that finds it out, and what is broken there."""
