"""Chapters in a real JupyterLab in a real browser: what only shows there."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageStat
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.lab import AS_IN_GIT, ROOT, Lab, Notebook

WITH_CLUSTER = ["00_start_here", "10_leader_election"]
VARIED = [
    "00_start_here",
    "03_sequential_consistency",
    "08_byzantine_generals",
    "10_leader_election",
]
"""Between them these have most kinds of view. CI opens all chapters, three minutes more."""
ALL = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
CHAPTERS = ALL if os.environ.get("CONSENSUS_LAB_BROWSER") == "required" else VARIED

PLAY_OR_PAUSE = re.compile("^(Play|Pause)$")
LEADER = re.compile(r"^(S\d+): leader, term (\d+)")


@pytest.fixture(scope="module")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with Lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page so high that a whole view is on the screen."""
    page = browser.new_page(viewport={"width": 1400, "height": 2000})
    yield page
    page.close()


@pytest.fixture(scope="module", params=CHAPTERS)
def notebook(
    request: pytest.FixtureRequest, page: Page, lab: Lab, artefacts: Path
) -> Iterator[Notebook]:
    """A chapter, all of whose cells were run. The tests below leave it as they found it."""
    opened = Notebook(page, lab, request.param)
    try:
        opened.run_all()
        yield opened
    finally:
        opened.page.screenshot(path=artefacts / f"{request.param}-at-the-end.png")
        opened.close()


def scrubber(view: Locator) -> Locator:
    return view.locator("input.scrubber")


def position(view: Locator) -> float:
    return float(scrubber(view).input_value())


def pause(view: Locator) -> None:
    """Most views play as soon as they are shown.

    A lesson also stops by itself, at its next remark. If that happens just before the press, the
    press starts it again: so look, and press once more.
    """
    button = view.get_by_role("button", name=PLAY_OR_PAUSE)

    def is_still() -> bool:
        if button.get_attribute("aria-label") == "Pause":
            button.click()
        return button.get_attribute("aria-label") == "Play"

    assert eventually(view, is_still)


def seek(view: Locator, part: float) -> None:
    """Move the scrubber to a part of the whole (0 to 1), as a mouse does."""
    pause(view)
    last = float(scrubber(view).get_attribute("max") or 0)
    scrubber(view).fill(str(part * last))


def leader(view: Locator) -> tuple[str, int] | None:
    """The server that leads in the picture, and its term: of several the newest."""
    labels = view.get_by_role("button", name=LEADER).all()
    names = [LEADER.match(label.get_attribute("aria-label") or "") for label in labels]
    found = [(match[1], int(match[2])) for match in names if match]
    return max(found, key=lambda pair: pair[1], default=None)


