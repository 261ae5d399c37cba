"""Faults in the browser: each has words, and each form makes a fault that the simulation knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from consensus_lab.simulation import ask, say
from consensus_lab.simulation import faults as f
from consensus_lab.simulation import orders as o
from consensus_lab.simulation.fault import Fault
from consensus_lab.simulation.triggers import When, becomes, receives, sends
from consensus_lab.views.assets import module

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LOAD = """async (modules) => {
  for (const [name, code] of Object.entries(modules)) {
    const file = new Blob([code], { type: "text/javascript" });
    window[name] = await import(URL.createObjectURL(file));
  }
}"""
FORM = """([kind, run]) => {
  const made = [];
  const form = new fault_form.FaultForm((...what) => made.push(what));
  form.use([kind], { ...run, flights: () => run.flights, selected: () => null });
  document.body.replaceChildren(form.element);
  form.element.requestSubmit();
  return made;
}"""
RUN = {
    "servers": ["S1", "S2", "S3"],
    "clients": ["A"],
    "client": "B",
    "questions": {"write": ["write", "x", 101], "read": ["read", "x"]},
    "flights": [{"id": 7, "kind": "Tick", "from": "S1", "to": "S2"}],
}

Call = Callable[..., Any]


@pytest.fixture(scope="module")
def call(browser: Browser) -> Iterator[Call]:
    """Evaluates JavaScript where the modules are at hand."""
    page = browser.new_page()
    page.evaluate(LOAD, {name: module(f"{name}.js") for name in ("faults", "fault_form")})
    yield page.evaluate
    page.close()


SAID = [
    (f.crash("S2"), "S2 crashes"),
    (f.restart("leader"), "the leader restarts"),
    (f.wipe("S1"), "S1 restarts with an empty disk"),
    (f.pause("S1"), "S1 is paused"),
    (f.resume("S1"), "S1 goes on"),
    (f.timeout("S1"), "S1 times out"),
    (f.timeout("S1", "heartbeat"), "the timer heartbeat of S1 fires"),
    (f.slow_disk("S1", 40), "the disk of S1 takes 40 ms a write"),
    (f.clock_skew("S1", -20), "the clock of S1 is 20 ms behind"),
    (f.clock_skew("S1", 0, 2), "the clock of S1 shows the true time and runs 2 times as fast"),
    (f.cut("S1", "S2"), "the link S1 – S2 is cut"),
    (f.cut("S1", "S2", one_way=True), "the link S1 → S2 is cut"),
    (f.heal("S1", "S2"), "the link S1 – S2 works again"),
    (f.heal(), "all links work again"),
    (f.partition(["S1"], ["S2", "S3"]), "S1 is cut off"),
    (f.partition(["S1", "S2"], ["S3"]), "the network parts: S1 S2 | S3"),
    (f.weather(loss=0.1), "the network changes: loss 10 %"),
    (f.weather(latency=(5, 9)), "the network changes: latency 5–9 ms"),
    (f.drop(0), "Tick S1→S2 is lost"),
    (f.delay(0, 40), "Tick S1→S2 comes 40 ms late"),
    (f.duplicate(9), "message 9 comes twice"),
    (f.transfer("leader", "S2"), "the leader hands over to S2"),
    (f.request("write", "x", 4), "A asks: write x=4"),
    (f.request("read", "x", server="S2"), "A asks: read x (only S2)"),
    (o.add_server("S4"), "order to the leader: add server S4"),
    (say("Look."), "remark: Look."),
    (ask("Who?", "S1."), "question: Who?"),
    (
        When(becomes("leader"), f.crash("it"), after=20),
        "when somebody becomes leader, 20 ms later: it crashes",
    ),
    (
        When(sends("Tick", by="leader", to="S2", number=3), f.drop("it"), nth=2),
        "when the leader sends Tick to S2 (number 3), time 2: that message is lost",
    ),
    (
        When(receives("Tock"), f.pause("it"), times=None),
        "when somebody receives Tock, each time: it is paused",
    ),
]


@pytest.mark.parametrize(("fault", "words"), SAID, ids=[words for _, words in SAID])
def test_each_fault_is_told_in_words(call: Call, fault: Fault, words: str) -> None:
    told = json.loads(json.dumps(fault.to_json()))
    assert call("([f, all]) => faults.faultInWords(f, all)", [told, RUN["flights"]]) == words


def test_no_kind_of_fault_is_without_words() -> None:
    ours = {kind for kind, cls in Fault.kinds.items() if cls.__module__.startswith("consensus_lab")}
    assert {fault.kind for fault, _ in SAID} == ours


def test_a_fault_of_a_learners_own_is_told_by_its_name(call: Call) -> None:
    assert call("() => faults.faultInWords({ fault: 'flood', server: 'S1' })") == "flood S1"


FORMS = [
    ("crash", f.crash("S1")),
    ("restart", f.restart("S1")),
    ("wipe", f.wipe("S1")),
    ("pause", f.pause("S1")),
    ("resume", f.resume("S1")),
    ("timeout", f.timeout("S1")),
    ("slowdisk", f.slow_disk("S1", 50)),
    ("clockskew", f.clock_skew("S1", 0, 2)),
    ("cut", f.cut("S1", "S2")),
    ("heal", f.heal()),
    ("partition", f.partition(["S1"], ["S2", "S3"])),
    ("weather", f.weather(loss=0.1, duplicate=0, latency=(5, 15))),
    ("drop", f.drop(7)),
    ("delay", f.delay(7, 100)),
    ("duplicate", f.duplicate(7)),
    ("request", f.request("write", "x", 101, client="B")),
    ("transfer", f.transfer("leader", "S1")),
]


@pytest.mark.parametrize(("kind", "fault"), FORMS, ids=[kind for kind, _ in FORMS])
def test_each_form_makes_its_fault(call: Call, kind: str, fault: Fault) -> None:
    [[made, at]] = call(FORM, [kind, RUN])
    assert (Fault.from_json(made), at) == (fault, None)


def test_every_form_is_tried_here(call: Call) -> None:
    assert call("() => Object.keys(faults.FORMS)") == [kind for kind, _ in FORMS]
