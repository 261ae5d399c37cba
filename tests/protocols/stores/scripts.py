"""Short random runs that come to rest: some changes and faults, all is mended, and all look."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from consensus_lab.protocols import Node
from consensus_lab.simulation import Network, Scenario, Workload
from consensus_lab.simulation import faults as f

SERVERS, CLIENTS, KEYS = ("S1", "S2", "S3"), "ABC", ("x", "y")
REST, LOOK, END = 300, 700, 800


def script(
    protocol: type[Node], seed: int, changes: Sequence[str], moves: bool = False
) -> Scenario:
    """A run of 800 ms: A asks S1, B asks S2, C asks S3; or whom they like, if a client `moves`.

    `changes` are kinds of operations that take a value. From 300 ms on nothing fails and nothing is
    changed; at 700 ms all read all.
    """
    random = Random(f"script/{seed}")
    weather = {name: random.uniform(0, 0.1) for name in ("loss", "duplicate", "reorder")}
    scenario = Scenario(
        protocol,
        servers=3,
        seed=seed,
        duration=END,
        options={"interval": 40},
        network=Network((2, 2 + random.uniform(0, 30)), **weather),
        workload=Workload(retry=100, patience=5000),
    )
    for value in range(1, random.randint(4, 22 if moves else 14)):
        client = random.choice(CLIENTS)
        server = random.choice(SERVERS) if moves else SERVERS[CLIENTS.index(client)]
        kind = random.choice(["read", *changes])
        operation = [kind, random.choice(KEYS)] + [value] * (kind != "read")
        if kind in ("add", "remove"):
            operation[2] = random.randint(1, 3)
        ask = f.request(*operation, client=client, server=server)
        scenario = scenario.at(random.randint(0, REST), ask)
    for _ in range(random.randint(0, 2)):
        who, other = random.sample(SERVERS, 2)
        begin, end = random.choice(
            [
                (f.crash(who), f.restart(who)),
                (f.pause(who), f.resume(who)),
                (f.cut(who, other), f.heal()),
                (f.partition([who], [other]), f.heal()),
            ]
        )
        start = random.randint(0, REST - 1)
        scenario = scenario.at(start, begin).at(random.randint(start + 1, REST), end)
    looks = [
        f.request("read", key, client=client, server=server)
        for client, server in zip(CLIENTS, SERVERS, strict=True)
        for key in KEYS
    ]
    calm = f.weather(loss=0, duplicate=0, reorder=0)
    return scenario.at(REST, calm).at(LOOK, *looks)
