"""The invariants: each catches a mistake of its own, and none accuses Raft."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from consensus_lab.protocols.raft import Entry, Raft
from consensus_lab.protocols.raft.invariants import (
    ElectionTimer,
    NothingGoesBack,
    OneVote,
    invariants,
    with_invariants,
)
from consensus_lab.simulation import Scenario, Trace
from consensus_lab.simulation.faults import crash, restart, slow_disk, timeout
from consensus_lab.testing.hunt import rough_weather

from .bugs import LONELY_LEADER, STAGE, TWO_CANDIDATES, TWO_REQUESTS, DoubleVote, Eager
from .fake import leader, server


class OldStamp(Raft):
    """L22: a leader that stamps a client's entry with the term before its own."""

    def append(self, command, out):
        super().append(command, out)
        if command is not None:
            self.log = (*self.log[:-1], Entry(self.current_term - 1, command))


class NoVote(Raft):
    """A leader that forgets for whom it voted."""

    def become_leader(self, out):
        super().become_leader(out)
        self.voted_for = None


class Impatient(Raft):
    """A leader that still waits for a leader."""

    def become_leader(self, out):
        super().become_leader(out)
        self.reset_election_timer(out)


class Unsaved(Raft):
    """A follower that takes entries, and does not save them."""

    def on_append_entries(self, message, out):
        super().on_append_entries(message, SavesNothing(out))


class SavesNothing:
    """Effects that do not save."""

    def __init__(self, out: Any) -> None:
        self.out = out

    def save(self, hold: bool = True) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self.out, name)


class Forgetful(Raft):
    """E3: the current term does not survive a crash."""

    def on_start(self, out):
        self.current_term = 0
        super().on_start(out)


class Modest(Raft):
    """A leader that steps down when a client asks for something."""

    def on_request(self, request, out):
        if self.role == "leader":
            self.become_follower(self.current_term, out)
        super().on_request(request, out)


RESTARTED = STAGE.at(50, timeout("S1")).at(200, crash("S3")).at(300, restart("S3"))

KILLED_BY = {
    "Terms in Order": (OldStamp, TWO_REQUESTS),
    "Indexes in Order": (Eager, LONELY_LEADER),
    "A Leader Voted for Itself": (NoVote, TWO_CANDIDATES),
    "Election Timer": (Impatient, TWO_CANDIDATES),
    "Disk Equals Memory": (Unsaved, TWO_REQUESTS),
    "One Vote a Term": (DoubleVote, TWO_CANDIDATES),
    "Nothing Goes Back": (Forgetful, RESTARTED),
    "A Leader Stays": (Modest, TWO_REQUESTS),
}
"""For each invariant a class that breaks it, and the scenario in which it does."""

ALL_ON = {"window": 4, "max_entries": 3, "parallel_disk": True, "pre_vote": True}


def run(protocol: Any, scenario: Scenario) -> Trace:
    return replace(scenario, protocol=with_invariants(protocol)).run()


@pytest.mark.parametrize("name", KILLED_BY)
def test_each_invariant_catches_its_mistake(name):
    assert name in [violation.property for violation in run(*KILLED_BY[name]).violations]


@pytest.mark.parametrize("name", KILLED_BY)
def test_raft_survives_what_catches_the_mistake(name):
    assert run(Raft, KILLED_BY[name][1]).violations == []


def test_each_invariant_has_a_mistake_that_it_catches():
    assert [watcher.name for watcher in invariants()] == list(KILLED_BY)


@pytest.mark.parametrize("options", [{}, ALL_ON, {**ALL_ON, "check_quorum": True}])
@pytest.mark.parametrize("seed", range(4))
def test_raft_breaks_none_in_rough_weather(seed, options):
    scenario = replace(rough_weather(Raft, seed), options=options)
    assert run(Raft, scenario).violations == []


def test_what_is_watched_keeps_its_name():
    assert with_invariants(Raft).__name__ == "Raft"


# -- each by itself ----------------------------------------------------------------------


def test_a_follower_without_an_election_timer_is_caught():
    watcher, nodes = ElectionTimer(), {"S1": server(1)}
    assert watcher.watch(nodes, "S1", {"timers": {"election": 1}}) is None
    text = watcher.watch(nodes, "S1", {"timers": {}})
    assert text == "S1 does not lead, and its election timer is not set"


def test_a_vote_on_disk_binds_across_a_restart():
    watcher, node = OneVote(), server(1, voted_for="S2")
    watcher.watch({"S1": node}, "S1", {"status": "up"})
    watcher.watch({"S1": node}, "S1", {"disk": {}})
    node.voted_for = "S3"
    text = watcher.watch({"S1": node}, "S1", {"status": "up"})
    assert text == "S1 votes for S2 and for S3 in term 1"


def test_a_vote_that_never_reached_the_disk_does_not():
    scenario = STAGE.at(10, slow_disk("S3", 100)).at(50, timeout("S1"))
    scenario = scenario.at(100, crash("S3")).at(150, restart("S3")).at(200, timeout("S2"))
    trace = run(Raft, scenario)
    assert trace.state_at(99)["S3"]["voted_for"] == "S1"
    assert trace.violations == []


@pytest.mark.parametrize(
    ("field", "told"), [("current_term", "term"), ("commit_index", "commitIndex")]
)
def test_what_goes_back_is_named(field, told):
    node, watcher = leader(1, 1, current_term=3, commit_index=2), NothingGoesBack()
    watcher.watch({"S1": node}, "S1", {})
    setattr(node, field, 1)
    assert f"the {told} of S1 goes back" in watcher.watch({"S1": node}, "S1", {})


def test_the_commit_index_may_go_back_across_a_restart():
    node, watcher = server(1, 1, commit_index=2), NothingGoesBack()
    watcher.watch({"S1": node}, "S1", {})
    node.commit_index = 0
    assert watcher.watch({"S1": node}, "S1", {"status": "up"}) is None
