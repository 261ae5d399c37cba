"""The checks of chapter 11: logs compared, repaired, counted and committed as in Raft.

Each looks first at single moments, then at many whole runs. Sections are those of Ongaro, D. and
Ousterhout, J. (2014): In Search of an Understandable Consensus Algorithm (Extended Version).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...protocols.raft import AppendEntries, AppendEntriesReply, BasicRaft
from ...simulation import Trace
from ..learner import hold_written
from .stage import Line, State, follower, hold, hold_in_runs, leader, log_of, staged

Terms = tuple[int, ...]
TERM = 3
"""The term of all these moments. S2 leads it where S1 follows."""

# -- tasks 11.1 and 11.2: the follower -------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """S2, whose log has the terms `log`, offers S1 `count` entries after index `previous`.

    S1's own log has the terms `mine`. Afterwards it has those of `after`; S1 has answered that
    it matches up to `match` (None: it has refused), and has committed up to `commit`.
    """

    mine: Terms
    log: Terms
    previous: int
    count: int
    after: Terms
    match: int | None
    property: str
    because: str
    leader_commit: int = 0
    commit: int = 0

    def message(self) -> AppendEntries:
        """What S2 sends."""
        before, entries = self.log[: self.previous], self.log[self.previous :][: self.count]
        last = before[-1] if before else 0
        offered = log_of(*entries)
        return AppendEntries(TERM, "S2", self.previous, last, offered, self.leader_commit)

    def play(self, protocol: type[BasicRaft]) -> Trace:
        """The moment, as a run."""
        states = {"S1": follower(TERM, None, *self.mine), "S2": leading("S2", self.log)}
        return staged(protocol, states, Line(0, "S2", "S1", self.message())).run()


FOLLOWED = (
    Offer(
        (1, 1), (1, 1, 3), 2, 1, (1, 1, 3), 3, "Liveness",
        "S1's entry at index 2 is of term 1, as S2 says. So the logs agree up to there, and S1 "
        "takes what follows",
    ),
    Offer(
        (1, 1, 3), (1, 1, 3), 3, 0, (1, 1, 3), 3, "Liveness",
        "the logs agree up to index 3, and S2 has committed 2. A heartbeat tells S1 so",
        leader_commit=2, commit=2,
    ),
    Offer(
        (1,), (1, 1, 3), 2, 1, (1,), None, "Log Matching",
        "S2's entry goes to index 3, but S1 has nothing at index 2: there would be a gap",
    ),
    Offer(
        (1, 2), (1, 1, 3), 2, 1, (1, 2), None, "Log Matching",
        "S1's entry at index 2 is of term 2, and S2's of term 1: the logs do not agree there",
    ),
    Offer(
        (1, 2), (1, 1), 2, 0, (1, 2), None, "State Machine Safety",
        "a heartbeat asks, too: S1's entry at index 2 is another than S2's. If S1 says yes, S2 "
        "counts on it",
    ),
    Offer(
        (1, 2, 2), (1, 3), 1, 0, (1, 2, 2), 1, "State Machine Safety",
        "S2 has asked about index 1 only. What S1 has after it may be a wrong tail, and is not "
        "to be counted",
    ),
    Offer(
        (1, 2, 2), (1, 3, 3), 1, 0, (1, 2, 2), 1, "State Machine Safety",
        "S2 has committed 3 entries of its own log. S1 knows of the first only that it is the same",
        leader_commit=3, commit=1,
    ),
)  # fmt: skip

MERGED = (
    Offer(
        (1,), (1, 3, 3), 1, 2, (1, 3, 3), 3, "Liveness",
        "S1's log ends at index 1, and two entries follow there",
    ),
    Offer(
        (1, 3), (1, 3, 3), 0, 3, (1, 3, 3), 3, "Log Matching",
        "S1 has the first two of these entries already, at their places",
    ),
    Offer(
        (1, 2, 2, 2), (1, 1, 3), 1, 2, (1, 1, 3), 3, "Log Matching",
        "from index 2 on S1 has a wrong tail, of term 2. It has to go",
    ),
    Offer(
        (1, 3, 3, 3), (1, 3, 3, 3), 1, 1, (1, 3, 3, 3), 2, "State Machine Safety",
        "this is an old AppendEntries, overtaken by newer ones. It does not conflict with what S1 "
        "has; S2 counts on all of it already",
    ),
    Offer(
        (1, 2, 2), (1, 3), 1, 0, (1, 2, 2), 1, "Log Matching",
        "there is nothing in a heartbeat that S1's tail could conflict with: S1 keeps it for now",
    ),
)  # fmt: skip


def leading(name: str, log: Terms, servers: int = 5, **more: Any) -> State:
    """A leader that has all of its log on disk, and knows nothing of the others."""
    match = {f"S{n}": 0 for n in range(1, servers + 1)} | {name: len(log)}
    return leader(name, TERM, log, match, **more)


def check_follower(protocol: type[BasicRaft]) -> None:
    """Does `protocol` answer AppendEntries as section 5.3 says?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "on_append_entries")
    for offer in FOLLOWED:
        hold_offer(protocol, offer)
    hold_in_runs(protocol, 30)
    print(f"Task 11.1 is right: {len(FOLLOWED)} offers and 30 runs.")


