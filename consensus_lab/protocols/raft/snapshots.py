"""Log compaction: what has been applied is replaced by the state that it led to.

Each server does that by itself: what is committed does not change any more, so nobody needs to be
asked. Only who lacks entries that its leader no longer has is sent the leader's snapshot.

Ongaro, D. and Ousterhout, J. (2014): In Search of an Understandable Consensus Algorithm (Extended
Version), section 7 and Figure 13.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..node import Effects
from .basic import BasicRaft
from .configuration import Configuration
from .messages import (
    AppendEntries,
    AppendEntriesReply,
    Entry,
    InstallSnapshot,
    InstallSnapshotReply,
    Snapshot,
)

PATIENCE = 4
"""After so many heartbeats a chunk without an answer is sent again."""


class WithSnapshots(BasicRaft):
    """Raft whose log is only what follows its snapshot. Indexes stay what they were.

    A leader's `outgoing` are the snapshots on their way to followers, and `chunks` what each was
    sent last: the offset in bytes, and when (ms on the leader's own clock). A follower's `incoming`
    is what it has of a snapshot: last index, last term, bytes.
    """

    durable = (*BasicRaft.durable, "snapshot")
    outgoing: Mapping[str, Snapshot] = {}
    chunks: Mapping[str, tuple[int, float]] = {}
    incoming: tuple[int, int, int] = (0, 0, 0)

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.snapshot = Snapshot(0, 0, self.machine)

    # -- each server by itself -----------------------------------------------------------------

    def on_start(self, out: Effects) -> None:
        self.restore()
        super().on_start(out)

    def restore(self) -> None:
        """Begin where the snapshot ends. What follows it in the log may not be committed."""
        self.machine = self.snapshot.machine
        self.commit_index = self.last_applied = self.snapshot.last_index

    def commit(self, index: int, out: Effects) -> None:
        super().commit(index, out)
        if self.last_applied - self.snapshot.last_index >= self.options.snapshot_every:
            self.take_snapshot(out)

    def take_snapshot(self, out: Effects) -> None:
        """Remember what the applied entries led to, instead of them. The machine is a value, so
        there is nothing to copy."""
        index = self.last_applied
        members = self.configuration_at(index)
        out.note(f"takes a snapshot up to index {index}")
        self.begin_log_after(Snapshot(index, self.term_at(index), self.machine, members), out)

    def configuration_at(self, index: int) -> Configuration | None:
        """The members as of `index`; None if they never changed."""
        return None

    def begin_log_after(self, snapshot: Snapshot, out: Effects) -> None:
        """The snapshot takes the place of the log's beginning, and in the same write to the disk:
        were the log cut first, a crash in between would leave neither.

        Entries that follow it stay if this log holds what the snapshot ends with: they may be
        committed, and this server may have said that it has them. Else they are a wrong tail.
        """
        belongs = self.term_at(snapshot.last_index) == snapshot.last_term
        self.log = self.entries_after(snapshot.last_index) if belongs else ()
        self.snapshot = snapshot
        out.save()

    # -- a leader, to a follower that is too far behind ------------------------------------------

    def send_append_entries(self, peer: str, out: Effects) -> None:
        """Offer `peer` the entries it lacks; or, if they are in the snapshot, a mere heartbeat."""
        if self.next_index[peer] > self.snapshot.last_index:
            super().send_append_entries(peer, out)
        else:
            out.send(peer, self.append_entries(0, ()))  # any log agrees at its beginning

    def on_append_entries_reply(self, message: AppendEntriesReply, out: Effects) -> None:
        """Who answers, and lacks what is in the snapshot, gets it.

        Not who does not answer: it may be down, and a snapshot is large. Nor whose answer tells of
        progress: the next one may tell of more.
        """
        follower = message.follower
        known = self.match_index.get(follower, 0)
        super().on_append_entries_reply(message, out)
        behind = self.next_index.get(follower, self.last_log_index + 1) <= self.snapshot.last_index
        if behind and message.success and message.match_index <= known:
            self.offer_snapshot(follower, out)

    def offer_snapshot(self, peer: str, out: Effects) -> None:
        """Begin to send the snapshot; or send a chunk again that was not answered for too long.

        What has begun is brought to an end, even if there is a newer snapshot by then: who always
        began anew might never come to an end.
        """
        if peer not in self.outgoing:
            out.note(f"sends {peer} its snapshot up to index {self.snapshot.last_index}")
            self.outgoing = {**self.outgoing, peer: self.snapshot}
            self.send_chunk(peer, 0, out)
            return
        offset, sent = self.chunks[peer]
        if abs(out.clock() - sent) >= PATIENCE * self.options.heartbeat_interval:
            self.send_chunk(peer, offset, out)

    def send_chunk(self, peer: str, offset: int, out: Effects) -> None:
        """Send the bytes from `offset` on, as many as go into one message."""
        snapshot = self.outgoing[peer]
        size = min(self.options.snapshot_chunk or snapshot.size, snapshot.size - offset)
        done = offset + size == snapshot.size
        self.chunks = {**self.chunks, peer: (offset, out.clock())}
        out.send(
            peer,
            InstallSnapshot(
                self.current_term,
                self.name,
                snapshot.last_index,
                snapshot.last_term,
                offset,
                size,
                snapshot.size,
                snapshot if done else None,
                self.options.snapshot_channel == "bulk",
            ),
        )

    def on_install_snapshot_reply(self, message: InstallSnapshotReply, out: Effects) -> None:
        """Go on with the next chunk, or with the entries after the snapshot.

        Only the answer to the latest chunk counts: others are doubled, or late.
        """
        follower = message.follower
        if message.term < self.current_term or follower not in self.outgoing:
            return
        snapshot, (offset, _) = self.outgoing[follower], self.chunks[follower]
        if (message.last_index, message.offset) != (snapshot.last_index, offset):
            return
        if message.received < snapshot.size:
            self.send_chunk(follower, message.received, out)
            return
        self.outgoing = {name: one for name, one in self.outgoing.items() if name != follower}
        matched = max(snapshot.last_index, self.match_index[follower])
        self.match_index = {**self.match_index, follower: matched}
        self.next_index = {**self.next_index, follower: matched + 1}
        self.send_append_entries(follower, out)

    def become_follower(self, term: int, out: Effects) -> None:
        """Who leads no more sends no more."""
        if self.outgoing:
            self.outgoing = {}
        super().become_follower(term, out)

    # -- a follower ------------------------------------------------------------------------------

    def on_append_entries(self, message: AppendEntries, out: Effects) -> None:
        """What the snapshot covers is committed, so it agrees: look only at what follows it.

        A late message may begin before it. To take that for a conflict would cut good entries.
        """
        covered = self.snapshot.last_index - message.prev_log_index
        if covered > 0:
            message = replace(
                message,
                prev_log_index=self.snapshot.last_index,
                prev_log_term=self.snapshot.last_term,
                entries=message.entries[covered:],
            )
        super().on_append_entries(message, out)

    def on_install_snapshot(self, message: InstallSnapshot, out: Effects) -> None:
        """Gather the chunks in order. With the last one the snapshot is complete (Figure 13)."""
        if message.term == self.current_term:
            if self.role != "follower":
                self.become_follower(message.term, out)
            self.leader = message.leader
            self.reset_election_timer(out)
            if message.offset == self.bytes_received(message):
                held = message.offset + message.size
                self.incoming = (message.last_index, message.last_term, held)
                if message.snapshot is not None:
                    self.install(message.snapshot, out)
        out.send(
            message.leader,
            InstallSnapshotReply(
                self.current_term,
                self.name,
                message.last_index,
                message.offset,
                self.bytes_received(message),
            ),
        )

    def bytes_received(self, message: InstallSnapshot) -> int:
        """How much of this snapshot has come."""
        last_index, last_term, size = self.incoming
        same = (last_index, last_term) == (message.last_index, message.last_term)
        return size if same else 0

    def install(self, snapshot: Snapshot, out: Effects) -> None:
        """Take over the leader's snapshot, unless this server is further on already: an old one,
        late on its way, must not take back what was applied since."""
        if snapshot.last_index <= self.commit_index:
            return
        out.note(f"installs a snapshot up to index {snapshot.last_index}")
        self.begin_log_after(snapshot, out)
        self.restore()

    # -- the log, which begins after the snapshot ------------------------------------------------

    @property
    def first_log_index(self) -> int:
        return self.snapshot.last_index + 1

    @property
    def last_log_index(self) -> int:
        return self.snapshot.last_index + len(self.log)

    def last_index_in(self, saved: Mapping[str, Any]) -> int:
        snapshot = saved.get("snapshot", self.snapshot)  # a learner's class may not save it
        return int(snapshot.last_index) + super().last_index_in(saved)

    def term_at(self, index: int) -> int:
        """The term of the entry at `index`; 0 before the first, -1 if it is not here any more, or
        not yet. Of the entry with which the snapshot ends it is still known."""
        if index == self.snapshot.last_index:
            return self.snapshot.last_term
        place = index - self.first_log_index
        if 0 <= place < len(self.log):
            return self.log[place].term
        return -1 if index else 0

    def entry_at(self, index: int) -> Entry:
        return self.log[index - self.first_log_index]

    def entries_after(self, index: int) -> tuple[Entry, ...]:
        return tuple(self.log[index - self.snapshot.last_index :])

    def replace_after(self, index: int, entries: tuple[Entry, ...]) -> None:
        self.log = self.log[: index - self.snapshot.last_index] + entries
