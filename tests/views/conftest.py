"""What the browser tests of views share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from .stage import Stage

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def stage(browser: Browser) -> Iterator[Stage]:
    """A page for the views of a module's tests, one after the other."""
    stage = Stage(browser)
    yield stage
    stage.page.close()
