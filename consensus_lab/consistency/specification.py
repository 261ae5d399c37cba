"""What an object promises when nobody disturbs: the sequential specification.

A specification is an initial state and a pure step function. A learner writes one in a cell:

    class Counter(Specification):
        initial = 0
        observers = ("read",)

        def step(self, state, operation):
            if operation.kind == "increment":
                return state + 1
            return state if operation.result == state else REFUSED
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar, Final

from ..errors import ConsensusLabError, without_traceback
from ..history import History, Operation


class Special:
    """An answer of a specification that is not a state."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


REFUSED: Final = Special("REFUSED")
"""From this state the operation cannot have been answered as it was."""

ANY: Final = Special("ANY")
"""Which state depends on more than the operation."""

NOTHING: Final = Special("NOTHING")
"""No state: it needs none, or leaves the one that was there."""


class Specification:
    """A kind of object. Subclasses give at least `initial` and `step`.

    initial    the state in the beginning; states are values that can be hashed and compared
    kinds      the kinds of operation it knows; None: `step` decides
    observers  the kinds that never change the state
    takes      for each kind how many values it takes beside the key; () or missing: any number
    answers    for the kinds whose results have a form, what that is in words (see `can_answer`)
    """

    initial: Hashable = 0
    kinds: tuple[str, ...] | None = None
    observers: tuple[str, ...] = ()
    takes: ClassVar[Mapping[str, tuple[int, ...]]] = {}
    answers: ClassVar[Mapping[str, str]] = {}

    def step(self, state: Any, operation: Operation) -> Any:
        """The state after `operation`, or REFUSED if from `state` it cannot have had its result.

        An operation with outcome "unknown" has the result None: nobody knows what it was.
        """
        raise NotImplementedError(f"{type(self).__name__} has no step(state, operation) yet")

    def part(self, operation: Operation) -> Hashable:
        """Which part of the object it is about. Parts do not influence each other.

        Linearizability may be checked part by part (Herlihy and Wing 1990, section 3.3).
        """
        return None

    def check(self, operation: Operation) -> None:
        """Raise ConsensusLabError if this is no operation of such an object.

        Asked once for each form: kind, number of args, outcome, and type of the result.
        """
        kind = operation.kind
        if self.kinds is not None and kind not in self.kinds:
            raise ConsensusLabError(
                f"{operation.process} does {operation}, and {type(self).__name__} knows only "
                f"{', '.join(self.kinds)}: give the checker the specification of your object"
            )
        numbers = self.takes.get(kind, ())
        if numbers and len(operation.args) not in numbers:
            wanted = " or ".join(f"{n or 'no'} value{'s' * (n != 1)}" for n in numbers)
            raise ConsensusLabError(
                f"{operation.process} does {operation}: {kind} takes a key and {wanted}"
            )
        if kind in self.answers and operation.outcome == "ok" and not self.can_answer(operation):
            raise ConsensusLabError(
                f"{operation.process}'s {operation} returned {operation.result!r}: "
                f"{self.answers[kind]}"
            )

    def can_answer(self, operation: Operation) -> bool:
        """Whether its result is of the form that `answers` tells."""
        return True

    def narrowed(self, operations: Sequence[Operation]) -> Specification:
        """One that judges these operations as this one does, but in smaller parts if possible."""
        return self

    # Hints that make a checker fast, and its words clear. Without them all is still right.

    def needs(self, operation: Operation) -> Any:
        """The one state from which it can have gone as it did; NOTHING: from each; ANY: it
        depends."""
        return ANY

    def gives(self, operation: Operation) -> Any:
        """The one state that it leaves behind; NOTHING: it changes nothing; ANY: it depends."""
        return NOTHING if operation.kind in self.observers else ANY

    def owes(self, operation: Operation, other: Operation) -> bool:
        """Whether without `other` the answer of `operation` may become impossible.

        Asked where `needs` and `gives` say nothing, of `other` that change the state. What an
        operation owes its answer to is taken out of a counterexample only together with it.
        """
        return True

    def __repr__(self) -> str:
        return f"{type(self).__name__}(initial={self.initial!r})"


