"""Random scenarios for Raft in which the worst happens at the moments that matter.

    hunt(MyRaft, 100, lambda seed: membership_storm(MyRaft, seed))

Bad weather that comes by the clock is seldom there when two leaders change the members at once, or
in the few milliseconds for which a lease still holds. So here it waits for somebody to lead.
"""

from __future__ import annotations

from random import Random

from ..protocols.raft import BasicRaft
from ..simulation import DiskModel, Network, Scenario, Workload
from ..simulation import faults as f
from ..simulation import orders as o
from ..simulation import triggers as t
from .campaigns import Timed, in_order, when

LEADS = t.becomes("leader")
LEADERS = 10
"""Trouble waits for so many of them, one after the other."""


# -- members come and go -----------------------------------------------------------------------


def membership_storm(protocol: type[BasicRaft], seed: int) -> Scenario:
    """A scenario of 1.5 s with 4 or 5 servers: as soon as somebody leads, the network parts anew,
    and the new leader is told to change the members.

    So the changes that several leaders began are often under way together, and known to few.
    """
    random = Random(f"members/{seed}")
    names = tuple(f"S{n}" for n in range(1, random.choice((4, 5)) + 1))
    members = random.sample(names, random.randint(3, len(names)))
    joint, delay = random.random() < 0.25, random.choice((0, 0, 50))
    faults: Timed = [(time + round(200 * random.random()), f.heal()) for time in (400, 800, 1200)]
    for nth in range(1, LEADERS + 1):
        parts = round(delay * random.random())
        near = random.sample(names, random.randint(0, len(names) // 2))
        faults.append(when(LEADS, f.heal(), parts, nth))
        faults.append(when(LEADS, f.partition(["it", *near], names), parts, nth))
        for change in changes(random, names, joint):
            faults.append(when(LEADS, change, parts + round(delay * random.random()), nth))
    return Scenario(
        protocol,
        servers=len(names),
        seed=seed,
        duration=1500,
        network=Network(latency=(2, 8)),
        options={
            "members": tuple(members),
            "election_timeout": (80, 160),
            "heartbeat_interval": 40,
        },
        faults=in_order(faults),
    )


def changes(random: Random, names: tuple[str, ...], joint: bool) -> list[f.Fault]:
    """What a leader is told: to let two servers come or go, whichever they can; or, if `joint`, to
    move to other members, twice.
    """
    if joint:
        some = [random.sample(names, random.randint(1, len(names))) for _ in range(2)]
        return [o.change_members(*members, server=f.IT) for members in some]
    two = random.sample(names, 2)
    comes = [random.choice((o.add_server, o.add_server, o.add_learner, o.promote)) for _ in two]
    return [
        order(who, f.IT)
        for who, come in zip(two, comes, strict=True)
        for order in (o.remove_server, come)
    ]


# -- leases -------------------------------------------------------------------------------------


def lease_storm(protocol: type[BasicRaft], seed: int) -> Scenario:
    """A scenario of 700 ms with 3 or 5 servers that read by leases, and clocks that drift as much
    as leases allow: each leader is soon cut off from some, and then others lose patience, or crash
    together and are back at once, while clients ask everywhere.
    """
    random = Random(f"lease storm/{seed}")
    names = tuple(f"S{n}" for n in range(1, random.choice((3, 3, 3, 5)) + 1))
    fast = random.choice((1, 1.25))
    faults: Timed = [
        (0, f.clock_skew(name, round(1000 * random.random()), random.choice((1, fast))))
        for name in names
    ]
    for nth in range(1, LEADERS // 2 + 1):
        faults += end_of_a_reign(random, names, nth)
    return Scenario(
        protocol,
        servers=len(names),
        seed=seed,
        clients=2,
        duration=700,
        network=Network(latency=(0.5, 2)),
        disk=DiskModel((0.1, 0.5)),
        options={
            "reads": random.choice(("lease", "lease", "follower_lease")),
            "clock_drift": 1.25,
            "election_timeout": (120, 160),
            "heartbeat_interval": random.choice((40, 80)),
        },
        workload=Workload(
            (1, 8), ("x",), reads=0.6, start=150, retry=20, patience=60, attach="any"
        ),
        faults=in_order(faults),
    )


def end_of_a_reign(random: Random, names: tuple[str, ...], nth: int) -> Timed:
    """What happens to the `nth` leader, within 100 ms, and what the others do about it."""
    cut_off = 10 + 80 * random.random()
    other = random.choice(names)
    near = random.sample(names, random.randint(0, len(names) // 2))
    parting = random.choice((f.partition(["it", *near], names), f.cut("it", other)))
    faults = [when(LEADS, parting, cut_off, nth)]
    if random.random() < 0.3:
        called = cut_off - 10 * random.random()
        faults.append(when(LEADS, f.transfer("it", other), called, nth))
    if random.random() < 0.5:
        down = cut_off + 20 * random.random()
        for _ in range(random.randint(1, len(names) - 1)):
            faults.append(when(LEADS, f.crash("follower"), down, nth))
        faults += [when(LEADS, f.restart(name), down + 1, nth) for name in names]
    if random.random() < 0.7:
        loses_patience = f.timeout("follower")
        faults.append(when(LEADS, loses_patience, cut_off + 40 * random.random(), nth))
    return [*faults, when(LEADS, f.heal(), cut_off + 60 + 120 * random.random(), nth)]
