"""How long elections take: many clusters, each run no longer than until it has a leader.

Ongaro, D. and Ousterhout, J. (2014): In Search of an Understandable Consensus Algorithm (Extended
Version), section 9.3 and Figure 16.
"""

from __future__ import annotations

from ..simulation import Scenario
from ..simulation.world import World

SLICE = 250.0
"""After so many ms a run is looked at: each look costs about as much as 100 ms of the run."""


def first_leader(scenario: Scenario) -> tuple[float, int] | None:
    """When (ms) a run has its first leader, and of which term; None if it never has one."""
    world, seen, time = World(scenario), 0, 0.0
    while time < scenario.duration:
        time += SLICE
        trace = world.run(time)
        for count, event in enumerate(trace.events[seen:], start=seen + 1):
            if event.changes.get("role") == "leader":
                state = trace.state_after(count)[event.who or ""]
                return event.time / 1000, state["current_term"]
        seen = len(trace.events)
    return None
