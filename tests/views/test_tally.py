"""The tally: what clients got from a store, counted from its trace."""

from __future__ import annotations

from consensus_lab.protocols import Quorum, Raft
from consensus_lab.simulation import DiskModel, Network, Scenario, Trace, Workload
from consensus_lab.simulation.faults import partition, request
from consensus_lab.views.tally import COSTS, HEADS, middle, tally, tally_costs


def cut_off(**options) -> Trace:
    """S1 and A are cut off, and miss a write of B's; then both write and read."""
    scenario = Scenario(
        Quorum, 3, options=options, network=Network((5, 5)), disk=DiskModel((1, 1)), duration=2000
    )
    scenario = scenario.at(100, partition(["S1", "A"], ["S2", "S3", "B"]))
    scenario = scenario.at(200, request("write", "x", 1, client="B", server="S2"))
    for client, server in (("A", "S1"), ("B", "S2")):
        asks = [("read", "x"), ("write", "x", server)]
        scenario = scenario.at(300, *[request(*o, client=client, server=server) for o in asks])
    return scenario.run()


def counted(trace: Trace) -> dict[str, str]:
    """One row of a tally, by its heads."""
    return dict(zip(HEADS, tally({"it": trace}).rows["it"], strict=True))


def test_refusals_are_counted():
    row = counted(cut_off(r=2, w=2))
    assert (row["asked"], row["answered"], row["refused"]) == ("5", "3", "2")
    assert row["stale reads"] == "0"


def test_stale_reads_are_counted():
    row = counted(cut_off(r=1, w=1))
    assert (row["asked"], row["answered"], row["stale reads"]) == ("5", "5", "1")


def test_what_is_never_answered_is_counted():
    row = counted(cut_off(r=1, w=2))
    assert (row["answered"], row["never answered"]) == ("4", "1")


def test_the_median_is_of_the_answered_only():
    assert counted(cut_off(r=2, w=2))["median, ms"] == "32"
    assert counted(Scenario(Quorum, 3).run(10))["median, ms"] == "–"


def test_the_table_says_in_html_what_it_says_in_text():
    table = tally({"R < W": cut_off(r=1, w=2)})
    assert str(table).splitlines()[1].split()[3:] == list(table.rows["R < W"])
    markup = table._repr_html_()
    assert "R &lt; W" in markup
    assert all(f"<td>{cell}</td>" in markup for cell in table.rows["R < W"])


# -- what the answers cost -------------------------------------------------------------------------


def spent(trace: Trace, kind: str = "read") -> dict[str, str]:
    """One row of a tally of costs, by its heads."""
    return dict(zip(COSTS, tally_costs({"it": trace}, kind).rows["it"], strict=True))


def test_costs_are_shown_as_the_median_and_the_range():
    scenario = Scenario(
        Raft, network=Network((10, 10)), disk=DiskModel((2, 2)), workload=Workload(retry=1000)
    )
    scenario = scenario.at(1000, request("read", "x", server="leader"))
    scenario = scenario.at(1200, request("read", "x", server="leader"))
    row = spent(scenario.run(1500))
    assert (row["answered"], row["round trips"], row["disk writes"]) == ("2", "1", "2")
    assert (row["messages"], row["median, ms"], row["slowest, ms"]) == ("8.0", "44", "44")


def test_a_range_is_shown_where_costs_differ():
    assert middle([1, 1, 2.5]) == "1 (1–2.5)"
    assert middle([1, 1]) == "1"


def test_without_answers_there_are_no_costs():
    row = spent(Scenario(Raft, duration=100).run())
    assert (row["answered"], row["round trips"]) == ("0", "–")


def test_a_table_of_costs_has_its_own_heads():
    shown = tally_costs({"a <run>": Scenario(Raft, duration=100).run()})
    assert "round trips" in repr(shown)
    assert "<th>round trips</th>" in shown._repr_html_()
    assert "a &lt;run&gt;" in shown._repr_html_()
