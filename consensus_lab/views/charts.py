"""Charts of many runs, drawn with matplotlib, each with a text that says the same in words."""

from __future__ import annotations

from base64 import b64encode
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from io import BytesIO
from statistics import median
from typing import TYPE_CHECKING, Any

from ..errors import ConsensusLabError
from .colours import TERM_COLOURS, WRITE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Times = Mapping[str, Sequence[float | None]]
GREY, DOT, MIDDLE, NEVER = "#7b8494", TERM_COLOURS[1], WRITE, WRITE
"""Seen as well on a light ground as on a dark one: the picture has none of its own."""

DOTS = 96
"""Dots to an inch as shown; the picture has twice as many, for sharp screens."""


class Chart:
    """A still chart: a picture, and a text alternative that is the same on every machine."""

    def __init__(self, figure: Figure, words: str) -> None:
        self.figure = figure
        self.words = words

    def __repr__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        buffer = BytesIO()
        self.figure.savefig(buffer, format="png", dpi=2 * DOTS, transparent=True)
        png = b64encode(buffer.getvalue()).decode()
        width, height = (round(DOTS * inches) for inches in self.figure.get_size_inches())
        shown = {"image/png": {"width": width, "height": height}}
        return {"text/plain": self.words, "image/png": png}, shown


def time_chart(times: Times, until: float, what: str = "time to elect a leader") -> Chart:
    """How long something took in many runs: a row of dots for each setting, its median marked.

    `times` gives for each setting the times in ms; None is a run in which it had not happened when
    the run ended, `until` ms from its start. Raises ConsensusLabError if there is nothing to draw.
    """
    if not times or not all(times.values()):
        raise ConsensusLabError("time_chart() needs at least one time for each setting.")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 0.9 + 0.45 * len(times)), layout="constrained")
    axes = figure.subplots()
    for row, sample in enumerate(times.values()):
        draw_row(axes, row, sample, until)
    axes.set_yticks(range(len(times)), list(times))
    axes.set_ylim(len(times) - 0.4, -0.6)
    never = any(None in sample for sample in times.values())
    axes.set_xlim(0, (1.12 if never else 1.02) * until)
    axes.set_xticks([tick for tick in axes.get_xticks() if tick <= until])
    axes.set_xlabel(f"{what}, ms")
    if never:
        axes.axvline(1.03 * until, color=GREY, linewidth=0.8, linestyle=":")
        axes.text(1.075 * until, -0.62, "never", color=NEVER, ha="center", va="bottom", fontsize=9)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(colors=GREY, length=0)
    axes.spines["bottom"].set_color(GREY)
    axes.xaxis.label.set_color(GREY)
    return Chart(figure, "\n".join([f"{what}:", *map(row_in_words, times, times.values())]))


def draw_row(axes: Axes, row: int, sample: Sequence[float | None], until: float) -> None:
    """One setting: a dot a run, spread a little in height so that equal times can be told apart."""
    dots, crosses = [], []
    for place, time in enumerate(sample):
        height = row + 0.5 * (place * 0.755 % 1 - 0.5)
        if time is None:
            crosses.append((until * (1.05 + 0.06 * (place * 0.57 % 1)), height))
        else:
            dots.append((time, height))
    if crosses:
        axes.plot(*zip(*crosses, strict=True), "x", color=NEVER, markersize=4)
    if dots:
        axes.plot(*zip(*dots, strict=True), "o", color=DOT, markersize=4, alpha=0.6, mew=0)
    happened = [time for time in sample if time is not None]
    if 2 * len(happened) > len(sample):
        axes.plot(middle(sample), row, "|", color=MIDDLE, markersize=22, mew=2.5)


def middle(sample: Sequence[float | None]) -> float:
    """The median, where what never happened counts as later than all that did."""
    return median(float("inf") if time is None else time for time in sample)


def row_in_words(label: str, sample: Sequence[float | None]) -> str:
    """What a row of the chart says."""
    happened = [time for time in sample if time is not None]
    if not happened:
        return f"{label}: never in {len(sample)} runs"
    half = f"median {middle(sample):.0f} ms, " if 2 * len(happened) > len(sample) else ""
    never = len(sample) - len(happened)
    return (
        f"{label}: {half}quickest {min(happened):.0f} ms, slowest {max(happened):.0f} ms"
        f"{f', never in {never} of {len(sample)} runs' if never else ''}"
    )


def line_chart(
    lines: Mapping[str, Sequence[tuple[float, float]]],
    what: str,
    along: str = "time, ms",
    limit: tuple[str, float] | None = None,
) -> Chart:
    """How something goes up and down: a line for each setting, through its (x, y) points.

    `what` is on the upright axis, `along` on the other. `limit` is a level that means something,
    and its name. Raises ConsensusLabError if there is nothing to draw.
    """
    if not lines or not all(lines.values()):
        raise ConsensusLabError("line_chart() needs at least one point for each line.")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 2.8), layout="constrained")
    axes = figure.subplots()
    for number, (label, points) in enumerate(lines.items()):
        colour, style = (MIDDLE, DOT, GREY)[number % 3], ("-", "--", ":")[number % 3]
        axes.plot(*zip(*points, strict=True), style, color=colour, label=label, linewidth=2)
    if limit:
        axes.axhline(limit[1], color=GREY, linewidth=0.8, linestyle=":")
        axes.text(1, limit[1], limit[0], color=GREY, ha="right", va="bottom", fontsize=9,
                  transform=axes.get_yaxis_transform())  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.set_xlabel(along, color=GREY)
    axes.set_ylabel(what, color=GREY)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["bottom", "left"]].set_color(GREY)
    axes.tick_params(colors=GREY, length=0)
    axes.legend(
        frameon=False, labelcolor=GREY, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(lines)
    )
    return Chart(figure, "\n".join([f"{what}:", *map(line_in_words, lines, lines.values())]))


