"""Single moments of a protocol, set up by hand, as scenarios that can be played.

To see what a server in a given state does with a given message one need not run a cluster until it
gets there: the scenario begins in that state. So the smallest failing case is a scenario, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...protocols.node import Effects
from ...protocols.raft import BasicRaft, Entry
from ...simulation import Scenario, Trace
from ...simulation.faults import Fault
from ..checks import CheckFailed
from ..hunt import Finding, hunt

State = Mapping[str, Any]


@dataclass(frozen=True)
class Line:
    """What a server says at a time (ms), whatever its own rules are."""

    time: float
    source: str
    target: str
    message: Any


def staged(
    protocol: type[BasicRaft],
    states: Mapping[str, State],
    *lines: Line,
    faults: tuple[tuple[float, Fault], ...] = (),
    servers: int = 5,
    options: Mapping[str, Any] | None = None,
) -> Scenario:
    """A scenario of 100 ms that begins in `states` (fields by server), in which `lines` are said.

    Servers without a state of their own begin as fresh followers in the first one's term.
    """
    Scenario(protocol)  # it says so in a sentence if `protocol` is none
    term = next(iter(states.values()))["current_term"]

    class Staged(protocol):  # type: ignore[misc, valid-type]
        def on_start(self, out: Effects) -> None:
            super().on_start(out)
            if self.current_term > 0:
                return  # it comes back from a crash: what its disk holds is its state
            for name, value in {"current_term": term, **states.get(self.name, {})}.items():
                setattr(self, name, value)
            out.save()
            for number, line in enumerate(lines):
                if line.source == self.name:
                    out.set_timer(f"line {number}", line.time)

        def on_timer(self, name: str, out: Effects) -> None:
            if name.startswith("line "):
                line = lines[int(name.removeprefix("line "))]
                out.send(line.target, line.message)
            else:
                super().on_timer(name, out)

    Staged.__name__ = Staged.__qualname__ = protocol.__name__
    return Scenario(Staged, servers, duration=100, options=options or {}, faults=faults)


def log_of(*terms: int) -> tuple[Entry, ...]:
    """A log whose entries have these terms."""
    return tuple(Entry(term) for term in terms)


def follower(term: int, voted_for: str | None, *log: int) -> State:
    """A follower in `term` that has voted for `voted_for`, with a log of these terms."""
    return {"current_term": term, "voted_for": voted_for, "log": log_of(*log)}


def candidate(name: str, term: int, *log: int) -> State:
    """A server that has just stood for election in `term`, with a log of these terms."""
    mine = {"role": "candidate", "votes": frozenset({name})}
    return {**follower(term, name, *log), **mine}


def leader(
    name: str, term: int, log: tuple[int, ...], match: Mapping[str, int], **more: Any
) -> State:
    """The leader of `term`, which knows of each server how far its log matches."""
    return {
        "role": "leader",
        "leader": name,
        "current_term": term,
        "voted_for": name,
        "log": log_of(*log),
        "match_index": dict(match),
        "next_index": {server: len(log) + 1 for server in match if server != name},
        **more,
    }


def hold(condition: object, property: str, text: str, trace: Trace, moment: float = 0) -> None:
    """Raises CheckFailed, with the run at `moment` (ms) as evidence, unless `condition` holds."""
    if not condition:
        finding = Finding(trace.scenario, trace, property, text, moment)
        raise CheckFailed(f"{property} is at risk: {text}.", finding)


def hold_safe(scenario: Scenario, reason: str) -> None:
    """Raises CheckFailed if a property breaks in this scenario; `reason` says what went wrong."""
    trace = scenario.run()
    for violation in trace.violations:
        text = f"{violation.property} is broken: {violation.text}. {reason}."
        moment = violation.time / 1000
        finding = Finding(scenario, trace, violation.property, violation.text, moment)
        raise CheckFailed(text, finding)


def hold_in_runs(
    protocol: type[BasicRaft], seeds: int, scenario: Callable[[int], Scenario] | None = None
) -> None:
    """Raises CheckFailed with the smallest failing run, if one of `seeds` random runs fails."""
    finding = hunt(protocol, seeds, scenario)
    if finding:
        raise CheckFailed(str(finding), finding)