class Register(Specification):
    """One value that can be written, read, and compared-and-set. All operations are about it."""

    kinds = ("write", "read", "cas")
    takes: ClassVar = {"write": (1,), "read": (0,), "cas": (2,)}
    answers: ClassVar = {"cas": "cas returns True if it was applied, else False"}

    def __init__(self, initial: Hashable = 0) -> None:
        self.initial = initial

    def step(self, state: Any, operation: Operation) -> Any:
        if operation.kind == "write":
            return operation.args[0]
        if operation.kind == "read":
            return state if operation.result == state else REFUSED
        expected, new = operation.args
        applied = state == expected
        if operation.outcome == "ok" and operation.result != applied:
            return REFUSED
        return new if applied else state

    def can_answer(self, operation: Operation) -> bool:
        return isinstance(operation.result, bool)

    def needs(self, operation: Operation) -> Any:
        if operation.kind == "write":
            return NOTHING
        if operation.kind == "read":
            return operation.result
        return ANY if operation.result is False else operation.args[0]

    def gives(self, operation: Operation) -> Any:
        if operation.kind == "read" or (operation.kind == "cas" and operation.result is False):
            return NOTHING
        return operation.args[-1]


class KeyValue(Register):
    """A register for every key, each with the same initial value."""

    def part(self, operation: Operation) -> Hashable:
        return operation.key


def has_hints(specification: Specification, hint: str = "needs") -> bool:
    """Whether `hint` speaks of this `step`, and not of one that a subclass replaced."""
    for cls in type(specification).__mro__:
        if hint in vars(cls):
            return cls is not Specification
        if "step" in vars(cls):
            return False
    return False


def take_step(specification: Specification, state: Any, operation: Operation) -> Any:
    """A step, with a sentence for whoever wrote the specification if it goes wrong."""
    try:
        after = specification.step(state, operation)
        hash(after)
    except ConsensusLabError:
        raise
    except NotImplementedError as blank:
        raise without_traceback(blank) from None  # it says itself what is to be written
    except Exception as error:
        raise ConsensusLabError(
            f"{type(specification).__name__}.step({state!r}, {operation}) failed: "
            f"{type(error).__name__}: {error}. It returns the next state, a value that can be "
            "hashed, or REFUSED"
        ) from error
    if after is None and specification.initial is not None and None not in operation.args:
        raise ConsensusLabError(
            f"{type(specification).__name__}.step({state!r}, {operation}) returned None: "
            "is a return missing? It returns the next state, or REFUSED"
        )
    return after


def relevant(history: History, specification: Specification) -> list[Operation]:
    """The operations that can have had an effect or that saw one.

    A failed one had none; an observer without an answer saw nothing. Raises ConsensusLabError for
    one that is none of the specification's.
    """
    if not isinstance(history, History):
        raise ConsensusLabError(
            f"A checker judges a History, and this is a {type(history).__name__}: the history of a "
            "trace is trace.history(), that of a drawing is parse(text)"
        )
    if not isinstance(specification, Specification):
        raise ConsensusLabError(
            f"{specification!r} is no specification: give an object such as KeyValue() or "
            "Register(), with the parentheses"
        )
    operations = history.operations
    for operation in history.forms:
        specification.check(operation)
    if all(operation.outcome == "ok" for operation in history.forms):
        return list(operations)
    return [
        o
        for o in operations
        if o.outcome == "ok" or (o.outcome == "unknown" and specification.gives(o) is not NOTHING)
    ]


def reads_and_writes(history: History, model: str) -> list[Operation]:
    """The relevant operations for a `model` of registers that are only read and written.

    Raises ConsensusLabError for any other kind of operation.
    """
    operations = relevant(history, KeyValue())
    for operation in operations:
        if operation.kind == "cas":
            raise ConsensusLabError(
                f"{operation.process} does {operation}: {model} is about reads and writes only, "
                "and has no word on compare-and-set. Ask for linearizability, or leave these out: "
                "history.without(…)"
            )
    return operations
