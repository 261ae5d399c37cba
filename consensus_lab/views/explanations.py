"""What a verdict adds to the lanes: points in time, a new order, or the conflict that allows none.

Each function returns parts that move at the steps of the story; when all have moved, the picture is
the still one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations, pairwise

from .lanes import BAR, MARGIN, Bar, Lanes, full_label, key_name
from .picture import Part, arrow_head, circle, line, path, rect, shorten, text, text_width
from .story import Story

STRIP = 24
"""Height of the strip that shows what one key holds."""

CROWD = 16
"""With less room than this for each (pixels), points are too small for their numbers."""

MAX_KEYS = 6
"""Strips for more keys than this would push the lanes out of sight."""


# ---- it holds, in real time: a point inside each interval ----


def linearization_points(story: Story, lanes: Lanes, y: float) -> tuple[list[Part], float]:
    """Points that slide into place inside their bars, and under the lanes what each key holds.

    `y` is where the strips begin. Returns the parts and where they end.
    """
    bars = [lanes.bars[index] for index in story.order]
    xs = _middles(bars)
    keys = story.keys[:MAX_KEYS] if story.states else []
    bottom = y + STRIP * len(keys)
    small = len(bars) * CROWD > lanes.right - lanes.left
    parts: list[Part] = []
    for step, (bar, x) in enumerate(zip(bars, xs, strict=True)):
        foot = y + STRIP * keys.index(bar.operation.key) if bar.operation.key in keys else y
        drop = line(x, bar.y + BAR, x, foot + 3, stroke="muted", stroke_dasharray="1 3")
        parts.append(drop.moves(step, opacity=0))
    for row, key in enumerate(keys):
        parts += _strip(key, story, xs, lanes, y + STRIP * row)
    for step, (bar, x) in enumerate(zip(bars, xs, strict=True)):
        parts += _point(step, bar, x, small)
    if story.states and len(story.keys) > MAX_KEYS:
        words = f"… and {len(story.keys) - MAX_KEYS} more keys"
        parts.append(text(lanes.left, bottom + 12, words, size=11, fill="muted"))
        bottom += 14
    return parts, bottom


def _middles(bars: Sequence[Bar]) -> list[float]:
    """A place for each point: in the middle of where the order leaves it free to be.

    The earliest places never go back, nor do the latest; so neither do the middles between them.
    """
    earliest: list[float] = []
    latest: list[float] = []
    for bar in bars:
        earliest.append(max([bar.x, *earliest[-1:]]))
    for bar in reversed(bars):
        latest.append(min([bar.right, *latest[-1:]]))
    return [(a + b) / 2 for a, b in zip(earliest, reversed(latest), strict=True)]


def _point(step: int, bar: Bar, x: float, small: bool) -> Iterable[Part]:
    kind = bar.style()["fill"]
    y = bar.y + BAR + (0 if small else 4)
    dot = circle(x, y, 3.5 if small else 7.5, fill=kind, stroke="paper")
    yield dot.moves(step, cx=bar.x, fill_opacity=0.25)
    if not small:
        number = text(x, y + 3.5, str(step + 1), size=10, fill="paper", text_anchor="middle")
        yield number.moves(step, x=bar.x, opacity=0)


def _strip(
    key: Hashable, story: Story, xs: Sequence[float], lanes: Lanes, y: float
) -> Iterable[Part]:
    """What `key` holds from one point to the next."""
    yield text(lanes.left - 8, y + 16, key_name(key), text_anchor="end", fill="muted")
    changes = [(-1, lanes.left, story.initial.get(key, 0))]  # it held that before the first step
    for step, (state, x) in enumerate(zip(story.states, xs, strict=True)):
        if state.get(key, 0) != changes[-1][2]:
            changes.append((step, x, state[key]))
    ends = [*(x for _, x, _ in changes[1:]), lanes.right]
    for number, ((step, x, value), end) in enumerate(zip(changes, ends, strict=True)):
        width, words = max(end - x - 1.5, 1), shorten(str(value), 12)
        shade = 0.07 + 0.07 * (number % 2)
        box = rect(x, y + 3, width, STRIP - 6, rx=2, fill="ink", fill_opacity=shade)
        yield box.moves(step, width=0)
        if text_width(words) + 6 <= width:
            label = text(x + width / 2, y + 16, words, text_anchor="middle", font_weight=600)
            yield label.moves(step, opacity=0)


# ---- it holds in some order: the operations leave real time ----

CARD_ROW = 92


def reordering(story: Story, lanes: Lanes, y: float) -> tuple[list[Part], float]:
    """The operations leave their lanes one by one and line up in the order of the witness.

    Under each stands what the object holds then; arcs show that every process keeps its own order.
    """
    bars = [lanes.bars[index] for index in story.order]
    room, narrow = lanes.right - MARGIN, _slot_width(story, bars)
    per_row = min(max(1, int(room // narrow)), max(len(bars), 1))
    slot = min(room / per_row, 2 * narrow)
    rows = -(-len(bars) // per_row)
    heading = "An order that explains it: every process keeps its own order, real time is given up"
    parts = [text(MARGIN, y + 14, heading, fill="muted")]
    cards: list[Part] = []
    places: list[tuple[float, float]] = []
    for step, bar in enumerate(bars):
        row, column = divmod(step, per_row)
        x, top = MARGIN + column * slot, y + 44 + row * CARD_ROW
        places.append((x + (slot - 14) / 2, top))
        cards += _card(step, bar, x, top, slot - 14)
        if story.states:
            cards += _state(step, story, bar, x, top, slot - 14)
        if column + 1 < per_row and step + 1 < len(bars):
            tip = x + slot - 2
            cards.append(arrow_head(tip, top + BAR / 2, 1, 0, "muted").moves(step + 1, opacity=0))
    return [*parts, *_arcs(bars, places), *cards], y + 44 + rows * CARD_ROW - 26


def _slot_width(story: Story, bars: Sequence[Bar]) -> float:
    labels = [full_label(bar.operation) for bar in bars]
    labels += [_state_in_words(story, step) for step in range(len(story.states))]
    return max([64, *(text_width(label) + 12 for label in labels)]) + 14


def _state_in_words(story: Story, step: int) -> str:
    """What the object holds after a step: all keys if they are few, else the one that was used."""
    keys = story.keys if len(story.keys) <= 3 else [story.operations[story.order[step]].key]
    return ", ".join(f"{key}={shorten(str(story.states[step].get(key, 0)), 10)}" for key in keys)


def _card(step: int, bar: Bar, x: float, y: float, width: float) -> Iterable[Part]:
    """The copy of a bar that slides out of its lane; the bar stays behind."""
    box = rect(x, y, width, BAR, **{**bar.style(), "fill_opacity": 0.2})
    yield box.of(bar.index).moves(step, x=bar.x, y=bar.y, width=bar.width)
    label = text(x + width / 2, y + 15, full_label(bar.operation), text_anchor="middle")
    seen = 1 if bar.label == label.text and not bar.above else 0
    yield label.of(bar.index).moves(step, x=bar.label_x, y=bar.label_y, opacity=seen)
    words = f"{step + 1} · {bar.operation.process}"
    number = text(x + width / 2, y - 5, words, size=11, fill="muted", text_anchor="middle")
    yield number.moves(step, opacity=0)


def _state(step: int, story: Story, bar: Bar, x: float, y: float, width: float) -> Iterable[Part]:
    words = _state_in_words(story, step)
    weight = 400 if bar.operation.kind == "read" else 600
    label = text(x + width / 2, y + BAR + 17, words, text_anchor="middle", font_weight=weight)
    yield label.moves(step, opacity=0)


def _arcs(bars: Sequence[Bar], places: Sequence[tuple[float, float]]) -> Iterable[Part]:
    """An arc from each operation to the next of the same process, under the row."""
    last: dict[str, int] = {}
    for step, bar in enumerate(bars):
        name = bar.operation.process
        if name in last:
            (x1, y1), (x2, y2) = places[last[name]], places[step]
            if y1 == y2:
                yield from _arc(name, x1, x2, y1 + BAR + 22, step)
        last[name] = step


def _arc(process: str, x1: float, x2: float, y: float, step: int) -> Iterable[Part]:
    low = y + 16
    d = f"M{x1 + 4:.1f} {y} C{x1 + 14:.1f} {low} {x2 - 14:.1f} {low} {x2 - 4:.1f} {y}"
    yield path(d, stroke="muted").moves(step, opacity=0)
    yield arrow_head(x2 - 4, y, 10, -14, "muted", 6).moves(step, opacity=0)
    name = text((x1 + x2) / 2, low + 7, process, size=11, fill="muted", text_anchor="middle")
    yield name.moves(step, opacity=0)


# ---- it does not hold ----


def conflict(story: Story, lanes: Lanes) -> list[Part]:
    """The operations of the counterexample in red, and what forbids every order of them."""
    parts: list[Part] = []
    accused = [lanes.bars[index] for index in story.order]
    for step, bar in enumerate(accused):
        outline = bar.box(fill="none", stroke="bad", stroke_width=2.6)
        parts.append(outline.moves(step, opacity=0))
        parts += [part.moves(step, opacity=0) for part in _cross(bar.x, bar.y + BAR)]
    step = len(accused)
    for before, after in _orders(accused, story.in_real_time):
        arrow = _before(before, after, story.in_real_time)
        parts += [part.moves(step, opacity=0) for part in arrow]
    return parts


def _cross(x: float, y: float) -> Iterable[Part]:
    yield circle(x, y, 6.5, fill="bad", stroke="paper")
    d = f"M{x - 2.5:.1f} {y - 2.5:.1f} l5 5 m0 -5 l-5 5"
    yield path(d, stroke="paper", stroke_width=1.6)


def _orders(bars: Sequence[Bar], real_time: bool) -> list[tuple[Bar, Bar]]:
    """The pairs that an order must keep, without those that follow from others.

    Linearizability: one was answered before the other was asked. Sequential consistency: the same
    process did one after the other.
    """
    if not real_time:
        by_process: dict[str, list[Bar]] = {}
        for bar in bars:
            by_process.setdefault(bar.operation.process, []).append(bar)
        return [pair for row in by_process.values() for pair in pairwise(row)]
    pairs = [(a, b) for a, b in combinations(bars, 2) if _answered_before(a, b)]
    return [
        (a, c)
        for a, c in pairs
        if not any(_answered_before(a, b) and _answered_before(b, c) for b in bars)
    ]


def _answered_before(a: Bar, b: Bar) -> bool:
    return a.operation.end is not None and a.operation.end < b.operation.start


REASON = {True: "answered before", False: "then"}


def _before(a: Bar, b: Bar, real_time: bool) -> Iterable[Part]:
    """An arrow from the end of `a` to the start of `b`, with the reason written on it."""
    x1, y1, x2, y2 = a.right, a.y + BAR / 2, b.x - 1, b.y + BAR / 2
    bend = max(18.0, (x2 - x1) / 2)
    d = f"M{x1:.1f} {y1:.1f} C{x1 + bend:.1f} {y1:.1f} "
    d += f"{x2 - bend:.1f} {y2:.1f} {x2 - 5:.1f} {y2:.1f}"
    yield path(d, stroke="bad", stroke_width=1.6)
    yield arrow_head(x2, y2, 1, 0, "bad")
    words = REASON[real_time]
    half = text_width(words, 11) / 2 + 3
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    if x2 - x1 < 2 * half + 30:
        return
    yield rect(x - half, y - 8, 2 * half, 15, rx=3, fill="paper", fill_opacity=0.9)
    yield text(x, y + 3.5, words, size=11, fill="bad", text_anchor="middle")