def check_merge(protocol: type[BasicRaft]) -> None:
    """Does `protocol` put entries into its log, and repair it, as section 5.3 says?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "merge")
    for offer in MERGED:
        hold_offer(protocol, offer)
    hold_durable(protocol, MERGED[0])
    hold_in_runs(protocol, 30)
    print(f"Task 11.2 is right: {len(MERGED)} offers, an answer that waits for the disk, 30 runs.")


def hold_offer(protocol: type[BasicRaft], offer: Offer) -> None:
    """Raises CheckFailed unless S1's log, answer and commitIndex are as they should be."""
    trace = offer.play(protocol)
    asked = next(f for f in trace.messages if f.source == "S2" and f.target == "S1")
    moment = asked.due / 1000
    state = trace.state_at(moment)["S1"]

    def hold_that(condition: object, told: str) -> None:
        hold(condition, offer.property, f"{offer.because}. {told}", trace, moment)

    log = tuple(entry.term for entry in state["log"])
    hold_that(log == offer.after, f"S1's log should be {shown(offer.after)}, but is {shown(log)}")
    commit = state["commit_index"]
    hold_that(commit == offer.commit, f"S1's commitIndex should be {offer.commit}, but is {commit}")
    applied = state["last_applied"]
    both = f"S1 has committed up to {commit}, but applied up to {applied}: self.commit does both"
    hold_that(applied == commit, both)
    answers = [f.message for f in trace.messages if f.source == "S1"]
    right = offer.match is not None
    told = [
        answer.match_index if answer.success else None
        for answer in answers
        if isinstance(answer, AppendEntriesReply) and answer.term == TERM
    ]
    wanted = f"that it matches up to {offer.match}" if right else "that it does not match"
    said = f"{answers[0]!r}" if answers else "nothing"
    hold_that(told[:1] == [offer.match], f"S1 should answer {wanted}, but sends {said}")


def hold_durable(protocol: type[BasicRaft], offer: Offer) -> None:
    """Raises CheckFailed unless S1's disk has the entries when its answer leaves."""
    trace = offer.play(protocol)
    answer = next(f for f in trace.messages if f.source == "S1")
    disk = trace.state_at(answer.sent / 1000)["S1"]["disk.log"]
    hold(
        len(disk) == len(offer.after),
        "Leader Completeness",
        "S1 answers that it has two more entries before they are on its disk. If it crashes now, "
        "S2 counts on what nobody has",
        trace,
        answer.sent / 1000,
    )


def shown(terms: Terms) -> str:
    """A log by its terms."""
    return f"[{', '.join(map(str, terms))}]"


# -- task 11.3: the leader hears an answer ---------------------------------------------------------


