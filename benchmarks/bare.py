"""A world that writes nothing down and watches nothing: the bound that no recording run can reach.

What is left is the queue of all that is to happen, the delays of network and disk, and what the
protocol's handlers do themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappush
from typing import Any

from consensus_lab.protocols.node import ClientRequest
from consensus_lab.simulation.server import Server
from consensus_lab.simulation.world import World


class BareWorld(World):
    """A run without faults. `delivered` counts the messages that have arrived."""

    delivered = 0

    def step(
        self,
        server: Server,
        kind: str,
        detail: Any,
        handler: str,
        *arguments: Any,
        waited: Sequence[tuple[str, Any]] = (),
    ) -> None:
        server.sends = sends = []
        getattr(server.node, handler)(*arguments, server)
        if server.saving:
            server.seen.update((name, getattr(server.node, name)) for name in server.durable)
            server.begin_save()
        if save := server.disk.held_by():
            save.waiting += sends
            sends = []
        for to, message in [*waited, *sends]:
            self.transmit(server.name, to, message)

    def transmit(self, source: str, target: str, message: Any) -> int:
        for delay in self.links[source, target].delays(self.network):
            what = (source, target, message)
            heappush(self.queue, (self.now + delay, next(self.turns), self.arrive, what))
        return 0

    def arrive(self, source: str, target: str, message: Any) -> None:
        """A message is there."""
        self.delivered += 1
        if target in self.clients:
            self.clients[target].hear(0, source, message)
        else:
            handler = "on_request" if type(message) is ClientRequest else "on_message"
            self.step(self.servers[target], "deliver", None, handler, message)
