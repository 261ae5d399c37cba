"""Multi-Paxos: one instance of Paxos for each slot of a log, and one phase 1 for all of them.

Lamport, L. (2001): Paxos Made Simple, section 3. What the paper leaves open (how a leader is
found, how others learn what was chosen) is done as Raft does it, so that the two can be compared:
random timeouts, heartbeats, a commit index that travels with them.

Unlike in Raft anybody may lead, whatever its log lacks: in phase 1 it is told what may have been
chosen. And slots are filled in any order, so that a log may have holes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Any, ClassVar

from ..log import Log
from ..node import ClientRequest, Effects, Property
from ..shown import Shown
from ..state_machine import KeyValue, Start, StateMachine, exactly_once
from .messages import LOOKS, ZERO, Ballot, Nack, Proposal
from .multi_messages import Accept, Accepted, CatchUp, Chosen, Command, Heartbeat, Prepare, Promise
from .multi_properties import log_properties
from .quorums import QuorumOptions, WithQuorums

MOST_REPEATED = 100
"""So many open slots are offered with a heartbeat; the next ones have to wait."""


@dataclass(frozen=True)
class MultiPaxosOptions(QuorumOptions):
    """Times in ms, as Raft's."""

    election_timeout: tuple[float, float] = (150, 300)
    heartbeat_interval: float = 50


