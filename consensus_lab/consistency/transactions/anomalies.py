"""What can go wrong among transactions, by the names of the field.

    forbidden from            anomalies
    read uncommitted          internal, thin air, duplicate elements, incompatible order, G0
    read committed            G1a, G1b, G1c
    snapshot isolation        lost update, G-single, G-nonadjacent
    serializability           G2

Adya, A. (1999): Weak consistency, chapter 4. Kingsbury, K. and Alvaro, P. (2020): Elle.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import NamedTuple

from .dependencies import Dependencies, Reasons
from .precedence import Arc, Precedence
from .transactions import UNWRITTEN, Key, Transactions, steps

READ_UNCOMMITTED, READ_COMMITTED, SNAPSHOT, SERIALIZABLE = range(4)
GRAPHS = {
    READ_UNCOMMITTED: (("ww",), False),
    READ_COMMITTED: (("ww", "wr"), False),
    SNAPSHOT: (("ww", "wr", "rw"), True),
    SERIALIZABLE: (("ww", "wr", "rw"), False),
}
"""Of each level the relations that must not form a cycle, and whether snapshot and commit are two
moments."""


class Finding(NamedTuple):
    """An anomaly: its name, transactions that show it, and why, in words or by a cycle."""

    name: str
    transactions: tuple[int, ...]
    words: str = ""
    cycle: tuple[Arc, ...] = ()


def unreadable(transactions: Transactions, reasons: Reasons) -> Iterator[Finding]:
    """Reads that no order of versions explains: forbidden at every level."""
    for number, name, value in transactions.unfaithful:
        words = f"{reasons.name(number)} read {value!r} from {name}, against its own writes"
        yield Finding("internal", (number,), f"{words}: a transaction sees these, and no others.")
    for key in transactions.keys.values():
        yield from _thin_air(key, reasons)
        if key.is_list:
            yield from _incompatible(transactions, key, reasons)


def _thin_air(key: Key, reasons: Reasons) -> Iterator[Finding]:
    if not key.is_list:
        for reader, value in key.reads:
            if value not in key.writer and value not in UNWRITTEN:
                words = f"{reasons.name(reader)} read {value!r} from {key.name}"
                yield Finding("thin air", (reader,), f"{words}, which nobody ever wrote.")
        return
    for reader, value in _telling(key):
        for element in value:
            if element not in key.writer:
                words = f"{reasons.name(reader)} read {element!r} in {key.name}"
                yield Finding("thin air", (reader,), f"{words}, which nobody ever appended.")
        if len(set(value)) < len(value):
            twice = next(element for element in value if value.count(element) > 1)
            words = f"{reasons.name(reader)} read {twice!r} in {key.name} more than once"
            yield Finding(
                "duplicate elements",
                (reader, key.writer.get(twice, reader)),
                f"{words}, but it was appended only once.",
            )


def _telling(key: Key) -> list[tuple[int, tuple[object, ...]]]:
    """Reads of a list that hold all that was ever seen in it."""
    full = next((read for read in key.reads if read[1] == key.longest), None)
    return ([full] if full else []) + key.strays


def _incompatible(transactions: Transactions, key: Key, reasons: Reasons) -> Iterator[Finding]:
    """Lists that cannot all be beginnings of one list."""
    versions = transactions.versions(key)

    def teller() -> int:
        return next(t for t, value in key.reads if transactions.versions(key, value) == versions)

    for reader, value in key.strays:
        kept = transactions.versions(key, value)
        if kept != versions[: len(kept)]:
            mine, other = next((a, b) for a, b in zip(kept, versions, strict=False) if a != b)
            words = (
                f"{reasons.name(teller())} read {key.name} with {other!r} where "
                f"{reasons.name(reader)} read it with {mine!r}: a list only grows, so one of the "
                "two would have to begin with the other."
            )
            shown = (reader, teller(), key.writer[mine], key.writer[other])
            yield Finding("incompatible order", shown, words)
    place = {element: index for index, element in enumerate(versions)}
    latest: dict[int, tuple[int, object]] = {}
    for writer, element in key.writes:
        here = place.get(element, len(versions))
        before, earlier = latest.get(writer, (-1, None))
        if here < before and transactions.committed[writer]:
            words = (
                f"{reasons.name(teller())} read {key.name} with {element!r}, but not with "
                f"{earlier!r} in front of it, although {reasons.name(writer)} had appended that "
                "first."
            )
            yield Finding("incompatible order", (teller(), writer), words)
        latest[writer] = (here, element)


def uncommitted(transactions: Transactions, reasons: Reasons) -> Iterator[Finding]:
    """Reads of what was never committed: G1a aborted, G1b intermediate."""
    for key in transactions.keys.values():
        verb = "appended to" if key.is_list else "wrote to"
        for reader, value in _telling(key) if key.is_list else key.reads:
            for element in value if key.is_list else (value,):
                writer = key.writer.get(element)
                if writer is not None and not transactions.committed[writer]:
                    yield Finding(
                        "G1a",
                        (reader, writer),
                        f"{reasons.name(reader)} read the {element!r} that "
                        f"{reasons.name(writer)} {verb} {key.name}, but {reasons.name(writer)} "
                        "was aborted: what it wrote never counted.",
                    )
        for reader, value in key.reads:
            element = value[-1:] and value[-1] if key.is_list else value
            writer = key.writer.get(element)
            if writer is not None and writer != reader and key.final[writer] != element:
                yield Finding(
                    "G1b",
                    (reader, writer),
                    f"{reasons.name(reader)} read the {element!r} that {reasons.name(writer)} "
                    f"{verb} {key.name} on its way: before it committed, it {verb} it "
                    f"{key.final[writer]!r} as well, and only both together count.",
                )


def lost_update(dependencies: Dependencies, reasons: Reasons) -> Iterator[Finding]:
    """Two transactions that read the same version of a key, and both wrote that key."""
    transactions = dependencies.transactions
    for key in transactions.keys.values():
        first: dict[object, int] = {}
        for reader, value in key.reads:
            if reader not in key.final:
                continue
            # What a list held when the transaction came, without its own elements.
            seen: object = value
            if key.is_list:
                seen = tuple(e for e in value if key.writer.get(e) != reader)
            elif value in UNWRITTEN and value not in key.writer:
                seen = UNWRITTEN
            other = first.setdefault(seen, reader)
            if other != reader:
                one, two = reasons.name(other), reasons.name(reader)
                giver = key.writer.get(value[-1] if key.is_list and value else value, other)
                verb = "appended to" if key.is_list else "wrote"
                yield Finding(
                    "lost update",
                    tuple(dict.fromkeys((other, reader, giver))),
                    f"{one} and {two} read the same version of {key.name}, and both {verb} it. "
                    "Whichever is put first, the other did not see what it did.",
                    (Arc(other, reader, "rw"), Arc(reader, other, "rw")),
                )


def cyclic(
    dependencies: Dependencies,
    level: int,
    extra: Collection[Arc] = (),
    around: Collection[str] = (),
) -> Finding | None:
    """A short cycle of the worst kind that `level` forbids; `around`: session, real time."""
    whole = Precedence(dependencies, [*GRAPHS[level][0], *around], GRAPHS[level][1], extra)
    inside = {number for tangle in whole.tangles() for number in tangle}
    if not inside:
        return None
    for more in _beginnings(around):
        for lower in range(level + 1):
            relations, split = GRAPHS[lower]
            graph = Precedence(dependencies, [*relations, *more], split, extra, inside)
            cycle = (lower == SNAPSHOT and graph.single()) or graph.cycle()
            if cycle:
                first = cycle.index(min(cycle))
                cycle = (*cycle[first:], *cycle[:first])
                return Finding(name_of(cycle), tuple(arc.source for arc in cycle), "", cycle)
    raise AssertionError("a graph with a cycle has one that is found")


def _beginnings(around: Collection[str]) -> list[list[str]]:
    names = [relation for relation in ("session", "real time") if relation in around]
    return [names[:size] for size in range(len(names) + 1)]


def name_of(cycle: tuple[Arc, ...]) -> str:
    """What a cycle of transactions is called."""
    relations = [arc.relation for arc in cycle]
    adjacent = any(a == b == "rw" for a, b in pairwise([*relations, relations[0]]))
    if relations.count("rw") == 0:
        name = "G1c" if "wr" in relations else "G0"
    elif relations.count("rw") == 1:
        name = "G-single"
    else:
        name = "G2" if adjacent else "G-nonadjacent"
    if "real time" in relations:
        return f"{name}-realtime"
    return f"{name}-process" if "session" in relations else name


def evidence(transactions: Transactions, finding: Finding) -> tuple[int, ...]:
    """The transactions of a cycle, and those that tell the order of the versions in it."""
    found = dict.fromkeys(finding.transactions)
    for number in list(found):
        for kind, name, value in steps(transactions.operations[number]):
            key = transactions.keys[name]
            if key.is_list:
                found.update((reader, None) for reader, _ in _telling(key)[:1])
            elif kind == "read" and value in key.writer:
                found[key.writer[value]] = None
    return tuple(found)
