"""The checks of chapter 13: a snapshot taken, installed, and booted from, as in Raft.

Each looks first at single moments, then at whole runs in bad weather. Ongaro, D. and Ousterhout, J.
(2014): In Search of an Understandable Consensus Algorithm (Extended Version), section 7, Figure 13.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from ...protocols.node import ClientRequest
from ...protocols.raft import AppendEntries, BasicRaft, Entry, InstallSnapshot, Raft, Snapshot
from ...protocols.raft.invariants import with_invariants
from ...protocols.state_machine import KeyValue, Sessions
from ...simulation import Network, Scenario, Trace
from ...simulation.faults import crash, cut, heal, restart
from ..learner import hold_written
from .stage import Line, State, hold, hold_in_runs, staged

TERM = 3

# -- what the servers hold -------------------------------------------------------------------------


def write(index: int) -> ClientRequest:
    """The command at `index` of every log here: write the index to x."""
    return ClientRequest("A", index, ("write", "x", index))


def entries(start: int, *terms: int) -> tuple[Entry, ...]:
    """Entries of these terms, the first of them at index `start`."""
    return tuple(Entry(term, write(index)) for index, term in enumerate(terms, start))


def snapshot(index: int, term: int) -> Snapshot:
    """What the first `index` commands lead to."""
    machine = Sessions(KeyValue())
    for place in range(1, index + 1):
        machine, _ = machine.apply(write(place))
    return Snapshot(index, term, machine)


def holding(taken: Snapshot, *tail: int, applied: int | None = None) -> State:
    """A follower in term 3 with this snapshot, and entries of these terms after it."""
    applied = taken.last_index if applied is None else applied
    return {
        "current_term": TERM,
        "voted_for": "S2",
        "snapshot": taken,
        "log": entries(taken.last_index + 1, *tail),
        "machine": snapshot(applied, 0).machine,
        "commit_index": applied,
        "last_applied": applied,
    }


NOTHING = snapshot(0, 0)


def indexes(log: Any, first: int) -> str:
    """The indexes that a log holds, in words."""
    count = len(log) if isinstance(log, list | tuple) else 0
    return f"entries {first} to {first + count - 1}" if count else "no entry"


@dataclass(frozen=True)
class Wanted:
    """What S1 is to hold after a step: its snapshot, its log, and how far it has applied."""

    snapshot: Snapshot
    log: tuple[Entry, ...]
    applied: int

    def hold(self, trace: Trace, time: float, because: str, lost: str) -> None:
        """Raises CheckFailed unless S1 holds it at `time` ms. `lost` falls if the log is wrong."""
        state = trace.state_at(time)["S1"]

        def that(condition: object, property: str, text: str) -> None:
            hold(condition, property, f"{because}. {text}", trace, time)

        index, taken = self.snapshot.last_index, state["snapshot"]
        that(isinstance(taken, Snapshot), "State Machine Safety", "Its snapshot is no Snapshot")
        that(
            taken.last_index == index,
            "State Machine Safety",
            f"So its snapshot ends with index {index}, but S1's ends with {taken.last_index}",
        )
        that(
            taken.last_term == self.snapshot.last_term,
            "Log Matching",
            f"The entry at index {index} has term {self.snapshot.last_term}, but S1's snapshot "
            f"says {taken.last_term}: the consistency check of the next entry asks for it",
        )
        that(
            taken.machine == self.snapshot.machine,
            "State Machine Safety",
            f"Its machine is not what the first {index} commands lead to, sessions included",
        )
        first = index + 1
        that(
            tuple(state["log"]) == self.log,
            lost,
            f"So its log holds {indexes(self.log, first)}, but S1's has {len(state['log'])} "
            f"entries where {len(self.log)} belong",
        )
        self.hold_applied(state, that)

    def hold_applied(self, state: Mapping[str, Any], that: Any) -> None:
        """Raises CheckFailed unless the machine, lastApplied and commitIndex are right."""
        that(
            state["machine"] == snapshot(self.applied, 0).machine,
            "State Machine Safety",
            f"The state machine is to be what the first {self.applied} commands lead to, but it "
            f"holds {dict(getattr(state['machine'], 'data', {}))}",
        )
        for field in ("last_applied", "commit_index"):
            that(
                state[field] == self.applied,
                "State Machine Safety",
                f"{field} is {state[field]}, but what is applied, and known to be committed, is "
                f"the first {self.applied} entries",
            )

    def hold_on_disk(self, trace: Trace, time: float) -> None:
        """Raises CheckFailed unless the disk holds log and snapshot at `time` (ms)."""
        state = trace.state_at(time)["S1"]
        hold(
            state["disk.snapshot"] == self.snapshot and tuple(state["disk.log"]) == self.log,
            "Leader Completeness",
            "S1 has a new snapshot and a shorter log, but they are not on disk: a crash takes "
            "them back, and what S1 has told others since is not true any more",
            trace,
            time,
        )


# -- task 13.1: take_snapshot ----------------------------------------------------------------------

TAKES: tuple[tuple[State, int, Wanted], ...] = (
    (holding(NOTHING, 1, 1, 2, 3, 3), 3, Wanted(snapshot(3, 2), entries(4, 3, 3), 3)),
    (holding(NOTHING, 1, 1, 2, 3, 3), 4, Wanted(snapshot(4, 3), entries(5, 3), 4)),
    (holding(snapshot(2, 1), 1, 2, 2, 3), 5, Wanted(snapshot(5, 2), entries(6, 3), 5)),
    (holding(snapshot(2, 1), 2, 2, 2), 5, Wanted(snapshot(5, 2), (), 5)),
)
"""What S1 holds, the commitIndex that it hears of, and what it is to hold then."""


def check_take(protocol: type[Raft]) -> None:
    """Does `protocol` take snapshots as section 7 says?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "take_snapshot")
    for state, commit, wanted in TAKES:
        last = state["snapshot"].last_index + len(state["log"])
        heartbeat = AppendEntries(TERM, "S2", last, state["log"][-1].term, (), commit)
        trace = moment(protocol, state, heartbeat).run()
        because = f"S1 has applied {commit} of {last} entries, and takes a snapshot"
        wanted.hold(trace, 30, because, "Leader Completeness")
        wanted.hold_on_disk(trace, 40)
    hold_in_weather(protocol)
    print(f"Task 13.1 is right: {len(TAKES)} snapshots and 40 runs.")


