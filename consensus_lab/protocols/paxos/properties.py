"""What Paxos guarantees, each as a watcher of every step of a run.

Three are the paper's requirements on consensus (Paxos Made Simple, section 1): only a value that
has been proposed may be chosen; only a single value is chosen; nobody learns that a value is chosen
unless it is. The fourth, P2c, is the invariant on which the proof rests (section 2.2). A mistake
breaks it before two values are chosen, and often without that.

Votes are counted when they are on disk: what an acceptor was still writing when it crashed, nobody
has heard of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from ..node import Property
from .messages import Ballot, Proposal

Nodes = Mapping[str, Any]
Changes = Mapping[str, Any]


class Decree:
    """All that happened to one decree: who has accepted what under which ballots, and so, what is
    chosen; and what servers have learnt.
    """

    def __init__(self) -> None:
        self.votes: dict[Ballot, dict[str, Any]] = {}
        self.proposals: dict[Ballot, Any] = {}
        self.chosen: list[Any] = []
        self.believed: list[Any] = []

    def vote(self, node: Any, acceptor: str, proposal: Proposal) -> None:
        """An acceptor has accepted a proposal. `node` is any server: it knows what a quorum is."""
        value, votes = proposal.value, self.votes.setdefault(proposal.ballot, {})
        votes[acceptor] = value
        if value in self.chosen or not node.is_phase_2_quorum(votes):
            return
        if node.is_phase_2_quorum([who for who, held in votes.items() if held == value]):
            self.chosen.append(value)
            self.believe(value)

    def believe(self, value: Any) -> None:
        """It is chosen, or some server believes so."""
        if value not in self.believed:
            self.believed.append(value)

    def latest(self, acceptor: str, before: Ballot) -> Proposal | None:
        """The proposal with the highest ballot below `before` that the acceptor has accepted."""
        older = (one for one, votes in self.votes.items() if one < before and acceptor in votes)
        ballot = max(older, default=None)
        return None if ballot is None else Proposal(ballot, self.votes[ballot][acceptor])

    def allows(self, node: Any, proposal: Proposal) -> bool:
        """P2c. There is a quorum S of phase 1 such that either nobody in S has accepted an older
        proposal, or this one has the value of the newest older proposal that was accepted in S.
        """
        latest = [self.latest(server, proposal.ballot) for server in node.servers]
        older = [one for one in latest if one is not None]
        blank = [""] * (len(latest) - len(older))  # it matters only how many they are
        newest = [one.ballot for one in older if one.value == proposal.value]
        return node.is_phase_1_quorum(blank) or any(
            node.is_phase_1_quorum([*blank, *(one for one in older if one.ballot <= ballot)])
            for ballot in newest
        )


class Ledger:
    """The decrees of a run. The properties share it, and who is asked first brings it up to date.

    `voted` and `learnt` are what is new since it was last asked, each with the number of its
    decree. `place` says in words which decree that is.
    """

    voting, learning = "disk.accepted", "chosen"
    place = ""

    def __init__(self) -> None:
        self.decrees: dict[int, Decree] = {}
        self.changes: Changes | None = None
        self.voted: list[tuple[int, Proposal]] = []
        self.learnt: list[tuple[int, Any]] = []

    def see(self, node: Any, changed: str, changes: Changes) -> None:
        """Take note of what a server has accepted, now that it is on its disk, and has learnt."""
        self.changes, self.voted, self.learnt = changes, [], []
        if self.voting in changes:
            self.voted = self.votes(changed, changes)
            for number, proposal in self.voted:
                self.decree(number).vote(node, changed, proposal)
        if self.learning in changes:
            self.learnt = self.lessons(node, changes)
            for number, value in self.learnt:
                self.decree(number).believe(value)

    def decree(self, number: int) -> Decree:
        """What is known of a decree."""
        if number not in self.decrees:
            self.decrees[number] = Decree()
        return self.decrees[number]

    def votes(self, acceptor: str, changes: Changes) -> list[tuple[int, Proposal]]:
        """What an acceptor has accepted now."""
        accepted = changes[self.voting]
        return [] if accepted is None else [(1, accepted)]

    def lessons(self, node: Any, changes: Changes) -> list[tuple[int, Any]]:
        """What a server has learnt to be chosen."""
        chosen = changes[self.learning]
        return [] if chosen is None else [(1, chosen.value)]


class OnLedger:
    """A property that looks at the votes that are new in a ledger, or at the lessons, or both."""

    name: str
    looks_at: ClassVar[tuple[str, ...]] = ("voting", "learning")

    def __init__(self, ledger: Ledger | None = None) -> None:
        self.ledger = ledger or Ledger()
        self.fields = frozenset(getattr(self.ledger, one) for one in self.looks_at)

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        node = nodes[changed]
        if changes is not self.ledger.changes:
            self.ledger.see(node, changed, changes)
        for complaint in self.complaints(node):
            return complaint
        return None

    def complaints(self, node: Any) -> Iterator[str]:
        """What is wrong with what `node` has just accepted or learnt."""
        raise NotImplementedError


class Agreement(OnLedger):
    """Only a single value is chosen (section 1)."""

    name = "Agreement"

    def complaints(self, node: Any) -> Iterator[str]:
        for number, _ in (*self.ledger.voted, *self.ledger.learnt):
            values = self.ledger.decrees[number].believed
            if len(values) > 1:
                place = self.ledger.place.format(number)
                yield f"both {told(values[0])} and {told(values[1])} are chosen{place}"


class Learning(OnLedger):
    """Nobody learns that a value has been chosen unless it has been (section 1)."""

    name = "Learning"
    looks_at = ("learning",)

    def complaints(self, node: Any) -> Iterator[str]:
        for number, value in self.ledger.learnt:
            if value not in self.ledger.decrees[number].chosen:
                place = self.ledger.place.format(number)
                yield (
                    f"{node.name} believes that {told(value)} is chosen{place}: no quorum has "
                    "accepted it under one ballot"
                )


class P2c(OnLedger):
    """A proposal agrees with the newest older one that some quorum knows of (section 2.2).

    If v is proposed under ballot n, then there is a quorum of phase 1 in which either nobody has
    accepted anything below n, or the newest proposal below n that somebody has accepted has the
    value v. So once a value is chosen, every later ballot proposes it again.
    """

    name = "P2c"
    looks_at = ("voting",)

    def complaints(self, node: Any) -> Iterator[str]:
        for number, proposal in self.ledger.voted:
            decree = self.ledger.decrees[number]
            ballot, value = proposal.ballot, proposal.value
            if ballot not in decree.proposals:
                decree.proposals[ballot] = value
                if len(decree.votes) > 1 and not decree.allows(node, proposal):
                    place = self.ledger.place.format(number)
                    yield (
                        f"ballot {ballot} proposes {told(value)}{place}, and every quorum has an "
                        "acceptor that knows better: the newest older proposal accepted in it has "
                        "another value"
                    )
            elif decree.proposals[ballot] != value:
                first = told(decree.proposals[ballot])
                yield f"ballot {ballot} stands for {first} and for {told(value)}"


class Validity:
    """Only a value that a client has proposed may be chosen, or even be accepted (section 1)."""

    name = "Validity"
    fields = frozenset({"requests", "accepted", "chosen"})

    def __init__(self) -> None:
        self.proposed: list[Any] = []

    def watch(self, nodes: Nodes, changed: str, changes: Changes) -> str | None:
        self.proposed += [one.operation[-1] for one in changes.get("requests", ())]
        for field, verb in (("accepted", "accepts"), ("chosen", "learns")):
            found = changes.get(field)
            if found is not None and found.value not in self.proposed:
                return f"{changed} {verb} {told(found.value)}, which no client has proposed"
        return None


def told(value: Any) -> str:
    """A value, or a client's command, in a few letters."""
    operation = getattr(value, "operation", None)
    if operation is None:
        return "a no-op" if value is None else repr(value)
    return f"{value.client}'s {' '.join(map(str, operation))}"


def consensus_properties() -> list[Property]:
    """The four, with empty memories."""
    ledger = Ledger()
    return [Validity(), P2c(ledger), Agreement(ledger), Learning(ledger)]
