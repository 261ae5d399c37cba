"""Logs for ShiViz: every line is read by the expression that the file begins with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from consensus_lab.clocks import VectorClock, vector_clocks
from consensus_lab.files.shiviz import save_shiviz
from consensus_lab.protocols.raft import Raft
from consensus_lab.simulation.faults import crash, cut
from consensus_lab.simulation.scenario import Scenario
from consensus_lab.simulation.trace import Trace

RUN = (
    Scenario(Raft, servers=3, clients=1, duration=900).at(600, crash("S1")).at(700, cut("S2", "S3"))
)


@pytest.fixture(scope="module")
def trace() -> Trace:
    return RUN.run()


@pytest.fixture
def log(trace: Trace, tmp_path: Path) -> list[re.Match[str]]:
    save_shiviz(trace, tmp_path / "run.log")
    first, second, *lines = (tmp_path / "run.log").read_text("utf-8").splitlines()
    assert second == ""
    expression = re.compile(first.replace("(?<", "(?P<"))  # Python writes its groups so
    found = [expression.fullmatch(line) for line in lines]
    assert None not in found
    return [match for match in found if match]


def test_every_event_of_a_process_is_a_line(trace: Trace, log: list[re.Match[str]]) -> None:
    assert [match["host"] for match in log] == [e.who for e in trace.events if e.who is not None]


def test_the_clocks_are_those_of_the_trace(trace: Trace, log: list[re.Match[str]]) -> None:
    told = [VectorClock(json.loads(match["clock"])) for match in log]
    assert told == [clock for clock in vector_clocks(trace) if clock]


def test_a_process_counts_its_own_events_one_by_one(log: list[re.Match[str]]) -> None:
    """ShiViz asks for that: the first has 1 at its own process, the next 2, …"""
    for host in ("S1", "S2", "S3", "A"):
        own = [json.loads(match["clock"])[host] for match in log if match["host"] == host]
        assert own == list(range(1, len(own) + 1))


def test_a_line_says_what_happened_what_was_sent_and_why(log: list[re.Match[str]]) -> None:
    said = [match["event"] for match in log]
    assert said[0] == "start"
    assert "receives RequestVote from S2; votes for S2 in term 1" in said
    assert "has saved; sends RequestVote to S1; sends RequestVote to S3" in said
    assert "crash" in said
    assert any(re.match("asks write x [0-9]+; sends ClientRequest to S", words) for words in said)
