"""How fast histories are judged for linearizability, and whether rightly.

The histories are those of an object that works: each operation has its effect at a random moment of
its interval. In some one read is wrong. Each verdict is compared with the known answer, or, where a
wrong read may happen to be explained by something else, proves itself: an order is replayed, and a
counterexample is searched through by brute force.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random

from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.consistency.objects import Text
from consensus_lab.consistency.specification import REFUSED, Register, Specification
from consensus_lab.consistency.verdict import Verdict
from consensus_lab.history import History, Operation

from .table import Row, forget_peak, peak, timed

Made = list[Operation]


def register(
    random: Random,
    count: int,
    clients: int,
    values: int,
    cas: float = 0,
    lost: int = 0,
    late: int = 60,
    pause: int = 30,
) -> Made:
    """What `clients` clients see of a register that works, in the order of its effects.

    count operations are answered and `lost` are not; two thirds of these happen, up to `late` ticks
    after they were asked. Half are reads, and of the others a share `cas`
    are compare-and-sets; a client pauses for up to `pause` ticks. The values are 0 to `values` - 1;
    with 0 no value is written twice.
    """
    free = [random.randint(0, 20) for _ in range(clients)]
    names = [f"C{number}" for number in range(clients)]
    losers = set(random.sample(range(count + lost), lost))
    asked: list[tuple[float, str, str, int, int | None, bool]] = []
    for number in range(count + lost):
        place = min(range(clients), key=free.__getitem__)
        start, length = free[place], random.randint(5, 60)
        effect, end, never = start + length * random.random(), start + length, False
        kind = random.choice(("read", "write"))
        if number in losers or kind == "write":
            kind = "cas" if random.random() < cas else "write"
        if number in losers:
            effect, never = start + late * random.random(), random.random() < 1 / 3
        asked.append((effect, names[place], kind, start, None if number in losers else end, never))
        names[place] += "'" * (number in losers)
        free[place] = (start if number in losers else end) + random.randint(1, pause)
    operations, state = [], 0
    for fresh, (_, process, kind, start, end, never) in enumerate(sorted(asked), start=1):
        new = random.randrange(values) if values else fresh
        expected = state if random.random() < 0.7 else random.randrange(values or fresh)
        args = {"read": (), "write": (new,), "cas": (expected, new)}[kind]
        applied = kind == "write" or (kind == "cas" and expected == state)
        result = {"read": state, "write": None, "cas": applied}[kind]
        outcome = "unknown" if end is None else "ok"
        told = (None if end is None else result, start, end, outcome)
        operations.append(Operation(process, kind, "x", args, *told))
        state = new if applied and not never else state
    return operations


def texts(random: Random, count: int, clients: int, keys: int) -> Made:
    """What clients see of texts that are read, written, and appended to."""
    operations, state = [], {f"k{key}": "" for key in range(keys)}
    for fresh, o in enumerate(register(random, count, clients, 0), start=1):
        key, piece = f"k{random.randrange(keys)}", f"{o.process}:{fresh};"
        if o.kind == "read":
            operations.append(replace(o, key=key, result=state[key]))
            continue
        kind = "append" if random.random() < 0.8 else "write"
        state[key] = (state[key] if kind == "append" else "") + piece
        operations.append(replace(o, kind=kind, key=key, args=(piece,)))
    return operations


def with_stale_read(operations: Made, back: int = 0) -> Made:
    """The same, but the last read returns a value that was replaced long ago for good.

    Nobody writes that value among the last `back` effects; 0: it is the first value written.
    """
    place = max(i for i, o in enumerate(operations) if o.kind == "read")
    read = operations[place]
    writes = [o for o in operations if o.key == read.key and o.kind != "read"]
    recent = {o.args[-1] for o in writes[-back:]} | {read.result} if back else {read.result}
    old = next(o.args[-1] for o in writes if o.args[-1] not in recent)
    return [replace(o, result=old) if o is read else o for o in operations]


def with_wrong_text(operations: Made) -> Made:
    """The same, but one of the last reads misses the last piece, though that was there for long."""
    ends = {o.args[0]: o.end for o in operations if o.kind != "read"}
    for read in reversed(operations):
        if read.kind == "read" and read.result.count(";") > 1:
            rest, _, piece = read.result[:-1].rpartition(";")
            if ends[f"{piece};"] < read.start:
                break
    return [replace(o, result=f"{rest};") if o is read else o for o in operations]


def with_wrong_read(random: Random, operations: Made, values: int) -> Made:
    """The same, but one of the later reads returns another value."""
    reads = [o for o in operations if o.kind == "read"]
    read = random.choice(reads[len(reads) // 2 :])
    wrong = random.choice([value for value in range(values) if value != read.result])
    return [replace(o, result=wrong) if o is read else o for o in operations]


def proves_itself(verdict: Verdict, specification: Specification) -> bool:
    """Whether the order explains everything, or the counterexample is impossible."""
    if verdict.witness is None:
        found = list(verdict.counterexample or ())
        return verdict.holds is False and not has_order(found, specification)
    order, points, state = verdict.witness.order, verdict.witness.points, specification.initial
    for operation, point in zip(order, points or (), strict=True):
        state = specification.step(state, operation)
        late = operation.end is not None and point > operation.end
        if state is REFUSED or point < operation.start or late:
            return False
    answered = {o for o in verdict.history if o.outcome == "ok"}
    return list(points or ()) == sorted(points or ()) and answered <= set(order)


def has_order(operations: Sequence[Operation], specification: Specification) -> bool:
    """Whether some order of these explains them: whatever can be next is tried, up to a limit."""
    waiting = [(frozenset(operations), specification.initial)]
    tried = set(waiting)
    while waiting and len(tried) < 30_000:
        left, state = waiting.pop()
        ends = [o.end for o in left if o.end is not None]
        if not ends:
            return True
        for one in left:
            after = specification.step(state, one) if one.start <= min(ends) else REFUSED
            if after is not REFUSED and (left - {one}, after) not in tried:
                tried.add((left - {one}, after))
                waiting.append((left - {one}, after))
    return False


def measure(
    work: str,
    histories: Iterable[tuple[Made, bool | None]],
    goal: float,
    unit: str = "ms",
    specification: Specification | None = None,
    room: float | None = None,
    in_all: float | None = None,
) -> Iterator[Row]:
    """Judge them all: the rows of the table. The answer is None if the verdict proves it.

    in_all  the most that all of them together may take
    """
    times, told, kinds = [], [], {True: 0, False: 0, None: 0}
    for made, answer in histories:
        history = History(made)
        forget_peak()
        verdict, spent = timed(linearizable, history, specification)
        _, more = timed(reason, verdict)
        times.append(spent * (1000 if unit == "ms" else 1))
        told.append((spent + more) * (1000 if unit == "ms" else 1))
        kinds[verdict.holds] += 1
        known = verdict.holds is answer or (answer is not None and verdict.holds is None)
        if not (known if answer is not None else proves_itself(verdict, Register())):
            raise SystemExit(f"Wrong: {work}: expected {answer}, and the checker says {verdict}")
    words = ", ".join(
        f"{count} {name}"
        for count, name in zip(kinds.values(), ("yes", "no", "undecided"), strict=True)
        if count
    )
    words += f": right; with the reason ≤ {max(told):.3g} {unit}"
    yield Row(work, times, unit, goal, words, peak() if room else None, room)
    if in_all:
        yield Row(f"  all {len(times)} together", [sum(times)], unit, in_all)


def reason(verdict: Verdict) -> object:
    """The order that explains everything, or the smallest counterexample in words."""
    return verdict.witness.order if verdict.witness else verdict.explanation


def jepsen(values: int, late: int, wrong: bool) -> Iterable[tuple[Made, bool | None]]:
    """A hundred histories of 80 answered operations and 20 that crashed."""
    for seed in range(100):
        random = Random(seed)
        made = register(random, 80, 10, values, cas=0.5, lost=20, late=late, pause=5)
        yield (with_wrong_read(random, made, values), None) if wrong else (made, True)


def stale(
    count: int, clients: int, values: int, seeds: int, back: int
) -> Iterable[tuple[Made, bool | None]]:
    """Histories with one stale read at the end."""
    for seed in range(seeds):
        yield with_stale_read(register(Random(seed), count, clients, values), back), False


def unique(count: int, clients: int, bad: bool) -> tuple[Made, bool]:
    """A history in which no value was written twice, and whether it is linearizable."""
    made = register(Random(0), count, clients, 0)
    return (with_stale_read(made) if bad else made), not bad


def rows() -> Iterator[Row]:
    """The rows of the table."""
    for count, clients, goal in (
        (100_000, 10, 0.3),
        (1_000_000, 3, 1.5),
        (1_000_000, 10, 1.5),
        (1_000_000, 50, 1.5),
    ):
        for bad in (False, True):
            work = f"{count:,}, {clients} clients, unique values{', one stale read' * bad}"
            yield from measure(work, [unique(count, clients, bad)], goal, "s", room=1024)
    for values in (20, 50, 200):
        work = f"1,000, 20 clients, {values} values, one stale read"
        yield from measure(work, stale(1000, 20, values, 20, back=20), 100)
    for values in (2, 3, 5, 8):
        for late in (60, 2000):
            for wrong in (False, True):
                work = f"80 + 20 crashed, CAS, {values} values"
                work += ", late" * (late > 60) + ", one wrong read" * wrong
                yield from measure(work, jepsen(values, late, wrong), 30, in_all=200)
    for bad in (False, True):
        made_texts = [texts(Random(seed), 2000, 50, keys=10) for seed in range(10)]
        histories = [(with_wrong_text(o) if bad else o, not bad) for o in made_texts]
        work = f"key-value, append, 2,000, 50 clients{', one wrong read' * bad}"
        yield from measure(work, histories, 20, specification=Text())
    for values, cas in ((3, 0.0), (3, 0.4), (20, 0.0), (20, 0.4), (0, 0.4)):
        correct = [(register(Random(s), 10_000, 10, values, cas=cas), True) for s in range(3)]
        work = f"10,000, 10 clients, {values or 'unique'} values{', CAS' * (cas > 0)}"
        yield from measure(work, correct, 150)
    for values in (100, 1000):
        work = f"100,000, 50 clients, {values} values, one stale read"
        yield from measure(work, stale(100_000, 50, values, 1, back=60), 20, "s", room=2048)
