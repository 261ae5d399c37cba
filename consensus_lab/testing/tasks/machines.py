"""The checks of chapter 07."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from random import Random
from typing import Any

from ...consistency.linearizable import linearizable
from ...errors import ConsensusLabError
from ...protocols import Raft
from ...protocols.node import ClientRequest, Operation
from ...protocols.state_machine import Counter, KeyValue, Session, Sessions, StateMachine, digest
from ...protocols.state_machine.local import Local, OnItsServer
from ...protocols.state_machine.sessions import Wrapped
from ...simulation import DiskModel, Network, Scenario, Trace, Workload
from ...simulation.faults import crash, cut, heal, request, timeout
from ...simulation.parting import parting
from ..checks import CheckFailed
from ..learner import ask, no_return

__all__ = [
    "LEASE",
    "Wrapped",
    "check_once",
    "check_theatre",
    "check_window",
    "lost_answer",
    "overtaken",
    "replicated",
    "sold",
]

LEASE = 100
"""How long (ms) a lease of the theatre's door lasts."""

CALM = {"election_timeout": (5000, 6000)}
DETERMINISM = "Determinism is broken"
VALUE = "A machine is a value"
ONCE = "Exactly once is broken"


def replicated(machine: Callable[[], Any], local: bool = False) -> type[Raft]:
    """Raft with this machine; `local`: it is let see the clock and the luck of its server."""
    fields = {"state_machine": staticmethod(machine)}
    kind: type[Raft] = type("MyStore", (OnItsServer, Raft) if local else (Raft,), fields)
    return kind


def stage(protocol: type[Raft], **more: Any) -> Scenario:
    """Three servers, of which S1 leads; nothing is left to chance."""
    disk, network = DiskModel((2, 2)), Network((20, 20))
    calm = {"options": CALM, "disk": disk, "network": network, "duration": 1500, **more}
    return Scenario(protocol, servers=3, **calm).at(20, timeout("S1"))


# -- task 7.1: a machine that does the same everywhere ------------------------------------------


def sold(machine: Callable[[], Any]) -> Trace:
    """A theatre on three servers: four people book, and two want the stage door."""
    scenario = stage(replicated(machine, local=True))
    for place, name in enumerate(("ann", "bob", "eve", "zoe")):
        scenario = scenario.at(300 + 150 * place, request("book", name))
    for time, owner, now in (320, "ann", 320), (400, "bob", 400), (470, "eve", 470):
        scenario = scenario.at(time, request("lease", "door", owner, now, client="B"))
    return scenario.run()


def check_theatre(theatre: type[Any]) -> None:
    """Task 7.1: book the first free seat, and lease the door, the same on every server."""
    with shown(partial(sold, theatre)):
        check_seats(theatre)
        check_door(theatre())
    trace = ask(partial(sold, theatre))
    found = parting(trace)
    if found:
        raise CheckFailed(f"{DETERMINISM}: {found}", found)
    print("✓ Task 7.1: three servers, seven commands, one state.")


def check_seats(theatre: type[Any]) -> None:
    """The seats are sold in one order, wherever that happens."""
    empty = theatre()
    for where in (Local(), Local(700, 0.9, "S2"), Local(20, 0.4, "S3")):
        box, first = apply(empty, ("book", "ann"), where)
        require(first == "1A", DETERMINISM, f"The first free seat is 1A, not {first!r}")
        require(empty == theatre(), VALUE, "apply changed the machine that it was given")
        box, second = apply(box, ("book", "bob"), where)
        told = f"After 1A the first free seat is 1B, not {second!r}"
        require(second == "1B", "The first free seat", told)
        require(box.data == {"ann": "1A", "bob": "1B"}, "Bookings", f"data holds {box.data!r}")
        for name in ("eve", "zoe", "tom"):
            before = box
            box, seat = apply(box, ("book", name), where)
        require(seat is None, "Sold out", f"All seats are taken, and it gives {seat!r}")
        require(box == before, "Sold out", "Who gets no seat changes nothing")
        _, seat = apply(box, ("read", "eve"), where)
        require(seat == "2A", "A read", f"eve has 2A, and the read finds {seat!r}")


