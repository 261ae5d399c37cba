"""What must come before what among transactions: the edges of the precedence graph.

    ww   T2 wrote the version after one of T1's          (write dependency)
    wr   T2 read a version that T1 wrote                 (read dependency)
    rw   T1 read the version before one that T2 wrote    (anti-dependency)

Adya, A., Liskov, B. and O'Neil, P. (2000): Generalized isolation level definitions.

A list tells the order of its versions itself: a later one is longer. That is the idea of Elle
(Kingsbury and Alvaro 2020). Of a register only this much is known: it begins unwritten, and who
reads a value and then writes put its own after it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator
from itertools import combinations, pairwise

from ...graph import Edge
from ...history import History
from ..reasons.explain import at
from .transactions import UNWRITTEN, Key, Transactions, steps

Arcs = list[list[int]]
"""For each transaction the transactions that come after it."""

BEGINNING = -1
"""The writer of what a key holds before anybody writes it."""


class Dependencies:
    """The edges of `transactions`, by kind; transactions are numbers.

    doubts  (key, T1, T2): two that wrote this key, in an order that nobody saw
    """

    def __init__(self, transactions: Transactions) -> None:
        self.transactions = transactions
        self.operations = transactions.operations
        self.committed = transactions.committed
        self.count = len(self.operations)
        self.ww: Arcs = [[] for _ in range(self.count)]
        self.wr: Arcs = [[] for _ in range(self.count)]
        self.rw: Arcs = [[] for _ in range(self.count)]
        self.session: Arcs = [[] for _ in range(self.count)]
        self.unordered: dict[Hashable, list[int]] = {}
        self.readers: dict[tuple[Hashable, int], list[int]] = {}
        for key in transactions.keys.values():
            if key.is_list:
                self._list(key)
            else:
                self._register(key)
        last: dict[str, int] = {}
        for number, operation in enumerate(self.operations):
            if self.committed[number]:
                if operation.process in last:
                    self.session[last[operation.process]].append(number)
                last[operation.process] = number

    def _list(self, key: Key) -> None:
        """The longest read gives the order of the versions; what nobody saw comes after it."""
        versions, whole = self.transactions.versions(key), self.transactions.versions
        dirty = len(versions) < len(key.longest) or bool(key.strays)
        writers = [key.writer[element] for element in versions]
        known = set(versions)
        unseen = dict.fromkeys(
            t for t, element in key.writes if element not in known and self.committed[t]
        )
        for before, after in pairwise(writers):
            if before != after:
                self.ww[before].append(after)
        if len(unseen) > 1:
            self.unordered[key.name] = list(unseen)
        if writers:
            self.ww[writers[-1]] += [t for t in unseen if t != writers[-1]]
        for reader, value in key.reads:
            place = len(whole(key, value) if dirty else value)
            if place and writers[place - 1] != reader:
                self.wr[writers[place - 1]].append(reader)
            following = writers[place : place + 1] or unseen
            self.rw[reader] += [t for t in following if t != reader]

    def _register(self, key: Key) -> None:
        """Who read a value and wrote another comes after it; the beginning comes before all."""
        readers: dict[int, list[int]] = {}
        for reader, value in key.reads:
            writer = key.writer.get(value)
            if writer is not None and self.committed[writer]:
                if writer != reader:
                    self.wr[writer].append(reader)
                    readers.setdefault(writer, []).append(reader)
            elif writer is None and value in UNWRITTEN:
                readers.setdefault(BEGINNING, []).append(reader)
        writers = [t for t in key.final if self.committed[t]]
        follows = {
            writer: [t for t in dict.fromkeys(seen) if t in key.final]
            for writer, seen in readers.items()
        }
        later = {t for writer, after in follows.items() if writer != BEGINNING for t in after}
        follows[BEGINNING] = [t for t in writers if t not in later]
        for writer, after in follows.items():
            for reader in readers.get(writer, ()):
                self.rw[reader] += [t for t in after if t != reader]
        if any(len(after) > 1 for after in follows.values()):
            self.unordered[key.name] = writers
        for writer, seen in readers.items():
            self.readers[key.name, writer] = seen

    def doubts(self, lists: bool) -> Iterator[tuple[Hashable, int, int]]:
        """(key, T1, T2): two writers of a key whose order nobody saw; of lists only if asked."""
        for name, writers in self.unordered.items():
            if lists or not self.transactions.keys[name].is_list:
                for a, b in combinations(writers, 2):
                    yield name, a, b

    def real_time(self) -> tuple[Arcs, Arcs]:
        """Who ended before whom began, in O(n) arcs through a chain of moments.

        The moments are numbered from `count` up, one for each end, in order. Returned are the arcs
        that leave transactions, and those that leave moments. A moment stands for all that had
        ended by then: its transaction leads to it, it leads to the next moment, and to whoever
        began after it but before the next.
        """
        ended = sorted(
            (operation.end, number)
            for number, operation in enumerate(self.operations)
            if self.committed[number] and operation.end is not None
        )
        ends = [end for end, _ in ended]
        leaving: Arcs = [[] for _ in range(self.count)]
        moments: Arcs = [[self.count + index + 1] for index in range(len(ends))]
        if moments:
            moments[-1].clear()
        for index, (_, number) in enumerate(ended):
            leaving[number].append(self.count + index)
        for number, operation in enumerate(self.operations):
            place = bisect_left(ends, operation.start)
            if self.committed[number] and place:
                moments[place - 1].append(number)
        return leaving, moments


# ---- in words ----


class Reasons:
    """Says of an edge between two transactions why it is there."""

    def __init__(self, history: History, transactions: Transactions | None = None) -> None:
        """`history` holds the operations as they are to be shown, if not as they are judged."""
        self.history = history
        self.transactions = transactions or Transactions(history)
        self.times = Counter(operation.process for operation in history)
        self.inferred: dict[tuple[int, int, str], str] = {}

    def name(self, number: int) -> str:
        """A transaction: its process; and when it began, if that process has several."""
        operation = self.history[number]
        if self.times[operation.process] == 1:
            return operation.process
        return f"{operation.process}'s transaction {at(self.history, operation.start)}"

    def edge(self, source: int, target: int, relation: str) -> Edge:
        """The edge, with its reason."""
        reason = self.inferred.get((source, target, relation)) or self._reason(
            source, target, relation
        )
        return Edge(self.history[source], self.history[target], relation, reason)

    def _reason(self, source: int, target: int, relation: str) -> str:
        one, two = self.name(source), self.name(target)
        if relation == "session":
            return f"{self.history[source].process} asked for it first"
        if relation == "real time":
            end, start = self.history[source].end, self.history[target].start
            return (
                f"{one} had ended, {at(self.history, end)}, before {two} began, "
                f"{at(self.history, start)}"
            )
        tell = {"wr": self._wr, "ww": self._ww, "rw": self._rw}[relation]
        return tell(source, target) or f"{one} comes before {two}"

    def _wr(self, source: int, target: int) -> str:
        for kind, name, value in steps(self.transactions.operations[target]):
            key = self.transactions.keys[name]
            seen = value if key.is_list else (value,)
            for element in reversed(seen or ()) if kind == "read" else ():
                if key.writer.get(element) == source:
                    verb = "appended to" if key.is_list else "wrote to"
                    giver = f"{self.name(source)} {verb} {name}"
                    return f"{self.name(target)} read the {element!r} that {giver}"
        return ""

    def _ww(self, source: int, target: int) -> str:
        for kind, name, value in steps(self.transactions.operations[target]):
            key = self.transactions.keys[name]
            if kind == "append" and source in key.final:
                order = self.transactions.versions(key)
                place = order.index(value) if value in order else len(order)
                older = [e for e in order[:place] if key.writer[e] == source]
                if older:
                    return (
                        f"{self.name(target)} appended {value!r} to {name} after "
                        f"{self.name(source)} had appended {older[-1]!r}"
                    )
        return ""

    def _rw(self, source: int, target: int) -> str:
        for kind, name, value in steps(self.transactions.operations[source]):
            key = self.transactions.keys[name]
            if kind != "read" or target not in key.final:
                continue
            one, two = self.name(source), self.name(target)
            if not key.is_list:
                if value in UNWRITTEN or (target, value) in key.reads:
                    later = f"{two} wrote a later value, {key.final[target]!r}"
                    return f"{one} read {name} as {value!r}, and {later}"
                continue
            missing = [e for t, e in key.writes if t == target and e not in (value or ())]
            if missing:
                return f"{one} read {name} without the {missing[0]!r} that {two} appended"
        return ""
