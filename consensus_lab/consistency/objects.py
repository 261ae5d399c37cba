"""What other objects than registers promise: lists, texts, counters, sets, queues, stacks, locks,
and consensus.

Each key names an object of its own, so that a history may speak of many.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, ClassVar

from ..errors import ConsensusLabError
from ..history import Operation
from .specification import ANY, NOTHING, REFUSED, KeyValue, Specification


class Keyed(Specification):
    """An object for every key."""

    def part(self, operation: Operation) -> Hashable:
        return operation.key


class List(Keyed):
    """A list that grows at its end, and can be written as a whole. Lists are told as tuples."""

    initial: Hashable = ()
    kinds = ("write", "append", "read")
    takes: ClassVar = {"write": (1,), "append": (1,), "read": (0,)}
    answers: ClassVar = {
        "read": "a read of a list returns a tuple, such as (1, 2); a text is judged by Text()"
    }
    observers = ("read",)

    def step(self, state: Any, operation: Operation) -> Any:
        if operation.kind == "write":
            return operation.args[0]
        if operation.kind == "append":
            return (*state, operation.args[0])
        return state if operation.result == state else REFUSED

    def can_answer(self, operation: Operation) -> bool:
        return operation.kind != "read" or isinstance(operation.result, tuple)

    def check(self, operation: Operation) -> None:
        super().check(operation)
        if operation.kind == "write" and not isinstance(operation.args[0], tuple):
            raise ConsensusLabError(
                f"{operation.process} does {operation}: a list is written as a whole, as a tuple "
                "such as (1, 2)"
            )

    def owes(self, operation: Operation, other: Operation) -> bool:
        if operation.kind != "read":
            return False
        elements = other.args if other.kind == "append" else other.args[0]
        return not elements or any(element in operation.result for element in elements)


class Text(List):
    """A text that grows at its end, and can be written as a whole."""

    initial = ""
    answers: ClassVar = {"read": "a read of a text returns a text"}

    def step(self, state: Any, operation: Operation) -> Any:
        if operation.kind == "write":
            return operation.args[0]
        if operation.kind == "append":
            return state + operation.args[0]
        return state if operation.result == state else REFUSED

    def can_answer(self, operation: Operation) -> bool:
        return operation.kind != "read" or isinstance(operation.result, str)

    def check(self, operation: Operation) -> None:
        Keyed.check(self, operation)
        if not all(isinstance(piece, str) for piece in operation.args):
            raise ConsensusLabError(
                f"{operation.process} does {operation}: only a text can be put into a text"
            )

    def owes(self, operation: Operation, other: Operation) -> bool:
        return operation.kind == "read" and other.args[0] in operation.result


class Counter(Keyed):
    """A number that is moved up and down by an amount: 1 unless told."""

    kinds = ("increment", "decrement", "read")
    takes: ClassVar = {"increment": (0, 1), "decrement": (0, 1), "read": (0,)}
    answers: ClassVar = {"read": "a read of a counter returns a number"}
    observers = ("read",)

    def __init__(self, initial: int = 0) -> None:
        self.initial = initial

    def step(self, state: Any, operation: Operation) -> Any:
        if operation.kind == "read":
            return state if operation.result == state else REFUSED
        amount = operation.args[0] if operation.args else 1
        return state + amount if operation.kind == "increment" else state - amount

    def can_answer(self, operation: Operation) -> bool:
        return operation.kind != "read" or isinstance(operation.result, int | float)

    def check(self, operation: Operation) -> None:
        super().check(operation)
        if not all(isinstance(amount, int | float) for amount in operation.args):
            raise ConsensusLabError(
                f"{operation.process} does {operation}: a counter is moved by a number"
            )

    def owes(self, operation: Operation, other: Operation) -> bool:
        return operation.kind == "read"


CHANGED = "{} returns True if it changed the set, False if not, or None if it does not tell"


class Set(Keyed):
    """A set. add and remove may tell whether they changed it; read returns all its elements."""

    initial: Hashable = frozenset()
    kinds = ("add", "remove", "contains", "read")
    takes: ClassVar = {"add": (1,), "remove": (1,), "contains": (1,), "read": (0,)}
    answers: ClassVar = {
        "add": CHANGED.format("add"),
        "remove": CHANGED.format("remove"),
        "contains": "contains returns True or False",
        "read": "a read of a set returns its elements, as a frozenset or a tuple",
    }
    observers = ("contains", "read")

    def step(self, state: Any, operation: Operation) -> Any:
        kind, told = operation.kind, operation.result
        if kind == "read":
            return state if frozenset(told) == state else REFUSED
        (element,) = operation.args
        present = element in state
        if kind == "contains":
            return state if told is present else REFUSED
        changed = present if kind == "remove" else not present
        if told is not None and told is not changed:
            return REFUSED
        return state - {element} if kind == "remove" else state | {element}

    def can_answer(self, operation: Operation) -> bool:
        told = operation.result
        if operation.kind == "read":
            return isinstance(told, frozenset | tuple)
        return isinstance(told, bool) or (told is None and operation.kind != "contains")

    def gives(self, operation: Operation) -> Any:
        unchanged = operation.kind in self.observers or operation.result is False
        return NOTHING if unchanged else ANY

    def owes(self, operation: Operation, other: Operation) -> bool:
        return operation.kind == "read" or operation.args == other.args

    def narrowed(self, operations: Sequence[Operation]) -> Specification:
        whole = any(operation.kind == "read" for operation in operations)
        return self if whole else Elements()


class Elements(Set):
    """A set whose elements are looked at one by one: for each of them, whether it is there."""

    initial = False

    def part(self, operation: Operation) -> Hashable:
        return operation.key, operation.args

    def step(self, state: Any, operation: Operation) -> Any:
        need = self.needs(operation)
        if need is not NOTHING and need is not state:
            return REFUSED
        return state if operation.kind == "contains" else operation.kind == "add"

    def needs(self, operation: Operation) -> Any:
        kind, told = operation.kind, operation.result
        if told is None:
            return NOTHING
        return told if kind == "contains" else told is (kind == "remove")

    def gives(self, operation: Operation) -> Any:
        if operation.kind == "contains" or operation.result is False:
            return NOTHING
        return operation.kind == "add"


class Queue(Keyed):
    """First in, first out. dequeue returns None if the queue is empty."""

    initial = ()
    kinds = ("enqueue", "dequeue")
    takes: ClassVar = {"enqueue": (1,), "dequeue": (0,)}
    puts = "enqueue"

    def step(self, state: Any, operation: Operation) -> Any:
        if operation.kind == self.puts:
            return (*state, operation.args[0])
        if operation.outcome == "unknown":
            return self.rest(state)
        if not state:
            return state if operation.result is None else REFUSED
        return self.rest(state) if operation.result == self.next(state) else REFUSED

    def next(self, state: tuple[Any, ...]) -> Any:
        """Which value leaves next."""
        return state[0]

    def rest(self, state: tuple[Any, ...]) -> Any:
        """What is left without it."""
        return state[1:]

    def check(self, operation: Operation) -> None:
        super().check(operation)
        if operation.args == (None,):
            raise ConsensusLabError(
                f"{operation.process} does {operation}: None says that there was nothing to take, "
                "so put in something else"
            )

    def gives(self, operation: Operation) -> Any:
        found_nothing = operation.outcome == "ok" and operation.result is None
        return NOTHING if found_nothing and operation.kind != self.puts else ANY

    def owes(self, operation: Operation, other: Operation) -> bool:
        # Without its enqueue a value cannot be dequeued; without its dequeue it is in the way.
        lost = other.outcome == "unknown" and other.kind != self.puts
        value = self.value(other)
        return lost or (value is not None and value == self.value(operation))

    def value(self, operation: Operation) -> Any:
        """The value put in or taken out; None if there was none, or if it is not known."""
        return operation.args[0] if operation.kind == self.puts else operation.result


class Stack(Queue):
    """Last in, first out. pop returns None if the stack is empty."""

    kinds = ("push", "pop")
    takes: ClassVar = {"push": (1,), "pop": (0,)}
    puts = "push"

    def next(self, state: tuple[Any, ...]) -> Any:
        return state[-1]

    def rest(self, state: tuple[Any, ...]) -> Any:
        return state[:-1]


class Lock(Keyed):
    """Held by one process at a time. acquire returns False if somebody holds it already.

    The state is who holds it. Only the holder can release it.
    """

    initial = None
    kinds = ("acquire", "release")
    takes: ClassVar = {"acquire": (0,), "release": (0,)}
    answers: ClassVar = {
        "acquire": "acquire returns True (or None), or False if somebody holds the lock",
        "release": "release returns nothing",
    }

    def step(self, state: Any, operation: Operation) -> Any:
        if operation.kind == "release":
            return None if state == operation.process else REFUSED
        if operation.result is False:
            return REFUSED if state is None else state
        return operation.process if state is None else REFUSED

    def can_answer(self, operation: Operation) -> bool:
        if operation.kind == "release":
            return operation.result is None
        return operation.result is None or isinstance(operation.result, bool)

    def gives(self, operation: Operation) -> Any:
        return NOTHING if operation.result is False else ANY


class Consensus(Keyed):
    """One value is decided, for ever: propose returns the first value that was proposed."""

    initial: Hashable = NOTHING
    kinds = ("propose",)
    takes: ClassVar = {"propose": (1,)}

    def step(self, state: Any, operation: Operation) -> Any:
        decided = operation.args[0] if state is NOTHING else state
        told = operation.outcome == "ok"
        return REFUSED if told and operation.result != decided else decided


OBJECTS: dict[str, type[Specification]] = {
    "register": KeyValue,
    "list": List,
    "text": Text,
    "counter": Counter,
    "set": Set,
    "queue": Queue,
    "stack": Stack,
    "lock": Lock,
}
"""The specifications by the names of their objects."""