# -- task 13.2: install ----------------------------------------------------------------------------

HELD = holding(snapshot(3, 1), 2, 2, 3, applied=5)

INSTALLS: tuple[tuple[str, str, State, Snapshot, Wanted], ...] = (
    (
        "S1's log ends at index 2, and the snapshot at 4",
        "Log Matching",
        holding(NOTHING, 1, 1),
        snapshot(4, 2),
        Wanted(snapshot(4, 2), (), 4),
    ),
    (
        "S1 holds another entry at index 4 than that with which the snapshot ends, so what "
        "follows it is a wrong tail",
        "Log Matching",
        holding(NOTHING, 1, 1, 1, 1, 1),
        snapshot(4, 2),
        Wanted(snapshot(4, 2), (), 4),
    ),
    (
        "S1 holds the very entry with which the snapshot ends, and two more, which it may have "
        "acknowledged",
        "Leader Completeness",
        holding(NOTHING, 1, 1, 2, 2, 3, 3),
        snapshot(4, 2),
        Wanted(snapshot(4, 2), entries(5, 3, 3), 4),
    ),
    (
        "S1 has a snapshot up to 2, holds the entry with which the new one ends, and one more",
        "Leader Completeness",
        holding(snapshot(2, 1), 1, 2, 3),
        snapshot(4, 2),
        Wanted(snapshot(4, 2), entries(5, 3), 4),
    ),
    (
        "this snapshot is old: S1 has applied up to index 5 already",
        "State Machine Safety",
        HELD,
        snapshot(4, 2),
        Wanted(snapshot(3, 1), entries(4, 2, 2, 3), 5),
    ),
)
"""Why, what falls otherwise, what S1 holds, what it is sent, and what it is to hold then."""


