"""A world in virtual time, in which protocols run, networks fail and disks are slow."""

from __future__ import annotations

from . import faults, orders
from .disk import DiskModel
from .network import Network
from .remarks import ask, say
from .scenario import Scenario
from .trace import Trace
from .workload import Workload

__all__ = [
    "DiskModel",
    "Network",
    "Scenario",
    "Trace",
    "Workload",
    "ask",
    "faults",
    "orders",
    "say",
]
