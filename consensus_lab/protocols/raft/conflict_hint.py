"""The conflict hint: a follower that refuses entries says where to look, a whole term at a time.

A follower that was away may hold hundreds of wrong entries, or lack hundreds. Figure 2 steps back
by one of them each time a message has gone there and back. The end of section 5.3 says how to do
it in a step for each term.

Ongaro, D. and Ousterhout, J. (2014): In Search of an Understandable Consensus Algorithm (Extended
Version), section 5.3.
"""

from __future__ import annotations

from dataclasses import replace

from .basic import BasicRaft
from .messages import AppendEntries, AppendEntriesReply


class WithConflictHint(BasicRaft):
    """Raft whose logs meet after a step for each term in which they differ."""

    def refusal(self, message: AppendEntries) -> AppendEntriesReply:
        """The follower's side: the term that conflicts, and the first index of that term."""
        refused = super().refusal(message)
        if message.term < self.current_term:
            return refused
        index = message.prev_log_index
        if index > self.last_log_index:
            return replace(refused, conflict_index=self.last_log_index + 1)
        term = self.term_at(index)
        # What is committed cannot conflict: no need to look there, and it may be cut off.
        while index > self.commit_index + 1 and self.term_at(index - 1) == term:
            index -= 1
        return replace(refused, conflict_index=index, conflict_term=term)

    def index_to_retry(self, message: AppendEntriesReply) -> int:
        """The leader's side: after its own last entry of that term; without one, skip the term."""
        retry = super().index_to_retry(message)
        if not message.conflict_term:
            return min(retry, message.conflict_index or retry)
        while retry > message.conflict_index and self.term_at(retry - 1) != message.conflict_term:
            retry -= 1
        return retry
