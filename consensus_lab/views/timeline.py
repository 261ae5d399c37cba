"""The timeline of a history, and of what a checker says of it.

One lane a process, one bar an operation. A verdict that holds shows why: for linearizability the
points at which the operations take effect move into place, for sequential consistency the
operations line up in a new order. A verdict that does not hold shows the few operations that no
order explains.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from statistics import median
from typing import Any

import traitlets

from ..consistency.verdict import Verdict
from ..graph import Graph
from ..history import History
from .assets import module, stylesheet
from .explanations import conflict, linearization_points, reordering
from .graph import draw, edge_in_words
from .lanes import BAR, CORNER, MARGIN, Bar, Lanes
from .picture import Part, Picture, line, paragraph, path, rect, text, text_width, wrap
from .story import Story, operation_in_words
from .widget import View

WIDTHS = (420, 560, 760, 960)
"""The widths that are laid out: the live view takes the widest that fits."""

MOST_STEPS, ROOMY = 4, 48
"""A closer look doubles the width, at most so often; bars of so many pixels need none."""

HINT = "Point at an operation to read it in words; with the keyboard, Tab to it, then ↑ and ↓."

LIMIT = 50
"""About how many operations of a long history are shown; of transactions half as many."""


class TimelineView(View):
    """A history or a verdict as bars on a time axis.

    `limit` is how many operations of a long history are shown; what is left out is said in words.
    """

    _esm = module("timeline.js")
    _css = stylesheet("timeline.css", "projector.css")
    story = traitlets.Dict().tag(sync=True)

    def __init__(self, thing: History | Verdict, limit: int | None = None) -> None:
        history = thing.history if isinstance(thing, Verdict) else thing
        if limit is None:
            limit = LIMIT // 2 if any(o.kind == "txn" for o in history) else LIMIT
        self._told = Story.of(thing, limit)
        super().__init__(story=to_json(self._told))

    def still(self) -> str:
        """The picture with all that the verdict adds to it, and the explanation under it."""
        return still(self._told)

    def describe(self) -> str:
        """The history as a drawing in letters if it is small, and the verdict in words."""
        return describe(self._told)


def to_json(story: Story) -> dict[str, Any]:
    """All that the live view needs, once: pictures of several widths, and the words."""
    return {
        "pictures": [compose(story, width).to_json() for width in WIDTHS],
        "closer": [compose(story, width).to_json() for width in closer_widths(story)],
        "operations": pointable(story),
        "sentences": list(story.sentences),
        "order": [*story.order, *range(len(story.operations), len(pointable(story)))],
        "headline": headline(story),
        "explanation": explanation(story),
        "left_out": story.left_out,
        "hint": HINT,
    }


def closer_widths(story: Story) -> list[int]:
    """Ever wider pictures for a closer look, until a usual bar has room for its label."""
    if not story.operations:
        return []
    widths = [WIDTHS[-1] * 2**step for step in range(MOST_STEPS + 1)]
    bars = [median(bar.width for bar in Lanes.of(story, width, 0).bars) for width in widths]
    return [width for width, before in zip(widths[1:], bars, strict=False) if before < ROOMY]


def pointable(story: Story) -> list[str]:
    """All that can be pointed at, in words: the operations, then the edges of a cycle."""
    edges = story.cycle.edges if story.cycle else ()
    return [
        *(operation_in_words(o, story.history) for o in story.operations),
        *map(edge_in_words, edges),
    ]


def still(story: Story, width: float = WIDTHS[-1]) -> str:
    """The story as one SVG, with the explanation wrapped under the picture."""
    picture = compose(story, width)
    words = wrap(explanation(story), width - 2 * MARGIN, 11.9)
    words += wrap(story.left_out, width - 2 * MARGIN, 11.9)
    lines = paragraph(MARGIN, picture.height + 12, words, size=12.5)
    height = picture.height + 18 * len(words) + (8 if words else 0)
    return Picture((*picture.parts, *lines), width, height).svg(headline(story))


def headline(story: Story) -> str:
    """The verdict in a few words."""
    verdict = story.verdict
    if verdict is None:
        count = len(story.history)
        return f"A history of {count} operation{'' if count == 1 else 's'}"
    model = verdict.model[:1].upper() + verdict.model[1:]
    if verdict.holds is None:
        return f"? {model}: undecided"
    if verdict.holds:
        return f"✓ {model} holds"
    named = verdict.anomaly not in ("", verdict.model)
    return f"✗ {model} does not hold" + (f": {verdict.anomaly}" if named else "")


def explanation(story: Story) -> str:
    """Why, in one paragraph."""
    return "" if story.verdict is None else story.verdict.explanation


def describe(story: Story) -> str:
    """The text alternative of the picture."""
    drawing = str(story.history) if len(story.history) <= 40 else ""
    small = drawing and max(map(len, drawing.splitlines())) <= 120
    parts = [drawing if small else "", headline(story), explanation(story), story.left_out]
    return "\n".join(part for part in parts if part)


# ---- the picture ----

TITLE, MARK_ROW = 40, 16
ANSWER = {True: "good", False: "bad", None: "undecided"}


def compose(story: Story, width: float) -> Picture:
    """The story laid out in `width` pixels."""
    mark_rows = min(len(story.marks), 3)
    lanes = Lanes.of(story, width, top=TITLE + MARK_ROW * mark_rows)
    parts = [*_title(story), *lanes.ground(), *_marks(story, lanes), *_bars(story, lanes)]
    parts += lanes.axis(story.history.ticks_per_ms)
    bottom = lanes.bottom + 24
    if story.explained:
        explain = linearization_points if story.in_real_time else reordering
        more, bottom = explain(story, lanes, bottom)
        parts += more
        bottom += 6
    elif story.accused:
        parts += conflict(story, lanes)
        if story.cycle:
            more, bottom = _cycle(story, story.cycle, width, bottom)
            parts += more
    legend = list(_legend(story, width, bottom + 14))
    bottom = max([bottom, *(float(part.attributes["y"]) for part in legend)])
    return Picture((*parts, *legend), width, bottom + 16)


def _cycle(story: Story, cycle: Graph, width: float, y: float) -> tuple[list[Part], float]:
    """The cycle as a ring under the lanes; its edges appear together with those between bars."""
    pointed: list[Hashable] = [*story.operations, *cycle.edges]
    numbers = {thing: number for number, thing in enumerate(pointed)}
    heading = text(MARGIN, y + 14, cycle.title, fill="muted")
    parts, bottom = draw(cycle, width, y + 30, len(story.accused), numbers)
    return [heading, *parts], bottom + 8


def _title(story: Story) -> Iterable[Part]:
    words = headline(story)
    x, colour = MARGIN, "ink"
    if story.verdict is not None:
        x, colour = MARGIN + 12, ANSWER[story.verdict.holds]
        width = text_width(words, 13) + 24
        yield rect(MARGIN, 7, width, 24, rx=12, fill=colour, fill_opacity=0.1, data_stays="")
    yield text(x, 23.5, words, size=13, fill=colour, font_weight=600, data_stays="")


def _marks(story: Story, lanes: Lanes) -> Iterable[Part]:
    """What happened beside, faults as a rule: lines through all lanes, words where they fit."""
    free = [0.0] * 3
    for mark in story.marks:
        x, width = lanes.scale(mark.time), text_width(mark.text, 11)
        at = min(x + 4, lanes.right - width)
        row = next((row for row, right in enumerate(free) if right <= at), len(free))
        y = TITLE + MARK_ROW * row
        yield line(x, y, x, lanes.bottom, stroke="undecided", stroke_dasharray="4 3")
        if row < len(free):
            free[row] = at + width + 10
            yield text(at, y + 9, mark.text, size=11, fill="undecided")


def _bars(story: Story, lanes: Lanes) -> Iterable[Part]:
    """The bars as they were in real time; what a verdict tells about them is drawn on top."""
    step_of = {index: step for step, index in enumerate(story.order)}
    reordered = story.explained and not story.in_real_time
    for bar in lanes.bars:
        parts = [bar.box(), *bar.words(), *_ending(bar)]
        if story.verdict is None:  # a history alone: the bars grow in the order in which they began
            grown = parts[0].moves(step_of[bar.index], width=0)
            yield from (grown, *(p.moves(step_of[bar.index], opacity=0) for p in parts[1:]))
        elif reordered and bar.index in step_of:
            yield from (_dimmed(part, step_of[bar.index], 0.6) for part in parts)
        elif story.accused and bar.index not in story.accused:
            yield from (_dimmed(part, 0, 0.5) for part in parts)
        else:
            yield from parts


def _dimmed(part: Part, step: int, opacity: float) -> Part:
    dim = Part(part.tag, {**part.attributes, "opacity": opacity}, part.text, part.operation)
    return dim.moves(step, opacity=1)


def _ending(bar: Bar) -> Iterable[Part]:
    """A bar without an answer fades away; one that failed is crossed out."""
    if bar.operation.outcome == "failed":
        d = f"M{bar.x:.1f} {bar.y:.1f} L{bar.right:.1f} {bar.y + BAR}"
        d += f" M{bar.x:.1f} {bar.y + BAR} L{bar.right:.1f} {bar.y:.1f}"
        yield path(d, stroke="muted").of(bar.index)
    elif bar.operation.end is None:
        for number, opacity in enumerate((0.4, 0.7, 1)):
            x = bar.right - 26 + 9 * number
            fade = rect(x, bar.y - 1, 9.5, BAR + 2, fill="paper", fill_opacity=opacity)
            yield fade.of(bar.index)


KINDS = {"write": "W write", "read": "R read", "cas": "C compare-and-swap"}


def _legend(story: Story, width: float, y: float) -> Iterable[Part]:
    """The letters, shapes and lines that occur, in words."""
    x: float = MARGIN
    for kind, words in KINDS.items():
        if any(o.kind == kind for o in story.operations):
            style: dict[str, Any] = {"fill": kind, "stroke": kind, "fill_opacity": 0.14}
            yield rect(x, y - 9, 18, 11, rx=min(CORNER[kind], 5.5), **style)
            yield text(x + 24, y, words, size=11, fill="muted")
            x += 24 + text_width(words, 11) + 16
    for words in _signs(story):
        if x + text_width(words, 11) > width - MARGIN:
            x, y = MARGIN, y + 17
        yield text(x, y, words, size=11, fill="muted")
        x += text_width(words, 11) + 16


def _signs(story: Story) -> Iterable[str]:
    if any(o.outcome == "failed" for o in story.operations):
        yield "crossed out: failed"
    if any(o.outcome == "unknown" for o in story.operations):
        yield "dashed: no answer came"
    if story.explained and story.in_real_time:
        yield "point: takes effect here"
    if story.cycle:
        yield "red with ✗: these contradict each other"
        yield "dashed arrow: must come before"
    elif story.accused:
        yield "red with ✗: no order explains these"
        yield (
            "→ answered before the other began"
            if story.in_real_time
            else "→ the same process, later"
        )