@dataclass(frozen=True)
class Heard:
    """S1 leads, or `state` says what else it is, and hears `replies`, all from S2.

    Afterwards its nextIndex and matchIndex for S2 are `next` and `match`; `again` is the
    prevLogIndex of what S1 sends to S2 at once, None if nothing.
    """

    replies: tuple[AppendEntriesReply, ...]
    next: int
    match: int
    property: str
    because: str
    again: int | None = None
    state: State = field(default_factory=lambda: knows({}))


LOG = (1, 3, 3, 3)


def knows(match: Mapping[str, int], **next_index: int) -> State:
    """S1, leader of term 3 with the log LOG, knows how far the others match."""
    known = {f"S{n}": 0 for n in range(2, 6)} | {"S1": len(LOG)} | dict(match)
    ahead = {name: len(LOG) + 1 for name in known if name != "S1"} | next_index
    return {**leader("S1", TERM, LOG, known), "next_index": ahead}


def yes(match: int, term: int = TERM) -> AppendEntriesReply:
    """S2 says that it matches up to an index."""
    return AppendEntriesReply(term, "S2", True, match)


NO = AppendEntriesReply(TERM, "S2", False)

HEARD = (
    Heard(
        (yes(3),), 4, 3, "State Machine Safety",
        "S2 matches up to index 3. That S1 has more by now, S2 does not know",
    ),
    Heard(
        (yes(3), yes(2)), 4, 3, "Liveness",
        "the answers of S2 have overtaken each other. What it had once, it still has",
    ),
    Heard(
        (NO,), 4, 0, "Liveness",
        "the logs do not agree before index 5. S1 tries one index earlier, at once", again=3,
    ),
    Heard(
        (NO,), 4, 3, "Liveness",
        "this refusal is old: since then S2 has matched up to index 3, and nextIndex never "
        "goes back behind that",
        again=3, state=knows({"S2": 3}, S2=4),
    ),
    Heard(
        (yes(4, term=2),), 5, 0, "State Machine Safety",
        "S2 answered this in term 2, to another leader, or to S1 when it had another log",
    ),
)  # fmt: skip


