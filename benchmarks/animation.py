"""How many frames a second the cluster view draws, and how soon its first picture is there.

Runs in a headless Chromium; without one it says so. The second half of a run is played at 0.1×.
"busiest frame": 99 of 100 come sooner after the one before. "work": what our own code takes of a
frame. "messages to the kernel": while it plays and is scrubbed.
Last, for scale, what an empty page reaches, and what other ways to animate do.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from queue import SimpleQueue
from statistics import median
from threading import Thread
from time import perf_counter
from typing import Any

from consensus_lab import Raft, Scenario
from consensus_lab.simulation.network import Network
from consensus_lab.views.assets import module
from consensus_lab.views.cluster import ClusterView, packed

from . import other_animations
from .table import Row

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SECONDS = 4

RUN = """async ([code, packed, seconds, at]) => {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const values = { trace: new DataView(bytes.buffer), options: { at, play: true, speed: 0.1 } };
  let sent = 0;
  const send = () => sent++;
  const get = (name) => values[name];
  const model = { get, on() {}, off() {}, send, set: send, save_changes: send };
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
  const scrubber = el.querySelector(".scrubber");
  for (const share of [0.1, 0.9, 0.5]) {
    scrubber.value = share * scrubber.max;
    scrubber.dispatchEvent(new Event("input"));
    await new Promise(request);
  }
  el.querySelector(".play").click();
  await new Promise((rest) => setTimeout(rest, 300));
  let asked = 0;
  window.requestAnimationFrame = (draw) => (asked++, request(draw));
  await new Promise((rest) => setTimeout(rest, 500));
  window.requestAnimationFrame = request;
  close();
  el.replaceChildren();
  gaps.sort((a, b) => a - b);
  const busiest = gaps[Math.floor(gaps.length * 0.99)];
  return { first, busiest, rate: gaps.length / seconds, work: work / gaps.length, asked, sent };
}"""

# From the click until the branch has been drawn. `window.kernel` gives what the kernel answers.
WHAT_IF = """async ([code, packed]) => {
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const values = { trace: bytes(packed), options: { at: 5000 } };
  let hear = null;
  const send = async (content) => {
    const [answer, buffer] = await window.kernel(content);
    hear(answer, [bytes(buffer)]);
  };
  const on = (name, listener) => name === "msg:custom" && (hear = listener);
  const el = document.getElementById("view");
  const model = { get: (name) => values[name], on, off() {}, send };
  const close = await widget.render({ model, el });
  await new Promise(requestAnimationFrame);
  await new Promise((rest) => setTimeout(rest, 200));
  const begin = performance.now();
  el.querySelector(".do-crash").click();
  while (el.querySelectorAll(".tape-row").length < 2) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  const took = performance.now() - begin;
  close();
  return took;
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
    idle, sent = f"{seen['asked']} frames", f"{seen['sent']} messages to the kernel"
    yield Row(f"frames, {name}", [seen["rate"]], "/s", 59, f"{sent}; while it stands still: {idle}")
    yield Row(f"busiest frame of a hundred, {name}", [seen["busiest"]], "ms", 20)
    yield Row(f"our own work in a frame, {name}", [seen["work"]], "ms")
    yield Row(f"on the wire, {name}", [size / 1000], "MB", 4)
    most = 1000 if len(trace.events) > 10_000 else 300
    told = f"{len(trace.events):,} events"
    yield Row(f"first picture, {name}", [seen["first"]], "ms", most, told)


def what_if(page: Any) -> Iterator[Row]:
    """How soon the branch of a "what if" in a scenario of 10 s is on the screen."""
    widget = ClusterView(scenario(5, 10_000).run())
    code, trace = module("cluster.js"), base64.b64encode(widget.trace).decode()
    spent: list[float] = []
    threads: list[Thread] = []

    def kernel(content: Any) -> tuple[Any, str]:
        """The first answer; meanwhile the rest of the run goes on, as it does in Jupyter."""
        answers: SimpleQueue[tuple[Any, bytes]] = SimpleQueue()
        widget.send = lambda answer, buffers: answers.put((answer, *buffers))  # type: ignore
        begin = perf_counter()
        threads.append(Thread(target=widget.hear, args=(None, json.loads(json.dumps(content)), [])))
        threads[-1].start()
        answer, buffer = answers.get()
        spent.append(1000 * (perf_counter() - begin))
        return answer, base64.b64encode(buffer).decode()

    page.expose_function("kernel", kernel)
    took = []
    for _ in range(7):
        page.set_content(f'<style>{ClusterView._css}</style><div id="view"></div>')
        took.append(page.evaluate(WHAT_IF, [code, trace]))
        threads[-1].join()
    rest = f"of these until the kernel's first answer: {median(spent):.0f} ms"
    yield Row("what if, 5 servers, 10 s: until the branch is drawn", took, "ms", 200, rest)


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
        for servers, duration in ((5, 1_000), (9, 36_000), (9, 66_000)):
            yield from measure(page, servers, duration)
        yield from what_if(page)
        yield from other_animations.rows(page)
        browser.close()
