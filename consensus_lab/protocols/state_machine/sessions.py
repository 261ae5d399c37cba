"""Exactly once, for every machine: a retry is answered, and not carried out again.

Ongaro, D. (2014): Consensus: bridging theory and practice (his thesis), section 6.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import partial
from typing import Any

from ..node import ClientRequest, Operation
from ..record import record
from .interface import StateMachine


@record
class Session:
    """What is remembered of a client: the responses that it may still ask for, by sequence number.

    It has those below `first_unanswered`, and so they are forgotten here.
    """

    first_unanswered: int = 1
    responses: Mapping[int, Any] = field(default_factory=dict)


NO_SESSION = Session()


@record
class Wrapped:
    """A machine with something remembered of its clients; a subclass says what in `apply`."""

    machine: StateMachine
    sessions: Mapping[str, Any] = field(default_factory=dict)

    def only_looks(self, operation: Operation) -> bool:
        """What only looks may be done twice: it needs no session."""
        return self.machine.only_looks(operation)

    def look(self, operation: Operation) -> Any:
        """The result of an operation that only looks."""
        return self.machine.look(operation)

    @property
    def data(self) -> Any:
        """What the machine within holds."""
        return getattr(self.machine, "data", self.machine)


@record
class Sessions(Wrapped):
    """A machine that carries out each request once. The sessions are a part of the state.

    So they are replicated, are in snapshots, and come back after a crash, as the machine does. If
    the leader alone remembered, its successor would carry out the retry.
    """

    sessions: Mapping[str, Session] = field(default_factory=dict)

    def apply(self, request: ClientRequest) -> tuple[Sessions, Any]:
        """Carry out `request`, unless that was done. Returns the machine after it, the response."""
        session = self.sessions.get(request.client, NO_SESSION)
        if request.sequence in session.responses:
            return self, session.responses[request.sequence]
        if request.sequence < session.first_unanswered:
            return self, None  # a late copy: its client has had the response for long
        machine, response = self.machine.apply(request)
        first = max(session.first_unanswered, request.first_unanswered)
        responses = {n: r for n, r in session.responses.items() if n >= first}
        responses[request.sequence] = response
        sessions = {**self.sessions, request.client: Session(first, responses)}
        return type(self)(machine, sessions), response


def exactly_once(machine: StateMachine) -> partial[Sessions]:
    """A start for replicas: `machine`, with sessions and no client yet.

    class Tills(Raft):
        state_machine = exactly_once(Bank({"ann": 100, "bob": 50}))
    """
    return partial(Sessions, machine)
