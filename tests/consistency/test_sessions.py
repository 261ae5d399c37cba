"""The session guarantees, against their definitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import parse
from consensus_lab.consistency.reasons.minimize import Dependence
from consensus_lab.consistency.sessions import (
    SessionWitness,
    monotonic_reads,
    monotonic_writes,
    pram,
    read_your_writes,
    session_guarantees,
    writes_follow_reads,
)
from consensus_lab.consistency.specification import KeyValue
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.errors import ConsensusLabError
from consensus_lab.history import History, Operation

from .brute_force import explains, in_program, keeps
from .brute_sessions import GUARANTEES, can_return, is_kept, is_pram, reads_of, writes_of
from .histories import replicas, sessions

Check = Callable[[History], Verdict]
CHECKS = {"PRAM": pram, "read your writes": read_your_writes, "monotonic reads": monotonic_reads}
CHECKS |= {"monotonic writes": monotonic_writes, "writes follow reads": writes_follow_reads}


def by_definition(model: str, history: History) -> bool:
    return is_pram(history) if model == "PRAM" else is_kept(model, history)


@pytest.mark.parametrize("model", CHECKS)
@settings(max_examples=500, deadline=None)
@given(sessions)
def test_every_verdict_is_that_of_the_definition_and_proves_itself(
    model: str, history: History
) -> None:
    verdict = CHECKS[model](history)
    assert verdict.holds is by_definition(model, history)
    if verdict:
        check_orders(verdict)
    else:
        check_smallest(verdict)


def check_orders(verdict: Verdict) -> None:
    """Replay each process's reads in the order that the witness has for it."""
    model, history, witness = verdict.model, verdict.history, verdict.witness
    assert isinstance(witness, SessionWitness)
    for process in history.processes:
        order, own = witness.order_of(process), reads_of(history, process)
        if model == "PRAM":
            assert explains(order)
            assert keeps(order, in_program)
            assert set(order) == {*writes_of(history), *own}
        else:
            assert set(order) == set(writes_of(history))
            assert keeps(order, partial(GUARANTEES[model][1], history))
            assert all(can_return(model, history, order, read) for read in own)


def check_smallest(verdict: Verdict) -> None:
    """The counterexample is broken, not so without any one operation; its cycle goes round."""
    found = verdict.counterexample
    assert found is not None
    assert set(found) <= set(verdict.history)
    assert not by_definition(verdict.model, found)
    for operation in found:
        rest = Dependence(KeyValue(), timed=False).without(list(found), [operation])
        assert by_definition(verdict.model, History(rest))
    assert verdict.explanation.endswith(".")
    if verdict.anomaly != "ThinAirRead":
        targets = [edge.target for edge in verdict.cycle]
        assert [edge.source for edge in verdict.cycle] == [targets[-1], *targets[:-1]]
        known = {"session order", "reads from", "initial value", verdict.model}
        assert {edge.relation for edge in verdict.cycle} <= known


@settings(max_examples=30, deadline=None)
@given(replicas)
def test_the_verdict_on_a_longer_history_proves_itself(history: History) -> None:
    for model, verdict in session_guarantees(history).items():
        if verdict:
            check_orders(verdict)
        found = verdict.counterexample
        for operation in found or ():
            assert found is not None
            rest = Dependence(KeyValue(), timed=False).without(list(found), [operation])
            assert CHECKS[model](History(rest))


BROKEN = {
    "read your writes": "P1: [W(x,1)] [R(x)0]",
    "monotonic reads": """
        P1: [W(x,1)]
        P2:          [R(x)1] [R(x)0]
    """,
    "monotonic writes": """
        P1: [W(x,1)] [W(y,2)]
        P2:                   [R(y)2] [R(x)0]
    """,
    "writes follow reads": """
        P1: [W(x,1)]
        P2:          [R(x)1] [W(y,2)]
        P3:                           [R(y)2] [R(x)0]
    """,
}


@pytest.mark.parametrize("model", BROKEN)
def test_each_guarantee_can_be_broken_alone(model: str) -> None:
    verdicts = session_guarantees(parse(BROKEN[model]))
    broken = {name for name, verdict in verdicts.items() if not verdict and name != "PRAM"}
    assert broken == {model}
    assert verdicts["PRAM"].anomaly == ("" if model == "writes follow reads" else model)


def test_a_broken_guarantee_is_told_in_words() -> None:
    words = writes_follow_reads(parse(BROKEN["writes follow reads"])).explanation
    assert words == (
        "P3 had read 2 from y, which P2 wrote after it had read 1 from x; "
        "but P3's R(x)0 returned the initial value, before every write: a contradiction."
    )


