"""Where replicas part: the first command after which two of them hold different states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ConsensusLabError
from ..protocols.node import ClientRequest
from ..protocols.state_machine import digest
from .clock import milliseconds
from .trace import Trace

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Replica:
    """What `server` held, from `time` (µs) on, when it had applied the log up to some index."""

    server: str
    time: int
    machine: Any
    digest: str


@dataclass(frozen=True, eq=False)
class Parting:
    """Two replicas have applied the log up to `index`, and hold different states.

    `command` stands at `index`; None: a no-op, or there is none. At index `agreed` both were still
    the same. `one` was there first. `view` opens at the moment at which the difference is there.
    """

    trace: Trace
    index: int
    command: Any
    agreed: int
    one: Replica
    other: Replica

    @property
    def moment(self) -> float:
        """When the second of them came to that index, in ms."""
        return self.other.time / 1000

    def __str__(self) -> str:
        one, other = self.one, self.other
        if one.server == other.server:
            who = f"{one.server} parts from what it was at {milliseconds(one.time)}"
        else:
            who = f"{one.server} and {other.server} part"
        where = f"at index {self.index}" if self.index else "before the first command"
        if self.index > self.agreed + 1:
            where += f" (they agreed at {self.agreed}, and what came between is not known)"
        if self.command is not None:
            where += f", {' '.join(map(str, self.command.operation))}"
        held = [told(each, one.machine, other.machine) for each in (one, other)]
        return f"{who} {where}. {held[0]}. {held[1]}."

    __repr__ = __str__


def parting(trace: Trace) -> Parting | None:
    """The first index of the log at which two replicas hold different states; None: there is none.

    The replicas are compared by the digests of their machines after each command, whenever they
    applied it; a server that applied it again after a restart, also with itself. Where a server
    applied several commands in one step, what lay between is computed anew from the state before,
    if that leads to the state after. Raises ConsensusLabError if the servers have no `machine` and
    `last_applied`.
    """
    seen: dict[int, list[Replica]] = {}
    commands: dict[int, Any] = {}
    for index, command, replica in applied(trace):
        seen.setdefault(index, []).append(replica)
        commands[index] = commands.get(index) or command
    for index in sorted(seen):
        one = seen[index][0]
        other = next((each for each in seen[index] if each.digest != one.digest), None)
        if other:
            both = {one.server, other.server}
            earlier = [i for i in range(index) if both <= {r.server for r in seen.get(i, ())}]
            agreed = max(earlier, default=0)
            return Parting(trace, index, commands[index], agreed, one, other)
    return None


def applied(trace: Trace) -> Iterator[tuple[int, Any, Replica]]:
    """For each server and each command that it applied: index, command, and what it led to."""
    known: dict[str, dict[str, Any]] = {name: {} for name in trace.servers}
    for event in trace.events:
        if event.who not in known or not event.changes.keys() & {"machine", "last_applied"}:
            if event.who in known:
                known[event.who].update(event.changes)
            continue
        before, now = known[event.who], {**known[event.who], **event.changes}
        known[event.who] = now
        if not {"machine", "last_applied"} <= now.keys():
            raise ConsensusLabError(
                f"The servers of {trace.scenario.protocol.__name__} have no fields machine and "
                "last_applied: there are no replicas of a machine to compare."
            )
        for index, machine in [*between(before, now), (now["last_applied"], now["machine"])]:
            replica = Replica(event.who, event.time, machine, digest(machine))
            # A snapshot taken in the same step has removed it from the log.
            yield index, command_at(now, index) or command_at(before, index), replica


def between(before: Fields, now: Fields) -> list[tuple[int, Any]]:
    """The machines after each of several commands that were applied in one step, but the last."""
    machine, first = before.get("machine"), before.get("last_applied", 0) + 1
    steps = []
    for index in range(first, now["last_applied"] + 1):
        command = command_at(now, index)
        if isinstance(command, ClientRequest) and machine is not None:
            machine, _ = machine.apply(command)
        steps.append((index, machine))
    led_there = bool(steps) and digest(machine) == digest(now["machine"])
    return steps[:-1] if led_there else []


def command_at(fields: Fields, index: int) -> Any:
    """The command at `index` of a server's log; None if there is none, or none any more."""
    covered = getattr(fields.get("snapshot"), "last_index", 0)
    place = index - covered - 1
    log = fields.get("log", ())
    if not 0 <= place < len(log):
        return None
    command = getattr(log[place], "command", log[place])
    return command if isinstance(command, ClientRequest) else None


def told(replica: Replica, *machines: Any) -> str:
    """What a replica holds, with the digest: the data alone, if these machines differ there."""
    plain = [getattr(machine, "data", machine) for machine in machines]
    held = getattr(replica.machine, "data", replica.machine)
    if digest(plain[0]) == digest(plain[1]):
        held = replica.machine
    return f"{replica.server} holds {held!r} (digest {replica.digest})"
