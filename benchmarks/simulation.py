"""How fast a world runs, how soon a "what if" is there, how large a trace is, how long an import.

Rates are of processor time, the best of several runs: what else the machine does counts little.
The whole trace is recorded and all five properties are watched, as in every run.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from time import perf_counter, process_time

from consensus_lab import Raft, Scenario, crash
from consensus_lab.simulation import Trace, Workload

SECONDS = 2.0
"""How long each measurement goes on."""

SCENARIOS = {
    "idle, 50 ms heartbeats": Scenario(Raft, seed=7, duration=6000),
    "2 clients": Scenario(Raft, seed=7, clients=2, duration=6000),
    "10 busy clients": Scenario(
        Raft, seed=7, clients=10, duration=3000, workload=Workload(think=(0, 10))
    ),
}


def best(measure: Callable[[], float]) -> float:
    """The least that `measure` gives in SECONDS."""
    end = perf_counter() + SECONDS
    least = measure()
    while perf_counter() < end:
        least = min(least, measure())
    return least


def seconds(work: Callable[[], object]) -> Callable[[], float]:
    """What measures the processor time of `work`."""

    def measure() -> float:
        begin = process_time()
        work()
        return process_time() - begin

    return measure


def row_of(name: str, scenario: Scenario) -> str:
    """One row of the table of rates."""
    trace = scenario.run()
    delivered = sum(flight.fate == "delivered" for flight in trace.messages)
    rate = delivered / best(seconds(scenario.run))
    size = len(trace.to_json().encode())
    return (
        f"{name:24}{len(trace.events):8,}{delivered:11,}{rate:12,.0f} /s"
        f"{size / 1e6:9.1f} MB{size / len(trace.events):9.0f} B"
    )


def what_if(scenario: Scenario) -> Callable[[], float]:
    """What measures the time from a click to the new trace, ready for the browser."""

    def work() -> str:
        trace: Trace = scenario.at(5000, crash("leader")).run()
        return trace.to_json()

    return seconds(work)


def import_time() -> float:
    """What `import consensus_lab` adds to the start of Python, in seconds."""
    code = "from time import perf_counter as now; t = now(); import consensus_lab; print(now() - t)"
    return float(subprocess.check_output([sys.executable, "-c", code]))


def main() -> None:
    """Print the tables."""
    print("five servers              events  delivered           rate       trace   an event")
    for name, scenario in SCENARIOS.items():
        print(row_of(name, scenario), flush=True)
    print()
    for clients in (0, 2):
        scenario = Scenario(Raft, seed=7, clients=clients, duration=10_000)
        spent = 1000 * best(what_if(scenario))
        print(f"what if, 10 s and {clients} clients:  {spent:6.0f} ms", flush=True)
    print(f"import consensus_lab:         {1000 * best(import_time):6.1f} ms")


if __name__ == "__main__":
    main()
