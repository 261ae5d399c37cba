"""Look for a scenario in which a protocol breaks its word, and make it as small as can be.

Shrinking is delta debugging by one thing at a time: Zeller, A. and Hildebrandt, R. (2002):
Simplifying and Isolating Failure-Inducing Input.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import cast

from ..consistency.linearizable import linearizable
from ..consistency.objects import Consensus
from ..consistency.specification import KeyValue
from ..errors import HandlerError
from ..protocols.node import Node
from ..simulation import faults as f
from ..simulation.network import Network
from ..simulation.scenario import Scenario
from ..simulation.trace import Trace

Complaint = tuple[str, str, float]
"""A property's name, what broke it in words, and when (ms)."""


@dataclass(frozen=True)
class Finding:
    """A run that breaks `property`: `text` says how, `moment` when (ms). `view` opens there."""

    scenario: Scenario
    trace: Trace
    property: str
    text: str
    moment: float

    def __str__(self) -> str:
        faults = ", ".join(f"{fault} at {time:g} ms" for time, fault in self.scenario.faults)
        return (
            f"{self.property} is broken at {self.moment:g} ms: {self.text}. "
            f"Seed {self.scenario.seed}, {self.scenario.servers} servers, {faults or 'no faults'}."
        )

    __repr__ = __str__


def complaint_of(trace: Trace) -> Complaint | None:
    """What is wrong with a run: the first property broken, or its history."""
    if trace.violations:
        first = trace.violations[0]
        return first.property, first.text, first.time / 1000
    if trace.operations:
        proposals = all(done.operation[0] == "propose" for done in trace.operations)
        verdict = linearizable(trace.history(), Consensus() if proposals else KeyValue())
        if verdict.holds is False and verdict.counterexample is not None:
            last = max(operation.start for operation in verdict.counterexample)
            return "linearizability", verdict.explanation.rstrip("."), last / 1000
    return None


def complaint_or_silence(trace: Trace) -> Complaint | None:
    """As `complaint_of`; where nothing stays broken, a client without an answer is wrong, too."""
    silent = [done for done in trace.operations if done.outcome != "ok"]
    if not silent:
        return complaint_of(trace)
    first = silent[0]
    text = f"{first.process} has no answer to its {first.operation[0]}"
    return complaint_of(trace) or ("termination", text, first.start / 1000)


def hunt(
    protocol: type[Node],
    seeds: int = 200,
    scenario: Callable[[int], Scenario] | None = None,
    complaint: Callable[[Trace], Complaint | None] = complaint_of,
) -> Finding | None:
    """Run up to `seeds` random scenarios of `protocol`. Returns the first failure, shrunk, or None.

    `scenario` makes the scenario for a seed (default: `rough_weather`); `complaint` says what is
    wrong with a trace, if anything. Raises HandlerError if a handler itself fails.
    """
    make = scenario or (lambda seed: rough_weather(protocol, seed))
    for seed in range(seeds):
        found = attempt(make(seed), complaint)
        if found:
            return shrink(found, complaint)
    return None


def attempt(scenario: Scenario, complaint: Callable[[Trace], Complaint | None]) -> Finding | None:
    """Run one scenario. Returns what is wrong with it, if anything.

    A class that first breaks a property and then fails is found out; one that only fails is not:
    its HandlerError is raised.
    """
    try:
        trace = scenario.run()
    except HandlerError as error:
        trace = cast(Trace, error.trace)
        wrong = complaint(trace)
        if wrong is None:
            raise
        return Finding(scenario, trace, *wrong)
    wrong = complaint(trace)
    return Finding(scenario, trace, *wrong) if wrong else None


def shrink(finding: Finding, complaint: Callable[[Trace], Complaint | None]) -> Finding:
    """The same property broken with fewer faults, servers and clients, and sooner: 1-minimal."""
    smaller = True
    while smaller:
        smaller = False
        for scenario in simpler(finding):
            try:
                found = attempt(scenario, complaint)
            except HandlerError:
                continue
            if found and found.property == finding.property:
                finding, smaller = found, True
                break
    return finding


def simpler(finding: Finding) -> Iterator[Scenario]:
    """Scenarios one step smaller than the finding's, the boldest steps first."""
    scenario = finding.scenario
    end = finding.moment + 1
    if scenario.duration > end:
        early = tuple((time, fault) for time, fault in scenario.faults if time <= end)
        yield replace(scenario, duration=end, faults=early)
    if scenario.network != Network():
        yield replace(scenario, network=Network())
    if scenario.clients:
        yield replace(scenario, clients=scenario.clients - 1)
    for index in range(len(scenario.faults)):
        yield replace(scenario, faults=scenario.faults[:index] + scenario.faults[index + 1 :])
    last = scenario.server_names[-1]
    if scenario.servers > 3 and not any(last in fault.names() for _, fault in scenario.faults):
        yield replace(scenario, servers=scenario.servers - 1)


def rough_weather(protocol: type[Node], seed: int) -> Scenario:
    """A random scenario of 3 s: a bad network, and half a dozen faults, most of them mended."""
    random = Random(f"hunt/{seed}")

    def pick(*choices: str) -> str:
        return choices[int(random.random() * len(choices))]

    scenario = Scenario(
        protocol,
        servers=3 if random.random() < 0.5 else 5,
        seed=seed,
        clients=2,
        network=Network(
            latency=(2, 30),
            loss=0.1 * random.random(),
            duplicate=0.1 * random.random(),
            reorder=0.2 * random.random(),
        ),
    )
    for _ in range(6):
        time = round(2500 * random.random())
        later = time + round(50 + 450 * random.random())
        who = pick("leader", *scenario.server_names)
        match pick("crash", "pause", "cut", "partition"):
            case "crash":
                named = pick(*scenario.server_names)
                scenario = scenario.at(time, f.crash(named)).at(later, f.restart(named))
            case "pause":
                named = pick(*scenario.server_names)
                scenario = scenario.at(time, f.pause(named)).at(later, f.resume(named))
            case "cut":
                other = pick(*scenario.server_names)
                scenario = scenario.at(time, f.cut(who, other, one_way=random.random() < 0.5))
                scenario = scenario.at(later, f.heal())
            case "partition":
                rest = [name for name in scenario.server_names if random.random() < 0.5]
                others = [name for name in scenario.server_names if name not in rest]
                scenario = scenario.at(time, f.partition(rest, others)).at(later, f.heal())
    return scenario
