"""The bug zoo: mistakes made in replication, one small mistake a class. The numbers are its rows.

L18 to L20 are in test_parallel_disk.py, L22 is among those of the invariants, L26 and L27 are in
bound_bugs.py.
"""

from __future__ import annotations

from dataclasses import replace

from consensus_lab.protocols.raft import Raft
from consensus_lab.protocols.raft.quorum import highest_on_majority
from consensus_lab.protocols.sizes import size_of
from consensus_lab.simulation import Workload
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
from consensus_lab.simulation.orders import add_learner

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


class CountsLearners(Raft):
    """L10. Counts learners like voters when it commits."""

    def index_on_quorum(self):
        return highest_on_majority(self.match_index.values())


class BelievesTheLatest(Raft):
    """L13. Takes the answer that comes last for the newest one."""

    def on_append_entries_reply(self, message, out):
        if message.success and self.role == "leader":
            self.match_index = {**self.match_index, message.follower: message.match_index}
        super().on_append_entries_reply(message, out)


class StepsBackAlways(Raft):
    """L14. A late refusal leads back to what has been acknowledged since."""

    def on_append_entries_reply(self, message, out):
        known = self.match_index
        if not message.success:
            self.match_index = dict.fromkeys(known, 0)
        super().on_append_entries_reply(message, out)
        if not message.success:
            self.match_index = known


class LeavesOutTheLarge(Raft):
    """L21. Leaves out an entry that is too large for a message, and sends what follows it."""

    def append_entries(self, previous, entries):
        fits = tuple(entry for entry in entries if size_of(entry) < 200)
        return super().append_entries(previous, fits)


class Renumbers(Raft):
    """L23. What should take the place of a wrong entry is put behind it."""

    def replace_after(self, index, entries):
        super().replace_after(min(index + 1, self.last_log_index), entries)


class TakesTheGoneForNothing(Raft):
    """L24. What it cannot read any more it takes for the beginning of the log."""

    def send_append_entries(self, peer, out):
        if self.next_index[peer] <= self.snapshot.last_index:
            out.send(peer, self.append_entries(0, self.log))
        else:
            super().send_append_entries(peer, out)


class ForgetsToSort(Raft):
    """L25. Looks for the middle of the indexes in a list that is not sorted."""

    def index_on_quorum(self):
        indexes = list(self.match_index.values())
        return indexes[(len(indexes) - 1) // 2]


class PutsHeartbeatsOff(Raft):
    """L28. Each message that a leader gets puts its next heartbeat off."""

    def on_message(self, message, out):
        super().on_message(message, out)
        if self.role == "leader":
            out.set_timer("heartbeat", self.options.heartbeat_interval)


class GoesOnSending(Raft):
    """L29. Deposed, it goes on to offer its entries, in the term of its successor."""

    def become_follower(self, term, out):
        offered = self.next_index
        super().become_follower(term, out)
        for peer, index in offered.items():
            out.send(peer, self.append_entries(index - 1, self.entries_after(index - 1)))


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

WITH_LEARNERS = (
    replace(STAGE, servers=5, options={**STAGE.options, "members": ("S1", "S2", "S3")})
    .at(50, timeout("S1"))
    .at(150, add_learner("S4"))
    .at(250, add_learner("S5"))
    .at(350, partition(["S1", "S4", "S5"], ["S2", "S3"]))
    .at(360, request("write", "x", 1, server="S1"))
    .at(500, timeout("S2"))
)
"""S1 and the two learners are three of five servers, and one of three voters."""

ANSWERED_OUT_OF_ORDER = (
    STAGE.at(50, timeout("S1"))
    .at(200, request("write", "x", 1, server="S1"))
    .at(221.5, weather(latency=(60, 60)))
    .at(223, weather(latency=(10, 10)))
    .at(225, request("write", "x", 2, client="B", server="S1"))
)
"""The answers to the first entry come after those to the second."""

REFUSED_TWICE = LONELY_LEADER.at(632, weather(latency=(40, 40), duplicate=1)).at(
    634, weather(latency=(10, 10), duplicate=0)
)
"""S1's refusal comes once more when the logs have met."""

LARGE = (
    STAGE.at(50, timeout("S1"))
    .at(150, cut("S1", "S3"))
    .at(200, request("write", "x", 1, client="A"))
    .at(240, request("write", "x", 500 * "z", client="B"))
    .at(280, request("write", "x", 3, client="C"))
    .at(400, heal())
)
"""The second of three writes is large."""

BEHIND_A_SNAPSHOT = (
    replace(STAGE, options={**STAGE.options, "snapshot_every": 3})
    .at(50, timeout("S1"))
    .at(150, cut("S1", "S3"))
    .at(200, *(request("write", "x", n, client=name) for n, name in enumerate("ABCD")))
    .at(400, heal())
)
"""S3 lacks entries that S1 has no more."""

FIRST_AND_THIRD = (
    replace(STAGE, servers=5)
    .at(50, timeout("S1"))
    .at(150, partition(["S1", "S3"], ["S2", "S4", "S5"]))
    .at(160, request("write", "x", 1, server="S1"))
    .at(300, timeout("S2"))
)
"""Of five servers the first and the third have the entry."""

BUSY = replace(
    STAGE.at(10, timeout("S1")).at(150, cut("S3", "S1", one_way=True)),
    clients=4,
    workload=Workload(think=(0, 5)),
    options={"election_timeout": (300, 400), "window": 1},
)
"""S1 is asked for something all the time. S3, of which S1 hears nothing, needs heartbeats."""

DEPOSED = LONELY_LEADER.at(700, timeout("S2"))
"""S1 hears of term 3 from the candidate that will lead it. S2 stands in term 4."""

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
    "L10": (CountsLearners, WITH_LEARNERS, "Leader Completeness"),
    "L13": (BelievesTheLatest, ANSWERED_OUT_OF_ORDER, "what matched stays matched"),
    "L14": (StepsBackAlways, REFUSED_TWICE, "nothing known is offered"),
    "L21": (LeavesOutTheLarge, LARGE, "Log Matching"),
    "L23": (Renumbers, LONELY_LEADER, "Log Matching"),
    "L24": (TakesTheGoneForNothing, BEHIND_A_SNAPSHOT, "Log Matching"),
    "L25": (ForgetsToSort, FIRST_AND_THIRD, "Leader Completeness"),
    "L28": (PutsHeartbeatsOff, BUSY, "the leader stays"),
    "L29": (GoesOnSending, DEPOSED, "Leader Completeness"),
}
"""For each row a class, the scenario that finds it out, and what is broken there."""
