"""The checks of chapter 06."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from random import Random
from typing import Any, NamedTuple, cast

from ...consistency.sessions import monotonic_reads, read_your_writes
from ...errors import HandlerError
from ...history import History
from ...protocols.stores import Counters, ORSet, PNCounter, Sets
from ...protocols.stores.gossip import Gossip
from ...simulation import DiskModel, Network, Scenario, Trace
from ...simulation.faults import request, timeout
from ..checks import CheckFailed
from ..learner import ask
from .orders import drawn, require

__all__ = ["as_store", "check_counter", "check_drawing", "check_session", "check_set", "reading"]

STEP = 60
"""In a story of two servers something happens every so many ms."""


# ---- 6.1 ----


def check_drawing(drawing: Callable[[], str]) -> None:
    """Task 6.1: read your writes, but not monotonic reads; and nobody reads a 0."""
    history = drawn(drawing)
    told = f"Draw at most four operations on one register; there are {len(history)}."
    require(len(history) <= 4 and len(history.by_key()) == 1, "Four operations", told, history)
    zeros = [o for o in history if o.kind == "read" and not o.result]
    told = f"{zeros[0]} returns the initial value." if zeros else ""
    require(not zeros, "Every read returns a value that was written", told, history)
    back = monotonic_reads(history)
    require(
        not back, "Monotonic reads is to be broken", "Nobody goes back to an older value.", back
    )
    own = read_your_writes(history)
    require(bool(own), "Read your writes is to be kept", own.explanation, own)
    print(f"✓ Task 6.1: everybody sees their own writes, and somebody goes back.\n{history}")


# ---- what two replicas do, step by step ----


class Step(NamedTuple):
    """A change at S1 or S2; or, with the kind "meet", both merge what they hold."""

    kind: str
    server: str = ""
    value: int = 0

    def __str__(self) -> str:
        return "they meet" if self.kind == "meet" else f"{self.server} {self.kind} {self.value}"


MEET = Step("meet")
Steps = Sequence[Step]
Change = Callable[[Any, Step], tuple[Any, ...]]


def count(state: Any, step: Step) -> tuple[Any, ...]:
    """What a step does with a counter: the method, and what it is given."""
    change = state.increment if step.kind == "increment" else state.decrement
    return change, step.server, step.value


def put(state: Any, step: Step) -> tuple[Any, ...]:
    """What a step does with a set."""
    if step.kind == "add":
        return state.add, step.value, step.server
    return state.remove, step.value


def replay(empty: Any, steps: Steps, change: Change, evidence: object = None) -> list[Any]:
    """The states of S1 and S2 after `steps`."""
    held = {"S1": empty, "S2": empty}
    for step in steps:
        if step.kind == "meet":
            one, two = held["S1"], held["S2"]
            held["S1"] = merged(one, two, evidence)
            held["S2"] = merged(two, one, evidence)
        else:
            method, *given = change(held[step.server], step)
            state = ask(method, *given, evidence=evidence)
            held[step.server] = a_state(state, type(empty), f"{step}", evidence)
    return list(held.values())


def merged(one: Any, two: Any, evidence: object) -> Any:
    """What the learner's merge makes of two states."""
    return a_state(ask(one.merge, two, evidence=evidence), type(one), "merge", evidence)


def a_state(found: Any, kind: type, what: str, evidence: object) -> Any:
    """`found`, if it is a state. Raises CheckFailed if it is not."""
    if not isinstance(found, kind):
        told = f"{what} returns {found!r}, not a {kind.__name__}."
        raise CheckFailed(f"A new state comes back. {told}", evidence)
    return found


def as_store(kind: type) -> type[Gossip]:
    """The store that gossips states of the learner's class."""
    base = Counters if hasattr(kind, "increment") else Sets
    return type(f"{kind.__name__}Store", (base,), {"empty": kind()})


def story(kind: type, steps: Steps) -> Trace:
    """The same steps in the store, with requests and gossip; at the end both are read."""
    scenario = Scenario(
        as_store(kind),
        servers=2,
        network=Network((5, 10)),
        disk=DiskModel((1, 1)),
        options={"interval": 1e6},
    )
    for place, step in enumerate([*steps, MEET], start=1):
        if step.kind == "meet":
            event = timeout("S1", "gossip")
        else:
            who = "A" if step.server == "S1" else "B"
            event = request(step.kind, "x", step.value, client=who, server=step.server)
        scenario = scenario.at(STEP * place, event)
    end = STEP * (len(steps) + 2)
    for client, server in (("A", "S1"), ("B", "S2")):
        scenario = scenario.at(end, request("read", "x", client=client, server=server))
    try:
        return scenario.run(end + STEP)
    except HandlerError as error:
        return cast(Trace, error.trace)


