"""The leader writes its disk while its entries are on their way, and not before.

A follower's acknowledgement is a promise and has to wait for the disk. A leader's AppendEntries
promises nothing: the leader counts itself only once its own disk has the entry (`on_saved`), and a
majority may be there before it.

Ongaro, D. (2014): Consensus: bridging theory and practice (his thesis), section 10.2.1.
"""

from __future__ import annotations

from ..node import Effects
from .basic import BasicRaft


class WithParallelDisk(BasicRaft):
    """Raft whose leader saves and sends at the same time."""

    def save_own_entry(self, out: Effects) -> None:
        out.save(hold=False)
