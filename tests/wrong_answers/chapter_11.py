"""Typical mistakes in the tasks of chapter 11, and the words with which the checks reject them."""

ANSWER = """
if self.term_at(message.prev_log_index) != message.prev_log_term:
    out.send(message.leader, self.refusal(message))
    return
self.merge(message.prev_log_index, message.entries, out)
last_new = message.prev_log_index + len(message.entries)
self.commit(min(message.leader_commit, last_new), out)
out.send(message.leader, self.acceptance(message, last_new))
"""

MERGE = """
for offset, entry in enumerate(entries):
    if self.term_at(previous + offset + 1) != entry.term:
        self.replace_after(previous + offset, entries[offset:])
        out.save()
        return
"""

LEARN = """
if self.role != "leader" or message.term < self.current_term:
    return
follower = message.follower
matched = self.match_index[follower]
if message.success:
    matched = max(matched, message.match_index)
    self.match_index = {**self.match_index, follower: matched}
    self.next_index = {**self.next_index, follower: matched + 1}
    self.advance_commit_index(out)
else:
    retry = max(self.next_index[follower] - 1, matched + 1)
    self.next_index = {**self.next_index, follower: retry}
    self.send_append_entries(follower, out)
"""

COMMIT = """
highest_first = sorted(self.match_index.values(), reverse=True)
index = highest_first[len(self.servers) // 2]
if index > self.commit_index and self.term_at(index) == self.current_term:
    self.commit(index, out)
"""


def but(right: str, old: str, new: str) -> str:
    """The right answer with one thing changed."""
    assert old in right
    return right.replace(old, new)


WRONG_ANSWERS = {
    "11.1": {
        "commits without applying": (
            "S1 has committed up to 2, but applied up to 0: self.commit does both",
            but(
                ANSWER,
                "self.commit(min(message.leader_commit, last_new), out)",
                "self.commit_index = min(message.leader_commit, last_new)",
            ),
        ),
        "does not check": (
            "Log Matching is at risk: S2's entry goes to index 3, but S1 has nothing at index 2",
            but(
                ANSWER, "if self.term_at(message.prev_log_index) != message.prev_log_term:", "if 0:"
            ),
        ),
        "checks only that there is something": (
            "Log Matching is at risk: S1's entry at index 2 is of term 2",
            but(ANSWER, "!= message.prev_log_term", "< 0"),
        ),
        "always agrees to a heartbeat": (
            "State Machine Safety is at risk: a heartbeat asks, too",
            but(ANSWER, "if self.term_at", "if message.entries and self.term_at"),
        ),
        "says that all of its log matches": (
            "State Machine Safety is at risk: S2 has asked about index 1 only",
            but(
                ANSWER, "acceptance(message, last_new)", "acceptance(message, self.last_log_index)"
            ),
        ),
        "commits as far as the leader says": (
            "State Machine Safety is at risk: S2 has committed 3 entries of its own log",
            but(ANSWER, "min(message.leader_commit, last_new)", "message.leader_commit"),
        ),
        "commits up to the end of its own log": (
            "State Machine Safety is at risk: S2 has committed 3 entries of its own log",
            but(ANSWER, "message.leader_commit, last_new", "message.leader_commit, len(self.log)"),
        ),
        "does not commit": (
            "S1's commitIndex should be 2, but is 0",
            but(ANSWER, "self.commit(min(message.leader_commit, last_new), out)\n", ""),
        ),
        "does not answer": (
            "S1 should answer that it matches up to 3, but sends nothing",
            but(ANSWER, "out.send(message.leader, self.acceptance(message, last_new))", ""),
        ),
    },
    "11.2": {
        "cuts in every case": (
            "State Machine Safety is at risk: this is an old AppendEntries",
            "self.replace_after(previous, entries)\nout.save()",
        ),
        "cuts as soon as there are entries": (
            "State Machine Safety is at risk: this is an old AppendEntries",
            "if entries:\n    self.replace_after(previous, entries)\n    out.save()",
        ),
        "never cuts": (
            "Log Matching is at risk: from index 2 on S1 has a wrong tail",
            "self.log += entries[len(self.log) - previous :]\nout.save()",
        ),
        "appends what it has already": (
            "Log Matching is at risk: S1 has the first two of these entries already",
            "self.log += entries\nout.save()",
        ),
        "is off by one": (
            "S1's log should be",
            but(MERGE, "previous + offset + 1", "previous + offset"),
        ),
        "does not save": (
            "Leader Completeness is at risk: S1 answers that it has two more entries",
            but(MERGE, "        out.save()\n", ""),
        ),
    },
    "11.3": {
        "takes its own log's length for the match": (
            "State Machine Safety is at risk: S2 matches up to index 3",
            but(LEARN, "max(matched, message.match_index)", "self.last_log_index"),
        ),
        "believes the last answer": (
            "Liveness is at risk: the answers of S2 have overtaken each other",
            but(LEARN, "max(matched, message.match_index)", "message.match_index"),
        ),
        "does not step back": (
            "Liveness is at risk: the logs do not agree before index 5",
            but(LEARN, "self.next_index[follower] - 1", "self.next_index[follower]"),
        ),
        "steps back and waits": (
            "does not send AppendEntries from there",
            but(LEARN, "    self.send_append_entries(follower, out)\n", ""),
        ),
        "steps back behind what has matched": (
            "Liveness is at risk: this refusal is old",
            but(
                LEARN,
                "max(self.next_index[follower] - 1, matched + 1)",
                "self.next_index[follower] - 1",
            ),
        ),
        "heeds answers of an earlier term": (
            "State Machine Safety is at risk: S2 answered this in term 2",
            but(LEARN, " or message.term < self.current_term", ""),
        ),
        "heeds answers when it leads no more": (
            "on_append_entries_reply",
            but(LEARN, 'self.role != "leader" or ', ""),
        ),
        "does not look at the commit rule": (
            "Liveness is at risk: with S2's answer S1 knows that three of five hold index 4",
            but(LEARN, "    self.advance_commit_index(out)\n", ""),
        ),
    },
    "11.4": {
        "takes half for a majority": (
            "State Machine Safety is at risk: two of four is no majority",
            but(COMMIT, "len(self.servers) // 2", "(len(self.servers) - 1) // 2"),
        ),
        "takes what one server holds": (
            "State Machine Safety is at risk: two of five hold index 3",
            but(COMMIT, "len(self.servers) // 2", "0"),
        ),
        "does not count itself": (
            "Liveness is at risk: three of five hold index 3, S1 among them",
            but(COMMIT, "self.match_index.values()", "map(self.match_index.get, self.peers)"),
        ),
        "counts entries of older terms": (
            "Leader Completeness is at risk: three of five hold index 3, but it is of term 2",
            but(COMMIT, " and self.term_at(index) == self.current_term", ""),
        ),
        "looks at the term of its last entry": (
            "Leader Completeness is at risk: three of five hold index 2, but it is of term 2",
            but(COMMIT, "self.term_at(index)", "self.log[-1].term"),
        ),
        "does not apply": (
            "self.commit does both",
            but(COMMIT, "self.commit(index, out)", "self.commit_index = index"),
        ),
        "wants all servers": (
            "Liveness is at risk: three of five hold index 3, S1 among them",
            but(COMMIT, "[len(self.servers) // 2]", "[-1]"),
        ),
    },
}
