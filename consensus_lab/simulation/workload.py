"""What clients ask when nobody tells them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import ScenarioError
from ..protocols.node import Operation
from .checks import number, one_of, share, span, text, whole
from .plain import LATER

ATTACHMENTS = ("leader", "home", "any")
OBJECTS = ("register", "list", "counter", "set", "transactions", "register transactions")
ELEMENTS = 5
LONGEST_TRANSACTION = 4


@dataclass(frozen=True)
class Workload:
    """What each working client does. Times in ms.

    `think`: shortest and longest pause between an answer and the next request. `keys`: what it asks
    about. `reads`, `cas`: the shares of reads and of compare-and-sets; the rest are writes, each of
    a value never written before. `start`: when it begins. `retry`: after so long without an answer
    it asks another server. `patience`: after so long it gives up, and will never know what
    happened.

    `outstanding`: so many requests a client may have under way. Its answers may then overtake each
    other: to a history such a client is as many processes (A, A/2, …).

    `attach`: which server a client asks. With "leader" it follows advice; with "home" client A asks
    only S1, B only S2, and so on, also when it asks again; with "any" each request goes to a server
    drawn at random.

    `object`: what the keys name. "register"; "list" (append, read); "counter" (increment,
    decrement, read); "set" (add, remove, contains, read; the elements are 1 to 5, so that clients
    meet); "transactions" of 1 to 4 reads and appends; "register transactions" of reads and writes.
    `removals`: of the changes to a counter or a set, the share that decrements or removes.

    Raises ScenarioError for a value that makes no sense.
    """

    think: tuple[float, float] = (20, 60)
    keys: tuple[str, ...] = ("x", "y")
    reads: float = 0.5
    cas: float = 0.0
    start: float = 400
    retry: float = 150
    patience: float = 1000
    attach: str = field(default="leader", metadata=LATER)
    object: str = field(default="register", metadata=LATER)
    removals: float = field(default=0.25, metadata=LATER)
    outstanding: int = field(default=1, metadata=LATER)

    def __post_init__(self) -> None:
        span("workload.think", self.think)
        if not isinstance(self.keys, tuple) or not self.keys:
            raise ScenarioError(f"workload.keys is one name or more, not {self.keys!r}.")
        for key in self.keys:
            text("a key of workload.keys", key)
        share("workload.reads", self.reads)
        share("workload.cas", self.cas)
        share("workload.reads and workload.cas together", self.reads + self.cas)
        for name in ("start", "retry", "patience"):
            number(f"workload.{name}", getattr(self, name))
        one_of("workload.attach", self.attach, ATTACHMENTS)
        one_of("workload.object", self.object, OBJECTS)
        share("workload.removals", self.removals)
        whole("workload.outstanding", self.outstanding, 1)

    def invent(
        self, random: Callable[[], float], fresh: Callable[[], int], seen: Mapping[str, Any]
    ) -> Operation:
        """What to ask next. `fresh` gives a value never written; `seen` has the last reads."""
        if self.object.endswith("transactions"):
            length = 1 + int(random() * LONGEST_TRANSACTION)
            return ("txn", None, *(self.micro_operation(random, fresh) for _ in range(length)))
        key = self.keys[int(random() * len(self.keys))]
        draw = random()
        if self.object == "set" and draw < self.reads / 2:
            return ("contains", key, an_element(random))
        if draw < self.reads:
            return ("read", key)
        match self.object:
            case "list":
                return ("append", key, fresh())
            case "counter":
                return ("decrement" if random() < self.removals else "increment", key, 1)
            case "set":
                return ("remove" if random() < self.removals else "add", key, an_element(random))
        if draw < self.reads + self.cas:
            return ("cas", key, seen.get(key, 0), fresh())
        return ("write", key, fresh())

    def micro_operation(self, random: Callable[[], float], fresh: Callable[[], int]) -> Operation:
        """One part of a transaction."""
        key = self.keys[int(random() * len(self.keys))]
        if random() < self.reads:
            return ("read", key, None)
        return ("append" if self.object == "transactions" else "write", key, fresh())


def an_element(random: Callable[[], float]) -> int:
    """What is put into sets and taken out: few elements, so that clients meet."""
    return 1 + int(random() * ELEMENTS)