def same_as(reference: Any, kind: type, steps: Steps, change: Change, rule: str) -> None:
    """Raise CheckFailed with `rule` if after `steps` the learner's states show another value."""
    whole = [*steps, MEET]
    expected = [state.value for state in replay(reference, whole, change)]
    found = [value_of(state) for state in replay(kind(), whole, change, Evidence(kind, steps))]
    if found != expected:
        told = f"{'; '.join(map(str, whole))}: then S1 has {found[0]!r} and S2 {found[1]!r}"
        raise CheckFailed(f"{rule}. {told}; it should be {expected[0]!r}.", story(kind, steps))


def value_of(state: Any) -> Any:
    """What a state is worth. Raises CheckFailed if its fields hold what does not belong there."""
    try:
        return state.value
    except (TypeError, ValueError, AttributeError) as error:
        told = f"{state!r} cannot be read: {error}."
        raise CheckFailed(f"The fields of a state keep their form. {told}") from None


class Evidence:
    """A story that is run only if it must be shown."""

    def __init__(self, kind: type, steps: Steps) -> None:
        self.kind, self.steps = kind, steps

    @property
    def trace(self) -> Trace:
        return story(self.kind, self.steps)


def smallest(reference: Any, kind: type, steps: Steps, change: Change, rule: str) -> None:
    """Raise CheckFailed for the smallest part of `steps` that still goes wrong, if it does."""
    try:
        same_as(reference, kind, steps, change, rule)
    except CheckFailed:
        for place in range(len(steps)):
            smallest(reference, kind, [*steps[:place], *steps[place + 1 :]], change, rule)
        raise


def random_steps(seed: int, kinds: Sequence[str]) -> list[Step]:
    """Up to eight steps; values are few, so that the servers do the same now and then."""
    random = Random(f"steps/{seed}")
    return [
        random.choice(
            [MEET, *(Step(k, random.choice(["S1", "S2"]), random.randint(1, 2)) for k in kinds)]
        )
        for _ in range(random.randint(1, 8))
    ]


def check_laws(kind: type, cases: Sequence[Steps], change: Change) -> None:
    """Whether merge is commutative, associative and idempotent on states that can come about."""
    for steps in cases:
        evidence = Evidence(kind, steps)
        a, b = replay(kind(), steps, change, evidence)
        ab, ba = merged(a, b, evidence), merged(b, a, evidence)
        laws = {
            "idempotent: merge(a, a) is a": (merged(a, a, evidence), a),
            "commutative: merge(a, b) is merge(b, a)": (ab, ba),
            "associative: merge(merge(a, b), a) is merge(a, merge(b, a))": (
                merged(ab, a, evidence),
                merged(a, ba, evidence),
            ),
        }
        for law, (left, right) in laws.items():
            if left != right:
                given = f"a = {a}" + f" and b = {b}" * ("b" in law.partition(":")[2])
                told = f"With {given} there come out {left} and {right}."
                raise CheckFailed(f"merge is not {law}. {told}", story(kind, [*steps, MEET, MEET]))


# ---- 6.2 ----

UP1, UP2 = Step("increment", "S1", 1), Step("increment", "S2", 2)
DOWN2 = Step("decrement", "S2", 1)
COUNTS: list[tuple[str, list[Step]]] = [
    ("What the other has counted arrives", [UP2]),
    ("What is counted here stays", [UP1]),
    ("No count is lost", [UP1, UP2]),
    ("What is taken away arrives, too", [UP1, DOWN2]),
    ("A count that is known is not counted again", [UP1, MEET, MEET]),
    ("Of one server's counts the later one counts", [UP1, MEET, UP1]),
]


def check_counter(kind: type) -> None:
    """Task 6.2: merge two counters."""
    programs = [random_steps(seed, ["increment", "decrement"]) for seed in range(150)]
    check_laws(kind, [[UP1], [UP2], [UP1, UP2], [UP1, DOWN2], [UP1, MEET, UP1]], count)
    for rule, steps in COUNTS:
        same_as(PNCounter(), kind, steps, count, rule)
    for steps in programs:
        smallest(PNCounter(), kind, steps, count, "No count is lost, and none counted twice")
    check_laws(kind, programs, count)
    print(f"✓ Task 6.2: three laws and the exact sum, in {len(programs)} random stories.")


# ---- 6.3 ----

ADD1, ADD2 = Step("add", "S1", 1), Step("add", "S2", 1)
OFF1, OFF2 = Step("remove", "S1", 1), Step("remove", "S2", 1)
SETS: list[tuple[str, list[Step]]] = [
    ("What was added is there", [ADD1]),
    ("A removal takes away what it has seen", [ADD1, OFF1]),
    ("An element can come back", [ADD1, OFF1, ADD1]),
    ("A removal takes away one element only", [ADD1, Step("add", "S1", 2), OFF1]),
    ("A removal reaches the other server", [ADD1, MEET, OFF2]),
    ("Add wins: a removal takes away only what it has seen", [ADD1, OFF2]),
    ("Add wins: a removal takes away only what it has seen", [ADD1, MEET, OFF2, ADD1]),
    ("Each addition has a tag of its own", [ADD1, ADD2, OFF1]),
]


