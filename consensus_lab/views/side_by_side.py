"""Runs side by side, under one clock: the same scenario with one store, and with another."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from typing import Any

import traitlets

from ..consistency.staleness import staleness
from ..errors import ConsensusLabError
from ..simulation.trace import Trace
from .assets import module, stylesheet
from .cluster import describe
from .cluster_still import Spot, cluster, ring
from .picture import Part, Picture, text, wrap
from .tally import tally_leaders
from .widget import View

COUNTED = ("answered", "waiting", "refused", "unknown", "stale reads")


class SideBySideView(View):
    """Traces, moving together.

    `labels` names them; without it they are called by their protocols. With `costs` a table says
    what each cost in its whole run, and how long nobody led (see `tally_leaders`). The options
    `at`, `play`, `speed` and `height` are those of ClusterView. Raises ConsensusLabError if there
    is not one label for each trace.
    """

    _esm = module("side_by_side.js")
    _css = stylesheet(
        "cluster.css", "ring.css", "log.css", "tape.css", "side_by_side.css", "projector.css"
    )

    traces = traitlets.Bytes().tag(sync=True)
    options = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        traces: Sequence[Trace],
        labels: Sequence[str] | None = None,
        *,
        costs: bool = False,
        at: float | None = None,
        play: bool | None = None,
        speed: float | None = None,
        height: int | None = None,
    ) -> None:
        names = [trace.scenario.protocol.__name__ for trace in traces]
        self.labels = names if labels is None else list(labels)
        if not traces or len(self.labels) != len(traces):
            raise ConsensusLabError(
                f"There are {len(traces)} runs and {len(self.labels)} labels: give at least one "
                "run, and a label for each"
            )
        self.runs = list(traces)
        self.at = at
        self.costs = tally_leaders(dict(zip(self.labels, traces, strict=True))) if costs else None
        self.stale = [stale_reads(trace) for trace in traces]
        chosen = {"at": at, "play": play, "speed": speed, "height": height}
        options: dict[str, Any] = {n: value for n, value in chosen.items() if value is not None}
        if self.costs:
            options["costs"] = {
                "heads": self.costs.heads,
                "rows": [self.costs.rows[label] for label in self.labels],
            }
        text = f"[{','.join(trace.to_json() for trace in traces)}]"
        super().__init__(
            traces=gzip.compress(text.encode(), compresslevel=4, mtime=0),
            options={"labels": self.labels, "stale": self.stale, **options},
        )

    @property
    def time(self) -> float:
        """The time (ms) that the still shows: `at`, or the end."""
        return max(trace.duration for trace in self.runs) / 1000 if self.at is None else self.at

    def told(self) -> list[list[str]]:
        """For each run what its clients had been told by then: "12 answered", …; then its costs."""
        rows = [
            counts(trace, stale, self.time)
            for trace, stale in zip(self.runs, self.stale, strict=True)
        ]
        known = [what for number, what in enumerate(COUNTED) if all(len(r) > number for r in rows)]
        told = [[f"{row[COUNTED.index(what)]} {what}" for what in known] for row in rows]
        if self.costs is None:
            return told
        whole = (self.costs.rows[label] for label in self.labels)
        return [
            [*now, *(f"{head}: {cell}" for head, cell in zip(self.costs.heads, row, strict=True))]
            for now, row in zip(told, whole, strict=True)
        ]

    def still(self) -> str:
        """The rings at that time, and under each what its clients had been told."""
        return still(self.runs, self.labels, self.told(), self.time)

    def describe(self) -> str:
        """Each run in a few sentences, and what its clients had been told."""
        return "\n".join(
            f"{label}: {describe(trace)} By {self.time:g} ms: {', '.join(told)}."
            for label, trace, told in zip(self.labels, self.runs, self.told(), strict=True)
        )


def stale_reads(trace: Trace) -> list[int] | None:
    """The indexes of the operations that are stale reads; None if nobody can tell what is stale."""
    history = trace.history()
    if any(o.kind not in ("read", "write", "cas") for o in history):
        return None
    stale = {(one.read.process, one.read.start) for one in staleness(history) if one.versions}
    return [n for n, o in enumerate(trace.operations) if (o.process, o.start) in stale]


def counts(trace: Trace, stale: Sequence[int] | None, time: float) -> list[int]:
    """What the clients of `trace` had been told by `time` (ms), in the order of COUNTED.

    The last is left off if nobody knows what is `stale`.
    """
    now = time * 1000
    asked = [(n, o) for n, o in enumerate(trace.operations) if o.start <= now]
    told = {n: o for n, o in asked if o.end is not None and o.end <= now}
    refused = sum(o.outcome == "failed" for o in told.values())
    unknown = sum(o.end is None and _gave_up(trace, n, now) for n, o in asked)
    counted = [len(told) - refused, len(asked) - len(told) - unknown, refused, unknown]
    return counted if stale is None else [*counted, len(told.keys() & set(stale))]


def _gave_up(trace: Trace, number: int, now: float) -> bool:
    """Whether the client of an unanswered operation has asked something else since."""
    operation: Any = trace.operations[number]
    client = operation.process.split(".")[0]
    return any(
        o.process.split(".")[0] == client and operation.start < o.start <= now
        for o in trace.operations[number + 1 :]
    )


# ---- the still ----

COLUMN, PER_ROW, LINE = 480.0, 2, 18.0


def still(
    traces: Sequence[Trace], labels: Sequence[str], told: Sequence[Sequence[str]], time: float
) -> str:
    """The rings at `time` (ms), two in a row, each with its label above and its counts under it."""
    parts: list[Part] = []
    y = 0.0
    for first in range(0, len(traces), PER_ROW):
        lowest = y
        for column, number in enumerate(range(first, min(first + PER_ROW, len(traces)))):
            place = Spot(COLUMN * column, y)
            more, bottom = _column(traces[number], labels[number], told[number], time, place)
            parts += more
            lowest = max(lowest, bottom)
        y = lowest
    width = COLUMN * min(len(traces), PER_ROW)
    return Picture(tuple(parts), width, y).svg(f"{', '.join(labels)} at {time:g} ms")


def _column(
    trace: Trace, label: str, told: Sequence[str], time: float, place: Spot
) -> tuple[list[Part], float]:
    """One run, its upper left corner at `place`, and where it ends."""
    x, y = place
    spots = {name: Spot(x + s.x + 35, y + s.y - 24) for name, s in ring(trace.servers).items()}
    parts = [text(x + 24, y + 34, f"{label} at {time:g} ms", size=15, font_weight=700)]
    parts += cluster(trace, time, spots)
    y = max(spot.y for spot in spots.values()) + 92
    lines = wrap(" · ".join(told), COLUMN - 48)
    parts += [text(x + 24, y + LINE * row, words) for row, words in enumerate(lines)]
    return parts, y + LINE * len(lines)
