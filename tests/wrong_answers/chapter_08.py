"""Typical mistakes in the tasks of chapter 08, and the words with which the checks reject them."""

DECIDE = """
path = (self.options.commander,)
paths = [path, *((*path, other) for other in self.others())]
return majority([self.heard.get(each, RETREAT) for each in paths])
"""

SPEAK = """
if self.role == "commander":
    if self.round == 1:
        for peer in self.peers:
            out.send(peer, self.made_up((self.name,), self.options.order))
    return
for path in self.paths(self.round - 1):
    for other in self.others(path):
        word = self.heard.get(path, RETREAT)
        out.send(other, self.made_up((*path, self.name), word))
"""

CONCLUDE = """
word = self.heard.get(path, RETREAT)
if len(path) == self.options.m + 1:
    return word
believed = [self.conclude((*path, other)) for other in self.others(path)]
return majority([word, *believed])
"""

VERIFY = """
path = message.path
if len(path) < self.round:
    return "too few signatures"
if len(set(path)) < len(path):
    return "somebody signed it twice"
if path[0] != self.options.commander:
    return "not signed by the commander first"
for place, signer in enumerate(path):
    if not self.is_real(message, place):
        return "forged"
return None
"""


def but(right: str, old: str, new: str) -> str:
    """The right answer with one thing changed."""
    assert old in right
    return right.replace(old, new)


WRONG_ANSWERS = {
    "8.1": {
        "B3: the commander's own word is not counted": (
            "IC1 is broken",
            but(DECIDE, "[path, *(", "[*("),
        ),
        "B3: the commander's own word counts twice": (
            "IC1 is broken",
            but(DECIDE, "[path, *(", "[path, path, *("),
        ),
        "B4: a tie goes to what was heard first": (
            "IC1 is broken",
            but(
                DECIDE,
                "return majority([self.heard.get(each, RETREAT) for each in paths])",
                "votes = [self.heard.get(each, RETREAT) for each in paths]\n"
                "return max(votes, key=votes.count)",
            ),
        ),
        "B5: silence is left out": (
            "IC1 is broken",
            but(
                DECIDE,
                "[self.heard.get(each, RETREAT) for each in paths]",
                "[self.heard[each] for each in paths if each in self.heard] or [RETREAT]",
            ),
        ),
        "the commander is obeyed, whatever the others say": (
            "IC1 is broken",
            "return self.heard.get((self.options.commander,), RETREAT)",
        ),
        "it forgets to return": (
            "Termination is broken",
            but(DECIDE, "return majority", "majority"),
        ),
    },
    "8.2": {
        "B6: it passes on its majority": (
            "IC1 is broken",
            but(
                SPEAK,
                "word = self.heard.get(path, RETREAT)",
                "words = [self.heard.get(p, RETREAT) for p in self.paths(self.round - 1)]\n"
                "        word = majority(words)",
            ),
        ),
        "B7: the path holds only who brings it": (
            "is broken",
            but(SPEAK, "(*path, self.name)", "(self.options.commander, self.name)"),
        ),
        "only the first round is passed on": (
            "IC2 is broken",
            but(SPEAK, "for path in self.paths(self.round - 1):\n", "for path in self.paths(1):\n"),
        ),
        "the commander repeats itself": (
            "once is enough",
            but(SPEAK, "if self.round == 1:", "if True:"),
        ),
        "the order is never given": (
            "Nobody lied",
            but(SPEAK, "if self.round == 1:", "if False:"),
        ),
        "it tells those who have passed it on": (
            "nobody was to say this",
            but(SPEAK, "in self.others(path)", "in self.others()"),
        ),
    },
    "8.3": {
        "B2: the tree is a level too short": (
            "IC1 is broken",
            but(
                CONCLUDE,
                "len(path) == self.options.m + 1",
                "len(path) == max(self.options.m, 2)",
            ),
        ),
        "B3: its own word is not counted": (
            "IC1 is broken",
            but(CONCLUDE, "[word, *believed]", "believed"),
        ),
        "the majority of the first level alone": (
            "is broken",
            but(
                CONCLUDE,
                "[self.conclude((*path, other)) for",
                "[self.heard.get((*path, other), RETREAT) for",
            ),
        ),
        "all leaves in one heap": (
            "is broken",
            """
            leaves = [p for p in self.heard if len(p) == self.options.m + 1]
            return majority([self.heard[p] for p in leaves])
            """,
        ),
        "B4: a tie goes to attack": (
            "IC2 is broken",
            but(
                CONCLUDE,
                "return majority([word, *believed])",
                "return 'retreat' if [word, *believed].count('retreat') > 3 else 'attack'",
            ),
        ),
    },
    "8.4": {
        "B8: the number of signatures is not looked at": (
            "it was held back",
            but(VERIFY, "len(path) < self.round", "False"),
        ),
        "B8: the same signer twice": (
            "S1 signed twice",
            but(VERIFY, "len(set(path)) < len(path)", "False"),
        ),
        "it trusts signatures": (
            "S3 forged a signature of S1",
            but(VERIFY, "if not self.is_real(message, place)", "if False"),
        ),
        "only the last signature is looked at": (
            "S3 forged a signature of S1",
            but(VERIFY, "in enumerate(path):", "in [(len(path) - 1, path[-1])]:"),
        ),
        "only the first signature is looked at": (
            "in the middle of a chain",
            but(VERIFY, "in enumerate(path):", "in [(0, path[0])]:"),
        ),
        "anybody may command": (
            "Only S1 commands",
            but(VERIFY, "path[0] != self.options.commander", "False"),
        ),
        "it refuses those of its own round": (
            "every signature is real",
            but(VERIFY, "len(path) < self.round", "len(path) <= self.round"),
        ),
    },
}
