"""From time to pixels, with the long waits in which nothing happens cut out and marked as cut.

A stale read may come nine seconds after the write it missed, and each of the two took three
milliseconds. On an even axis both would be hairlines with a desert between them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from statistics import median

WAIT = 6
"""A stretch is cut out only if it is this many times longer than a typical operation."""

BREAK = 62
"""Pixels that a cut takes: room for the words "⋯ 8.4 s ⋯"."""

TICK = 74
"""Pixels between two labels of the axis, at least."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of the axis: ticks start…end at pixels left…right; `cut` if nothing happens in it."""

    start: float
    end: float
    left: float
    right: float
    cut: bool = False


@dataclass(frozen=True, slots=True)
class TimeScale:
    """A time axis made of stretches, end to end, all of one scale but for those that are cut."""

    stretches: tuple[Stretch, ...]

    @classmethod
    def fit(
        cls, times: Iterable[float], durations: Iterable[float], left: float, right: float
    ) -> TimeScale:
        """The axis on which all `times` (ticks) lie between the pixels `left` and `right`.

        `durations` (ticks) say how long a typical operation is.
        """
        moments = sorted(set(times)) or [0.0]
        span = moments[-1] - moments[0]
        typical = median([d for d in durations if d > 0] or [span / 10 or 1.0])
        margin = typical / 2 if span else 0.5
        waits = _waits_to_cut(moments, typical, right - left)
        pieces = [[moments[0] - margin, moments[0] + margin]]
        for before, now in pairwise(moments):
            if (before, now) in waits:
                pieces.append([now - margin, now + margin])
            else:
                pieces[-1][1] = now + margin
        return cls(tuple(_lay_out(pieces, left, right)))

    def __call__(self, time: float) -> float:
        """The pixel of `time` (ticks); times beyond the axis lie at its ends."""
        index = bisect_right([s.start for s in self.stretches], time) - 1
        stretch = self.stretches[max(index, 0)]
        share = (time - stretch.start) / (stretch.end - stretch.start)
        return stretch.left + min(max(share, 0.0), 1.0) * (stretch.right - stretch.left)

    @property
    def cuts(self) -> list[Stretch]:
        """The stretches that are left out."""
        return [stretch for stretch in self.stretches if stretch.cut]

    def _near_cut(self, pixel: float) -> bool:
        """Whether a label there would run into the words of a cut."""
        return any(cut.left - TICK / 4 < pixel < cut.right + TICK / 4 for cut in self.cuts)

    def labels(self, ticks_per_ms: int) -> list[tuple[float, float]]:
        """(pixel, ms) of round times along the axis, none of them crowding another."""
        shown = [stretch for stretch in self.stretches if not stretch.cut]
        pixels = sum(s.right - s.left for s in shown)
        step = _round_up(sum(s.end - s.start for s in shown) / ticks_per_ms * TICK / pixels)
        found: list[tuple[float, float]] = []
        for stretch in shown:
            first = ceil(stretch.start / ticks_per_ms / step)
            while (time := first * step * ticks_per_ms) <= stretch.end:
                pixel = self(time)
                crowded = found and pixel - found[-1][0] < TICK * 0.8
                if not crowded and not self._near_cut(pixel):
                    found.append((pixel, first * step))
                first += 1
        return found


def _waits_to_cut(moments: list[float], typical: float, pixels: float) -> set[tuple[float, float]]:
    """The waits between `moments` that would take more room than their cuts."""
    waits = sorted(pairwise(moments), key=lambda wait: wait[1] - wait[0])
    long = [wait for wait in waits if wait[1] - wait[0] > WAIT * typical]
    shown = sum(b - a for a, b in waits) - sum(b - a for a, b in long) + typical
    while long:
        length = long[0][1] - long[0][0]
        others = _cut_width(len(long) - 1, pixels) * (len(long) - 1)
        if length / (shown + length) * (pixels - others) > 2 * BREAK:
            break
        shown += length  # the shortest is better shown than cut
        long.pop(0)
    return set(long)


def _cut_width(cuts: int, pixels: float) -> float:
    """Pixels for each cut; with many, more than half of the axis is still for what happens."""
    return min(BREAK, 0.4 * pixels / max(cuts, 1))


def _lay_out(pieces: list[list[float]], left: float, right: float) -> Iterable[Stretch]:
    """Stretches for the `pieces` of time that are shown, and for the cuts between them."""
    cut = _cut_width(len(pieces) - 1, right - left)
    shown = sum(end - start for start, end in pieces)
    scale = (right - left - cut * (len(pieces) - 1)) / shown
    for index, (start, end) in enumerate(pieces):
        if index:
            yield Stretch(pieces[index - 1][1], start, left, left + cut, cut=True)
            left += cut
        yield Stretch(start, end, left, left + (end - start) * scale)
        left += (end - start) * scale


def _round_up(step: float) -> float:
    """The next 1, 2 or 5 times a power of ten."""
    power = 1e-3
    while power * 10 < step:
        power *= 10
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= step * 0.999)


def in_words(ms: float) -> str:
    """A length of time as people say it: "3.2 ms", "8.4 s"."""
    if ms >= 1000:
        return f"{ms / 1000:.1f} s"
    return f"{ms:.1f} ms" if ms < 100 and ms != int(ms) else f"{ms:.0f} ms"
