"""The bug zoo: mistakes in Paxos for one decree, one small mistake a class; P1 to P12 of its rows.

Beside each stands a scenario that finds it out, and that Paxos survives.
"""

from __future__ import annotations

from dataclasses import replace

from consensus_lab.protocols.paxos import ZERO, Ballot, Paxos, PaxosOptions, Proposal
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation.faults import (
    crash,
    cut,
    drop,
    heal,
    partition,
    request,
    restart,
    timeout,
    weather,
)
from consensus_lab.simulation.triggers import sends


class ForgetsItsPromise(Paxos):
    """P1. The promise does not survive a crash."""

    def on_start(self, out):
        self.promised = ZERO


class AcceptsAnything(Paxos):
    """P2. Accepts what it has promised to refuse."""

    def on_accept(self, message, out):
        promised, self.promised = self.promised, ZERO
        super().on_accept(message, out)
        self.promised = max(promised, self.promised)


class TakesAnyPromise(Paxos):
    """P3. Takes the value of the first promise that has one, not of the highest ballot."""

    def value_to_propose(self):
        reported = [proposal.value for proposal in self.promises.values() if proposal]
        return reported[0] if reported else super().value_to_propose()


class Stubborn(Paxos):
    """P4. Proposes its own value, whatever the promises tell."""

    def value_to_propose(self):
        return self.requests[0].operation[2]


class ReusesBallots(Paxos):
    """P5. Counts its rounds in memory, and begins anew after a crash."""

    rounds = 0

    def next_ballot(self):
        self.rounds = max(self.rounds, self.highest_seen.round) + 1
        return Ballot(self.rounds, self.name)


class SharesBallots(Paxos):
    """P5. Its ballots are numbers, without a name: two servers may use the same one."""

    def next_ballot(self):
        return super().next_ballot()._replace(server="S")


class CountsOldPromises(Paxos):
    """P6. Takes a promise of an older ballot for one of this."""

    def on_promise(self, message, out):
        super().on_promise(replace(message, ballot=self.ballot), out)


class AcceptsWithoutPromise(Paxos):
    """P7. Accepts without promising: an older proposal may follow."""

    def on_accept(self, message, out):
        promised = self.promised
        super().on_accept(message, out)
        self.promised = promised


class CountsByValue(Paxos):
    """P8. Counts acceptances of a value, whatever their ballots."""

    def on_accepted(self, message, out):
        super().on_accepted(message, out)
        same = [name for name, one in self.accepted_by.items() if one.value == message.value]
        if self.chosen is None and self.is_phase_2_quorum(same):
            self.learn(Proposal(message.ballot, message.value), out)


class CountsMessages(Paxos):
    """P9. Counts messages, not acceptors."""

    messages = 0

    def on_accepted(self, message, out):
        super().on_accepted(message, out)
        self.messages += 1
        if self.chosen is None and self.is_phase_2_quorum(range(self.messages)):
            self.learn(Proposal(message.ballot, message.value), out)


class WantsToBeAskedFirst(Paxos):
    """P10. Accepts nothing that it has not promised before."""

    def on_accept(self, message, out):
        if message.ballot == self.promised:
            super().on_accept(message, out)


class Impatient(Paxos):
    """P11. Does not back off."""

    def back_off(self, out):
        self.prepare(out)


class HalfIsEnough(Paxos):
    """P12. Quorums of two of four, in both phases: they need not meet."""

    options = PaxosOptions(q1=2, q2=2, check_quorums=False)


STAGE = Scenario(
    Paxos,
    servers=3,
    network=Network(latency=(10, 10)),
    disk=DiskModel((1, 1)),
    workload=Workload(retry=10_000, patience=9_000),
    options={"patience": 5000, "back_off": (5000, 5000)},
    duration=600,
)
"""Nothing is left to chance, and nobody tries again unless a fault says so.

A proposer that is asked at 50 hears of promises at 82, and its proposal is accepted at 93.
"""


def propose(value, server):
    """A client proposes: A does at S1, C at S3."""
    return request("propose", None, value, client="_ABCDE"[int(server[1])], server=server)


APART = STAGE.at(0, cut("S1", "S3")).at(50, propose(4, "S1"))
"""S1 and S3 do not hear each other. S1 proposes 4."""

RIVALS = APART.at(55, propose(7, "S3"))
"""S2 promises S1's ballot, then S3's; then it is asked to accept first S1's, then S3's."""

RIVALS_AND_A_CRASH = RIVALS.at(80, crash("S2")).at(85, restart("S2"))
"""In between S2 crashes."""

LATER = APART.at(150, propose(7, "S3"))
"""S3 proposes when 4 is chosen."""

THREE_BALLOTS = (
    replace(STAGE, servers=5)
    .at(0, partition(["S1", "S2", "S3"], ["S4", "S5"]))
    .at(50, propose(4, "S1"))
    .at(90, heal(), partition(["S1"], ["S2"], ["S3", "S4", "S5"]))
    .at(100, propose(7, "S5"))
    .at(160, heal(), partition(["S1", "S2", "S3"], ["S4", "S5"]))
    .at(170, propose(9, "S2"))
)
"""Only S1 accepts 4. S3, S4 and S5 choose 7. S2 hears from S1 and from S3."""

