"""Typical mistakes in the tasks of chapter 09, and the words with which the checks reject them.

Rows of the bug zoo (P1 to P13) are named where a mistake is one.
"""

PROMISE = """
if message.ballot < self.promised:
    self.refuse(message, out)
    return
self.promised = message.ballot
out.save()
self.tell(message.proposer, Promise(message.ballot, self.name, self.accepted), out)
"""

ACCEPT = """
if message.ballot < self.promised:
    self.refuse(message, out)
    return
self.promised = message.ballot
self.accepted = Proposal(message.ballot, message.value)
out.save()
for learner in self.peers:
    out.send(learner, Accepted(message.ballot, self.name, message.value))
"""

CHOOSE = """
reported = [proposal for proposal in self.promises.values() if proposal is not None]
if not reported:
    return self.requests[0].operation[2]
return max(reported, key=lambda proposal: proposal.ballot).value
"""

REACH = """
return max(promise.first - 1 + len(promise.accepted) for promise in self.promises.values())
"""

FILL = """
reported = []
for promise in self.promises.values():
    place = slot - promise.first
    if 0 <= place < len(promise.accepted) and promise.accepted[place] is not None:
        reported.append(promise.accepted[place])
if not reported:
    return None
return max(reported, key=lambda proposal: proposal.ballot).value
"""


def but(right: str, old: str, new: str) -> str:
    """The right answer with one thing changed."""
    assert old in right
    return right.replace(old, new)


def without(right: str, line: str) -> str:
    """The right answer with one line left out."""
    kept = [each for each in right.splitlines() if each.strip() != line]
    assert len(kept) < len(right.splitlines())
    return "\n".join(kept)


TWO = "Agreement is broken: both 4 and 7 are chosen"

WRONG_ANSWERS = {
    "9.1": {
        "remembers the value without its ballot": (
            "on_accept leaves 4 in self.accepted; it should be a Proposal(ballot, value).",
            PROMISE,
            but(ACCEPT, "Proposal(message.ballot, message.value)", "message.value"),
        ),
        "does not save its promise (P1)": (
            "S2 crashed after its promises",
            without(PROMISE, "out.save()") + "\nif message.proposer == self.name:\n    out.save()",
            ACCEPT,
        ),
        "never saves a promise": (
            "Durability is at risk: at 81 ms S2 has promised",
            without(PROMISE, "out.save()"),
            ACCEPT,
        ),
        "accepts without looking at its promise (P2)": (
            TWO,
            PROMISE,
            but(ACCEPT, "message.ballot < self.promised", "False"),
        ),
        "accepts without promising (P7)": (
            "to accept is to promise, too",
            PROMISE,
            without(ACCEPT, "self.promised = message.ballot"),
        ),
        "accepts only what it was asked to promise (P10)": (
            "Liveness is at risk: S3 never got the prepare",
            PROMISE,
            but(ACCEPT, "message.ballot < self.promised", "message.ballot != self.promised"),
        ),
        "refuses the ballot that it has promised": (
            "Liveness is at risk: Nobody disturbs S1",
            PROMISE,
            but(ACCEPT, "message.ballot < self.promised", "message.ballot <= self.promised"),
        ),
        "promises what is older than its promise": (
            "is broken",
            but(PROMISE, "message.ballot < self.promised", "False"),
            ACCEPT,
        ),
        "does not tell what it has accepted": (
            "did it tell what it had accepted?",
            but(PROMISE, "self.accepted), out", "None), out"),
            ACCEPT,
        ),
        "does not save what it accepts": (
            "Durability is at risk: at 95 ms S2 says that it has accepted 4",
            PROMISE,
            without(ACCEPT, "out.save()"),
        ),
        "saves only what its own proposer asks for": (
            "a crash would make it forget",
            PROMISE,
            but(ACCEPT, "out.save()", "if message.proposer == self.name:\n    out.save()"),
        ),
        "tells only the proposer": (
            "Liveness is at risk",
            PROMISE,
            but(ACCEPT, "for learner in self.peers:", "for learner in self.peers[:0]:"),
        ),
    },
    "9.2": {
        "proposes its own value (P4)": (
            "P2c is broken",
            "return self.requests[0].operation[2]",
        ),
        "takes the first promise (P3)": (
            "what counts is the larger ballot",
            but(CHOOSE, "max(reported, key=lambda proposal: proposal.ballot)", "reported[0]"),
        ),
        "takes the last promise (P3)": (
            "S4 was told of 7 under 2.S1",
            but(CHOOSE, "max(reported, key=lambda proposal: proposal.ballot)", "reported[-1]"),
        ),
        "takes the largest value": (
            "what counts is the larger ballot",
            but(CHOOSE, "proposal.ballot)", "proposal.value)"),
        ),
        "takes the smallest ballot": (
            "what counts is the larger ballot",
            but(CHOOSE, "max(", "min("),
        ),
        "takes what most report": (
            "what counts is the larger ballot",
            """
reported = [proposal for proposal in self.promises.values() if proposal is not None]
if not reported:
    return self.requests[0].operation[2]
newest = max(reported, key=lambda proposal: proposal.ballot)
values = [proposal.value for proposal in reported]
return max(values, key=lambda value: (values.count(value), value == newest.value))
""",
        ),
        "proposes nothing if nobody reports anything": (
            "Validity is broken",
            but(CHOOSE, "return self.requests[0].operation[2]", "return None"),
        ),
        "returns the proposal, not its value": (
            "Validity is broken",
            but(CHOOSE, ".ballot).value", ".ballot)"),
        ),
    },
    "9.3": {
        "forgets to return how far logs reach": (
            "last_reported returns None; it should return a whole number. Is a `return` missing?",
            REACH.replace("return ", ""),
            FILL,
        ),
        "fills everything with no-ops": (
            "P2c is broken",
            REACH,
            "return None",
        ),
        "takes the first promise (P3)": (
            "S3 another one under a larger ballot",
            REACH,
            but(FILL, "max(reported, key=lambda proposal: proposal.ballot)", "reported[0]"),
        ),
        "looks only at its own log": (
            "P2c is broken",
            "return len(self.log)",
            FILL,
        ),
        "believes the shortest report": (
            "P2c is broken",
            but(REACH, "max(", "min("),
            FILL,
        ),
        "is one slot short": (
            "P2c is broken",
            but(REACH, "promise.first - 1", "promise.first - 2"),
            FILL,
        ),
        "leaves holes as they are (P13)": (
            "Liveness is at risk: slot 2 holds y = 7",
            """
ends = [promise.first - 1 + len(promise.accepted) for promise in self.promises.values()]
first = min(promise.first for promise in self.promises.values())
for slot in range(first, max(ends) + 1):
    if all(
        slot - promise.first >= len(promise.accepted)
        or promise.accepted[slot - promise.first] is None
        for promise in self.promises.values()
    ):
        return slot - 1
return max(ends)
""",
            FILL,
        ),
        "is off by one": (
            "is broken",
            REACH,
            but(FILL, "slot - promise.first", "slot - promise.first - 1"),
        ),
    },
}
