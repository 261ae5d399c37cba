"""Protocols as pure state machines: no clock, socket, file, thread or random number."""

from __future__ import annotations

from .node import ClientRefusal, ClientReply, ClientRequest, Effects, Node
from .raft import Raft
from .stores.quorum import Quorum
from .stores.single_leader import SingleLeader

PROTOCOLS: dict[str, type[Node]] = {"Raft": Raft, "SingleLeader": SingleLeader, "Quorum": Quorum}
"""The protocols that a scenario file may name."""

__all__ = [
    "PROTOCOLS",
    "ClientRefusal",
    "ClientReply",
    "ClientRequest",
    "Effects",
    "Node",
    "Quorum",
    "Raft",
    "SingleLeader",
]
