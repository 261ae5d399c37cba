"""Random histories are small, mixed, and the same for the same seed."""

from __future__ import annotations

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.history import parse
from consensus_lab.testing.random_histories import at_the_left, random_history, smallest


def test_the_same_seed_gives_the_same_history() -> None:
    assert random_history(3, keys=("x", "y")) == random_history(3, keys=("x", "y"))


def test_a_good_share_is_linearizable_and_a_good_share_is_not() -> None:
    verdicts = [bool(linearizable(random_history(seed))) for seed in range(400)]
    assert 100 < sum(verdicts) < 300


def test_some_operations_have_no_answer_and_some_intervals_touch() -> None:
    histories = [random_history(seed) for seed in range(100)]
    assert any(o.end is None for history in histories for o in history)
    assert any(a.end == b.start for history in histories for a in history for b in history)


def test_every_history_can_be_drawn_and_read_back() -> None:
    for seed in range(100):
        history = random_history(seed, keys=("x", "y"))
        assert parse(str(history)).operations == history.operations


def test_nothing_can_be_taken_from_the_smallest_part_that_fails() -> None:
    for seed in range(60):
        history = random_history(seed)
        if not linearizable(history):
            part = smallest(history, lambda some: not linearizable(some))
            assert not linearizable(part)
            rest = [part.without(operation) for operation in part]
            assert all(bool(linearizable(some)) for some in rest if len(some))


def test_a_part_moved_to_the_left_has_the_same_shape() -> None:
    history = parse("P1:            [W(x,1)]  [W(x,2)\nP2:                 [R(x)1]")
    assert at_the_left(history) == parse("P1: [W(x,1)]  [W(x,2)\nP2:      [R(x)1]")
