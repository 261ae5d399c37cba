"""The checks of chapter 14: reads that do not go through the log, and never return the past.

Each scenario is a moment at which one careless rule would let somebody read what was overwritten.
Sections are those of Ongaro, D. (2014): Consensus: bridging theory and practice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from ...protocols.raft import Raft
from ...simulation import DiskModel, Network, Scenario, Trace, Workload
from ...simulation.costs import costs
from ...simulation.faults import (
    clock_skew,
    crash,
    cut,
    heal,
    partition,
    pause,
    request,
    restart,
    resume,
    slow_disk,
    timeout,
    transfer,
    weather,
)
from ..checks import CheckFailed
from ..hunt import Finding, complaint_of
from ..learner import hold_returns, hold_written
from .stage import hold

STAGE = Scenario(
    Raft,
    servers=3,
    network=Network(latency=(10, 10)),
    disk=DiskModel((1, 1)),
    workload=Workload(retry=1000, patience=300),
    options={"reads": "read_index", "election_timeout": (50_000, 60_000)},
    duration=1000,
).at(50, timeout("S1"))
"""S1 leads. Nothing is left to chance, and nobody else stands unless a fault says so."""

FOLLOWERS = replace(STAGE, options={**STAGE.options, "reads": "follower"})

OLD_LEADER = (
    STAGE.at(300, cut("S1", "S2"), cut("S1", "S3"), timeout("S2"))
    .at(400, request("write", "x", 1, server="S2"))
    .at(500, request("read", "x", client="B", server="S1"))
)
"""S1 has been deposed, and does not know it."""

LATE_ANSWER = (
    replace(STAGE, options={**STAGE.options, "heartbeat_interval": 300})
    .at(375, weather(latency=(240, 240)))
    .at(390, weather(latency=(10, 10)), cut("S1", "S2"), cut("S1", "S3", one_way=True))
    .at(400, timeout("S2"))
    .at(470, request("write", "x", 1, server="S2"))
    .at(560, request("read", "x", client="B", server="S1"))
)
"""S3's answer to the last heartbeat of S1 comes when S2 leads, and after S1 has been asked."""

NEW_LEADER = (
    STAGE.at(200, request("write", "x", 1, server="S1"))
    .at(240, timeout("S2"))
    .at(300, request("read", "x", client="B", server="S2"))
)
"""S2 holds the write that S1 has committed, and does not know that it is committed."""

SLOW_NO_OP = (
    replace(STAGE, options={**STAGE.options, "parallel_disk": True})
    .at(200, request("write", "x", 1, server="S1"))
    .at(240, crash("S1"), timeout("S2"))
    .at(255, slow_disk("S2", 100))
    .at(290, request("read", "x", client="B", server="S2"))
)
"""S2 leads, and its no-op is long not committed."""

MISSED_HEARTBEAT = (
    FOLLOWERS.at(200, request("write", "x", 1, server="S1"))
    .at(245, request("read", "x", client="B", server="S3"), cut("S1", "S3", one_way=True))
    .at(285, heal())
)
"""S3 learns how far it has to look before it has come so far."""

UNTOLD_FOLLOWER = FOLLOWERS.at(200, request("write", "x", 1, server="S1")).at(
    245, request("read", "x", client="B", server="S3")
)
"""S1 has committed, and its next heartbeat has not told S3 yet."""

LEASES = Scenario(
    Raft,
    servers=3,
    seed=2,
    network=Network(latency=(1, 1)),
    disk=DiskModel((0.1, 0.1)),
    workload=Workload(retry=1000, patience=200),
    options={"reads": "lease", "election_timeout": (150, 160), "clock_drift": 1.25},
    duration=700,
)
"""S1 leads from 154 ms on, and renews its lease of 120 ms every 50 ms: at 204, 254, 304, …"""

SLOW_CLOCK = (
    LEASES.at(160, clock_skew("S1", 0, rate=0.8))
    .at(394, cut("S1", "S2"), cut("S1", "S3"))
    .at(556, request("write", "x", 1, server="leader"))
    .at(562, request("read", "x", client="B", server="S1"))
)
"""150 ms by the clock of S1 are 187 ms by those of S2 and S3."""

SLOW_ANSWERS = (
    LEASES.at(404, weather(latency=(100, 100)))
    .at(406, weather(latency=(1, 1)), cut("S1", "S2", one_way=True), cut("S1", "S3", one_way=True))
    .at(510, cut("S2", "S1", one_way=True))
    .at(572, request("write", "x", 1, server="leader"))
    .at(580, request("read", "x", client="B", server="S1"))
)
"""What S2 and S3 promised at 405 ms, until 555 ms, S1 hears at 505 ms."""