def check_door(empty: Any) -> None:
    """The door's lease runs by the times in the commands."""
    for clock in 0, 10_000:
        box, got = apply(empty, ("lease", "door", "ann", 500), Local(clock))
        require(got is True, "The lease", f"The door is free, and ann gets {got!r}")
        _, got = apply(box, ("lease", "door", "bob", 599), Local(clock + 200))
        told = f"At 599 ms ann, who came at 500, still has the door; bob gets {got!r}"
        require(got is False, DETERMINISM, told)
        box, got = apply(box, ("lease", "door", "bob", 600), Local(clock + 20))
        told = f"At 600 ms the lease of 500 ms is over; bob gets {got!r}"
        require(got is True, DETERMINISM, told)


def apply(machine: Any, operation: Operation, where: Local) -> tuple[Any, Any]:
    """The learner's machine carries out one operation on a server that is like this."""
    here = replace(machine, local=where)
    told = ask(here.apply, ClientRequest("A", 1, operation))
    if not (isinstance(told, tuple) and len(told) == 2 and isinstance(told[0], type(machine))):
        wanted = f"{VALUE}: apply returns (the machine after it, the result), not {told!r}."
        raise CheckFailed(f"{wanted}{no_return(told)}")
    return told


# -- tasks 7.2 and 7.3: sessions -----------------------------------------------------------------


def lost_answer(machine: Callable[[], Any]) -> Trace:
    """S1 adds 10, cannot say so, and dies; S2 leads, and A asks there again. B reads."""
    return (
        stage(replicated(machine))
        .at(290, cut("S1", "A", one_way=True))
        .at(300, request("increment", "x", 10))
        .at(460, crash("S1"))
        .at(470, timeout("S2"))
        .at(1200, request("read", "x", client="B"))
        .run()
    )


def overtaken(machine: Callable[[], Any]) -> Trace:
    """A has two requests under way; the first is lost at first, and comes after the second."""
    return (
        stage(replicated(machine), workload=Workload(outstanding=2))
        .at(300, cut("A", "S1", one_way=True), request("write", "x", 1, server="S1"))
        .at(320, heal(), request("write", "y", 2, server="S1"))
        .at(900, request("read", "x", client="B", server="S1"))
        .run()
    )


def add(client: str, sequence: int, first: int = 1, amount: int = 10) -> ClientRequest:
    """Add to the counter x."""
    return ClientRequest(client, sequence, ("increment", "x", amount), first)


class Asked:
    """The learner's wrapper, asked one thing after the other; beside it what should come out."""

    def __init__(self, wrap: Callable[..., Any], machine: StateMachine) -> None:
        self.mine, self.right = wrap(machine), Sessions(machine)
        self.told = ""

    def ask(self, asked: ClientRequest, rule: str) -> None:
        """Raises CheckFailed, with `rule`, unless state and response are as they should be."""
        before = digest(self.mine.sessions), self.mine
        told = ask(self.mine.apply, asked)
        if not (isinstance(told, tuple) and len(told) == 2 and hasattr(told[0], "machine")):
            wanted = f"{VALUE}: apply returns (the machine after it, the response), not {told!r}."
            raise CheckFailed(f"{wanted}{no_return(told)}")
        same = digest(before[1].sessions) == before[0]
        require(same, VALUE, "apply changed the sessions of the machine that it was given")
        self.mine, response = told
        self.right, expected = self.right.apply(asked)
        words = " ".join(map(str, asked.operation))
        self.told += f"\n  {asked.client} {asked.sequence}: {words} → {response!r}"
        wrong = f"After{self.told}\nthe machine holds {self.mine.data}, not {self.right.data}"
        require(self.mine.data == self.right.data, rule, wrong)
        if asked.first_unanswered <= asked.sequence >= self.first(asked.client):
            told = f"After{self.told}\nthe last response should be {expected!r}"
            require(response == expected, "A retry gets its own response", told)

    def first(self, client: str) -> int:
        """The lowest sequence number whose response must be known."""
        return self.right.sessions.get(client, Session()).first_unanswered


