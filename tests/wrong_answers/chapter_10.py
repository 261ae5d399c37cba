"""Typical mistakes in the tasks of chapter 10, and the words with which the checks reject them."""

GRANT = """
granted = (
    message.term == self.current_term
    and self.voted_for in (None, message.candidate)
    and self.is_up_to_date(message.last_log_index, message.last_log_term)
)
if granted:
    self.voted_for = message.candidate
    out.save()
    self.reset_election_timer(out)
out.send(message.candidate, RequestVoteReply(self.current_term, self.name, granted))
"""

STAND = """
self.role = "candidate"
self.current_term += 1
self.voted_for = self.name
self.votes = frozenset({self.name})
out.save()
self.reset_election_timer(out)
last = self.last_log_index
for peer in self.peers:
    out.send(peer, RequestVote(self.current_term, self.name, last, self.term_at(last)))
"""

COUNT = """
stands = self.role == "candidate" and message.term == self.current_term
if stands and message.granted:
    self.votes |= {message.voter}
    if 2 * len(self.votes) > len(self.servers):
        self.become_leader(out)
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


WRONG_ANSWERS = {
    "10.1": {
        "mixes up the fields of the answer": (
            "So the answer is RequestVoteReply(term=3, voter='S1', granted=True), but S1 sends",
            but(GRANT, "self.current_term, self.name, granted)", "self.name, granted, 3)"),
        ),
        "does not ask whether it has voted": (
            "Election Safety is broken",
            without(GRANT, "and self.voted_for in (None, message.candidate)"),
        ),
        "forgets to write down its vote": (
            "Election Safety is broken",
            without(GRANT, "self.voted_for = message.candidate"),
        ),
        "does not save its vote": (
            "S1 crashed after its first vote, and did not remember it",
            without(GRANT, "out.save()"),
        ),
        "does not look at the log": (
            "Leader Completeness is broken",
            without(GRANT, "and self.is_up_to_date(message.last_log_index, message.last_log_term)"),
        ),
        "looks only at the length of the log": (
            "its last entry is of a later term, and that counts first",
            but(
                GRANT,
                "self.is_up_to_date(message.last_log_index, message.last_log_term)",
                "message.last_log_index >= self.last_log_index",
            ),
        ),
        "votes in a term that is over": (
            "for S1 that term is over",
            but(GRANT, "message.term == self.current_term", "True"),
        ),
        "refuses a candidate that asks again": (
            "S2 asks again because the answer was lost",
            but(GRANT, "self.voted_for in (None, message.candidate)", "self.voted_for is None"),
        ),
        "does not wait anew": (
            "Liveness is at risk: S1 grants its vote, but does not wait anew",
            without(GRANT, "self.reset_election_timer(out)"),
        ),
        "waits anew even if it refuses": (
            "who cannot win would keep it from standing itself",
            without(GRANT, "self.reset_election_timer(out)") + "\nself.reset_election_timer(out)",
        ),
        "answers only if it grants": (
            "Liveness is at risk",
            but(GRANT, "if granted:", "if not granted:\n    return\nif granted:"),
        ),
    },
    "10.2": {
        "stands in the old term": (
            "A new election is a new term",
            without(STAND, "self.current_term += 1"),
        ),
        "does not promise its vote to itself": (
            "Election Safety is at risk: S1 stands for term 4, but its vote is S4's",
            without(STAND, "self.voted_for = self.name"),
        ),
        "keeps the votes of the last election": (
            "none of an earlier term",
            but(STAND, "self.votes = frozenset({self.name})", "self.votes |= {self.name}"),
        ),
        "does not save": (
            "S1 crashed before its own vote was on disk",
            without(STAND, "out.save()"),
        ),
        "does not wait anew": (
            "if this election is split, it never ends",
            without(STAND, "self.reset_election_timer(out)"),
        ),
        "says nothing true about its log": (
            "Leader Completeness is at risk: S1's log is its word",
            but(STAND, "self.term_at(last)", "self.current_term"),
        ),
        "asks itself, too": (
            "Liveness is at risk: S1 asks each of its four peers once",
            but(STAND, "self.peers", "self.servers"),
        ),
        "leads at once if it is alone": (
            "Election Safety is at risk: S1 is alone and has its own vote",
            STAND + "\nif self.has_won():\n    self.become_leader(out)",
        ),
    },
    "10.3": {
        "gives up when one refuses": (
            "S4 has refused, but with its own vote S1 has three of five. But it does not lead",
            COUNT + "\nif not message.granted:\n    self.become_follower(message.term, out)",
        ),
        "takes half for a majority": (
            "Election Safety is broken",
            but(COUNT, "2 * len(self.votes) >", "2 * len(self.votes) >="),
        ),
        "counts refusals": (
            "Election Safety is at risk: S2 has voted for S1, and S3 has refused",
            but(COUNT, "stands and message.granted", "stands"),
        ),
        "counts votes of an earlier term": (
            "Election Safety is at risk: these votes were given in term 2",
            but(COUNT, " and message.term == self.current_term", ""),
        ),
        "counts although it has given up": (
            "Election Safety is at risk: S1 is a follower",
            but(COUNT, 'self.role == "candidate" and ', ""),
        ),
        "counts answers, not voters": (
            "Election Safety is at risk: the network has doubled the vote of S2",
            but(COUNT, "{message.voter}", '{f"vote {len(self.votes)}"}'),
        ),
        "wants the votes of all": (
            "Liveness is at risk: S4 has refused, but with its own vote S1 has three of five",
            but(COUNT, "2 * len(self.votes) > len", "len(self.votes) == len"),
        ),
    },
}
