"""Replicated state machines: same start, same commands, same order, so the same state everywhere.

Schneider, F. B. (1990): Implementing fault-tolerant services using the state machine approach.
"""

from __future__ import annotations

from .digest import digest
from .interface import Start, StateMachine
from .machines import Bank, Counter, KeyValue, Lists, Locks
from .sessions import Session, Sessions, exactly_once

__all__ = [
    "Bank",
    "Counter",
    "KeyValue",
    "Lists",
    "Locks",
    "Session",
    "Sessions",
    "Start",
    "StateMachine",
    "digest",
    "exactly_once",
]
