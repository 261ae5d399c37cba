"""Contact with a leader: a server believes in it for as long as the least patient would wait.

PreVote and CheckQuorum both turn away who wants to replace a leader that is well. It is no longer
taken for well once the shortest election timeout has passed without a word from it. Were each to
wait for its own timeout, a candidate that is right would not be heard before most have lost
patience.

Ongaro, D. (2014): Consensus: bridging theory and practice (his thesis), section 4.2.3.
"""

from __future__ import annotations

from ..node import Effects
from .basic import BasicRaft


class WithContact(BasicRaft):
    """Raft that knows no leader any more when it has not heard from it lately."""

    def reset_election_timer(self, out: Effects) -> None:
        super().reset_election_timer(out)
        if self.leader:
            out.set_timer("contact", self.options.election_timeout[0])

    def on_contact_timeout(self, out: Effects) -> None:
        """No word for too long: who wants to lead now may be right."""
        if self.role != "leader":
            self.leader = None
