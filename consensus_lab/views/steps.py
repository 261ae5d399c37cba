"""A run told step by step: at each remark a sentence, and the four index arrays as they are then.

The arrays are those of Figure 2: commitIndex and lastApplied of every server, and the leader's
nextIndex and matchIndex for every follower. Ongaro, D. and Ousterhout, J. (2014): In Search of an
Understandable Consensus Algorithm (Extended Version), section 5.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import ConsensusLabError
from ..simulation.clock import milliseconds
from ..simulation.remarks import say
from ..simulation.trace import Event, Trace
from .cluster_still import entry_in_short, log_of
from .colours import term_colour, term_ink
from .picture import Part, Picture, circle, line, paragraph, rect, shorten, text, wrap

if TYPE_CHECKING:
    from ..simulation.scenario import Scenario

Fields = Mapping[str, Any]
ARRAYS = ("commitIndex", "lastApplied", "nextIndex", "matchIndex")


class Step(NamedTuple):
    """What there is to see at `time` (ms), in a sentence."""

    time: float
    words: str


def steps_of(trace: Trace) -> list[Step]:
    """The remarks of a run."""
    remarks = (event for event in trace.events if event.kind == "remark")
    return [Step(event.time / 1000, event.detail["words"]) for event in remarks]


def with_remarks(scenario: Scenario, steps: Iterable[Step]) -> Trace:
    """A run of the scenario with `steps` as its remarks, which change nothing else."""
    for time, words in steps:
        scenario = scenario.at(time, say(words))
    return scenario.run()


def five_steps(scenario: Scenario, operation: int = 0) -> Trace:
    """A run with remarks at the five steps in which a client's operation is replicated (5.3).

    operation  the number of the operation in the run, from 0 on

    Raises ConsensusLabError if it is never committed.
    """
    return with_remarks(scenario, replication_steps(scenario.run(), operation))


def walk_back(scenario: Scenario, follower: str, since: float = 0) -> Trace:
    """A run with a remark at each move of nextIndex, until the logs of leader and follower meet.

    since  from this time on (ms); what happened to nextIndex before is not told
    """
    return with_remarks(scenario, repair_steps(scenario.run(), follower, since))


# ---- where the steps of replication are ----


def replication_steps(trace: Trace, operation: int) -> list[Step]:
    """When a client's operation is taken, sent, stored, committed, and known to be so."""
    asked = trace.operations[operation].operation
    taken = first(trace, lambda e, s: e.kind == "deliver" and asked in commands(e, s))
    name, index = str(taken.who), len(taken.changes["log"])
    sent = [f for f in trace.messages if f.source == name and asked in offered(f.message)]
    stored = first(trace, lambda e, s: e.who != name and asked in commands(e, s, "disk.log"))
    done = first(trace, lambda e, s: e.who == name and committed(e) >= index)
    rest = [server for server in trace.servers if server != name]
    known = first(trace, lambda e, s: all(s[r].get("commit_index", 0) >= index for r in rest))
    what = entry_in_short(asked)
    way = sent[0].sent + 0.6 * (min(f.due for f in sent[: len(rest)]) - sent[0].sent)
    return [
        Step(
            taken.time / 1000,
            f"{name} leads, and takes the client's command: it appends {what} to its own log, at "
            f"index {index}. It is not on disk yet.",
        ),
        Step(
            way / 1000,
            f"On its way to the followers, in AppendEntries. {name} counts itself only once its "
            "own disk has it, too: see its matchIndex.",
        ),
        Step(
            stored.time / 1000,
            f"{stored.who} has appended it and has it on disk. Only now it answers.",
        ),
        Step(
            done.time / 1000,
            f"With its own disk {name} knows of {majority(trace)} of {len(trace.servers)} servers "
            f"that hold index {index}: it is committed. {name} applies it, and answers the client.",
        ),
        Step(
            known.time / 1000,
            "The next AppendEntries have told the followers how far the log is committed: they "
            "apply it, too.",
        ),
    ]


