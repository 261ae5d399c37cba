"""How long elections take: many clusters, each run no longer than until it has a leader.

Ongaro, D. and Ousterhout, J. (2014): In Search of an Understandable Consensus Algorithm (Extended
Version), section 9.3 and Figure 16.
"""

from __future__ import annotations

from ..simulation import Scenario
from ..simulation.world import World

SLICE = 100.0
"""After so many ms a run is looked at."""


def first_leader(scenario: Scenario) -> tuple[float, int] | None:
    """When (ms) a run has its first leader, and of which term; None if it never has one."""
    world, seen, time = World(scenario), 0, 0.0
    while time < scenario.duration:
        time += SLICE
        events = world.run(time).events
        for event in events[seen:]:
            if event.changes.get("role") == "leader":
                node = world.nodes[event.who or ""]
                return event.time / 1000, node.current_term  # type: ignore[attr-defined]
        seen = len(events)
    return None
