"""Operations as bars: one lane a process, time from left to right."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from ..history import Operation
from .picture import Part, line, path, rect, shorten, text, text_width
from .story import Story
from .timescale import Stretch, TimeScale, in_words

BAR, ROW, ABOVE, POINT = 24, 34, 14, 6
"""Heights in pixels: a bar, a row of bars, a label above a bar, a point that hangs below."""

MARGIN = 16
THIN_SPACE = "\u202f"
SMALL = 10
"""Size of the letters where a label has two lines."""

ARROWS = 16
"""Pixels more between lanes between which the arrows of a cycle go."""

ROOM = 44
"""Pixels behind the last event in which bars without an end fade away."""
CORNER = {"write": 3, "read": 11, "cas": 7}
"""How round a bar's corners are: kinds differ in shape and letter, not in colour alone."""

LOOKS = {
    **dict.fromkeys(("append", "increment", "decrement", "add", "remove"), "write"),
    **dict.fromkeys(("enqueue", "push"), "write"),
    "contains": "read",
}
"""Kinds that look like another: what only changes like a write, what only looks like a read. The
others, which do both, look like a compare-and-set."""


@dataclass(frozen=True, slots=True)
class Bar:
    """An operation laid out: its place, and the label that fits inside or stands above."""

    index: int
    operation: Operation
    x: float
    y: float
    width: float
    label: str
    label_x: float
    above: bool

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def label_y(self) -> float:
        return self.y - 4 if self.above else self.y + 15

    def style(self) -> dict[str, Any]:
        """Colour and outline by kind and outcome."""
        kind = LOOKS.get(self.operation.kind, self.operation.kind)
        kind = kind if kind in CORNER else "cas"
        style = {"fill": kind, "stroke": kind, "fill_opacity": 0.14, "stroke_width": 1.4}
        if self.operation.end is None:
            style |= {"stroke_dasharray": "5 3", "fill_opacity": 0.06}
        return {"rx": min(CORNER[kind], self.width / 2), **style}

    def box(self, **more: Any) -> Part:
        """The bar itself."""
        return rect(self.x, self.y, self.width, BAR, **{**self.style(), **more}).of(self.index)

    def words(self) -> list[Part]:
        """Its label; a transaction's may have two lines."""
        lines = self.label.split("\n")
        look: dict[str, Any] = {"text_anchor": "middle"}
        if len(lines) == 1:
            return [text(self.label_x, self.label_y, self.label, **look).of(self.index)]
        return [
            text(self.label_x, self.y + 10.5 * (row + 1), words, SMALL, **look).of(self.index)
            for row, words in enumerate(lines)
        ]


@dataclass(frozen=True, slots=True)
class Lane:
    """The band of one process; a client that goes on under a new name (P1, P1') stays in it."""

    name: str
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Lanes:
    """All bars of a story, laid out in a picture `width` pixels wide, from `top` downwards."""

    bars: tuple[Bar, ...]
    lanes: tuple[Lane, ...]
    scale: TimeScale
    left: float
    right: float
    top: float
    bottom: float

    @classmethod
    def of(cls, story: Story, width: float, top: float) -> Lanes:
        """Lay out the operations of `story`."""
        names = list(dict.fromkeys(lane_name(p) for p in story.history.processes))
        shown = {lane_name(o.process) for o in story.operations}
        names = [name for name in names if name in shown]
        sides = [*names, *(key_name(key) for key in story.keys)]
        left = MARGIN + 10 + max([text_width(shorten(side, 12), 13) for side in sides], default=0)
        right = width - MARGIN
        room = ROOM if any(o.end is None for o in story.operations) else 4
        scale = _scale(story, left + 4, right - room)

        bars: list[Bar] = []
        lanes: list[Lane] = []
        y = top + (ARROWS if story.cycle else 0)
        for name in names:
            lane_top = y
            for row in _rows(story, name):
                laid = _lay_out(row, story, scale, left, right)
                y += ABOVE if any(bar.above for bar in laid) else 0
                bars += [replace(bar, y=y + 5) for bar in laid]
                y += ROW + (POINT if story.explained and story.in_real_time else 0)
            y += ARROWS if story.cycle else 0
            lanes.append(Lane(name, lane_top, y))
        bars.sort(key=lambda bar: bar.index)
        return cls(tuple(bars), tuple(lanes), scale, left, right, top, y)

    def ground(self) -> Iterable[Part]:
        """What lies under the bars: names of processes, lines between lanes, stretches cut out."""
        for cut in self.scale.cuts:
            height = self.bottom - self.top
            yield rect(cut.left, self.top, cut.right - cut.left, height, fill="wash")
        for lane in self.lanes:
            middle = (lane.top + lane.bottom) / 2
            name = shorten(lane.name, 12)
            yield text(MARGIN, middle + 3, name, size=13, font_weight=600, data_stays="")
            yield line(MARGIN, lane.bottom, self.right, lane.bottom, stroke="rule")

    def axis(self, ticks_per_ms: int | None) -> Iterable[Part]:
        """Times under the lanes; columns of a drawing have no unit, and so no numbers."""
        y = self.bottom + 15
        if ticks_per_ms is None:
            words = "time →"
            yield text(self.right, y, words, size=11, fill="muted", text_anchor="end")
        else:
            yield from self._times(ticks_per_ms, y)
        for cut in self.scale.cuts:
            yield path(_slash(cut.left, self.bottom), stroke="muted")
            yield path(_slash(cut.right, self.bottom), stroke="muted")
            words = _cut_in_words(cut, ticks_per_ms)
            x = (cut.left + cut.right) / 2
            yield text(x, y, words, size=11, text_anchor="middle", font_weight=600)

    def _times(self, ticks_per_ms: int, y: float) -> Iterable[Part]:
        for x, ms in self.scale.labels(ticks_per_ms):
            words = f"{ms:,.6g} ms".replace(",", THIN_SPACE)
            if x + text_width(words, 11) / 2 < self.right + MARGIN:
                yield line(x, self.bottom, x, self.bottom + 4, stroke="muted")
                yield text(x, y, words, size=11, fill="muted", text_anchor="middle")


