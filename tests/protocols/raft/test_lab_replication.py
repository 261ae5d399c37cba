"""Part 3B of the MIT 6.5840 Raft lab: the log. The names are the lab's."""

from __future__ import annotations

import math

from .lab import ELECTION, Lab
from .trouble import Case

MOST_A_LOOK = 550
"""How long (ms) it takes at most to ask who leads."""


def after(lab: Lab, name: str, by: int) -> str:
    """The server so many places after `name`."""
    return lab.names[(lab.names.index(name) + by) % len(lab.names)]


def test_basic_agree_3b(case: Case) -> None:
    lab = Lab(3, case)
    for index in 1, 2, 3:
        assert lab.committed(index)[0] == 0
        assert lab.one(3, retry=False) == index


def test_rpc_bytes_3b(case: Case) -> None:
    lab = Lab(3, case)
    lab.one(3, retry=False)
    before, size = lab.bytes(), 5000
    for _ in range(10):
        lab.one(3, retry=False, size=size)
    assert lab.bytes() - before <= 3 * 10 * size + 50_000


def test_follower_failure_3b(case: Case) -> None:
    lab = Lab(3, case)
    lab.one(3, retry=False)
    leader = lab.one_leader()
    lab.disconnect(after(lab, leader, 1))
    lab.one(2, retry=False)
    lab.sleep(ELECTION)
    lab.one(2, retry=False)
    leader = lab.one_leader()
    lab.disconnect(after(lab, leader, 1), after(lab, leader, 2))
    begun = lab.start(leader)
    assert begun is not None
    assert begun[0] == 4
    lab.sleep(2 * ELECTION)
    assert lab.committed(4)[0] == 0


def test_leader_failure_3b(case: Case) -> None:
    lab = Lab(3, case)
    lab.one(3, retry=False)
    lab.disconnect(lab.one_leader())
    lab.one(2, retry=False)
    lab.sleep(ELECTION)
    lab.one(2, retry=False)
    lab.disconnect(lab.one_leader())
    for name in lab.names:
        lab.start(name)
    lab.sleep(2 * ELECTION)
    assert lab.committed(4)[0] == 0


def test_fail_agree_3b(case: Case) -> None:
    lab = Lab(3, case)
    lab.one(3, retry=False)
    lost = after(lab, lab.one_leader(), 1)
    lab.disconnect(lost)
    lab.one(2, retry=False)
    lab.one(2, retry=False)
    lab.sleep(ELECTION)
    lab.one(2, retry=False)
    lab.one(2, retry=False)
    lab.connect(lost)
    lab.one(3)
    lab.sleep(ELECTION)
    lab.one(3)


def test_fail_no_agree_3b(case: Case) -> None:
    lab = Lab(5, case)
    lab.one(5, retry=False)
    leader = lab.one_leader()
    lost = [after(lab, leader, by) for by in (1, 2, 3)]
    lab.disconnect(*lost)
    assert lab.start(leader) is not None
    lab.sleep(2 * ELECTION)
    assert lab.committed(2)[0] == 0
    lab.connect(*lost)
    begun = lab.start(lab.one_leader())
    assert begun is not None
    assert begun[0] in (2, 3)
    lab.one(5)


def test_concurrent_starts_3b(case: Case) -> None:
    lab = Lab(3, case)
    for _ in range(5):
        leader = lab.one_leader()
        begun = [lab.start(leader) for _ in range(6)]
        indexes = [index for index, _ in filter(None, begun)]
        term = lab.node(leader).current_term
        found = [lab.wait_for(index, 3, term) for index in indexes]
        if None not in found:
            assert len(set(found)) == len(set(indexes)) == 6
            return
    raise AssertionError("the term changed too often")


def test_rejoin_3b(case: Case) -> None:
    lab = Lab(3, case)
    lab.one(3)
    first = lab.one_leader()
    lab.disconnect(first)
    for _ in range(3):
        lab.start(first)
    lab.one(2)
    second = lab.one_leader()
    lab.disconnect(second)
    lab.connect(first)
    lab.one(2)
    lab.connect(second)
    lab.one(3)


def test_backup_3b(case: Case) -> None:
    lab = Lab(5, case)
    lab.one(5)
    first = lab.one_leader()
    others = [after(lab, first, by) for by in (2, 3, 4)]
    lab.disconnect(*others)
    for _ in range(50):
        lab.start(first)
    lab.sleep(ELECTION / 2)
    lab.disconnect(first, after(lab, first, 1))
    lab.connect(*others)
    for _ in range(50):
        lab.one(3)
    second = lab.one_leader()
    other = next(name for name in others if name != second)
    lab.disconnect(other)
    for _ in range(50):
        lab.start(second)
    lab.sleep(ELECTION / 2)
    lab.disconnect(*lab.names)
    lab.connect(first, after(lab, first, 1), other)
    for _ in range(50):
        lab.one(3)
    lab.connect(*lab.names)
    lab.one(5)


def test_count_3b(case: Case) -> None:
    lab = Lab(3, case)
    leader = lab.one_leader()
    # A leader that stands still just then is looked for again, and heartbeats go on meanwhile.
    looks = math.ceil(lab.now / MOST_A_LOOK)
    assert lab.requests() <= 30 * looks
    for _ in range(5):
        leader, before = lab.one_leader(), lab.requests()
        begun = [lab.start(leader) for _ in range(11)]
        term = lab.node(leader).current_term
        found = [lab.wait_for(index, 3, term) for index, _ in filter(None, begun)]
        used = lab.requests() - before
        if None not in found:
            assert used <= (10 + 1 + 3) * 3
            break
    else:
        raise AssertionError("the term changed too often")
    before = lab.requests()
    lab.sleep(ELECTION)
    assert lab.requests() - before <= 3 * 20
