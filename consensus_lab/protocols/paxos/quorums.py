"""Which acceptors are enough: majorities, or Flexible Paxos.

Howard, H., Malkhi, D. and Spiegelman, A. (2016): Flexible Paxos: Quorum Intersection Revisited.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ...errors import ScenarioError
from ..node import Node


@dataclass(frozen=True)
class QuorumOptions:
    """How many acceptors are a quorum: `q1` in phase 1, `q2` in phase 2; 0: a majority.

    Only a quorum of phase 1 and one of phase 2 must share a server. With `check_quorums` off
    nobody looks whether they do.
    """

    q1: int = 0
    q2: int = 0
    check_quorums: bool = True


class WithQuorums(Node):
    """A server that knows what a quorum is."""

    options: QuorumOptions = QuorumOptions()

    def is_phase_1_quorum(self, acceptors: Collection[str]) -> bool:
        """So many promises that one of them knows of whatever was chosen."""
        return len(acceptors) >= (self.options.q1 or majority(self.servers))

    def is_phase_2_quorum(self, acceptors: Collection[str]) -> bool:
        """So many acceptances that the value is chosen."""
        return len(acceptors) >= (self.options.q2 or majority(self.servers))

    @classmethod
    def check_options(cls, options: QuorumOptions, servers: tuple[str, ...]) -> None:
        """Raises ScenarioError for quorums that need not meet."""
        n, most = len(servers), majority(servers)
        q1, q2 = options.q1 or most, options.q2 or most
        if max(q1, q2) > n:
            raise ScenarioError(f"A quorum of {max(q1, q2)} is more than there are: {n} servers.")
        if options.check_quorums and q1 + q2 <= n:
            raise ScenarioError(
                f"With {n} servers a quorum of q1 = {q1} and one of q2 = {q2} need not share a "
                f"server, and two values may be chosen: let q1 + q2 be more than {n}. "
                "(To see it happen, say check_quorums=False.)"
            )


def majority(servers: Collection[str]) -> int:
    """More than half: 2 of 3, 3 of 4, 3 of 5."""
    return len(servers) // 2 + 1