def test_the_circle_shows_how_the_news_came() -> None:
    verdict = writes_follow_reads(parse(BROKEN["writes follow reads"]))
    assert [f"{edge.source} {edge.relation}" for edge in verdict.cycle] == [
        "W(x,1) reads from",
        "R(x)1 session order",
        "W(y,2) reads from",
        "R(y)2 session order",
        "R(x)0 initial value",
    ]


def test_an_own_older_write_is_no_newer_one() -> None:
    verdict = read_your_writes(parse("P1: [W(x,1)] [W(x,2)] [R(x)1]"))
    assert [edge.relation for edge in verdict.cycle] == ["read your writes", "session order"]


def test_the_write_of_another_may_be_newer_than_ones_own() -> None:
    assert read_your_writes(parse("P1: [W(x,1)] [R(x)2]\nP2: [W(x,2)]"))


def test_versions_of_the_store_say_which_write_is_newer() -> None:
    history = parse("P1: [W(x,1)] [R(x)2]\nP2: [W(x,2)]")
    versions = {o: o.args[0] for o in history if o.kind == "write"}
    assert read_your_writes(history, versions)
    backwards = {o: -version for o, version in versions.items()}
    verdict = read_your_writes(history, backwards)
    assert [edge.relation for edge in verdict.cycle] == ["read your writes", "version order"]


def test_two_processes_may_see_two_writes_in_opposite_orders() -> None:
    verdicts = session_guarantees(
        parse("""
        P1: [W(x,1)]
        P2: [W(x,2)]
        P3:          [R(x)1] [R(x)2]
        P4:          [R(x)2] [R(x)1]
    """)
    )
    assert all(verdicts.values())
    witness = verdicts["monotonic reads"].witness
    assert isinstance(witness, SessionWitness)
    assert witness.order == ()
    assert [str(o) for o in witness.order_of("P4")] == ["W(x,2)", "W(x,1)"]


def test_the_three_together_are_less_than_pram() -> None:
    verdicts = session_guarantees(
        parse("""
        P1: [W(z,1)] [W(x,1)] [W(y,1)]
        P2: [W(x,2)]                   [R(z)0] [R(y)1] [R(x)2]
    """)
    )
    assert [name for name, verdict in verdicts.items() if not verdict] == ["PRAM"]
    assert verdicts["PRAM"].cycle


def test_a_repeated_value_is_no_proof_and_no_excuse() -> None:
    verdict = monotonic_reads(parse("P1: [W(x,1)] [W(x,1)]\nP2: [R(x)1]"))
    assert verdict.holds is None
    assert "written more than once" in verdict.explanation
    assert monotonic_reads(parse("P1: [W(x,1)] [W(x,1)] [W(y,1)]\nP2: [R(y)1] [R(y)0]")).holds is (
        False
    )


@pytest.mark.parametrize("model", CHECKS)
@settings(max_examples=200, deadline=None)
@given(sessions, st.integers(1, 3))
def test_if_values_repeat_a_verdict_proves_itself_too(
    model: str, history: History, values: int
) -> None:
    def few(value: int) -> int:
        return (value - 1) % values + 1 if value else 0

    repeated = History(
        replace(o, args=tuple(map(few, o.args)), result=None if o.result is None else few(o.result))
        for o in history
    )
    verdict = CHECKS[model](repeated)
    if verdict.holds is False:
        check_smallest(verdict)


def test_a_value_nobody_reads_may_be_repeated() -> None:
    assert monotonic_reads(parse("P1: [W(x,1)] [W(x,1)]"))


def test_a_failed_write_cannot_be_read() -> None:
    verdict = monotonic_reads(parse("P1: [W(x,1)!]\nP2: [R(x)1]"))
    assert verdict.anomaly == "ThinAirRead"
    assert "had failed" in verdict.explanation


def test_a_write_without_an_answer_may_be_seen_or_not() -> None:
    assert pram(parse("P1: [W(x,1)\nP2: [R(x)0] [R(x)1]"))
    assert not pram(parse("P1: [W(x,1)\nP2: [R(x)1] [R(x)0]"))


def test_a_cas_is_neither_a_read_nor_a_write() -> None:
    with pytest.raises(ConsensusLabError, match="reads and writes only"):
        read_your_writes(parse("P1: [C(x,0,1)]"))


def test_a_long_history_takes_no_more_than_a_moment() -> None:
    history = History.builder()
    for step in range(400):
        for place, process in enumerate("ABCDE"):
            start = 20 * step + 2 * place
            if step % 4 == place % 4:
                history.write(process, "x", 5 * step + place + 1, start=start, end=start + 1)
            else:
                history.read(process, "x", 0 if step < 8 else 8, start=start, end=start + 1)
    verdict = pram(history.build())
    assert verdict.holds is False
    counterexample: tuple[Operation, ...] = tuple(verdict.counterexample or ())
    assert len(counterexample) <= 4
