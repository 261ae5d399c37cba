"""Two quorums that share as few servers as they can, and whether one of those tells the truth."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from html import escape
from typing import Any

from ..protocols.byzantine.quorums import Overlap
from .picture import Part, Picture, circle, path, text, text_width

STEP, DOT, LEFT, ROW, TOP = 52.0, 17.0, 118.0, 168.0, 34.0


class Quorums:
    """Overlaps, one under the other, as a still picture: what two quorums know of each other.

    `lies`: the faulty servers lie. Else they stop, and what they have said was true.
    """

    def __init__(self, *overlaps: Overlap, lies: bool = True) -> None:
        self.overlaps = overlaps
        self.lies = lies

    def __repr__(self) -> str:
        return "\n".join(f"{self.name(each)}. {self.verdict(each)}" for each in self.overlaps)

    def name(self, overlap: Overlap) -> str:
        """ "n = 4, quorum 3, 1 lies"."""
        one, many = ("lies", "lie") if self.lies else ("crashes", "crash")
        fails = f"{overlap.f} {one if overlap.f == 1 else many}"
        return f"n = {overlap.n}, quorum {overlap.quorum}, {fails}"

    def is_safe(self, overlap: Overlap) -> bool:
        """Two quorums cannot decide differently."""
        return overlap.bears_lies if self.lies else overlap.bears_crashes

    def is_good(self, overlap: Overlap) -> bool:
        """Safe, and a quorum is left when the faulty ones keep silent."""
        return self.is_safe(overlap) and overlap.quorum <= overlap.n - overlap.f

    def verdict(self, overlap: Overlap) -> str:
        """What the two quorums know of each other, in a sentence."""
        share = f"Two quorums share {len(overlap.shared) or 'nobody'}"
        if overlap.shared and self.lies:
            share += f", of whom {len(overlap.honest) or 'nobody'} must be honest"
        if self.is_safe(overlap) and not self.is_good(overlap):
            return f"{share}; but only {overlap.n - overlap.f} may answer: it can wait for ever."
        can = "cannot" if self.is_safe(overlap) else "can"
        return f"{share}: they {can} decide differently."

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        svg = self.still()
        encoded = base64.b64encode(svg.encode()).decode()
        # An untrusted notebook shows neither SVG nor inline <svg>, but does show an <img>.
        image = f'<img alt="{escape(repr(self))}" src="data:image/svg+xml;base64,{encoded}">'
        return {"text/plain": repr(self), "text/html": image, "image/svg+xml": svg}

    def still(self) -> str:
        """The picture as SVG text."""
        parts = [p for n, each in enumerate(self.overlaps) for p in self.row(each, TOP + ROW * n)]
        widest = max((LEFT + STEP * each.n for each in self.overlaps), default=0)
        words = [text_width(self.verdict(each), 13) for each in self.overlaps]
        title = "; ".join(map(self.name, self.overlaps))
        height = TOP + ROW * len(self.overlaps) - 30
        return Picture(tuple(parts), max([widest, *words]) + 40, height).svg(title)

    def row(self, overlap: Overlap, top: float) -> Iterable[Part]:
        """One overlap: its servers in a line, a quorum above, a quorum below, what follows."""
        servers = [f"S{number}" for number in range(1, overlap.n + 1)]
        y = top + 56
        yield text(16, top, self.name(overlap), size=15, font_weight=700)
        for quorum, side, name, colour in (
            (overlap.first, -1, "one quorum", "read"),
            (overlap.second, 1, "another", "write"),
        ):
            places = [servers.index(server) for server in quorum]
            yield from bracket(places[0], places[-1], y, side, name, colour)
        for place, server in enumerate(servers):
            sign = "" if server not in overlap.liars else "!" if self.lies else "✕"
            yield from disc(server, LEFT + STEP * place, y, server in overlap.shared, sign)
        good = self.is_good(overlap)
        words = f"{'✓' if good else '✗'} {self.verdict(overlap)}"
        colour = "good" if good else "bad"
        yield text(16, top + 112, words, size=13, fill=colour, font_weight=600)


def bracket(first: int, last: int, y: float, side: int, name: str, colour: str) -> Iterable[Part]:
    """A bracket over (or under) the servers of a quorum, by their places."""
    left, right = LEFT + STEP * first - DOT - 4, LEFT + STEP * last + DOT + 4
    edge, tip = y + side * (DOT + 6), y + side * (DOT + 14)
    d = f"M{left:g} {edge:g} V{tip:g} H{right:g} V{edge:g}"
    yield path(d, stroke=colour, stroke_width=2.5)
    yield text(16, tip + 4, name, size=12, fill=colour, font_weight=600)


def disc(name: str, x: float, y: float, both: bool, sign: str) -> Iterable[Part]:
    """A server: thick if it is in both quorums; dashed if it fails, with "!" if it lies, or a ✕."""
    style: dict[str, Any] = {"fill": "wash" if both else "paper", "stroke": "ink"}
    style["stroke_width"] = 3 if both else 1.5
    if sign:
        style |= {"stroke": "bad", "stroke_dasharray": "5 3"}
    yield circle(x, y, DOT, **style)
    yield text(x, y + 4.5, name, size=13, text_anchor="middle", font_weight=600)
    if sign:
        yield text(x + 17, y - 9, sign, size=16, fill="bad", font_weight=700)
