"""Protocols as pure state machines: no clock, socket, file, thread or random number."""

from __future__ import annotations

from .node import ClientReply, ClientRequest, Effects, Node
from .raft import Raft

PROTOCOLS: dict[str, type[Node]] = {"Raft": Raft}
"""The protocols that a scenario file may name."""

__all__ = ["PROTOCOLS", "ClientReply", "ClientRequest", "Effects", "Node", "Raft"]
