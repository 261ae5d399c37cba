"""A store of transactions: one server carries out their steps in turns, at an isolation level.

A transaction is one request. The server takes a step of one running transaction at a time, drawn at
random, so that transactions overlap as in a real database. What they may see of each other:

    level                 reads                                      writes
    read committed        what was committed last                    lock the key until the end
    snapshot isolation    what was committed when it began           … and abort if somebody
                                                                     committed the key since then
    serializable          what was committed last, and lock the key  lock the key until the end
                          (two-phase locking)

Nobody sees a write before its commit, but for the transaction itself. Who meets a lock waits if it
is older than the holder, and else is aborted ("wait-die"), so that no two wait for each other.

Berenson, H. et al. (1995): A critique of ANSI SQL isolation levels. Rosenkrantz, D., Stearns, R.
and Lewis, P. (1978): System level concurrency control for distributed database systems.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...errors import ScenarioError
from ..node import ClientRequest, Effects, Node
from ..shown import Shown

LEVELS = ("read committed", "snapshot isolation", "serializable")


@dataclass(frozen=True)
class TransactionalOptions:
    """`level`: one of LEVELS. `pace`: the server takes a step every so many ms."""

    level: str = "serializable"
    pace: float = 1

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise ScenarioError(f"level is {self.level!r}: it is one of {', '.join(LEVELS)}")


@dataclass(frozen=True, slots=True)
class Running:
    """A transaction under way. `age` and `snapshot`: how many had begun, and committed, before it.

    `told` are the steps that are done, with what reads returned; `written` is what it leaves.
    """

    request: ClientRequest
    age: int
    snapshot: int
    told: tuple[tuple[Any, ...], ...] = ()
    written: Mapping[str, Any] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[tuple[Any, ...], ...]:
        """What is asked: a transaction's steps, or one operation alone."""
        kind, key, *args = self.request.operation
        return tuple(args) if kind == "txn" else ((kind, key, *(args or [None])),)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a client's latest transaction ended; `why` it was aborted, or "" if it committed."""

    sequence: int
    result: Any
    why: str = ""


class Transactional(Node):
    """The first server does everything; the others only say so.

    `versions` holds for each key (number of the commit, value), the oldest first.
    """

    durable = ("versions", "commits", "answers")
    options = TransactionalOptions()
    shown = Shown(fields=("versions", "running"))

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.versions: Mapping[str, tuple[tuple[int, Any], ...]] = {}
        self.commits = 0
        self.answers: Mapping[str, Answer] = {}
        self.running: tuple[Running, ...] = ()
        self.begun = 0

    def on_request(self, request: ClientRequest, out: Effects) -> None:
        """Begin a transaction, unless it runs already; or say once more how it ended."""
        last = self.answers.get(request.client, Answer(0, None))
        if self.name != self.servers[0]:
            out.redirect(request, self.servers[0])
        elif request.sequence == last.sequence:
            self.answer(request, last, out)
        elif request.sequence > last.sequence and request not in [r.request for r in self.running]:
            self.running += (Running(request, self.begun, self.commits),)
            self.begun += 1
            if len(self.running) == 1:
                out.set_timer("step", self.options.pace)

    def on_step_timeout(self, out: Effects) -> None:
        """One of the running transactions takes a step; its last one is to commit."""
        one = self.running[int(out.random() * len(self.running))]
        if len(one.told) < len(one.steps):
            self.take_step(one, out)
        else:
            self.commit(one, out)
        if self.running:
            out.set_timer("step", self.options.pace)

    def take_step(self, one: Running, out: Effects) -> None:
        """Read, write or append; or wait; or abort."""
        kind, key, value = one.steps[len(one.told)]
        holders = [other for other in self.running if other is not one]
        holders = [other for other in holders if self.locks(other, key, kind)]
        if any(holder.age < one.age for holder in holders):
            self.abort(one, f"{holders[0].request.client} holds {key}", out)
        elif holders:
            out.note(f"{one.request.client} waits for {key}")
        elif self.is_overtaken(one, key, kind):
            self.abort(one, f"{key} was changed since its snapshot", out)
        else:
            held = one.written.get(key, self.visible(one, key))
            written = dict(one.written)
            if kind == "read":
                value = held
            else:
                written[key] = value if kind == "write" else (*(held or ()), value)
            after = replace(one, told=(*one.told, (kind, key, value)), written=written)
            self.running = tuple(after if other is one else other for other in self.running)

    def locks(self, holder: Running, key: str, kind: str) -> bool:
        """Whether what `holder` did with `key` forbids another to do `kind` with it now."""
        two_phase = self.options.level == "serializable"
        if kind == "read":
            return two_phase and key in holder.written
        has_read = any(step[:2] == ("read", key) for step in holder.told)
        return key in holder.written or (two_phase and has_read)

    def is_overtaken(self, one: Running, key: str, kind: str) -> bool:
        """Of two that overlap and write the same key, only the first may commit."""
        versions = self.versions.get(key, ((0, None),))
        isolated = self.options.level == "snapshot isolation"
        return isolated and kind != "read" and versions[-1][0] > one.snapshot

    def visible(self, one: Running, key: str) -> Any:
        """The committed value that a transaction sees; None if there is none."""
        versions = self.versions.get(key, ())
        if self.options.level == "snapshot isolation":
            versions = tuple(version for version in versions if version[0] <= one.snapshot)
        return versions[-1][1] if versions else None

    def commit(self, one: Running, out: Effects) -> None:
        """All that was written becomes visible at once."""
        self.commits += 1
        changed = {
            key: (*self.versions.get(key, ()), (self.commits, value))
            for key, value in one.written.items()
        }
        self.versions = {**self.versions, **changed}
        alone = one.told[0][2] if one.told and one.told[0][0] == "read" else None
        result = one.told if one.request.operation[0] == "txn" else alone
        self.finish(one, Answer(one.request.sequence, result), out)

    def abort(self, one: Running, why: str, out: Effects) -> None:
        """Nothing of it ever happened."""
        self.finish(one, Answer(one.request.sequence, None, why), out)

    def finish(self, one: Running, answer: Answer, out: Effects) -> None:
        """Its locks are free. The answer leaves when it is on disk, with all that it rests on."""
        self.running = tuple(other for other in self.running if other is not one)
        self.answers = {**self.answers, one.request.client: answer}
        out.save()
        self.answer(one.request, answer, out)

    def answer(self, request: ClientRequest, answer: Answer, out: Effects) -> None:
        if answer.why:
            out.refuse(request, answer.why)
        else:
            out.reply(request, answer.result)
