"""Membership changes where the log is compacted: a snapshot holds the configuration as well.

The entry that changed the members may be among those whose place the snapshot takes. Who boots from
it, or gets it from a leader, must still know who they are.

Ongaro, D. and Ousterhout, J. (2014): In Search of an Understandable Consensus Algorithm (Extended
Version), section 7.
"""

from __future__ import annotations

from ..node import Effects
from .configuration import Configuration
from .membership import WithMembership
from .messages import InstallSnapshotReply, Snapshot
from .snapshots import WithSnapshots


class WithMembersInSnapshots(WithMembership, WithSnapshots):
    """Raft whose members change, and whose log is compacted."""

    def configuration_before_log(self) -> Configuration | None:
        return self.snapshot.configuration or super().configuration_before_log()

    def install(self, snapshot: Snapshot, out: Effects) -> None:
        """The leader's snapshot has taken the place of entries, and of configurations in them."""
        super().install(snapshot, out)
        self.find_configuration()

    def meet_members(self) -> None:
        """Nothing more is sent to whoever is gone."""
        super().meet_members()
        if self.outgoing:
            self.outgoing = {to: one for to, one in self.outgoing.items() if to in self.peers}

    def on_install_snapshot_reply(self, message: InstallSnapshotReply, out: Effects) -> None:
        super().on_install_snapshot_reply(message, out)
        self.doubt(message.follower)