class MultiPaxos(WithQuorums):
    """One server of Multi-Paxos."""

    durable: ClassVar[tuple[str, ...]] = ("promised", "log")
    options: MultiPaxosOptions = MultiPaxosOptions()
    shown: ClassVar[Shown] = Shown(
        term="promised", word="ballot", votes={"candidate": "promises"}, looks=LOOKS
    )
    state_machine: ClassVar[Start] = exactly_once(KeyValue())

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.role = "follower"
        self.leader: str | None = None

        self.promised = ZERO
        self.log: tuple[Proposal | None, ...] = Log.empty()

        self.commit_index = 0
        self.last_applied = 0
        self.machine: StateMachine = type(self).state_machine()

        self.promises: Mapping[str, Promise] = {}
        self.accepted_by: Mapping[int, frozenset[str]] = {}

    # -- roles ---------------------------------------------------------------------------------

    def on_start(self, out: Effects) -> None:
        self.reset_election_timer(out)

    def promise(self, ballot: Ballot, out: Effects) -> None:
        """Nothing older any more, in any slot. Who led under an older ballot follows now."""
        if ballot == self.promised:
            return
        if self.role == "leader":
            out.cancel_timer("heartbeat")
            self.reset_election_timer(out)
        if self.role != "follower" and ballot.server != self.name:
            out.note(f"gives way to ballot {ballot}")
        self.role, self.leader, self.promised = "follower", None, ballot
        self.promises, self.accepted_by = {}, {}
        out.save()

    def follow(self, leader: str, ballot: Ballot, out: Effects) -> None:
        """Be patient with the leader of this ballot."""
        self.promise(ballot, out)
        self.leader = leader
        self.reset_election_timer(out)

    def reset_election_timer(self, out: Effects) -> None:
        """Wait a random time, drawn anew each time: that is the back-off of Multi-Paxos."""
        shortest, longest = self.options.election_timeout
        out.set_timer("election", shortest + (longest - shortest) * out.random())

    # -- phase 1, for all slots at once ----------------------------------------------------------

    def on_election_timeout(self, out: Effects) -> None:
        """No word from a leader for too long, or a phase 1 that nobody completed."""
        self.prepare(out)

    def prepare(self, out: Effects) -> None:
        """Phase 1a: promise oneself a new ballot, and ask all acceptors to promise it."""
        self.promise(Ballot(self.promised.round + 1, self.name), out)
        self.role = "candidate"
        out.note(f"prepares ballot {self.promised}")
        self.reset_election_timer(out)
        self.ask_all(Prepare(self.promised, self.name, self.commit_index), out)

    def on_prepare(self, message: Prepare, out: Effects) -> None:
        """Phase 1b: promise the ballot, unless a higher one is promised; tell what is accepted."""
        if message.ballot < self.promised:
            self.refuse(message.ballot, message.proposer, out)
            return
        self.promise(message.ballot, out)
        self.reset_election_timer(out)
        out.send(message.proposer, self.report(message.commit_index + 1))

    def report(self, first: int) -> Promise:
        """What this acceptor has accepted in the slots from `first` on."""
        accepted = tuple(self.log[first - 1 :])
        return Promise(self.promised, self.name, first, accepted, self.commit_index)

    def on_promise(self, message: Promise, out: Effects) -> None:
        """Count the acceptors that have promised this ballot, and not an older one."""
        if self.role != "candidate" or message.ballot != self.promised:
            return
        self.promises = {**self.promises, message.acceptor: message}
        if self.is_phase_1_quorum(self.promises):
            self.become_leader(out)

    # -- a new leader ----------------------------------------------------------------------------

    def become_leader(self, out: Effects) -> None:
        """Propose again what may have been chosen, and a no-op in every hole before it.

        What some acceptor knows to be chosen needs no votes any more.
        """
        self.role, self.leader = "leader", self.name
        out.note(f"leads under ballot {self.promised}")
        out.cancel_timer("election")
        known = [promise.commit_index for promise in self.promises.values()]
        chosen = max(self.commit_index, *known)
        last = self.last_reported()
        for slot in range(self.commit_index + 1, last + 1):
            self.write(slot, self.command_to_propose(slot), out)
        self.accepted_by = dict.fromkeys(range(chosen + 1, last + 1), frozenset())
        self.commit(chosen, out)
        self.promises = {}
        self.on_heartbeat_timeout(out)

    def last_reported(self) -> int:
        """The last slot in which anybody has accepted anything."""
        return max(promise.first - 1 + len(promise.accepted) for promise in self.promises.values())

    def command_to_propose(self, slot: int) -> Command:
        """The command of the highest-numbered proposal that the promises tell of; else a no-op."""
        reported = [
            promise.accepted[slot - promise.first]
            for promise in self.promises.values()
            if slot < promise.first + len(promise.accepted)
        ]
        proposals = [proposal for proposal in reported if proposal is not None]
        if proposals:
            return max(proposals, key=attrgetter("ballot")).value  # type: ignore[no-any-return]
        return None

    # -- phase 2, slot by slot -------------------------------------------------------------------

    def on_request(self, request: ClientRequest, out: Effects) -> None:
        """A client's command: the leader proposes it in the next slot; others say who leads."""
        if self.role == "leader":
            self.propose(len(self.log) + 1, request, out)
        else:
            out.redirect(request, self.leader)

    def propose(self, slot: int, command: Command, out: Effects) -> None:
        """Phase 2a: ask all acceptors to accept a command in a slot; the own one is the first."""
        self.write(slot, command, out)
        self.accepted_by = {**self.accepted_by, slot: frozenset()}
        for acceptor in self.peers:
            self.send_accept(acceptor, slot, out)

    def send_accept(self, acceptor: str, slot: int, out: Effects) -> None:
        """Offer an acceptor what this leader has proposed in a slot."""
        command = self.command_at(slot)
        out.send(acceptor, Accept(self.promised, self.name, slot, command, self.commit_index))

    def on_accept(self, message: Accept, out: Effects) -> None:
        """Phase 2b: accept it, unless a higher ballot is promised."""
        if message.ballot < self.promised:
            self.refuse(message.ballot, message.leader, out)
            return
        self.follow(message.leader, message.ballot, out)
        self.write(message.slot, message.command, out)
        out.send(message.leader, Accepted(message.ballot, self.name, message.slot))
        self.learn_up_to(message.commit_index, out)

    def on_accepted(self, message: Accepted, out: Effects) -> None:
        """Count acceptors, not messages, and only those of this ballot."""
        if self.role == "leader" and message.ballot == self.promised:
            self.count([message.slot], message.acceptor, out)

    def count(self, slots: Iterable[int], acceptor: str, out: Effects) -> None:
        """An acceptor has accepted what this leader proposed in these slots, if they are open."""
        votes = {s: self.accepted_by[s] | {acceptor} for s in slots if s in self.accepted_by}
        self.accepted_by = {**self.accepted_by, **votes}
        self.advance_commit_index(out)

    def on_saved(self, saved: Mapping[str, Any], out: Effects) -> None:
        """What the own acceptor promised and accepted is on disk: now it counts here, too."""
        if saved["promised"] != self.promised:
            return
        if self.role == "candidate":
            self.on_promise(self.report(self.commit_index + 1), out)
        elif self.role == "leader":
            log, waiting = saved["log"], self.accepted_by
            on_disk = [s for s in waiting if s <= len(log) and self.is_current(log[s - 1])]
            self.count(on_disk, self.name, out)

    def refuse(self, ballot: Ballot, proposer: str, out: Effects) -> None:
        """Say no, so that a deposed leader hears of it."""
        out.send(proposer, Nack(ballot, self.name, self.promised))

    def on_nack(self, message: Nack, out: Effects) -> None:
        """Somebody has prepared a higher ballot: follow."""
        if message.promised > self.promised:
            self.promise(message.promised, out)

    # -- what is chosen --------------------------------------------------------------------------

    def advance_commit_index(self, out: Effects) -> None:
        """What a quorum has accepted is chosen; but a slot has to wait for all slots before it."""
        index = self.commit_index
        while self.is_phase_2_quorum(self.accepted_by.get(index + 1, ())):
            index += 1
        if index > self.commit_index:
            out.note(f"learns that all is chosen up to slot {index}")
            self.commit(index, out)
            self.accepted_by = {s: votes for s, votes in self.accepted_by.items() if s > index}

    def on_heartbeat_timeout(self, out: Effects) -> None:
        """Let nobody lose patience, and offer what is still open: messages get lost."""
        out.set_timer("heartbeat", self.options.heartbeat_interval)
        self.ask_all(Heartbeat(self.promised, self.name, self.commit_index), out)
        for slot, votes in islice(self.accepted_by.items(), MOST_REPEATED):
            for acceptor in self.peers:
                if acceptor not in votes:
                    self.send_accept(acceptor, slot, out)

    def on_heartbeat(self, message: Heartbeat, out: Effects) -> None:
        """Follow, and ask for what was missed."""
        if message.ballot < self.promised:
            self.refuse(message.ballot, message.leader, out)
            return
        self.follow(message.leader, message.ballot, out)
        self.learn_up_to(message.commit_index, out)
        if self.commit_index < message.commit_index:
            out.send(message.leader, CatchUp(self.promised, self.name, self.commit_index))

    def learn_up_to(self, index: int, out: Effects) -> None:
        """The leader says that all up to `index` is chosen: learn what it is, as far as it is here.

        What was accepted under an older ballot may be something else.
        """
        known = self.commit_index
        while known < min(index, len(self.log)) and self.is_current(self.log[known]):
            known += 1
        if known > self.commit_index:
            self.commit(known, out)

    def on_catch_up(self, message: CatchUp, out: Effects) -> None:
        """Tell a follower what was chosen while it was away."""
        if self.role == "leader" and message.ballot == self.promised:
            first = message.commit_index + 1
            commands = [self.command_at(s) for s in range(first, self.commit_index + 1)]
            out.send(message.server, Chosen(self.promised, self.name, first, tuple(commands)))

    def on_chosen(self, message: Chosen, out: Effects) -> None:
        """What is chosen may be accepted under every later ballot: no other value can be."""
        if message.ballot == self.promised:
            for slot, command in enumerate(message.commands, message.first):
                self.write(slot, command, out)
            self.learn_up_to(message.first - 1 + len(message.commands), out)

    def commit(self, index: int, out: Effects) -> None:
        """All up to `index` is chosen: apply it in order, and let the leader answer."""
        self.commit_index = max(self.commit_index, index)
        while self.last_applied < self.commit_index:
            self.last_applied += 1
            self.apply(self.command_at(self.last_applied), out)

    def apply(self, command: Command, out: Effects) -> None:
        """The machine carries out a chosen command, and the leader answers its client."""
        if command is not None:
            self.machine, result = self.machine.apply(command)
            if self.role == "leader":
                out.reply(command, result)

    # -- the log, with slots from 1 --------------------------------------------------------------

    def write(self, slot: int, command: Command, out: Effects) -> None:
        """Accept a command in a slot, under the promised ballot. Slots before it may be empty."""
        proposal = Proposal(self.promised, command)
        if slot > len(self.log):
            self.log += ((None,) * (slot - 1 - len(self.log))) + (proposal,)
        elif self.log[slot - 1] == proposal:
            return
        else:
            tail = (proposal, *self.log[slot:])
            self.log = self.log[: slot - 1] + tail
        out.save()

    def command_at(self, slot: int) -> Command:
        """The command that was accepted in a slot."""
        proposal = self.log[slot - 1]
        return None if proposal is None else proposal.value

    def is_current(self, proposal: Proposal | None) -> bool:
        """It was accepted under the promised ballot."""
        return proposal is not None and proposal.ballot == self.promised

    # -- small things ----------------------------------------------------------------------------

    def ask_all(self, message: Any, out: Effects) -> None:
        """Send to all others."""
        for peer in self.peers:
            out.send(peer, message)

    def precedence(self) -> Ballot:
        """Of two leaders, the one with the higher ballot is meant."""
        return self.promised

    @classmethod
    def properties(cls) -> list[Property]:
        """Validity, P2c and Agreement for each slot, and machines that apply the same."""
        return log_properties()
