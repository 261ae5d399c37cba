"""The bug zoo: mistakes with bounds, on a page of what is applied and on what is not committed.

Raft has no such bounds; so each class brings its own. The numbers are the rows of the zoo.
"""

from __future__ import annotations

from consensus_lab.protocols.raft import Raft
from consensus_lab.protocols.raft.configuration import Configuration
from consensus_lab.simulation.faults import cut, heal, request, timeout
from consensus_lab.simulation.orders import add_learner, remove_server

from .bugs import STAGE


class CommitsByThePage(Raft):
    """L26. Applies a page of one entry, and takes the end of the page for all that is committed."""

    def commit(self, index, out):
        super().commit(min(index, self.last_applied + 1), out)


class Bounded(Raft):
    """No mistake: takes nothing new while three entries are not committed."""

    def uncommitted(self):
        return self.last_log_index - self.commit_index

    def on_request(self, request, out):
        if self.role == "leader" and self.uncommitted() >= 3:
            out.redirect(request, None)
        else:
            super().on_request(request, out)


class LeaksItsBound(Bounded):
    """L27. Changes of the members are counted when they come, and never counted off."""

    def uncommitted(self):
        changes = [one for one in self.log if isinstance(one.command, Configuration)]
        return super().uncommitted() + len(changes)


THREE_TOGETHER = (
    STAGE.at(50, timeout("S1"))
    .at(150, cut("S1", "S3"), cut("S2", "S1", one_way=True))
    .at(160, *(request("write", "x", n, client=name, server="S1") for n, name in enumerate("ABC")))
    .at(220, heal("S1", "S2"))
)
"""S1 is not answered until S2 has all three, and then S2 acknowledges them together."""

MANY_CHANGES = (
    STAGE.at(50, timeout("S1"))
    .at(150, remove_server("S3"))
    .at(250, add_learner("S3"))
    .at(350, remove_server("S3"))
    .at(500, request("write", "x", 1, server="S1"))
)
"""S3 goes, comes and goes, and all of that is long committed when A writes."""

KILLED_BY = {
    "L26": (CommitsByThePage, THREE_TOGETHER, "clients are answered"),
    "L27": (LeaksItsBound, MANY_CHANGES, "clients are answered"),
}
"""For each row a class, the scenario that finds it out, and what is broken there."""
