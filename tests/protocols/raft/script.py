"""Scripts of commands for a cluster, with what came of each written under it.

A line that begins with `> ` is a command; what it prints follows, indented. Nothing is left to
chance: a message takes 10 ms, a write to a disk 1 ms, and nobody stands for election unless told.

    > cluster 3 pre_vote           so many servers, and the options that are on (window=4, …)
    > run 100                      100 ms pass: prints what servers say, and what clients are told
    > state                        prints what each server holds
    > request A write x 4          a client asks; `at S2` at the end: it asks S2 and no other
    > timeout S1                   also crash, restart, pause, resume; slow_disk S1 300
    > cut S1 S2                    also heal (all links), one_way S1 S2, partition S1 S2 | S3
    > transfer S1 S2               also add_server, remove_server, add_learner, promote S4;
                                   change_members S1 S2 S3

The idea is that of etcd's data-driven tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop
from typing import Any

from consensus_lab.protocols.raft import Raft
from consensus_lab.protocols.raft.invariants import with_invariants
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation import faults as f
from consensus_lab.simulation import orders as o
from consensus_lab.simulation.clock import microseconds
from consensus_lab.simulation.world import World

WATCHED = with_invariants(Raft)
END = 1e9
CLIENTS = "AB"


def rewritten(text: str) -> str:
    """The same script with what its commands print now."""
    session, lines = Session(), []
    for line in text.splitlines():
        if line.startswith("> "):
            lines.append(line)
            lines += [f"  {told}".rstrip() for told in session.do(line[2:])]
        elif not line.startswith("  "):
            lines.append(line)
    return "\n".join(lines) + "\n"


class Session:
    """A cluster, and what has been told of it so far."""

    world: World
    events = 0

    def do(self, line: str) -> Iterator[str]:
        """Carry out a command. Yields the lines that it prints."""
        command, *words = line.split()
        if command in ("cluster", "run", "state"):
            yield from getattr(self, command)(*words)
        else:
            for fault in FAULTS[command](words):
                self.world.strike(fault)

    def cluster(self, servers: str, *options: str) -> Iterator[str]:
        """Begin anew."""
        self.events = 0
        patient = {"election_timeout": (50_000, 60_000)}
        scenario = Scenario(
            WATCHED,
            servers=int(servers),
            network=Network(latency=(10, 10)),
            disk=DiskModel((1, 1)),
            workload=Workload(retry=5000, patience=9000),
            options={**patient, **dict(map(option, options))},
            duration=END,
        )
        for client in CLIENTS:  # they ask when they are told to; and so it is with orders
            scenario = scenario.at(END, f.request("read", "x", client=client))
        scenario = scenario.at(END, f.transfer("leader", "S1"))
        self.world = World(scenario)
        self.world.prepare()
        self.pass_time(0)
        yield from ()

    def run(self, ms: str) -> Iterator[str]:
        """Let so much time pass. Prints what is said meanwhile."""
        self.pass_time(microseconds(float(ms)))
        events = self.world.trace.events
        for event in events[self.events :]:
            for said in told(event, self.world):
                yield f"{event.time / 1000:.0f} ms  {said}"
        self.events = len(events)

    def pass_time(self, duration: int) -> None:
        """What is due in the next so many µs happens."""
        world = self.world
        end = world.now + duration
        while world.queue and world.queue[0][0] <= end:
            world.now, _, happen, arguments = heappop(world.queue)
            happen(*arguments)
        world.now = end

    def state(self) -> Iterator[str]:
        """Print what each server holds."""
        for name, server in self.world.servers.items():
            node: Any = server.node
            if server.status == "down":
                yield f"{name}  down"
                continue
            log = " ".join(str(entry.term) for entry in node.log) or "empty"
            if node.first_log_index > 1:
                log = f"[snapshot to {node.first_log_index - 1}] {log}"
            parts = [
                f"{name}  {node.role:13} term {node.current_term}  voted {node.voted_for or '–':2}",
                f"log {log}  committed {node.commit_index}  {written(node.machine.data)}",
            ]
            if node.role == "leader":
                parts.append("next " + written(node.next_index))
            if node.configuration is not None:
                parts.append(f"members {node.configuration}")
            yield "  ".join(part.strip() for part in parts)


def told(event: Any, world: World) -> Iterator[str]:
    """What an event says, for people: no more than cannot be read in the commands."""
    match event.kind:
        case "violation":
            yield f"BROKEN {event.detail['property']}: {event.detail['text']}"
        case "fault" if "nothing" in str(event.detail):
            yield str(event.detail["text"])
        case "answer":
            done = world.trace.operations[event.detail]
            result = "" if done.result is None else f" {done.result}"
            yield f"{event.who}: {' '.join(map(str, done.operation))} → {done.outcome}{result}"
        case _:
            yield from (f"{event.who} {note}" for note in event.notes)


def written(values: Any) -> str:
    """{"x": 4} as x=4."""
    return " ".join(f"{key}={value}" for key, value in sorted(values.items())) or "–"


def option(word: str) -> tuple[str, Any]:
    """`pre_vote` is true; `window=4` is a number; `members=S1,S2` are names."""
    name, _, value = word.partition("=")
    if not value:
        return name, True
    if "," in value:
        return name, tuple(value.split(","))
    return name, int(value) if value.isdigit() else value


def request(words: list[str]) -> list[f.Fault]:
    """A client's request: `A write x 4 at S2`."""
    client, *operation = words
    server = None
    if operation[-2] == "at":
        *operation, _, server = operation
    values = [int(word) if word.isdigit() else word for word in operation]
    return [f.request(*values, client=client, server=server)]


def partition(words: list[str]) -> list[f.Fault]:
    """Groups, with a bar between them."""
    return [f.partition(*(group.split() for group in " ".join(words).split("|")))]


def each(make: Callable[[str], f.Fault]) -> Callable[[list[str]], list[f.Fault]]:
    """The same fault for each server that is named."""
    return lambda words: [make(word) for word in words]


FAULTS: dict[str, Callable[[list[str]], list[f.Fault]]] = {
    "request": request,
    "partition": partition,
    **{name: each(getattr(f, name)) for name in ("crash", "restart", "pause", "resume", "timeout")},
    **{
        name: each(getattr(o, name))
        for name in ("add_server", "remove_server", "add_learner", "promote")
    },
    "change_members": lambda words: [o.change_members(*words)],
    "cut": lambda words: [f.cut(*words)],
    "one_way": lambda words: [f.cut(*words, one_way=True)],
    "heal": lambda words: [f.heal(*words)],
    "transfer": lambda words: [f.transfer(*words)],
    "slow_disk": lambda words: [f.slow_disk(words[0], float(words[1]))],
    "weather": lambda words: [f.weather(loss=float(words[0]))],
}
