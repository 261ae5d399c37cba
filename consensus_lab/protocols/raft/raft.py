"""Raft with its extensions, each in a file of its own and off unless an option turns it on.

A class says only what its extension changes; the rest is `BasicRaft`, Figure 2 of the paper.
"""

from __future__ import annotations

from .check_quorum import WithCheckQuorum
from .pre_vote import WithPreVote
from .transfer import WithTransfer


class Raft(WithTransfer, WithCheckQuorum, WithPreVote):
    """One Raft server."""
