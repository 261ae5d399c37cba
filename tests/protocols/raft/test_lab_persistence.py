"""Part 3C of the MIT 6.5840 Raft lab: crashes and bad networks. The names are the lab's."""

from __future__ import annotations

import pytest

from .lab import ELECTION, RELIABLE, UNRELIABLE, Lab
from .trouble import Case


def test_persist1_3c(case: Case) -> None:
    lab = Lab(3, case)
    lab.one(3)
    lab.crash(*lab.names)
    lab.restart(*lab.names)
    lab.one(3)
    first = lab.one_leader()
    lab.crash(first)
    lab.restart(first)
    lab.one(3)
    second = lab.one_leader()
    lab.crash(second)
    lab.one(2)
    lab.restart(second)
    lab.wait_for(4, 3, 10**9)
    lost = next(name for name in lab.names if name != lab.one_leader())
    lab.crash(lost)
    lab.one(2)
    lab.restart(lost)
    lab.one(3)


def test_persist2_3c(case: Case) -> None:
    lab = Lab(5, case)
    for _ in range(5):
        lab.one(5)
        place = lab.names.index(lab.one_leader())
        ring = [lab.names[(place + by) % 5] for by in range(5)]
        lab.crash(ring[1], ring[2])
        lab.one(3)
        lab.crash(ring[0], ring[3], ring[4])
        lab.restart(ring[1], ring[2])
        lab.sleep(ELECTION)
        lab.restart(ring[3])
        lab.one(3)
        lab.restart(ring[4], ring[0])
    lab.one(5)


def test_persist3_3c(case: Case) -> None:
    lab = Lab(3, case)
    lab.one(3)
    leader = lab.one_leader()
    lagging, other = (name for name in lab.names if name != leader)
    lab.disconnect(lagging)
    lab.one(2)
    lab.crash(leader, other)
    lab.connect(lagging)
    lab.restart(leader)
    lab.one(2)
    lab.restart(other)
    lab.one(3)


def test_figure8_3c(case: Case) -> None:
    lab = Lab(5, case)
    lab.one(1)
    for _ in range(1000):
        leaders = [name for name in lab.up() if lab.start(name)]
        long = lab.random.random() < 0.1
        lab.sleep(lab.random.random() * (ELECTION / 2 if long else 13))
        lab.crash(*leaders[-1:])
        down = [name for name in lab.names if name not in lab.up()]
        if len(down) > 2:
            lab.restart(lab.random.choice(down))
    lab.restart(*(name for name in lab.names if name not in lab.up()))
    lab.one(5)


def test_unreliable_agree_3c(case: Case) -> None:
    lab = Lab(5, case, UNRELIABLE)
    for _ in range(1, 50):
        for _ in range(4):
            for name in lab.leaders():
                lab.start(name)
        lab.one(1)
    lab.world.network = RELIABLE
    lab.one(5)
    assert all(len(lab.node(name).machine.values) >= 50 for name in lab.names)


def test_figure8_unreliable_3c(case: Case) -> None:
    lab = Lab(5, case, UNRELIABLE)
    lab.one(1)
    for turn in range(1000):
        if turn == 200:
            lab.world.long_reordering = True
        leaders = [name for name in lab.up() if lab.start(name) and name in lab.connected]
        long = lab.random.random() < 0.1
        lab.sleep(lab.random.random() * (ELECTION / 2 if long else 13))
        if leaders and lab.random.random() < 0.5:
            lab.disconnect(leaders[-1])
        away = [name for name in lab.names if name not in lab.connected]
        if len(away) > 2:
            lab.connect(lab.random.choice(away))
    lab.connect(*lab.names)
    lab.one(5)


@pytest.mark.parametrize("network", [RELIABLE, UNRELIABLE], ids=["reliable", "unreliable"])
def test_churn_3c(case: Case, network: object) -> None:
    """TestReliableChurn3C and TestUnreliableChurn3C: what a client saw committed is in the log."""
    lab = Lab(5, case, network)
    promised: list[str] = []
    for _ in range(20):
        for _ in range(3):  # three clients
            begun = [(lab.start(name), str(lab.commands)) for name in lab.up()]
            lab.sleep(lab.random.random() * 100)
            found = [(place, value) for place, value in begun if place]
            promised += [v for (index, _), v in found if lab.committed(index)[1] == v]
        if lab.random.random() < 0.2:
            lab.disconnect(lab.random.choice(lab.names))
        if lab.random.random() < 0.5:
            name = lab.random.choice(lab.names)
            if name not in lab.up():
                lab.restart(name)
            lab.connect(name)
        if lab.random.random() < 0.2:
            name = lab.random.choice(lab.names)
            if name in lab.up():
                lab.crash(name)
        lab.sleep(ELECTION * 0.7)
    lab.world.network = RELIABLE
    lab.restart(*(name for name in lab.names if name not in lab.up()))
    lab.connect(*lab.names)
    last = lab.one(5)
    values = lab.node(lab.one_leader()).machine.values
    assert len(values) >= last
    assert promised
    assert set(promised) <= set(values)
