"""OM(m): the oral message algorithm, which bears m traitors among 3m + 1 generals or more.

Lamport, Shostak and Pease (1982), section 3. The paper's recursion runs here as rounds: in the
first the commander speaks, and in each further one every lieutenant passes on what it heard in the
last. What a lieutenant heard is a tree, keyed by path; from its leaves up it takes majorities.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from ..node import Effects
from .general import RETREAT, General, Path


@dataclass(frozen=True, slots=True)
class OralMessage:
    """The last of `path` says: "along `path` I heard `value`"."""

    path: Path
    value: str


class OralMessages(General):
    """A general of OM(m). `heard` is its tree; `concluded` is what it makes of each vertex."""

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.heard: Mapping[Path, str] = {}
        self.concluded: Mapping[Path, str] = {}

    # -- speaking --------------------------------------------------------------------------------

    def speak(self, out: Effects) -> None:
        """The commander gives his order; then everybody passes on the words of the last round."""
        if self.role == "commander":
            if self.round == 1:
                self.tell(self.peers, (), self.options.order, out)
            return
        for path in self.paths(self.round - 1):
            self.tell(self.others(path), path, self.word(path), out)

    def tell(self, receivers: Iterable[str], path: Path, value: str, out: Effects) -> None:
        """Say to `receivers`: along `path` I heard `value`."""
        for receiver in receivers:
            out.send(receiver, OralMessage((*path, self.name), value))

    def paths(self, length: int) -> Iterable[Path]:
        """Along which so many others pass the order on to this lieutenant."""
        if length:
            for relays in permutations(self.others(), length - 1):
                yield (self.options.commander, *relays)

    def word(self, path: Path) -> str:
        """What came along `path`. Silence is passed on as an order, too: all hear of it alike."""
        return self.heard.get(path, RETREAT)

    def made_up(self, path: Path, value: str) -> OralMessage:
        """What a traitor says: an oral message can be anything."""
        return OralMessage(path, value)

    # -- listening -------------------------------------------------------------------------------

    def on_oral_message(self, message: OralMessage, out: Effects) -> None:
        """Remember the first word along each path, if it comes in time."""
        path, value = message.path, message.value
        if len(path) < self.round:
            self.reject(path, value, "it is late, and counts as silence", out)
        elif self.heard.get(path, value) != value:
            self.reject(path, value, f"{path[-1]} has said something else before", out)
        else:
            self.heard = {**self.heard, path: value}

    # -- deciding --------------------------------------------------------------------------------

    def decide(self) -> str:
        """What the commander is taken to have said."""
        return self.conclude((self.options.commander,))

    def conclude(self, path: Path) -> str:
        """What to believe of the word along `path`: of a leaf the word, else the majority."""
        value = majority(self.votes(path))
        self.concluded = {**self.concluded, path: value}
        return value

    def votes(self, path: Path) -> Sequence[str]:
        """What came along `path`, and what every other lieutenant is believed to have got there."""
        relays = self.others(path) if len(path) <= self.options.m else ()
        return [self.word(path), *(self.conclude((*path, relay)) for relay in relays)]


def majority(values: Sequence[str]) -> str:
    """The value that more than half of them are; if there is none, retreat."""
    value, count = Counter(values).most_common(1)[0]
    return value if 2 * count > len(values) else RETREAT
