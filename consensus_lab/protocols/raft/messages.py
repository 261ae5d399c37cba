"""The messages of Raft, named as in the paper: Ongaro and Ousterhout (2014), Figure 2."""

from __future__ import annotations

from dataclasses import dataclass

from ..node import ClientRequest


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in the log: a client's command and the term in which a leader received it.

    The command None is the no-op with which a leader starts its term.
    """

    term: int
    command: ClientRequest | None = None


@dataclass(frozen=True, slots=True)
class RequestVote:
    """A candidate asks for a vote (section 5.2), and says how far its log reaches (5.4.1)."""

    term: int
    candidate: str
    last_log_index: int
    last_log_term: int


@dataclass(frozen=True, slots=True)
class RequestVoteReply:
    """A vote, or the refusal of one."""

    term: int
    voter: str
    granted: bool


@dataclass(frozen=True, slots=True)
class AppendEntries:
    """A leader replicates its log; without entries it is a heartbeat (section 5.3)."""

    term: int
    leader: str
    prev_log_index: int
    prev_log_term: int
    entries: tuple[Entry, ...]
    leader_commit: int


@dataclass(frozen=True, slots=True)
class AppendEntriesReply:
    """A follower's answer: up to `match_index` its log is the leader's; or there is a conflict.

    On a conflict `conflict_index` is the first index worth trying next (end of section 5.3).
    """

    term: int
    follower: str
    success: bool
    match_index: int = 0
    conflict_index: int = 0


@dataclass(frozen=True, slots=True)
class PreVote:
    """Would you vote for me in the term after `term`? (Thesis, section 9.6.)"""

    term: int
    candidate: str
    last_log_index: int
    last_log_term: int


@dataclass(frozen=True, slots=True)
class PreVoteReply:
    """Yes or no; it promises nothing."""

    term: int
    voter: str
    granted: bool


@dataclass(frozen=True, slots=True)
class TransferVote(RequestVote):
    """A RequestVote by leave of the leader, who hands over: nobody may turn a deaf ear to it."""


@dataclass(frozen=True, slots=True)
class TimeoutNow:
    """The leader hands over: stand for election at once (thesis, section 3.10)."""

    term: int
    leader: str