def repair_steps(trace: Trace, follower: str, since: float) -> list[Step]:
    """Each move of the leader's nextIndex for `follower`, and why it moved."""
    steps: list[Step] = []
    at: int | None = None
    for event, state in replay(trace):
        now = (event.changes.get("next_index") or {}).get(follower)
        if now is None or event.time < 1000 * since:
            at = at if now is None else now
            continue
        leader = str(event.who)
        if event.changes.get("role") == "leader":
            words = f"{leader} leads, and guesses that the logs are equal"
        elif at is None or now == at:
            continue
        elif now < at:
            mine, its = (term_at(log_of(state[who]), at - 1) for who in (leader, follower))
            has = "has nothing there" if its is None else f"has an entry of term {its} there"
            words = f"Index {at - 1} does not match: {follower} {has}, {leader} one of term {mine}"
            words = words if mine != its else f"{follower} refuses, but to what was sent earlier"
        else:
            words = f"The logs match before index {at}: {follower} has taken over all from there on"
        steps.append(Step(event.time / 1000, f"{words}. nextIndex is {now}."))
        at = now
    return steps


def term_at(log: Sequence[Any], index: int) -> int | None:
    """The term of an entry; None if there is none."""
    return getattr(log[index - 1], "term", None) if 0 < index <= len(log) else None


def majority(trace: Trace) -> int:
    """How many servers are a majority."""
    return len(trace.servers) // 2 + 1


def first(trace: Trace, found: Callable[[Event, Mapping[str, Fields]], bool]) -> Event:
    """The first event for which `found`, asked with the state after it, is true."""
    for event, state in replay(trace):
        if found(event, state):
            return event
    raise ConsensusLabError("This run ends before the command has gone through all five steps.")


def replay(trace: Trace) -> Iterable[tuple[Event, Mapping[str, Fields]]]:
    """Every event of a server with the state after it."""
    state: dict[str, dict[str, Any]] = {name: {} for name in trace.servers}
    for event in trace.events:
        if event.who in state:
            state[event.who].update(event.changes)
            yield event, state


def commands(event: Event, state: Mapping[str, Fields], field: str = "log") -> list[Any]:
    """The operation of the last entry of a log, if this event changed it."""
    log = event.changes.get(field) or ()
    return [getattr(getattr(entry, "command", None), "operation", None) for entry in log[-1:]]


def offered(message: Any) -> list[Any]:
    """The operations that a message offers."""
    entries = getattr(message, "entries", ())
    return [getattr(getattr(entry, "command", None), "operation", None) for entry in entries]


def committed(event: Event) -> int:
    """The commitIndex that this event set."""
    return int(event.changes.get("commit_index") or 0)


# ---- the indexes ----


def indexes(trace: Trace, time: float) -> dict[str, tuple[str, ...]]:
    """For each server the ARRAYS at `time` (ms): nextIndex and matchIndex are the leader's."""
    state = trace.state_at(time)
    leader = leader_of(state)
    table = {}
    for name, fields in state.items():
        down = fields.get("status") == "down"
        of_leader = [
            "–" if leader is None else str((state[leader].get(field) or {}).get(name, "–"))
            for field in ("next_index", "match_index")
        ]
        own = [str(fields.get(field, "–")) for field in ("commit_index", "last_applied")]
        table[name] = (*(["–", "–"] if down else own), *of_leader)
    return table


def leader_of(state: Mapping[str, Fields]) -> str | None:
    """Who leads: of several that believe so, the one with the highest term."""
    leaders = [
        (fields.get("current_term", 0), name)
        for name, fields in state.items()
        if fields.get("role") == "leader" and fields.get("status") != "down"
    ]
    return max(leaders)[1] if leaders else None


def in_words(trace: Trace) -> str:
    """The remarks, each with the indexes; nothing if there are none."""
    lines = []
    for number, (time, words) in enumerate(steps_of(trace), start=1):
        lines.append(f"{number} · {milliseconds(round(1000 * time))} · {words}")
        lines += [
            f"    {name}: {', '.join(map(' '.join, zip(ARRAYS, values, strict=True)))}"
            for name, values in indexes(trace, time).items()
        ]
    return "\n".join(lines)


# ---- the still: a panel a step ----

PANEL, GAP, LINE, ROW, CELL = 480.0, 24.0, 18.0, 37.0, 34.0
MOST_CELLS, NUMBER, LEFT = 7, 44.0, 30.0
HEADS = ("commit", "applied", "next", "match")


def still(trace: Trace) -> str:
    """All steps as SVG text, two panels in a row: same run, same bytes."""
    steps = steps_of(trace)
    parts: list[Part] = []
    y = 0.0
    for start in range(0, len(steps), 2):
        bottoms = [
            panel(parts, trace, steps, number, (number - start) * PANEL + GAP, y)
            for number in range(start, min(start + 2, len(steps)))
        ]
        y = max(bottoms)
    parts += legend(GAP, y + 4)
    title = f"{trace.scenario.protocol.__name__}, step by step"
    return Picture(tuple(parts), 2 * PANEL, y + 24).svg(title)