def eventually(view: Locator, holds: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        view.page.wait_for_timeout(50)
    return False


def test_every_cell_runs_without_an_error(notebook: Notebook) -> None:
    assert notebook.errors() == []


def test_a_press_on_play_moves_the_picture_and_another_stops_it(notebook: Notebook) -> None:
    view = notebook.views().first
    seek(view, 0)
    view.get_by_role("button", name="Play", exact=True).click()
    assert eventually(view, lambda: position(view) > 0)
    pause(view)
    before = position(view)
    view.page.wait_for_timeout(300)
    assert position(view) == before


def test_going_back_in_time_asks_nothing_of_the_kernel(notebook: Notebook) -> None:
    view = notebook.views().first
    seek(view, 1)
    notebook.settle()
    at_the_end, sent = view.screenshot(), notebook.frames_to_kernel
    seek(view, 0.1)
    notebook.settle()
    assert view.screenshot() != at_the_end
    assert notebook.frames_to_kernel == sent


@pytest.mark.parametrize("notebook", WITH_CLUSTER, indirect=True, scope="module")
def test_when_the_leader_crashes_another_leads_in_a_higher_term(notebook: Notebook) -> None:
    view, name, term = led(notebook)
    view.get_by_role("button", name=re.compile(f"^{name}: leader")).click()
    view.get_by_role("button", name=f"crash {name}", exact=True).click()
    expect(view.get_by_role("button", name=re.compile(f"^{name}: crashed"))).to_be_visible()
    seek(view, 1)
    assert eventually(view, lambda: (leader(view) or ("", 0))[1] > term)
    assert (leader(view) or ("", 0))[0] != name


def led(notebook: Notebook) -> tuple[Locator, str, int]:
    """The first view in which there is a leader when two fifths of its time are over."""
    for view in notebook.clusters().all():
        seek(view, 0.4)
        notebook.draw()
        if found := leader(view):
            return view, *found
    raise AssertionError("no view shows a leader")


@pytest.mark.parametrize("notebook", ["03_sequential_consistency"], indirect=True, scope="module")
def test_an_operation_that_is_dragged_turns_the_verdict(notebook: Notebook) -> None:
    editor = notebook.panel.locator(".ed").first
    lamp = editor.locator(".ed-lamp").first
    expect(lamp).to_have_text("✗ linearizability does not hold")
    editor.locator(".ed-bar").filter(has_text="R(x)0").first.focus()
    for _ in range(12):
        notebook.page.keyboard.press("ArrowLeft")
    expect(lamp).to_have_text("✓ linearizability holds")
    for _ in range(12):
        notebook.page.keyboard.press("ArrowRight")
    expect(lamp).to_have_text("✗ linearizability does not hold")


@pytest.mark.parametrize("notebook", VARIED, indirect=True, scope="module")
@pytest.mark.parametrize(("theme", "least", "most"), [("Light", 200, 255), ("Dark", 0, 80)])
def test_a_view_is_as_bright_as_the_page_around_it(
    notebook: Notebook, theme: str, least: int, most: int, artefacts: Path
) -> None:
    view = notebook.views().first
    seek(view, 0.5)
    notebook.use_theme(theme)
    picture = view.screenshot(path=artefacts / f"{notebook.name}-{theme.lower()}.png")
    brightness = ImageStat.Stat(Image.open(BytesIO(picture)).convert("L")).median[0]
    assert least <= brightness <= most


def test_the_page_complains_of_nothing(notebook: Notebook) -> None:
    assert notebook.complaints == []


def test_the_page_asks_nothing_of_the_world_outside(notebook: Notebook) -> None:
    assert notebook.strangers == []


def test_a_view_outlives_its_kernel_and_says_so(page: Page, lab: Lab) -> None:
    notebook = Notebook(page, lab, "00_start_here")
    try:
        notebook.run_all()
        stills = notebook.panel.locator("[data-still]")
        assert stills.count() > 0
        assert not any(still.is_visible() for still in stills.all())
        notebook.restart_kernel()
        view = notebook.clusters().first
        expect(view.locator(".say")).to_contain_text("The kernel was restarted")
        expect(view.get_by_role("button", name=re.compile("^crash"))).to_be_disabled()
        seek(view, 0)
        view.get_by_role("button", name="Play", exact=True).click()
        assert eventually(view, lambda: position(view) > 0)
        assert notebook.complaints == []
        notebook.save_and_load_anew()
        expect(stills.locator("img").first).to_be_visible()
        expect(stills.first).to_contain_text("A still picture. Run its cell, and it moves.")
        expect(notebook.panel.get_by_text("model not found").first).to_be_hidden()
    finally:
        notebook.close()


def test_a_notebook_fresh_from_git_shows_its_pictures(page: Page, lab: Lab) -> None:
    """It is not trusted then: Lab shows neither live views nor SVG, only images."""
    notebook = Notebook(page, lab, "00_start_here", AS_IN_GIT)
    try:
        picture = notebook.panel.locator(".jp-OutputArea-output img").first
        expect(picture).to_be_visible()
        assert picture.evaluate("(image) => image.naturalWidth") > 300
        assert picture.get_attribute("alt")
        assert "model not found" not in notebook.panel.inner_text().lower()
    finally:
        notebook.close()
