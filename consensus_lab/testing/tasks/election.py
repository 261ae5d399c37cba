"""The checks of chapter 10: votes asked for, granted and counted as in Raft.

Each looks first at single moments, then at many whole elections. Sections are those of Ongaro, D.
and Ousterhout, J. (2014): In Search of an Understandable Consensus Algorithm (Extended Version).
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from random import Random

from ...protocols.raft import BasicRaft, RequestVote, RequestVoteReply
from ...simulation import Network, Scenario
from ...simulation.faults import crash, cut, heal, partition, restart, slow_disk, timeout
from ..learner import hold_written
from .stage import Line, State, candidate, follower, hold, hold_in_runs, hold_safe, staged

# -- task 10.1: on_request_vote --------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """S2 asks S1, which is in `state`. `property` falls or is at risk if the answer is wrong."""

    state: State
    message: RequestVote
    granted: bool
    property: str
    because: str


def asks(term: int, *log: int) -> RequestVote:
    """S2 asks for a vote in `term`, with a log whose entries have these terms."""
    return RequestVote(term, "S2", len(log), log[-1] if log else 0)


QUESTIONS = (
    Question(
        follower(3, None, 1, 2),
        asks(3, 1, 2),
        True,
        "Liveness",
        "S1 has not voted in term 3, and S2's log ends exactly as its own",
    ),
    Question(
        follower(3, "S2", 1, 2),
        asks(3, 1, 2),
        True,
        "Liveness",
        "S1 has voted for S2 in term 3 already, and S2 asks again because the answer was lost",
    ),
    Question(
        follower(3, "S3", 1, 2),
        asks(4, 1, 2),
        True,
        "Liveness",
        "S1 voted for S3 in term 3, but this is term 4, and each term has a vote of its own",
    ),
    Question(
        follower(3, None, 1, 1, 1),
        asks(3, 1, 2),
        True,
        "Liveness",
        "S2's log is shorter, but its last entry is of a later term, and that counts first",
    ),
    Question(
        follower(3, "S3", 1, 2),
        asks(3, 1, 2),
        False,
        "Election Safety",
        "S1 has voted for S3 in term 3, and a server votes once in a term",
    ),
    Question(
        follower(3, None, 1, 2),
        asks(3, 1),
        False,
        "Leader Completeness",
        "the last entry of S1's log is of a later term than the last of S2's",
    ),
    Question(
        follower(3, None, 1, 2, 2),
        asks(3, 1, 2),
        False,
        "Leader Completeness",
        "both logs end with term 2, and S1's is longer",
    ),
    Question(
        follower(3, None, 1, 2),
        asks(3, 1, 1, 1),
        False,
        "Leader Completeness",
        "S2's log is longer, but its last entry is of an earlier term, and that counts first",
    ),
    Question(
        follower(3, None, 1, 2),
        asks(2, 1, 2),
        False,
        "Election Safety",
        "S2 asks in term 2, and for S1 that term is over",
    ),
)


def check_vote(protocol: type[BasicRaft]) -> None:
    """Does `protocol` grant and refuse votes as section 5.2 and 5.4.1 say?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "on_request_vote")
    for question in QUESTIONS:
        if question.granted:
            hold_answer(protocol, question)
    hold_in_runs(protocol, 60, lambda seed: close_race(protocol, seed))
    hold_in_runs(protocol, 20)
    hold_safe(forgetful_voter(protocol), "S1 crashed after its first vote, and did not remember it")
    for question in QUESTIONS:
        if not question.granted:
            hold_answer(protocol, question)
    print("Task 10.1 is right: 9 questions, a crash between two votes, and 80 runs.")


def hold_answer(protocol: type[BasicRaft], question: Question) -> None:
    """Raises CheckFailed unless S1 answers as it should, and waits anew only if it voted."""
    term = question.message.term
    s2 = candidate("S2", term)
    scenario = staged(
        protocol, {"S1": question.state, "S2": s2}, Line(0, "S2", "S1", question.message)
    )
    # Not longer: S2 would stumble over an answer whose fields are mixed up.
    trace = scenario.run(16)
    asked = next(f for f in trace.messages if f.source == "S2" and f.target == "S1")
    answers = [f.message for f in trace.messages if f.source == "S1"]
    wanted = RequestVoteReply(max(term, question.state["current_term"]), "S1", question.granted)
    told = " and ".join(map(repr, answers)) or "nothing"
    hold(
        answers == [wanted],
        question.property if len(answers) == 1 else "Liveness",
        f"{question.because}. So the answer is {wanted!r}, but S1 sends {told}",
        trace,
        asked.due / 1000,
    )
    trace = scenario.run()
    waits_anew = trace.state_at(100)["S1"]["timers"].get("election", [0])[0] > 0
    hold(
        waits_anew == question.granted,
        "Liveness",
        "S1 grants its vote, but does not wait anew: it will soon stand against its own candidate"
        if question.granted
        else "S1 refuses, and still waits anew: who cannot win would keep it from standing itself",
        trace,
        asked.due / 1000,
    )