def check_once(wrap: Callable[..., Any]) -> None:
    """Task 7.2: a client with one request under way is served exactly once."""
    with shown(partial(lost_answer, partial(wrap, Counter()))):
        asked = Asked(wrap, Counter())
        asked.ask(add("A", 1), "A new request is carried out")
        asked.ask(add("A", 1), ONCE)
        asked.ask(add("B", 1), "Each client has a session of its own")
        asked.ask(add("A", 2, 2), "A new request is carried out")
        asked.ask(add("B", 1), ONCE)
        asked.ask(add("A", 1), "A late copy is not carried out")
        store = Asked(wrap, KeyValue())
        operations: list[Operation] = [("cas", "x", 0, 1), ("cas", "x", 0, 2), ("read", "x")]
        for number, operation in enumerate(operations, 1):
            for _ in range(2):
                store.ask(ClientRequest("A", number, operation, number), ONCE)
    trace = ask(partial(lost_answer, partial(wrap, Counter())))
    result = trace.operations[-1].result
    if result != 10:
        raise CheckFailed(f"{ONCE}: after S1 has died, B reads {result}, not 10.", trace)
    print("✓ Task 7.2: 10 is added once, even when the leader dies before it can say so.")


def check_window(wrap: Callable[..., Any], seeds: int = 100) -> None:
    """Task 7.3: several requests under way, and nothing remembered for longer than needed."""
    with shown(partial(overtaken, partial(wrap, KeyValue()))):
        check_two(Asked(wrap, KeyValue()))
        for seed in range(seeds):
            check_random(Asked(wrap, Counter()), Random(seed))
    trace = ask(partial(overtaken, partial(wrap, KeyValue())))
    verdict = linearizable(trace.history())
    if not verdict:
        raise CheckFailed(f"Linearizability is broken: {verdict.explanation}", verdict)
    print(f"✓ Task 7.3: two at once, and {seeds} random orders of up to 4 at once.")


def check_two(asked: Asked) -> None:
    """Two requests under way, of which the second comes first."""
    first, second = (ClientRequest("A", n, ("cas", "x", n - 1, n)) for n in (1, 2))
    asked.ask(second, "A new request is carried out")
    asked.ask(first, "A request may be overtaken, and is new all the same")
    asked.ask(second, ONCE)
    asked.ask(first, ONCE)
    later = ClientRequest("A", 3, ("read", "x"), 3)
    asked.ask(later, "A new request is carried out")
    session = asked.mine.sessions.get("A")
    told = f"The client has responses 1 and 2, and the session is {session!r}"
    kept = set(getattr(session, "responses", {1, 2}))
    require(kept == {3}, "What the client has is forgotten", told)
    asked.ask(second, "A late copy is not carried out")


def check_random(asked: Asked, random: Random) -> None:
    """Up to four requests under way, each of which arrives once or more, in any order."""
    sent: list[ClientRequest] = []
    done: set[int] = set()
    for _ in range(25):
        first = next(n for n in range(1, 30) if n not in done)
        if len(sent) - len(done) < 4:
            sent.append(add("A", len(sent) + 1, first, amount=len(sent) + 1))
        one = random.choice(sent)
        late = one.sequence < asked.first("A")
        asked.ask(one, "A late copy is not carried out" if late else ONCE)
        session = asked.mine.sessions["A"]
        needless = [n for n in session.responses if n < asked.first("A")]
        told = f"After{asked.told}\nit still remembers {needless}"
        require(not needless, "What the client has is forgotten", told)
        if random.random() < 0.5:
            done.add(one.sequence)


@contextmanager
def shown(run: Callable[[], Trace]) -> Iterator[None]:
    """Let a check that fails show what comes of it: this run, if there is one."""
    try:
        yield
    except CheckFailed as failed:
        if failed.evidence is None:
            with suppress(ConsensusLabError):
                failed.evidence = run()
        raise


def require(condition: object, rule: str, told: str) -> None:
    """Raises CheckFailed, which names the rule, unless `condition` holds."""
    if not condition:
        raise CheckFailed(f"{rule}: {told}.")
