"""Stores that promise less than consensus does, each in one small file."""

from __future__ import annotations

from .quorum import Quorum
from .single_leader import SingleLeader

__all__ = ["Quorum", "SingleLeader"]
