"""Short random runs of stores, with faults of every kind and clients that stay at home."""

from __future__ import annotations

from random import Random

from consensus_lab.protocols import Node
from consensus_lab.simulation import Network, Scenario, Trace, Workload
from consensus_lab.simulation import faults as f

WORKLOAD = Workload(
    think=(2, 25), keys=("x", "y"), reads=0.6, start=20, retry=600, patience=500, attach="home"
)


def storm(protocol: type[Node], seed: int, servers: int = 3, **options: object) -> Scenario:
    """A random scenario of 900 ms: a bad network, and some faults, most of them mended."""
    random = Random(f"storm/{seed}").random
    names = [f"S{n}" for n in range(1, servers + 1)]

    def pick() -> str:
        return names[int(random() * servers)]

    scenario = Scenario(
        protocol,
        servers=servers,
        seed=seed,
        clients=3,
        duration=900,
        options=options,
        network=Network(
            latency=(2, 2 + 40 * random()),
            loss=0.1 * random(),
            duplicate=0.1 * random(),
            reorder=0.2 * random(),
        ),
        workload=WORKLOAD,
    )
    for _ in range(int(4 * random())):
        time = round(800 * random())
        later = time + round(30 + 200 * random())
        who, other = pick(), pick()
        side = [name for name in (*names, *"ABC") if random() < 0.5]
        rest = [name for name in (*names, *"ABC") if name not in side]
        begin, end = [
            (f.crash(who), f.restart(who)),
            (f.pause(who), f.resume(who)),
            (f.cut(who, other, one_way=random() < 0.5), f.heal()),
            (f.partition(side, rest), f.heal()),
        ][int(4 * random())]
        scenario = scenario.at(time, begin).at(later, end)
    return scenario


def storms(protocol: type[Node], count: int, first: int = 0, **options: object) -> list[Trace]:
    """The runs of `count` storms."""
    return [storm(protocol, first + n, **options).run() for n in range(count)]  # type: ignore[arg-type]
