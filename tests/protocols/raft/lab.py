"""The network and the questions of the MIT 6.5840 Raft lab, in virtual time.

Its tests drive a cluster by hand: who leads now, cut that one off, start a command there, wait. So
here a world is run piece by piece. The five safety properties are watched at each step, as always.

The lab counts indexes of commands; ours start each term with a no-op, which is not one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop
from random import Random
from typing import Any

from consensus_lab.protocols import ClientRequest, Raft
from consensus_lab.protocols.raft.invariants import with_invariants
from consensus_lab.protocols.sizes import size_of
from consensus_lab.simulation import Network, Scenario
from consensus_lab.simulation.clock import microseconds
from consensus_lab.simulation.faults import request
from consensus_lab.simulation.network import Link, Links
from consensus_lab.simulation.world import World

from .trouble import Case

ELECTION = 1000
"""How long (ms) the lab waits for an election at most."""

END = 1e9
"""No test lasts so long (ms)."""

RELIABLE = Network(latency=(0.1, 1))
UNRELIABLE = Network(latency=(0, 26), loss=0.1)


class SlowReplies(Link):
    """Two thirds of the replies are late by 200 ms and up to 2 s more: "long reordering"."""

    replying = False

    def delays(self, network: Network) -> tuple[int, ...]:
        found = super().delays(network)
        if not self.replying or self.random() > 2 / 3:
            return found
        late = 200 + self.random() * (1 + self.random() * 2000)
        return tuple(delay + microseconds(late) for delay in found)


class SlowLinks(Links):
    def __missing__(self, way: tuple[str, str]) -> Link:
        link = self[way] = SlowReplies(self.seed, *way)
        return link


class LabWorld(World):
    """A world whose replies can be made late."""

    long_reordering = False

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario)
        self.links = SlowLinks(scenario.seed)

    def transmit(self, source: str, target: str, message: Any) -> int:
        link: Any = self.links[source, target]
        link.replying = self.long_reordering and type(message).__name__.endswith("Reply")
        return super().transmit(source, target, message)


@dataclass(frozen=True)
class Commands:
    """The lab's state machine: it keeps every command, so that one can look them up later."""

    values: tuple[str, ...] = ()

    def apply(self, request: ClientRequest) -> tuple[Commands, None]:
        return Commands((*self.values, request.operation[2])), None


class LabRaft(Raft):
    """Raft that serves the lab's machine."""

    state_machine = Commands


