"""A page with live cluster views in it, without JupyterLab: a stub stands for the model."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from consensus_lab.simulation.trace import Trace
from consensus_lab.views.assets import module
from consensus_lab.views.cluster import ClusterView

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

PAGE = """<!doctype html><meta charset="utf-8"><style>body {{ margin: 0 }} {css}</style>
<body data-jp-theme-light="{light}"></body>"""

# What the view sends goes to `window.kernel`, if there is one, and what that returns comes back.
START = """async ([code, packed, options, answers]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const file = new Blob([code], { type: "text/javascript" });
  const { default: view } = await import(URL.createObjectURL(file));
  const values = { trace: new DataView(bytes(packed).buffer), options };
  let hear = () => {};
  window.sent ??= [];
  const model = {
    get: (name) => values[name],
    on: (name, listener) => name === "msg:custom" ? (hear = listener) : (window.told = listener),
    off() {},
    set: (...what) => window.sent.push(what),
    save_changes: (...what) => window.sent.push(what),
    async send(content) {
      window.sent.push(content);
      if (!answers) return;
      for (const [answer, buffers] of await window.kernel(content)) {
        hear(answer, buffers.map((text) => new DataView(bytes(text).buffer)));
      }
    },
  };
  const el = document.body.appendChild(document.createElement("div"));
  window.dispose = await view.render({ model, el });
}"""

# The picture without what waits, hidden, to be used again.
PICTURE = """() => {
  const scene = document.querySelector(".scene").cloneNode(true);
  for (const element of scene.querySelectorAll("*")) {
    if (element.style.display === "none") element.remove();
    if (!element.getAttribute("style")) element.removeAttribute("style");
    if (!element.getAttribute("class")) element.removeAttribute("class");
  }
  return scene.outerHTML;
}"""


# The keys that a help lists; "1 … 9" are nine.
SIGNS = """() => [...document.querySelectorAll(".help p")].flatMap((row) => {
  const signs = [...row.querySelectorAll("kbd")].map((key) => key.textContent);
  if (!row.textContent.includes("…")) return signs;
  const [first, last] = signs.map(Number);
  return Array.from({ length: last - first + 1 }, (_, i) => String(first + i));
})"""


def signs_in_help(page: Page) -> list[str]:
    """All keys that the help of a view names, as it writes them."""
    return list(page.evaluate(SIGNS))


class Stage:
    """A page on which views are shown, one test after the other. `errors` are those of the page."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        self.page: Page = browser.new_page(**options)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.expose_function("kernel", lambda content: answers_of(self.widget, content))

    def clear(self, width: int, light: bool, calm: bool) -> None:
        """An empty page of that width and light, for a reader who does or does not like motion."""
        self.errors.clear()
        self.page.set_viewport_size({"width": width, "height": 1000})
        self.page.emulate_media(reduced_motion="reduce" if calm else "no-preference")
        self.page.goto("about:blank")
        self.page.set_content(PAGE.format(css=ClusterView._css, light=str(light).lower()))

    def show(self, trace: Trace, answers: bool = True, **options: Any) -> Stage:
        """Add a view of `trace` to the page; unless the kernel `answers`, it is silent."""
        self.widget = ClusterView(trace, **options)
        packed = base64.b64encode(self.widget.trace).decode()
        self.page.evaluate(START, [module("cluster.js"), packed, self.widget.options, answers])
        self.settle()
        return self

    # -- what is to be seen ----------------------------------------------------------------------

    @property
    def view(self) -> Locator:
        return self.page.locator(".cluster-view").first

    @property
    def time(self) -> float:
        """The time on the scrubber, in ms."""
        return float(self.page.locator(".scrubber").first.input_value()) / 1000

    @property
    def sent(self) -> list[Any]:
        return list(self.page.evaluate("window.sent"))

    def picture(self) -> str:
        """All of the picture, as markup."""
        return str(self.page.evaluate(PICTURE))

    def labels(self) -> list[str]:
        """Each server in words: "S1: leader, term 1, …"."""
        return list(
            self.page.locator(".server").evaluate_all(
                "(all) => all.map((one) => one.getAttribute('aria-label'))"
            )
        )

    def seek(self, time: float) -> None:
        """Move the scrubber to `time` (ms)."""
        self.page.locator(".scrubber").fill(str(time * 1000))
        self.settle()

    def settle(self) -> None:
        """Wait until what was asked for has been drawn."""
        self.page.evaluate("() => new Promise((r) => requestAnimationFrame(() => setTimeout(r)))")

    def press(self, *keys: str) -> None:
        """Press keys while the view has the focus."""
        self.view.focus()
        for key in keys:
            self.page.keyboard.press(key)
            self.settle()

    def wait_for_branches(self, count: int) -> None:
        """Wait until the tape has so many rows."""
        self.page.wait_for_function(f"document.querySelectorAll('.tape-row').length === {count}")
        self.settle()


def answers_of(widget: ClusterView, content: Any) -> list[tuple[Any, list[str]]]:
    """What the kernel would send back, one after the other."""
    answers: list[tuple[Any, list[str]]] = []

    def send(answer: Any, buffers: list[bytes]) -> None:
        answers.append((answer, [base64.b64encode(buffer).decode() for buffer in buffers]))

    widget.send = send  # type: ignore[method-assign, assignment]
    widget.hear(None, json.loads(json.dumps(content)), [])
    return answers


Show = Callable[..., Stage]
