"""Part 3D of the MIT 6.5840 Raft lab: log compaction. The names are the lab's."""

from __future__ import annotations

from .lab import RELIABLE, UNRELIABLE, Lab
from .trouble import Case

INTERVAL = 10
"""The lab takes a snapshot every so many commands."""

MOST_BYTES = 2000
"""No log may grow beyond this."""

OPTIONS = {"snapshot_every": INTERVAL, "snapshot_chunk": 64}
"""The lab sends a snapshot in one piece. In pieces there is more to go wrong."""


def snapshots(case: Case, disconnect: bool, crash: bool, network: object = RELIABLE) -> Lab:
    """Thirty rounds, in each of which one server of three may be away while the others compact."""
    lab = Lab(3, case, network, **OPTIONS)
    lab.one(3)
    leader = lab.one_leader()
    away = disconnect or crash
    for turn in range(30):
        follower = lab.names[(lab.names.index(leader) + 1) % 3]
        sender, victim = (follower, leader) if turn % 3 == 1 else (leader, follower)
        if disconnect:
            lab.disconnect(victim)
            lab.one(2)
        if crash:
            lab.crash(victim)
            lab.one(2)
        for _ in range(INTERVAL // 2 + lab.random.randrange(INTERVAL)):
            lab.start(sender)
        lab.one(2 if away else 3)
        assert lab.log_size() < MOST_BYTES
        if disconnect:
            lab.connect(victim)
        if crash:
            lab.restart(victim)
        if away:
            lab.one(3)
            leader = lab.one_leader()
    return lab


def sent(lab: Lab) -> int:
    """How many chunks of snapshots were sent."""
    return sum(type(f.message).__name__ == "InstallSnapshot" for f in lab.world.trace.messages)


def test_snapshot_basic_3d(case: Case) -> None:
    """Nobody lags, so nobody needs the snapshot of another. (With trouble somebody may.)"""
    lab = snapshots(case, disconnect=False, crash=False)
    assert lab.node("S1").snapshot.last_index > 30 * INTERVAL // 2
    assert sent(lab) == 0 or case.trouble != "lab"


def test_snapshot_install_3d(case: Case) -> None:
    assert sent(snapshots(case, disconnect=True, crash=False)) > 0


def test_snapshot_install_unreliable_3d(case: Case) -> None:
    assert sent(snapshots(case, disconnect=True, crash=False, network=UNRELIABLE)) > 0


def test_snapshot_install_crash_3d(case: Case) -> None:
    assert sent(snapshots(case, disconnect=False, crash=True)) > 0


def test_snapshot_install_un_crash_3d(case: Case) -> None:
    assert sent(snapshots(case, disconnect=False, crash=True, network=UNRELIABLE)) > 0


def test_snapshot_all_crash_3d(case: Case) -> None:
    lab = Lab(3, case, **OPTIONS)
    lab.one(3)
    for _ in range(5):
        for _ in range(INTERVAL // 2 + lab.random.randrange(INTERVAL)):
            lab.one(3)
        before = lab.one(3)
        lab.crash(*lab.names)
        lab.restart(*lab.names)
        assert lab.one(3) >= before + 1


def test_snapshot_init_3d(case: Case) -> None:
    """A server that boots must have its snapshot in memory before it writes to its disk again."""
    lab = Lab(3, case, **OPTIONS)
    lab.one(3)
    for _ in range(INTERVAL + 1):
        lab.one(3)
    lab.crash(*lab.names)
    lab.restart(*lab.names)
    lab.one(3)
    lab.crash(*lab.names)
    lab.restart(*lab.names)
    lab.one(3)
