"""What goes wrong when a cluster changes its members: one small mistake a class.

Each has the scenario in which it is found out, and which Raft survives; and the property that falls
there. M1 to M11, S4 and S5 are the rows of the bug zoo.
"""

from __future__ import annotations

from dataclasses import replace

from consensus_lab.protocols.raft import BasicRaft, Raft, RequestVoteReply
from consensus_lab.protocols.raft.configuration import Configuration
from consensus_lab.protocols.raft.quorum import is_majority
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import (
    crash,
    cut,
    heal,
    partition,
    request,
    restart,
    timeout,
    weather,
    wipe,
)
from consensus_lab.simulation.orders import (
    add_learner,
    add_server,
    change_members,
    promote,
    remove_server,
)

from .bugs import STAGE


class HastyChange(Raft):
    """M1. Changes the members before an entry of its own term is committed."""

    def may_change(self):
        return self.configuration_index <= self.commit_index


class TwoAtOnce(Raft):
    """M2. Begins a second change while the first is not committed."""

    def may_change(self):
        return self.term_at(self.commit_index) == self.current_term


class OneMajority(Raft):
    """M3. While the configuration is joint, one majority of all voters is enough."""

    @property
    def in_force(self):
        now = super().in_force
        return Configuration(tuple({*now.voters, *now.old}), now.learners)


class KeepsIt(Raft):
    """M4. Holds on to a configuration whose entry was cut off its log."""

    def replace_after(self, index, entries):
        before = self.configuration, self.configuration_index
        super().replace_after(index, entries)
        if self.configuration_index < before[1]:
            self.configuration, self.configuration_index = before