def panel(
    parts: list[Part], trace: Trace, steps: Sequence[Step], number: int, x: float, y: float
) -> float:
    """One step, its upper left corner at (x, y). Returns where it ends."""
    step = steps[number]
    before = indexes(trace, steps[max(0, number - 1)].time)
    words = wrap(step.words, PANEL - GAP - 34, 12.5)
    parts += [
        circle(x + 10, y + 26, 10, fill="ink"),
        text(
            x + 10, y + 30.5, str(number + 1), fill="paper", text_anchor="middle", font_weight=700
        ),
        *paragraph(x + 28, y + 30, words, size=12.5, font_weight=600),
    ]
    top = y + 44 + LINE * len(words)
    state = trace.state_at(step.time)
    leader = leader_of(state)
    numbers = x + LEFT + CELL * MOST_CELLS
    for column, head in enumerate(HEADS):
        right = numbers + NUMBER * (column + 1) - 8
        parts.append(text(right, top - 6, head, size=10.5, fill="muted", text_anchor="end"))
    longest = max(len(log_of(fields)) for fields in state.values())
    start = max(1, longest + 2 - MOST_CELLS)
    for row, (name, values) in enumerate(indexes(trace, step.time).items()):
        place = top + ROW * row
        down = state[name].get("status") == "down"
        sign = "★" if name == leader else "✕" if down else ""
        weight = 700 if name == leader else 400
        ink = "bad" if down else "ink"
        parts.append(text(x, place + 15, f"{name}{sign}", font_weight=weight, fill=ink))
        parts += cells(state[name], start, longest, x + LEFT, place)
        parts += marks(values[2:], start, x + LEFT, place) if name != leader else ()
        for column, value in enumerate(values):
            right = numbers + NUMBER * (column + 1) - 8
            new = value != before[name][column]
            if new:
                parts.append(rect(right - 17, place, 25, 21, rx=5, fill="write", fill_opacity=0.16))
            style: dict[str, Any] = {"font_weight": 700} if new else {}
            parts.append(text(right, place + 15, value, text_anchor="end", **style))
    return top + ROW * len(state) + 14


def cells(fields: Fields, start: int, longest: int, x: float, y: float) -> Iterable[Part]:
    """The log of one server: what is committed is filled, what is not on disk has a ring."""
    log, disk = log_of(fields), fields.get("disk.log") or ()
    down = fields.get("status") == "down"
    for index in range(start, longest + 1):
        left = x + CELL * (index - start)
        if index > len(log):
            yield rect(left + 1, y, CELL - 4, 22, rx=4, fill="wash")
            continue
        entry = log[index - 1]
        term = getattr(entry, "term", None)
        safe = not down and index <= fields.get("commit_index", 0)
        style: dict[str, Any] = {"fill": term_colour(term)}
        if not safe:
            style = {"fill": "paper", "stroke": term_colour(term), "stroke_dasharray": "4 3"}
            style["stroke_width"] = 2
        yield rect(left + 2, y + 1, CELL - 6, 20, rx=4, **style)
        words, ink = shorten(entry_in_short(entry), 6), term_ink(term) if safe else "ink"
        size = 11 if len(words) <= 4 else 9
        yield text(left + CELL / 2 - 1, y + 15, words, size=size, fill=ink, text_anchor="middle")
        if not down and index <= fields.get("last_applied", 0):
            yield line(left + 5, y + 24, left + CELL - 7, y + 24, stroke_width=2)
        if list(log[:index]) != list(disk[:index]):
            yield circle(left + CELL - 4, y + 1, 3.5, fill="paper", stroke="ink")


def marks(values: Sequence[str], start: int, x: float, y: float) -> Iterable[Part]:
    """What the leader knows of this follower: △ under nextIndex, ● under matchIndex."""
    for sign, value, shift in zip("△●", values, (5, -6), strict=True):
        if value.isdigit() and int(value) >= start:
            middle = x + CELL * (int(value) - start) + CELL / 2 - 1
            yield text(middle + shift, y + 33, sign, size=10, text_anchor="middle")


def legend(x: float, y: float) -> Iterable[Part]:
    words = (
        "★ leads · ✕ crashed · filled: committed · dashed: not committed · ○ not on disk yet · "
        "underlined: applied · ● matchIndex · △ nextIndex"
    )
    yield text(x, y + 8, words, size=11, fill="muted")
