"""The bug zoo: each mistake of elections and replication is found out, and Raft survives that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.protocols.raft import Raft
from consensus_lab.simulation import Scenario, Trace

from . import election_bugs, replication_bugs

KILLED_BY = {**election_bugs.KILLED_BY, **replication_bugs.KILLED_BY}


def leaders(trace: Trace) -> dict[str, int]:
    """Who leads in the end, and in which term."""
    state = trace.state_after(len(trace.events))
    up = {name: fields for name, fields in state.items() if fields["status"] == "up"}
    return {n: fields["current_term"] for n, fields in up.items() if fields["role"] == "leader"}


def latest_term(trace: Trace) -> int:
    state = trace.state_after(len(trace.events))
    return max(fields["current_term"] for fields in state.values())


def roles(trace: Trace) -> list[str]:
    return sorted(fields["role"] for fields in trace.state_after(len(trace.events)).values())


def logs(trace: Trace) -> set[tuple[object, ...]]:
    return {tuple(fields["log"]) for fields in trace.state_after(len(trace.events)).values()}


PROMISES = {
    "the latest term has a leader": lambda trace: latest_term(trace) in leaders(trace).values(),
    "nobody leads an older term": lambda trace: (
        set(leaders(trace).values()) <= {latest_term(trace)}
    ),
    "all others follow": lambda trace: roles(trace) == ["follower", "follower", "leader"],
    "S3 leads term 2": lambda trace: leaders(trace) == {"S3": 2},
    "the logs are the same": lambda trace: len(logs(trace)) == 1,
    "linearizability": lambda trace: linearizable(trace.history()).holds is not False,
}


def broken(protocol: type[Raft], scenario: Scenario, promise: str) -> set[str]:
    """Which properties a run breaks, and whether it breaks that promise."""
    trace = replace(scenario, protocol=protocol).run()
    found = {violation.property for violation in trace.violations}
    return found if PROMISES.get(promise, lambda _: True)(trace) else {*found, promise}


@pytest.mark.parametrize("row", KILLED_BY)
def test_each_mistake_is_found_out(row):
    bug, scenario, promise = KILLED_BY[row]
    assert promise in broken(bug, scenario, promise)


@pytest.mark.parametrize("row", KILLED_BY)
def test_raft_survives_what_finds_it_out(row):
    _, scenario, promise = KILLED_BY[row]
    assert broken(Raft, scenario, promise) == set()
