"""The checks of chapter 15: joint majorities, changes one at a time, and PreVote.

Each looks first at single moments, then at whole runs. Sections are those of Ongaro, D. (2014):
Consensus: bridging theory and practice (his thesis).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...protocols.raft import AppendEntriesReply, PreVote, PreVoteReply, Raft, RequestVoteReply
from ...protocols.raft.configuration import Configuration
from ...simulation import Trace
from ...simulation.orders import remove_server
from ..learner import hold_returns, hold_written
from .changing import NAMES, almost_all_new, hears_one, impatient, torn, two_added, two_terms
from .stage import Line, State, candidate, follower, hold, hold_in_runs, hold_safe, leader, staged

THREE = Configuration(("S1", "S2", "S3"))
JOINT = THREE.towards(("S3", "S4", "S5"))
OBSERVED = Configuration(("S1", "S2", "S3"), ("S4", "S5"))


def ending_with(members: Configuration, state: State) -> State:
    """The same state, with a log that ends with this configuration."""
    log = state["log"]
    last = replace(log[-1], command=members)
    configured = {"configuration": members, "configuration_index": len(log)}
    return {**state, "log": (*log[:-1], last), **configured}


# -- task 15.1: is_quorum --------------------------------------------------------------------------


@dataclass(frozen=True)
class Votes:
    """S1 stands in `members` and has the votes of `voters`. Is that enough?"""

    members: Configuration
    voters: tuple[str, ...]
    enough: bool
    because: str


COUNTS = (
    Votes(THREE, ("S1", "S2"), True, "two of the three voters S1 S2 S3 are a majority"),
    Votes(THREE, ("S1",), False, "one of three is no majority"),
    Votes(
        OBSERVED,
        ("S1", "S4", "S5"),
        False,
        "S4 and S5 are learners, and of the voters S1 S2 S3 only S1 has voted for S1",
    ),
    Votes(
        THREE.with_voter("S4"), ("S1", "S2"), False, "two of four are half, and half is not enough"
    ),
    Votes(
        JOINT,
        ("S1", "S2", "S4"),
        False,
        "on the way from S1 S2 S3 to S3 S4 S5, only S4 of the new voters has voted for S1",
    ),
    Votes(
        JOINT,
        ("S1", "S4", "S5"),
        False,
        "on the way from S1 S2 S3 to S3 S4 S5, only S1 of the old voters has voted for S1",
    ),
    Votes(
        JOINT,
        ("S1", "S3", "S4"),
        True,
        "S1 and S3 are two of the old voters, S3 and S4 two of the new: S3 counts on both sides",
    ),
)


def check_votes(protocol: type[Raft]) -> None:
    """Does `protocol` ask for both majorities while its configuration is joint (section 4.3)?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "is_quorum")
    hold_returns(almost_all_new(protocol), is_quorum=bool)
    for votes in COUNTS:
        if not votes.members.is_joint:
            hold_votes(protocol, votes)
    hold_safe(almost_all_new(protocol), "The servers were on the way from S1 S2 S3 to S3 S4 S5")
    for votes in COUNTS:
        if votes.members.is_joint:
            hold_votes(protocol, votes)
    hold_in_runs(protocol, 20, lambda seed: torn(protocol, seed))
    print(f"Task 15.1 is right: {len(COUNTS)} counts, a cluster parted in two, and 20 runs.")


def hold_votes(protocol: type[Raft], votes: Votes) -> None:
    """Raises CheckFailed if S1 leads where it must not, or does not where it must."""
    state = ending_with(votes.members, candidate("S1", 3, 3))
    lines = [
        Line(number, voter, "S1", RequestVoteReply(3, voter, True))
        for number, voter in enumerate(voter for voter in votes.voters if voter != "S1")
    ]
    trace = staged(protocol, {"S1": state}, *lines).run(40)
    leads = any(event.changes.get("role") == "leader" for event in trace.events)
    hold(
        leads == votes.enough,
        "Liveness" if votes.enough else "Election Safety",
        f"{votes.because}. {'But S1 leads' if leads else 'But S1 does not lead'}",
        trace,
        40,
    )


# -- task 15.2: index_on_quorum --------------------------------------------------------------------


@dataclass(frozen=True)
class Held:
    """S1 leads `members`, and knows that they hold its log up to `match`. What is committed?"""

    members: Configuration
    match: Mapping[str, int]
    committed: int
    because: str


