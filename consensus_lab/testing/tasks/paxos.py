"""The checks of chapter 09: an acceptor, the choice of a value, and the holes of a log.

Each plays first the stories of the chapter, in which one thing goes wrong, and then looks at many
runs in which anything may. Sections are those of Lamport, L. (2001): Paxos Made Simple.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from types import NoneType
from typing import Any

from ...errors import HandlerError
from ...protocols.node import ClientRequest, Effects
from ...protocols.paxos import Accept, MultiPaxos, Paxos, Proposal
from ...simulation import Scenario, Trace
from .. import paxos_stories as stories
from ..campaigns import contest, storm
from ..checks import CheckFailed
from ..hunt import hunt
from ..learner import hold_returns, hold_written, shown
from .stage import hold, hold_safe

RUNS, STORMS = 60, 12
"""So many random runs of one decree, each of some milliseconds; and of a log."""

# -- task 9.1: the acceptor ------------------------------------------------------------------------


def check_acceptor(protocol: type[Paxos]) -> None:
    """Does `protocol` promise and accept as section 2.2 says?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "on_prepare", "on_accept")
    hold_proposal(protocol)
    hold_on_disk(protocol, "accepted", "says that it has accepted 4", 95)
    hold_all_learn(calm(protocol), "Nobody disturbs S1, and 4 is to be chosen")
    hold_safe(
        stories.rivals(protocol),
        "S2 had promised S3's ballot, and was then asked to accept an older proposal (P1a)",
    )
    hold_safe(
        stories.amnesia(protocol),
        "S2 crashed after its promises, and had them no more when it came back",
    )
    hold_on_disk(protocol, "promised", "has promised 1.S1", 81)
    hold_safe(
        stories.late(protocol),
        "4 was chosen, and S2 was asked for a promise: did it tell what it had accepted?",
    )
    hold_safe(
        stories.never_asked(protocol),
        "S2 accepted a proposal for which it never got the prepare; to accept is to promise, too",
    )
    hold_answered(
        stories.lost_question(protocol),
        "S3 never got the prepare, and is asked to accept: it has promised nothing larger (P1)",
    )
    hold_in_contests(protocol)
    print(f"Task 9.1 is right: 6 stories, and {RUNS} runs in which anything may go wrong.")


def hold_proposal(protocol: type[Paxos]) -> None:
    """Raises CheckFailed if what an acceptor remembers is no Proposal: lines of the package that
    read it would fail."""
    kept: list[Any] = []

    class Watched(protocol):  # type: ignore[misc, valid-type]
        def on_accept(self, message: Accept, out: Effects) -> None:
            super().on_accept(message, out)
            kept.append(self.accepted)

    with suppress(HandlerError):
        replace(calm(protocol), protocol=Watched).run()
    for value in kept:
        if not isinstance(value, Proposal | None):
            told = f"on_accept leaves {shown(value)} in self.accepted"
            raise CheckFailed(f"{told}; it should be a Proposal(ballot, value).")


def calm(protocol: type[Paxos]) -> Scenario:
    """S1 proposes 4, and that is all."""
    return stories.stage(protocol, **stories.ALONE).at(50, stories.propose(4, "S1"))


# -- task 9.2: value_to_propose --------------------------------------------------------------------


def check_value(protocol: type[Paxos]) -> None:
    """Does `protocol` propose what P2c allows? Raises CheckFailed otherwise."""
    hold_written(protocol, "value_to_propose")
    hold_all_learn(calm(protocol), "Nobody has accepted anything, so S1 may propose its client's 4")
    hold_safe(
        stories.late(protocol),
        "4 was chosen, S2 told so in its promise, and S3 proposed something else",
    )
    for values in ((4, 7, 9), (7, 4, 9)):
        for both in (False, True):
            hold_safe(
                stories.three_ballots(protocol, values, both),
                f"S2 was told of {values[0]} under 1.S1 and of {values[1]} under 1.S5: "
                "what counts is the larger ballot",
            )
    hold_safe(
        stories.newest_first(protocol),
        "S4 was told of 7 under 2.S1 and of 4 under 1.S5: what counts is the larger ballot",
    )
    hold_in_contests(protocol)
    print(f"Task 9.2 is right: 7 stories, and {RUNS} runs in which anything may go wrong.")


