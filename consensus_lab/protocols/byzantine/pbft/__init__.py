"""PBFT: a state machine replicated among servers of which some lie."""

from __future__ import annotations

from .messages import (
    Checkpoint,
    Commit,
    Fetch,
    NewView,
    Prepare,
    Prepared,
    PrePrepare,
    State,
    ViewChange,
)
from .replica import PBFTOptions
from .view_change import PBFT

__all__ = [
    "PBFT",
    "Checkpoint",
    "Commit",
    "Fetch",
    "NewView",
    "PBFTOptions",
    "PrePrepare",
    "Prepare",
    "Prepared",
    "State",
    "ViewChange",
]
