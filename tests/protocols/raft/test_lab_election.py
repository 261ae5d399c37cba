"""Part 3A of the MIT 6.5840 Raft lab: leader election. The names are the lab's."""

from __future__ import annotations

from .lab import ELECTION, Lab
from .trouble import Case


def test_initial_election_3a(case: Case) -> None:
    lab = Lab(3, case)
    lab.one_leader()
    lab.sleep(50)
    term = lab.term()
    assert term >= 1
    lab.sleep(2 * ELECTION)
    assert lab.term() == term
    lab.one_leader()


def test_re_election_3a(case: Case) -> None:
    lab = Lab(3, case)
    first = lab.one_leader()
    lab.disconnect(first)
    second = lab.one_leader()
    lab.connect(first)
    assert lab.one_leader() == second
    other = next(name for name in lab.names if name not in (first, second))
    lab.disconnect(second, other)
    lab.sleep(2 * ELECTION)
    lab.no_leader()
    lab.connect(other)
    lab.one_leader()
    lab.connect(second)
    lab.one_leader()


def test_many_elections_3a(case: Case) -> None:
    lab = Lab(7, case)
    lab.one_leader()
    for _ in range(9):
        three = lab.random.sample(lab.names, 3)
        lab.disconnect(*three)
        lab.one_leader()
        lab.connect(*three)
    lab.one_leader()
