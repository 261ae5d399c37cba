"""Raft, a consensus protocol designed to be understood: leader election and log replication."""

from __future__ import annotations

from .messages import AppendEntries, AppendEntriesReply, Entry, RequestVote, RequestVoteReply
from .raft import Raft, RaftOptions

__all__ = [
    "AppendEntries",
    "AppendEntriesReply",
    "Entry",
    "Raft",
    "RaftOptions",
    "RequestVote",
    "RequestVoteReply",
]
