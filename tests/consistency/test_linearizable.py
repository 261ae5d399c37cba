"""Linearizability, against its definition."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings

from consensus_lab import parse
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.objects import Queue
from consensus_lab.consistency.specification import REFUSED, KeyValue, Register, Specification
from consensus_lab.errors import ConsensusLabError
from consensus_lab.history import History, Operation

from .brute_force import in_real_time, is_linearizable
from .histories import histories
from .referee import check_counterexample, check_points, check_witness


@settings(max_examples=2000, deadline=None)
@given(histories)
def test_every_verdict_is_that_of_the_definition_and_proves_itself(history: History) -> None:
    verdict = linearizable(history)
    assert verdict.holds is is_linearizable(history)
    if verdict:
        check_witness(verdict, in_real_time)
        check_points(verdict)
    else:
        check_counterexample(verdict, in_real_time, timed=True)


class Plain(Specification):
    """A register that gives no hints."""

    observers = ("read",)

    def step(self, state: object, operation: Operation) -> object:
        return Register().step(state, operation)

    def part(self, operation: Operation) -> object:
        return operation.key


@settings(max_examples=500, deadline=None)
@given(histories)
def test_a_specification_without_hints_gives_the_same_verdicts(history: History) -> None:
    assert linearizable(history, Plain()).holds is linearizable(history).holds


def test_the_example_of_the_notes_does_not_keep_real_time() -> None:
    verdict = linearizable(
        parse("""
P1:                 [W(x,4)]                [R(y)2]
P2:  [W(y,2)]                   [R(x)0]
""")
    )
    assert verdict.holds is False
    assert str(verdict.counterexample) == (
        "P1:                 [W(x,4)]\nP2:                             [R(x)0]"
    )


def test_intervals_that_touch_overlap() -> None:
    touching = [Operation("P1", "write", "x", (1,), start=0, end=5)]
    assert linearizable(History([*touching, Operation("P2", "read", "x", (), 0, 5, 9)]))
    assert not linearizable(History([*touching, Operation("P2", "read", "x", (), 0, 6, 9)]))


def test_a_write_without_an_answer_may_happen_later_or_never() -> None:
    lost = "P1: [W(x,1)\n"
    assert linearizable(parse(lost + "P2:         [R(x)0]  [R(x)0]"))
    assert linearizable(parse(lost + "P2:         [R(x)0]  [R(x)1]"))
    assert not linearizable(parse(lost + "P2:         [R(x)1]  [R(x)0]"))


def test_an_operation_that_failed_had_no_effect() -> None:
    assert linearizable(parse("P1: [W(x,1)!]\nP2:           [R(x)0]"))
    assert not linearizable(parse("P1: [W(x,1)!]\nP2:           [R(x)1]"))


def test_a_read_without_an_answer_is_left_out() -> None:
    verdict = linearizable(parse("P1: [W(x,1)]  [R(x)"))
    assert verdict.witness is not None
    assert [str(o) for o in verdict.witness.order] == ["W(x,1)"]


def test_only_one_of_two_compare_and_sets_wins() -> None:
    assert linearizable(parse("P1: [C(x,0,1)]\nP2: [C(x,0,2)no]"))
    assert not linearizable(parse("P1: [C(x,0,1)]\nP2: [C(x,0,2)]"))


def test_an_empty_history_is_linearizable() -> None:
    verdict = linearizable(History())
    assert verdict
    assert verdict.witness is not None
    assert verdict.witness.points == ()


def test_registers_may_start_with_another_value() -> None:
    assert linearizable(parse("P1: [R(x)None]"), KeyValue(None))


def test_a_value_nobody_wrote_is_a_verdict_and_not_an_error() -> None:
    verdict = linearizable(parse("P1: [R(x)7]"))
    assert verdict.holds is False
    assert "nobody ever wrote 7" in verdict.explanation


def test_a_spent_budget_is_undecided_and_never_a_yes() -> None:
    history = parse("P1: [W(x,1)]\nP2: [W(x,1)]\nP3: [W(x,2)]\nP4: [R(x)2][R(x)1]")
    verdict = linearizable(history, budget=1)
    assert verdict.holds is None
    with pytest.raises(ConsensusLabError, match="undecided"):
        bool(verdict)
    assert linearizable(history)


def test_a_refuted_key_answers_although_another_one_is_hard() -> None:
    crowd = "\n".join(f"P{n}: [W(x,{n % 3})         ]  [R(x){n % 2}      ]" for n in range(12))
    history = parse(f"{crowd}\nQ: [W(y,1)]  [W(y,1)]   [R(y)0]")
    assert linearizable(history, budget=5_000).holds is False


def test_an_unknown_kind_of_operation_is_named() -> None:
    with pytest.raises(ConsensusLabError, match=r"P1 does push\(s,1\), and KeyValue knows only"):
        linearizable(parse("P1: [push(s,1)]"))


def test_what_is_no_history_is_refused_in_words() -> None:
    with pytest.raises(ConsensusLabError, match=r"trace\.history\(\)"):
        linearizable("P1: [W(x,1)]")  # type: ignore[arg-type]


class Counter(Specification):
    """The example of the specification's docstring."""

    observers = ("read",)

    def step(self, state: int, operation: Operation) -> object:
        if operation.kind == "increment":
            return state + 1
        return state if operation.result == state else REFUSED


