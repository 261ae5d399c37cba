"""Typical mistakes in the tasks of chapter 12, and the words with which the checks reject them."""

FATE = """
wanted = trace.operations[0].operation

def holds(log: Any) -> bool:
    return any(entry.command and entry.command.operation == wanted for entry in log)

found = "lost"
for state in trace.state_at(trace.duration / 1000).values():
    down = state["status"] == "down"
    if not down and holds(state["log"][: state["commit_index"]]):
        return "kept"
    if holds(state["disk.log"] if down else state["log"]):
        found = "open"
return found
"""

NEWER = """
my_last_term = self.term_at(self.last_log_index)
if last_log_term != my_last_term:
    return last_log_term > my_last_term
return last_log_index >= self.last_log_index
"""

COUNT = """
if self.role == "leader":
    reached = self.last_index_in(saved)
    self.match_index = {**self.match_index, self.name: reached}
    self.advance_commit_index(out)
"""


def but(right: str, old: str, new: str) -> str:
    """The right answer with one thing changed."""
    assert old in right
    return right.replace(old, new)


WRONG_ANSWERS = {
    "12.1": {
        "takes a log for a promise": (
            "the command is 'open', for it is in a log",
            but(FATE, '[: state["commit_index"]]', ""),
        ),
        "asks the client": (
            "Durability is misjudged: at the end of this run the command is 'open'",
            'return "kept" if trace.operations[0].outcome == "ok" else "lost"',
        ),
        "believes the memory of a server that is down": (
            "Durability is misjudged",
            but(FATE, 'down = state["status"] == "down"', "down = False"),
        ),
        "forgets the disks of those that are down": (
            "But fate says 'lost'",
            but(
                FATE,
                'if holds(state["disk.log"] if down else state["log"])',
                'if not down and holds(state["log"])',
            ),
        ),
        "is off by one": (
            "the command is 'kept', for a server that is up knows it",
            but(FATE, '[: state["commit_index"]]', '[: state["commit_index"] - 1]'),
        ),
        "stumbles over a no-op": (
            "fate fails with AttributeError",
            but(FATE, "entry.command and ", ""),
        ),
    },
    "12.2": {
        "returns nothing": (
            "is_up_to_date returns None; it should return True or False. Is a `return` missing?",
            "(last_log_term, last_log_index) >= (self.term_at(1), self.last_log_index)",
        ),
        "looks only at the length": (
            "its last entry is of a later term, and that counts first",
            "return last_log_index >= self.last_log_index",
        ),
        "looks only at the term": (
            "Leader Completeness is at risk: both logs end with term 2, and S1's is longer",
            "return last_log_term >= self.term_at(self.last_log_index)",
        ),
        "wants both": (
            "Liveness is at risk: S2's log is shorter, but its last entry is of a later term",
            "mine = self.term_at(self.last_log_index)\n"
            "return last_log_term >= mine and last_log_index >= self.last_log_index",
        ),
        "wants a newer log": (
            "Liveness is at risk: S1 has not voted in term 3, and S2's log ends exactly as its own",
            but(NEWER, "last_log_index >= self", "last_log_index > self"),
        ),
        "has the two sides exchanged": (
            "Liveness is at risk: S2's log is shorter, but its last entry is of a later term",
            but(NEWER, "last_log_term > my_last_term", "last_log_term < my_last_term").replace(
                "last_log_index >= self", "last_log_index <= self"
            ),
        ),
        "agrees to everything": (
            "Leader Completeness is at risk: the last entry of S1's log is of a later term",
            "return True",
        ),
    },
    "12.3": {
        "counts what is in its memory": (
            "S1 counted itself for what was in its memory only",
            but(COUNT, "self.last_index_in(saved)", "self.last_log_index"),
        ),
        "does not count itself": (
            "Liveness is at risk: S1's disk has index 2 now",
            "return",
        ),
        "does not look at the commit rule": (
            "Liveness is at risk: S1's disk has index 2 now",
            but(COUNT, "    self.advance_commit_index(out)\n", ""),
        ),
        "forgets the others": (
            "OwnDisk.on_append_entries_reply fails with KeyError: 'S3'",
            but(COUNT, "{**self.match_index, self.name: reached}", "{self.name: reached}"),
        ),
        "counts although it does not lead": (
            "is broken",
            but(COUNT, 'if self.role == "leader":', "if True:"),
        ),
    },
}
