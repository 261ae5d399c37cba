"""The four bad patterns of a queue, against the definition and by their names."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import parse
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.objects import Queue, Stack
from consensus_lab.consistency.shortcuts.queues import Patterns
from consensus_lab.consistency.specification import relevant

from .. import object_histories as made
from ..brute_force import in_real_time, is_linearizable
from ..referee import check_counterexample, check_points, check_witness


@settings(max_examples=800, deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_the_patterns_agree_with_the_definition(seed: int) -> None:
    history = made.object_history(seed, made.ask_queue, made.do_queue, (), most=7)
    patterns = Patterns.of(relevant(history, Queue()))
    assert patterns is not None
    assert patterns.hold() in (is_linearizable(history, Queue()), None)
    assert patterns.hold() is not None or patterns.lost
    verdict = linearizable(history, Queue())
    assert verdict.holds is is_linearizable(history, Queue())
    if verdict:
        check_witness(verdict, in_real_time, Queue())
        check_points(verdict)
    else:
        check_counterexample(verdict, in_real_time, timed=True, specification=Queue())


@pytest.mark.parametrize(
    ("text", "anomaly", "words"),
    [
        ("P: [dequeue(q)1]", "VFresh", "what nobody had put in"),
        ("P: [dequeue(q)1]  [enqueue(q,1)]", "VFresh", "what was not in yet"),
        ("P: [enqueue(q,1)]  [dequeue(q)1]  [dequeue(q)1]", "VRepet", "it was put in once"),
        ("P: [enqueue(q,1)]  [enqueue(q,2)]  [dequeue(q)2]", "VOrd", "and 1 never"),
        ("P: [enqueue(q,1)]  [enqueue(q,2)]  [dequeue(q)2]  [dequeue(q)1]", "VOrd", "only later"),
        ("P: [enqueue(q,1)]  [dequeue(q)None]", "VWit", "something was surely in the queue: 1"),
    ],
)
def test_each_pattern_has_its_name(text: str, anomaly: str, words: str) -> None:
    verdict = linearizable(parse(text), Queue())
    assert not verdict
    assert verdict.anomaly == anomaly
    assert words in verdict.explanation


def test_two_values_together_may_keep_a_queue_from_being_empty() -> None:
    verdict = linearizable(
        parse("""
P: [enqueue(q,1)]                    [dequeue(q)1]
Q:                  [enqueue(q,2)]                  [dequeue(q)2]
R:                   [dequeue(q)None         ]
"""),
        Queue(),
    )
    assert verdict.anomaly == "VWit"
    assert verdict.counterexample is not None
    assert len(verdict.counterexample) == 5


def test_a_lost_dequeue_may_have_taken_what_is_missing() -> None:
    text = """
P: [enqueue(q,1)]  [enqueue(q,2)]
Q: {}
R:                                  [dequeue(q)2]
"""
    assert not linearizable(parse(text.format("")), Queue())
    assert linearizable(parse(text.format("[dequeue(q)")), Queue())


def test_a_value_put_in_twice_is_a_matter_for_the_search() -> None:
    twice = parse("P: [enqueue(q,1)]  [enqueue(q,1)]  [dequeue(q)1]  [dequeue(q)1]")
    assert Patterns.of(twice.operations) is None
    assert linearizable(twice, Queue())


def test_a_stack_is_not_judged_as_a_queue() -> None:
    last_first = parse("P: [push(s,1)]  [push(s,2)]  [pop(s)2]")
    assert linearizable(last_first, Stack())
