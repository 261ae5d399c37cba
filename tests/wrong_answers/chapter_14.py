"""Typical mistakes in the tasks of chapter 14, and the words with which the checks reject them."""

INDEX = "return max(self.commit_index, self.no_op_index)"
CONFIRMED = """
newer = {follower for follower, number in self.answered.items() if number > after}
return self.is_quorum({self.name, *newer})
"""

LENGTH = "return self.options.election_timeout[0] / self.options.clock_drift"
RENEW = """
answered = [round for round in self.began if self.is_confirmed(round)]
if answered:
    self.lease_until = self.began[max(answered)] + self.lease_length()
"""

ASK = "out.send(leader, ReadIndex(self.current_term, self.name, request))"
READY = """
led = read.after is None or self.is_confirmed(read.after)
return led and (read.follower is not None or self.last_applied >= read.index)
"""


def but(right: str, old: str, new: str) -> str:
    """The right answer with one thing changed."""
    assert old in right
    return right.replace(old, new)


WRONG_ANSWERS = {
    "14.1": {
        "looks as far as it knows to be committed": (
            "does not know yet that S1 had committed it",
            "return self.commit_index",
            CONFIRMED,
        ),
        "looks only as far as its no-op": (
            "S3 was told to look less far",
            "return self.no_op_index",
            CONFIRMED,
        ),
        "believes that it leads": ("S1 was deposed long ago", INDEX, "return True"),
        "counts whoever has ever answered": (
            "S1 was deposed long ago",
            INDEX,
            but(CONFIRMED, " if number > after", ""),
        ),
        "counts the answer to the last heartbeat before the read": (
            "that S1 had sent before it was asked",
            INDEX,
            but(CONFIRMED, "number > after", "number >= after"),
        ),
        "does not count itself": (
            "S1 counts, too",
            INDEX,
            but(CONFIRMED, "{self.name, *newer}", "newer"),
        ),
        "returns nothing": ("is_confirmed returns None", INDEX, but(CONFIRMED, "return ", "")),
    },
    "14.2": {
        "trusts the clocks": (
            "The clock of S1 runs at 0.8",
            but(LENGTH, " / self.options.clock_drift", ""),
            RENEW,
        ),
        "multiplies by the drift": ("The clock of S1 runs at 0.8", but(LENGTH, "/", "*"), RENEW),
        "takes the longest timeout": (
            "after the shortest election timeout",
            but(LENGTH, "[0]", "[1]"),
            RENEW,
        ),
        "counts from when the answer came": (
            "not when S1 got their answers",
            LENGTH,
            but(RENEW, "self.began[max(answered)]", "out.clock()"),
        ),
        "counts rounds that nobody has answered": (
            "Nobody has answered the heartbeats",
            LENGTH,
            but(RENEW, " if self.is_confirmed(round)", ""),
        ),
        "has no lease at all": ("S1 had to ask the others", LENGTH, "pass"),
    },
    "14.3": {
        "answers what it has": (
            "S3 did not know it",
            "out.reply(request, self.machine.look(request.operation))",
            READY,
        ),
        "asks nobody": ("is never answered", "pass", READY),
        "does not wait": (
            "had not come so far",
            ASK,
            but(READY, " and (read.follower is not None or self.last_applied >= read.index)", ""),
        ),
        "waits for one entry more": (
            "is never answered",
            ASK,
            but(READY, "self.last_applied >= read.index", "self.last_applied > read.index"),
        ),
        "does not ask whether it still leads": (
            "S1 was deposed long ago",
            ASK,
            but(READY, "led = read.after is None or self.is_confirmed(read.after)", "led = True"),
        ),
    },
}
