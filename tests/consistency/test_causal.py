"""Causal consistency, convergence and memory, against their definitions."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import parse
from consensus_lab.consistency.causal import causal, causal_convergence, causal_memory
from consensus_lab.consistency.reasons.minimize import Dependence
from consensus_lab.consistency.specification import KeyValue
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.errors import ConsensusLabError
from consensus_lab.history import History, Operation

from .brute_causal import Test, is_possible, keeps_cc, keeps_ccv, keeps_cm
from .brute_force import is_sequential
from .referee import check_causal_witness, check_cycle

Check = Callable[..., Verdict]
MODELS: list[tuple[Check, Test, str]] = [
    (causal, keeps_cc, "its own"),
    (causal_convergence, keeps_ccv, "arbitration"),
    (causal_memory, keeps_cm, "process"),
]


def random_history(seed: int, most: int, unique: bool = True) -> History:
    """Up to `most` reads and writes of up to three registers by up to four processes.

    A read mostly returns a value that was written somewhere before. Some writes fail or get no
    answer. If not `unique`, there are only two values, or three with the initial one.
    """
    random = Random(seed)
    keys, names = random.choice(["x", "xy", "xyz"]), "ABCD"[: random.randint(2, 4)]
    free = dict.fromkeys(names, 0)
    written: dict[str, list[int]] = {key: [] for key in keys}
    operations: list[Operation] = []
    for number in range(random.randint(2, most)):
        process, key = random.choice(sorted(free)), random.choice(keys)
        start = free[process]
        end = start + random.randint(0, 4)
        free[process] = end + random.randint(1, 3)
        if random.random() < 0.5:
            value = random.choice([0] * (random.random() < 0.3) + written[key] * 2 or [0])
            operations.append(Operation(process, "read", key, (), value, start, end))
            continue
        value = number + 1 if unique else random.randint(random.random() < 0.8, 2)
        outcome = random.choice(["ok"] * 18 + ["failed", "unknown"])
        written[key] += [value] * (outcome != "failed" or random.random() < 0.2)
        lost = outcome == "unknown"
        ended = None if lost else end
        operations.append(Operation(process, "write", key, (value,), None, start, ended, outcome))
        if lost:
            del free[process]
        if not free:
            break
    return History(operations)


def histories(most: int, unique: bool = True) -> st.SearchStrategy[History]:
    return st.builds(random_history, st.integers(0, 2**64 - 1), st.just(most), st.just(unique))


def writers(read: Operation, history: History) -> list[Operation]:
    """Those that may have written what it returned."""
    value = (read.key, (read.result,))
    return [w for w in history if w.outcome != "failed" and (w.key, w.args) == value]


def check_counterexample(verdict: Verdict, keeps: Test, least: bool) -> None:
    """It is impossible by definition, and possible with any one operation taken out."""
    found = verdict.counterexample
    assert found is not None
    assert set(found) <= set(verdict.history)
    assert {w for r in found for w in writers(r, verdict.history)} <= set(found)
    assert not is_possible(found, keeps, least)
    for operation in found:
        left = Dependence(KeyValue(), timed=False).without(list(found), [operation])
        assert is_possible(left, keeps, least)


@settings(max_examples=600, deadline=None)
@given(histories(4))
def test_every_verdict_is_that_of_the_definition(history: History) -> None:
    for check, keeps, _ in MODELS:
        assert check(history).holds is is_possible(history, keeps)


def check_proof(verdict: Verdict, keeps: Test, whose: str) -> None:
    """It is what the definition says, and brings its witness or its counterexample."""
    assert verdict.holds is is_possible(verdict.history, keeps, least=True)
    if verdict:
        check_causal_witness(verdict, whose)
    else:
        check_counterexample(verdict, keeps, least=True)


@settings(max_examples=1000, deadline=None)
@given(histories(8))
def test_every_verdict_proves_itself(history: History) -> None:
    for check, keeps, whose in MODELS:
        verdict = check(history)
        check_proof(verdict, keeps, whose)
        if not verdict:
            check_cycle(verdict)
            assert verdict.explanation.startswith(verdict.anomaly)
            assert bool(verdict.cycle) == (verdict.anomaly != "ThinAirRead")


@settings(max_examples=300, deadline=None)
@given(histories(4, unique=False))
def test_with_repeated_values_too_every_verdict_is_that_of_the_definition(
    history: History,
) -> None:
    for check, keeps, _ in MODELS:
        assert check(history).holds is is_possible(history, keeps)


@settings(max_examples=300, deadline=None)
@given(histories(7, unique=False))
def test_with_repeated_values_too_a_verdict_proves_itself(history: History) -> None:
    for check, keeps, whose in MODELS:
        check_proof(check(history), keeps, whose)


EXPLAINED_ANEW = """
P: [R(v)1] [R(x)1] [W(y,1)] [R(k)1] [R(v)1]
T: [W(x,1)] [W(x,2)] [W(v,2)] [W(k,1)]
V: [W(v,1)]
Q: [R(u)1] [R(y)1] [W(x,1)] [R(l)1] [R(u)1]
S: [W(y,1)] [W(y,2)] [W(u,2)] [W(l,1)]
U: [W(u,1)]
"""
"""P's last read explains its R(x)1 by the write of Q, and Q's its R(y)1 by that of P. If they had
done so from the beginning, each of these reads would have come before the other."""


def test_in_causal_memory_a_later_order_may_explain_a_read_by_another_write() -> None:
    verdict = causal_memory(parse(EXPLAINED_ANEW))
    assert verdict
    check_causal_witness(verdict, "process")


def test_without_that_other_write_it_is_no_causal_memory() -> None:
    verdict = causal_memory(parse(EXPLAINED_ANEW.replace("[W(x,1)] [R(l)1]", "[R(l)1]")))
    found = verdict.counterexample
    assert verdict.anomaly == "CyclicHB"
    assert found is not None
    assert found.processes == ("P", "T", "V")
    assert causal(verdict.history)
    for operation in found:
        left = Dependence(KeyValue(), timed=False).without(list(found), [operation])
        assert causal_memory(History(left))


@settings(max_examples=500, deadline=None)
@given(histories(7))
def test_what_is_sequential_is_all_of_them_and_each_of_them_is_causal(history: History) -> None:
    convergent, memory = causal_convergence(history), causal_memory(history)
    assert not is_sequential(history) or (convergent and memory)
    assert causal(history) or not (convergent or memory)


QUESTION = """
Ann:   [W(question,1)]
Bob:            [R(question)1] [W(answer,2)]
Carol:                                [R(answer)2] [R(question)0]
"""
EACH_ITS_OWN_LAST = """
A:  [W(x,1)] [R(x)2]
B:  [W(x,2)] [R(x)1]
"""
IN_TWO_MINDS = """
A:  [W(x,1)]
B:  [W(x,2)] [R(x)1] [R(x)2]
"""
CONVERGENT_ONLY = """
A:  [W(z,1)] [W(x,1)] [W(y,1)]
B:  [W(x,2)] [R(z)0]  [R(y)1] [R(x)2]
"""


@pytest.mark.parametrize(
    ("drawing", "anomalies"),
    [
        (QUESTION, ("WriteCOInitRead", "WriteCOInitRead", "WriteCOInitRead")),
        (EACH_ITS_OWN_LAST, ("", "CyclicCF", "")),
        (IN_TWO_MINDS, ("", "CyclicCF", "CyclicHB")),
        (CONVERGENT_ONLY, ("", "", "WriteHBInitRead")),
        ("A: [W(x,1)] [W(x,2)] [R(x)1]", ("WriteCORead",) * 3),
        ("A: [R(x)1] [W(y,1)]\nB: [R(y)1] [W(x,1)]", ("CyclicCO",) * 3),
        ("A: [R(x)7]", ("ThinAirRead",) * 3),
        ("A: [W(x,7)!]\nB: [R(x)7]", ("ThinAirRead",) * 3),
        ("A: [W(x,1)] [R(y)0]\nB: [W(y,1)] [R(x)0]", ("", "", "")),
        ("A: [W(x,1)\nB: [R(x)1]", ("", "", "")),
        ("A: [W(x,1)\nB: [R(x)0]", ("", "", "")),
        ("A: [W(x,1)] [W(x,1)]\nB: [R(x)1] [R(x)0]", ("WriteCOInitRead",) * 3),
    ],
)
def test_the_pattern_has_a_name(drawing: str, anomalies: tuple[str, str, str]) -> None:
    history = parse(drawing)
    assert tuple(check(history).anomaly for check, _, _ in MODELS) == anomalies
    assert tuple(check(history).holds for check, _, _ in MODELS) == tuple(not a for a in anomalies)


def test_the_circle_says_why_each_comes_before_the_next() -> None:
    verdict = causal(parse(QUESTION))
    assert [edge.relation for edge in verdict.cycle] == [
        "reads from",
        "session order",
        "reads from",
        "session order",
        "conflict",
    ]
    assert verdict.cycle[0].reason == ("Bob's R(question)1 returned what Ann's W(question,1) wrote")
    assert "still returned the initial value 0, which Ann's W(question,1) replaced" in (
        verdict.explanation
    )


def test_a_counterexample_leaves_out_what_has_nothing_to_do_with_it() -> None:
    history = parse(QUESTION + "Dan: [W(z,9)] [R(z)9] [R(answer)0] [R(question)0] [R(answer)2]")
    counterexample = causal(history).counterexample
    assert counterexample is not None
    assert counterexample.processes == ("Ann", "Bob", "Carol")
    assert len(counterexample) == 5


def test_an_arbitration_is_one_order_for_all() -> None:
    witness = causal_convergence(parse(CONVERGENT_ONLY)).witness
    assert witness is not None
    assert [str(o) for o in witness.order if o.key == "x"] == ["W(x,1)", "W(x,2)", "R(x)2"]


def test_a_spent_budget_is_undecided() -> None:
    history = parse("A: [W(x,1)] [R(x)0]\nB: [W(x,1)] [R(x)1]")
    for check, _, _ in MODELS:
        assert check(history, budget=1).holds is None


def test_compare_and_set_is_refused_in_a_sentence() -> None:
    with pytest.raises(ConsensusLabError, match="no word on compare-and-set"):
        causal(parse("A: [C(x,0,1)]"))


def test_a_long_history_is_judged_and_its_counterexample_is_small() -> None:
    rounds = "".join(f"[W(x,{n})] [R(x){n}] [W(y,{n})] " for n in range(1, 200))
    history = parse(f"A: {rounds}\nB: {' ' * len(rounds)} [R(y)150] [R(x)3]")
    verdict = causal(history)
    assert verdict.anomaly == "WriteCORead"
    assert len(verdict.counterexample or ()) == 5
