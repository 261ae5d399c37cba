"""A page with live cluster views in it, without JupyterLab: a stub stands for the model."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from consensus_lab.simulation.trace import Trace
from consensus_lab.views.cluster import ClusterView

from .sheet import Sheet

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

# What the view sends goes to `window.kernel`, if there is one, and what that returns comes back.
START = """async ([packed, options, answers]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const { default: view } = await window.module;
  const values = { trace: new DataView(bytes(packed).buffer), options };
  let hear = () => {};
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
  const others = window.dispose;
  const close = await view.render({ model, el });
  window.dispose = () => [others, close].forEach((one) => one?.());
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


class Stage(Sheet):
    """A page on which live clusters are shown, one test after the other."""

    def __init__(self, browser: Browser, **options: Any) -> None:
        super().__init__(browser, "cluster.js", ClusterView._css, **options)
        self.page.expose_function("kernel", lambda content: answers_of(self.widget, content))

    def clear(self, width: int, light: bool, calm: bool) -> None:  # type: ignore[override]
        super().clear(width, 1000, light, calm)

    def show(self, trace: Trace, answers: bool = True, **options: Any) -> Stage:
        """Add a view of `trace` to the page; unless the kernel `answers`, it is silent."""
        self.widget = ClusterView(trace, **options)
        packed = base64.b64encode(self.widget.trace).decode()
        self.page.evaluate(START, [packed, self.widget.options, answers])
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
