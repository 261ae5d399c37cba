"""The bug zoo: mistakes made in SM(m), one small mistake a class. The numbers are its rows."""

from __future__ import annotations

from consensus_lab.protocols.byzantine import SignedMessages
from consensus_lab.simulation.generals import generals


class Lenient(SignedMessages):
    """It lets pass whatever is wrong in the way that `pardons` names."""

    pardons = ""

    def what_is_wrong_with(self, message):
        wrong = super().what_is_wrong_with(message) or ""
        return None if self.pardons in wrong else wrong or None


class TakesShortChains(Lenient):
    """B8. It does not count the signatures, so that an order may come when it is too late."""

    pardons = "it has"


class TakesTheSameSignerTwice(Lenient):
    """B8. It counts the signatures, but not the signers."""

    pardons = "twice"


class TrustsSignatures(Lenient):
    """B8. It does not look whether a signature is real."""

    pardons = "forged"


class RelaysOnlyTheFirst(SignedMessages):
    """B9. It passes on the first order alone."""

    def is_new(self, message):
        if self.orders and super().is_new(message):
            self.orders += (message.value,)
        return not self.orders


class KeepsOnlyTheFirst(SignedMessages):
    """B9. It takes the first order, and is deaf to any other."""

    def is_new(self, message):
        return not self.orders


def signed(*what):
    return generals(*what, protocol=SignedMessages)


KILLED_BY = {
    "B8, too late": (TakesShortChains, signed(3, 1, ["S1"], {"S1>S3@2": "retreat"}), "IC1"),
    "B8, twice": (
        TakesTheSameSignerTwice,
        signed(3, 1, ["S1"], {"S1>S1>S3": "retreat"}),
        "IC1",
    ),
    "B8, forged": (TrustsSignatures, signed(4, 1, ["S3"], {"S1>S3>S2": "retreat"}), "IC2"),
    "B9, relays": (
        RelaysOnlyTheFirst,
        signed(4, 2, ["S1", "S2"], {"S1>S2>S3": "retreat"}),
        "IC1",
    ),
    "B9, keeps": (KeepsOnlyTheFirst, signed(3, 1, ["S1"], {"S1>S3": "retreat"}), "IC1"),
}