HOLDINGS = (
    Held(THREE, {"S1": 4, "S2": 3, "S3": 1}, 3, "S1 and S2 hold index 3"),
    Held(
        THREE.with_voter("S4"),
        {"S1": 4, "S2": 4, "S3": 2, "S4": 1},
        2,
        "index 4 is on two of four, and half is not enough; index 2 is on three",
    ),
    Held(
        OBSERVED,
        {"S1": 4, "S2": 1, "S3": 1, "S4": 4, "S5": 4},
        1,
        "S4 and S5 are learners; of the voters only S1 holds index 4",
    ),
    Held(
        JOINT,
        {"S1": 4, "S2": 4, "S3": 2, "S4": 1, "S5": 2},
        2,
        "two old voters hold index 4, but two new ones only index 2",
    ),
    Held(
        JOINT,
        {"S1": 4, "S2": 1, "S3": 1, "S4": 4, "S5": 4},
        1,
        "two new voters hold index 4, but two old ones only index 1",
    ),
)


def check_commits(protocol: type[Raft]) -> None:
    """Does `protocol` commit what both majorities hold (section 4.3)?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "index_on_quorum")
    hold_returns(almost_all_new(protocol), index_on_quorum=int)
    for held in HOLDINGS:
        hold_commit(protocol, held)
    hold_in_runs(protocol, 20, lambda seed: torn(protocol, seed))
    print(f"Task 15.2 is right: {len(HOLDINGS)} moments and 20 runs.")


def hold_commit(protocol: type[Raft], held: Held) -> None:
    """Raises CheckFailed unless S1 commits as far as it should, and no further."""
    others = [name for name in held.match if name != "S1"]
    known = {**dict.fromkeys(held.match, 0), "S1": held.match["S1"]}
    state = ending_with(held.members, leader("S1", 3, (3, 3, 3, 3), known))
    lines = [
        Line(number, name, "S1", AppendEntriesReply(3, name, True, held.match[name]))
        for number, name in enumerate(others)
    ]
    trace = staged(protocol, {"S1": state}, *lines).run(40)
    committed = trace.state_at(40)["S1"]["commit_index"]
    told = " ".join(f"{name}:{index}" for name, index in held.match.items())
    hold(
        committed == held.committed,
        "Leader Completeness" if committed > held.committed else "Liveness",
        f"{held.because} ({told}). So index {held.committed} is committed, not {committed}",
        trace,
        40,
    )


# -- task 15.3: may_change -------------------------------------------------------------------------


@dataclass(frozen=True)
class Moment:
    """S1 leads term 3 and is told to remove S5. `log`: its terms. May it do so at once?"""

    log: tuple[int, ...]
    commit_index: int
    configuration_index: int
    may: bool
    property: str
    because: str


MOMENTS = (
    Moment(
        (1, 3),
        2,
        1,
        True,
        "Liveness",
        "the configuration in force is committed, and so is an entry of term 3",
    ),
    Moment(
        (3, 3, 3),
        3,
        3,
        True,
        "Liveness",
        "the configuration in force is the last entry, and it is committed",
    ),
    Moment(
        (1, 3, 3),
        2,
        3,
        False,
        "Election Safety",
        "the configuration at index 3 is not committed yet; one change at a time",
    ),
    Moment(
        (1, 1, 3),
        2,
        1,
        False,
        "Leader Completeness",
        "no entry of term 3 is committed yet. An older leader may have begun a change that S1 has "
        "not seen, and its majority need not meet the one of S1's",
    ),
)


def check_may_change(protocol: type[Raft]) -> None:
    """Does `protocol` change the members one at a time, and not too early (sections 4.1, 4.2)?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "may_change")
    hold_returns(two_terms(protocol), may_change=bool)
    hold_safe(two_terms(protocol), "S1 adds S5 in term 1, and S2 removes S1 in term 2")
    hold_safe(two_added(protocol), "S1 adds S4 and S5, and hears nothing of S2 and S3 meanwhile")
    for moment in MOMENTS:
        hold_moment(protocol, moment)
    hold_in_runs(protocol, 20, lambda seed: torn(protocol, seed))
    print(f"Task 15.3 is right: {len(MOMENTS)} moments, the bug of 2015, and 20 runs.")


def hold_moment(protocol: type[Raft], moment: Moment) -> None:
    """Raises CheckFailed unless S1 changes the members at once exactly where it may."""
    state = {
        **leader("S1", 3, moment.log, dict.fromkeys(NAMES, moment.commit_index)),
        "commit_index": moment.commit_index,
        "last_applied": moment.commit_index,
        "configuration": Configuration(NAMES),
        "configuration_index": moment.configuration_index,
    }
    order = (10, remove_server("S5", server="S1"))
    trace = staged(protocol, {"S1": state}, faults=(order,)).run(10)
    last = trace.state_at(10)["S1"]["log"][-1].command
    hold(
        isinstance(last, Configuration) == moment.may,
        moment.property,
        f"{moment.because}. {'So S1 may' if moment.may else 'So S1 must not'} remove S5 now",
        trace,
        10,
    )