# -- task 9.3: the holes of a log ------------------------------------------------------------------


def check_holes(protocol: type[MultiPaxos]) -> None:
    """Does a new leader propose the right thing in every open slot? Raises CheckFailed if not."""
    hold_written(protocol, "last_reported", "command_to_propose")
    command = (ClientRequest, NoneType)
    hold_returns(stories.away(protocol), last_reported=int, command_to_propose=command)
    hold_safe(
        stories.away(protocol),
        "Both slots were chosen while S3 was away; it led, and had to propose them again",
    )
    hold_safe(
        stories.two_votes(protocol),
        "In slot 1 S1 held a command, and S3 another one under a larger ballot",
    )
    hold_safe(stories.hole(protocol), "S2 led, with a hole in slot 1 and a command in slot 2")
    trace = stories.hole(protocol).run()
    for server in ("S2", "S3"):
        data = trace.state_at(600)[server]["machine"].data
        hold(
            data.get("y") == 7,
            "Liveness",
            f"slot 2 holds y = 7, and at 600 ms {server} has carried out {data or 'nothing'}: "
            "slot 1 has to be filled before it, with a no-op",
            trace,
            430,
        )
    hold_in_storms(protocol)
    print(f"Task 9.3 is right: 3 stories of a log, and {STORMS} runs in bad weather.")


def check_all(single: type[Paxos], log: type[MultiPaxos]) -> None:
    """All that the tasks ask for, of the classes that bring the learner's methods together."""
    check_holes(log)
    check_value(single)
    check_acceptor(single)


# -- what all of them ask for ----------------------------------------------------------------------


def hold_all_learn(scenario: Scenario, reason: str) -> None:
    """Raises CheckFailed unless it is safe, and all servers learn what is chosen: 4."""
    hold_safe(scenario, reason)
    trace = scenario.run()
    states = trace.state_at(scenario.duration)
    lacking = [name for name, state in states.items() if value_in(state.get("chosen")) != 4]
    hold(
        not lacking,
        "Liveness",
        f"{reason}; but {listed(lacking)} never learnt so",
        trace,
        last_word(trace),
    )


def hold_on_disk(protocol: type[Paxos], field: str, deed: str, time: float) -> None:
    """Raises CheckFailed unless S2, undisturbed, has `field` on its disk at `time` (ms)."""
    trace = calm(protocol).run()
    state = trace.state_at(time)["S2"]
    hold(
        state[field] == state[f"disk.{field}"],
        "Durability",
        f"at {time:g} ms S2 {deed}, and its disk knows nothing of it: a crash would make it forget",
        trace,
        time,
    )


def hold_answered(scenario: Scenario, reason: str) -> None:
    """Raises CheckFailed unless it is safe, and every client gets an answer."""
    hold_safe(scenario, reason)
    trace = scenario.run()
    waiting = [one.process for one in trace.operations if one.end is None]
    clients = " and ".join(f"client {name}" for name in waiting)
    text = f"{reason}; but {clients} never got an answer"
    hold(not waiting, "Liveness", text, trace, last_word(trace))


def hold_in_contests(protocol: type[Paxos]) -> None:
    """Raises CheckFailed with the smallest of many contests in which something breaks."""
    found = hunt(protocol, RUNS, lambda seed: contest(protocol, seed))
    if found:
        raise CheckFailed(str(found), found)


def hold_in_storms(protocol: type[MultiPaxos]) -> None:
    """The same for a log. Raises CheckFailed."""
    found = hunt(protocol, STORMS, lambda seed: storm(protocol, seed))
    if found:
        raise CheckFailed(str(found), found)


def value_in(proposal: object) -> object:
    """The value of a proposal; None if there is none."""
    return getattr(proposal, "value", None)


def listed(names: Iterable[str]) -> str:
    """S1, S2 and S3."""
    *first, last = [*names] or ["nobody"]
    return f"{', '.join(first)} and {last}" if first else last


def last_word(trace: Trace) -> float:
    """When (ms) a server last said something: there is nothing to see after that."""
    return max([0.0, *(event.time / 1000 for event in trace.events if event.notes)])
