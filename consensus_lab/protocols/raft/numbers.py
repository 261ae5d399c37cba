"""Numbered requests: a leader can tell which of its AppendEntries a reply answers.

The paper's servers call each other, so an answer belongs to its question. Here messages fly by
themselves: a reply may be late, doubled, or overtaken by the reply to a later request.
"""

from __future__ import annotations

from .basic import BasicRaft
from .messages import AppendEntries, Entry


class WithNumbers(BasicRaft):
    """Raft whose leader counts the AppendEntries it sends.

    A reply with the current term and a number above n answers something sent after the first n.
    """

    requests: int = 0

    def append_entries(self, previous: int, entries: tuple[Entry, ...]) -> AppendEntries:
        message = super().append_entries(previous, entries)
        self.requests += 1
        return AppendEntries(  # dataclasses.replace takes four times as long
            message.term,
            message.leader,
            message.prev_log_index,
            message.prev_log_term,
            message.entries,
            message.leader_commit,
            self.requests,
        )
