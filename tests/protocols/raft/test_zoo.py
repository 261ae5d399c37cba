"""The bug zoo: each mistake is found out in its scenario, and Raft survives that."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from consensus_lab.errors import HandlerError
from consensus_lab.protocols.raft import Raft
from consensus_lab.protocols.raft.invariants import with_invariants
from consensus_lab.simulation import Scenario, Trace
from consensus_lab.simulation.faults import Wipe

from . import (
    bound_bugs,
    client_bugs,
    election_bugs,
    extension_bugs,
    membership_bugs,
    read_bugs,
    replication_bugs,
    snapshot_bugs,
)
from .promises import broken_in

SEEN_BY_CLIENTS = {
    bug.__name__: (bug, scenario, "linearizability")
    for bug, scenario in {**read_bugs.KILLED_IN, **client_bugs.KILLED_IN}.items()
}
KILLED_BY = {
    **election_bugs.KILLED_BY,
    **replication_bugs.KILLED_BY,
    **bound_bugs.KILLED_BY,
    **snapshot_bugs.KILLED_BY,
    **membership_bugs.KILLED_BY,
    **extension_bugs.KILLED_BY,
    **SEEN_BY_CLIENTS,
}


def ran(scenario: Scenario, protocol: type[Raft], *without: int) -> Trace:
    """Its run without these faults; up to the failure, if a handler fails.

    The invariants are watched, too; but not where a new machine begins anew, under an old name.
    """
    faults = tuple(fault for i, fault in enumerate(scenario.faults) if i not in without)
    if not any(isinstance(fault, Wipe) for _, fault in faults):
        protocol = with_invariants(protocol)
    try:
        return replace(scenario, protocol=protocol, faults=faults).run()
    except HandlerError as error:
        return error.trace


@pytest.fixture(autouse=True)
def same_mood(monkeypatch):
    """A machine that depends on luck has the same in every test."""
    monkeypatch.setattr(client_bugs.Moody, "mood", count())


@pytest.mark.parametrize("row", KILLED_BY)
def test_each_mistake_is_found_out(row):
    bug, scenario, what = KILLED_BY[row]
    assert what in broken_in(ran(scenario, bug), what)


@pytest.mark.parametrize("row", KILLED_BY)
def test_raft_survives_what_finds_it_out(row):
    _, scenario, what = KILLED_BY[row]
    assert broken_in(ran(scenario, Raft), what) == set()


def test_a_bound_without_a_leak_survives_many_changes():
    trace = ran(bound_bugs.MANY_CHANGES, bound_bugs.Bounded)
    assert broken_in(trace, "clients are answered") == set()


@pytest.mark.parametrize("row", SEEN_BY_CLIENTS)
def test_no_fault_can_be_left_out_of_what_clients_see(row, monkeypatch):
    bug, scenario, what = KILLED_BY[row]
    for place, fault in enumerate(scenario.faults):
        monkeypatch.setattr(client_bugs.Moody, "mood", count())
        assert what not in broken_in(ran(scenario, bug, place), what), fault
