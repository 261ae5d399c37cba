"""The checks of chapter 12: what a failure leaves behind, and the rules that make it bearable.

Each looks first at single runs, then at many. Sections are those of Ongaro, D. and Ousterhout, J.
(2014): In Search of an Understandable Consensus Algorithm (Extended Version).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ...protocols.raft import BasicRaft, Raft
from ...simulation import Network, Scenario, Trace, Workload
from ...simulation.faults import (
    crash,
    cut,
    heal,
    partition,
    request,
    restart,
    slow_disk,
    timeout,
)
from ..checks import CheckFailed
from ..failure_points import ASKED, FOLLOWER, LEADER, FailurePoint, outcome
from ..hunt import Finding, rough_weather
from ..learner import ask, hold_returns, hold_written, no_return, shown
from .election import QUESTIONS, hold_answer
from .stage import hold, hold_in_runs, hold_safe

# -- task 12.1: what became of a command -----------------------------------------------------------

BECAUSE = {
    "kept": "a server that is up knows it to be committed",
    "open": "it is in a log, or on the disk of a server that is down, but no server that is up "
    "knows it to be committed",
    "lost": "it is in no log, and on no disk",
}


def runs_to_judge() -> Iterator[Trace]:
    """Failures of all kinds, ended early and late, with a client that hears of it and one not."""
    for point in (*LEADER, *FOLLOWER):
        for seed in (0, 1):
            for duration in (2000, ASKED + 30, ASKED + 80):
                yield point.scenario(seed).run(duration)
    for seed in range(3):
        alone = partition(["A"], [f"S{n}" for n in range(1, 6)])
        yield LEADER[-1].scenario(seed).at(ASKED + 25, alone).run()


def check_fate(fate: Callable[[Trace], str]) -> None:
    """Does `fate` say of every run what became of the client's command?

    Raises CheckFailed otherwise, with the run.
    """
    count = 0
    for trace in runs_to_judge():
        wanted = outcome(trace).command
        said = ask(fate, trace, evidence=trace)
        if said != wanted:
            raise CheckFailed(
                f"Durability is misjudged: at the end of this run the command is {wanted!r}, for "
                f"{BECAUSE[wanted]}. But fate says {shown(said)}.{no_return(said)}",
                Finding(trace.scenario, trace, "durability", "", trace.duration / 1000),
            )
        count += 1
    print(f"Task 12.1 is right: {count} runs.")


# -- task 12.2: the up-to-date check ---------------------------------------------------------------


def check_up_to_date(protocol: type[BasicRaft]) -> None:
    """Does `protocol` compare logs as section 5.4.1 says?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "is_up_to_date")
    hold_returns(Scenario(protocol, servers=3, duration=400), is_up_to_date=bool)
    for question in QUESTIONS:
        hold_answer(protocol, question)
    for point in LEADER:
        if point.fate == "kept":
            hold_kept(protocol, point)
    hold_in_runs(protocol, 30)
    kept = sum(point.fate == "kept" for point in LEADER)
    print(f"Task 12.2 is right: {len(QUESTIONS)} questions, {kept} points of failure, 30 runs.")


def hold_kept(protocol: type[BasicRaft], point: FailurePoint) -> None:
    """Raises CheckFailed if the command does not survive the leader's crash at this point."""
    for seed in range(5):
        trace = point.scenario(seed, protocol).run()
        hold(
            outcome(trace).command == "kept",
            "Leader Completeness",
            f"S1 crashes {point.words}. The command has to survive that: {point.because}. But in "
            "the end it is not committed",
            trace,
            next(event.time for event in trace.events if event.kind == "crash") / 1000,
        )


# -- task 12.3: the leader's own disk --------------------------------------------------------------


def check_own_disk(protocol: type[Raft]) -> None:
    """Does a leader of `protocol` count itself when its disk has an entry, and no sooner?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "on_saved")
    hold_counts_itself(protocol)
    told = "S1 counted itself for what was in its memory only, and crashed before its disk had it"
    hold_safe(forgetful_leader(protocol), told)
    hold_in_runs(protocol, 40, lambda seed: in_parallel(rough_weather(protocol, seed)))
    print("Task 12.3 is right: a slow disk, a crash before it was done, and 40 runs.")


def in_parallel(scenario: Scenario) -> Scenario:
    """The same with leaders that write to disk and send at the same time (thesis, 10.2.1)."""
    return replace(scenario, options={"parallel_disk": True})


def slow_leader(protocol: type[Raft]) -> Scenario:
    """S1 leads three servers. From 100 ms on its disk takes 60 ms; S3 is cut off; two writes."""
    quick, patient = Network(latency=(2, 4)), Workload(retry=5000, patience=5000)
    scenario = Scenario(protocol, 3, 1, duration=400, network=quick, workload=patient)
    scenario = in_parallel(scenario).at(10, timeout("S1"))
    scenario = scenario.at(100, slow_disk("S1", 60), cut("S1", "S3"), cut("S2", "S3"))
    scenario = scenario.at(110, request("write", "x", 1, server="S1"))
    return scenario.at(120, request("write", "y", 2, client="B", server="S1"))


def hold_counts_itself(protocol: type[Raft]) -> None:
    """Raises CheckFailed unless S1 commits the first write at the moment at which its disk has it.

    S2 has it long since. Its other answers would make S1 look, too; so they are lost from then on.
    """
    trace = slow_leader(protocol).at(140, cut("S2", "S1", one_way=True)).run()
    done = (
        event
        for event in trace.events
        if event.who == "S1" and len(event.changes.get("disk.log", ())) == 2
    )
    moment = next(done).time / 1000
    commit = trace.state_at(moment)["S1"]["commit_index"]
    hold(
        commit >= 2,
        "Liveness",
        "S1's disk has index 2 now, and S2's has it: two of three. But S1 does not commit it; "
        f"its commitIndex is {commit}",
        trace,
        moment,
    )


def forgetful_leader(protocol: type[Raft]) -> Scenario:
    """S1 crashes when its disk has the first write and not the second. Then S2 is cut off."""
    scenario = slow_leader(protocol).at(185, crash("S1")).at(190, heal())
    scenario = scenario.at(191, partition(["S2"], ["S1", "S3"])).at(195, slow_disk("S1", 1))
    return scenario.at(200, restart("S1")).at(230, timeout("S1")).at(260, timeout("S1"))
