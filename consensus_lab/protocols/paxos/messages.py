"""The messages of Paxos, named as in the paper: Lamport (2001), Paxos Made Simple, section 2.2.

The paper's "accept request" is Accept. A refusal (Nack) is an optimisation that it mentions at the
end of section 2.2: nothing depends on it but time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..record import record


class Ballot(NamedTuple):
    """A proposal number. No two servers share one, as each puts its own name behind the round."""

    round: int
    server: str

    def __str__(self) -> str:
        return f"{self.round}.{self.server}"


ZERO = Ballot(0, "")
"""Smaller than every ballot that is ever used."""


@record
class Proposal:
    """What an acceptor accepts: a value, under a ballot."""

    ballot: Ballot
    value: Any


LOOKS = {
    "Prepare": "RequestVote",
    "Promise": "RequestVoteReply",
    "Accept": "AppendEntries",
    "Accepted": "AppendEntriesReply",
    "Nack": "NackReply",
    "Chosen": "InstallSnapshot",
    "Heartbeat": "AppendEntries",
}
"""In pictures the messages of Paxos look like those of Raft that do the same."""


# -- one decree ------------------------------------------------------------------------------------


@record
class Prepare:
    """Phase 1a: promise me to accept nothing older, and tell me what you have accepted."""

    ballot: Ballot
    proposer: str


@record
class Promise:
    """Phase 1b: nothing older than `ballot`, from now on; and what was `accepted` until now."""

    ballot: Ballot
    acceptor: str
    accepted: Proposal | None


@record
class Accept:
    """Phase 2a, the accept request: accept this value under this ballot."""

    ballot: Ballot
    proposer: str
    value: Any


@record
class Accepted:
    """Phase 2b: it is accepted. All learners are told."""

    ballot: Ballot
    acceptor: str
    value: Any


@record
class Nack:
    """No: this acceptor has `promised` a higher ballot than the `ballot` it was asked for."""

    ballot: Ballot
    acceptor: str
    promised: Ballot
