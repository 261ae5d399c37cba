"""What a log is for: the state machine that carries out its commands."""

from __future__ import annotations

from typing import Any, Protocol, Self

from ..node import ClientRequest, Operation


class StateMachine(Protocol):
    """What a log is for. A machine is a value: `apply` leaves it alone and gives its successor.

    The result must follow from the machine and the request alone: no clock, no random number, no
    order of a set. Else two replicas part, and nobody notices until somebody reads.
    """

    def apply(self, request: ClientRequest) -> tuple[Self, Any]:
        """Carry out `request`. Returns the machine after it, and the result for the client."""

    def only_looks(self, operation: Operation) -> bool:
        """It changes nothing, so that `look` can carry it out."""

    def look(self, operation: Operation) -> Any:
        """The result of an operation that only looks."""


class Start(Protocol):
    """Makes the machine with which every replica starts: a class, or `exactly_once(machine)`.

    To be called from the class, `type(self).state_machine()`: an instance would take a function
    for its method; and from Python 3.14 on, what `exactly_once` returns as well.
    """

    def __call__(self) -> StateMachine: ...
