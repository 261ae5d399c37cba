"""How fast the Byzantine generals are: a proof for four, a run of seven, a search; and PBFT."""

from __future__ import annotations

from collections.abc import Iterator

from consensus_lab.protocols.byzantine import SignedMessages
from consensus_lab.protocols.byzantine.pbft import PBFT
from consensus_lab.protocols.byzantine.search import climb, search_all
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.generals import generals

from .table import Row, timed

TIMES = 20
TWO_OF_SEVEN = ["S1", "S3"]


def proof() -> Row:
    """Every strategy of one traitor among four."""
    results, spent = zip(*(timed(search_all, 4, 1) for _ in range(TIMES)), strict=True)
    assert results[0].strategy is None
    return Row("(4, 1): every strategy, a proof", spent, "s", 5, str(results[0]))


def run(name: str, scenario: Scenario) -> Row:
    """One run on the simulator, the whole trace recorded."""
    traces, spent = zip(*(timed(scenario.run) for _ in range(TIMES)), strict=True)
    assert not traces[0].violations
    told = f"{len(traces[0].messages)} messages"
    return Row(f"{name}, seven generals, two traitors", [1000 * s for s in spent], "ms", 50, told)


def counterexample() -> Row:
    """The search that breaks six generals with two traitors, from ten seeds."""
    results, spent = zip(*(timed(climb, 6, 2, seed) for seed in range(10)), strict=True)
    assert all(result.strategy for result in results)
    return Row(
        "(6, 2): a strategy that breaks it, by hill climbing", spent, "s", 5, "each found one"
    )


def pbft() -> Row:
    """Messages a second of PBFT, all signed, while the first primary equivocates."""
    scenario = Scenario(PBFT, servers=4, clients=3, options={"traitors": ("S1",)})
    traces, spent = zip(*(timed(scenario.run) for _ in range(5)), strict=True)
    assert not traces[0].violations
    count = len(traces[0].messages)
    told = f"{count:,} messages"
    return Row(
        "PBFT, four replicas, an equivocating primary", [count / s for s in spent], "/s", None, told
    )


def rows() -> Iterator[Row]:
    """The rows of the table."""
    yield proof()
    yield run("OM(2)", generals(7, 2, TWO_OF_SEVEN, otherwise="random"))
    signed = generals(7, 2, TWO_OF_SEVEN, otherwise="random", protocol=SignedMessages)
    yield run("SM(2)", signed)
    yield counterexample()
    yield pbft()
