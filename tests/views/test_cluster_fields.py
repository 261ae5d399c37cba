"""Servers without a log: the still shows their fields, in as few letters as the live view does."""

from __future__ import annotations

import pytest

from consensus_lab.clocks import VectorClock
from consensus_lab.protocols.node import ClientRequest
from consensus_lab.protocols.paxos import ZERO, Ballot, Proposal
from consensus_lab.protocols.stores.causal import CausalStore, Write
from consensus_lab.protocols.stores.quorum_messages import Stored
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import crash, request
from consensus_lab.views.cluster_fields import in_short
from consensus_lab.views.cluster_still import still


def test_the_still_has_a_row_for_each_server_and_a_column_for_each_field() -> None:
    trace = Scenario(CausalStore, servers=3).at(10, request("write", "x", 7)).run(100)
    picture = still(trace, 100)
    assert all(f">{name}<" in picture for name in ("clock", "data", "waiting"))
    assert picture.count(">x=7<") == 3
    assert "applied" not in picture


def test_a_crashed_server_has_no_fields() -> None:
    trace = Scenario(CausalStore, servers=2).at(10, request("write", "x", 7)).at(80, crash("S2"))
    assert still(trace.run(100), 100).count(">x=7<") == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (4, "4"),
        ({"x": 1, "y": 2}, "x=1 y=2"),
        ({}, "{}"),
        (VectorClock({"S1": 2}), "S1=2"),
        ((Write("x", 5, "S1", VectorClock({"S2": 1})),), "[x=5 @S1 (S2=1)]"),
        ([{"value": 5, "time": 3}], "[5 @3]"),
        ([{"only": {"a": 1, "b": 2}}], "[(a=1 b=2)]"),
        (Ballot(3, "S2"), "3.S2"),
        (ZERO, "–"),
        (Proposal(Ballot(3, "S2"), 7), "7 @3.S2"),
        (Proposal(Ballot(3, "S2"), ClientRequest("A", 1, ("write", "x", 4))), "x=4 @3.S2"),
        ({"x": Stored(5, 2, "S1")}, "x=5 @2.S1"),
        ({"ecf0f519": ClientRequest("A", 1, ("write", "x", 4))}, "x=4"),
    ],
)
def test_a_value_in_a_few_letters(value: object, words: str) -> None:
    assert in_short(value) == words
