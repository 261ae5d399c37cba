"""For fingers: everything that can be pressed is large enough for one, and hears it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from consensus_lab.views.page import page as page_of

from .screenshots import MODES, SCENES, fill
from .screenshots import RAFT as SCENARIO
from .stage import Stage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LEAST = 24
"""Pixels: Web Content Accessibility Guidelines 2.2, success criterion 2.5.8."""

SMALL = """(least) => [...document.querySelectorAll(
  "button, select, summary, input, .ed-bar, .server, .client.you")]
  .filter((one) => one.checkVisibility() && !one.closest("label"))
  .map((one) => [one.getBoundingClientRect(), one])
  .filter(([box]) => box.width && Math.min(box.width, box.height) < least)
  .map(([box, one]) => `${one.outerHTML.slice(0, 90)}: ${box.width} × ${box.height}`)"""

VIEWS = [
    "cluster-faults",
    "cluster-message",
    "cluster-lesson",
    "side-by-side",
    "timeline-run",
    "timeline-verdict",
    "editor",
    "graph-verdict",
    "diagram",
]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    viewport = {"width": MODES["narrow"].width, "height": 700}
    page = browser.new_page(viewport=viewport, reduced_motion="reduce")
    yield page
    page.close()


@pytest.mark.parametrize("name", VIEWS)
def test_what_can_be_pressed_is_large_enough_for_a_finger(page: Page, name: str) -> None:
    make, steps = SCENES[name]
    fill(page, page_of(make()))
    steps(page)
    assert page.evaluate(SMALL, LEAST) == []


@pytest.fixture(scope="module")
def stage(browser: Browser) -> Iterator[Stage]:
    """A view under fingers."""
    stage = Stage(browser, has_touch=True)
    stage.clear(480, light=True, calm=True)
    stage.show(SCENARIO.run(), at=706)
    yield stage
    assert stage.errors == []
    stage.page.close()


def test_a_tap_selects_a_server(stage: Stage) -> None:
    stage.page.locator(".server").nth(2).tap()
    stage.settle()
    assert stage.page.locator(".card h3").inner_text() == "Server S3"


def test_a_tap_shows_a_message_and_another_drops_it(stage: Stage) -> None:
    stage.page.locator(".message:visible .touch").first.tap()
    stage.settle()
    assert " → " in stage.page.locator(".card h3").inner_text()
    stage.page.locator(".card").get_by_role("button", name="drop").tap()
    stage.wait_for_branches(2)


def test_a_tap_on_the_tape_goes_there(stage: Stage) -> None:
    stage.page.locator(".ribbon").first.tap(position={"x": 40, "y": 30})
    stage.settle()
    assert stage.page.locator(".tape-row").first.get_attribute("class") == "tape-row current"
    assert stage.time < 706
