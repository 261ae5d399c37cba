"""Stores that promise less than consensus does, each in one small file."""

from __future__ import annotations

from .causal import CausalStore
from .crdt import Counters, GCounter, ORSet, PNCounter, Sets
from .gossip import Gossip, LastWriterWins
from .quorum import Quorum
from .single_leader import SingleLeader
from .transactional import Transactional

__all__ = [
    "CausalStore",
    "Counters",
    "GCounter",
    "Gossip",
    "LastWriterWins",
    "ORSet",
    "PNCounter",
    "Quorum",
    "Sets",
    "SingleLeader",
    "Transactional",
]
