"""The messages of Multi-Paxos: those of one decree, for slots of a log, and three for its leader.

One Prepare and one Promise are for all slots at once (Paxos Made Simple, section 3).
"""

from __future__ import annotations

from ..node import ClientRequest
from ..record import record
from .messages import Ballot, Nack, Proposal

Command = ClientRequest | None
"""What a slot may hold: a client's command; or nothing, the no-op that fills a hole."""

__all__ = [
    "Accept",
    "Accepted",
    "CatchUp",
    "Chosen",
    "Command",
    "Heartbeat",
    "Nack",
    "Prepare",
    "Promise",
]


@record
class Prepare:
    """Phase 1a, for all slots. The proposer has learnt what was chosen up to `commit_index`."""

    ballot: Ballot
    proposer: str
    commit_index: int


@record
class Promise:
    """Phase 1b: what the acceptor has accepted in the slots from `first` on; None: nothing.

    It has learnt what was chosen up to `commit_index`, so nothing up to there is open any more.
    """

    ballot: Ballot
    acceptor: str
    first: int
    accepted: tuple[Proposal | None, ...]
    commit_index: int


@record
class Accept:
    """Phase 2a: accept this command in this slot. All up to `commit_index` is chosen."""

    ballot: Ballot
    leader: str
    slot: int
    command: Command
    commit_index: int


@record
class Accepted:
    """Phase 2b, told to the leader."""

    ballot: Ballot
    acceptor: str
    slot: int


@record
class Heartbeat:
    """The leader is alive, and all up to `commit_index` is chosen."""

    ballot: Ballot
    leader: str
    commit_index: int


@record
class CatchUp:
    """A server has learnt what was chosen up to `commit_index`, and asks for the rest."""

    ballot: Ballot
    server: str
    commit_index: int


@record
class Chosen:
    """The leader tells what was chosen in the slots from `first` on."""

    ballot: Ballot
    leader: str
    first: int
    commands: tuple[Command, ...]
