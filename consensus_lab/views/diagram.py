"""A space-time diagram: a line for each process, a dot for each event, an arrow for each message.

Above an event stands its name, below it its clock. Events appear one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import traitlets

from ..clocks import Diagram, Event, VectorClock, happens_before, lamport_clocks, vector_clocks
from ..errors import ConsensusLabError
from .assets import module, stylesheet
from .lanes import MARGIN
from .picture import Part, Picture, arrow_head, circle, line, path, rect, text, text_width
from .widget import View

WIDTHS = (380, 560, 760)
LANE, TOP, DOT = 74, 58, 6
MOST_EVENTS = 30
Spots = Sequence[tuple[float, float]]
CLOCKS = ("vector", "lamport", "none")
HINT = "Point at an event to read its clock; with the keyboard, Tab to it, then ↑ and ↓."


class DiagramView(View):
    """A diagram, growing.

    clocks  "vector", "lamport" or "none": what stands below the events. Or an empty clock of a
            class of your own: then vector clocks as that class makes them
    of      an event, by its name: the others show whether they happened before it, after it, or are
            concurrent with it
    """

    _esm = module("timeline.js")
    _css = stylesheet("timeline.css", "projector.css")
    story = traitlets.Dict().tag(sync=True)

    def __init__(
        self, diagram: Diagram, *, clocks: str | VectorClock = "vector", of: str | None = None
    ) -> None:
        if not isinstance(clocks, VectorClock) and clocks not in CLOCKS:
            raise ConsensusLabError(f"clocks is one of {', '.join(CLOCKS)}, not {clocks!r}")
        if len(diagram) > MOST_EVENTS:
            raise ConsensusLabError(
                f"{len(diagram)} events are too many to be told apart: show at most {MOST_EVENTS}"
            )
        self.sheet = Sheet(diagram, clocks, of)
        super().__init__(story=self.sheet.to_json())

    def still(self) -> str:
        """The picture with all events."""
        return self.sheet.compose(WIDTHS[-1]).svg(self.sheet.headline)

    def describe(self) -> str:
        """All events in words."""
        return "\n".join([self.sheet.headline, *self.sheet.sentences])


class Sheet:
    """What is drawn, and the words for it."""

    def __init__(self, diagram: Diagram, clocks: str | VectorClock, of: str | None) -> None:
        self.diagram = diagram
        self.processes = list(dict.fromkeys(sorted(e.process for e in diagram if e.process)))
        self.labels = self._labels(clocks)
        self.centre = None if of is None else diagram.find(of)
        self.relations = [self._relation(place) for place in range(len(diagram))]
        self.sentences = [self._sentence(place) for place in range(len(diagram))]
        processes = ", ".join(self.processes)
        self.headline = (
            f"Events and messages of {processes}"
            if of is None
            else f"What happened before {of}, and what is concurrent with it"
        )

    def _labels(self, clocks: str | VectorClock) -> list[str]:
        if clocks == "none":
            return [""] * len(self.diagram)
        if clocks == "lamport":
            return list(map(str, lamport_clocks(self.diagram)))
        zero = clocks if isinstance(clocks, VectorClock) else VectorClock()
        return [self._in_short(clock) for clock in vector_clocks(self.diagram, zero)]

    def _in_short(self, clock: VectorClock) -> str:
        """The numbers in the order of the lines: "2 1 0"."""
        return " ".join(str(clock[process]) for process in self.processes)

    def _relation(self, place: int) -> str:
        if self.centre is None or place == self.centre:
            return ""
        before = happens_before(self.diagram)
        if before(place, self.centre):
            return "before"
        return "after" if before(self.centre, place) else "concurrent"

    def _sentence(self, place: int) -> str:
        event, label = self.diagram[place], self.labels[place]
        clock = f", clock {label}" if label else ""
        relation = f", {self.relations[place]}" if self.relations[place] else ""
        return f"{event_in_words(event)}{clock}{relation}."

    def to_json(self) -> dict[str, Any]:
        """All that the live view needs, once."""
        return {
            "pictures": [self.compose(max(width, self.least)).to_json() for width in WIDTHS],
            "operations": self.sentences,
            "sentences": self.sentences,
            "order": list(range(len(self.diagram))),
            "headline": self.headline,
            "explanation": "",
            "left_out": "",
            "hint": HINT,
        }

    # ---- the picture ----

    @property
    def left(self) -> float:
        """Where the lines begin, behind the names of the processes."""
        return MARGIN + 18 + max(map(text_width, self.processes), default=0)

    @property
    def least(self) -> float:
        """A width at which no two words on a line overlap."""
        room = 0.0
        last: dict[str | None, int] = {}
        for place, event in enumerate(self.diagram):
            before = last.get(event.process)
            if before is not None:
                needed = (self._width(before) + self._width(place)) / 2
                room = max(room, needed / (place - before))
            last[event.process] = place
        return self.left + 54 + MARGIN + room * max(1, len(self.diagram) - 1)

    def _width(self, place: int) -> float:
        """How wide the words at an event are."""
        return max(text_width(self.diagram[place].name, 11), text_width(self.labels[place], 11)) + 6

    def compose(self, width: float) -> Picture:
        """The diagram in `width` pixels."""
        left = self.left
        columns = max(1, len(self.diagram) - 1)
        room = (width - MARGIN - 30 - left - 24) / columns
        spots = [
            (left + 24 + room * place, TOP + LANE * self.processes.index(event.process or ""))
            for place, event in enumerate(self.diagram)
        ]
        bottom = TOP + LANE * (len(self.processes) - 1) + 46
        parts = [text(MARGIN, 22, self.headline, size=13, font_weight=600)]
        for number, process in enumerate(self.processes):
            y = TOP + LANE * number
            parts.append(text(MARGIN, y + 4.5, process, size=13, font_weight=600))
            parts.append(line(left, y, width - MARGIN, y, stroke="rule"))
        for draw in (self._shafts, self._words, self._tips):  # no arrow crosses words
            for place in range(len(spots)):
                drawn = draw(place, spots)
                parts += [part.of(place).moves(place, opacity=0) for part in drawn]
        if self.centre is not None:
            parts += legend(left, bottom)
            bottom += 22
        return Picture(tuple(parts), width, bottom)

    def _ways(self, place: int, spots: Spots) -> Iterable[tuple[float, ...]]:
        """From where the messages come that this event receives: the sender's place, and the way
        from there as a direction."""
        x2, y2 = spots[place]
        for cause in self.diagram[place].causes:
            if self.diagram[cause].process != self.diagram[place].process:
                x1, y1 = spots[cause]
                length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
                yield x1, y1, (x2 - x1) / length, (y2 - y1) / length

    def _shafts(self, place: int, spots: Spots) -> Iterable[Part]:
        x2, y2 = spots[place]
        for x1, y1, ux, uy in self._ways(place, spots):
            begin = x1 + ux * (DOT + 1), y1 + uy * (DOT + 1)
            end = x2 - ux * (DOT + 6), y2 - uy * (DOT + 6)
            yield line(*begin, *end, stroke="muted", stroke_width=1.5)

    def _tips(self, place: int, spots: Spots) -> Iterable[Part]:
        x2, y2 = spots[place]
        for _, _, ux, uy in self._ways(place, spots):
            yield arrow_head(x2 - ux * (DOT + 2), y2 - uy * (DOT + 2), ux, uy, "muted", 8)

    def _words(self, place: int, spots: Spots) -> Iterable[Part]:
        """The dot of an event, its name and its clock."""
        x, y = spots[place]
        yield mark(self.relations[place], x, y)
        if place == self.centre:
            yield circle(x, y, DOT + 4, fill="none", stroke="ink", stroke_width=1.6)
        yield from plate(x, y - 17, self.diagram[place].name)
        if self.labels[place]:
            yield from plate(x, y + 25, self.labels[place], fill="read", font_weight=600)


def plate(x: float, y: float, words: str, **style: Any) -> Iterable[Part]:
    """Words that lie on a piece of paper, so that no arrow crosses them."""
    width = text_width(words, 11) + 4
    yield rect(x - width / 2, y - 11, width, 14, fill="paper", fill_opacity=0.85)
    yield text(x, y, words, size=11, text_anchor="middle", **style)


def mark(relation: str, x: float, y: float) -> Part:
    """A dot; hollow if it is concurrent with the event that is asked about, a diamond if later."""
    if relation == "concurrent":
        return circle(x, y, DOT, fill="paper", stroke="muted", stroke_width=1.6)
    if relation == "after":
        r = DOT + 1
        return path(f"M{x} {y - r} L{x + r} {y} L{x} {y + r} L{x - r} {y} Z", "none", "cas")
    return circle(x, y, DOT, fill="write" if relation == "before" else "ink")


def legend(x: float, y: float) -> Iterable[Part]:
    """What the three kinds of dots mean."""
    for relation, words in ("before", "before"), ("concurrent", "concurrent"), ("after", "after"):
        yield mark(relation, x, y)
        yield text(x + 12, y + 4, words, size=11, fill="muted")
        x += 34 + text_width(words, 11)


def event_in_words(event: Event) -> str:
    """ "A sends m", "B receives m", "C: a"."""
    if event.name.endswith("!"):
        return f"{event.process} sends {event.name[:-1]}"
    if event.name.endswith("?"):
        return f"{event.process} receives {event.name[:-1]}"
    return f"{event.process}: {event.name}"