CUT_OFF = (
    LEASES.at(380, cut("S1", "S2"), cut("S1", "S3"))
    .at(540, request("write", "x", 1, server="leader"))
    .at(550, request("read", "x", client="B", server="S1"))
    .at(560, request("read", "x", client="C", server="S1"))
)
"""S1 goes on to send heartbeats, and nobody hears them."""

EARLY_ELECTION = (
    replace(LEASES, seed=7, options={**LEASES.options, "election_timeout": (150, 300)})
    .at(394, cut("S1", "S2"), cut("S1", "S3"))
    .at(550, request("write", "x", 1, server="leader"))
    .at(560, request("read", "x", client="B", server="S1"))
)
"""Timeouts are of 150 to 300 ms, and S2 leads after 190."""

CALM = LEASES.at(300, *[request("read", "x", client=name, server="S1") for name in "ABCD"])

DEAF_TO_ONE = (
    LEASES.at(356.5, cut("S1", "S3"))
    .at(520, request("write", "x", 1, server="S3"))
    .at(530, request("read", "x", client="B", server="S1"))
)
"""S3 hears nothing of its leader, and stands. S2 hears both."""

BACK_FROM_A_CRASH = DEAF_TO_ONE.at(506, crash("S2")).at(507, restart("S2"))
"""S2 has followed S1 just before it crashed."""

CALLED_TO_STAND = (
    LEASES.at(410, transfer("S1", "S2"))
    .at(411.5, cut("S1", "S2"))
    .at(420, request("write", "x", 1, server="S2"))
    .at(430, request("read", "x", client="B", server="S1"))
)
"""S1 has called S2 to stand, and does not hear what came of it."""


def hold_linearizable(protocol: type[Raft], scenario: Scenario, reason: str) -> Trace:
    """Raises CheckFailed, with the run as evidence, if a client can read the past there."""
    trace = replace(scenario, protocol=protocol).run()
    complaint = complaint_of(trace)
    if complaint:
        name, text, moment = complaint
        found = Finding(trace.scenario, trace, name, text, moment)
        raise CheckFailed(f"{name.capitalize()} is broken: {text}. {reason}.", found)
    return trace


def hold_answered(protocol: type[Raft], scenario: Scenario, reason: str) -> Trace:
    """Raises CheckFailed if a client reads the past, or if one of its reads has no answer."""
    trace = hold_linearizable(protocol, scenario, reason)
    silent = [o for o in trace.operations if o.operation[0] == "read" and o.outcome != "ok"]
    moment = silent[0].start / 1000 if silent else 0
    hold(
        not silent,
        "Liveness",
        f"a read at {moment:g} ms is never answered. {reason}",
        trace,
        moment,
    )
    return trace


def hold_bad_days(protocol: type[Raft], reads: str) -> None:
    """Raises CheckFailed if a client reads the past on one of a dozen bad days."""
    for seed in range(12):
        hold_linearizable(protocol, bad_day(protocol, reads, seed), f"Bad day {seed}")


# -- task 14.1: read_index and is_confirmed --------------------------------------------------------


def check_read_index(protocol: type[Raft]) -> None:
    """Does a leader of `protocol` know how far to look, and that it leads (section 6.4)?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "read_index", "is_confirmed")
    kinds = {"read_index": int, "is_confirmed": bool}
    hold_returns(replace(OLD_LEADER, protocol=protocol), **kinds)
    hold_linearizable(protocol, OLD_LEADER, "S1 was deposed long ago, and could have found out")
    late = "S3 answered a heartbeat that S1 had sent before it was asked: that proves nothing"
    hold_linearizable(protocol, LATE_ANSWER, late)
    one_down = STAGE.at(200, crash("S3")).at(400, request("read", "x", server="S1"))
    hold_answered(protocol, one_down, "S1 and S2 are two of three: S1 counts, too")
    new = "S2 has the write, but does not know yet that S1 had committed it"
    hold_answered(protocol, SLOW_NO_OP, new)
    told = "S1 has committed the write, and S3 was told to look less far"
    hold_answered(protocol, MISSED_HEARTBEAT, told)
    hold_bad_days(protocol, "read_index")
    print("Task 14.1 is right: 5 moments and 12 bad days.")


# -- task 14.2: renew_lease ------------------------------------------------------------------------


def check_lease(protocol: type[Raft]) -> None:
    """Does a leader of `protocol` know how long its lease lasts (section 6.4.1)?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "lease_length", "renew_lease")
    hold_returns(replace(CALM, protocol=protocol), lease_length=float)
    hold_linearizable(protocol, CUT_OFF, "Nobody has answered the heartbeats that S1 counts from")
    slow = "The clock of S1 runs at 0.8; by the others' clocks its lease must be over at 150 ms"
    hold_linearizable(protocol, SLOW_CLOCK, slow)
    late = "S2 and S3 began to wait when they got the heartbeat, not when S1 got their answers"
    hold_linearizable(protocol, SLOW_ANSWERS, late)
    early = "Some follower may lose patience after the shortest election timeout"
    hold_linearizable(protocol, EARLY_ELECTION, early)
    trace = hold_answered(protocol, CALM, "S1 leads, and nothing is wrong")
    asked = [one for one in costs(trace) if one.round_trips]
    text = f"nothing is wrong, but for {len(asked)} of 4 reads S1 had to ask the others"
    hold(not asked, "The lease", text, trace, 300)
    hold_bad_days(protocol, "lease")
    print("Task 14.2 is right: 5 moments and 12 bad days.")


