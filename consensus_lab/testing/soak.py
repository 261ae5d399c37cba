"""A soak: thousands of random scenarios with everything that can go wrong, and everything on.

    python -m consensus_lab.testing.soak --scenarios 2000

Each run watches the five properties of Raft and the invariants of its servers at every step, and
its history must be linearizable. The first failure is made as small as can be and printed as a
scenario file, which `Scenario.load` reads and `view` plays.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random
from time import perf_counter
from typing import Any

from ..consistency.linearizable import linearizable
from ..errors import HandlerError
from ..protocols.raft import BasicRaft, Raft
from ..protocols.raft.invariants import with_invariants
from ..protocols.raft.options import READS
from ..simulation import DiskModel, Network, Scenario, Trace, Workload
from ..simulation import faults as f
from ..simulation import orders as o
from ..simulation import triggers as t
from .hunt import Complaint, Finding, attempt, complaint_of, shrink

WATCHED = with_invariants(Raft)
DURATION = 4000
BUDGET = 200_000
"""Configurations that the search for an order may look at before a history is undecided."""


# -- a random scenario -------------------------------------------------------------------------


def soaking(seed: int, protocol: type[BasicRaft] = WATCHED) -> Scenario:
    """A scenario of 4 s with 3, 5 or 7 servers, extensions drawn at random, and a dozen faults."""
    random = Random(f"soak/{seed}")
    servers = random.choice((3, 5, 7))
    names = tuple(f"S{n}" for n in range(1, servers + 1))
    scenario = Scenario(
        protocol,
        servers=servers,
        seed=seed,
        clients=random.randint(2, 4),
        duration=DURATION,
        options=extensions(random, names),
        network=bad_network(random),
        disk=DiskModel((0.5, random.choice((1.5, 5, 30))), torn=random.choice((0, 0.5))),
        workload=Workload((20, 100), ("x", "y"), reads=0.4, cas=0.2),
    )
    faults = [(0.0, clock) for clock in clocks(random, names)]
    for _ in range(random.randint(4, 16)):
        faults += trouble(random, names)
    faults.append((DURATION - 1000, f.heal()))
    faults.sort(key=lambda item: item[0])
    return replace(scenario, faults=tuple(faults))


def extensions(random: Random, names: tuple[str, ...]) -> dict[str, Any]:
    """Which extensions are on."""
    return {
        "conflict_hint": random.random() < 0.8,
        "window": random.choice((0, 1, 4, 16)),
        "max_entries": random.choice((0, 1, 8)),
        "parallel_disk": random.random() < 0.5,
        "pre_vote": random.random() < 0.5,
        "check_quorum": random.random() < 0.5,
        "snapshot_every": random.choice((0, 5, 25)),
        "snapshot_chunk": random.choice((0, 50)),
        "members": names[:3] if random.random() < 0.3 else (),
        "reads": random.choice(READS),
    }


def bad_network(random: Random) -> Network:
    """A network that is late, lossy, doubling and reordering, more or less."""
    bad = random.choice((0.0, 0.05, 0.2))
    return Network(
        latency=(1, random.choice((5, 20, 60))),
        loss=bad * random.random(),
        duplicate=bad * random.random(),
        reorder=bad * random.random(),
    )


def clocks(random: Random, names: Iterable[str]) -> Iterator[f.Fault]:
    """Clocks that are wrong, and drift as much as a lease allows."""
    for name in names:
        yield f.clock_skew(name, round(1000 * random.random()), 0.96 + 0.08 * random.random())


def trouble(random: Random, names: tuple[str, ...]) -> list[tuple[float, f.Fault]]:
    """Something that goes wrong, and as a rule its repair, some time later."""
    time = float(round(3500 * random.random()))
    later = time + round(20 + 600 * random.random())
    who, other = random.sample(names, 2)
    anyone = random.choice((who, "leader"))
    make: Callable[[], list[tuple[float, f.Fault]]] = random.choice(
        (
            lambda: [(time, f.crash(who)), (later, f.restart(who))],
            lambda: [(time, f.crash("leader")), *((later, f.restart(name)) for name in names)],
            lambda: [
                (time, crash_when(random, who)),
                *((later + 200, f.restart(name)) for name in names),
            ],
            lambda: [(time, f.pause(who)), (later, f.resume(who))],
            lambda: [
                (time, f.cut(anyone, other, one_way=random.random() < 0.5)),
                (later, f.heal()),
            ],
            lambda: [(time, f.partition(*parted(random, names))), (later, f.heal())],
            lambda: [
                (time, f.partition(["leader"], names)),
                (time + 100, f.timeout(other)),
                (later + 100, f.heal()),
            ],
            lambda: [(time, f.weather(loss=0.4)), (later, f.weather(loss=0.02))],
            lambda: [(time, f.slow_disk(who, 100)), (later, f.slow_disk(who, 1))],
            lambda: [(time, f.timeout(who))],
            lambda: [(time, f.transfer("leader", who))],
            lambda: [(time, change(random, names))],
        )
    )
    return make()


def crash_when(random: Random, who: str) -> f.Fault:
    """A crash at a moment that matters: around a save, before a message of many, at an election."""
    trigger = random.choice(
        (
            t.saves(who),
            t.synced(who),
            t.about_to_send("AppendEntries"),
            t.about_to_send("AppendEntriesReply", who),
            t.about_to_send("RequestVoteReply", who),
            t.becomes("leader"),
        )
    )
    after = random.choice((0.0, 0.5, 5.0))
    return t.When(trigger, f.crash(f.IT), after=after, nth=random.randint(1, 6))


def parted(random: Random, names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Two groups, of which one may be empty."""
    first = [name for name in names if random.random() < 0.5]
    return first, [name for name in names if name not in first]


