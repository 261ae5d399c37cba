"""Raft with its extensions, each in a file of its own and off unless an option turns it on.

A class says only what its extension changes; the rest is `BasicRaft`, Figure 2 of the paper.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from .basic import BasicRaft
from .check_quorum import WithCheckQuorum
from .conflict_hint import WithConflictHint
from .members_in_snapshots import WithMembersInSnapshots
from .membership import WithMembership
from .options import RaftOptions
from .parallel_disk import WithParallelDisk
from .pipeline import WithPipeline
from .pre_vote import WithPreVote
from .reads import WithLease, WithReads
from .snapshots import WithSnapshots
from .transfer import WithTransfer


class Raft(BasicRaft):
    """One Raft server: Figure 2, and the extensions that its options turn on."""

    @classmethod
    def tailored(cls, options: RaftOptions, orders: bool) -> type[BasicRaft]:
        """This class on top of those extensions that are on; the others cost nothing."""
        # A learner's class may ask who the members are, even where they never change.
        orders = orders or cls is not Raft
        on = (one for one, is_on in EXTENSIONS.items() if is_on(options, orders))
        tailored: type[BasicRaft] = composed((cls, *on))
        return tailored


EXTENSIONS: dict[type, Callable[[RaftOptions, bool], bool]] = {
    WithReads: lambda options, orders: options.reads != "log",
    WithLease: lambda options, orders: options.reads in ("lease", "follower_lease"),
    WithMembersInSnapshots: lambda options, orders: (
        options.snapshot_every > 0 and (orders or bool(options.members))
    ),
    WithMembership: lambda options, orders: orders or bool(options.members),
    WithTransfer: lambda options, orders: orders,
    WithSnapshots: lambda options, orders: options.snapshot_every > 0,
    WithCheckQuorum: lambda options, orders: options.check_quorum,
    WithPreVote: lambda options, orders: options.pre_vote,
    WithPipeline: lambda options, orders: options.window > 0,
    WithConflictHint: lambda options, orders: options.conflict_hint,
    WithParallelDisk: lambda options, orders: options.parallel_disk,
}
"""All there are, and when each is on. An earlier one is asked before a later one."""


@cache
def composed(bases: tuple[type, ...]) -> Any:
    """The first of these classes, with the others between its own methods and those of Figure 2.

    So what a learner's class overrides holds for all extensions, and `super()` in it leads through
    them down to BasicRaft. Python orders the bases of a class so that this is the case.
    """
    protocol = bases[0]
    names = ("__module__", "__qualname__", "__doc__")
    kept = {name: getattr(protocol, name) for name in names}
    return type(protocol.__name__, bases, kept) if len(bases) > 1 else protocol
