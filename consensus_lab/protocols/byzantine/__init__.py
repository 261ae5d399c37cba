"""Servers that lie: the Byzantine generals, by oral and by signed messages."""

from __future__ import annotations

from .general import RETREAT, General, GeneralOptions, Path, Rejected
from .oral import OralMessage, OralMessages, majority
from .signed import Signature, SignedMessage, SignedMessages

__all__ = [
    "RETREAT",
    "General",
    "GeneralOptions",
    "OralMessage",
    "OralMessages",
    "Path",
    "Rejected",
    "Signature",
    "SignedMessage",
    "SignedMessages",
    "majority",
]
