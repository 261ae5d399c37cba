"""Live timelines and graphs on a page, one test after the other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from consensus_lab.views import view

from .sheet import Sheet

if TYPE_CHECKING:
    from playwright.sync_api import Page

# A model such as JupyterLab hands over; whatever the view sends to the kernel is written down.
START = """async (story) => {
  const { default: view } = await window.module;
  const send = (...what) => window.sent.push(what);
  const get = () => story;
  const model = { get, on() {}, off() {}, set: send, save_changes: send, send };
  const el = document.body.appendChild(document.createElement("div"));
  window.dispose = view.render({ model, el });
}"""

Open = Callable[..., "Page"]


def live_pages(sheet: Sheet, width: int) -> Iterator[Open]:
    """What opens a view of a thing on the sheet. In the end none had errors."""

    def opened(thing: Any, width: int = width, light: bool = True, calm: bool = False) -> Page:
        sheet.clear(width, 700, light, calm)
        sheet.page.evaluate(START, json.loads(json.dumps(view(thing).story)))
        sheet.page.wait_for_function("document.querySelector('.tl-caption')?.textContent")
        return sheet.page

    yield opened
    assert sheet.errors == []