def check_replies(protocol: type[BasicRaft]) -> None:
    """Does a leader of `protocol` learn from answers as section 5.3 says?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "on_append_entries_reply")
    for heard in HEARD:
        hold_heard(protocol, heard)
    hold_commit_follows(protocol)
    hold_deaf(protocol)
    hold_in_runs(protocol, 30)
    print(f"Task 11.3 is right: {len(HEARD) + 2} answers and 30 runs.")


def hold_heard(protocol: type[BasicRaft], heard: Heard) -> None:
    """Raises CheckFailed unless S1 knows, and sends, what it should."""
    lines = [Line(n * 20, "S2", "S1", reply) for n, reply in enumerate(heard.replies)]
    trace = staged(protocol, {"S1": heard.state, "S2": follower(TERM, None, 1)}, *lines).run()
    arrived = [f.due for f in trace.messages if f.source == "S2" and f.target == "S1"]
    moment = arrived[len(lines) - 1] / 1000
    state = trace.state_at(moment)["S1"]
    sent = [f.message for f in trace.messages if f.source == "S1" and f.sent == arrived[0]]
    again = [message.prev_log_index for message in sent]

    def hold_that(condition: object, told: str) -> None:
        hold(condition, heard.property, f"{heard.because}. {told}", trace, moment)

    for name, wanted in (("match_index", heard.match), ("next_index", heard.next)):
        value = state[name].get("S2")
        words = name.replace("_i", "I")
        hold_that(value == wanted, f"{words} for S2 should be {wanted}, but is {value}")
    if heard.again is not None:
        hold_that(again == [heard.again], "But it does not send AppendEntries from there")


def hold_commit_follows(protocol: type[BasicRaft]) -> None:
    """Raises CheckFailed unless the answer that makes a majority makes the leader commit."""
    states = {"S1": knows({"S3": 4}), "S2": follower(TERM, None, *LOG)}
    trace = staged(protocol, states, Line(0, "S2", "S1", yes(4))).run()
    hold(
        trace.state_at(25)["S1"]["commit_index"] == 4,
        "Liveness",
        "with S2's answer S1 knows that three of five hold index 4, but it does not commit: an "
        "answer is a moment to look at the commit rule",
        trace,
        25,
    )


def hold_deaf(protocol: type[BasicRaft]) -> None:
    """Raises CheckFailed if a server that leads no more heeds an answer."""
    states = {"S1": follower(TERM, None, *LOG), "S2": follower(TERM, None, *LOG)}
    trace = staged(protocol, states, Line(0, "S2", "S1", yes(4))).run()
    state = trace.state_at(25)["S1"]
    hold(
        not state["match_index"] and state["commit_index"] == 0,
        "State Machine Safety",
        "S1 is a follower: what answers it still gets as the leader that it was is over",
        trace,
        25,
    )


# -- task 11.4: the commit rule --------------------------------------------------------------------


@dataclass(frozen=True)
class Tally:
    """S1 leads, has a log of these terms, and knows how far it and the others match.

    The last to answer was S2. Afterwards S1's commitIndex is `commit`.
    """

    log: Terms
    match: Terms
    commit: int
    property: str
    because: str


TALLIES = (
    Tally((1, 3, 3), (3, 3, 3, 1, 0), 3, "Liveness", "three of five hold index 3, S1 among them"),
    Tally((1, 3, 3), (3, 2, 3, 0, 0), 2, "State Machine Safety", "two of five hold index 3"),
    Tally((3, 3), (2, 2, 0, 0), 0, "State Machine Safety", "two of four is no majority"),
    Tally(
        (1, 2, 2), (3, 3, 3, 0, 0), 0, "Leader Completeness",
        "three of five hold index 3, but it is of term 2. It can still be overwritten (Figure 8)",
    ),
    Tally(
        (1, 2, 3), (3, 3, 3, 0, 0), 3, "Liveness",
        "three of five hold index 3, which is of S1's own term: all before it comes along",
    ),
    Tally(
        (1, 2, 3), (3, 3, 2, 0, 0), 0, "Leader Completeness",
        "three of five hold index 2, but it is of term 2; index 3, of S1's own term, is on two",
    ),
)  # fmt: skip


def check_commit(protocol: type[BasicRaft]) -> None:
    """Does a leader of `protocol` commit as sections 5.3 and 5.4.2 say?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "advance_commit_index")
    for tally in TALLIES:
        hold_tally(protocol, tally)
    hold_in_runs(protocol, 30)
    print(f"Task 11.4 is right: {len(TALLIES)} counts and 30 runs.")


def hold_tally(protocol: type[BasicRaft], tally: Tally) -> None:
    """Raises CheckFailed unless S1 commits, and applies, as far as it should."""
    names = [f"S{n}" for n in range(1, len(tally.match) + 1)]
    known = dict(zip(names, tally.match, strict=True))
    logs = {name: follower(TERM, None, *tally.log[:count]) for name, count in known.items()}
    states = logs | {"S1": leader("S1", TERM, tally.log, {**known, "S2": 0})}
    line = Line(0, "S2", "S1", yes(known["S2"]))
    trace = staged(protocol, states, line, servers=len(names)).run()
    moment = next(f.due for f in trace.messages if f.source == "S2") / 1000
    state = trace.state_at(moment)["S1"]
    commit, applied = state["commit_index"], state["last_applied"]
    told = f"S1's commitIndex should be {tally.commit}, but is {commit}"
    hold(commit == tally.commit, tally.property, f"{tally.because}. {told}", trace, moment)
    hold(
        applied == commit,
        "Liveness",
        f"S1 has committed up to {commit}, but applied up to {applied}: self.commit does both, "
        "and lets the clients know",
        trace,
        moment,
    )


# -- all four --------------------------------------------------------------------------------------


def check_all(protocol: type[BasicRaft]) -> None:
    """Do the four methods work together? Raises CheckFailed if not."""
    check_follower(protocol)
    check_merge(protocol)
    check_replies(protocol)
    check_commit(protocol)