def _cut_in_words(cut: Stretch, ticks_per_ms: int | None) -> str:
    """The length of what is cut out, as far as there is room for it."""
    length = in_words((cut.end - cut.start) / ticks_per_ms) if ticks_per_ms else "⋯"
    for words in (f"⋯ {length} ⋯", length):
        if text_width(words, 11) < cut.right - cut.left:
            return words
    return "⋯"


def _slash(x: float, y: float) -> str:
    return f"M{x - 3:.1f} {y + 5:.1f} L{x + 3:.1f} {y - 5:.1f}"


def key_name(key: Hashable) -> str:
    """What stands beside the strip of a key."""
    return shorten(f"{key} =", 12)


def lane_name(process: str) -> str:
    """The lane in which a process is drawn."""
    return process.rstrip("'")


def _scale(story: Story, left: float, right: float) -> TimeScale:
    shown = story.operations
    answered = [o.end for o in shown if o.end is not None]
    starts = [o.start for o in shown]
    durations = [o.end - o.start for o in shown if o.end is not None]
    times: list[float] = [*starts, *answered, *(mark.time for mark in story.marks)]
    return TimeScale.fit(times, durations, left, right)


def _rows(story: Story, lane: str) -> list[list[tuple[int, Operation]]]:
    """The lane's operations in as few rows as keep them apart.

    One row as a rule; more where a client went on under a new name while its old call is still
    open.
    """
    rows: list[list[tuple[int, Operation]]] = []
    for index, operation in enumerate(story.operations):
        if lane_name(operation.process) != lane:
            continue
        for row in rows:
            last = row[-1][1]
            if last.end is not None and last.end <= operation.start:
                row.append((index, operation))
                break
        else:
            rows.append([(index, operation)])
    return rows


def _lay_out(
    row: list[tuple[int, Operation]], story: Story, scale: TimeScale, left: float, right: float
) -> list[Bar]:
    """The bars of a row, at no height yet."""
    bars = []
    for position, (index, operation) in enumerate(row):
        x = scale(operation.start)
        end = right if operation.end is None else scale(operation.end)
        room = scale(row[position + 1][1].start) - 1 if position + 1 < len(row) else right
        width = max(3.0, min(max(end - x, 7.0), room - x))
        bars.append(Bar(index, operation, x, 0, width, "", x + width / 2, False))

    above = _labels_above(bars, story.accused, left, right)
    return [_labelled(bar, above.get(bar.index)) for bar in bars]


def _labelled(bar: Bar, above: float | None) -> Bar:
    """The bar with its whole label above at that pixel, or with what fits inside."""
    label = full_label(bar.operation)
    if above is not None:
        return replace(bar, label=label, label_x=above, above=True)
    if not _fits(label, bar.width):
        halves = _halves(bar.operation)
        if halves and max(text_width(half, SMALL) for half in halves) + 8 <= bar.width:
            return replace(bar, label="\n".join(halves))
        letters = int((bar.width - 8) / text_width("x"))
        label = shorten(label, letters) if letters >= 6 else label[0] if bar.width >= 14 else ""
    return replace(bar, label=label)


def _halves(operation: Operation) -> tuple[str, str] | None:
    """What a transaction did, as two lines of about the same length."""
    if operation.kind != "txn":
        return None
    words = str(operation).removeprefix("T ").split()
    splits = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
    return min(splits, key=lambda two: max(map(len, two)), default=None)


def full_label(operation: Operation) -> str:
    """The label of an operation for which there is room."""
    return shorten(str(operation), 26)


def _fits(label: str, width: float) -> bool:
    return text_width(label) + 8 <= width


def _labels_above(
    bars: list[Bar], accused: tuple[int, ...], left: float, right: float
) -> dict[int, float]:
    """Bars of a row whose label stands above because it does not fit inside, and at which pixel.

    Those of a counterexample all get theirs, moved to the right if need be; without one, as many
    bars as find room.
    """
    wanted = [bar for bar in bars if not _fits(full_label(bar.operation), bar.width)]
    wanted = [bar for bar in wanted if "\n" not in _labelled(bar, None).label]
    if accused:
        wanted = [bar for bar in wanted if bar.index in accused]
    chosen: dict[int, float] = {}
    taken = left
    for bar in wanted:
        half = text_width(full_label(bar.operation)) / 2 + 3
        middle = max(bar.label_x, left + half, taken + half if accused else 0)
        middle = min(middle, right + 3 - half)
        if middle - half >= taken:
            chosen[bar.index] = middle
            taken = middle + half
    return chosen
