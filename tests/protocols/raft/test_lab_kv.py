"""The MIT 6.5840 lab's tests of a key-value store, parts 4B and 4C. The names are the lab's.

Clients ask one thing after the other, retry until they are answered, and are redirected. Meanwhile
servers crash and the network parts. Then the history must be linearizable, and clients must have
come on. As everywhere, the invariants are watched at each step.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.protocols.raft import InstallSnapshot, Raft
from consensus_lab.protocols.raft.invariants import with_invariants
from consensus_lab.protocols.sizes import size_of
from consensus_lab.simulation import Scenario, Trace, Workload
from consensus_lab.simulation.faults import crash, cut, heal, partition, restart, timeout

from .lab import ELECTION, RELIABLE, UNRELIABLE
from .trouble import Case

WATCHED = with_invariants(Raft)

START, ROUND, PAUSE = 600, 1200, 1200
"""When (ms) clients begin; how long they work before the network is mended and servers crash, if
they are to; and how long they have to come on again."""

LAST = 3 * (ROUND + PAUSE)
"""From then on (ms) there is peace, but for the trouble that there always is."""

FOR_EVER = 60_000
"""The lab's clients never give up."""

SNAPSHOTS = {"snapshot_every": 20}


def store(
    case: Case, clients: int, servers: int = 5, unreliable: bool = False, **options: object
) -> Scenario:
    """A store that clients use."""
    keys, think = tuple("xyz"[:clients]), (10 + 6 * clients, 30 + 12 * clients)
    scenario = Scenario(
        WATCHED,
        servers=servers,
        clients=clients,
        seed=case.seed,
        network=UNRELIABLE if unreliable else RELIABLE,
        workload=Workload(
            think, keys, 0.4, 0.2, START, retry=100 + 10 * clients, patience=FOR_EVER
        ),
        options=options,
        duration=LAST + (2 if clients < 10 else 4) * PAUSE,
    )
    return case.troubled(scenario)


def troubled(scenario: Scenario, case: Case, partitions: bool, crashes: bool) -> Scenario:
    """Three rounds. In each the network parts again and again; at its end all servers crash."""
    random, names = Random(f"{case.seed}/kv"), scenario.server_names
    for turn in range(3):
        start = turn * (ROUND + PAUSE) + START
        time = float(start)
        while partitions and time < start + ROUND:
            first = [name for name in names if random.random() < 0.5]
            second = [name for name in names if name not in first]
            scenario = scenario.at(time, heal())
            if case.one_way:
                cuts = (cut(a, b, one_way=True) for a in first for b in second)
                scenario = scenario.at(time, *cuts)
            else:
                scenario = scenario.at(time, partition(first, second))
            time += ELECTION + 200 * random.random()
        scenario = scenario.at(start + ROUND, heal())
        if crashes:
            scenario = scenario.at(start + ROUND + 100, *map(crash, names))
            scenario = scenario.at(start + ROUND + 100 + ELECTION / 2, *map(restart, names))
    return scenario


def checked(scenario: Scenario, least: int = 3) -> Trace:
    """Run it. Nothing is broken, and each client got something done, to the end."""
    trace = scenario.run()
    assert trace.violations == []
    assert linearizable(trace.history()).holds is True
    for name in trace.clients:
        ends = [done.end for done in trace.operations if done.process[0] == name and done.end]
        assert len(ends) >= least
        assert max(ends) > LAST * 1000
    return trace


def logs_on_disk(trace: Trace) -> int:
    """How many bytes the longest log on a disk took at the end."""
    state = trace.state_at(trace.duration / 1000)
    return max(size_of(fields["disk.log"]) for fields in state.values())


def generic(
    case: Case,
    clients: int,
    servers: int = 5,
    unreliable: bool = False,
    partitions: bool = False,
    crashes: bool = False,
    snapshots: bool = False,
) -> Trace:
    options = SNAPSHOTS if snapshots else {}
    scenario = store(case, clients, servers, unreliable, **options)
    trace = checked(troubled(scenario, case, partitions, crashes))
    if snapshots:
        logs = [len(fields["log"]) for fields in trace.state_at(scenario.duration).values()]
        assert max(logs) < 160 or case.trouble == "bad-disks"
    return trace


# -- 4B ----------------------------------------------------------------------------------


def test_basic_4b(case: Case) -> None:
    generic(case, clients=1)


