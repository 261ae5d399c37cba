"""The bug zoo: mistakes made in elections, one small mistake a class. The numbers are its rows.

E20 to E23 are among those of the extensions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from consensus_lab.protocols.node import Node
from consensus_lab.protocols.raft import Raft
from consensus_lab.protocols.raft.quorum import is_majority
from consensus_lab.simulation import Network, Scenario
from consensus_lab.simulation.faults import (
    clock_skew,
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

from .bugs import LAGGING_CANDIDATE, STAGE, TWO_CANDIDATES, AnyLog, DoubleVote


class ForgetsItsVote(Raft):
    """E2. The vote does not survive a crash."""

    def on_start(self, out):
        self.voted_for = None
        super().on_start(out)


class ForgetsItsTerm(Raft):
    """E3. The term does not survive a crash."""

    def on_start(self, out):
        self.current_term = 0
        super().on_start(out)


class SavesTheVoteLater(Raft):
    """E4. Term and vote are written one after the other, and a crash may come in between."""

    granted = None

    def on_request_vote(self, message, out):
        super().on_request_vote(message, out)
        self.granted, self.voted_for = self.voted_for, None
        out.set_timer("vote", 20)

    def on_vote_timeout(self, out):
        self.voted_for = self.granted
        out.save()


class Unheld:
    """Effects that hold nothing back until it is on disk."""

    def __init__(self, out: Any) -> None:
        self.out = out

    def save(self, hold: bool = True) -> None:
        self.out.save(hold=False)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.out, name)


class NeverWaits(Raft):
    """E5. Nothing waits for the disk: a vote is heard of before it is saved."""

    def on_message(self, message, out):
        super().on_message(message, Unheld(out))

    def on_timer(self, name, out):
        super().on_timer(name, Unheld(out))


class FreedByAppendEntries(Raft):
    """E6. Entries of the same term clear the vote."""

    def on_append_entries(self, message, out):
        super().on_append_entries(message, out)
        self.voted_for = None


class LongerIsBetter(Raft):
    """E8. Compares the lengths of the logs, and not their last terms."""

    def is_up_to_date(self, last_log_index, last_log_term):
        return last_log_index >= self.last_log_index


class BetterInEverything(Raft):
    """E9. Wants the candidate's log to be later *and* longer."""

    def is_up_to_date(self, last_log_index, last_log_term):
        last = self.last_log_index
        return last_log_index >= last and last_log_term >= self.term_at(last)


class CountsVotes(Raft):
    """E10. Counts votes, not voters."""

    counted = 0

    def become_candidate(self, out):
        self.counted = 1
        super().become_candidate(out)

    def on_request_vote_reply(self, message, out):
        self.counted += message.granted
        super().on_request_vote_reply(message, out)

    def has_won(self):
        return is_majority(self.counted, len(self.servers))


class CountsOldVotes(Raft):
    """E11. Counts a vote for an older term."""

    def on_request_vote_reply(self, message, out):
        super().on_request_vote_reply(replace(message, term=self.current_term), out)


class HalfIsEnough(Raft):
    """E12. Half of the servers are a quorum."""

    def is_quorum(self, servers):
        return 2 * len(servers) >= len(self.servers)


class EqualPatience(Raft):
    """E13. All wait equally long, again and again."""

    def reset_election_timer(self, out):
        out.set_timer("election", self.options.election_timeout[0])


class PatientWithEverybody(Raft):
    """E14. Starts its patience anew whenever anybody asks for its vote."""

    def on_request_vote(self, message, out):
        super().on_request_vote(message, out)
        if self.role != "leader":
            self.reset_election_timer(out)


class PatientWithTheDeposed(Raft):
    """E15. Starts its patience anew when a leader of an older term speaks."""

    def on_append_entries(self, message, out):
        super().on_append_entries(message, out)
        if self.role != "leader":
            self.reset_election_timer(out)


class BadLoser(Raft):
    """E16. A candidate does not give way to the leader of its own term."""

    def on_append_entries(self, message, out):
        if self.role != "candidate":
            super().on_append_entries(message, out)


class DeafToReplies(Raft):
    """E17. Does not look at the term of a reply."""

    def on_message(self, message, out):
        if type(message).__name__.endswith("Reply"):
            Node.on_message(self, message, out)
        else:
            super().on_message(message, out)


class BackSoon(Raft):
    """E18. A deposed leader waits no longer than for its next heartbeat."""

    def become_follower(self, term, out):
        led = self.role == "leader"
        super().become_follower(term, out)
        if led:
            out.set_timer("election", self.options.heartbeat_interval)


class CountsItselfTwice(CountsVotes):
    """E19. Counts its own vote anew at each election, beside the votes that it had."""

    def become_candidate(self, out):
        had = self.counted
        super().become_candidate(out)
        self.counted += had
        if self.has_won():
            self.become_leader(out)


RIVALS = STAGE.at(0, cut("S1", "S2")).at(50, timeout("S1")).at(66, timeout("S2"))
"""S1 and S2 do not hear each other; S3 votes for S1. S2 asks for the same term."""

RIVALS_AND_A_CRASH = RIVALS.at(65, crash("S3")).at(72, restart("S3"))
"""In between S3 crashes."""

RIVALS_AND_A_SLOW_DISK = RIVALS_AND_A_CRASH.at(0, slow_disk("S3", 20))
"""It crashes before its vote is on its disk."""

LATE_RIVAL = (
    STAGE.at(0, crash("S3"))
    .at(50, timeout("S1"))
    .at(200, crash("S1"), cut("S1", "S2"))
    .at(205, restart("S1"), restart("S3"))
    .at(210, timeout("S1"))
    .at(235, timeout("S2"))
)
"""S3's log is empty, so it refuses what S1, leader of term 2, sends. Then S2 asks for its vote."""

