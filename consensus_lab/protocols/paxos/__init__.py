"""Paxos: one value is chosen, or a whole log of them; with quorums that are majorities, or not.

The messages of Multi-Paxos have the same names as those of one decree, and are in multi_messages.
"""

from __future__ import annotations

from .messages import ZERO, Accept, Accepted, Ballot, Nack, Prepare, Promise, Proposal
from .multi import MultiPaxos, MultiPaxosOptions
from .single import Paxos, PaxosOptions

__all__ = [
    "ZERO",
    "Accept",
    "Accepted",
    "Ballot",
    "MultiPaxos",
    "MultiPaxosOptions",
    "Nack",
    "Paxos",
    "PaxosOptions",
    "Prepare",
    "Promise",
    "Proposal",
]
