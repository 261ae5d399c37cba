"""Typical mistakes in the tasks of chapter 15, and the words with which the checks reject them."""

QUORUM = """
now = self.in_force
groups = [now.voters, now.old] if now.is_joint else [now.voters]
for group in groups:
    count = len([voter for voter in group if voter in servers])
    if not 2 * count > len(group):
        return False
return True
"""

COMMIT = """
now = self.in_force
groups = [now.voters, now.old] if now.is_joint else [now.voters]
return min(highest_on_majority([self.match_index[v] for v in group]) for group in groups)
"""

CHANGE = """
one_at_a_time = self.configuration_index <= self.commit_index
own_term = self.term_at(self.commit_index) == self.current_term
return one_at_a_time and own_term
"""

PRE_VOTE = """
granted = (
    message.term == self.current_term
    and self.leader is None
    and self.is_up_to_date(message.last_log_index, message.last_log_term)
)
out.send(message.candidate, PreVoteReply(self.current_term, self.name, granted))
"""


def but(right: str, old: str, new: str) -> str:
    """The right answer with one thing changed."""
    assert old in right
    return right.replace(old, new)


WRONG_ANSWERS = {
    "15.1": {
        "one majority of all together": (
            "Election Safety is broken",
            but(
                QUORUM,
                "[now.voters, now.old] if now.is_joint else [now.voters]",
                "[{*now.voters, *now.old}]",
            ),
        ),
        "looks at the new voters only": (
            "Election Safety is broken",
            but(QUORUM, "[now.voters, now.old] if now.is_joint else [now.voters]", "[now.voters]"),
        ),
        "one of the two majorities is enough": (
            "Election Safety is broken",
            "now = self.in_force\n"
            "groups = [now.voters, now.old]\n"
            "return any(2 * len(set(group) & set(servers)) > len(group) for group in groups)",
        ),
        "counts learners": (
            "S4 and S5 are learners",
            but(QUORUM, "len([voter for voter in group if voter in servers])", "len(servers)"),
        ),
        "half is enough": (
            "half is not enough",
            but(QUORUM, "2 * count > len(group)", "2 * count >= len(group)"),
        ),
        "nobody counts on both sides": (
            "S3 counts on both sides",
            "now = self.in_force\n"
            "new = {*now.voters} - {*now.old}\n"
            "groups = [(now.voters, new), (now.old, {*now.old})] if now.old else [(new, new)]\n"
            "counts = [(2 * len(mine & {*servers}), len(group)) for group, mine in groups]\n"
            "return all(twice > size for twice, size in counts)",
        ),
    },
    "15.2": {
        "all groups for one number": (
            "it should return a whole number",
            but(COMMIT, "return min(", "return list("),
        ),
        "the smaller set decides": (
            "Leader Completeness is at risk",
            but(COMMIT, "return min(", "return max("),
        ),
        "looks at the new voters only": (
            "two old ones only index 1",
            but(COMMIT, "[now.voters, now.old] if now.is_joint else [now.voters]", "[now.voters]"),
        ),
        "looks at the old voters only": (
            "two new ones only index 2",
            but(COMMIT, "[now.voters, now.old] if", "[now.old] if"),
        ),
        "counts learners": (
            "S4 and S5 are learners",
            "return highest_on_majority(self.match_index.values())",
        ),
        "half is enough": (
            "half is not enough",
            but(
                COMMIT,
                "highest_on_majority([self.match_index[v] for v in group])",
                "sorted(self.match_index[v] for v in group)[len(group) // 2]",
            ),
        ),
        "waits for all": (
            "Liveness is at risk",
            "return min(self.match_index[voter] for voter in self.in_force.voters)",
        ),
    },
    "15.3": {
        "always": ("Leader Completeness is broken", "return True"),
        "one at a time, and no more": (
            "Leader Completeness is broken",
            but(CHANGE, "one_at_a_time and own_term", "one_at_a_time"),
        ),
        "an entry of its own term, and no more": (
            "S1 adds S4 and S5, and hears nothing",
            but(CHANGE, "one_at_a_time and own_term", "own_term"),
        ),
        "looks at the last entry, not at the last committed": (
            "Leader Completeness is broken",
            but(CHANGE, "self.term_at(self.commit_index)", "self.term_at(self.last_log_index)"),
        ),
        "waits until all is committed": (
            "Liveness is at risk",
            "return self.configuration_index < self.commit_index == self.last_log_index",
        ),
    },
    "15.4": {
        "asks nobody for its leader": (
            "S1 hears from S3, which leads and is well",
            but(PRE_VOTE, "and self.leader is None", ""),
        ),
        "any log will do": (
            "S2's log is behind",
            but(
                PRE_VOTE,
                "and self.is_up_to_date(message.last_log_index, message.last_log_term)",
                "",
            ),
        ),
        "looks at its vote": (
            "S2 asks what it would do in term 4",
            but(PRE_VOTE, "and self.leader is None", "and self.voted_for is None"),
        ),
        "says nothing instead of no": (
            "S1 sends nothing",
            but(PRE_VOTE, "out.send(", "if granted:\n    out.send("),
        ),
        "votes": (
            "a pre-vote is no vote",
            PRE_VOTE + "if granted:\n    self.voted_for = message.candidate\n    out.save()\n",
        ),
        "goes on to the next term": (
            "a pre-vote is no vote",
            PRE_VOTE + "if granted:\n    self.current_term += 1\n    out.save()\n",
        ),
        "has patience with who asks": (
            "owes S2 no patience",
            PRE_VOTE + "if granted:\n    self.reset_election_timer(out)\n",
        ),
    },
}
