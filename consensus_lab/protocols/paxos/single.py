"""Paxos for one decree: some servers propose values, and one value is chosen, for ever.

Lamport, L. (2001): Paxos Made Simple. Each server is proposer, acceptor and learner at once. The
rules have the paper's names, and stand in the order of its section 2.

A restarted server must remember two things, what it has promised and what it has accepted. What it
learnt it may forget: it can learn it anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..node import ClientRequest, Effects, Property
from ..shown import Shown
from .messages import LOOKS, ZERO, Accept, Accepted, Ballot, Nack, Prepare, Promise, Proposal
from .properties import consensus_properties
from .quorums import QuorumOptions, WithQuorums


@dataclass(frozen=True)
class PaxosOptions(QuorumOptions):
    """Times in ms. `patience`: so long a proposer waits for a value to be chosen, then it tries a
    higher ballot. `back_off`: who is refused waits for a random time between these two before it
    does that; (0, 0): no time at all, and two proposers may duel for ever.
    """

    patience: float = 150
    back_off: tuple[float, float] = (20, 200)


class Paxos(WithQuorums):
    """One server of single-decree Paxos."""

    durable: ClassVar[tuple[str, ...]] = ("promised", "accepted")
    options: PaxosOptions = PaxosOptions()
    shown: ClassVar[Shown] = Shown(
        term="promised",
        word="ballot",
        fields=("promised", "accepted", "promises", "chosen"),
        votes={"proposer": "promises"},
        looks=LOOKS,
    )
    role = "acceptor"

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.role = "acceptor"

        self.promised = ZERO
        self.accepted: Proposal | None = None

        self.requests: tuple[ClientRequest, ...] = ()
        self.phase = 0
        self.ballot = ZERO
        self.highest_seen = ZERO
        self.promises: Mapping[str, Proposal | None] = {}

        self.accepted_by: Mapping[str, Proposal] = {}
        self.chosen: Proposal | None = None

    # -- clients -------------------------------------------------------------------------------

    def on_request(self, request: ClientRequest, out: Effects) -> None:
        """A client proposes a value. The answer is the value that is chosen, its own or not."""
        if request.operation[0] not in ("propose", "write"):
            out.refuse(request, "one value is chosen here: propose one")
        elif self.chosen:
            out.reply(request, self.chosen.value)
        elif request not in self.requests:
            self.requests += (request,)
            if len(self.requests) == 1:
                self.prepare(out)

    # -- the proposer, phase 1 -------------------------------------------------------------------

    def prepare(self, out: Effects) -> None:
        """Phase 1a: take a new ballot, and ask all acceptors to promise it."""
        self.role, self.phase, self.promises = "proposer", 1, {}
        self.ballot = self.next_ballot()
        out.note(f"prepares ballot {self.ballot}")
        out.set_timer("proposal", self.options.patience)
        self.ask_acceptors(Prepare(self.ballot, self.name), out)

    def next_ballot(self) -> Ballot:
        """A ballot that nobody has used: this server's name is in it, and the round is new.

        The own acceptor promises each ballot that is prepared here. So it is on disk before
        anybody hears of it, and a restarted server cannot use it again for another value.
        """
        return Ballot(max(self.promised.round, self.highest_seen.round) + 1, self.name)

    def on_promise(self, message: Promise, out: Effects) -> None:
        """Count the acceptors that have promised this ballot, and not an older one."""
        if self.phase != 1 or message.ballot != self.ballot:
            return
        self.promises = {**self.promises, message.acceptor: message.accepted}
        if self.is_phase_1_quorum(self.promises):
            self.propose(out)

    # -- the proposer, phase 2 -------------------------------------------------------------------

    def propose(self, out: Effects) -> None:
        """Phase 2a: ask all acceptors to accept a value under this ballot."""
        self.phase = 2
        value = self.value_to_propose()
        out.note(f"asks to accept {value} under ballot {self.ballot}")
        self.ask_acceptors(Accept(self.ballot, self.name, value), out)

    def value_to_propose(self) -> Any:
        """The value of the highest-numbered proposal in the promises; its own if there is none.

        What was chosen already must be in one of them, and no later ballot has another value (P2c).
        """
        reported = [proposal for proposal in self.promises.values() if proposal is not None]
        if reported:
            return max(reported, key=lambda proposal: proposal.ballot).value
        return self.requests[0].operation[2]

    def on_nack(self, message: Nack, out: Effects) -> None:
        """Somebody has prepared a higher ballot: wait, for as long as luck says, and go above."""
        self.highest_seen = max(self.highest_seen, message.promised)
        if self.phase and message.ballot == self.ballot:
            self.phase = 0
            self.back_off(out)

    def back_off(self, out: Effects) -> None:
        """Let the other one finish; else each may refuse the other's ballot for ever (2.4)."""
        shortest, longest = self.options.back_off
        if longest:
            out.set_timer("proposal", shortest + (longest - shortest) * out.random())
        else:
            self.prepare(out)

    def on_proposal_timeout(self, out: Effects) -> None:
        """Nothing was chosen for too long: try again, under a higher ballot."""
        self.prepare(out)

    # -- the acceptor ----------------------------------------------------------------------------

    def on_prepare(self, message: Prepare, out: Effects) -> None:
        """Phase 1b: promise the ballot, unless a higher one is promised.

        The promise is on disk before it is heard of. A question that comes twice is answered twice.
        """
        if message.ballot < self.promised:
            self.refuse(message, out)
            return
        if message.ballot > self.promised:
            self.promised = message.ballot
            out.save()
            out.note(f"promises ballot {message.ballot}")
        self.tell(message.proposer, Promise(message.ballot, self.name, self.accepted), out)

    def on_accept(self, message: Accept, out: Effects) -> None:
        """Phase 2b: accept the proposal, unless a higher ballot is promised (P1a).

        To accept is to promise as well: an older proposal must not follow.
        """
        if message.ballot < self.promised:
            self.refuse(message, out)
            return
        self.promised = message.ballot
        self.accepted = Proposal(message.ballot, message.value)
        out.save()
        out.note(f"accepts {message.value} under ballot {message.ballot}")
        for learner in self.peers:
            out.send(learner, Accepted(message.ballot, self.name, message.value))

    def refuse(self, message: Prepare | Accept, out: Effects) -> None:
        """Say no, so that the proposer need not wait for nothing."""
        self.tell(message.proposer, Nack(message.ballot, self.name, self.promised), out)

    # -- the learner -----------------------------------------------------------------------------

    def on_accepted(self, message: Accepted, out: Effects) -> None:
        """Learn: a value is chosen when a quorum has accepted it under one and the same ballot."""
        before = self.accepted_by.get(message.acceptor)
        if before and before.ballot > message.ballot:
            return
        proposal = Proposal(message.ballot, message.value)
        self.accepted_by = {**self.accepted_by, message.acceptor: proposal}
        agreed = [name for name, one in self.accepted_by.items() if one.ballot == message.ballot]
        if self.chosen is None and self.is_phase_2_quorum(agreed):
            self.learn(proposal, out)

    def learn(self, proposal: Proposal, out: Effects) -> None:
        """A value is chosen: tell the clients that wait, and stop proposing."""
        self.chosen = proposal
        out.note(f"learns that {proposal.value} is chosen")
        out.cancel_timer("proposal")
        self.role, self.phase = "acceptor", 0
        for request in self.requests:
            out.reply(request, proposal.value)
        self.requests = ()

    # -- a server to itself ------------------------------------------------------------------------

    def ask_acceptors(self, message: Prepare | Accept, out: Effects) -> None:
        """Send to all, and let the own acceptor answer as any other does."""
        for acceptor in self.peers:
            out.send(acceptor, message)
        self.on_message(message, out)

    def tell(self, proposer: str, message: Promise | Nack, out: Effects) -> None:
        """Answer a proposer. The own one is told by `on_saved`: not before it is on disk."""
        if proposer != self.name:
            out.send(proposer, message)

    def on_saved(self, saved: Mapping[str, Any], out: Effects) -> None:
        """What the own acceptor promised and accepted is on disk: now it counts here, too."""
        promised, accepted = saved["promised"], saved["accepted"]
        self.on_promise(Promise(promised, self.name, accepted), out)
        if accepted:
            self.on_accepted(Accepted(accepted.ballot, self.name, accepted.value), out)

    # -- what the world may ask ----------------------------------------------------------------

    def precedence(self) -> Ballot:
        """Of two proposers, the one with the higher ballot is meant."""
        return self.ballot

    @classmethod
    def properties(cls) -> list[Property]:
        """The paper's requirements on consensus, and P2c."""
        return consensus_properties()