# -- task 15.4: on_pre_vote ------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """S2 asks S1, which is in `state`, whether it would vote for S2."""

    state: State
    message: PreVote
    granted: bool
    because: str


def asks(term: int, *log: int) -> PreVote:
    """S2 is in `term`, with a log whose entries have these terms."""
    return PreVote(term, "S2", len(log), log[-1] if log else 0)


def hears(name: str | None, state: State) -> State:
    """The same state, with word from a leader not long ago; None: it hears nobody."""
    return {**state, "leader": name}


QUESTIONS = (
    Question(
        hears(None, follower(3, None, 1, 2)),
        asks(3, 1, 2),
        True,
        "S1 hears no leader, and S2's log ends as its own",
    ),
    Question(
        hears(None, follower(3, "S3", 1, 2)),
        asks(3, 1, 2),
        True,
        "S1 has voted in term 3, but S2 asks what it would do in term 4",
    ),
    Question(
        hears("S3", follower(3, "S3", 1, 2)),
        asks(3, 1, 2),
        False,
        "S1 hears from S3, which leads and is well: S2 would depose it for nothing",
    ),
    Question(
        hears(None, follower(3, None, 1, 2)),
        asks(3, 1),
        False,
        "S2's log is behind: S1 would not vote for it, so S2 should not make a new term for that",
    ),
    Question(
        hears(None, follower(3, None, 1, 2)),
        asks(2, 1, 2),
        False,
        "S2 is in term 2, and S1 in term 3: S2 has to learn that first, from the answer",
    ),
)


def check_pre_vote(protocol: type[Raft]) -> None:
    """Does `protocol` answer pre-votes as section 9.6 says?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "on_pre_vote")
    for question in QUESTIONS:
        hold_answer(protocol, question)
    for scenario, told in (
        (impatient(protocol), "S3 lost patience once, while all others heard from S1"),
        (hears_one(protocol), "S3 did not hear S1, but S2 did, and said that it would vote for S3"),
    ):
        trace = scenario.run()
        hold(
            leads_alone(trace, "S1"), "Liveness", f"{told}: S1 was well and was deposed", trace, 250
        )
    print(f"Task 15.4 is right: {len(QUESTIONS)} questions, and two servers that disturb nobody.")


def hold_answer(protocol: type[Raft], question: Question) -> None:
    """Raises CheckFailed unless S1 answers as it should, and nothing else comes of it."""
    line = Line(10, "S2", "S1", question.message)
    trace = staged(protocol, {"S1": question.state}, line, options={"pre_vote": True}).run()
    asked = next(f for f in trace.messages if f.source == "S2" and f.target == "S1")
    answers = [f.message for f in trace.messages if f.source == "S1"]
    wanted = PreVoteReply(3, "S1", question.granted)
    told = " and ".join(map(repr, answers)) or "nothing"
    moment = asked.due / 1000
    text = f"{question.because}. So the answer is {wanted!r}, but S1 sends {told}"
    hold(answers == [wanted], "Liveness", text, trace, moment)
    after = trace.state_at(moment)["S1"]
    same = (after["current_term"], after["voted_for"]) == (3, question.state["voted_for"])
    told = f"term {after['current_term']} and vote {after['voted_for'] or 'for nobody'}"
    text = f"a pre-vote is no vote and begins no term, but afterwards S1 has {told}"
    hold(same, "Liveness", text, trace, moment)
    waits_anew = after["timers"].get("election", [0])[0] > 0
    text = "S1 sets its election timer anew. It has promised nothing, so it owes S2 no patience"
    hold(not waits_anew, "Liveness", text, trace, moment)


def leads_alone(trace: Trace, name: str) -> bool:
    """`name` is the only server that was ever elected, and it leads in the end."""
    elected = [event.who for event in trace.events if event.changes.get("role") == "leader"]
    return elected == [name] and trace.state_after(len(trace.events))[name]["role"] == "leader"


# -- all four --------------------------------------------------------------------------------------


def check_all(protocol: type[Raft]) -> None:
    """Do the four methods work together? Raises CheckFailed if not."""
    check_pre_vote(protocol)
    check_may_change(protocol)
    check_commits(protocol)
    check_votes(protocol)
