"""Pictures of every view, in light, dark, on a projector and narrow, for people to look at.

python -m tests.views.screenshots artefacts            (make screenshots)
python -m tests.views.screenshots artefacts cluster …  only those whose names begin so

A test can say that nothing sticks out of a page; that nothing is ugly, somebody has to see.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from consensus_lab import Raft, Scenario, becomes, crash, cut, edit, request, restart, view
from consensus_lab.clocks import Diagram
from consensus_lab.consistency.causal import causal
from consensus_lab.consistency.lattice import strongest
from consensus_lab.consistency.linearizable import linearizable
from consensus_lab.history import parse
from consensus_lab.protocols.byzantine.oral import OralMessages
from consensus_lab.protocols.paxos import MultiPaxos, Paxos
from consensus_lab.protocols.raft import BasicRaft
from consensus_lab.protocols.stores import LastWriterWins
from consensus_lab.simulation import Network, Workload, ask
from consensus_lab.testing import paxos_stories as stories
from consensus_lab.views.page import page as page_of
from consensus_lab.views.steps import five_steps

from ..conftest import BROWSERS

SETTLED = """() => new Promise((resolve) =>
  setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(resolve)), 200))"""
Steps = Callable[[Page], None]
STILL: dict[str, Any] = {"at": 700}
RAFT = Scenario(Raft, servers=5, seed=7, clients=2, duration=1500)
FAULTY = (
    RAFT.when(becomes("leader"), crash("it"), after=300, nth=2)
    .at(600, cut("S2", "S3", one_way=True))
    .at(800, crash("leader"))
)
LESSON = RAFT.at(0, ask("Who will lead?", "The first whose timer fires."))
SNAPSHOTS = (
    Scenario(
        Raft,
        seed=3,
        clients=2,
        duration=3000,
        options={"snapshot_every": 8, "snapshot_chunk": 40},
        network=Network(bandwidth=4, duplicate=0.1),
    )
    .at(600, crash("S4"))
    .at(2000, restart("S4"))
)
PAXOS = replace(RAFT, protocol=MultiPaxos)
HOME = Workload(attach="home")
STORE = Scenario(LastWriterWins, servers=3, clients=3, duration=3000, workload=HOME)
WRITTEN = Scenario(BasicRaft, servers=3, seed=2, duration=500).at(300, request("write", "x", 7))
HISTORY = parse("A: [W(x,1)]   [R(x)0]\nB:  [W(x,2)]  [R(x)1]\nC:  [R(x)2]  [W(y,7)]  [R(y)7]")
LOST = parse("P1:  [W(x,1)] [W(y,1)]\nP2:                  [R(y)1] [R(x)0]")


@dataclass(frozen=True)
class Mode:
    """How a page is looked at."""

    width: int = 1200
    dark: bool = False
    projector: bool = False


MODES = {
    "light": Mode(),
    "dark": Mode(dark=True),
    "projector": Mode(1600, projector=True),
    "narrow": Mode(480),
}


def nothing(page: Page) -> None:
    """As it opens."""


def press(*keys: str) -> Steps:
    """What these keys make of it."""

    def steps(page: Page) -> None:
        page.locator("#view > *").focus()
        for key in keys:
            page.keyboard.press(key)
            page.wait_for_timeout(40)

    return steps


SCENES: dict[str, tuple[Callable[[], Any], Steps]] = {
    "cluster": (lambda: view(RAFT, **STILL), nothing),
    "cluster-faults": (lambda: view(FAULTY, at=706), press("e")),
    "cluster-message": (lambda: view(FAULTY, at=706), press("m")),
    "cluster-server": (lambda: view(FAULTY, at=900), press("2")),
    "cluster-help": (lambda: view(RAFT, **STILL), press("?")),
    "cluster-lesson": (lambda: view(LESSON, at=0), nothing),
    "cluster-snapshot": (lambda: view(SNAPSHOTS, at=2039), nothing),
    "cluster-nine": (lambda: view(Scenario(Raft, servers=9, seed=1, clients=3), at=900), nothing),
    "cluster-indexes": (lambda: view(five_steps(WRITTEN), indexes=True), nothing),
    "cluster-roles": (lambda: view(RAFT, roles=True, **STILL), nothing),
    "cluster-store": (lambda: view(STORE, at=2900), nothing),
    "cluster-paxos": (lambda: view(Scenario(MultiPaxos, seed=1, clients=2), at=900), nothing),
    "cluster-paxos-duel": (lambda: view(stories.duel(Paxos), at=250), nothing),
    "cluster-paxos-hole": (lambda: view(stories.hole(MultiPaxos), at=260), nothing),
    "side-by-side": (lambda: view([RAFT, FAULTY], labels=["calm", "faults"], at=900), nothing),
    "side-by-side-costs": (lambda: view([RAFT, PAXOS], costs=True, at=900), nothing),
    "timeline-history": (lambda: view(HISTORY), press("End")),
    "timeline-run": (lambda: view(FAULTY.run().history()), press("End")),
    "timeline-verdict": (lambda: view(linearizable(HISTORY)), press("End")),
    "editor": (lambda: edit(HISTORY), nothing),
    "graph": (lambda: view(strongest(HISTORY).graph()), press("End")),
    "graph-verdict": (lambda: view(causal(LOST)), press("End")),
    "map": (lambda: view(strongest(HISTORY)), press("End")),
    "diagram": (lambda: view(Diagram.of(WRITTEN.run(200))), press("End")),
    "generals": (lambda: view(Scenario(OralMessages, servers=4)), nothing),
}


def open_page(browser: Browser, html: str, mode: Mode) -> Page:
    """The page as it is looked at in that mode."""
    page = browser.new_page(
        viewport={"width": mode.width, "height": 700},
        color_scheme="dark" if mode.dark else "light",
        reduced_motion="reduce",
    )
    fill(page, html)
    if mode.projector:
        page.get_by_role("button", name="Projector mode").first.click()
    return page


def fill(page: Page, html: str) -> None:
    """Show it, with somebody to send to, as in a notebook, so that "what if" is there."""
    page.goto("about:blank")
    page.set_content(html.replace("  save_changes() {},", "  save_changes() {}, send() {},"))
    page.locator("#view svg, #view table").first.wait_for()


def photograph(page: Page, path: Path) -> None:
    """The whole page. Playwright's own way makes it 1 pixel wide for a moment, and views follow."""
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    page.evaluate(SETTLED)
    page.screenshot(path=path)


def main(folder: Path, wanted: list[str]) -> None:
    """Write a picture of each scene in each mode into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, BROWSERS)))
        browser = playwright.chromium.launch(executable_path=path, args=["--disable-gpu"])
        for name, (make, steps) in SCENES.items():
            if wanted and not any(name.startswith(begin) for begin in wanted):
                continue
            html = page_of(make())
            for told, mode in MODES.items():
                page = open_page(browser, html, mode)
                steps(page)
                photograph(page, folder / f"view-{name}-{told}.png")
                page.close()
            print(f"{folder}/view-{name}-*.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
