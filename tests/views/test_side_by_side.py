"""Runs side by side: what travels, the still, and what is counted."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from consensus_lab import Scenario, crash, partition
from consensus_lab.errors import ConsensusLabError
from consensus_lab.protocols import Counters, LastWriterWins, SingleLeader
from consensus_lab.simulation.trace import ClientOperation, Trace
from consensus_lab.simulation.workload import Workload
from consensus_lab.views import view
from consensus_lab.views.side_by_side import SideBySideView, counts, stale_reads

HOME = Workload(think=(15, 40), start=30, attach="home")
PARTED = Scenario(SingleLeader, servers=3, seed=5, clients=3, duration=500, workload=HOME).at(
    200, partition(["S1", "S2", "A", "B"], ["S3", "C"])
)


def both() -> list[Trace]:
    return [PARTED.run(), replace(PARTED, protocol=LastWriterWins).run()]


CP, AP = both()


def operation(process: str, kind: str, *args: object, **told: Any) -> ClientOperation:
    return ClientOperation(process, (kind, "x", *args), **told)


def test_all_traces_travel_once_and_as_they_are() -> None:
    widget = view([CP, AP])
    assert isinstance(widget, SideBySideView)
    told = json.loads(gzip.decompress(widget.traces))
    assert told == [json.loads(CP.to_json()), json.loads(AP.to_json())]


def test_scenarios_are_run_and_shown() -> None:
    assert view([PARTED, PARTED]).traces == view([CP, CP]).traces


def test_without_labels_a_run_is_called_by_its_protocol() -> None:
    assert view([CP, AP]).options["labels"] == ["SingleLeader", "LastWriterWins"]


@pytest.mark.parametrize(("traces", "labels"), [([CP, AP], ["one"]), ([CP], ["a", "b"]), ([], [])])
def test_each_run_needs_a_label(traces: list[Trace], labels: list[str]) -> None:
    with pytest.raises(ConsensusLabError, match="a label for each"):
        view(traces, labels=labels)


def test_a_list_of_other_things_is_refused() -> None:
    with pytest.raises(ConsensusLabError, match="draw list"):
        view([CP, 7])


def test_what_the_clients_were_told_is_counted_at_a_time() -> None:
    trace = Trace(CP.scenario, CP.servers, ("A",), ())
    trace.operations = [
        operation("A", "write", 1, start=0, end=10_000, outcome="ok"),
        operation("A", "write", 2, start=20_000, end=30_000, outcome="failed"),
        operation("A", "write", 3, start=40_000),
        operation("A.2", "read", start=90_000, end=99_000, outcome="ok", result=1),
    ]
    told = {time: counts(trace, [3], time) for time in (5, 10, 30, 50, 95, 100)}
    assert told == {
        5: [0, 1, 0, 0, 0],
        10: [1, 0, 0, 0, 0],
        30: [1, 0, 1, 0, 0],
        50: [1, 1, 1, 0, 0],
        95: [1, 1, 1, 1, 0],
        100: [2, 0, 1, 1, 1],
    }


def test_a_read_that_missed_an_answered_write_is_stale() -> None:
    assert stale_reads(CP) == []
    stale = stale_reads(AP)
    assert stale
    for number in stale:
        read = AP.operations[number]
        assert read.operation[0] == "read"
        assert any(
            o.operation[:2] == ("write", read.operation[1])
            and o.end is not None
            and o.end < read.start
            and o.operation[2] != read.result
            for o in AP.operations
        )


def test_of_other_objects_nobody_can_say_what_is_stale() -> None:
    counters = Workload(start=30, object="counter")
    trace = Scenario(Counters, servers=3, clients=1, duration=300, workload=counters).run()
    assert stale_reads(trace) is None
    assert "stale" not in view([trace]).describe()


def test_the_still_shows_every_run_with_its_label_and_its_counts() -> None:
    svg = view([CP, AP], labels=["strict", "lax"], at=400).still()
    words = [e.text for e in ElementTree.fromstring(svg).iter() if e.text and e.text.strip()]
    assert words.count("S1") == 2
    assert {"strict at 400 ms", "lax at 400 ms"} <= set(words)
    assert sum("answered" in word for word in words) == 2
    assert len(svg) < 40_000


def test_three_runs_have_a_still_of_two_rows() -> None:
    one, three = view([CP]).still(), view([CP, AP, CP]).still()
    height = [float(ElementTree.fromstring(svg).attrib["height"]) for svg in (one, three)]
    assert height[1] > 1.8 * height[0]


def test_the_words_tell_of_every_run() -> None:
    told = view([CP, AP], labels=["strict", "lax"]).describe().splitlines()
    assert told[0].startswith("strict: SingleLeader, 3 servers")
    assert told[1].startswith("lax: LastWriterWins, 3 servers")
    assert all("answered" in line for line in told)


def test_a_run_that_ended_earlier_stands_still() -> None:
    short = Scenario(LastWriterWins, servers=3, duration=100).at(50, crash("S1")).run()
    assert "at 500 ms" in view([CP, short]).still()
