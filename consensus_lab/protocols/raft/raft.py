"""Raft with its extensions, each in a file of its own and off unless an option turns it on.

A class says only what its extension changes; the rest is `BasicRaft`, Figure 2 of the paper.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from .basic import BasicRaft
from .check_quorum import WithCheckQuorum
from .conflict_hint import WithConflictHint
from .membership import WithMembership
from .options import RaftOptions
from .parallel_disk import WithParallelDisk
from .pipeline import WithPipeline
from .pre_vote import WithPreVote
from .reads import WithReads
from .transfer import WithTransfer


class Raft(
    WithReads,
    WithMembership,
    WithTransfer,
    WithCheckQuorum,
    WithPreVote,
    WithPipeline,
    WithConflictHint,
    WithParallelDisk,
):
    """One Raft server."""

    def simplify(self, orders: bool) -> None:
        """Leave off the extensions that are off: each would cost a call with every message.

        A subclass may build on any of them, and keeps them all.
        """
        if type(self) is Raft:
            needed = tuple(one for one in Raft.__bases__ if USED[one](self.options, orders))
            self.__class__ = raft_with(needed)


USED: dict[type, Callable[[RaftOptions, bool], bool]] = {
    WithReads: lambda options, orders: options.reads != "log" or options.window > 0,
    WithMembership: lambda options, orders: (
        orders or bool(options.members) or options.snapshot_every > 0
    ),
    WithTransfer: lambda options, orders: orders,
    WithCheckQuorum: lambda options, orders: options.check_quorum,
    WithPreVote: lambda options, orders: options.pre_vote,
    WithPipeline: lambda options, orders: options.window > 0,
    WithConflictHint: lambda options, orders: options.conflict_hint,
    WithParallelDisk: lambda options, orders: options.parallel_disk,
}
"""When each extension has something to do."""


@cache
def raft_with(extensions: tuple[type, ...]) -> type[Raft]:
    """Raft with no more than these extensions, for a server that has the fields of all."""
    kept = {"__module__": __name__, "__doc__": Raft.__doc__, "durable": Raft.durable}
    return type("Raft", extensions or (BasicRaft,), kept)
