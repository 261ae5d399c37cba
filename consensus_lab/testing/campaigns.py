"""Random scenarios for protocols of the Paxos family, with everything that can go wrong.

    hunt(MyPaxos, 1000, lambda seed: contest(MyPaxos, seed))

`contest` and `duels` are for one decree, `storm` for a log of them.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from ..protocols.node import Node
from ..simulation import DiskModel, Network, Scenario, Workload
from ..simulation import faults as f
from ..simulation import triggers as t

Timed = list[tuple[float, f.Fault]]


def contest(protocol: type[Node], seed: int, **options: Any) -> Scenario:
    """A scenario of 800 ms with 3 to 5 servers: two to five clients propose a value each, at two
    servers.

    A value is chosen within some 50 ms, and after that nothing can happen any more. So what goes
    wrong must do so at once.
    """
    random = Random(f"contest/{seed}")
    names = tuple(f"S{n}" for n in range(1, random.choice((3, 3, 4, 5)) + 1))
    proposers = random.sample(names, 2)
    faults: Timed = []
    for value, client in enumerate("ABCDE"[: random.randint(2, 5)], 1):
        ask = f.request("propose", None, value, client=client, server=random.choice(proposers))
        faults.append((round(200 * random.random()), ask))
    for _ in range(random.randint(0, 10)):
        faults += trouble(random, names, 300, 60)
    return Scenario(
        protocol,
        servers=len(names),
        seed=seed,
        duration=800,
        options=options,
        network=bad_network(random),
        disk=DiskModel((0.5, random.choice((1.5, 10)))),
        workload=Workload(retry=random.choice((50, 800)), patience=800),
        faults=in_order(faults),
    )


def duels(protocol: type[Node], seed: int, **options: Any) -> Scenario:
    """A scenario of 2.5 s with 3 to 5 servers, of which one to three propose a value each: every
    message takes equally long, but each question is heard by another majority, and some are late.

    Nothing stays broken, so all must be answered (`complaint_or_silence`). For that, the questions
    of several proposers are lost a few times only; those of a single one without end.
    """
    random = Random(f"duels/{seed}")
    names = tuple(f"S{n}" for n in range(1, random.choice((3, 3, 3, 4, 5)) + 1))
    proposers = random.sample(names, random.choice((1, 2, 2, 3)))
    alone = len(proposers) == 1
    latency, disk = random.choice((5, 10, 20)), random.choice((1, 5, 10))
    faults: Timed = []
    for number, name in enumerate(proposers):
        ask = f.request("propose", None, number + 4, client="ABC"[number], server=name)
        faults.append((round(2 * latency * random.random()), ask))
        faults += unheard(random, name, names, alone)
    if random.random() < 0.5:
        kind, late = random.choice(("Prepare", "Promise", "Accept")), round(150 * random.random())
        slow = t.sends(kind, to=random.choice(names))
        faults.append(when(slow, f.delay("it", late), nth=random.randint(1, 3)))
    if not alone:
        for name in random.sample(names, len(names) // 2):
            lost = when(t.sends("Accepted", name), f.drop("it"), times=random.randint(3, 12))
            faults.append(lost)
    if random.random() < 0.3:
        faults += blink(random, 0)
    return Scenario(
        protocol,
        servers=len(names),
        seed=seed,
        duration=2500,
        options=options,
        network=Network(latency=(latency, latency)),
        disk=DiskModel((disk, disk)),
        workload=Workload(retry=200, patience=9000),
        faults=in_order(faults),
    )


def unheard(random: Random, proposer: str, names: tuple[str, ...], always: bool) -> Timed:
    """In each phase of its first three ballots some do not hear the proposer; or, `always`, in each
    phase of all ballots the same ones. All others are a majority.
    """
    others = [name for name in names if name != proposer]
    return [
        when(t.sends(kind, proposer, deaf), f.drop("it"), nth=nth, times=None if always else 1)
        for kind in ("Prepare", "Accept")
        for nth in ((1,) if always else (1, 2, 3))
        for deaf in random.sample(others, len(names) - 1 - len(names) // 2)
    ]


def storm(protocol: type[Node], seed: int, **options: Any) -> Scenario:
    """A scenario of 3 s with 3 or 5 servers: two to four clients work, clocks are wrong, and a
    dozen things go wrong; in the last second they are mended.
    """
    random = Random(f"storm/{seed}")
    names = tuple(f"S{n}" for n in range(1, random.choice((3, 5)) + 1))
    faults: Timed = [(0, f.clock_skew(name, 0, 0.9 + 0.2 * random.random())) for name in names]
    for _ in range(random.randint(2, 14)):
        faults += trouble(random, names, 2000, 500)
    calm = f.weather(loss=0.0, duplicate=0.0, reorder=0.0, latency=(2, 10))
    faults += [(2500, calm), (2500, f.heal()), *((2500, f.restart(name)) for name in names)]
    return Scenario(
        protocol,
        servers=len(names),
        seed=seed,
        clients=random.randint(2, 4),
        duration=3500,
        options=options,
        network=bad_network(random),
        disk=DiskModel((0.5, random.choice((1.5, 10))), torn=random.choice((0, 0.5))),
        workload=Workload((0, random.choice((20, 100))), reads=0.4, cas=0.2),
        faults=in_order(faults),
    )


def bad_network(random: Random) -> Network:
    """A network that is late, lossy, doubling and reordering, more or less."""
    return Network(
        latency=(2, random.choice((10, 40, 100))),
        loss=random.choice((0.0, 0.1, 0.3)),
        duplicate=random.choice((0.0, 0.3)),
        reorder=random.choice((0.0, 0.3)),
    )


def trouble(random: Random, names: tuple[str, ...], end: float, longest: float) -> Timed:
    """Something goes wrong before `end` (ms), and is mended after `longest` ms or sooner."""
    time = float(round(end * random.random()))
    later = time + round(1 + longest * random.random())
    who, other = random.sample(names, 2)
    half = [name for name in names if random.random() < 0.5]
    rest = [name for name in names if name not in half]
    kinds: tuple[Callable[[], Timed], ...] = (
        lambda: [(time, f.crash(who)), (later, f.restart(who))],
        lambda: [(time, f.crash("leader")), *((later, f.restart(name)) for name in names)],
        lambda: blink(random, time),
        lambda: blink(random, time),
        lambda: [(time, f.pause(who)), (later, f.resume(who))],
        lambda: [(time, f.cut(who, other, one_way=random.random() < 0.5)), (later, f.heal())],
        lambda: [(time, f.partition(half, rest)), (later, f.heal())],
        lambda: [(time, f.partition(["leader", who], names)), (later, f.heal())],
        lambda: [(time, f.slow_disk(who, 50)), (later, f.slow_disk(who, 1))],
    )
    return random.choice(kinds)()


def blink(random: Random, time: float) -> Timed:
    """Somebody crashes at a moment that matters, and is back at once."""
    moment = random.choice((t.synced(), t.receives("Prepare"), t.receives("Accept")))
    nth, after = random.randint(1, 8), random.choice((0.0, 5 * random.random()))
    back = after + 1 + 5 * random.random()
    return [
        (time, t.When(moment, f.crash(f.IT), after, nth)),
        (time, t.When(moment, f.restart(f.IT), back, nth)),
    ]


def when(
    trigger: t.Trigger, fault: f.Fault, after: float = 0, nth: int = 1, times: int | None = 1
) -> tuple[float, f.Fault]:
    """A fault that waits, from the beginning on (see `When`)."""
    return 0, t.When(trigger, fault, after, nth, times)


def in_order(faults: Timed) -> tuple[tuple[float, f.Fault], ...]:
    """By their times."""
    return tuple(sorted(faults, key=lambda item: item[0]))
