"""How many frames a second the cluster view draws, and how soon its first picture is there.

Runs in a headless Chromium; without one it says so. The second half of a run is played at 0.1×.
"busiest frame": 99 of 100 come sooner after the one before. "work": what our own code takes of a
frame.
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from typing import Any

from consensus_lab import Raft, Scenario
from consensus_lab.simulation.network import Network
from consensus_lab.views.assets import module
from consensus_lab.views.cluster import ClusterView, packed

from .table import Row

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SECONDS = 4

RUN = """async ([code, packed, seconds, at]) => {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const values = { trace: new DataView(bytes.buffer), options: { at, play: true, speed: 0.1 } };
  const model = { get: (name) => values[name], on() {}, off() {}, send() {} };
  const el = document.getElementById("view");
  const nextFrame = () => new Promise(requestAnimationFrame);
  const begin = performance.now();
  const close = await widget.render({ model, el });
  await nextFrame();
  await nextFrame();
  const first = performance.now() - begin;
  let work = 0;
  const request = window.requestAnimationFrame;
  window.requestAnimationFrame = (draw) => request((now) => {
    const from = performance.now();
    draw(now);
    work += performance.now() - from;
  });
  const gaps = [];
  let last = performance.now();
  const end = last + 1000 * seconds;
  while (last < end) {
    await new Promise(request);
    const now = performance.now();
    gaps.push(now - last);
    last = now;
  }
  close();
  gaps.sort((a, b) => a - b);
  const busiest = gaps[Math.floor(gaps.length * 0.99)];
  return { first, busiest, rate: gaps.length / seconds, work: work / gaps.length };
}"""


def scenario(servers: int, duration: float) -> Scenario:
    """A busy cluster: three clients, and a network that is slow enough for messages to crowd."""
    network = Network(latency=(10, 40))
    return Scenario(Raft, servers=servers, clients=3, seed=7, duration=duration, network=network)


def measure(page: Any, servers: int, duration: float) -> Iterator[Row]:
    """The rows of one scenario."""
    trace = scenario(servers, duration).run()
    page.set_content(f'<style>{ClusterView._css}</style><div id="view"></div>')
    encoded = base64.b64encode(packed(trace)).decode()
    seen = page.evaluate(RUN, [module("cluster.js"), encoded, SECONDS, duration / 2])
    size = len(packed(trace)) / 1000
    name = f"{servers} servers, {len(trace.messages):,} messages"
    yield Row(f"frames, {name}", [seen["rate"]], "/s", 60)
    yield Row(f"busiest frame of a hundred, {name}", [seen["busiest"]], "ms")
    yield Row(f"our own work in a frame, {name}", [seen["work"]], "ms")
    yield Row(f"first picture, {name}", [seen["first"]], "ms", 300, f"{size:,.0f} KB packed")


def rows() -> Iterator[Row]:
    """The rows of the table; none without a browser."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        print(f"Not measured: there is no browser ({', '.join(BROWSERS)}) on this machine.")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        for servers, duration in ((5, 1_000), (5, 24_000), (9, 40_000)):
            yield from measure(page, servers, duration)
        browser.close()
