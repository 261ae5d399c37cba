"""PreVote: a server asks whether it could win before it makes a new term.

A server that was cut off starts one election after the other. When it comes back, its large term
deposes a healthy leader, for nothing. With PreVote it first asks who *would* vote for it, and its
term stays as it is until a majority would.

Ongaro, D. (2014): Consensus: bridging theory and practice (his thesis), section 9.6.
"""

from __future__ import annotations

from ..node import Effects
from .contact import WithContact
from .messages import PreVote, PreVoteReply


class WithPreVote(WithContact):
    """Raft whose elections begin with a question that changes nothing."""

    def on_election_timeout(self, out: Effects) -> None:
        self.become_pre_candidate(out)

    def become_pre_candidate(self, out: Effects) -> None:
        """Ask who would vote for this server in the next term. Neither term nor vote changes."""
        self.role = "pre-candidate"
        self.leader = None
        self.votes = frozenset({self.name})
        out.note(f"asks who would vote for it in term {self.current_term + 1}")
        self.reset_election_timer(out)
        question = PreVote(
            self.current_term, self.name, self.last_log_index, self.term_at(self.last_log_index)
        )
        for peer in self.peers:
            out.send(peer, question)
        if self.has_won():
            self.become_candidate(out)

    def on_pre_vote(self, message: PreVote, out: Effects) -> None:
        """Would this server vote for it? Not while it hears from a leader itself.

        Without that last rule a server that hears nobody, but is heard, would win again and again.
        """
        granted = (
            message.term == self.current_term
            and self.leader is None
            and self.is_up_to_date(message.last_log_index, message.last_log_term)
        )
        out.send(message.candidate, PreVoteReply(self.current_term, self.name, granted))

    def on_pre_vote_reply(self, message: PreVoteReply, out: Effects) -> None:
        """Enough would vote for it: now the election is worth a term."""
        if self.role != "pre-candidate" or message.term < self.current_term or not message.granted:
            return
        self.votes |= {message.voter}
        if self.has_won():
            self.become_candidate(out)