def line_in_words(label: str, points: Sequence[tuple[float, float]]) -> str:
    """What a line says: where it ends, and how high it went."""
    top_at, top = max(points, key=lambda point: point[1])
    return f"{label}: ends at {points[-1][1]:.4g}, highest {top:.4g} at {top_at:.4g}"


STYLES = ("-", "--", "-.", ":")


def share_chart(times: Times, until: float, what: str = "have elected a leader") -> Chart:
    """In what share of many runs something had happened by a time: a curve for each setting.

    `times` gives for each setting the times in ms; None is a run in which it had not happened when
    the run ended, `until` ms from its start. So Figure 16 of the Raft paper shows elections. Raises
    ConsensusLabError if there is nothing to draw.
    """
    if not times or not all(times.values()):
        raise ConsensusLabError("share_chart() needs at least one time for each setting.")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 3.6), layout="constrained")
    axes = figure.subplots()
    for number, (label, sample) in enumerate(times.items()):
        happened = sorted(time for time in sample if time is not None)
        shares = [100 * count / len(sample) for count in range(len(happened) + 1)]
        style: dict[str, Any] = {
            "color": TERM_COLOURS[(number + 1) % len(TERM_COLOURS)],
            "linewidth": 2.2,
        }
        style["linestyle"] = STYLES[number % len(STYLES)]
        axes.step([0, *happened, until], [*shares, shares[-1]], where="post", label=label, **style)
    axes.set_xlim(0, until)
    axes.set_ylim(0, 102)
    axes.set_xlabel("ms", color=GREY)
    axes.set_ylabel(f"% {what}", color=GREY)
    axes.grid(color=GREY, alpha=0.25, linewidth=0.6)
    axes.spines[:].set_visible(False)
    axes.tick_params(colors=GREY, length=0)
    figure.legend(frameon=False, labelcolor=GREY, loc="outside right center")
    return Chart(figure, "\n".join([f"% {what}:", *map(shares_in_words, times, times.values())]))


def shares_in_words(label: str, sample: Sequence[float | None]) -> str:
    """What a curve says: by when half of the runs, and nine of ten, had come so far."""
    ordered = sorted(float("inf") if time is None else time for time in sample)
    told = [
        f"{words} by {ordered[place]:.0f} ms"
        for words, place in (
            ("half", (len(ordered) - 1) // 2),
            ("90%", (len(ordered) * 9 - 1) // 10),
            ("all", len(ordered) - 1),
        )
        if ordered[place] < float("inf")
    ]
    never = sum(time is None for time in sample)
    rest = [f"never in {never} of {len(sample)} runs"] if never else []
    return f"{label}: {', '.join(told + rest)}"


EDGES = [0.0, *(10 ** (step / 4) for step in range(17))]
"""Of the bins of a histogram, in ms: up to 1 ms, then four to each power of ten, up to 10 s."""


def histogram(times: Times, what: str = "inconsistency window") -> Chart:
    """How often something took how long: a histogram for each setting, with logarithmic axes.

    `times` gives for each setting the times in ms; None is one that had not ended when its run did.
    The rare long ones are what such a chart is for, so both axes are logarithmic. Raises
    ConsensusLabError if there is nothing to draw.
    """
    if not times or not all(times.values()):
        raise ConsensusLabError("histogram() needs at least one time for each setting.")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 0.8 + 1.5 * len(times)), layout="constrained")
    every = figure.subplots(len(times), sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, (label, sample) in zip(every, times.items(), strict=True):
        draw_bars(axes, sample)
        axes.set_title(label, color=GREY, fontsize=10, loc="left")
        axes.set_yscale("log")
        axes.set_ylim(bottom=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.spines[["bottom", "left"]].set_color(GREY)
        axes.tick_params(colors=GREY, length=0)
        axes.tick_params(axis="y", which="minor", left=False)
        axes.yaxis.set_major_formatter("{x:g}")
    marks: dict[float, str] = {1: "1 ms", 5: "10 ms", 9: "100 ms", 13: "1 s", 17: "10 s"}
    marks |= {18.5: "never"} if any(None in sample for sample in times.values()) else {}
    every[-1].set_xticks([0, *marks], ["0", *marks.values()])
    every[-1].set_xlabel(what, color=GREY)
    return Chart(figure, "\n".join([f"{what}:", *map(tail_in_words, times, times.values())]))


def draw_bars(axes: Axes, sample: Sequence[float | None]) -> None:
    """One setting: a bar for each bin, and one for what never ended."""
    counts = [0] * len(EDGES)
    for time in sample:
        if time is not None:
            counts[min(bisect_right(EDGES, time), len(EDGES)) - 1] += 1
    axes.bar(range(len(counts)), counts, width=0.92, align="edge", color=DOT)
    never = sum(time is None for time in sample)
    if never:
        axes.bar([18.05], [never], width=0.92, align="edge", color=NEVER, hatch="///", alpha=0.7)
    axes.set_xlim(-0.2, 19.2)


def tail_in_words(label: str, sample: Sequence[float | None]) -> str:
    """What a histogram says: the middle, and how far the tail reaches."""
    times = sorted(float("inf") if time is None else time for time in sample)
    last = len(times) - 1
    places = {"half within": last // 2, "99% within": last * 99 // 100, "the longest": last}
    told = [f"{name} {long_or_short(times[place])}" for name, place in places.items()]
    return f"{label}: {len(times)} times, {', '.join(told)}"


def long_or_short(time: float) -> str:
    """A time in ms as one says it: "7.2 ms", "3.4 s"."""
    if time == float("inf"):
        return "never"
    return f"{time:.3g} ms" if time < 1000 else f"{time / 1000:.3g} s"
