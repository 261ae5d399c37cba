"""Servers by themselves, and what they are told. `Out` is that of Raft's tests."""

from __future__ import annotations

from typing import Any

from consensus_lab.protocols.node import ClientRequest
from consensus_lab.protocols.paxos import Ballot, MultiPaxos, Paxos, Proposal

from ..raft.fake import Out, told

__all__ = ["Out", "acceptor", "ballot", "follower", "leader", "proposal", "request", "told"]


def ballot(number: str) -> Ballot:
    """ "2.S3" is the ballot of S3 in round 2."""
    round, server = number.split(".")
    return Ballot(int(round), server)


def proposal(number: str, value: Any) -> Proposal:
    return Proposal(ballot(number), value)


def request(value: Any, client: str = "A", sequence: int = 1) -> ClientRequest:
    """A client proposes `value`."""
    return ClientRequest(client, sequence, ("propose", None, value))


def acceptor(servers: int = 3, kind: type[Paxos] = Paxos, **fields: Any) -> Paxos:
    """S1, with these fields."""
    return filled(kind("S1", names(servers)), fields)


def follower(*log: Any, servers: int = 3, kind: type[MultiPaxos] = MultiPaxos, **fields: Any):
    """S1 of Multi-Paxos, with these proposals in its log."""
    node = kind("S1", names(servers))
    node.log += tuple(log)
    return filled(node, fields)


def leader(number: str, *log: Any, servers: int = 3, **fields: Any) -> MultiPaxos:
    """S1, which leads under this ballot."""
    return follower(
        *log, servers=servers, role="leader", leader="S1", promised=ballot(number), **fields
    )


def names(servers: int) -> tuple[str, ...]:
    return tuple(f"S{n}" for n in range(1, servers + 1))


def filled(node: Any, fields: dict[str, Any]) -> Any:
    for name, value in fields.items():
        assert hasattr(node, name), name
        setattr(node, name, value)
    return node
