"""The checks of chapter 04."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from random import Random

from ...clocks import Diagram, Event, VectorClock, happens_before, vector_clocks
from ...consistency.causal import causal, causal_convergence
from ...consistency.sequential import sequential
from ...protocols.stores.causal import CausalStore
from ...simulation import DiskModel, Network, Scenario, Trace
from ...simulation.faults import cut, heal, request
from ..checks import CheckFailed
from ..hunt import Finding
from ..learner import ask, hold_returns, hold_written, no_return, shown
from .orders import drawn, require

__all__ = [
    "check_compares",
    "check_counts",
    "check_drawing",
    "check_holds_back",
    "question_and_answer",
]

DRAWINGS = (
    "A: a b",
    "A: m!\nB:    m?",
    "A: a m!      n?\nB:      m? n!\nC:   c",
    "A: a b m!\nB: c      n! m?\nC:            n?",
)
CLOCKS: tuple[dict[str, int], ...] = (
    {},
    {"A": 1},
    {"B": 1},
    {"A": 2},
    {"A": 1, "B": 1},
    {"A": 2, "B": 1},
    {"A": 1, "B": 3},
)
TRIES = 60


# ---- task 4.1 ----


def check_counts(clock: type[VectorClock]) -> None:
    """Task 4.1: increment and merge."""
    hold_written(clock, "increment", "merge")
    require_clock(clock)
    for counts in CLOCKS:
        value_is_kept(clock, counts)
    drawings = [Diagram.parse(text) for text in DRAWINGS]
    diagrams = sorted([*drawings, *map(random_diagram, range(TRIES))], key=len)
    for diagram in diagrams:
        for place, expected in enumerate(vector_clocks(diagram)):
            small = past_of(diagram, place)
            told = ask(vector_clocks, small, clock(), evidence=small)[-1]
            if told != expected:
                name = diagram[place].name
                raise CheckFailed(
                    f"{rule_of(diagram[place])}. At {name!r} the clock is {told!r}; it should be "
                    f"{expected!r}.",
                    small,
                )
    print(f"✓ Task 4.1: the clocks of {sum(map(len, diagrams))} events are right.")


def require_clock(clock: type[VectorClock]) -> None:
    """Raise CheckFailed unless it is a class of clocks."""
    if not (isinstance(clock, type) and issubclass(clock, VectorClock)):
        raise CheckFailed(f"Hand over your class of clocks, not {clock!r}.")


def value_is_kept(clock: type[VectorClock], counts: dict[str, int]) -> None:
    """Raise CheckFailed if an operation changes the clock it is asked of, or gives no clock."""
    rule = "A clock is a value"
    for words, method, argument in (
        ("increment('A')", "increment", "A"),
        ("merge(other)", "merge", clock({"C": 1})),
    ):
        mine = clock(counts)
        result = ask(getattr(mine, method), argument)
        require(mine == counts, rule, f"{words} changed the clock {counts} into {mine!r}.", None)
        told = f"{words} returns {shown(result)}: return a new {clock.__name__}."
        require(isinstance(result, clock), rule, told, None)


def rule_of(event: Event) -> str:
    """Which rule an event tests."""
    if len(event.causes) > 1:
        return "Who receives knows what both knew"
    return "Every event counts itself"


def past_of(diagram: Diagram, place: int) -> Diagram:
    """The part of a diagram that leads to the event at `place`, itself last."""
    before = happens_before(diagram)
    kept = [other for other in range(place) if before(other, place)] + [place]
    number = {old: new for new, old in enumerate(kept)}
    return Diagram(
        event._replace(causes=tuple(number[cause] for cause in event.causes))
        for event in (diagram[old] for old in kept)
    )


def random_diagram(seed: int) -> Diagram:
    """Up to 9 events of three processes; some receive what an event of another process sent."""
    random = Random(f"diagram/{seed}")
    events: list[Event] = []
    last: dict[str, int] = {}
    for place in range(random.randint(2, 9)):
        process = random.choice("ABC")
        own = [last[process]] if process in last else []
        others = [n for n, event in enumerate(events) if event.process != process]
        heard = [random.choice(others)] if others and random.random() < 0.5 else []
        events.append(Event(process, f"e{place + 1}", tuple(sorted({*own, *heard}))))
        last[process] = place
    return Diagram(events)


# ---- task 4.2 ----


def check_compares(clock: type[VectorClock]) -> None:
    """Task 4.2: <= and concurrent."""
    hold_written(clock, "__le__", "concurrent")
    require_clock(clock)
    for a, b in product(CLOCKS, repeat=2):
        compare(clock, a, b)
    for a, b in product(CLOCKS, repeat=2):
        tell_apart(clock, a, b)
    diagrams = [random_diagram(seed) for seed in range(TRIES)]
    pairs = 0
    for diagram in diagrams:
        before, clocks = happens_before(diagram), vector_clocks(diagram)
        for one, two in product(range(len(diagram)), repeat=2):
            mine = ask(lambda x, y: clock(x) < clock(y), clocks[one], clocks[two])
            told = f"Of {diagram[one].name} {clocks[one]} and {diagram[two].name} {clocks[two]}"
            told = f"{told}, your clocks say {mine}."
            fine = mine is before(one, two)
            require(fine, "Smaller exactly if it happened before", told, diagram)
            pairs += 1
    print(f"✓ Task 4.2: {len(CLOCKS) ** 2} pairs of clocks, and {pairs:,} pairs of events.")


def compare(clock: type[VectorClock], a: dict[str, int], b: dict[str, int]) -> None:
    """Raise CheckFailed if <= is wrong for these two."""
    below = VectorClock(a) <= VectorClock(b)
    told = ask(clock(a).__le__, clock(b))
    rule = "Nothing of the one is missing in the other"
    if a == b:
        rule = "Every clock is <= itself"
    elif VectorClock(a).concurrent(VectorClock(b)):
        rule = "Two clocks can each lack something of the other"
    text = f"{VectorClock(a)} <= {VectorClock(b)} is {shown(told)}; it should be {below}."
    text += no_return(told)
    require(told is below, rule, text, None)


def tell_apart(clock: type[VectorClock], a: dict[str, int], b: dict[str, int]) -> None:
    """Raise CheckFailed if `concurrent` is wrong for these two."""
    apart = VectorClock(a).concurrent(VectorClock(b))
    told = ask(clock(a).concurrent, clock(b))
    text = f"{VectorClock(a)}.concurrent({VectorClock(b)}) is {shown(told)}; it should be {apart}."
    text += no_return(told)
    require(told is apart, "Concurrent: neither is <= the other", text, None)


# ---- task 4.3 ----


def question_and_answer(store: type[CausalStore]) -> Scenario:
    """Ann asks at S1, which cannot reach S3. Bob at S2 reads and answers. Carol looks at S3.

    Meanwhile she has a tea, of which she writes. At 200 ms the link is mended, and later
    she looks again.
    """
    return (
        Scenario(store, servers=3, duration=600, network=Network((5, 5)), disk=DiskModel((1, 1)))
        .at(10, cut("S1", "S3"))
        .at(20, request("write", "question", 1, client="A", server="S1"))
        .at(50, request("read", "question", client="B", server="S2"))
        .at(80, request("write", "answer", 2, client="B", server="S2"))
        .at(80, request("write", "tea", 3, client="C", server="S3"))
        .at(120, request("read", "answer", client="C", server="S3"))
        .at(150, request("read", "question", client="C", server="S3"))
        .at(200, heal())
        .at(500, request("read", "answer", client="C", server="S3"))
        .at(530, request("read", "question", client="C", server="S3"))
    )


def two_posts(store: type[CausalStore]) -> Scenario:
    """Ann and Bob each post something, knowing nothing of each other. S3 gets both."""
    return (
        Scenario(store, servers=3, duration=300, network=Network((5, 5)), disk=DiskModel((1, 1)))
        .at(10, cut("S1", "S2"))
        .at(20, request("write", "cat", 1, client="A", server="S1"))
        .at(60, request("write", "dog", 2, client="B", server="S2"))
        .at(100, request("read", "cat", client="C", server="S3"))
        .at(130, request("read", "dog", client="C", server="S3"))
    )


def conversation(store: type[CausalStore], seed: int) -> Scenario:
    """Somebody writes, another reads it and writes, the third looks at both; three times over.

    Each time two of the servers cannot reach each other.
    """
    random = Random(f"conversation/{seed}")
    scenario = Scenario(store, servers=3, seed=seed, duration=700, network=Network((2, 8)))
    for turn in range(3):
        one, two, three = random.sample((1, 2, 3), 3)
        asked, answered = random.sample(("x", "y", "z"), 2)
        said: tuple[tuple[int, tuple[object, ...]], ...] = (
            (one, ("write", asked, 2 * turn + 1)),
            (two, ("read", asked)),
            (two, ("write", answered, 2 * turn + 2)),
            (three, ("read", answered)),
            (three, ("read", asked)),
        )
        start = 20 + 220 * turn
        a, b = random.sample(("S1", "S2", "S3"), 2)
        scenario = scenario.at(start - 10, cut(a, b)).at(start + 190, heal())
        for step, (who, operation) in enumerate(said):
            asks = request(*operation, client="ABC"[who - 1], server=f"S{who}")
            scenario = scenario.at(start + 35 * step, asks)
    return scenario


def check_holds_back(store: type[CausalStore]) -> None:
    """Task 4.3: a write waits for its past, and for nothing else."""
    hold_written(store, "is_ready")
    if not (isinstance(store, type) and issubclass(store, CausalStore)):
        raise CheckFailed(f"Hand over your class of stores, not {store!r}.")
    hold_returns(question_and_answer(store), is_ready=bool)
    waits_for_its_past(question_and_answer(store), "An answer waits for its question")
    waits_for_nothing_else(two_posts(store), 100, "Independent posts need not wait", "dog")
    waits_for_nothing_else(question_and_answer(store), 480, "What is ready waits no longer")
    for seed in range(TRIES):
        waits_for_its_past(conversation(store, seed), "No effect before its cause")
    print(f"✓ Task 4.3: the answer waits, independent posts do not; {TRIES} runs are causal.")


def waits_for_its_past(scenario: Scenario, rule: str) -> None:
    """Raise CheckFailed, with the fewest requests that show it, if a run is not causal."""
    verdict = causal(scenario.run().history())
    if verdict.counterexample is None:
        return
    for fault in scenario.faults:
        fewer = replace(scenario, faults=tuple(f for f in scenario.faults if f is not fault))
        waits_for_its_past(fewer, rule)
    last = max(verdict.counterexample, key=lambda o: o.start)
    fail(scenario.run(), rule, verdict.explanation.rstrip("."), last.start / 1000)


def waits_for_nothing_else(scenario: Scenario, time: float, rule: str, key: str = "answer") -> None:
    """Raise CheckFailed if S3 does not have `key` at `time` (ms), though it could."""
    trace = scenario.run()
    if key not in trace.state_at(time)["S3"]["data"]:
        text = f"All that {key!r} depends on is at S3, and at {time:g} ms it still waits there"
        fail(trace, rule, text, time)


def fail(trace: Trace, rule: str, text: str, moment: float) -> None:
    """Raise CheckFailed, with the run at `moment` (ms) as evidence."""
    raise CheckFailed(f"{rule}. {text}.", Finding(trace.scenario, trace, rule, text, moment))


# ---- task 4.4 ----


def check_drawing(drawing: Callable[[], str]) -> None:
    """Task 4.4: causal, and yet no one order."""
    history = drawn(drawing)
    told = f"Draw at most four operations; there are {len(history)}."
    require(0 < len(history) <= 4, "Four operations", told, history)
    verdict = causal_convergence(history)
    require(bool(verdict), "Causally convergent", verdict.explanation, verdict)
    order = sequential(history)
    told = f"It is sequentially consistent as well: {order.witness}."
    require(not order, "Not sequentially consistent", told, order)
    print(f"✓ Task 4.4: causally convergent, and no one order explains it.\n{history}")
