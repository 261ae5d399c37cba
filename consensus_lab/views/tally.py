"""What clients got from a store, counted: who was answered, refused, left waiting, or lied to; and
what the answers cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from statistics import median

from ..consistency.staleness import staleness
from ..simulation.costs import costs
from ..simulation.holes import holes_in_words
from ..simulation.roles import leaderless
from ..simulation.trace import Trace

HEADS = ("asked", "answered", "refused", "never answered", "stale reads", "median, ms")
COSTS = ("answered", "round trips", "disk writes", "messages", "median, ms", "slowest, ms")
LED = (
    "leaders",
    "without one, ms",
    "writes answered",
    "round trips",
    "disk writes",
    "median, ms",
    "messages",
    "holes in the log",
)


@dataclass(frozen=True)
class Tally:
    """A table: a row a run, a column for each thing that is counted."""

    rows: Mapping[str, tuple[str, ...]]
    heads: tuple[str, ...] = HEADS

    def __repr__(self) -> str:
        lines = [("", *self.heads), *((label, *row) for label, row in self.rows.items())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])
            for line in lines
        )

    def _repr_html_(self) -> str:
        heads = "".join(f"<th>{head}</th>" for head in ("", *self.heads))
        rows = [
            f"<tr><th style='text-align: left'>{escape(label)}</th>"
            + "".join(f"<td>{cell}</td>" for cell in row)
            + "</tr>"
            for label, row in self.rows.items()
        ]
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def tally(runs: Mapping[str, Trace]) -> Tally:
    """Count what the clients got in each of the `runs`, by its label.

    Never answered: given up, or still waiting when the run ended. Stale: a read that returned an
    old value, though a newer one had been written before it began. The median is of the time that
    answers took.
    """
    return Tally({label: counted(trace) for label, trace in runs.items()})


def counted(trace: Trace) -> tuple[str, ...]:
    """One row: what HEADS says."""
    history = trace.history()
    ends = dict.fromkeys(("ok", "failed", "unknown"), 0)
    for operation in history:
        ends[operation.outcome] += 1
    stale = sum(one.versions > 0 for one in staleness(history))
    times = [(o.end - o.start) / 1000 for o in trace.operations if o.outcome == "ok" and o.end]
    took = f"{median(times):.0f}" if times else "–"
    return tuple(map(str, (len(history), *ends.values(), stale, took)))


def tally_costs(runs: Mapping[str, Trace], kind: str = "read") -> Tally:
    """What the answers to operations of a `kind` cost in each of the `runs`, by its label.

    Of round trips and disk writes it shows the median, and least and most if they differ; of the
    messages between servers the mean, since some serve several requests.
    """
    return Tally({label: spent(trace, kind) for label, trace in runs.items()}, COSTS)


def spent(trace: Trace, kind: str) -> tuple[str, ...]:
    """One row: what COSTS says."""
    found = costs(trace, kind)
    if not found:
        return ("0", *["–"] * (len(COSTS) - 1))
    times = [one.latency for one in found]
    return (
        str(len(found)),
        middle([one.round_trips for one in found]),
        middle([one.disk_writes for one in found]),
        f"{sum(one.messages for one in found) / len(found):.1f}",
        f"{median(times):.0f}",
        f"{max(times):.0f}",
    )


def tally_leaders(runs: Mapping[str, Trace]) -> Tally:
    """What a leader, and to be without one, cost in each of the `runs`, by its label.

    Without one: from the first leader on, for how long no running server led. Round trips, disk
    writes and the time are medians over the answered writes (and the least and most, if they
    differ); messages are all that servers sent each other in the run.
    """
    return Tally({label: led(trace) for label, trace in runs.items()}, LED)


def led(trace: Trace) -> tuple[str, ...]:
    """One row: what LED says."""
    begun = [event.time for event in trace.events if event.changes.get("role") == "leader"]
    without = leaderless(trace, since=begun[0] / 1000) if begun else trace.duration / 1000
    answered, trips, writes, _, took, _ = spent(trace, "write")
    servers = set(trace.servers)
    between = sum({flight.source, flight.target} <= servers for flight in trace.messages)
    counted = (answered, trips, writes, took, f"{between:,}")
    return (str(len(begun)), f"{without:.0f}", *counted, holes_in_words(trace))


def middle(numbers: Sequence[float]) -> str:
    """The median, and least and most if they differ: "1 (1–1.5)"."""
    least, most = min(numbers), max(numbers)
    return f"{median(numbers):g}" + (f" ({least:g}–{most:g})" if least < most else "")
