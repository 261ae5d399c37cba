"""What clients got from a store, counted: who was answered, refused, left waiting, or lied to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from statistics import median

from ..consistency.staleness import staleness
from ..simulation.trace import Trace

HEADS = ("asked", "answered", "refused", "never answered", "stale reads", "median, ms")


@dataclass(frozen=True)
class Tally:
    """A table: a row a run, a column for each thing that is counted."""

    rows: Mapping[str, tuple[str, ...]]

    def __repr__(self) -> str:
        lines = [("", *HEADS), *((label, *row) for label, row in self.rows.items())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])
            for line in lines
        )

    def _repr_html_(self) -> str:
        heads = "".join(f"<th>{head}</th>" for head in ("", *HEADS))
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