def test_a_learner_s_own_specification_is_checked() -> None:
    text = "P1: [increment(c)]  [read(c){}]\nP2: [increment(c)    ]"
    assert linearizable(parse(text.format(1)), Counter())
    assert linearizable(parse(text.format(2)), Counter())
    verdict = linearizable(parse(text.format(3)), Counter())
    assert not verdict
    assert verdict.counterexample is not None


class PlainQueue(Specification):
    """A queue as it is written in a first lesson, without hints."""

    initial = ()

    def step(self, state: tuple[object, ...], operation: Operation) -> object:
        if operation.kind == "enqueue":
            return (*state, operation.args[0])
        if not state:
            return state if operation.result is None else REFUSED
        return state[1:] if operation.result == state[0] else REFUSED


def busy_queue(exchanged: bool) -> History:
    """200 operations of 10 clients on a queue that works; two answers are exchanged, if told."""
    random = Random(0)
    made = []
    for client in range(10):
        time = random.randint(0, 20)
        for _ in range(20):
            length = random.randint(5, 60)
            kind = random.choice(["enqueue", "dequeue"])
            made.append((time + length * random.random(), f"C{client}", kind, time, time + length))
            time += length + random.randint(1, 30)
    queue: list[int] = []
    operations = []
    for number, (_, client, kind, start, end) in enumerate(sorted(made)):
        args = (number,) if kind == "enqueue" else ()
        result = queue.pop(0) if queue and not args else None
        queue += args
        operations.append(Operation(client, kind, "q", args, result, start, end))
    if exchanged:
        told = [i for i, o in enumerate(operations) if o.result is not None]
        one, other = told[len(told) // 2], told[-1]
        a, b = operations[one], operations[other]
        operations[one], operations[other] = (
            replace(a, result=b.result),
            replace(b, result=a.result),
        )
    return History(operations)


def test_a_busy_queue_without_hints_is_put_in_the_order_in_which_its_values_come_out() -> None:
    assert linearizable(busy_queue(exchanged=False), PlainQueue(), budget=1_000)


def test_an_undecided_verdict_on_a_specification_without_hints_asks_for_them() -> None:
    verdict = linearizable(busy_queue(exchanged=True), PlainQueue(), budget=1_000)
    assert verdict.holds is None
    assert "PlainQueue says what each operation needs and gives" in verdict.explanation
    assert linearizable(busy_queue(exchanged=True), Queue()).holds is False