def check_install(protocol: type[Raft]) -> None:
    """Does `protocol` install snapshots as Figure 13 says?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "install")
    for because, property, state, sent, wanted in INSTALLS:
        chunk = InstallSnapshot(
            TERM, "S2", sent.last_index, sent.last_term, 0, sent.size, sent.size, sent
        )
        trace = moment(protocol, state, chunk).run()
        wanted.hold(trace, 30, because[0].upper() + because[1:], property)
        wanted.hold_on_disk(trace, 40)
    hold_in_weather(protocol)
    print(f"Task 13.2 is right: {len(INSTALLS)} snapshots and 40 runs.")


# -- task 13.3: restore ----------------------------------------------------------------------------

BOOTS: tuple[tuple[State, Wanted], ...] = (
    (holding(snapshot(3, 2), 2, 3), Wanted(snapshot(3, 2), entries(4, 2, 3), 3)),
    (holding(snapshot(3, 2)), Wanted(snapshot(3, 2), (), 3)),
    (holding(NOTHING, 1, 2), Wanted(NOTHING, entries(1, 1, 2), 0)),
)
"""What S1's disk holds when it crashes, and what S1 is to hold when it boots."""


def check_restore(protocol: type[Raft]) -> None:
    """Does `protocol` boot from its snapshot?

    Raises CheckFailed otherwise, with the smallest run that shows it.
    """
    hold_written(protocol, "restore")
    for state, wanted in BOOTS:
        scenario = moment(protocol, state).at(20, crash("S1")).at(30, restart("S1"))
        trace = scenario.run(40)
        index, count = state["snapshot"].last_index, len(state["log"])
        told = f"S1 boots with a snapshot up to index {index} and {count} entries after it"
        wanted.hold(trace, 40, told, "Leader Completeness")
    hold_in_weather(protocol)
    print(f"Task 13.3 is right: {len(BOOTS)} boots and 40 runs.")


# -- all of them -----------------------------------------------------------------------------------


def check_all(protocol: type[Raft]) -> None:
    """Do the three methods work together? Raises CheckFailed if not."""
    check_restore(protocol)
    check_install(protocol)
    check_take(protocol)


def moment(protocol: type[Raft], state: State, *messages: Any) -> Scenario:
    """S1 is in `state`, and S2, which leads term 3, says `messages` to it."""
    lines = [Line(10 * number, "S2", "S1", message) for number, message in enumerate(messages)]
    scenario = staged(protocol, {"S1": state}, *lines, servers=3)
    return replace(scenario, options={"snapshot_every": 3}, network=Network(latency=(10, 10)))


def hold_in_weather(protocol: type[Raft]) -> None:
    """Raises CheckFailed, with the smallest failing run, if one of 40 rough runs fails."""
    watched = with_invariants(protocol)
    hold_in_runs(watched, 40, lambda seed: rough(watched, seed))


def rough(protocol: type[BasicRaft], seed: int) -> Scenario:
    """Servers that compact often, one of which is away for a while; then all of them crash."""
    random = Random(f"snapshots/{seed}")
    scenario = Scenario(
        protocol,
        servers=3,
        seed=seed,
        clients=2,
        duration=2500,
        options={"snapshot_every": random.randint(2, 5), "snapshot_chunk": random.choice((0, 20))},
        network=Network(loss=0.1 * random.random(), duplicate=0.2 * random.random()),
    )
    names = scenario.server_names
    away = random.choice(names)
    others = [name for name in names if name != away]
    scenario = scenario.at(600, *(cut(away, other) for other in others)).at(1200, heal())
    return scenario.at(1700, *map(crash, names)).at(1750, *map(restart, names))