def speed(case: Case, **options: object) -> None:
    """A thousand operations; and in the lab's conditions three in the time of a heartbeat."""
    scenario = store(case, 1, 3, **options)
    busy = replace(scenario.workload, think=(0, 0), retry=500)
    trace = replace(scenario, workload=busy, duration=START + 6000).run()
    assert trace.violations == []
    done = sum(operation.outcome == "ok" for operation in trace.operations)
    assert done >= (1000 if case.trouble == "lab" else 100)


def test_speed_4b(case: Case) -> None:
    speed(case)


def test_concurrent_4b(case: Case) -> None:
    generic(case, clients=5)


def test_unreliable_4b(case: Case) -> None:
    generic(case, clients=5, unreliable=True)


def test_unreliable_one_key_4a(case: Case) -> None:
    """Of the lab of 2023 and 2024: five clients and one key, with a bad network."""
    scenario = store(case, 5, 3, unreliable=True)
    checked(replace(scenario, workload=replace(scenario.workload, keys=("x",))))


def test_one_partition_4b(case: Case) -> None:
    """A majority goes on; who asks a minority waits until the network is mended."""
    scenario = store(case, 2).at(50, timeout("S1"))
    parted = partition(["S1", "S2", "A"], ["S3", "S4", "S5", "B"])
    trace = checked(scenario.at(1000, parted).at(4000, heal()))

    def answered(client: str) -> int:
        ends = [done.end for done in trace.operations if done.process == client and done.end]
        return sum(1_500_000 < end < 4_000_000 for end in ends)

    assert answered("A") == 0 or case.trouble != "lab"
    assert answered("B") > 10


def test_many_partitions_one_client_4b(case: Case) -> None:
    generic(case, clients=1, partitions=True)


def test_many_partitions_many_clients_4b(case: Case) -> None:
    generic(case, clients=5, partitions=True)


def test_persist_one_client_4b(case: Case) -> None:
    generic(case, clients=1, crashes=True)


def test_persist_concurrent_4b(case: Case) -> None:
    generic(case, clients=5, crashes=True)


def test_persist_concurrent_unreliable_4b(case: Case) -> None:
    generic(case, clients=5, unreliable=True, crashes=True)


def test_persist_partition_4b(case: Case) -> None:
    generic(case, clients=5, partitions=True, crashes=True)


def test_persist_partition_unreliable_4b(case: Case) -> None:
    generic(case, clients=5, unreliable=True, partitions=True, crashes=True)


def test_persist_partition_unreliable_linearizable_4b(case: Case) -> None:
    generic(case, 15, servers=7, unreliable=True, partitions=True, crashes=True)


# -- 4C ----------------------------------------------------------------------------------


def test_snapshot_rpc_4c(case: Case) -> None:
    """A server that was away catches up by a snapshot, and counts in the next majority."""
    scenario = store(case, 1, 3, **SNAPSHOTS).at(50, timeout("S1"))
    scenario = scenario.at(700, partition(["S1", "S2"], ["S3"])).at(4000, heal())
    trace = checked(scenario.at(6000, partition(["S1", "S3"], ["S2"])).at(8000, heal()))
    assert any(isinstance(flight.message, InstallSnapshot) for flight in trace.messages)


def test_snapshot_size_4c(case: Case) -> None:
    """The store is small, so what is on disk stays small, however much was written."""
    scenario = store(case, 1, 3, **SNAPSHOTS)
    small = replace(scenario.workload, keys=("x",), reads=0.2, cas=0.0)
    trace = checked(replace(scenario, workload=small), least=60)
    state = trace.state_at(scenario.duration)
    assert max(size_of(fields["disk.snapshot"]) for fields in state.values()) <= 500
    assert logs_on_disk(trace) <= 2000


def test_speed_4c(case: Case) -> None:
    speed(case, **SNAPSHOTS)


def test_snapshot_recover_4c(case: Case) -> None:
    generic(case, clients=1, crashes=True, snapshots=True)


def test_snapshot_recover_many_clients_4c(case: Case) -> None:
    generic(case, clients=20, crashes=True, snapshots=True)


def test_snapshot_unreliable_4c(case: Case) -> None:
    generic(case, clients=5, unreliable=True, snapshots=True)


def test_snapshot_unreliable_recover_4c(case: Case) -> None:
    generic(case, clients=5, unreliable=True, crashes=True, snapshots=True)


def test_snapshot_unreliable_recover_concurrent_partition_4c(case: Case) -> None:
    generic(case, 5, unreliable=True, partitions=True, crashes=True, snapshots=True)


def test_snapshot_unreliable_recover_concurrent_partition_linearizable_4c(case: Case) -> None:
    generic(case, 15, 7, unreliable=True, partitions=True, crashes=True, snapshots=True)
