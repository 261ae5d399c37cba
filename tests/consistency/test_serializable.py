"""The isolation levels: what their definitions say, with witnesses and proofs to be judged."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.sequential import sequential
from consensus_lab.consistency.serializable import (
    SnapshotWitness,
    precedence_graph,
    read_committed,
    read_uncommitted,
    serializable,
    snapshot_isolation,
    strict_serializable,
)
from consensus_lab.consistency.transactions.transactions import within
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.history import History, parse

from . import transaction_referee as referee
from .histories import histories as register_histories
from .transaction_histories import doubts, histories

Check = Callable[[History], Verdict]
LEVELS: dict[str, tuple[Check, Callable[[History], bool]]] = {
    "read uncommitted": (read_uncommitted, referee.is_read_uncommitted),
    "read committed": (read_committed, referee.is_read_committed),
    "snapshot isolation": (snapshot_isolation, referee.is_snapshot_isolated),
    "strong session snapshot isolation": (
        lambda history: snapshot_isolation(history, sessions=True),
        lambda history: referee.is_snapshot_isolated(history, sessions=True),
    ),
    "serializability": (serializable, referee.is_serializable),
    "strong session serializability": (
        lambda history: serializable(history, sessions=True),
        lambda history: referee.is_serializable(history, referee.keeps_sessions),
    ),
    "strict serializability": (
        strict_serializable,
        lambda history: referee.is_serializable(history, referee.keeps_real_time),
    ),
}


def check_verdict(verdict: Verdict, definition: Callable[[History], bool]) -> None:
    """It is what the definition says, and brings its proof."""
    history = verdict.history
    assert verdict.holds is definition(history)
    if verdict.holds:
        assert verdict.witness is not None
        check_witness(verdict)
        return
    proof = verdict.counterexample
    assert proof is not None
    assert set(proof) <= set(history)
    assert not definition(within(proof, history)[0])
    for operation in proof:  # `Verdict` says what it means to take one out
        assert definition(within(proof.without(operation), history)[0])
    assert verdict.anomaly
    assert verdict.explanation
    sources = [edge.source for edge in verdict.cycle]
    assert [edge.target for edge in verdict.cycle] == sources[1:] + sources[:1]


def check_witness(verdict: Verdict) -> None:
    """Whatever was committed is in the order, nothing that failed is, and it can be replayed."""
    assert verdict.witness is not None
    order = verdict.witness.order
    assert len(set(order)) == len(order)
    assert {o for o in verdict.history if o.outcome == "ok"} <= set(order)
    assert not {o for o in verdict.history if o.outcome == "failed"} & set(order)
    if isinstance(verdict.witness, SnapshotWitness):
        assert referee.replays_snapshots(verdict.witness.moments)
    elif "serializability" in verdict.model:
        assert referee.replays(order)
    elif verdict.model == "read committed":
        assert referee.replays_committed(order)
    else:
        assert referee.replays_uncommitted(order, verdict.history)
    if "session" in verdict.model:
        assert referee.keeps_sessions(order)
    if "strict" in verdict.model:
        assert referee.keeps_real_time(order)


@pytest.mark.parametrize("model", LEVELS)
@settings(max_examples=400, deadline=None)
@given(history=histories)
def test_a_verdict_is_what_the_definition_says(model: str, history: History) -> None:
    check, definition = LEVELS[model]
    check_verdict(check(history), definition)


@settings(max_examples=200, deadline=None)
@given(histories, st.integers(0, 4))
def test_what_was_possible_stays_possible_without_one(history: History, place: int) -> None:
    gone = history[place % len(history)]
    left, _ = within(history.without(gone), history)
    for check, _ in LEVELS.values():
        assert check(left).holds or not check(history).holds


@settings(max_examples=1000, deadline=None)
@given(doubts)
def test_an_order_of_versions_that_nobody_saw_is_found_if_there_is_one(history: History) -> None:
    check_verdict(serializable(history), referee.is_serializable)


@settings(max_examples=200, deadline=None)
@given(histories)
def test_each_level_implies_the_weaker_ones(history: History) -> None:
    order = [
        strict_serializable,
        serializable,
        snapshot_isolation,
        read_committed,
        read_uncommitted,
    ]
    holds = [check(history).holds for check in order]
    assert holds == sorted(holds, key=bool)


@settings(max_examples=300, deadline=None)
@given(register_histories)
def test_for_single_reads_and_writes_strict_serializability_is_linearizability(
    history: History,
) -> None:
    plain = History(o for o in history if o.kind != "cas" and o.outcome != "failed")
    values = [o.args for o in plain if o.kind == "write"]
    if len(set(values)) == len(values) and (0,) not in values:
        assert strict_serializable(plain).holds is linearizable(plain).holds
        assert serializable(plain, sessions=True).holds is sequential(plain).holds


# -- the anomalies by their names ------------------------------------------------------------------

ANOMALIES = {
    "internal": "T1: [W(x,1) R(x)2]\nT2: [W(x,2)]",
    "thin air": "T1: [R(x)7]",
    "duplicate elements": "T1: [A(x,1)]\nT2: [R(x)(1,1)]",
    "incompatible order": "T1: [A(x,1)]\nT2: [A(x,2)]\nT3: [R(x)(1,2)]\nT4: [R(x)(2,1)]",
    "G0": "T1: [A(x,1) A(y,1)]\nT2: [A(x,2) A(y,2)]\nT3: [R(x)(1,2) R(y)(2,1)]",
    "G1a": "T1: [W(x,1)!]\nT2: [R(x)1]",
    "G1b": "T1: [W(x,1) W(x,2)]\nT2: [R(x)1]",
    "G1c": "T1: [W(x,1) R(y)2]\nT2: [W(y,2) R(x)1]",
    "lost update": "T1: [R(x)0 W(x,1)]\nT2: [R(x)0 W(x,2)]",
    "G-single": "T1: [W(x,1) W(y,1)]\nT2: [R(x)1 R(y)0]",
    "G2": "T1: [R(x)0 R(y)0 W(x,1)]\nT2: [R(x)0 R(y)0 W(y,2)]",
    "G-nonadjacent": ("T1: [W(x,1)]\nT2: [W(y,2)]\nT3: [R(x)1 R(y)0]\nT4: [R(y)2 R(x)0]"),
}
FORBIDDEN_FROM = {
    "read uncommitted": ["internal", "thin air", "duplicate elements", "incompatible order", "G0"],
    "read committed": ["G1a", "G1b", "G1c"],
    "snapshot isolation": ["lost update", "G-single", "G-nonadjacent"],
    "serializability": ["G2"],
}


@pytest.mark.parametrize("anomaly", ANOMALIES)
def test_an_anomaly_is_called_by_its_name(anomaly: str) -> None:
    assert serializable(parse(ANOMALIES[anomaly])).anomaly == anomaly


@pytest.mark.parametrize("anomaly", ANOMALIES)
def test_an_anomaly_is_forbidden_from_its_level_on_and_not_below(anomaly: str) -> None:
    model = next(model for model, names in FORBIDDEN_FROM.items() if anomaly in names)
    place = list(FORBIDDEN_FROM).index(model)
    holds = [LEVELS[name][0](parse(ANOMALIES[anomaly])).holds for name in FORBIDDEN_FROM]
    assert holds == [True] * place + [False] * (4 - place)


def test_a_cycle_that_needs_a_process_order_says_so() -> None:
    history = parse("P1: [W(x,1)] [R(x)0]")
    assert serializable(history)
    assert serializable(history, sessions=True).anomaly == "G-single-process"


def test_a_cycle_that_needs_real_time_says_so() -> None:
    history = parse("P1: [W(x,1)]\nP2:            [R(x)0]")
    assert serializable(history, sessions=True)
    assert strict_serializable(history).anomaly == "G-single-realtime"


def test_the_worst_anomaly_is_the_one_that_is_told() -> None:
    skew = "T4: [R(a)0 R(b)0 W(a,1)]\nT5: [R(a)0 R(b)0 W(b,2)]\n"
    assert serializable(parse(skew + ANOMALIES["G0"])).anomaly == "G0"


# -- what is told ----------------------------------------------------------------------------------


def test_the_contradiction_is_told_edge_by_edge() -> None:
    words = serializable(parse(ANOMALIES["G2"])).explanation
    assert words == (
        "T1 before T2, because T1 read y as 0, and T2 wrote a later value, 2; but T2 before T1, "
        "because T2 read x as 0, and T1 wrote a later value, 1: a contradiction."
    )


def test_a_version_order_that_nobody_saw_is_told_both_ways() -> None:
    history = parse(
        "T1: [W(x,1) W(y,1)]\nT2: [W(x,2) W(y,2)]\nT3: [R(x)1 R(y)2]\nT4: [R(x)2 R(y)1]"
    )
    words = serializable(history).explanation
    assert words.startswith("Nobody saw whether T1 or T2 wrote y first. If T1: ")
    assert " If T2: " in words


def test_a_process_with_several_transactions_is_told_apart_by_time() -> None:
    history = parse("P1: [W(x,1)] [R(x)0]")
    words = serializable(history, sessions=True).explanation
    assert "P1's transaction at 5" in words
    assert "P1's transaction at 14" in words


def test_a_proof_holds_only_what_it_needs() -> None:
    skew = "T0: [A(x,1)]\nT5: [R(x)(1,8)]\nT6: [A(x,8)]\n" + ANOMALIES["G2"].replace("x", "z")
    proof = serializable(parse(skew)).counterexample
    assert proof is not None
    assert [operation.process for operation in proof] == ["T1", "T2"]


def test_a_transaction_without_an_answer_counts_if_somebody_saw_it() -> None:
    seen = parse("T1: [W(x,1) W(y,1)\nT2: [R(x)1 R(y)0]")
    assert serializable(seen).anomaly == "G-single"
    assert serializable(parse("T1: [W(x,1) W(y,1)\nT2: [R(x)0 R(y)0]"))


def test_with_a_budget_of_nothing_the_search_is_undecided() -> None:
    history = parse(
        "T1: [W(x,1) W(y,1)]\nT2: [W(x,2) W(y,2)]\nT3: [R(x)1 R(y)2]\nT4: [R(x)2 R(y)1]"
    )
    assert serializable(history, budget=0).holds is None
    assert serializable(history).holds is False


def test_the_real_time_of_a_strict_order_can_be_shown() -> None:
    history = parse("P1: [W(x,1)]\nP2:            [R(x)1]")
    witness = strict_serializable(history).witness
    assert witness is not None
    assert witness.points is not None
    for point, operation in zip(witness.points, witness.order, strict=True):
        assert operation.start <= point <= (operation.end or point)


# -- the graph -------------------------------------------------------------------------------------


def test_the_precedence_graph_emphasises_a_cycle() -> None:
    graph = precedence_graph(parse(ANOMALIES["G2"]))
    assert len(graph.nodes) == 2
    assert set(graph.emphasised) == set(graph.edges)
    assert {edge.relation for edge in graph.edges} == {"rw"}


def test_the_edges_of_the_precedence_graph_come_as_the_transactions_do() -> None:
    history = parse("T1: [A(x,1)]\nT2:           [A(x,2)]\nT3:                      [R(x)(1,2)]")
    edges = precedence_graph(history).edges
    assert [(e.source.process, e.target.process, e.relation) for e in edges] == [
        ("T1", "T2", "ww"),
        ("T2", "T3", "wr"),
    ]


def test_reads_and_writes_alone_are_strictly_serializable_if_they_are_linearizable() -> None:
    """So many versions whose order nobody saw are too many to be tried out."""
    random = Random(3)
    builder = History.builder()
    for number in range(600):
        start = 10 * number
        ends = start + random.randint(5, 60)
        builder.write(f"P{number % 7}", "x", number + 1, start=start, end=ends)
    history = builder.build()
    verdict = strict_serializable(history)
    assert verdict.holds is linearizable(history).holds is True
    assert verdict.witness is not None
    assert len(verdict.witness.order) == 600
