"""What clients ask when nobody tells them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ScenarioError
from ..protocols.node import Operation
from .checks import number, share, span, text


@dataclass(frozen=True)
class Workload:
    """What each working client does. Times in ms.

    `think`: shortest and longest pause between an answer and the next request. `keys`: what it asks
    about. `reads`, `cas`: the shares of reads and of compare-and-sets; the rest are writes, each of
    a value never written before. `start`: when it begins. `retry`: after so long without an answer
    it asks another server. `patience`: after so long it gives up, and will never know what
    happened. Raises ScenarioError for a value that makes no sense.
    """

    think: tuple[float, float] = (20, 60)
    keys: tuple[str, ...] = ("x", "y")
    reads: float = 0.5
    cas: float = 0.0
    start: float = 400
    retry: float = 150
    patience: float = 1000

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

    def invent(
        self, random: Callable[[], float], fresh: Callable[[], int], seen: Mapping[str, Any]
    ) -> Operation:
        """What to ask next. `fresh` gives a value never written; `seen` has the last reads."""
        key = self.keys[int(random() * len(self.keys))]
        draw = random()
        if draw < self.reads:
            return ("read", key)
        if draw < self.reads + self.cas:
            return ("cas", key, seen.get(key, 0), fresh())
        return ("write", key, fresh())
