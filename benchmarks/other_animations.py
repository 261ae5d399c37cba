"""The same cluster by other means, for scale: what they reach in the browser that ours runs in.

empty page     one circle that moves, and nothing else: more than this no view can reach
Play           the kernel draws each frame with matplotlib, when ipywidgets.Play goes on by one
to_jshtml      matplotlib draws all frames beforehand
ipycanvas      is not a dependency: its figures are those of a measurement made elsewhere
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import BytesIO
from math import cos, pi, sin
from re import sub
from time import perf_counter
from typing import Any

from .table import Row

SERVERS = 9
MESSAGES = 24
SECONDS = 3
FRAMES = 60
"""So many frames of to_jshtml are drawn; what 300 of them take is five times as much."""

EMPTY = """async (seconds) => {
  document.body.innerHTML = '<svg width="500" height="400"><circle r="10" cy="200"/></svg>';
  const circle = document.querySelector("circle");
  const gaps = [];
  let last = performance.now();
  const end = last + 1000 * seconds;
  while (last < end) {
    circle.setAttribute("transform", `translate(${(last / 5) % 500} 0)`);
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }
  gaps.sort((a, b) => a - b);
  return { rate: gaps.length / seconds, busiest: gaps[Math.floor(gaps.length * 0.99)] };
}"""

PLAY = """async (seconds) => {
  document.body.innerHTML = "<img>";
  const image = document.querySelector("img");
  const end = performance.now() + 1000 * seconds;
  let frames = 0;
  while (performance.now() < end) {
    image.src = "data:image/png;base64," + (await window.drawn(frames++));
    await image.decode();
    await new Promise(requestAnimationFrame);
  }
  return frames / seconds;
}"""

JSHTML = """async (seconds) => {
  const image = document.querySelector("img");
  let frames = 0;
  new MutationObserver(() => frames++).observe(image, { attributeFilter: ["src"] });
  document.querySelector("button[title='Play']").click();
  await new Promise((rest) => setTimeout(rest, 1000 * seconds));
  return frames / seconds;
}"""


def rows(page: Any) -> Iterator[Row]:
    """The rows of the table."""
    seen = page.evaluate(EMPTY, SECONDS)
    told = f"busiest frame of a hundred: {seen['busiest']:.1f} ms"
    yield Row(
        "for scale: an empty page with one circle that moves", [seen["rate"]], "/s", None, told
    )
    rate, size = behind_play(page)
    told = f"{size / 1000:.0f} KB a frame from the kernel"
    yield Row("for scale: matplotlib behind ipywidgets.Play", [rate], "/s", None, told)
    rate, size, took = beforehand(page)
    told = f"300 frames take {5 * took:.1f} s and {5 * size / 1e6:.1f} MB before the first is seen"
    yield Row("for scale: matplotlib's to_jshtml", [rate], "/s", None, told)
    told = "2.3 KB a frame from the kernel (quoted: not measured here)"
    yield Row("for scale: ipycanvas", [50], "/s", None, told)


def behind_play(page: Any) -> tuple[float, float]:
    """Frames a second and bytes a frame, if the kernel draws when Play goes on."""
    from ipywidgets import Image, Play

    figure, move = cluster()
    play, image = Play(max=10**6), Image()
    sizes = []

    def redraw(change: Any) -> None:
        move(change["new"])
        picture = BytesIO()
        figure.savefig(picture)
        image.value = picture.getvalue()

    def drawn(number: int) -> str:
        play.value = number + 1
        sizes.append(len(image.value))
        return base64.b64encode(image.value).decode()

    play.observe(redraw, "value")
    page.expose_function("drawn", drawn)
    rate = page.evaluate(PLAY, SECONDS)
    return rate, sum(sizes) / len(sizes)


def beforehand(page: Any) -> tuple[float, int, float]:
    """Frames a second, bytes, and seconds to make FRAMES frames, if all are drawn beforehand."""
    from matplotlib.animation import FuncAnimation

    figure, move = cluster()
    begin = perf_counter()
    text = FuncAnimation(figure, move, FRAMES).to_jshtml(fps=60, default_mode="loop")
    took = perf_counter() - begin
    # Its signs come from a font in the net; a page that waits for them shows nothing.
    page.set_content(sub("<link[^>]*>", "", text), wait_until="domcontentloaded")
    return page.evaluate(JSHTML, SECONDS), len(text), took


def cluster() -> tuple[Any, Any]:
    """A matplotlib figure of servers on a ring with messages between them, and what moves these."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1), aspect="equal")
    axes.set_axis_off()
    places = [
        (cos(2 * pi * server / SERVERS), sin(2 * pi * server / SERVERS))
        for server in range(SERVERS)
    ]
    xs, ys = zip(*places, strict=True)
    axes.scatter(xs, ys, s=1800, c="tab:cyan")
    for number, (x, y) in enumerate(places):
        axes.text(x, y, f"S{number + 1}\nterm 1", ha="center", va="center")
    flying = axes.scatter([0] * MESSAGES, [0] * MESSAGES, s=60, c="tab:orange", marker="D")

    def move(frame: int) -> list[Any]:
        points = []
        for number in range(MESSAGES):
            (x, y), (to_x, to_y) = places[number % SERVERS], places[(4 * number + 2) % SERVERS]
            share = (frame / 60 + number / MESSAGES) % 1
            points.append((x + (to_x - x) * share, y + (to_y - y) * share))
        flying.set_offsets(points)
        return [flying]

    return figure, move
