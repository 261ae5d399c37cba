"""How fast a world runs, how soon a "what if" is there, how large a trace is, how long an import.

The whole trace is recorded and all five properties are watched, as in every run.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from time import perf_counter, process_time

from consensus_lab import MultiPaxos, Raft, Scenario, crash
from consensus_lab.simulation import Trace, Workload
from consensus_lab.testing.hunt import rough_weather
from consensus_lab.views.cluster import ClusterView

from .bare import BareWorld
from .table import Row, timed

SECONDS = 2.0
"""How long each measurement goes on."""

LOADED = Scenario(Raft, seed=7, clients=4, duration=10_000)
"""Four clients ask about 50 times a second."""

ALL_ON = {
    "pre_vote": True,
    "check_quorum": True,
    "window": 4,
    "parallel_disk": True,
    "snapshot_every": 100,
    "reads": "lease",
    "members": ("S1", "S2", "S3", "S4", "S5"),
}
"""What production systems turn on. What is off does not run at all."""

MINUTE = replace(LOADED, duration=60_000)

SCENARIOS = {
    "idle, 50 ms heartbeats": Scenario(Raft, seed=7, duration=6000),
    "50 requests a second": LOADED,
    "50 requests a second, all extensions on": replace(LOADED, options=ALL_ON),
    "50 requests a second, a minute": MINUTE,
    "10 busy clients": Scenario(
        Raft, seed=7, clients=10, duration=3000, workload=Workload(think=(0, 10))
    ),
}


def runs(work: Callable[[], object]) -> list[float]:
    """The processor time of each of as many runs as there is time for."""
    end, spent = perf_counter() + SECONDS, list[float]()
    while not spent or perf_counter() < end:
        spent.append(timed(work)[1])
    return spent


def rates(name: str, scenario: Scenario) -> Row:
    """How many messages a second are delivered, the whole trace recorded."""
    trace = scenario.run()
    delivered = sum(flight.fate == "delivered" for flight in trace.messages)
    told = f"{delivered:,} delivered, {len(trace.events):,} events"
    rates = [delivered / spent for spent in runs(scenario.run)]
    return Row(f"messages, five servers, {name}", rates, "/s", 60_000, told)


def bound() -> Row:
    """How many messages a second there could be at most, if recording them took no time at all."""
    worlds: list[BareWorld] = []

    def run() -> None:
        worlds.append(BareWorld(LOADED))
        worlds[-1].run()

    rates = [worlds[0].delivered / spent for spent in runs(run)]
    recorded = sum(flight.fate == "delivered" for flight in LOADED.run().messages)
    told = "the same messages" if recorded == worlds[0].delivered else "WRONG: other messages"
    return Row(
        "messages, five servers, 50 requests a second, not recorded", rates, "/s", None, told
    )


def size(trace: Trace) -> Row:
    """What an event takes in the file that a trace is saved in, gzipped."""
    packed = len(gzip.compress(trace.to_json().encode(), mtime=0))
    return Row("trace of a loaded minute, gzipped", [packed / len(trace.events)], "B/event", 120)


def queries(trace: Trace) -> Row:
    """The state of all servers at a time."""
    times = range(0, 60_001, 5_000)
    spent = [1000 * timed(trace.state_at, time)[1] for time in times]
    return Row("the state at a time of a loaded minute", spent, "ms", 5)


def what_if(clients: int) -> Row:
    """From a click to the beginning of the new branch, ready for the browser."""
    view = ClusterView(Scenario(Raft, seed=7, clients=clients, duration=10_000).run())
    question = {"time_us": 5_000_000, "fault": crash("leader").to_json(), "branch": 0}
    spent: list[float] = []

    def ask() -> None:
        answers: list[float] = []
        view.send = lambda content, buffers: answers.append(process_time())
        begin = process_time()
        view.hear(None, {"id": 1, "what_if": question}, [])
        spent.append(1000 * (answers[0] - begin))

    runs(ask)
    return Row(f"what if: the first of a new branch of 10 s, {clients} clients", spent, "ms", 200)


def random_scenarios() -> Row:
    """A thousand such scenarios of Multi-Paxos are to take two minutes."""
    scenarios = [replace(rough_weather(MultiPaxos, seed), duration=10_000) for seed in range(50)]
    spent = [1000 * sum(timed(one.run)[1] for one in scenarios) / len(scenarios)]
    return Row("a random scenario of Multi-Paxos of 10 s, the mean of 50", spent, "ms", 120)


def imports() -> Row:
    """What `import consensus_lab` adds to the start of Python, by the clock."""
    code = "from time import perf_counter as now; t = now(); import consensus_lab; print(now() - t)"
    command = [sys.executable, "-c", code]
    spent = [1000 * float(subprocess.check_output(command)) for _ in range(5)]
    return Row("import consensus_lab", spent, "ms", 150)


def rows() -> Iterator[Row]:
    """The rows of the table."""
    for name, scenario in SCENARIOS.items():
        yield rates(name, scenario)
    yield bound()
    trace = MINUTE.run()
    yield size(trace)
    yield queries(trace)
    for clients in (0, 2):
        yield what_if(clients)
    yield random_scenarios()
    yield imports()
