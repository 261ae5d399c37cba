"""Consensus Lab: watch consensus, write it, break it, check it.

The few names that chapters use stand here; everything else is one import away.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .consistency.linearizable import linearizable as linearizable
    from .consistency.sequential import sequential as sequential
    from .history import History as History
    from .history import Operation as Operation
    from .history import parse as parse
    from .protocols.paxos import MultiPaxos as MultiPaxos
    from .protocols.paxos import Paxos as Paxos
    from .protocols.raft import Raft as Raft
    from .simulation.faults import crash as crash
    from .simulation.faults import cut as cut
    from .simulation.faults import heal as heal
    from .simulation.faults import partition as partition
    from .simulation.faults import pause as pause
    from .simulation.faults import request as request
    from .simulation.faults import restart as restart
    from .simulation.faults import resume as resume
    from .simulation.remarks import ask as ask
    from .simulation.remarks import say as say
    from .simulation.scenario import Scenario as Scenario
    from .simulation.triggers import becomes as becomes
    from .testing.hunt import hunt as hunt
    from .views import view as view
    from .views.editor import edit as edit

_HOME = {
    "History": "history",
    "Operation": "history",
    "parse": "history",
    "linearizable": "consistency.linearizable",
    "sequential": "consistency.sequential",
    **dict.fromkeys(["Paxos", "MultiPaxos"], "protocols.paxos"),
    "Raft": "protocols.raft",
    "Scenario": "simulation.scenario",
    **dict.fromkeys(
        ["crash", "restart", "pause", "resume", "cut", "heal", "partition", "request"],
        "simulation.faults",
    ),
    "ask": "simulation.remarks",
    "say": "simulation.remarks",
    "becomes": "simulation.triggers",
    "hunt": "testing.hunt",
    "view": "views",
    "edit": "views.editor",
}

__version__ = "0.1.0"
__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    """Load a name when it is first used: `import consensus_lab` itself loads nothing (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
