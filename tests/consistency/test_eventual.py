"""Eventual consistency, against its definition; and how long it took."""

from __future__ import annotations

from itertools import combinations, permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import parse
from consensus_lab.consistency.eventual import eventual, time_to_agreement
from consensus_lab.consistency.objects import Counter, Set
from consensus_lab.consistency.reasons.minimize import Dependence
from consensus_lab.consistency.specification import KeyValue, Specification
from consensus_lab.errors import ConsensusLabError
from consensus_lab.history import History, Operation

from .brute_force import explains
from .histories import sessions

OBSERVERS = ("read", "contains")


def last_looks(history: History) -> list[Operation]:
    """Of each process the last of its looks that began after the last change."""
    changes = [o for o in history if o.kind not in OBSERVERS and o.outcome != "failed"]
    quiet = max((o.start if o.end is None else o.end for o in changes), default=-1)
    late = [o for o in history if o.kind in OBSERVERS and o.outcome == "ok" and o.start > quiet]
    return list({(o.process, o.kind, o.args): o for o in late}.values())


def settles(history: History, specification: Specification, mixed: bool = False) -> bool:
    """Whether some order of the changes explains the last looks, which come behind them all.

    With `mixed` changes without an answer may also come between the looks.
    """
    looks = last_looks(history)
    changes = [o for o in history if o.kind not in OBSERVERS]
    answered = [o for o in changes if o.outcome == "ok"]
    lost = [o for o in changes if o.outcome == "unknown"]
    for size in range(len(lost) + 1):
        for happened in combinations(lost, size):
            if mixed:
                firm = set(answered)
                orders = (
                    p
                    for p in permutations([*answered, *happened, *looks])
                    if not any(o in looks and firm & set(p[i:]) for i, o in enumerate(p))
                )
            else:
                orders = ((*p, *looks) for p in permutations([*answered, *happened]))
            if any(explains(order, specification) for order in orders):
                return True
    return not looks


def check(history: History, specification: Specification) -> None:
    """The verdict is that of the definition, and a counterexample is as small as can be."""
    parts = list(history.by_key().values())
    verdict = eventual(history, specification)
    assert (verdict.holds is True) is all(settles(part, specification) for part in parts)
    if verdict.holds:
        assert verdict.witness is not None
        assert explains(verdict.witness.order, specification)
        assert {o for part in parts for o in last_looks(part)} <= set(verdict.witness.order)
    elif verdict.holds is False:
        found = verdict.counterexample
        assert found is not None
        assert not settles(found, specification, mixed=True)
        assert not all(settles(part, specification, mixed=True) for part in parts)
        for operation in found:
            rest = Dependence(specification, timed=False).without(list(found), [operation])
            assert settles(History(rest), specification, mixed=True)


@settings(max_examples=1000, deadline=None)
@given(sessions)
def test_every_verdict_on_registers_is_that_of_the_definition(history: History) -> None:
    check(history, KeyValue())


def random_changes(seed: int, adds: tuple[str, str]) -> History:
    """A few changes of a counter or a set, one of them perhaps without an answer; then looks."""
    random = Random(seed)
    operations: list[Operation] = []
    for place in range(random.randint(1, 4)):
        kind, lost = random.choice(adds), random.random() < 0.15
        end, outcome = (None, "unknown") if lost else (2 * place + 1, "ok")
        value = random.randint(1, 2)
        operations.append(
            Operation(f"P{place}", kind, "x", (value,), None, 2 * place, end, outcome)
        )
    for place in range(random.randint(1, 3)):
        result: object = random.randint(-1, 4)
        if "add" in adds:
            result = tuple(e for e in (1, 2, 3) if random.random() < (0.1 if e == 3 else 0.5))
        operations.append(
            Operation(f"Q{place}", "read", "x", (), result, 20 + 2 * place, 21 + 2 * place)
        )
    return History(operations)


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 2**32))
def test_every_verdict_on_counters_and_sets_is_that_of_the_definition(seed: int) -> None:
    check(random_changes(seed, ("increment", "decrement")), Counter())
    check(random_changes(seed, ("add", "remove")), Set())


LATE = """
    P1: [W(x,1)] [W(x,2)]
    P2:                   [R(x)1]         [R(x)2]
    P3:                           [R(x)2]
"""


def test_what_was_read_on_the_way_does_not_matter() -> None:
    assert eventual(parse(LATE))


def test_it_says_how_long_it_took() -> None:
    history = parse(LATE)
    (first, *_) = (o for o in history if o.result == 1)
    (last,) = (o for o in history if o.args == (2,))
    assert first.end
    assert last.end
    assert time_to_agreement(history) == {"x": first.end - last.end}
    assert f"after {first.end - last.end} ticks: 2" in eventual(history).explanation


def test_two_who_differ_for_ever_have_diverged() -> None:
    verdict = eventual(
        parse("P1: [W(x,1)]\nP2: [W(x,2)]\nP3:         [R(x)1]\nP4:         [R(x)2]")
    )
    assert verdict.holds is False
    assert verdict.anomaly == "divergence"
    assert len(verdict.counterexample or ()) == 4
    assert time_to_agreement(verdict.history) == {"x": None}


def test_all_may_agree_on_the_older_of_two_writes() -> None:
    assert eventual(parse("P1: [W(x,1)] [W(x,2)] [R(x)1]"))


def test_all_must_not_agree_on_what_nobody_wrote() -> None:
    verdict = eventual(parse("P1: [W(x,1)] [R(x)3]"))
    assert verdict.anomaly == "ThinAirRead"
    assert not eventual(parse("P1: [W(x,1)] [R(x)0]"))


def test_a_write_without_an_answer_leaves_it_open() -> None:
    verdict = eventual(parse("P1: [W(x,1)] [R(x)1]\nP2: [W(x,2)\nP3:                   [R(x)2]"))
    assert verdict.holds is None


def test_two_ways_to_look_at_a_set_must_agree() -> None:
    history = History.builder()
    history.add("P1", "add", "x", (1,), start=0, end=1)
    history.add("P1", "remove", "x", (1,), start=2, end=3)
    history.add("P1", "read", "x", (), (1,), start=4, end=5)
    history.add("P2", "contains", "x", (1,), False, start=4, end=5)
    verdict = eventual(history.build(), Set())
    assert verdict.holds is False
    assert len(verdict.counterexample or ()) == 4


def test_nobody_looked() -> None:
    assert "Nobody looked at x" in eventual(parse("P1: [W(x,1)]")).explanation


def test_a_counter_that_lost_an_increment_has_not_converged() -> None:
    history = History.builder()
    history.add("P1", "increment", "x", (1,), start=0, end=1)
    history.add("P2", "increment", "x", (1,), start=0, end=1)
    history.add("P1", "read", "x", (), 1, start=2, end=3)
    verdict = eventual(history.build(), Counter())
    assert verdict.holds is False
    assert "no order of the changes" in verdict.explanation


def test_an_operation_of_another_object_is_an_error() -> None:
    with pytest.raises(ConsensusLabError, match="knows only"):
        eventual(parse("P1: [push(x,1)]"))