class Lab:
    """A cluster of `servers`, and what the lab asks of it. Times in ms."""

    protocol = with_invariants(LabRaft)

    def __init__(
        self, servers: int, case: Case | int, network: Network = RELIABLE, **options: Any
    ) -> None:
        self.case = case if isinstance(case, Case) else Case(case)
        seed = self.case.seed
        scenario = Scenario(
            self.protocol,
            servers=servers,
            seed=seed,
            network=network,
            options=options,
            duration=END,
        )
        # A client that never asks by itself: answers to the commands go to it.
        scenario = scenario.at(END, request("read", "x", client="A"))
        self.world = LabWorld(self.case.troubled(scenario))
        self.world.prepare()
        self.random = Random(f"{seed}/lab")
        self.names = self.world.names
        self.connected = set(self.names)
        self.commands = 0
        self.seen = 0

    # -- time, and what happens to servers ------------------------------------------------------

    @property
    def now(self) -> float:
        return self.world.now / 1000

    def sleep(self, ms: float) -> None:
        """Let so much time pass, and see that every property still holds."""
        world = self.world
        end = world.now + microseconds(ms)
        while world.queue and world.queue[0][0] <= end:
            self.step()
        world.now = end
        assert world.trace.violations == []

    def step(self) -> None:
        """Let the next thing happen."""
        world = self.world
        world.now, _, happen, arguments = heappop(world.queue)
        happen(*arguments)

    def up(self) -> list[str]:
        return [name for name in self.names if self.world.servers[name].status != "down"]

    def disconnect(self, *names: str) -> None:
        self.connected -= set(names)
        self._wire(names)

    def connect(self, *names: str) -> None:
        self.connected |= set(names)
        self._wire(names)

    def _wire(self, names: Iterable[str]) -> None:
        """A link works if both its ends are connected. With trouble, one way may still work."""
        for name in names:
            ways = ("to", "from")
            if self.case.one_way and name not in self.connected:
                ways = (self.random.choice(ways),)
            for other in self.names:
                if other != name:
                    cut = not {name, other} <= self.connected
                    between = {"to": (name, other), "from": (other, name)}
                    for way in ways:
                        self.world.links[between[way]].cut = cut

    def crash(self, *names: str) -> None:
        for name in names:
            self.world.crash(name)
            self.disconnect(name)

    def restart(self, *names: str) -> None:
        for name in names:
            self.world.restart(name)
            self.connect(name)

    # -- what the lab asks -----------------------------------------------------------------------

    def node(self, name: str) -> Any:
        return self.world.servers[name].node

    def leaders(self) -> list[str]:
        """The connected servers that believe to lead."""
        return [n for n in self.up() if n in self.connected and self.node(n).role == "leader"]

    def one_leader(self) -> str:
        """The leader of the highest term; each term has at most one. Waits for ten elections.

        One that stands still just now could not be asked for anything: it is waited for, too.
        """
        for _ in range(10):
            self.sleep(450 + self.random.random() * 100)
            leaders = sorted((self.node(name).current_term, name) for name in self.leaders())
            terms = [term for term, _ in leaders]
            assert len(set(terms)) == len(terms), f"two leaders of one term: {leaders}"
            if leaders and self.world.servers[leaders[-1][1]].status == "up":
                return leaders[-1][1]
        raise AssertionError("nobody leads")

    def no_leader(self) -> None:
        """No connected server believes that it leads."""
        assert self.leaders() == []

    def term(self) -> int:
        """The term on which all connected servers agree."""
        terms = {self.node(name).current_term for name in self.up() if name in self.connected}
        assert len(terms) == 1, f"terms differ: {terms}"
        return int(terms.pop())

    def start(self, name: str, size: int = 0) -> tuple[int, int] | None:
        """Ask `name` to append a new command (`size` bytes large). Its index and term, or None."""
        node = self.node(name)
        if node.role != "leader" or self.world.servers[name].status != "up":
            return None
        self.commands += 1
        value = str(self.commands).rjust(size)
        request = ClientRequest("A", self.commands, ("write", "x", value))
        self.world.step(self.world.servers[name], "deliver", None, "on_request", request)
        waiting = commands(node.entries_after(node.last_applied))
        return len(node.machine.values) + len(waiting), node.current_term

    def committed(self, index: int) -> tuple[int, str | None]:
        """How many servers have applied the command at `index`, and which it is."""
        found = {}
        for name in self.up():
            applied = self.node(name).machine.values
            if len(applied) >= index:
                found[name] = applied[index - 1]
        assert len(set(found.values())) <= 1, f"index {index} differs: {found}"
        return len(found), next(iter(found.values()), None)

    def one(self, expected: int, retry: bool = True, size: int = 0) -> int:
        """A new command is agreed on by `expected` servers within 10 s. Returns its index."""
        deadline = self.now + 10_000
        while self.now < deadline:
            started = self._start_anywhere(size)
            if started:
                index, value = started
                waits = self.now + 2000
                while self.now < waits:
                    count, command = self.committed(index)
                    if count >= expected and command == value:
                        return index
                    self.sleep(20)
                assert retry, f"command {value} is not agreed on"
            else:
                self.sleep(50)
        raise AssertionError(f"no agreement by {expected} servers within 10 s")

    def _start_anywhere(self, size: int) -> tuple[int, str] | None:
        names = [name for name in self.up() if name in self.connected]
        self.random.shuffle(names)
        for name in names:
            if begun := self.start(name, size):
                return begun[0], str(self.commands).rjust(size)
        return None

    def wait_for(self, index: int, count: int, term: int) -> str | None:
        """Wait until `count` servers have applied `index`; None if the term has changed."""
        pause = 10.0
        for _ in range(30):
            if self.committed(index)[0] >= count:
                break
            self.sleep(pause)
            pause = min(pause * 2, 1000)
            if any(self.node(name).current_term > term for name in self.up()):
                return None
        found, command = self.committed(index)
        assert found >= count, f"only {found} servers have applied index {index}"
        return command

    # -- what went over the network --------------------------------------------------------------

    def requests(self) -> int:
        """How many RPCs there have been (questions, not answers)."""
        return sum(
            kind_of(f) in ("RequestVote", "AppendEntries") for f in self.world.trace.messages
        )

    def bytes(self) -> int:
        """About how much the RPCs carried: the values, and 100 bytes for each message."""
        return sum(100 + sum(len(v) for v in values_in(f)) for f in self.world.trace.messages)

    def log_size(self) -> int:
        """How many bytes the longest log on a disk takes, the snapshot before it not counted."""
        disks = [server.disk.content for server in self.world.servers.values()]
        return max(size_of({**disk, "snapshot": None}) for disk in disks)


def commands(log: Sequence[Any]) -> list[str]:
    """The values of the commands in a log, without the no-ops."""
    return [e.command.operation[2] for e in log if e.command is not None]


def kind_of(flight: Any) -> str:
    return type(flight.message).__name__


def values_in(flight: Any) -> list[str]:
    return commands(flight.message.entries) if kind_of(flight) == "AppendEntries" else []
