"""The bug zoo: mistakes made in OM(m), one small mistake a class. The numbers are its rows."""

from __future__ import annotations

from collections import Counter

from consensus_lab.protocols.byzantine import OralMessage, OralMessages, majority
from consensus_lab.simulation.generals import generals
from consensus_lab.testing.tasks.byzantine import SEVEN


class OneLevelShort(OralMessages):
    """B2. The recursion ends a level too early."""

    def votes(self, path):
        return super().votes(path) if len(path) < self.options.m else [self.word(path)]


class WithoutOwnWord(OralMessages):
    """B3. The commander's own word does not count, only what others say of it."""

    def votes(self, path):
        return super().votes(path)[1:] or [self.word(path)]


class CommandersWordTwice(OralMessages):
    """B3. The commander's own word counts twice."""

    def votes(self, path):
        return [self.word(path), *super().votes(path)]


class FirstOfATie(OralMessages):
    """B4. Of a tie the value that was heard first is taken, and each heard another first."""

    def conclude(self, path):
        value = Counter(self.votes(path)).most_common(1)[0][0]
        self.concluded = {**self.concluded, path: value}
        return value


class SkipsSilence(OralMessages):
    """B5. A word that did not come is no vote, instead of one for retreat."""

    def votes(self, path):
        votes = super().votes(path)
        return votes if path in self.heard else votes[1:] or votes


class RelaysItsMajority(OralMessages):
    """B6. It passes on what it believes the commander said, not what it was told."""

    believed = None

    def speak(self, out):
        told = [OralMessages.word(self, path) for path in self.paths(self.round - 1)]
        self.believed = majority(told or [self.options.order])
        super().speak(out)
        self.believed = None

    def word(self, path):
        return self.believed or super().word(path)


class KeyedBySender(OralMessages):
    """B7. Of each sender it remembers one word, whatever that was about."""

    def on_oral_message(self, message, out):
        self.heard = {**self.heard, message.path[-1:]: message.value}

    def word(self, path):
        return super().word(path[-1:])


class BelievesWhatIsWritten(OralMessages):
    """B10. A message says whose word it is, and whoever brings it: S3 can speak for S4."""

    def made_up(self, path, value):
        return OralMessage((*path[:-1], "S4"), value)


KILLED_BY = {
    "B2": (
        OneLevelShort,
        generals(
            7,
            2,
            ["S1", "S2"],
            {"S1>S6": "retreat", "S1>S7": "retreat", "S1>S2>S4": "retreat"},
        ),
        "IC1",
    ),
    "B3, without": (WithoutOwnWord, generals(4, 1, ["S4"], {"S1>S4>S2": "retreat"}), "IC1"),
    "B3, twice": (CommandersWordTwice, generals(4, 1, ["S1"], {"S1>S4": "retreat"}), "IC1"),
    "B4": (
        FirstOfATie,
        generals(5, 1, ["S1"], {"S1>S4": "retreat", "S1>S5": "retreat"}),
        "IC1",
    ),
    "B5": (SkipsSilence, generals(5, 1, ["S1"], {"S1>S4": "retreat", "S1>S5": None}), "IC1"),
    # One would expect IC2. But with a loyal commander all loyal majorities are right, so that
    # this mistake does no harm; a commander who lies parts them, and then the whole army.
    "B6": (
        RelaysItsMajority,
        generals(7, 2, *SEVEN[1]),
        "IC1",
    ),
    "B7": (
        KeyedBySender,
        generals(7, 2, *SEVEN[2]),
        "IC1",
    ),
    "B10": (BelievesWhatIsWritten, generals(4, 1, ["S3"], {"S1>S3>S2": "retreat"}), "IC2"),
}
