"""Pictures as plain data: a list of parts, with colours by name.

Python lays a picture out once. The still writes the parts as SVG in the colours of a white page;
the live view draws the same parts in the colours of the reader's theme, and moves those that can
move.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from html import escape
from typing import Any

from . import colours

PALETTE = {
    "ink": colours.INK,
    "muted": colours.MUTED,
    "rule": colours.RULE,
    "wash": "#f2f4f7",
    "paper": colours.PAPER,
    "write": colours.WRITE,
    "read": colours.READ,
    "cas": colours.CAS,
    "good": colours.GOOD,
    "bad": colours.BAD,
    "undecided": colours.UNDECIDED,
}
"""Colours by what they mean. Stills show these; timeline.css has them for dark pages too."""

FONT = "Inter, Segoe UI, Helvetica, Arial, sans-serif"

Value = float | str


@dataclass(frozen=True, slots=True)
class Part:
    """One SVG element. All lengths are in pixels of the picture.

    A part that moves has the `step` of the story at which it does so, and in `begin` the numbers
    (x, width, opacity, …) that it has before; `attributes` are what it has afterwards, and in the
    still. `operation` is the index of the operation that the part stands for, if it can be pointed
    at.
    """

    tag: str
    attributes: Mapping[str, Value]
    text: str = ""
    operation: int | None = None
    step: int | None = None
    begin: Mapping[str, float] = field(default_factory=dict)

    def moves(self, step: int, **begin: float) -> Part:
        """The same part, but arriving at `step` from the numbers `begin`."""
        return replace(self, step=step, begin=_svg_names(begin))

    def of(self, operation: int) -> Part:
        """The same part, standing for the operation with that index."""
        return replace(self, operation=operation)

    def to_json(self) -> list[Any]:
        """[tag, attributes, text, operation, step, begin], as the live view reads it."""
        return [
            self.tag,
            {name: _short(value) for name, value in self.attributes.items()},
            self.text,
            self.operation,
            self.step,
            {name: _short(value) for name, value in self.begin.items()},
        ]


def _svg_names(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("_", "-"): value for name, value in attributes.items()}


def _short(value: Value) -> Value:
    """A tenth of a pixel is all that an eye can tell, and what it cannot tell costs bytes."""
    if isinstance(value, str):
        return value
    rounded = round(float(value), 2 if abs(value) < 1 else 1)
    return int(rounded) if rounded == int(rounded) else rounded


def rect(x: float, y: float, width: float, height: float, **more: Value) -> Part:
    """A rectangle by its upper left corner."""
    return Part("rect", {"x": x, "y": y, "width": width, "height": height, **_svg_names(more)})


def circle(cx: float, cy: float, r: float, **more: Value) -> Part:
    """A circle by its centre."""
    return Part("circle", {"cx": cx, "cy": cy, "r": r, **_svg_names(more)})


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = "ink", **more: Value) -> Part:
    """A straight line."""
    ends = {"x1": x1, "y1": y1, "x2": x2, "y2": y2}
    return Part("line", {**ends, "stroke": stroke, **_svg_names(more)})


def path(d: str, stroke: str = "ink", fill: str = "none", **more: Value) -> Part:
    """An outline in SVG's own path language."""
    return Part("path", {"d": d, "fill": fill, "stroke": stroke, **_svg_names(more)})


def text(
    x: float, y: float, words: str, size: float = 12, fill: str = "ink", **more: Value
) -> Part:
    """One line of words whose base line is at `y`; `text_anchor="middle"` centres it on `x`."""
    attributes = {"x": x, "y": y, **_svg_names(more)}
    if fill != "ink":  # the ink of the whole picture
        attributes["fill"] = fill
    if size != 12:
        attributes["font-size"] = size
    return Part("text", attributes, words)


def arrow_head(x: float, y: float, dx: float, dy: float, colour: str, size: float = 7) -> Part:
    """A filled head whose tip is at (x, y), pointing along (dx, dy)."""
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    ux, uy = dx / length * size, dy / length * size
    corners = [(x, y), (x - ux - uy / 2, y - uy + ux / 2), (x - ux + uy / 2, y - uy - ux / 2)]
    d = "M" + " L".join(f"{_short(a)} {_short(b)}" for a, b in corners) + " Z"
    return path(d, stroke="none", fill=colour)


@dataclass(frozen=True, slots=True)
class Picture:
    """Parts on a sheet, drawn in their order: later ones lie on top."""

    parts: tuple[Part, ...]
    width: float
    height: float

    def svg(self, title: str = "") -> str:
        """The still: colours as plain attributes (GitHub drops styles), on its own white ground."""
        width, height = _short(self.width), _short(self.height)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" '
            f'font-family="{FONT}" font-size="12" fill="{colours.INK}">'
        )
        name = [f"<title>{escape(title)}</title>"] if title else []
        ground = rect(0, 0, self.width, self.height, fill="paper")
        return "\n".join([head, *name, *(_svg(part) for part in (ground, *self.parts)), "</svg>\n"])

    def to_json(self) -> dict[str, Any]:
        """The picture as the live view reads it."""
        parts = [part.to_json() for part in self.parts]
        return {"width": _short(self.width), "height": _short(self.height), "parts": parts}


def _svg(part: Part) -> str:
    values = {n: PALETTE.get(v, v) if isinstance(v, str) else v for n, v in part.attributes.items()}
    told = {n: v for n, v in values.items() if not n.startswith("data-")}  # a still stands still
    attributes = "".join(f' {n}="{escape(str(_short(v)))}"' for n, v in told.items())
    return f"<{part.tag}{attributes}" + (
        f">{escape(part.text, quote=False)}</{part.tag}>" if part.text else "/>"
    )


# ---- words in a picture have to fit without asking a browser how wide they are ----


def text_width(words: str, size: float = 12) -> float:
    """About how wide `words` are, in pixels: Helvetica's proportions with a little to spare."""
    return size * sum(_width_of(letter) for letter in words)


def _width_of(letter: str) -> float:
    if letter in "ijlftrI.,:;'!|()[]- /·":
        return 0.32
    if letter in "mwMW—…⋯" or ord(letter) > 0x2E80:
        return 0.95
    return 0.70 if letter.isupper() else 0.57


def shorten(words: str, length: int) -> str:
    """At most `length` letters of `words`, with an … where some are missing."""
    return words if len(words) <= length else words[: length - 1] + "…"


def wrap(words: str, width: float, size: float = 12) -> list[str]:
    """`words` as lines of at most `width` pixels, broken between words."""
    lines: list[str] = []
    for word in words.split():
        if lines and text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def paragraph(x: float, y: float, words: Iterable[str], **style: Any) -> list[Part]:
    """Lines of words under each other, the first with its base line at `y`."""
    return [
        text(x, y + 18 * row, line_of_words, **style) for row, line_of_words in enumerate(words)
    ]