def forgetful_voter(protocol: type[BasicRaft]) -> Scenario:
    """S1 votes for S2, crashes, comes back, and is asked by S3 in the same term."""
    states = {"S1": follower(3, None), "S2": candidate("S2", 3), "S3": candidate("S3", 3)}
    lines = (
        Line(0, "S2", "S1", RequestVote(3, "S2", 0, 0)),
        Line(22, "S3", "S1", RequestVote(3, "S3", 0, 0)),
    )
    faults = ((0, cut("S2", "S3")), (20, crash("S1")), (21, restart("S1")))
    return staged(protocol, states, *lines, faults=faults, servers=3)


# -- task 10.2: become_candidate -------------------------------------------------------------------


def check_candidate(protocol: type[BasicRaft]) -> None:
    """Does `protocol` start elections as section 5.2 says?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "become_candidate")
    moments = [
        follower(3, "S4", 1, 3),
        {**candidate("S1", 3, 1, 3), "votes": frozenset({"S1", "S4"})},
    ]
    for state in moments:
        hold_questions(staged(protocol, {"S1": state}, faults=((10, timeout("S1")),)))
    hold_safe(forgetful_candidate(protocol), "S1 crashed before its own vote was on disk")
    hold_alone(protocol)
    hold_in_runs(protocol, 60, lambda seed: close_race(protocol, seed))
    hold_in_runs(protocol, 20)
    print("Task 10.2 is right: 2 timeouts, a server alone, a crash while it stands, and 80 runs.")


def hold_questions(scenario: Scenario) -> None:
    """Raises CheckFailed unless S1, in term 3 until its timer fires, stands in term 4 at 10 ms."""
    trace = scenario.run(10)
    state = trace.state_at(10)["S1"]

    def hold_that(condition: object, property: str, text: str) -> None:
        hold(condition, property, text, trace, trace.duration / 1000)

    term = state["current_term"]
    told = f"S1 stands in term {term}, in which it had voted already. A new election is a new term"
    hold_that(term != 3, "Election Safety", told)
    hold_that(term == 4, "Liveness", f"S1 was in term 3 and stands in term {term}, not in term 4")
    hold_that(
        state["voted_for"] == "S1",
        "Election Safety",
        f"S1 stands for term 4, but its vote is {state['voted_for'] or 'nobody'}'s: it has not "
        "promised it to itself, and could vote for another as well",
    )
    votes = state["votes"]
    hold_that(
        votes == {"S1"},
        "Election Safety",
        f"S1 begins term 4 with the votes {sorted(votes) if isinstance(votes, Set) else votes!r}. "
        "It has its own, and none of an earlier term",
    )
    hold_that(state["role"] == "candidate", "Liveness", f"S1 is {state['role']}, not candidate")
    trace = scenario.run(13)
    asked = [(f.target, f.message) for f in trace.messages if f.source == "S1"]
    wanted = RequestVote(4, "S1", 2, 3)
    targets = sorted(target for target, _ in asked)
    hold_that(
        targets == ["S2", "S3", "S4", "S5"],
        "Liveness",
        f"S1 asks each of its four peers once. But it asks {', '.join(targets) or 'nobody'}",
    )
    wrong = [message for _, message in asked if message != wanted]
    hold_that(
        not wrong,
        "Leader Completeness",
        f"S1's log is its word: it asks with {wanted!r}, not with {wrong and wrong[0]!r}",
    )
    hold_that(
        state["timers"].get("election", [0])[0] > 0,
        "Liveness",
        "S1 does not set its election timer again: if this election is split, it never ends",
    )


def hold_alone(protocol: type[BasicRaft]) -> None:
    """Raises CheckFailed unless a server alone leads, and only once its vote is on disk."""
    scenario = staged(protocol, {"S1": follower(3, None)}, faults=((10, timeout("S1")),), servers=1)
    early = scenario.run(10)
    hold(
        early.state_at(10)["S1"]["role"] == "candidate",
        "Election Safety",
        "S1 is alone and has its own vote, but that is not on disk yet. If it leads now and "
        "crashes, it leads the same term again, and does not know it",
        early,
        10,
    )
    later = scenario.run(13)
    hold(
        later.state_at(13)["S1"]["role"] == "leader",
        "Liveness",
        "a server that is alone leads once its own vote is on disk, but this one does not",
        later,
        13,
    )


def forgetful_candidate(protocol: type[BasicRaft]) -> Scenario:
    """S1 stands, is elected, crashes before its disk has caught up, and is asked by S3."""
    states = {"S1": follower(3, None), "S2": follower(3, None), "S3": candidate("S3", 4)}
    question = Line(47, "S3", "S1", RequestVote(4, "S3", 0, 0))
    faults = (
        (5, slow_disk("S1", 50)),
        (5, timeout("S1")),
        (45, crash("S1")),
        (46, slow_disk("S1", 1)),
        (46, restart("S1")),
    )
    return staged(protocol, states, question, faults=faults, servers=3)


# -- task 10.3: on_request_vote_reply --------------------------------------------------------------


@dataclass(frozen=True)
class Count:
    """S1, in `state`, hears `replies`. Is it the leader then?"""

    state: State
    replies: tuple[RequestVoteReply, ...]
    leads: bool
    because: str


def yes(term: int, *voters: str) -> tuple[RequestVoteReply, ...]:
    """Votes granted in `term`."""
    return tuple(RequestVoteReply(term, voter, True) for voter in voters)


STANDS = candidate("S1", 3)
COUNTS = (
    Count(
        STANDS,
        (RequestVoteReply(3, "S4", False), *yes(3, "S2", "S3")),
        True,
        "S4 has refused, but with its own vote S1 has three of five",
    ),
    Count(STANDS, yes(3, "S2"), False, "with its own vote S1 has two of five"),
    Count(
        STANDS,
        (*yes(3, "S2"), RequestVoteReply(3, "S3", False)),
        False,
        "S2 has voted for S1, and S3 has refused: two of five",
    ),
    Count(
        STANDS,
        yes(3, "S2", "S2"),
        False,
        "the network has doubled the vote of S2: it is one vote, so two of five",
    ),
    Count(
        STANDS,
        yes(2, "S2", "S3"),
        False,
        "these votes were given in term 2, and S1 now stands in term 3",
    ),
    Count(
        follower(3, "S4"),
        yes(3, "S2", "S3", "S5"),
        False,
        "S1 is a follower: its own election is over, whoever still votes for it",
    ),
)


def check_count(protocol: type[BasicRaft]) -> None:
    """Does `protocol` count votes as section 5.2 says?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "on_request_vote_reply")
    for count in COUNTS:
        hold_count(protocol, count)
    hold_in_runs(protocol, 60, lambda seed: close_race(protocol, seed))
    hold_in_runs(protocol, 20)
    print("Task 10.3 is right: 6 counts and 80 runs.")