LONG_LOG = (
    STAGE.at(50, timeout("S1"))
    .at(150, cut("S1", "S2"), cut("S1", "S3"))
    .at(160, *(request("write", "x", n, client="ABC"[n], server="S1") for n in range(3)))
    .at(300, timeout("S2"))
    .at(400, crash("S1"), crash("S2"), heal())
    .at(410, restart("S1"))
)
"""S1's log is long and of term 1; S3's is shorter and of term 2. S2 is gone."""

LONG_LOG_STANDS = LONG_LOG.at(420, timeout("S1")).at(450, timeout("S1"))
SHORT_LOG_STANDS = LONG_LOG.at(450, timeout("S3"))

EACH_TWICE = (
    replace(STAGE, servers=5)
    .at(0, partition(["S1", "S2"], ["S3", "S4", "S5"]), weather(duplicate=1.0))
    .at(50, timeout("S1"), timeout("S3"))
)
"""Every message comes twice. S1 reaches S2 only; S3 has a majority."""

OLD_VOTE = (
    STAGE.at(0, cut("S1", "S3"), weather(latency=(40, 40)))
    .at(50, timeout("S1"))
    .at(100, timeout("S1"), cut("S1", "S2", one_way=True), weather(latency=(5, 5)))
    .at(150, timeout("S3"))
    .at(170, timeout("S3"))
)
"""S2's vote for term 1 arrives when S1 stands in term 2, of which S2 has not heard."""

FOUR = (
    replace(STAGE, servers=4)
    .at(0, partition(["S1", "S2"], ["S3", "S4"]))
    .at(50, timeout("S1"), timeout("S3"))
)

CALM = Scenario(Raft, servers=3, network=Network(latency=(10, 10)), duration=3000)
"""Nothing goes wrong, and nobody is told to stand."""

HASTY_LAGGARD = (
    CALM.at(0, crash("S3"))
    .at(1000, request("write", "x", 1))
    .at(1500, crash("leader"), restart("S3"), clock_skew("S3", 0, 2.5))
)
"""S3's log is behind, and its clock is fast: it stands again and again."""

DEPOSED_BUT_LOUD = (
    CALM.at(50, timeout("S1"))
    .at(500, cut("S2", "S1", one_way=True), cut("S3", "S1", one_way=True))
    .at(500, timeout("S2"), cut("S3", "S2", one_way=True))
    .at(520, heal("S2", "S3"))
)
"""S1 leads term 1, and hears nobody. S2 and S3 are in term 2, which has no leader."""

UNHEARD_CANDIDATE = (
    STAGE.at(50, timeout("S1"))
    .at(150, cut("S1", "S2"), cut("S2", "S3"))
    .at(160, timeout("S2"))
    .at(300, heal())
)
"""S2's term is larger than S1's. S1 learns it from S2's answers."""

HANDED_ON = (
    replace(CALM, network=Network(latency=(35, 35)), duration=600)
    .at(10, timeout("S1"))
    .at(280, cut("S1", "S2", one_way=True), cut("S1", "S3", one_way=True))
    .at(280, request("write", "x", 1, server="S1"))
    .at(300, timeout("S3"))
    .at(340, heal())
)
"""Messages are slow. S3 deposes S1, which does not vote for it: it has an entry that S3 lacks."""

ALONE_TWICE = (
    STAGE.at(0, partition(["S1"], ["S2"], ["S3"]))
    .at(50, timeout("S1"))
    .at(80, timeout("S1"))
    .at(100, timeout("S2"))
    .at(130, heal("S2", "S3"))
    .at(150, timeout("S2"))
)
"""S1 stands twice, and nobody hears it. S2 stands twice too, and the second time S3 hears it."""

KILLED_BY = {
    "E1": (DoubleVote, TWO_CANDIDATES, "Election Safety"),
    "E2": (ForgetsItsVote, RIVALS_AND_A_CRASH, "Election Safety"),
    "E3": (ForgetsItsTerm, RIVALS_AND_A_CRASH, "Election Safety"),
    "E4": (SavesTheVoteLater, RIVALS_AND_A_CRASH, "Election Safety"),
    "E5": (NeverWaits, RIVALS_AND_A_SLOW_DISK, "Election Safety"),
    "E6": (FreedByAppendEntries, LATE_RIVAL, "Election Safety"),
    "E7": (AnyLog, LAGGING_CANDIDATE, "Leader Completeness"),
    "E8": (LongerIsBetter, LONG_LOG_STANDS, "Leader Completeness"),
    "E9": (BetterInEverything, SHORT_LOG_STANDS, "the latest term has a leader"),
    "E10": (CountsVotes, EACH_TWICE, "Election Safety"),
    "E11": (CountsOldVotes, OLD_VOTE, "Election Safety"),
    "E12": (HalfIsEnough, FOUR, "Election Safety"),
    "E13": (EqualPatience, CALM, "the latest term has a leader"),
    "E14": (PatientWithEverybody, HASTY_LAGGARD, "the latest term has a leader"),
    "E15": (PatientWithTheDeposed, DEPOSED_BUT_LOUD, "the latest term has a leader"),
    "E16": (BadLoser, TWO_CANDIDATES, "all others follow"),
    "E17": (DeafToReplies, UNHEARD_CANDIDATE, "nobody leads an older term"),
    "E18": (BackSoon, HANDED_ON, "s3 leads term 2"),
    "E19": (CountsItselfTwice, ALONE_TWICE, "Election Safety"),
}
"""For each row a class, the scenario that finds it out, and what is broken there."""
