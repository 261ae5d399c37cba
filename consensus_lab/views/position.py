"""Where a history stands on the map of consistency models: what it keeps to, and what it breaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import traitlets

from ..consistency.lattice import (
    IMPLICATIONS,
    MODELS,
    SIGN,
    Implication,
    Position,
    stronger_than,
    weaker_than,
)
from ..graph import Edge, Graph
from .assets import module, stylesheet
from .graph import WIDTHS, Card, draw
from .graph_layout import Box
from .lanes import MARGIN
from .picture import Part, Picture, paragraph, rect, text, text_width, wrap
from .widget import View

HINT = "Point at a model to read why; with the keyboard, Tab to it, then ↑ and ↓."
LOOKS: dict[bool | None, dict[str, Any]] = {
    True: {"stroke": "good", "fill": "good", "fill_opacity": 0.1, "stroke_width": 1.8},
    False: {"stroke": "bad", "fill": "bad", "fill_opacity": 0.04, "stroke_dasharray": "6 4"},
    None: {"stroke": "undecided", "fill": "none", "stroke_dasharray": "1.5 4", "stroke_width": 2.2},
}
"""A model that holds has a whole outline, one that does not a dashed one, else it is dotted."""

LEGEND = (
    "✓ whole outline: holds",
    "✗ dashed: does not hold",
    "? dotted: undecided",
    "★ none stronger holds",
    "→ implies",
)


class PositionView(View):
    """The map of models, filled in as one after the other is checked."""

    _esm = module("timeline.js")
    _css = stylesheet("timeline.css", "projector.css")
    story = traitlets.Dict().tag(sync=True)

    def __init__(self, position: Position) -> None:
        self._position = position
        super().__init__(story=to_json(position))

    def still(self) -> str:
        """The map with all that is known."""
        return compose(self._position, WIDTHS[-1]).svg(headline(self._position))

    def describe(self) -> str:
        """Every model with its answer, and how we know."""
        return repr(self._position)


def to_json(position: Position) -> dict[str, Any]:
    """All that the live view needs, once: pictures of several widths, and the words."""
    names = list(position.standing)
    rules = _rules(position)
    return {
        "pictures": [compose(position, width).to_json() for width in WIDTHS],
        "operations": [*(model_in_words(position, n) for n in names), *(e.reason for e in rules)],
        "sentences": [_checked_in_words(position, name) for name in position.verdicts],
        "order": [names.index(name) for name in position.verdicts],
        "headline": headline(position),
        "explanation": "",
        "left_out": "",
        "hint": HINT,
    }


# ---- words ----

ANSWER = {True: "holds", False: "does not hold", None: "is undecided"}


def headline(position: Position) -> str:
    """The strongest models that hold."""
    return repr(position).splitlines()[0]


def title(name: str) -> str:
    """The name of a model, at the beginning of a sentence."""
    words = MODELS[name].title
    return words[:1].upper() + words[1:]


def model_in_words(position: Position, name: str) -> str:
    """Whether a model holds, and how we know; without its full stop."""
    verdict = position.verdicts.get(name)
    why = position.why(name) if verdict is None else verdict.explanation
    return f"{title(name)} {ANSWER[position.standing[name]]}: {why}".rstrip(": .")


def _checked_in_words(position: Position, name: str) -> str:
    """What was found when a model was checked, and what follows from it for others."""
    holds = position.standing[name]
    words = f"{title(name)} {ANSWER[holds]}."
    others = [MODELS[other].title for other in _settled(position).get(name, ())]
    if not others:
        return words
    listed = ", ".join(others[:-1]) + " and " * (len(others) > 1) + others[-1]
    return (
        f"{words} So {listed} {'must' if holds else 'cannot'}{' hold, too' if holds else ' hold'}."
    )


def _settled(position: Position) -> dict[str, list[str]]:
    """For each model that was checked those that were then clear without a check."""
    found: dict[str, list[str]] = {name: [] for name in position.verdicts}
    known = set(position.verdicts)
    for name in position.verdicts:
        holds = position.standing[name]
        others = weaker_than(name) if holds else stronger_than(name)
        if holds is not None:
            found[name] = [o for o in others if o in position.standing and o not in known]
            known |= set(found[name])
    return found


# ---- the picture ----


def compose(position: Position, width: float) -> Picture:
    """The map laid out in `width` pixels."""
    settled = _settled(position)
    step = {
        other: number
        for number, name in enumerate(position.verdicts)
        for other in (name, *settled[name])
    }
    strong = position.strongest
    cards: dict[Any, Card] = {
        name: Standing(MODELS[name].title, (), "", holds, step[name], name in strong)
        for name, holds in position.standing.items()
    }
    graph = Graph(tuple(cards), tuple(_rules(position)))
    heading = wrap(headline(position), width - 2 * MARGIN, 13.5)
    top = 22 + 18 * len(heading)
    parts = paragraph(MARGIN, 23.5, heading, size=13, font_weight=600)
    more, bottom = draw(graph, width, top, step=None, cards=cards)
    parts += [*more, *(legend := list(_legend(width, bottom + 26)))]
    return Picture(tuple(parts), width, float(legend[-1].attributes["y"]) + 14)


def _rules(position: Position) -> list[Edge]:
    """What implies what, among the models that can be asked of this history."""
    asked = position.standing
    return [
        Edge(rule.stronger, rule.weaker, "", _rule_in_words(rule))
        for rule in IMPLICATIONS
        if rule.stronger in asked and rule.weaker in asked
    ]


def _rule_in_words(rule: Implication) -> str:
    return f"{title(rule.stronger)} implies {MODELS[rule.weaker].title}: {rule.reason}"


@dataclass(frozen=True, slots=True)
class Standing(Card):
    """A model: its name, and from a step on whether it holds. `best`: and none stronger does."""

    holds: bool | None
    step: int
    best: bool

    @property
    def words(self) -> str:
        return f"{'★ ' if self.best else ''}{SIGN[self.holds]} {self.name}"

    @property
    def width(self) -> float:
        return text_width(self.words, 12.5) + 20

    @property
    def height(self) -> float:
        return 28.0

    def parts(self, box: Box, caught: bool) -> Iterable[Part]:
        """A plain card with the name, and over it the one that says whether it holds."""
        x, y = box.x - box.width / 2, box.y - box.height / 2
        middle: dict[str, Any] = {"text_anchor": "middle", "size": 12.5}
        yield rect(x, y, box.width, box.height, rx=9, fill="paper", stroke="rule")
        yield text(box.x, y + 18.5, self.name, fill="muted", **middle)
        look = LOOKS[self.holds] | ({"stroke_width": 3.2} if self.best else {})
        ink = "bad" if self.holds is False else "undecided" if self.holds is None else "ink"
        weight = 700 if self.best else 600
        answer = (
            rect(x, y, box.width, box.height, rx=9, fill="paper"),
            rect(x, y, box.width, box.height, rx=9, **look),
            text(box.x, y + 18.5, self.words, fill=ink, font_weight=weight, **middle),
        )
        yield from (part.moves(self.step, opacity=0) for part in answer)


def _legend(width: float, y: float) -> Iterable[Part]:
    x: float = MARGIN
    for words in LEGEND:
        if x + text_width(words, 11) > width - MARGIN:
            x, y = MARGIN, y + 17
        yield text(x, y, words, size=11, fill="muted")
        x += text_width(words, 11) + 18
