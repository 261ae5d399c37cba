"""The inconsistency window of a store that gossips."""

from __future__ import annotations

import pytest

from consensus_lab.errors import ConsensusLabError
from consensus_lab.protocols import Raft
from consensus_lab.protocols.stores import Counters, LastWriterWins
from consensus_lab.simulation import DiskModel, Network, Scenario
from consensus_lab.simulation.faults import clock_skew, heal, partition, request
from consensus_lab.simulation.inconsistency import inconsistency_windows


def mailing(protocol=LastWriterWins, **options) -> Scenario:
    """Three servers that mail each change at once; messages of exactly 5 ms."""
    options = {"direct_mail": True, **options}
    return Scenario(
        protocol, servers=3, network=Network((5, 5)), disk=DiskModel((1, 1)), options=options
    )


def test_a_mail_arrives_when_the_answer_does() -> None:
    trace = mailing().at(10, request("write", "x", 1, server="S1")).run(100)
    assert inconsistency_windows(trace) == [0]


def test_it_lasts_until_the_last_server_has_it() -> None:
    scenario = (
        mailing(interval=20)
        .at(0, partition(["S1", "S2"], ["S3"]))
        .at(10, request("write", "x", 1, server="S1"))
        .at(500, heal())
    )
    (window,) = inconsistency_windows(scenario.run(800))
    assert window is not None
    assert 500 - 21 < window < 600
    assert inconsistency_windows(scenario.run(400)) == [None]


def test_whoever_has_a_newer_one_needs_no_older_one() -> None:
    trace = (
        mailing()
        .at(0, clock_skew("S1", -500))
        .at(10, request("write", "x", 1, client="A", server="S2"))
        .at(60, request("write", "x", 2, client="B", server="S1"))
        .run(200)
    )
    assert inconsistency_windows(trace) == [0, 0]


def test_it_is_the_same_for_all_that_merges() -> None:
    trace = mailing(Counters).at(10, request("increment", "x", 1, server="S1")).run(100)
    assert inconsistency_windows(trace) == [0]


def test_a_store_that_does_not_merge_has_none() -> None:
    with pytest.raises(ConsensusLabError, match="Raft does not merge"):
        inconsistency_windows(Scenario(Raft).run(100))
