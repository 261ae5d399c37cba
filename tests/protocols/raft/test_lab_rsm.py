"""The MIT 6.5840 lab's tests of a replicated state machine, 4A and 4C. The names are the lab's.

The machine is a counter. A server is handed an operation, and `submit` returns what came of it: the
counter's value, or None if the server stopped leading (or running) before it was known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consensus_lab.protocols import ClientRequest, Raft
from consensus_lab.protocols.raft.invariants import with_invariants

from .lab import ELECTION, Lab
from .trouble import Case


@dataclass(frozen=True)
class Count:
    """A counter, which carries out each request once."""

    value: int = 0
    results: Mapping[int, int] = field(default_factory=dict)

    def apply(self, request: ClientRequest) -> tuple[Count, int]:
        if request.sequence in self.results:
            return self, self.results[request.sequence]
        value = self.value + (1 if request.operation[0] == "increment" else -1)
        return Count(value, {**self.results, request.sequence: value}), value

    def only_looks(self, operation: Any) -> bool:
        return False


class Counter(Raft):
    state_machine = Count


class CounterLab(Lab):
    """Three servers that count."""

    protocol = with_invariants(Counter)

    def __init__(self, case: Case, **options: Any) -> None:
        super().__init__(3, case, **options)
        self.answers: dict[int, Any] = {}
        self.world.clients["A"].hear = self.hear

    def hear(self, number: int, source: str, reply: Any) -> None:
        if reply.ok:
            self.answers[reply.sequence] = reply.result

    def begin(self, name: str, kind: str = "increment") -> Submission:
        """Hand `name` an operation, and do not wait."""
        self.commands += 1
        server, request = (
            self.world.servers[name],
            ClientRequest("A", self.commands, (kind, "x", 1)),
        )
        handed = (self.world.step, (server, "deliver", None, "on_request", request))
        if server.status == "paused":
            server.parked.append(handed)
        elif server.status == "up":
            handed[0](*handed[1])
        return Submission(self, self.commands, name, self.node(name).current_term)

    def submit(self, name: str, kind: str = "increment") -> int | None:
        """Hand `name` an operation, and wait for what comes of it."""
        return self.wait(self.begin(name, kind))[0]

    def wait(self, *begun: Submission) -> list[int | None]:
        """Wait until each has returned."""
        for _ in range(1000):
            if all(one.has_returned() for one in begun):
                return [one.result() for one in begun]
            self.sleep(10)
        raise AssertionError("some have not returned within 10 s")

    def increment(self) -> None:
        """Increment once, whoever leads, and whoever stops leading meanwhile."""
        for _ in range(20):
            if self.submit(self.one_leader()) is not None:
                return
        raise AssertionError("nobody increments")

    def check_counter(self, value: int, servers: int) -> None:
        """So many servers count so far within a few seconds."""
        for _ in range(200):
            if [self.node(name).machine.value for name in self.up()].count(value) >= servers:
                return
            self.sleep(20)
        raise AssertionError(f"not {servers} servers count to {value}")

    def restart_all(self) -> None:
        self.crash(*self.up())
        self.restart(*self.names)


@dataclass(frozen=True)
class Submission:
    lab: CounterLab
    sequence: int
    name: str
    term: int

    def result(self) -> int | None:
        answer = self.lab.answers.get(self.sequence)
        return answer if answer is None else int(answer)

    def has_returned(self) -> bool:
        """It has a result, or its server leads no more, in that term."""
        node = self.lab.node(self.name)
        leads = self.name in self.lab.up() and node.role == "leader"
        return self.result() is not None or not leads or node.current_term != self.term


def test_basic_4a(case: Case) -> None:
    lab = CounterLab(case)
    for count in range(1, 11):
        lab.increment()
        lab.check_counter(count, 3)


def test_concurrent_4a(case: Case) -> None:
    lab = CounterLab(case)
    leader = lab.one_leader()
    results = lab.wait(*(lab.begin(leader) for _ in range(50)))
    done = [result for result in results if result is not None]
    assert sorted(done) == list(range(1, len(done) + 1))
    lab.check_counter(50, 3)


def test_leader_failure_4a(case: Case) -> None:
    lab = CounterLab(case)
    lab.increment()
    leader = lab.one_leader()
    lab.disconnect(leader)
    lab.increment()
    lab.check_counter(2, 2)
    lab.connect(leader)
    lab.check_counter(2, 3)


def test_leader_partition_4a(case: Case) -> None:
    """What a leader that was cut off was handed is never carried out, and all of it returns."""
    lab = CounterLab(case)
    lab.increment()
    leader = lab.one_leader()
    lab.disconnect(leader)
    lost = [lab.begin(leader, "decrement") for _ in range(100)]
    if not case.one_way:  # else they may well be heard
        lab.increment()
        lab.check_counter(2, 2)
        assert [one.result() for one in lost] == [None] * 100
    lab.connect(leader)
    done = [result for result in lab.wait(*lost) if result is not None]
    assert case.one_way or not done
    lab.increment()
    lab.check_counter(3 if not case.one_way else lab.node(lab.one_leader()).machine.value, 3)


def test_restart_replay_4a(case: Case) -> None:
    """A log of 100 increments is replayed."""
    lab = CounterLab(case)
    for _ in range(100):
        lab.increment()
    lab.restart_all()
    lab.increment()
    lab.check_counter(101, 3)


def test_shutdown_4a(case: Case) -> None:
    """Whoever waits for a server that is stopped does not wait for ever."""
    lab = CounterLab(case)
    lab.increment()
    leader = lab.one_leader()
    begun = [lab.begin(leader) for _ in range(100)]
    lab.crash(*lab.names)
    lab.wait(*begun)


def test_restart_submit_4a(case: Case) -> None:
    """What was asked before a crash is not mistaken for what is asked after it."""
    lab = CounterLab(case)
    for _ in range(10):
        lab.increment()
    lab.restart_all()
    lab.increment()
    lab.check_counter(11, 3)
    leader = lab.one_leader()
    begun = [lab.begin(leader) for _ in range(50)]
    lab.sleep(2)
    lab.restart_all()
    done = [result for result in lab.wait(*begun) if result is not None]
    assert len(set(done)) == len(done)
    lab.increment()
    lab.sleep(ELECTION)
    values = {lab.node(name).machine.value for name in lab.names}
    assert len(values) == 1
    assert 12 + len(done) <= values.pop() <= 12 + 50


def test_snapshot_4c(case: Case) -> None:
    """A hundred increments; the logs stay short, and a restart begins with the snapshots."""
    lab = CounterLab(case, snapshot_every=10)
    for _ in range(100):
        lab.increment()
    assert max(len(lab.node(name).log) for name in lab.names) < 30
    lab.restart_all()
    lab.increment()
    lab.check_counter(101, 3)
    assert min(lab.node(name).snapshot.last_index for name in lab.names) >= 80
