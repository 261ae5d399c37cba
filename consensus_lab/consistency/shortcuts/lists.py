"""The chains of a list or a text: every read shows all its elements, and so all its versions.

An append that some read shows goes from the list before it to the list with it, as a
compare-and-set does; one that no read shows is as good as a write of a value that nobody sees.

Kingsbury, K. and Alvaro, P. (2020): Elle: inferring isolation anomalies from experimental
observations, section 3 (traceable objects).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any

from ...history import History, Operation
from ..reasons.explain import ago
from .chains import Chains, Flaw, Step, chained, who

BEGINNING = -1
"""Stands for the write that made the empty list in the beginning."""


class Lists(Chains):
    """The chains of a list, with words for two that cannot come one after the other."""

    def why(self, history: History) -> str:
        return super().why(history) or self._entangled(history)

    def _entangled(self, history: History) -> str:
        """Somebody saw the one chain before somebody saw the other, and the other way round."""
        first, last, _, _ = self.moments
        pairs = ((a, b) for _, _, a in self.forward for b in range(1, self.count) if a != b)
        one, other = next((a, b) for a, b in pairs if first[a] < last[b] and first[b] < last[a])
        earliest, latest = self._ends(one)
        first_of_other, last_of_other = self._ends(other)
        words = (
            f"{who(first_of_other)} was over {ago(history, first_of_other, latest)} before "
            f"{who(latest)} began, and yet that was answered as if it had not been done"
        )
        if one == 0:
            return f"{words}."
        began = "it" if last_of_other == first_of_other else who(last_of_other)
        return f"{words}, nor at any time before: {who(earliest)} was over before {began} began."

    def _ends(self, chain: int) -> tuple[Operation, Operation]:
        """The operation of a chain that was answered first, and the one that was asked last."""
        members = self.members(chain)
        first = min(members, key=self.returns.__getitem__)
        return self.operations[first], self.operations[max(members, key=self.calls.__getitem__)]


Content = tuple[Any, ...]
"""The elements that an operation shows or puts in, one after the other."""


def of_list(operations: Sequence[Operation]) -> Chains | None:
    """The chains of a list; None if an element was put in twice, or an empty list written."""
    contents: list[Content] = [
        o.args if o.kind == "append" else o.args[0] if o.kind == "write" else o.result
        for o in operations
    ]
    if not all(isinstance(content, tuple) for content in contents):
        return None
    return Versions(operations, contents).chains()


def of_text(operations: Sequence[Operation]) -> Chains | None:
    """The chains of a text; None if a piece was put in twice, or if one begins like another: then a
    text may fall into pieces in several ways."""
    pieces = [o.args[0] for o in operations if o.kind != "read"]
    if not all(isinstance(piece, str) for piece in pieces):
        return None
    pieces.sort()
    if any(after.startswith(piece) for piece, after in pairwise(pieces)) or "" in pieces:
        return None
    known, lengths = set(pieces), sorted(set(map(len, pieces)))
    contents: dict[str, Content] = {"": ()}
    before = ""
    for text in sorted({o.result for o in operations if o.kind == "read"}):
        before = before if text.startswith(before) else ""
        rest = text[len(before) :]
        contents[text] = (*contents[before], *_pieces(rest, known, lengths))
        before = text
    shown = [contents[o.result] if o.kind == "read" else o.args for o in operations]
    return Versions(operations, shown).chains()


def _pieces(text: str, known: set[str], lengths: Sequence[int]) -> list[str]:
    """The known pieces of a text; what cannot be one is left as it is, at the end."""
    found, place = [], 0
    while place < len(text):
        for length in lengths:
            piece = text[place : place + length]
            if piece in known:
                break
        else:
            piece = text[place:]
        found.append(piece)
        place += len(piece)
    return found


class Versions:
    """Who put in which element, and what that says of the versions.

    makers  for each element the index of the operation that put it in
    trunks  for each first element the index of the longest read that begins with it
    bases   for each first element the index of the write of which it is the first, or BEGINNING
    seen    for each operation whose version was read, by index: the versions before and after
    """

    def __init__(self, operations: Sequence[Operation], contents: Sequence[Content]) -> None:
        self.operations, self.contents = operations, contents
        self.makers: dict[Hashable, int] = {}
        self.trunks: dict[Hashable, int] = {}
        self.bases: dict[Hashable, int] = {}
        self.seen: dict[int, Step] = {}
        self.is_read = [operation.kind == "read" for operation in operations]

    def chains(self) -> Chains | None:
        """The chains, if no element was put in twice."""
        if not self._find_makers():
            return None
        flaw = self._find_versions()
        steps: list[Step] = []
        for index, operation in enumerate(self.operations):
            if self.is_read[index]:
                flaw = flaw or self._misread(index)
                content = self.contents[index]
                base = self.bases.get(content[0], BEGINNING) if content else BEGINNING
                steps.append(Step(operation, needs=(base, len(content))))
            elif index in self.seen:
                steps.append(self.seen[index])
            elif operation.end is not None:
                steps.append(Step(operation, gives=(index, 0)))
        if flaw:
            return Lists([], [], [], 1, flaw=self._with_makers(flaw))
        return chained(steps, (BEGINNING, 0), form=Lists)

    def _find_makers(self) -> bool:
        """Whether every element was put in once, and every write put something in."""
        for index, content in enumerate(self.contents):
            if not self.is_read[index]:
                known = len(self.makers)
                self.makers.update(dict.fromkeys(content, index))
                if not content or len(self.makers) < known + len(content):
                    return False
        return True

    def _find_versions(self) -> Flaw | None:
        """Follow the longest reads from their beginnings; or say why that cannot be."""
        reads = [index for index, read in enumerate(self.is_read) if read and self.contents[index]]
        for read in sorted(reads, key=lambda index: -len(self.contents[index])):
            self.trunks.setdefault(self.contents[read][0], read)
        from_beginning: int | None = None
        for first, longest in self.trunks.items():
            maker = self.makers.get(first, BEGINNING)
            is_write = maker != BEGINNING and self.operations[maker].kind == "write"
            self.bases[first] = maker if is_write else BEGINNING
            if not is_write and from_beginning is not None:
                return self._parted(longest, from_beginning)
            from_beginning = from_beginning if is_write else longest
            if flaw := self._follow(longest, self.bases[first]):
                return flaw
        return None

    def _follow(self, read: int, base: int) -> Flaw | None:
        """Take down who made the versions that this read shows."""
        content, start = self.contents[read], 0
        if base != BEGINNING:
            whole = self.contents[base]
            start = len(whole)
            if content[:start] != whole:
                return self._torn(read, base)
            self.seen[base] = Step(self.operations[base], gives=(base, start))
        for place in range(start, len(content)):
            maker = self.makers.get(content[place])
            if maker is None:
                return self._thin_air(read, content[place])
            if maker in self.seen or self.operations[maker].kind == "write":
                return self._misplaced(read, maker, content[place])
            versions = (base, place), (base, place + 1)
            self.seen[maker] = Step(self.operations[maker], *versions)
        return None

    def _misread(self, read: int) -> Flaw | None:
        """What is wrong with a read that is not the longest of its kind."""
        content = self.contents[read]
        if not content:
            return None
        base, trunk = self.bases[content[0]], self.trunks[content[0]]
        if base != BEGINNING and len(content) < len(self.contents[base]):
            return self._torn(read, base)
        if self.contents[trunk][: len(content)] != content:
            return self._parted(read, trunk)
        return None

    # ---- what is impossible at first sight ----

    def _flaw(self, anomaly: str, culprits: Sequence[int], words: str) -> Flaw:
        return Flaw(anomaly, [self.operations[index] for index in culprits], lambda history: words)

    def _with_makers(self, flaw: Flaw) -> Flaw:
        """All that its culprits show is guilty with them."""
        contents = dict(zip(self.operations, self.contents, strict=True))
        shown = [self.makers.get(e) for culprit in flaw.culprits for e in contents[culprit]]
        makers = (self.operations[index] for index in shown if index is not None)
        return flaw._replace(culprits=list(dict.fromkeys([*flaw.culprits, *makers])))

    def _who(self, index: int) -> str:
        return who(self.operations[index])

    def _thin_air(self, read: int, element: object) -> Flaw:
        words = f"{self._who(read)} shows {element!r}, which nobody put in."
        return self._flaw("thin-air read", [read], words)

    def _parted(self, read: int, other: int) -> Flaw:
        words = (
            f"{self._who(read)} and {self._who(other)} disagree on what came after what: neither "
            "is how the other begins."
        )
        return self._flaw("incompatible order", [read, other], words)

    def _torn(self, read: int, write: int) -> Flaw:
        words = f"{self._who(read)} shows only a part of what {self._who(write)} wrote as a whole."
        return self._flaw("torn read", [read, write], words)

    def _misplaced(self, read: int, maker: int, element: object) -> Flaw:
        words = f"{self._who(read)} shows {element!r}"
        others = [t for t in self.trunks.values() if t != read and element in self.contents[t]]
        if self.operations[maker].kind == "write":
            words += f" behind something else, but {self._who(maker)} wrote it as a whole."
            others = []
        elif self.contents[read].count(element) > 1:
            words += f" twice, but it was put in once, by {self._who(maker)}."
        else:
            words += f", and so does {self._who(others[0])}, in another list; it was put in once."
        return self._flaw("incompatible order", [read, *others], words)
