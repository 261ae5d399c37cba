"""How two quorums overlap, and who of those in both may lie."""

from __future__ import annotations

import pytest

from consensus_lab.errors import ScenarioError
from consensus_lab.protocols.byzantine.quorums import overlap


@pytest.mark.parametrize("f", range(1, 6))
def test_2f_plus_1_bear_crashes_and_2f_do_not(f):
    assert overlap(2 * f + 1, f).bears_crashes
    assert not overlap(2 * f, f).bears_crashes


@pytest.mark.parametrize("f", range(1, 6))
def test_3f_plus_1_bear_lies_and_3f_do_not(f):
    assert overlap(3 * f + 1, f).bears_lies
    assert not overlap(3 * f, f).bears_lies


def test_of_three_servers_the_one_in_both_majorities_may_be_the_liar():
    worst = overlap(3, 1)
    assert (worst.first, worst.second) == (("S1", "S2"), ("S2", "S3"))
    assert worst.shared == worst.liars == ("S2",)


def test_of_four_servers_two_are_in_both_quorums_and_one_is_honest():
    worst = overlap(4, 1)
    assert (worst.quorum, worst.shared, worst.honest) == (3, ("S2", "S3"), ("S3",))


@pytest.mark.parametrize("numbers", [(0, 0), (3, 3), (3, -1), (4, 1, 5)])
def test_numbers_that_cannot_be_are_refused(numbers):
    with pytest.raises(ScenarioError, match="choose n from 1 on"):
        overlap(*numbers)
