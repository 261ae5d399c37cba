"""The bug zoo: mistakes in Paxos for one decree, one small mistake a class; P1 to P12 of its rows.

Beside each stands a scenario that finds it out, and that Paxos survives.
"""

from __future__ import annotations

from dataclasses import replace

from consensus_lab.protocols.paxos import ZERO, Ballot, Paxos, PaxosOptions, Proposal
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
from consensus_lab.testing import paxos_stories as stories
from consensus_lab.testing.paxos_stories import propose


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


STAGE = stories.stage(Paxos, duration=600, **stories.ALONE)
APART = stories.apart(Paxos)

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

DUEL = stories.duel(Paxos, back_off=PaxosOptions().back_off)

KILLED_BY = {
    "P1": (ForgetsItsPromise, stories.amnesia(Paxos), "Agreement"),
    "P2": (AcceptsAnything, stories.rivals(Paxos), "Agreement"),
    "P3": (TakesAnyPromise, stories.three_ballots(Paxos), "Agreement"),
    "P4": (Stubborn, stories.late(Paxos), "Agreement"),
    "P5": (ReusesBallots, SLOW_ACCEPT, "Agreement"),
    "P5, shared": (SharesBallots, stories.rivals(Paxos), "Agreement"),
    "P6": (CountsOldPromises, OLD_PROMISE, "Agreement"),
    "P7": (AcceptsWithoutPromise, stories.never_asked(Paxos), "Agreement"),
    "P8": (CountsByValue, FOUR_BALLOTS, "Agreement"),
    "P9": (CountsMessages, TWICE, "Agreement"),
    "P10": (WantsToBeAskedFirst, stories.lost_question(Paxos), "clients are answered"),
    "P11": (Impatient, DUEL, "clients are answered"),
    "P12": (HalfIsEnough, stories.halves(Paxos), "Agreement"),
}
"""For each row a class, the scenario that finds it out, and what is broken there."""
