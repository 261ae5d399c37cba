"""The checks of chapter 01 name the property, and hand over a run in which it falls.

Whole wrong answers are in tests/wrong_answers/chapter_01.py; here is what those do not see.
"""

from __future__ import annotations

from itertools import product

import pytest

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.staleness import staleness
from consensus_lab.protocols import Quorum
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.hunt import Finding
from consensus_lab.testing.tasks.quorum import (
    check_may_return,
    check_numbers,
    check_rules,
    unfinished_write,
)

PAIRS = list(product(range(1, 6), repeat=2))


def passes(cart=(1, 1), prices=(1, 5), account=(3, 3)) -> bool:
    """Whether the check of task 1.1 accepts these numbers."""
    try:
        check_numbers(lambda: cart, lambda: prices, lambda: account)
    except CheckFailed:
        return False
    return True


def test_each_customer_has_one_right_answer():
    assert [pair for pair in PAIRS if passes(cart=pair)] == [(1, 1)]
    assert [pair for pair in PAIRS if passes(prices=pair)] == [(1, 5)]
    assert [pair for pair in PAIRS if passes(account=pair)] == [(3, 3)]


@pytest.mark.parametrize("answer", [3, (1, 2, 3), [3, 3], (0, 3), (3, 6), (True, 3), (3.0, 3)])
def test_what_is_no_pair_of_numbers_is_refused_in_a_sentence(answer):
    with pytest.raises(CheckFailed, match=r"account\(\)"):
        check_numbers(lambda: (1, 1), lambda: (1, 5), lambda: answer)


def test_a_choice_that_fails_is_named():
    def cart() -> tuple[int, int]:
        return (1, 1)[2]

    with pytest.raises(CheckFailed, match="cart fails with IndexError"):
        check_numbers(cart, lambda: (1, 5), lambda: (3, 3))


def test_the_evidence_of_a_stale_read_is_a_run_with_a_stale_read():
    with pytest.raises(CheckFailed) as caught:
        check_numbers(lambda: (1, 1), lambda: (1, 3), lambda: (3, 3))
    evidence = caught.value.evidence
    assert isinstance(evidence, Finding)
    assert [one.read.result for one in staleness(evidence.trace.history()) if one.versions] == [0]


def test_the_stores_own_rules_pass(capsys):
    check_rules(Quorum)
    assert capsys.readouterr().out.startswith("✓ 1.2")


def test_a_read_may_also_return_when_r_more_servers_would_be_too_many_to_miss_it(capsys):
    class Sharp(Quorum):
        def may_return(self, holders):
            return len(holders) + self.options.r > self.options.n

    check_may_return(Sharp)
    assert capsys.readouterr().out.startswith("✓ 1.3")


def test_the_example_of_task_1_3_runs_backwards_without_write_back():
    assert linearizable(unfinished_write(Quorum).run().history()).holds is False
