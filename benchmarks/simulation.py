"""How fast a world runs, how soon a "what if" is there, how large a trace is, how long an import.

The whole trace is recorded and all five properties are watched, as in every run.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from time import perf_counter

from consensus_lab import Raft, Scenario, crash
from consensus_lab.simulation import Trace, Workload

from .table import Row, timed

SECONDS = 2.0
"""How long each measurement goes on."""

SCENARIOS = {
    "idle, 50 ms heartbeats": Scenario(Raft, seed=7, duration=6000),
    "2 clients": Scenario(Raft, seed=7, clients=2, duration=6000),
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
    size = len(trace.to_json().encode()) / len(trace.events)
    told = f"{delivered:,} delivered, {size:.0f} B an event"
    rates = [delivered / spent for spent in runs(scenario.run)]
    return Row(f"messages, five servers, {name}", rates, "/s", 60_000, told)


def what_if(clients: int) -> Row:
    """From a click to the new trace, ready for the browser."""
    scenario = Scenario(Raft, seed=7, clients=clients, duration=10_000)

    def work() -> str:
        trace: Trace = scenario.at(5000, crash("leader")).run()
        return trace.to_json()

    spent = [1000 * seconds for seconds in runs(work)]
    return Row(f"what if: a new trace of 10 s, {clients} clients", spent, "ms", 300)


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
    for clients in (0, 2):
        yield what_if(clients)
    yield imports()