def change(random: Random, names: tuple[str, ...]) -> f.Fault:
    """A change of the members."""
    one = random.choice((o.add_server, o.remove_server, o.add_learner, o.promote, None))
    if one:
        return one(random.choice(names))
    return o.change_members(*random.sample(names, random.randint(1, len(names))))


# -- many of them ------------------------------------------------------------------------------


@dataclass
class Tally:
    """What came of the runs so far."""

    scenarios: int = 0
    operations: int = 0
    answered: int = 0
    messages: int = 0
    elections: int = 0
    undecided: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.scenarios:,} scenarios ({self.scenarios / max(self.seconds, 1e-9):.1f} a "
            f"second), {self.messages:,} messages, {self.elections:,} leaders, {self.answered:,} "
            f"of {self.operations:,} operations answered, {self.undecided} histories undecided"
        )

    def judge(self, trace: Trace) -> Complaint | None:
        """Count a run, and say what is wrong with it, if anything."""
        self.scenarios += 1
        self.operations += len(trace.operations)
        self.answered += sum(done.outcome == "ok" for done in trace.operations)
        self.messages += len(trace.messages)
        self.elections += sum(event.changes.get("role") == "leader" for event in trace.events)
        if trace.violations:
            return complaint_of(trace)
        verdict = linearizable(trace.history(), budget=BUDGET)
        self.undecided += verdict.holds is None
        return complaint_of(trace) if verdict.holds is False else None


def soak(seeds: Iterable[int], tally: Tally, protocol: type[BasicRaft] = WATCHED) -> Finding | None:
    """Run the scenario of each seed. Returns the first failure, as small as can be, or None."""
    for seed in seeds:
        scenario, begun = soaking(seed, protocol), perf_counter()
        try:
            trace = scenario.run()
        except HandlerError as error:
            error.add_note(as_file(scenario))
            raise
        wrong = tally.judge(trace)
        tally.seconds += perf_counter() - begun
        if wrong:
            return smallest(Finding(scenario, trace, *wrong))
    return None


def smallest(found: Finding) -> Finding:
    """The same property broken with as little going wrong, and as few extensions on, as can be."""
    found = shrink(found, complaint_of)
    for name in found.scenario.options:
        options = {key: value for key, value in found.scenario.options.items() if key != name}
        try:
            again = attempt(replace(found.scenario, options=options), complaint_of)
        except HandlerError:
            continue
        if again and again.property == found.property:
            found = again
    return shrink(found, complaint_of)


def as_file(scenario: Scenario) -> str:
    """The text of a scenario file."""
    return json.dumps(scenario.to_json(), indent=1, ensure_ascii=False)


def main() -> int:
    """The command. Returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m consensus_lab.testing.soak")
    parser.add_argument("--scenarios", type=int, default=2000, help="how many (default: 2000)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: 0)")
    chosen = parser.parse_args()

    from tqdm import tqdm  # type: ignore[import-untyped]

    tally = Tally()
    seeds = range(chosen.first, chosen.first + chosen.scenarios)
    found = soak(tqdm(seeds, unit=" scenarios", disable=None), tally)
    print(tally)
    if found is None:
        print("Nothing was lost, and every history that was decided is linearizable.")
        return 0
    print(found)
    print(as_file(found.scenario))
    return 1


if __name__ == "__main__":
    sys.exit(main())
