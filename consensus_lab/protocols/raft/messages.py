"""The messages of Raft, named as in the paper: Ongaro and Ousterhout (2014), Figures 2 and 13."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..node import ClientRequest
from ..record import record
from ..sizes import size_of
from .configuration import Configuration

Command = ClientRequest | Configuration | None
"""What an entry of the log may hold: a client's command; who belongs to the cluster from here on;
or nothing, the no-op with which a leader starts its term."""


@record
class Entry:
    """One place in the log: a command and the term in which a leader received it."""

    term: int
    command: Command = None


@record
class RequestVote:
    """A candidate asks for a vote (section 5.2), and says how far its log reaches (5.4.1)."""

    term: int
    candidate: str
    last_log_index: int
    last_log_term: int


@record
class RequestVoteReply:
    """A vote, or the refusal of one."""

    term: int
    voter: str
    granted: bool


@record
class AppendEntries:
    """A leader replicates its log; without entries it is a heartbeat (section 5.3).

    `request` numbers what a leader sends in its term, if it needs to know what a reply answers.
    """

    term: int
    leader: str
    prev_log_index: int
    prev_log_term: int
    entries: tuple[Entry, ...]
    leader_commit: int
    request: int = 0


@record
class AppendEntriesReply:
    """A follower's answer: up to `match_index` its log is the leader's; or there is a conflict.

    On a conflict a follower may hint at where to try next (end of section 5.3): `conflict_term` is
    the term of its entry that conflicts, and `conflict_index` the first index of that term; or the
    log is too short, there is no such entry, and `conflict_index` is the index after its end.
    `request` is the number of the AppendEntries that this answers.
    """

    term: int
    follower: str
    success: bool
    match_index: int = 0
    conflict_index: int = 0
    conflict_term: int = 0
    request: int = 0


@record
class ReadIndex:
    """A follower that was asked for a read asks the leader how far it must look (thesis, 6.4)."""

    term: int
    follower: str
    request: ClientRequest


@record
class ReadIndexReply:
    """As far as `index`. It names the client's request, so no other read can take it for its own.

    A number would begin anew after a crash, and an old answer fit a new question.
    """

    term: int
    leader: str
    request: ClientRequest
    index: int


@record
class PreVote:
    """Would you vote for me in the term after `term`? (Thesis, section 9.6.)"""

    term: int
    candidate: str
    last_log_index: int
    last_log_term: int


@record
class PreVoteReply:
    """Yes or no; it promises nothing."""

    term: int
    voter: str
    granted: bool


@record
class TransferVote(RequestVote):
    """A RequestVote by leave of the leader, who hands over: nobody may turn a deaf ear to it."""


@record
class TimeoutNow:
    """The leader hands over: stand for election at once (thesis, section 3.10)."""

    term: int
    leader: str


@dataclass(frozen=True)
class Snapshot:
    """What the log up to `last_index` led to (section 7). It takes the place of those entries.

    `machine` is the state machine, with its clients' sessions. `configuration` says who were the
    members as of `last_index` (None: they never changed). `last_term` is needed for the consistency
    check of the first entry after it.
    """

    last_index: int
    last_term: int
    machine: Any
    configuration: Configuration | None = None

    @cached_property
    def size(self) -> int:
        """Bytes to be sent, at least one."""
        return max(1, size_of((self.machine, self.configuration)))


@record
class InstallSnapshot:
    """A chunk of the leader's snapshot: the bytes from `offset` on (Figure 13).

    No object is cut into pieces here. Bytes are counted, `size` in this chunk and `total` in all,
    and the last chunk brings the snapshot; that it is there says that this one is the last. `bulk`:
    it travels on a channel of its own, if the network has a limited bandwidth.
    """

    term: int
    leader: str
    last_index: int
    last_term: int
    offset: int
    size: int
    total: int
    snapshot: Snapshot | None = None
    bulk: bool = True

    @property
    def bytes_on_wire(self) -> int:
        """What it weighs: the chunk, and its other fields."""
        return self.size + size_of((self.term, self.leader, self.last_index, self.last_term)) + 16


@record
class InstallSnapshotReply:
    """The answer to the chunk at `offset`: so many bytes of that snapshot are here now."""

    term: int
    follower: str
    last_index: int
    offset: int
    received: int
