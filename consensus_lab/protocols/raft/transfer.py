"""Leadership transfer: the leader hands over, so that nobody has to wait for a timeout.

Ongaro, D. (2014): Consensus: bridging theory and practice (his thesis), section 3.10.
"""

from __future__ import annotations

from ..node import ClientRequest, Effects
from .basic import BasicRaft
from .messages import AppendEntriesReply, RequestVote, TimeoutNow, TransferVote


class WithTransfer(BasicRaft):
    """Raft whose leader can be told to let another server lead."""

    successor: str | None = None

    def on_transfer(self, successor: str, out: Effects) -> None:
        """Told to hand over: bring `successor` up to date, then let it stand for election at once.

        If it has not been elected within an election timeout, this leader goes on.
        """
        if self.role != "leader" or successor == self.name or not self.is_voter(successor):
            out.note(f"cannot hand over to {successor}")
            return
        out.note(f"hands over to {successor}")
        self.successor = successor
        out.set_timer("transfer", self.options.election_timeout[1])
        self.send_append_entries(successor, out)
        self.hand_over(out)

    def hand_over(self, out: Effects) -> None:
        """Once the successor's log is as long as ours it can win: its time has come."""
        if self.successor and self.match_index[self.successor] == self.last_log_index:
            out.send(self.successor, TimeoutNow(self.current_term, self.name))

    def on_transfer_timeout(self, out: Effects) -> None:
        """The successor did not manage: go on as before."""
        self.forget_successor(out)

    def on_request(self, request: ClientRequest, out: Effects) -> None:
        """While it hands over, a leader takes nothing new: its log has to come to an end."""
        if self.role == "leader" and self.successor:
            out.redirect(request, None)
        else:
            super().on_request(request, out)

    def on_append_entries_reply(self, message: AppendEntriesReply, out: Effects) -> None:
        super().on_append_entries_reply(message, out)
        if self.role == "leader" and message.follower == self.successor:
            self.hand_over(out)

    def on_timeout_now(self, message: TimeoutNow, out: Effects) -> None:
        """The leader hands over: stand for election without waiting, and say by whose leave."""
        if message.term == self.current_term and self.role == "follower":
            self.successor = self.name
            self.become_candidate(out)

    def vote_request(self) -> RequestVote:
        asked = super().vote_request()
        if self.successor != self.name:
            return asked
        return TransferVote(asked.term, asked.candidate, asked.last_log_index, asked.last_log_term)

    def on_election_timeout(self, out: Effects) -> None:
        self.forget_successor(out)  # the leave was for one election
        super().on_election_timeout(out)

    def on_transfer_vote(self, message: TransferVote, out: Effects) -> None:
        """As any other: the rules of the vote are the same."""
        self.on_request_vote(message, out)

    def become_leader(self, out: Effects) -> None:
        self.forget_successor(out)
        super().become_leader(out)

    def become_follower(self, term: int, out: Effects) -> None:
        self.forget_successor(out)
        super().become_follower(term, out)

    def forget_successor(self, out: Effects) -> None:
        """The handing over is done, or has failed."""
        if self.successor:
            self.successor = None
            out.cancel_timer("transfer")