# -- task 14.3: ask_leader and is_ready ------------------------------------------------------------


def check_follower(protocol: type[Raft]) -> None:
    """Does a follower of `protocol` ask, and wait (section 6.4)?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "ask_leader", "is_ready")
    hold_returns(replace(UNTOLD_FOLLOWER, protocol=protocol), is_ready=bool)
    own = "S1 had committed the write, and S3 did not know it"
    hold_answered(protocol, UNTOLD_FOLLOWER, own)
    hold_linearizable(protocol, OLD_LEADER, "S1 was deposed long ago, and could have found out")
    early = "S3 knew how far it had to look, and had not come so far"
    hold_answered(protocol, MISSED_HEARTBEAT, early)
    idle = FOLLOWERS.at(400, request("read", "x", server="S3"))
    hold_answered(protocol, idle, "S3 has applied all that there is")
    hold_bad_days(protocol, "follower")
    print("Task 14.3 is right: 4 moments and 12 bad days.")


# -- all three -------------------------------------------------------------------------------------


def check_all(protocol: type[Raft]) -> None:
    """Do the methods work together? Raises CheckFailed if not."""
    check_follower(protocol)
    check_lease(protocol)
    check_read_index(protocol)


def bad_day(protocol: type[Raft], reads: str, seed: int, drift: float = 2) -> Scenario:
    """Clocks up to twice as fast as others, a bad network, and a leader that is cut off, stands
    still, crashes or hands over, while clients read from all servers.
    """
    random = Random(f"bad day/{seed}").random
    servers = 3 if random() < 0.6 else 5
    scenario = Scenario(
        protocol,
        servers=servers,
        seed=seed,
        clients=3,
        duration=1600,
        network=Network(latency=(0.5, 4), loss=0.05 * random(), duplicate=0.05 * random()),
        disk=DiskModel((0.1, 2)),
        options={
            "reads": reads,
            "clock_drift": drift,
            "election_timeout": (150, 200),
            "heartbeat_interval": 30,
            "pre_vote": random() < 0.5,
            "check_quorum": random() < 0.3,
            "parallel_disk": random() < 0.5,
            "window": 4 if random() < 0.3 else 0,
            "snapshot_every": 10 if random() < 0.3 else 0,
        },
        workload=Workload(
            think=(1, 10), keys=("x",), reads=0.7, attach="any", start=200, retry=25, patience=80
        ),
    )
    names = scenario.server_names
    rates = [2 if random() < 0.6 else 1 for _ in names]
    skews = [clock_skew(name, 0, rate) for name, rate in zip(names, rates, strict=True)]
    # Once somebody leads, for a slow clock would rarely win the first election.
    scenario = scenario.at(220, *skews, clock_skew("leader", 0, 1))
    time = 250.0
    while time < 1500:
        last = time + 150 + 200 * random()
        scenario = trouble(scenario, time, last, random).at(last, heal())
        time = last + 150 * random()
    return scenario


def trouble(scenario: Scenario, time: float, last: float, random: Callable[[], float]) -> Scenario:
    """Something goes wrong at `time` (ms), and is over at `last`, but for cuts."""
    names = scenario.server_names
    one = names[int(len(names) * random())]
    match int(6 * random()):
        case 0:
            return scenario.at(time, crash(one)).at(time + 60 * random(), restart(one))
        case 1:
            return scenario.at(time, pause("leader")).at(last, *map(resume, names))
        case 2:
            called = scenario.at(time, transfer("leader", one))
            return called.at(time + 8 * random(), partition(["leader"], names))
        case 3:
            return scenario.at(time, cut("leader", one))
    return scenario.at(time, partition(["leader"], names))