class CountsItself(Raft):
    """M5. A leader that is not a member any more still counts itself."""

    def index_on_quorum(self):
        voters = self.in_force.voters
        reached = sorted(self.match_index[name] for name in {*voters, self.name})
        return reached[-(len(voters) // 2 + 1)]


class EagerLearner(Raft):
    """M6. A learner stands for election, and its own vote counts."""

    def is_voter(self, server):
        return True

    def has_won(self):
        return is_majority(len(self.votes), len(self.in_force.voters))


class ShyLearner(Raft):
    """M7. A learner refuses its vote, for it knows of no right to vote."""

    def on_request_vote(self, message, out):
        if self.is_voter(self.name):
            super().on_request_vote(message, out)
        else:
            out.send(message.candidate, RequestVoteReply(self.current_term, self.name, False))


class BelievesOldReplies(Raft):
    """M8. Counts what a server acknowledged before it was removed and came back."""

    def doubt(self, follower):
        pass


class EmptyVoter(Raft):
    """M9. A new server votes at once, before it has the log."""

    def has_caught_up(self, server):
        return True


class ListensToAll(Raft):
    """M10. Listens to a candidate although it hears from a leader."""

    def on_message(self, message, out):
        BasicRaft.on_message(self, message, out)


class LeavesOften(Raft):
    """M11. Looks at the committed configuration, not at the latest, to leave the joint one."""

    def go_on_changing(self, out):
        committed = self.configuration_at(self.commit_index)
        if self.role == "leader" and committed and committed.is_joint:
            self.append(committed.after_joint(), out)
        else:
            super().go_on_changing(out)


class ForgetsMembers(Raft):
    """S4. Its snapshot does not hold the configuration."""

    def configuration_at(self, index):
        return None


class KeepsTheLatest(Raft):
    """S5. Its snapshot holds the latest configuration, which may not be committed."""

    def configuration_at(self, index):
        return self.configuration


def stage(*members: str, servers: int = 5, **options) -> Scenario:
    """Nobody stands unless told to. S1 is, at 50 ms; it leads from 72 ms on."""
    options = {**STAGE.options, "members": members, **options}
    return replace(STAGE, servers=servers, options=options).at(50, timeout("S1"))


TWO_TERMS = (
    stage("S1", "S2", "S3", "S4")
    .at(150, *(cut("S1", other) for other in ("S2", "S3", "S4")))
    .at(160, add_server("S5", server="S1"))
    .at(300, timeout("S2"))
    .at(325, cut("S2", "S4"))
    .at(326, remove_server("S1", server="S2"))
    .at(450, heal("S1", "S4"))
    .at(500, timeout("S1"))
)
"""The bug of 2015. S1 adds S5 in term 1, which only those two know. S2 removes S1 in term 2, which
only S2 and S3 know: a majority of S2, S3, S4. And S1, S4, S5 are a majority of all five."""

TWO_ADDED = (
    stage("S1", "S2", "S3")
    .at(150, cut("S1", "S2"), cut("S1", "S3"))
    .at(160, add_server("S4"))
    .at(300, add_server("S5"))
    .at(500, timeout("S2"), timeout("S4"))
)
"""S2 and S3 know only each other and S1; S4, S5 and S1 are a majority of five."""

ALMOST_ALL_NEW = (
    replace(stage("S1", "S2", "S3"), faults=())
    .at(50, timeout("S3"))
    .at(150, cut("S3", "S1"), cut("S3", "S2"))
    .at(160, change_members("S3", "S4", "S5"))
    .at(500, timeout("S1"), timeout("S4"))
)
"""From S1 S2 S3 to S3 S4 S5: of the five servers three would be enough on either side."""

DEPOSED_AND_CUT = (
    stage(servers=4)
    .at(150, cut("S1", "S2"), cut("S1", "S3"))
    .at(160, remove_server("S4", server="S1"))
    .at(300, timeout("S3"))
    .at(400, heal())
    .at(500, partition(["S1", "S2"], ["S3", "S4"]))
    .at(510, remove_server("S2", server="S3"))
    .at(700, timeout("S1"), timeout("S4"))
)
"""S1 alone knew of S1 S2 S3, until S3, leader of term 2, cut that off its log."""

LEADER_LEAVES = (
    stage(servers=4)
    .at(150, *(cut(other, "S1", one_way=True) for other in ("S2", "S3", "S4")))
    .at(160, remove_server("S1"))
    .at(165, request("write", "x", 1, server="S1"))
    .at(173, cut("S1", "S3", one_way=True), cut("S1", "S4", one_way=True))
    .at(190, heal("S1", "S2"))
    .at(400, timeout("S3"))
)
"""All hold the entry that removes S1; what follows it is on S1 and S2 only."""

LEARNER_STANDS = (
    stage("S1", "S2", "S3", servers=4)
    .at(150, add_learner("S4"))
    .at(350, cut("S3", "S4"))
    .at(400, timeout("S4"), timeout("S2"))
)
"""S4 with the vote of S1 would have as many votes as S2 with that of S3."""

PROMOTED_UNKNOWINGLY = (
    stage("S1", "S2", "S3", servers=4)
    .at(150, add_learner("S4"))
    .at(350, cut("S1", "S4"))
    .at(360, promote("S4"))
    .at(400, crash("S1"))
    .at(500, timeout("S2"))
)
"""S4 does not know that it votes. S2 needs three of four votes, and S1 is down."""

BACK_WITH_AN_EMPTY_DISK = (
    stage(servers=3)
    .at(200, request("write", "x", 1))
    .at(221, weather(latency=(400, 400)))
    .at(223, weather(latency=(10, 10)))
    .at(300, remove_server("S3"))
    .at(350, crash("S3"), cut("S1", "S3", one_way=True))
    .at(360, wipe("S3"))
    .at(400, add_server("S3"))
    .at(700, heal())
)
"""S3's reply for index 2 is on its way from 222 to 622 ms; meanwhile S3 goes, and comes back."""

NEW_AND_DOWN = (
    stage("S1", "S2", "S3", servers=4)
    .at(150, crash("S4"))
    .at(200, add_server("S4"))
    .at(400, crash("S2"))
    .at(500, request("write", "x", 1))
)
"""S1 and S3 are two of three, but not three of four."""

REMOVED_AND_RESTLESS = (
    stage(servers=4, check_quorum=True).at(150, remove_server("S4")).at(400, timeout("S4"))
)
"""S4 was never told that it is gone. It hears nobody, and stands."""

BY_AND_BY = stage("S1", "S2", "S3").at(150, change_members("S1", "S4", "S5"))
"""The answers to the joint configuration come one by one."""

OF_FIVE_TO_OF_THREE = (
    stage(snapshot_every=2)
    .at(150, remove_server("S5"))
    .at(250, remove_server("S4"))
    .at(300, request("write", "x", 1))
    .at(400, crash("S1"))
    .at(450, restart("S1"))
    .at(460, partition(["S1", "S4", "S5"], ["S2", "S3"]))
    .at(500, timeout("S1"), timeout("S2"))
)
"""S1 restarts from its snapshot. For the members S1 S2 S3, the other two are a majority."""

SNAPSHOT_BEFORE_ITS_END = (
    stage(servers=4, snapshot_every=2)
    .at(200, request("write", "x", 1, server="S1"))
    .at(215, remove_server("S4"))
    .at(222, cut("S1", "S2", one_way=True), cut("S1", "S3", one_way=True))
    .at(300, timeout("S3"))
    .at(330, heal())
    .at(500, partition(["S1", "S2"], ["S3", "S4"]))
    .at(510, remove_server("S2", server="S3"))
    .at(700, timeout("S1"), timeout("S4"))
)
"""At 232 ms S1 takes a snapshot up to index 2; index 3, which only S1 has, removes S4."""


KILLED_BY = {
    "M1": (HastyChange, TWO_TERMS, "Leader Completeness"),
    "M2": (TwoAtOnce, TWO_ADDED, "Election Safety"),
    "M3": (OneMajority, ALMOST_ALL_NEW, "Election Safety"),
    "M4": (KeepsIt, DEPOSED_AND_CUT, "Election Safety"),
    "M5": (CountsItself, LEADER_LEAVES, "State Machine Safety"),
    "M6": (EagerLearner, LEARNER_STANDS, "Election Safety"),
    "M7": (ShyLearner, PROMOTED_UNKNOWINGLY, "somebody leads"),
    "M8": (BelievesOldReplies, BACK_WITH_AN_EMPTY_DISK, "the members catch up"),
    "M9": (EmptyVoter, NEW_AND_DOWN, "clients are answered"),
    "M10": (ListensToAll, REMOVED_AND_RESTLESS, "the leader stays"),
    "S4": (ForgetsMembers, OF_FIVE_TO_OF_THREE, "Election Safety"),
    "S5": (KeepsTheLatest, SNAPSHOT_BEFORE_ITS_END, "Election Safety"),
    "M11": (LeavesOften, BY_AND_BY, "a change stands once in the log"),
}
"""For each row a class, the scenario that finds it out, and what is broken there."""
