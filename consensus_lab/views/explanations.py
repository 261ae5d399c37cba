"""What a verdict adds to the lanes: points in time, a new order, or the conflict that allows none.

Each function returns parts that move at the steps of the story; when all have moved, the picture is
the still one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations, pairwise

from .accounts import Account, keys_of
from .lanes import ABOVE, BAR, MARGIN, Bar, Lanes, full_label, key_name
from .picture import Part, arrow_head, circle, line, path, rect, text, text_width
from .story import Story, in_short

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
    account = story.accounts[0]
    keys = story.keys[:MAX_KEYS] if account.states else []
    bottom = y + STRIP * len(keys)
    small = len(bars) * CROWD > lanes.right - lanes.left
    parts: list[Part] = []
    for step, (bar, x) in enumerate(zip(bars, xs, strict=True)):
        rows = [keys.index(key) for key in keys_of(bar.operation) if key in keys]
        foot = y + STRIP * max(rows, default=0)
        drop = line(x, bar.y + BAR, x, foot + 3, stroke="muted", stroke_dasharray="1 3")
        parts.append(drop.moves(step, opacity=0))
    for row, key in enumerate(keys):
        parts += _strip(key, account, xs, lanes, y + STRIP * row)
    for step, (bar, x) in enumerate(zip(bars, xs, strict=True)):
        parts += _point(step, bar, x, small)
    if account.states and len(story.keys) > MAX_KEYS:
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
    key: Hashable, account: Account, xs: Sequence[float], lanes: Lanes, y: float
) -> Iterable[Part]:
    """What `key` holds from one point to the next."""
    yield text(lanes.left - 8, y + 16, key_name(key), text_anchor="end", fill="muted")
    first = (account.initial or {}).get(key, 0)
    changes = [(-1, lanes.left, first)]  # it held that before the first step
    for step, (state, x) in enumerate(zip(account.states, xs, strict=True)):
        if state.get(key, first) != changes[-1][2]:
            changes.append((step, x, state[key]))
    ends = [*(x for _, x, _ in changes[1:]), lanes.right]
    for number, ((step, x, value), end) in enumerate(zip(changes, ends, strict=True)):
        width, words = max(end - x - 1.5, 1), in_short(value, 12)
        shade = 0.07 + 0.07 * (number % 2)
        box = rect(x, y + 3, width, STRIP - 6, rx=2, fill="ink", fill_opacity=shade)
        yield box.moves(step, width=0)
        if text_width(words) + 6 <= width:
            label = text(x + width / 2, y + 16, words, text_anchor="middle", font_weight=600)
            yield label.moves(step, opacity=0)


# ---- it holds in some order: the operations leave real time ----

CARD_ROW = 92


def reordering(story: Story, lanes: Lanes, y: float) -> tuple[list[Part], float]:
    """The operations leave their lanes one by one and line up in the orders of the witness.

    Under each stands what the object holds then; arcs show that every process keeps its own order.
    """
    parts: list[Part] = []
    step = 0
    for account in story.accounts:
        more, y = _line_up(story, account, lanes, y, step)
        parts += more
        step += len(account.order)
        y += 10
    return parts, y - 10


def _line_up(
    story: Story, account: Account, lanes: Lanes, y: float, first: int
) -> tuple[list[Part], float]:
    """One order, from the step `first` on."""
    bars = [lanes.bars[index] for index in story.order[first : first + len(account.order)]]
    room, narrow = lanes.right - MARGIN, _slot_width(story, account)
    per_row = min(max(1, int(room // narrow)), max(len(bars), 1))
    rows = -(-len(bars) // per_row)
    per_row = max(1, -(-len(bars) // max(rows, 1)))  # rows of the same length
    slot = min(room / per_row, 2 * narrow)
    parts = [text(MARGIN, y + 14, account.heading, fill="muted")]
    cards: list[Part] = []
    places: list[tuple[float, float]] = []
    for number, (bar, note) in enumerate(zip(bars, account.notes, strict=True)):
        row, column = divmod(number, per_row)
        step, x, top = first + number, MARGIN + column * slot, y + 44 + row * CARD_ROW
        places.append((x + (slot - 14) / 2, top))
        name = f"{number + 1} · {bar.operation.process}{' ' if note else ''}{note}"
        cards += _card(step, name, bar, x, top, slot - 14)
        if account.states:
            words = _state_in_words(story, account, number)
            cards += _state(step, words, bar, x, top, slot - 14)
        if column + 1 < per_row and number + 1 < len(bars):
            tip = x + slot - 2
            cards.append(arrow_head(tip, top + BAR / 2, 1, 0, "muted").moves(step + 1, opacity=0))
    arcs = _arcs(bars, places, first, lanes.right)
    return [*parts, *arcs, *cards], y + 44 + rows * CARD_ROW - 26


def _slot_width(story: Story, account: Account) -> float:
    labels = [full_label(operation) for operation in account.order]
    labels += [_state_in_words(story, account, step) for step in range(len(account.states))]
    names = [f"9 · {o.process} {n}" for o, n in zip(account.order, account.notes, strict=True)]
    widths = [*map(text_width, labels), *(text_width(name, 11) for name in names)]
    return max([64, *(width + 10 for width in widths)]) + 14


def _state_in_words(story: Story, account: Account, step: int) -> str:
    """What the object holds after a step: all keys if they are few, else those that were used."""
    state = account.states[step]
    keys = story.keys if len(story.keys) <= 3 else keys_of(account.order[step])
    return ", ".join(f"{key}={in_short(state.get(key, 0), 10)}" for key in keys)


def _card(step: int, name: str, bar: Bar, x: float, y: float, width: float) -> Iterable[Part]:
    """The copy of a bar that slides out of its lane; the bar stays behind."""
    box = rect(x, y, width, BAR, **{**bar.style(), "fill_opacity": 0.2})
    yield box.of(bar.index).moves(step, x=bar.x, y=bar.y, width=bar.width)
    label = text(x + width / 2, y + 15, full_label(bar.operation), text_anchor="middle")
    seen = 1 if bar.label == label.text and not bar.above else 0
    yield label.of(bar.index).moves(step, x=bar.label_x, y=bar.label_y, opacity=seen)
    number = text(x + width / 2, y - 5, name, size=11, fill="muted", text_anchor="middle")
    yield number.moves(step, opacity=0)


def _state(step: int, words: str, bar: Bar, x: float, y: float, width: float) -> Iterable[Part]:
    weight = 400 if bar.operation.kind == "read" else 600
    label = text(x + width / 2, y + BAR + 17, words, text_anchor="middle", font_weight=weight)
    yield label.moves(step, opacity=0)


def _arcs(
    bars: Sequence[Bar], places: Sequence[tuple[float, float]], first: int, right: float
) -> Iterable[Part]:
    """An arc from each operation to the next of the same process, under the row. Of two rows, it
    leaves the first at the right and comes into the other from the left; of more that would be a
    thicket."""
    last: dict[str, int] = {}
    for number, bar in enumerate(bars):
        name = bar.operation.process
        if name in last:
            (x1, y1), (x2, y2) = places[last[name]], places[number]
            low1, low2, step = y1 + BAR + 22, y2 + BAR + 22, first + number
            if y1 == y2:
                yield from _arc(name, x1, x2, low1, step)
            elif len({y for _, y in places}) == 2:
                yield from _arc_over_rows(name, x1, low1, x2, low2, right, step)
        last[name] = number


def _arc_over_rows(
    process: str, x1: float, y1: float, x2: float, y2: float, right: float, step: int
) -> Iterable[Part]:
    ways = (
        f"M{x1 + 4:.1f} {y1} Q{x1 + 12:.1f} {y1 + 12} {x1 + 40:.1f} {y1 + 12} H{right:.1f}",
        f"M{MARGIN} {y2 + 12} H{x2 - 40:.1f} Q{x2 - 12:.1f} {y2 + 12} {x2 - 4:.1f} {y2}",
    )
    for way, middle, y in zip(ways, ((x1 + right) / 2, (MARGIN + x2) / 2), (y1, y2), strict=True):
        yield path(way, stroke="muted").moves(step, opacity=0)
        name = text(middle, y + 23, process, size=11, fill="muted", text_anchor="middle")
        yield name.moves(step, opacity=0)
    yield arrow_head(x2 - 4, y2, 10, -14, "muted", 6).moves(step, opacity=0)


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
    if story.cycle:
        place = dict(zip(story.operations, lanes.bars, strict=True))
        for number, edge in enumerate(story.cycle.edges):
            if edge.source in place and edge.target in place:
                arrow = _must_precede(place[edge.source], place[edge.target])
                index = len(story.operations) + number
                parts += [part.of(index).moves(step + number, opacity=0) for part in arrow]
        return parts
    for before, after in _orders(accused, story.in_real_time):
        arrow = _before(before, after, story.in_real_time)
        parts += [part.moves(step, opacity=0) for part in arrow]
    return parts


def _must_precede(a: Bar, b: Bar) -> Iterable[Part]:
    """An arrow of a cycle: dashed, from the side of `a` that looks at `b`, whatever the time."""
    if a.y == b.y:  # in one row: an arc over it
        x1, x2 = a.x + a.width * 0.7, b.x + b.width * 0.3
        y1, y2 = (bar.y - (ABOVE + 2 if bar.above else 1) for bar in (a, b))
        top = min(y1, y2) - 16
        d = f"M{x1:.1f} {y1:.1f} C{x1:.1f} {top:.1f} {x2:.1f} {top:.1f} {x2:.1f} {y2 - 4:.1f}"
        yield path(d, stroke="bad", stroke_width=1.8, stroke_dasharray="6 3")
        yield arrow_head(x2, y2, 0, 1, "bad", 8)
        return
    down = 1 if b.y > a.y else -1
    x1, y1 = a.x + a.width / 2, a.y + (BAR + 1 if down > 0 else -1)
    x2, y2 = b.x + b.width * (0.35 if b.x > a.x else 0.65), b.y + (-1 if down > 0 else BAR + 1)
    dx, dy = x2 - x1, y2 - y1
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    d = f"M{x1:.1f} {y1:.1f} L{x2 - 5 * dx / length:.1f} {y2 - 5 * dy / length:.1f}"
    yield path(d, stroke="bad", stroke_width=1.8, stroke_dasharray="6 3")
    yield arrow_head(x2, y2, dx, dy, "bad", 8)


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