def check_set(kind: type) -> None:
    """Task 6.3: a set from which one can remove, and to which elements can come back."""
    for rule, steps in SETS:
        same_as(ORSet(), kind, steps, put, rule)
    programs = [random_steps(seed, ["add", "add", "remove"]) for seed in range(150)]
    for steps in programs:
        smallest(ORSet(), kind, steps, put, "Added, and not removed since by one who had seen it")
    check_laws(kind, sorted(programs, key=len), put)
    print(f"✓ Task 6.3: {len(SETS)} rules, three laws, and {len(programs)} random stories.")


# ---- 6.4 ----

Vector = Mapping[str, int]
SERVERS = ("S1", "S2", "S3")


class Replica:
    """A server of a small world: registers, and how many writes of each server it has seen."""

    def __init__(self) -> None:
        self.vector: dict[str, int] = {}
        self.data: dict[str, tuple[int, str, int]] = {}

    def merge(self, other: Replica) -> None:
        for key, stamped in other.data.items():
            self.data[key] = max(stamped, self.data.get(key, stamped))
        servers = {*self.vector, *other.vector}
        self.vector = {
            s: max(self.vector.get(s, 0), other.vector.get(s, 0)) for s in sorted(servers)
        }


def reading(session: Callable[[], Any], seed: int = 1, steps: int = 30) -> History:
    """What two clients see that move between three servers, each with a session of its own.

    A write goes to any server. A read asks them in a random order, and takes the first one that
    the session allows; if it allows none, the servers exchange all they have, and it asks again.
    """
    random = Random(f"session/{seed}")
    servers = {name: Replica() for name in SERVERS}
    sessions = {client: ask(session) for client in "AB"}
    history, value = History.builder(), 0
    for time in range(5, 5 + 10 * steps, 10):
        client, key = random.choice("AB"), random.choice("xy")
        order = random.sample(SERVERS, 3)
        if random.random() < 0.4:
            one, two = random.sample(SERVERS, 2)
            servers[one].merge(servers[two])
        if random.random() < 0.4:
            at = servers[order[0]]
            at.vector[order[0]] = at.vector.get(order[0], 0) + 1
            value += 1
            at.data[key] = (time, order[0], value)
            history.write(client, key, value, start=time, end=time + 8)
        else:
            at = servers[chosen(sessions[client], servers, order, history.build())]
            *_, found = at.data.get(key, (0, "", 0))
            history.read(client, key, found, start=time, end=time + 8)
        ask(sessions[client].learn, dict(at.vector))
    return history.build()


def chosen(session: Any, servers: dict[str, Replica], order: Sequence[str], so_far: History) -> str:
    """The first server that the session allows."""
    for name in order:
        if allows(session, servers[name].vector):
            return name
    for one, two in product(servers.values(), repeat=2):
        one.merge(two)
    if not allows(session, servers[order[0]].vector):
        told = f"A server that has seen every write, {servers[order[0]].vector}, is not allowed"
        raise CheckFailed(
            f"Availability is lost. {told}: this client can never read again.", so_far
        )
    return order[0]


def allows(session: Any, vector: Vector) -> bool:
    """What the session says of a server that has seen so much."""
    told = ask(session.allows, dict(vector))
    if not isinstance(told, bool):
        raise CheckFailed(f"Yes or no. allows({dict(vector)}) returns {told!r}: return a bool.")
    return told


VECTORS: list[tuple[list[Vector], Vector, bool]] = [
    ([], {}, True),
    ([], {"S1": 3}, True),
    ([{"S1": 2}], {"S1": 2}, True),
    ([{"S1": 2}], {"S1": 1}, False),
    ([{"S1": 2}], {}, False),
    ([{"S1": 2}], {"S1": 2, "S3": 1}, True),
    ([{"S1": 1}], {"S2": 5}, False),
    ([{"S1": 2}, {"S2": 1}], {"S1": 2, "S2": 1}, True),
    ([{"S1": 2}, {"S2": 1}], {"S2": 1}, False),
    ([{"S1": 2}, {"S1": 1}], {"S1": 1}, False),
]
"""What a session has learnt, a server's vector, and whether it may be asked."""


def check_session(session: Callable[[], Any]) -> None:
    """Task 6.4: a client that remembers what it has seen."""
    for seed in range(100):
        history = reading(session, seed)
        for model in (read_your_writes, monotonic_reads):
            found = model(history).counterexample
            if found is not None:
                small = model(found)
                told = f"{small.model.capitalize()} is broken. {small.explanation}"
                raise CheckFailed(told, small)
    for learnt, vector, expected in VECTORS:
        mine = ask(session)
        for each in learnt:
            ask(mine.learn, dict(each))
        if allows(mine, vector) is not expected:
            rule = "Availability is lost" if expected else "Read your writes is at risk"
            told = f"It has learnt {', '.join(map(str, learnt)) or 'nothing'}, and a server with"
            raise CheckFailed(f"{rule}. {told} {vector} is {'not ' * expected}allowed.")
    print("✓ Task 6.4: 100 random stories; read your writes and monotonic reads hold in each.")
