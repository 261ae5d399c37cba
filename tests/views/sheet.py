"""A page on which tests show one view after the other, without JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from consensus_lab.views.assets import module

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGE = """<head><meta charset="utf-8"><style>body {{ margin: 0 }} {css}</style></head>
<body data-jp-theme-light="{light}"></body>"""

READ = """(code) => {
  const file = new Blob([code], { type: "text/javascript" });
  window.module = import(URL.createObjectURL(file));
}"""

# A view that is closed must leave nothing behind; if it does, the next test may trip over it.
CLEAR = """(page) => {
  window.dispose?.();
  window.dispose = undefined;
  window.sent = [];
  document.documentElement.innerHTML = page;
}"""


class Sheet:
    """A page that has read a module once, in `window.module`. `errors` are those of the page.

    To load page and module anew for each test would cost more than most tests.
    """

    def __init__(self, browser: Browser, name: str, css: str, **options: Any) -> None:
        self.css = css
        self.errors: list[str] = []
        self.page: Page = browser.new_page(**options)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.set_content("<!doctype html>")
        self.page.evaluate(READ, module(name))

    def clear(self, width: int, height: int, light: bool = True, calm: bool = False) -> None:
        """An empty page of that size and light, for a reader who does or does not like motion."""
        self.errors.clear()
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(reduced_motion="reduce" if calm else "no-preference")
        self.page.evaluate(CLEAR, PAGE.format(css=self.css, light=str(light).lower()))

    def settle(self) -> None:
        """Wait until what was asked for has been drawn."""
        self.page.evaluate("() => new Promise((r) => requestAnimationFrame(() => setTimeout(r)))")
