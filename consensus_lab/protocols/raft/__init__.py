"""Raft, a consensus protocol designed to be understood: leader election and log replication."""

from __future__ import annotations

from .basic import BasicRaft
from .messages import (
    AppendEntries,
    AppendEntriesReply,
    Entry,
    InstallSnapshot,
    InstallSnapshotReply,
    PreVote,
    PreVoteReply,
    ReadIndex,
    ReadIndexReply,
    RequestVote,
    RequestVoteReply,
    Snapshot,
    TimeoutNow,
    TransferVote,
)
from .options import RaftOptions
from .raft import Raft

__all__ = [
    "AppendEntries",
    "AppendEntriesReply",
    "BasicRaft",
    "Entry",
    "InstallSnapshot",
    "InstallSnapshotReply",
    "PreVote",
    "PreVoteReply",
    "Raft",
    "RaftOptions",
    "ReadIndex",
    "ReadIndexReply",
    "RequestVote",
    "RequestVoteReply",
    "Snapshot",
    "TimeoutNow",
    "TransferVote",
]
