"""Raft as in Figure 2 of the paper: leader election and log replication.

Ongaro, D. and Ousterhout, J. (2014): In Search of an Understandable Consensus Algorithm (Extended
Version). The sections named below are the paper's. Indexes into the log start at 1, as they do
there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from ..log import Log
from ..node import ClientRequest, Effects, Node, Property
from ..state_machine import KeyValue, Start, StateMachine, exactly_once
from .messages import (
    AppendEntries,
    AppendEntriesReply,
    Command,
    Entry,
    RequestVote,
    RequestVoteReply,
)
from .options import RaftOptions
from .properties import safety_properties
from .quorum import highest_on_majority, is_majority


class BasicRaft(Node):
    """A server with every rule of Figure 2, and two things of section 8: a leader begins its term
    with an entry that says nothing, and a machine answers a retry as it did before."""

    durable: ClassVar[tuple[str, ...]] = ("current_term", "voted_for", "log")
    options: RaftOptions = RaftOptions()
    state_machine: ClassVar[Start] = exactly_once(KeyValue())

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.role = "follower"
        self.leader: str | None = None

        self.current_term = 0
        self.voted_for: str | None = None
        self.log: tuple[Entry, ...] = Log.empty()

        self.commit_index = 0
        self.last_applied = 0
        self.machine: StateMachine = type(self).state_machine()

        self.votes: frozenset[str] = frozenset()
        self.next_index: Mapping[str, int] = {}
        self.match_index: Mapping[str, int] = {}

    # -- roles (section 5.1, Figure 4) ---------------------------------------------------------

    def become_follower(self, term: int, out: Effects) -> None:
        """Follow whoever leads `term`. A newer term forgets the vote of the old one."""
        if self.role == "leader":
            out.cancel_timer("heartbeat")
            self.reset_election_timer(out)
        if self.role != "follower":
            out.note(f"steps down in term {term}")
        if term > self.current_term:
            self.current_term = term
            self.voted_for = None
            self.leader = None
            out.save()
        self.role = "follower"
        self.votes = frozenset()
        self.next_index = {}
        self.match_index = {}

    def become_candidate(self, out: Effects) -> None:
        """Start an election: a new term, a vote for oneself, a question to all (5.2)."""
        self.role = "candidate"
        self.leader = None
        self.current_term += 1
        self.voted_for = self.name
        self.votes = frozenset({self.name})
        out.save()
        out.note(f"starts term {self.current_term} and asks for votes")
        self.reset_election_timer(out)
        request = self.vote_request()
        for peer in self.peers:
            out.send(peer, request)

    def become_leader(self, out: Effects) -> None:
        """Lead: announce it at once, with a no-op to commit what older terms left (section 8)."""
        self.role = "leader"
        self.leader = self.name
        self.next_index = dict.fromkeys(self.peers, self.last_log_index + 1)
        self.match_index = dict.fromkeys(self.servers, 0)
        out.note(f"becomes leader of term {self.current_term}")
        out.cancel_timer("election")
        self.append(None, out)

    # -- leader election (section 5.2) -----------------------------------------------------------

    def on_start(self, out: Effects) -> None:
        self.reset_election_timer(out)

    def on_message(self, message: Any, out: Effects) -> None:
        """A larger term in any message turns this server into a follower (section 5.1)."""
        if message.term > self.current_term:
            self.become_follower(message.term, out)
        super().on_message(message, out)

    def on_election_timeout(self, out: Effects) -> None:
        """No word from a leader for too long, or an election that nobody won."""
        self.become_candidate(out)

    def vote_request(self) -> RequestVote:
        """The question of a candidate."""
        last = self.last_log_index
        return RequestVote(self.current_term, self.name, last, self.term_at(last))

    def on_request_vote(self, message: RequestVote, out: Effects) -> None:
        """Grant the vote if the term is current, no one else has it, and the log is good enough."""
        granted = (
            message.term == self.current_term
            and self.voted_for in (None, message.candidate)
            and self.is_up_to_date(message.last_log_index, message.last_log_term)
        )
        if granted:
            self.voted_for = message.candidate
            out.save()
            out.note(f"votes for {message.candidate} in term {self.current_term}")
            self.reset_election_timer(out)
        out.send(message.candidate, RequestVoteReply(self.current_term, self.name, granted))

    def on_request_vote_reply(self, message: RequestVoteReply, out: Effects) -> None:
        """Count the voters, not the votes: a doubled reply is still one vote."""
        if self.role != "candidate" or message.term < self.current_term or not message.granted:
            return
        self.votes |= {message.voter}
        if self.has_won():
            self.become_leader(out)

    def has_won(self) -> bool:
        """A majority has voted for this server in its term."""
        return self.is_quorum(self.votes)

    def is_up_to_date(self, last_log_index: int, last_log_term: int) -> bool:
        """A log that ends so is at least as up to date as this one: later term first, then length.

        Without this rule a server that missed a committed entry could lead and erase it (5.4.1).
        """
        mine = (self.term_at(self.last_log_index), self.last_log_index)
        return (last_log_term, last_log_index) >= mine

    def reset_election_timer(self, out: Effects) -> None:
        """Wait a random time, drawn anew each time: equal patience splits the votes for ever."""
        shortest, longest = self.options.election_timeout
        out.set_timer("election", shortest + (longest - shortest) * out.random())

    # -- log replication (section 5.3) -----------------------------------------------------------

    def on_request(self, request: ClientRequest, out: Effects) -> None:
        """A client's command: the leader appends it to its log; others say who leads."""
        if self.role == "leader":
            self.append(request, out)
        else:
            out.redirect(request, self.leader)

    def append(self, command: Command, out: Effects) -> None:
        """Put a command into the leader's own log, and offer it to all."""
        self.log += (Entry(self.current_term, command),)
        self.save_own_entry(out)
        self.replicate(out)

    def save_own_entry(self, out: Effects) -> None:
        """The leader's entry goes to its own disk first, and then to the others."""
        out.save()

    def replicate(self, out: Effects) -> None:
        """There is something new: offer it to all."""
        self.on_heartbeat_timeout(out)

    def on_heartbeat_timeout(self, out: Effects) -> None:
        """Speak to every follower, so that none loses patience, and soon again."""
        out.set_timer("heartbeat", self.options.heartbeat_interval)
        for peer in self.peers:
            self.send_append_entries(peer, out)

    def send_append_entries(self, peer: str, out: Effects) -> None:
        """Offer `peer` what follows the entry at which the two logs are thought to agree."""
        previous = self.next_index[peer] - 1
        out.send(peer, self.append_entries(previous, self.entries_after(previous)))

    def append_entries(self, previous: int, entries: tuple[Entry, ...]) -> AppendEntries:
        """The leader's offer of `entries`, to follow the one at index `previous`."""
        return AppendEntries(
            self.current_term,
            self.name,
            previous,
            self.term_at(previous),
            entries,
            self.commit_index,
        )

    def on_append_entries(self, message: AppendEntries, out: Effects) -> None:
        """Follow the leader of this term: check and repair the log, commit what it commits."""
        if message.term < self.current_term:
            out.send(message.leader, self.refusal(message))
            return
        if self.role != "follower":
            self.become_follower(message.term, out)
        self.leader = message.leader
        self.reset_election_timer(out)
        if self.term_at(message.prev_log_index) != message.prev_log_term:
            out.send(message.leader, self.refusal(message))
            return
        self.merge(message.prev_log_index, message.entries, out)
        last_new = message.prev_log_index + len(message.entries)
        # Not beyond the last new entry: what follows it may be a wrong tail of an older leader.
        self.commit(min(message.leader_commit, last_new), out)
        out.send(message.leader, self.acceptance(message, last_new))

    def acceptance(self, message: AppendEntries, last_new: int) -> AppendEntriesReply:
        """The answer to entries that fit: up to `last_new` the two logs are the same."""
        return AppendEntriesReply(
            self.current_term, self.name, True, last_new, request=message.request
        )

    def refusal(self, message: AppendEntries) -> AppendEntriesReply:
        """The answer to entries that do not fit here, or whose sender leads no more."""
        return AppendEntriesReply(self.current_term, self.name, False, request=message.request)

    def merge(self, previous: int, entries: tuple[Entry, ...], out: Effects) -> None:
        """Put `entries` after index `previous`; cut this log only where it truly conflicts.

        A delayed, shorter AppendEntries must not remove entries that came after it and were
        acknowledged: then the leader would count on entries that are gone.
        """
        for offset, entry in enumerate(entries):
            if self.term_at(previous + offset + 1) != entry.term:
                if previous + offset < self.last_log_index:
                    out.note(f"cuts its log after index {previous + offset}")
                self.replace_after(previous + offset, entries[offset:])
                out.save()
                return

    def on_append_entries_reply(self, message: AppendEntriesReply, out: Effects) -> None:
        """Learn how far a follower has come, or step back until the logs meet."""
        if self.role != "leader" or message.term < self.current_term:
            return
        follower, matched = message.follower, self.match_index[message.follower]
        if not message.success:
            retry = max(self.index_to_retry(message), matched + 1)
            self.next_index = {**self.next_index, follower: retry}
            self.send_append_entries(follower, out)
        elif message.match_index > matched:  # an overtaken reply tells nothing new
            self.match_index = {**self.match_index, follower: message.match_index}
            self.next_index = {**self.next_index, follower: self.index_to_offer(follower)}
            self.advance_commit_index(out)

    def index_to_offer(self, follower: str) -> int:
        """The logs agree: go on where the agreement ends."""
        return self.match_index[follower] + 1

    def index_to_retry(self, message: AppendEntriesReply) -> int:
        """The logs conflict: step back by one entry, until they meet."""
        return self.next_index[message.follower] - 1

    def on_saved(self, saved: Mapping[str, Any], out: Effects) -> None:
        """The leader counts itself only for entries that it can no longer lose.

        And a candidate that needs no vote but its own leads only once it cannot forget that vote.
        """
        if saved["current_term"] != self.current_term:
            return
        if self.role == "leader":
            self.match_index = {**self.match_index, self.name: self.last_index_in(saved)}
            self.advance_commit_index(out)
        elif self.role == "candidate" and self.has_won():
            self.become_leader(out)

    def advance_commit_index(self, out: Effects) -> None:
        """Commit what a majority holds, if it is of the current term; older entries come along.

        An entry of an older term on a majority may still be overwritten (section 5.4.2, Figure 8).
        """
        index = self.index_on_quorum()
        if index > self.commit_index and self.term_at(index) == self.current_term:
            out.note(f"commits up to index {index}")
            self.commit(index, out)

    def commit(self, index: int, out: Effects) -> None:
        """Everything up to `index` is committed: apply it in order, and let the leader answer."""
        self.commit_index = max(self.commit_index, index)
        while self.last_applied < self.commit_index:
            self.last_applied += 1
            self.apply(self.entry_at(self.last_applied), out)

    def apply(self, entry: Entry, out: Effects) -> None:
        """The machine carries out a committed command, and the leader answers its client."""
        if isinstance(entry.command, ClientRequest):
            self.machine, result = self.machine.apply(entry.command)
            if self.role == "leader":
                out.reply(entry.command, result)

    # -- majorities ----------------------------------------------------------------------------

    def is_quorum(self, servers: Collection[str]) -> bool:
        """These servers are a majority of all."""
        return is_majority(len(servers), len(self.servers))

    def index_on_quorum(self) -> int:
        """The highest index that a majority is known to hold."""
        return highest_on_majority(self.match_index.values())

    def is_voter(self, server: str) -> bool:
        """Its vote is counted, and it may lead."""
        return server in self.servers

    # -- the log, with indexes from 1 ----------------------------------------------------------

    @property
    def first_log_index(self) -> int:
        """The index at which the log begins."""
        return 1

    @property
    def last_log_index(self) -> int:
        """The index of the last entry; 0 if there is none."""
        return len(self.log)

    def last_index_in(self, saved: Mapping[str, Any]) -> int:
        """The index of the last entry that is on disk, if `saved` is."""
        return len(saved["log"])

    def term_at(self, index: int) -> int:
        """The term of the entry at `index`; 0 before the first, -1 beyond the last."""
        if index == 0:
            return 0
        return self.log[index - 1].term if index <= len(self.log) else -1

    def entry_at(self, index: int) -> Entry:
        """The entry at `index`."""
        return self.log[index - 1]

    def entries_after(self, index: int) -> tuple[Entry, ...]:
        """All entries that follow the one at `index`."""
        return tuple(self.log[index:])

    def replace_after(self, index: int, entries: tuple[Entry, ...]) -> None:
        """Keep the log up to `index`, and let `entries` follow."""
        self.log = self.log[:index] + entries

    # -- what the world may ask ----------------------------------------------------------------

    def precedence(self) -> int:
        """Of two leaders, the one with the larger term is meant."""
        return self.current_term

    @classmethod
    def properties(cls) -> list[Property]:
        """The five properties of Figure 3."""
        return safety_properties()
