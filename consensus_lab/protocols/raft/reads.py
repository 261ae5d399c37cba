"""Linearizable reads that do not go through the log: the option `reads`.

"log": a read is an entry like any other. "read_index": the leader asks a majority whether it still
leads. "lease": it need not ask while nobody else can have been elected. "follower": any server
answers, once the leader has told it how far it must have come. "follower_lease": the same, and the
leader tells by its lease.

Ongaro, D. (2014): Consensus: bridging theory and practice (his thesis), section 6.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..node import ClientRequest, Effects
from ..record import record
from .messages import AppendEntries, AppendEntriesReply, ReadIndex, ReadIndexReply, RequestVote
from .numbers import WithNumbers
from .transfer import WithTransfer


@record
class Read:
    """A read that waits until `index` is applied here, and this server is known to have led.

    For that, a majority must have answered requests sent `after` so many were numbered; None: it is
    known. `follower`: the one that is to be told the index, and looks for itself.
    """

    request: ClientRequest
    index: int
    after: int | None = None
    follower: str | None = None


class WithReadIndex(WithNumbers):
    """Raft whose leader answers reads without writing them down (thesis, section 6.4).

    `waiting` are the reads not yet answered. `answered` says for each follower the highest number
    of a request in this term that it has answered, and `round` how many were numbered when the last
    round of heartbeats began.
    """

    waiting: tuple[Read, ...] = ()
    answered: Mapping[str, int] = {}
    round: int = 0
    no_op_index: int = 0

    def read(self, request: ClientRequest, follower: str | None, out: Effects) -> None:
        """Note how far this read has to look, and find out whether this server still leads."""
        self.waiting += (Read(request, self.read_index(), self.requests, follower),)
        self.confirm(out)

    def confirm(self, out: Effects) -> None:
        """Answer what is ready. For the other reads begin a round of heartbeats: those sent before
        a read came prove nothing, for another leader may have been elected since.

        While a round for some reads is under way, those that come wait for the next, together.
        """
        self.answer_reads(out)
        open_reads = [read for read in self.waiting if not self.is_led(read)]
        if open_reads and all((read.after or 0) > self.round for read in open_reads):
            self.on_heartbeat_timeout(out)

    def read_index(self) -> int:
        """Whatever was committed anywhere until now is in the log up to here.

        A new leader does not know how much its predecessors had committed. But it is all before the
        no-op with which its own term began.
        """
        return max(self.commit_index, self.no_op_index)

    def is_confirmed(self, after: int) -> bool:
        """A majority has followed this leader later than its first `after` requests were sent."""
        newer = {peer for peer, number in self.answered.items() if number > after}
        return self.is_quorum({self.name, *newer})

    def is_led(self, read: Read) -> bool:
        """It is known that this server led when the read came."""
        return read.after is None or self.is_confirmed(read.after)

    def is_ready(self, read: Read) -> bool:
        """It can be answered; for a follower, which waits for itself, the index is enough."""
        return self.is_led(read) and (read.follower is not None or self.last_applied >= read.index)

    def answer_reads(self, out: Effects) -> None:
        """Answer all reads that are ready."""
        ready = [read for read in self.waiting if self.is_ready(read)]
        if ready:
            self.waiting = tuple(read for read in self.waiting if read not in ready)
        for read in ready:
            self.answer(read, out)

    def answer(self, read: Read, out: Effects) -> None:
        """Look, and tell the client; or let the follower that was asked look."""
        if read.follower is None:
            out.reply(read.request, self.machine.look(read.request.operation))
        else:
            told = ReadIndexReply(self.current_term, self.name, read.request, read.index)
            out.send(read.follower, told)

    def on_heartbeat_timeout(self, out: Effects) -> None:
        """A round begins."""
        self.round = self.requests
        super().on_heartbeat_timeout(out)

    def on_append_entries_reply(self, message: AppendEntriesReply, out: Effects) -> None:
        """Whatever it says of the log, who answers in this term follows this leader."""
        super().on_append_entries_reply(message, out)
        leads = self.role == "leader" and message.term == self.current_term
        if leads and message.request > self.answered.get(message.follower, 0):
            self.answered = {**self.answered, message.follower: message.request}
            self.confirm(out)

    def commit(self, index: int, out: Effects) -> None:
        super().commit(index, out)
        if self.waiting:
            self.answer_reads(out)

    def become_leader(self, out: Effects) -> None:
        self.answered = {}
        self.no_op_index = self.last_log_index + 1
        super().become_leader(out)

    def become_follower(self, term: int, out: Effects) -> None:
        """Whether it led when its reads came will never be known. Their clients ask again."""
        if self.role == "leader" and self.waiting:
            self.waiting = ()
        super().become_follower(term, out)


class WithLease(WithTransfer, WithReadIndex):
    """Raft whose leader reads without asking anybody, while it holds a lease (section 6.4.1).

    Who follows a leader votes for nobody else for a while, by its own clock. Once a majority does,
    nobody can be elected: the leader has a lease until that while, counted from when it *sent* what
    they answered, is over by *its* clock. The clocks may show any time, but must run nearly alike,
    and nobody may set them: `clock_drift` is how much faster one may be than another.

    `lease_until` and `deaf_until` are times (ms) on this server's clock, and so are those in
    `began`: when each recent round began. `handed_over`: there is no lease any
    more in this term.
    """

    lease_until: float = 0
    deaf_until: float = 0
    began: Mapping[int, float] = {}
    handed_over: bool = False

    # -- a leader --------------------------------------------------------------------------------

    def read(self, request: ClientRequest, follower: str | None, out: Effects) -> None:
        """With a lease there is nothing to find out."""
        if self.has_lease(out):
            self.waiting += (Read(request, self.read_index(), None, follower),)
            self.answer_reads(out)
        else:
            super().read(request, follower, out)

    def has_lease(self, out: Effects) -> bool:
        """Nobody else can have been elected yet."""
        return out.clock() < self.lease_until and not self.handed_over

    def lease_length(self) -> float:
        """How long (ms), on this clock, even the fastest clock of a follower leaves it alone."""
        return self.options.election_timeout[0] / self.options.clock_drift

    def on_heartbeat_timeout(self, out: Effects) -> None:
        super().on_heartbeat_timeout(out)
        recent = out.clock() - self.lease_length()
        began = {round: time for round, time in self.began.items() if time > recent}
        self.began = {**began, self.round: out.clock()}

    def confirm(self, out: Effects) -> None:
        self.renew_lease(out)
        super().confirm(out)

    def renew_lease(self, out: Effects) -> None:
        """Count the lease from when the last round began that a majority has answered.

        Not from their answers: a slow answer tells of a promise that is long over.
        """
        confirmed = [round for round in self.began if self.is_confirmed(round)]
        if confirmed:
            self.lease_until = self.began[max(confirmed)] + self.lease_length()

    def become_leader(self, out: Effects) -> None:
        self.lease_until, self.began, self.handed_over = 0, {}, False
        super().become_leader(out)

    def on_transfer(self, successor: str, out: Effects) -> None:
        """Whom the leader calls to stand is listened to at once, so its lease is over.

        For all of its term: the call may arrive late, when the leader believes that it has failed.
        """
        self.handed_over = True
        super().on_transfer(successor, out)

    # -- a follower ------------------------------------------------------------------------------

    def on_start(self, out: Effects) -> None:
        """It may have followed a leader just before it crashed, and keeps that promise too."""
        super().on_start(out)
        self.promise(out)

    def on_append_entries(self, message: AppendEntries, out: Effects) -> None:
        super().on_append_entries(message, out)
        if message.term == self.current_term:
            self.promise(out)

    def promise(self, out: Effects) -> None:
        """Vote for nobody until the shortest election timeout has passed."""
        self.deaf_until = out.clock() + self.options.election_timeout[0]

    def is_deaf(self, out: Effects) -> bool:
        """It has promised not to vote yet."""
        return out.clock() < self.deaf_until

    def on_election_timeout(self, out: Effects) -> None:
        """Nor does it stand, even if its timer should have fired too early."""
        if self.is_deaf(out):
            self.reset_election_timer(out)
        else:
            super().on_election_timeout(out)

    def on_message(self, message: Any, out: Effects) -> None:
        """To a candidate that the leader has not called itself, a server may be deaf."""
        if type(message) is RequestVote and self.is_deaf(out):
            return
        super().on_message(message, out)


class WithReads(WithReadIndex):
    """Raft that reads past its log, at followers as well (thesis, section 6.4, at the end)."""

    def on_request(self, request: ClientRequest, out: Effects) -> None:
        """Reads have ways of their own, also while the leader hands over and takes nothing new."""
        if not self.machine.only_looks(request.operation):
            super().on_request(request, out)
        elif self.role == "leader":
            self.read(request, None, out)
        elif self.leader and self.options.reads in ("follower", "follower_lease"):
            self.ask_leader(request, self.leader, out)
        else:
            out.redirect(request, self.leader)

    def ask_leader(self, request: ClientRequest, leader: str, out: Effects) -> None:
        """How far must a read look? What this server knows to be committed may be old."""
        out.send(leader, ReadIndex(self.current_term, self.name, request))

    def on_read_index(self, message: ReadIndex, out: Effects) -> None:
        """As if the client had asked the leader. Who leads no more is silent."""
        if self.role == "leader":
            self.read(message.request, message.follower, out)

    def on_read_index_reply(self, message: ReadIndexReply, out: Effects) -> None:
        """Look, as soon as that much is applied here. The index holds, whoever leads by now."""
        self.waiting += (Read(message.request, message.index),)
        self.answer_reads(out)
