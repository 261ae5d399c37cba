"""Raft with its extensions, each in a file of its own and off unless an option turns it on.

A class says only what its extension changes; the rest is `BasicRaft`, Figure 2 of the paper.
"""

from __future__ import annotations

from .check_quorum import WithCheckQuorum
from .conflict_hint import WithConflictHint
from .membership import WithMembership
from .parallel_disk import WithParallelDisk
from .pipeline import WithPipeline
from .pre_vote import WithPreVote
from .reads import WithReads
from .transfer import WithTransfer


class Raft(
    WithReads,
    WithMembership,
    WithTransfer,
    WithCheckQuorum,
    WithPreVote,
    WithPipeline,
    WithConflictHint,
    WithParallelDisk,
):
    """One Raft server."""
