"""Raft, a consensus protocol designed to be understood: leader election and log replication."""

from __future__ import annotations

from .basic import BasicRaft
from .messages import (
    AppendEntries,
    AppendEntriesReply,
    Entry,
    PreVote,
    PreVoteReply,
    RequestVote,
    RequestVoteReply,
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
    "PreVote",
    "PreVoteReply",
    "Raft",
    "RaftOptions",
    "RequestVote",
    "RequestVoteReply",
    "TimeoutNow",
    "TransferVote",
]