SLOW_ACCEPT = (
    STAGE.at(50, propose(4, "S1"))
    .at(82.5, weather(latency=(40, 40)))
    .at(83.5, weather(latency=(10, 10)))
    .at(84, crash("S1"))
    .at(85, restart("S1"))
    .at(86, request("propose", None, 7, client="B", server="S1"))
)
"""While S1's question to accept 4 is under way, S1 crashes, comes back, and is to propose 7."""

OLD_PROMISE = (
    APART.at(71.5, weather(latency=(200, 200)))
    .at(73, weather(latency=(10, 10)))
    .at(75, propose(7, "S3"))
    .at(200, cut("S1", "S2", one_way=True), timeout("S1", "proposal"))
    .at(271, heal())
    .at(271, cut("S1", "S3"))
)
"""S2's promise is late. It comes when 7 is chosen, and S1 has prepared a second ballot."""

NEVER_ASKED = (
    STAGE.when(sends("Prepare", by="S1", to="S3"), drop("it"))
    .at(0, cut("S3", "S2", one_way=True))
    .at(50, propose(4, "S1"))
    .at(58, propose(7, "S3"))
    .at(81.5, weather(latency=(60, 60)))
    .at(83.5, weather(latency=(10, 10)))
    .at(90, heal(), cut("S3", "S1", one_way=True))
    .at(160, cut("S1", "S3"))
    .at(180, timeout("S1", "proposal"))
)
"""S1 promises S3's ballot, S2 does not hear of it; it accepts 7 all the same. Then comes S1's 4."""

FOUR_BALLOTS = (
    STAGE.when(sends("Accept", ballot=(1, "S1")), drop("it"), times=None)
    .when(sends("Accept", ballot=(1, "S3")), drop("it"), times=None)
    .when(sends("Accept", ballot=(2, "S2")), drop("it"), times=None)
    .at(0, partition(["S1", "S2"], ["S3"]))
    .at(50, propose(4, "S1"))
    .at(140, heal(), cut("S1", "S3"))
    .at(150, propose(7, "S3"))
    .at(240, heal(), partition(["S1", "S2"], ["S3"]))
    .at(250, propose(9, "S2"))
    .at(340, heal(), cut("S2", "S3"))
    .at(350, timeout("S3", "proposal"))
)
"""S1 alone accepts 4, then S3 alone 7, then S2 alone 4 again. S3 hears from S1, and goes on."""

TWICE = (
    replace(STAGE, servers=5)
    .when(sends("Accept", by="S1", to="S3"), drop("it"))
    .at(0, partition(["S1", "S2", "S3"], ["S4", "S5"]))
    .at(50, propose(4, "S1"))
    .at(90, weather(duplicate=1.0))
    .at(110, weather(duplicate=0.0))
    .at(150, heal(), partition(["S1", "S2"], ["S3", "S4", "S5"]))
    .at(160, propose(7, "S5"))
)
"""Only S1 and S2 accept 4, and S2 says so twice."""

LOST_QUESTION = (
    STAGE.at(0, cut("S1", "S3", one_way=True)).at(50, propose(4, "S1")).at(80, crash("S2"), heal())
)
"""S3 was not asked for a promise. S2 has promised, and is gone."""

DUEL = (
    replace(STAGE, disk=DiskModel((5, 5)), options={})
    .at(50, propose(4, "S1"))
    .at(77, propose(7, "S3"))
)
"""Each prepares a higher ballot just before the other is accepted."""

HALVES = (
    replace(STAGE, servers=4)
    .at(0, partition(["S1", "S2"], ["S3", "S4"]))
    .at(50, propose(4, "S1"), propose(7, "S3"))
)

KILLED_BY = {
    "P1": (ForgetsItsPromise, RIVALS_AND_A_CRASH, "Agreement"),
    "P2": (AcceptsAnything, RIVALS, "Agreement"),
    "P3": (TakesAnyPromise, THREE_BALLOTS, "Agreement"),
    "P4": (Stubborn, LATER, "Agreement"),
    "P5": (ReusesBallots, SLOW_ACCEPT, "Agreement"),
    "P5, shared": (SharesBallots, RIVALS, "Agreement"),
    "P6": (CountsOldPromises, OLD_PROMISE, "Agreement"),
    "P7": (AcceptsWithoutPromise, NEVER_ASKED, "Agreement"),
    "P8": (CountsByValue, FOUR_BALLOTS, "Agreement"),
    "P9": (CountsMessages, TWICE, "Agreement"),
    "P10": (WantsToBeAskedFirst, LOST_QUESTION, "clients are answered"),
    "P11": (Impatient, DUEL, "clients are answered"),
    "P12": (HalfIsEnough, HALVES, "Agreement"),
}
"""For each row a class, the scenario that finds it out, and what is broken there."""