def hold_count(protocol: type[BasicRaft], count: Count) -> None:
    """Raises CheckFailed if S1 leads where it must not, or does not where it must."""
    lines = [Line(n, reply.voter, "S1", reply) for n, reply in enumerate(count.replies)]
    trace = staged(protocol, {"S1": count.state}, *lines).run()
    leads = trace.state_at(40)["S1"]["role"] == "leader"
    hold(
        leads == count.leads,
        "Liveness" if count.leads else "Election Safety",
        f"{count.because}. {'But it leads' if leads else 'But it does not lead'}",
        trace,
        40,
    )


# -- all three -------------------------------------------------------------------------------------


def check_all(protocol: type[BasicRaft]) -> None:
    """Do the three handlers work together? Raises CheckFailed if not."""
    check_count(protocol)
    check_candidate(protocol)
    check_vote(protocol)


def close_race(protocol: type[BasicRaft], seed: int) -> Scenario:
    """Elections in which several stand at once, for the network is slow, doubles, and may part."""
    random = Random(f"close race/{seed}").random
    scenario = Scenario(
        protocol,
        servers=3 + int(3 * random()),
        seed=seed,
        duration=1200,
        options={"election_timeout": (150, 180 + 60 * random())},
        network=Network(duplicate=0.3 * random(), reorder=0.2 * random(), reorder_delay=300),
    )
    if random() < 0.3:
        names = scenario.server_names
        return scenario.at(0, partition(names[:2], names[2:])).at(600, heal())
    return scenario.at(400, crash("leader"))
