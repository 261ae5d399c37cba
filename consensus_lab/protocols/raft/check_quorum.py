"""CheckQuorum: a leader whom no majority hears is no leader.

Cut off, it would go on to believe in itself for ever, and its clients with it. And the other way
round: who hears from a leader need not listen to somebody who wants to be one.

Ongaro, D. (2014): Consensus: bridging theory and practice (his thesis), sections 6.2 and 4.2.3.
"""

from __future__ import annotations

from typing import Any

from ..node import Effects
from .contact import WithContact
from .messages import AppendEntriesReply, RequestVote


class WithCheckQuorum(WithContact):
    """Raft whose leader steps down when it has not heard from a majority for too long."""

    heard: frozenset[str] = frozenset()

    def become_leader(self, out: Effects) -> None:
        super().become_leader(out)
        self.listen(out)

    def become_follower(self, term: int, out: Effects) -> None:
        if self.role == "leader":
            out.cancel_timer("quorum")
        super().become_follower(term, out)

    def listen(self, out: Effects) -> None:
        """Begin to count anew who answers, for as long as a follower's patience lasts at most."""
        self.heard = frozenset({self.name})
        out.set_timer("quorum", self.options.election_timeout[1])

    def on_append_entries_reply(self, message: AppendEntriesReply, out: Effects) -> None:
        if message.term == self.current_term:
            self.heard |= {message.follower}
        super().on_append_entries_reply(message, out)

    def on_quorum_timeout(self, out: Effects) -> None:
        """Enough time has passed for all to answer: has a majority?"""
        if self.is_quorum(self.heard):
            self.listen(out)
        else:
            self.become_follower(self.current_term, out)
            self.leader = None

    def on_message(self, message: Any, out: Effects) -> None:
        """While there is a leader, a candidate is not listened to, whatever its term.

        Else a server that hears nobody could depose a leader whom all others follow.
        """
        if self.leader and type(message) is RequestVote:
            return
        super().on_message(message, out)
