"""Lists, counters, sets, queues, stacks, locks and consensus, against the definition."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import parse
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.objects import (
    OBJECTS,
    Consensus,
    Counter,
    Elements,
    List,
    Lock,
    Queue,
    Set,
    Stack,
    Text,
)
from consensus_lab.consistency.sequential import sequential
from consensus_lab.consistency.specification import Specification, relevant
from consensus_lab.errors import ConsensusLabError

from . import object_histories as made
from .brute_force import in_real_time, is_linearizable, is_sequential
from .referee import check_counterexample, check_points, check_witness

CASES: dict[str, tuple[made.Ask, made.Do, Any, Specification]] = {
    "list": (made.ask_list, made.do_list, (), List()),
    "dull list": (made.ask_few, made.do_list, (), List()),
    "text": (made.ask_text, made.do_text, "", Text()),
    "counter": (made.ask_counter, made.do_counter, 0, Counter()),
    "set": (made.ask_set, made.do_set, frozenset(), Set()),
    "elements": (made.ask_elements, made.do_set, frozenset(), Set()),
    "queue": (made.ask_queue, made.do_queue, (), Queue()),
    "dull queue": (made.ask_dull_queue, made.do_queue, (), Queue()),
    "stack": (made.ask_stack, made.do_stack, (), Stack()),
    "lock": (made.ask_lock, made.do_lock, None, Lock()),
}
SEEDS = st.integers(0, 2**64 - 1)


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=300, deadline=None)
@given(seed=SEEDS)
def test_every_verdict_is_that_of_the_definition_and_proves_itself(name: str, seed: int) -> None:
    ask, do, initial, specification = CASES[name]
    history = made.object_history(seed, ask, do, initial)
    verdict = linearizable(history, specification)
    assert verdict.holds is is_linearizable(history, specification)
    if verdict:
        check_witness(verdict, in_real_time, specification)
        check_points(verdict)
    else:
        check_counterexample(verdict, in_real_time, timed=True, specification=specification)


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=60, deadline=None)
@given(seed=SEEDS)
def test_sequential_consistency_speaks_of_every_object(name: str, seed: int) -> None:
    ask, do, initial, specification = CASES[name]
    history = made.object_history(seed, ask, do, initial, most=5)
    verdict = sequential(history, specification)
    assert verdict.holds is is_sequential(history, specification)


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("P1: [enqueue(o,1)] [enqueue(o,2)] [dequeue(o)1] [dequeue(o)2]", Queue, None),
        ("P1: [push(o,1)] [push(o,2)] [pop(o)2] [pop(o)1] [pop(o)None]", Stack, None),
        ("P1: [push(o,1)] [push(o,2)] [pop(o)1]", None, Stack),
        ("P1: [A(o,1)] [A(o,2)] [R(o)(1,2)] [W(o,())] [R(o)()]", List, None),
        ("P1: [increment(o)] [increment(o,2)] [decrement(o)] [R(o)2]", Counter, None),
        ("P1: [add(o,1)True] [add(o,1)False] [remove(o,1)] [R(o){}]", Set, None),
        ("P1: [add(o,1)True] [add(o,1)True]", None, Set),
        ("P1: [acquire(o)]\nP2:              [acquire(o)False]", Lock, None),
        ("P1: [acquire(o)]\nP2:              [release(o)]", None, Lock),
        ("P1: [propose(o,4)4]\nP2:              [propose(o,7)4]", Consensus, None),
        ("P1: [propose(o,4)7]\nP2:  [propose(o,7)7]", Consensus, None),
        ("P1: [propose(o,4)4]\nP2:  [propose(o,7)7]", None, Consensus),
        ("P1: [propose(o,4)9]", None, Consensus),
    ],
)
def test_an_object_keeps_its_promise(
    text: str, right: type[Specification] | None, wrong: type[Specification] | None
) -> None:
    if right:
        assert linearizable(parse(text), right())
    if wrong:
        assert not linearizable(parse(text), wrong())


def test_each_key_is_an_object_of_its_own() -> None:
    history = parse("P1: [enqueue(q,1)] [enqueue(r,2)] [dequeue(r)2] [dequeue(q)1]")
    assert linearizable(history, Queue())


def test_a_set_is_looked_at_element_by_element_unless_somebody_reads_it_whole() -> None:
    elements = parse("P1: [add(s,1)] [contains(s,1)True]")
    whole = parse("P1: [add(s,1)] [R(s){1}]")
    assert isinstance(Set().narrowed(elements.operations), Elements)
    assert type(Set().narrowed(whole.operations)) is Set


@pytest.mark.parametrize(
    ("specification", "text", "problem"),
    [
        (List(), "P1: [R(x)1]", "a read of a list returns a tuple"),
        (List(), "P1: [W(x,1)]", "a list is written as a whole"),
        (List(), "P1: [A(x,1,2)]", "append takes a key and 1 value"),
        (Text(), "P1: [A(x,1)]", "only a text can be put into a text"),
        (Text(), "P1: [R(x)1]", "a read of a text returns a text"),
        (Counter(), "P1: [increment(c,1,2)]", "increment takes a key and no values or 1 value"),
        (Counter(), "P1: [increment(c,much)]", "a counter is moved by a number"),
        (Set(), "P1: [contains(s,1)]", "contains returns True or False"),
        (Set(), "P1: [add(s,1)2]", "add returns True if it changed the set"),
        (Set(), "P1: [R(s)2]", "returns its elements"),
        (Queue(), "P1: [enqueue(q,None)]", "None says that there was nothing to take"),
        (Queue(), "P1: [push(q,1)]", "Queue knows only enqueue, dequeue"),
        (Stack(), "P1: [pop(q,1)]", "pop takes a key and no values"),
        (Lock(), "P1: [acquire(l)3]", "acquire returns True"),
    ],
)
def test_an_operation_of_another_form_is_refused_in_words(
    specification: Specification, text: str, problem: str
) -> None:
    with pytest.raises(ConsensusLabError, match=problem):
        relevant(parse(text), specification)


def test_objects_have_names() -> None:
    assert isinstance(OBJECTS["queue"](), Queue)
