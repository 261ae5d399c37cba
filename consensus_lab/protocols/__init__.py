"""Protocols as pure state machines: no clock, socket, file, thread or random number."""

from __future__ import annotations

from .byzantine import OralMessages, SignedMessages
from .byzantine.pbft import PBFT
from .node import ClientRefusal, ClientReply, ClientRequest, Effects, Node
from .paxos import MultiPaxos, Paxos
from .raft import Raft
from .stores.causal import CausalStore
from .stores.crdt import Counters, Sets
from .stores.gossip import LastWriterWins
from .stores.quorum import Quorum
from .stores.single_leader import SingleLeader
from .stores.transactional import Transactional

PROTOCOLS: dict[str, type[Node]] = {
    "Raft": Raft,
    "Paxos": Paxos,
    "MultiPaxos": MultiPaxos,
    "OralMessages": OralMessages,
    "SignedMessages": SignedMessages,
    "PBFT": PBFT,
    "SingleLeader": SingleLeader,
    "Quorum": Quorum,
    "CausalStore": CausalStore,
    "LastWriterWins": LastWriterWins,
    "Counters": Counters,
    "Sets": Sets,
    "Transactional": Transactional,
}
"""The protocols that a scenario file may name."""

__all__ = [
    "PBFT",
    "PROTOCOLS",
    "CausalStore",
    "ClientRefusal",
    "ClientReply",
    "ClientRequest",
    "Counters",
    "Effects",
    "LastWriterWins",
    "MultiPaxos",
    "Node",
    "OralMessages",
    "Paxos",
    "Quorum",
    "Raft",
    "Sets",
    "SignedMessages",
    "SingleLeader",
    "Transactional",
]
