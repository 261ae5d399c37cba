"""Pipelining: a leader does not wait for an answer before it sends what comes next.

Without it each AppendEntries carries all that is not known to have arrived, again and again. With
it a follower is either probed or fed. While it is probed, one message at a time looks for the point
where the logs meet. Once it agrees it is fed: each message carries what follows the one before,
`max_entries` at most, and a `window` of them may be unanswered. Commands that come while the window
is full wait, and travel together. A refusal (something was lost or overtaken) leads back to
probing.

Ongaro, D. (2014): Consensus: bridging theory and practice (his thesis), sections 10.2.1 and 10.2.2.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..node import Effects
from .messages import AppendEntriesReply
from .numbers import WithNumbers


class WithPipeline(WithNumbers):
    """Raft that sends ahead of the answers, within a window, and each entry once.

    `fed`: the followers that are not probed. `in_flight`: for each follower the last index in each
    message that it has not answered. `probed_since`: how many requests had been numbered when a
    follower last refused one; what answers an older one is old news.
    """

    fed: frozenset[str] = frozenset()
    in_flight: Mapping[str, tuple[int, ...]] = {}
    probed_since: Mapping[str, int] = {}

    def become_leader(self, out: Effects) -> None:
        """Nothing is known of any follower: all are probed."""
        super().become_leader(out)
        out.set_timer("heartbeat", self.options.heartbeat_interval)

    def replicate(self, out: Effects) -> None:
        """Offer the new entry where there is room.

        The heartbeat keeps its own time: put off at every request, it would never come to a
        follower whose window is full.
        """
        for peer in self.peers:
            self.fill_window(peer, out)

    def fill_window(self, peer: str, out: Effects) -> None:
        """Send what `peer` lacks for as long as there is room."""
        while self.has_room(peer) and self.next_index[peer] <= self.last_log_index:
            before = self.next_index[peer]
            self.send_append_entries(peer, out)
            if self.next_index[peer] == before:
                return  # probed, or in need of something else than entries

    def has_room(self, peer: str) -> bool:
        """One more message may be on its way to `peer`. A probe goes alone."""
        most = self.options.window if peer in self.fed else 1
        return len(self.in_flight.get(peer, ())) < most

    def send_append_entries(self, peer: str, out: Effects) -> None:
        """The next batch; when the window is full, a heartbeat that asks whether all arrived."""
        fed, previous = peer in self.fed, self.next_index[peer] - 1
        entries = self.entries_after(previous) if self.has_room(peer) or not fed else ()
        entries = entries[: self.options.max_entries or None]
        out.send(peer, self.append_entries(previous, entries))
        last = previous + len(entries)
        if not fed:
            self.in_flight = {**self.in_flight, peer: (last,)}
        elif entries:
            self.in_flight = {**self.in_flight, peer: (*self.in_flight.get(peer, ()), last)}
            self.next_index = {**self.next_index, peer: last + 1}

    def index_to_offer(self, follower: str) -> int:
        """What was sent ahead is not sent again."""
        return max(self.next_index[follower], super().index_to_offer(follower))

    def on_append_entries_reply(self, message: AppendEntriesReply, out: Effects) -> None:
        follower = message.follower
        if message.term != self.current_term or follower not in self.next_index:
            super().on_append_entries_reply(message, out)
        elif message.success:
            self.feed(follower, message.match_index)
            super().on_append_entries_reply(message, out)
            if follower in self.next_index:
                self.fill_window(follower, out)
        elif message.request > self.probed_since.get(follower, 0):
            self.probe(follower)
            super().on_append_entries_reply(message, out)

    def feed(self, follower: str, matched: int) -> None:
        """It agrees up to `matched`: what is on its way up to there is answered.

        If that is where a probe looked, the logs have met. (A heartbeat beside a snapshot agrees on
        less.)
        """
        left = tuple(last for last in self.in_flight.get(follower, ()) if last > matched)
        if follower not in self.fed and matched + 1 >= self.next_index[follower]:
            self.fed |= {follower}
            left = ()  # a later probe, perhaps lost: what was in it comes again
        self.in_flight = {**self.in_flight, follower: left}

    def probe(self, follower: str) -> None:
        """It refused: what was sent ahead is lost, or will be refused too."""
        if follower in self.fed:
            self.fed -= {follower}
            self.next_index = {**self.next_index, follower: self.match_index[follower] + 1}
        self.in_flight = {**self.in_flight, follower: ()}
        self.probed_since = {**self.probed_since, follower: self.requests}

    def become_follower(self, term: int, out: Effects) -> None:
        """What is still on its way is no concern of this server any more."""
        if self.in_flight:
            self.fed, self.in_flight, self.probed_since = frozenset(), {}, {}
        super().become_follower(term, out)
