"""What the browser tests of views share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from consensus_lab.views.timeline import TimelineView

from .sheet import Sheet
from .stage import Stage

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def stage(browser: Browser) -> Iterator[Stage]:
    """A page for live clusters, one after the other."""
    stage = Stage(browser)
    yield stage
    stage.page.close()


@pytest.fixture(scope="session")
def sheet(browser: Browser) -> Iterator[Sheet]:
    """A page for live timelines and graphs."""
    sheet = Sheet(browser, "timeline.js", TimelineView._css)
    yield sheet
    sheet.page.close()
