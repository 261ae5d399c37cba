"""Moving pictures for the README: the real view in a real browser, frame by frame.

python -m tests.views.films img          (make films)
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from consensus_lab import Raft, Scenario

from ..conftest import BROWSERS
from .stage import Stage

WIDTH, HEIGHT, SHRUNK = 1040, 700, 0.8
FRAME, LAST = 90, 2500
"""How long a frame is to be seen, and the last one, in ms."""


def election(stage: Stage) -> Iterator[float]:
    """From the first question to the first heartbeats."""
    trace = Scenario(Raft, servers=5, seed=7, duration=400).run()
    elected = next(e.time for e in trace.events if e.changes.get("role") == "leader") / 1000
    stage.show(trace, at=0)
    yield from span(elected - 40, elected + 35, 1.2)


def what_if(stage: Stage) -> Iterator[float]:
    """The leader is crashed by a click, and the run branches until another leads."""
    stage.show(Scenario(Raft, servers=5, seed=7, clients=1, duration=1200).run(), at=600)
    yield from span(560, 600, 2)
    stage.page.locator(".server", has_text="leader").click()
    yield 600
    stage.page.locator(".do-crash").click()
    stage.wait_for_branches(2)
    stage.press("Escape")
    branch = stage.widget.branches[1]
    leaders = [e.time / 1000 for e in branch.events if e.changes.get("role") == "leader"]
    yield from span(600, leaders[-1] - 30, 12)
    yield from span(leaders[-1] - 30, leaders[-1] + 20, 1.5)


FILMS = {"election": election, "what_if": what_if}


def span(begin: float, end: float, step: float) -> Iterator[float]:
    """Times from `begin` to `end`, in ms."""
    return (begin + step * n for n in range(int((end - begin) / step) + 1))


def shoot(stage: Stage, name: str) -> list[Image.Image]:
    """The frames of a film."""
    frames = []
    stage.clear(WIDTH, light=True, calm=True)
    for time in FILMS[name](stage):
        stage.seek(time)
        stage.page.evaluate("document.activeElement.blur()")
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT}
        shot = Image.open(BytesIO(stage.page.screenshot(clip=clip)))
        size = (int(WIDTH * SHRUNK), int(HEIGHT * SHRUNK))
        frames.append(shot.convert("RGB").resize(size, Image.Resampling.LANCZOS))
    return frames


def main(folder: Path) -> None:
    """Write all films into `folder`."""
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=path, args=["--disable-gpu"])
        for name in FILMS:
            first, *rest = shoot(Stage(browser), name)
            durations = [*[FRAME] * len(rest), LAST]
            film = {"save_all": True, "append_images": rest, "duration": durations, "loop": 0}
            first.save(folder / f"{name}.webp", quality=70, method=4, **film)
            print(f"{folder / name}.webp: {len(rest) + 1} frames")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
