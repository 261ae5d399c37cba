"""Random scenarios for protocols of the Paxos family, with everything that can go wrong.

    hunt(MyPaxos, 1000, lambda seed: contest(MyPaxos, seed))

`contest` is for one decree, `storm` for a log of them.
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


def in_order(faults: Timed) -> tuple[tuple[float, f.Fault], ...]:
    """By their times."""
    return tuple(sorted(faults, key=lambda item: item[0]))
