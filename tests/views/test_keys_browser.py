"""Every key that the help of a cluster view names is pressed here, and what comes of it is told.

A key without such a test fails `test_each_key_of_the_help_has_its_test`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from consensus_lab import Raft, Scenario, crash
from consensus_lab.simulation import ask, say
from consensus_lab.simulation.trace import Trace, Violation

from .stage import Show, Stage, signs_in_help

SCENARIO = Scenario(Raft, servers=5, seed=7, clients=2, duration=1500)
RUN = SCENARIO.run()
NINE = Scenario(Raft, servers=9, seed=7, duration=200).run()
EVENTS = sorted({event.time / 1000 for event in RUN.events})
ARRIVALS = sorted({event.time / 1000 for event in RUN.events if event.kind == "deliver"})
FLYING = next(f for f in RUN.messages if f.sent > 700_000 and f.due - f.sent > 5000)
MIDWAY = (FLYING.sent + FLYING.due) // 2
OTHERS = [name for name in RUN.servers if name != "S2"]
LESSON = Scenario(Raft, seed=7, duration=400).at(0, say("One."), ask("Two?", "Yes.")).run()
BROKEN = Scenario(Raft, seed=7, duration=900).run()
BROKEN.violations.append(Violation(812_000, 5, "Election Safety", "two leaders in term 1"))
CRASHED = SCENARIO.at(600, crash("S2")).run()
MEMBERS = Scenario(
    Raft, servers=4, seed=7, duration=900, options={"members": ("S1", "S2", "S3")}
).run()


@dataclass(frozen=True)
class Key:
    """A key as the help writes it, and what a test does: where it opens, what must come of it."""

    sign: str
    press: str
    came: Callable[[Stage], object]
    after: tuple[str, ...] = ()
    at: float = 700
    trace: Trace = RUN


def button(name: str) -> Callable[[Stage], bool]:
    return lambda stage: stage.page.get_by_role("button", name=name, exact=True).is_visible()


def at(time: float) -> Callable[[Stage], bool]:
    return lambda stage: abs(stage.time - time) < 0.0005


def shows(selector: str, words: str) -> Callable[[Stage], bool]:
    return lambda stage: stage.page.locator(selector).first.inner_text() == words


def focus(selector: str) -> Callable[[Stage], bool]:
    return lambda stage: stage.page.evaluate(f"document.activeElement.matches('{selector}')")


def chosen(name: str) -> Callable[[Stage], bool]:
    def came(stage: Stage) -> bool:
        pressed = stage.page.locator(".server[aria-pressed=true]").evaluate_all(
            "(all) => all.map((one) => one.getAttribute('aria-label').split(':')[0])"
        )
        return pressed == [name] and shows(".card h3", f"Server {name}")(stage)

    return came


def no_card(stage: Stage) -> bool:
    return stage.page.locator(".card").is_hidden()


def in_flight(stage: Stage) -> bool:
    """The card shows a message that is on its way."""
    flying = [f for f in RUN.messages if f.sent <= MIDWAY < f.due]
    titles = {f"{type(f.message).__name__}, {f.source} → {f.target}" for f in flying}
    return stage.page.locator(".card h3").inner_text() in titles


def asked(fault: Mapping[str, Any], time_us: int = 700_001) -> Callable[[Stage], bool]:
    """The kernel was asked for just this, and what it answered is shown as a branch."""

    def came(stage: Stage) -> bool:
        stage.wait_for_branches(2)
        question = {"branch": 0, "time_us": time_us, "fault": fault}
        return stage.sent[0]["what_if"] == question and stage.widget.branches[1:] != []

    return came


def on_the_message(fault: str, **more: Any) -> Callable[[Stage], bool]:
    def came(stage: Stage) -> bool:
        first = next(i for i, f in enumerate(RUN.messages) if f.sent <= MIDWAY < f.due)
        return asked({"fault": fault, "message": first, **more}, MIDWAY + 1)(stage)

    return came


def columns(stage: Stage) -> list[int]:
    labels = stage.page.locator(".log-head .index:visible").all_inner_texts()
    return [int(label) for label in labels if label]


def length(stage: Stage) -> int:
    return max(len(fields["log"]) for fields in RUN.state_at(stage.time).values())


def request(operation: list[Any]) -> dict[str, Any]:
    return {"fault": "request", "operation": operation, "client": "C"}


def joins(stage: Stage) -> bool:
    """The leader is told to let S4 join."""
    state = MEMBERS.state_at(700)
    leader = next(name for name in MEMBERS.servers if state[name]["role"] == "leader")
    order = {"fault": "reconfigure", "server": leader, "change": "add_server", "members": ["S4"]}
    return asked(order)(stage)


LOOKING = [
    Key("space", " ", button("Pause")),
    Key(".", ".", button("Pause")),
    Key("←", "ArrowLeft", at(max(t for t in EVENTS if t < 700))),
    Key("→", "ArrowRight", at(min(t for t in EVENTS if t > 700))),
    Key("[", "[", shows(".speed", "0.067×")),
    Key("]", "]", shows(".speed", "0.15×")),
    Key("Home", "Home", at(0)),
    Key("End", "End", at(1500)),
    Key("shift ←", "Shift+ArrowLeft", at(max(t for t in ARRIVALS if t < 700))),
    Key("shift →", "Shift+ArrowRight", at(min(t for t in ARRIVALS if t > 700))),
    *(Key(f"{n}", f"{n}", chosen(f"S{n}"), at=100, trace=NINE) for n in range(1, 10)),
    Key("n", "n", shows(".lesson .words", "Two?"), at=0, trace=LESSON),
    Key("b", "b", shows(".lesson .words", "One."), after=("n",), at=0, trace=LESSON),
    Key("m", "m", in_flight, at=MIDWAY / 1000),
    Key("page ↑", "PageUp", lambda stage: columns(stage)[-1] < length(stage), at=1500),
    Key(
        "page ↓",
        "PageDown",
        lambda stage: columns(stage)[-1] >= length(stage),
        after=("PageUp",),
        at=1500,
    ),
    Key("v", "v", at(812), at=100, trace=BROKEN),
    Key("Escape", "Escape", no_card, after=("2",)),
    Key("e", "e", focus(".add-fault select")),
    Key("f", "f", focus(".do-crash")),
    Key("?", "?", lambda stage: stage.page.locator(".help").is_visible()),
]
"""Keys that change what is seen, in the order of the help."""

ASKING = [
    Key("r", "r", asked({"fault": "crash", "server": "S2"}), after=("2",)),
    Key("r", "r", asked({"fault": "restart", "server": "S2"}), after=("2",), trace=CRASHED),
    Key("s", "s", asked({"fault": "pause", "server": "S2"}), after=("2",)),
    Key("t", "t", asked({"fault": "timeout", "server": "S2"}), after=("2",)),
    Key("p", "p", asked({"fault": "partition", "groups": [["S2"], OTHERS]}), after=("2",)),
    Key("c", "c", asked(request(["write", "x", 101]))),
    Key("g", "g", asked(request(["read", "x"]))),
    Key("j", "j", joins, after=("4",), trace=MEMBERS),
    Key("d", "d", on_the_message("drop"), after=("m",), at=MIDWAY / 1000),
    Key("l", "l", on_the_message("delay", by=100), after=("m",), at=MIDWAY / 1000),
    Key("u", "u", on_the_message("duplicate"), after=("m",), at=MIDWAY / 1000),
]
"""Keys that ask the kernel "what if?"."""


@pytest.fixture
def show(stage: Stage) -> Iterator[Show]:
    """Opens a live view that stands still, on an empty page; an error in it fails the test."""

    def opened(trace: Trace = RUN, **options: Any) -> Stage:
        stage.clear(1200, True, calm=True)
        return stage.show(trace, speed=0.1, **options)

    yield opened
    assert stage.errors == []


def in_words(key: Key) -> str:
    return f"{key.sign} again" if key.trace is CRASHED else key.sign


@pytest.mark.parametrize("key", LOOKING, ids=in_words)
def test_a_key_changes_what_is_seen_and_asks_nothing(show: Show, key: Key) -> None:
    stage = show(key.trace, at=key.at)
    stage.press(*key.after)
    assert not key.came(stage)
    stage.press(key.press)
    assert key.came(stage)
    assert stage.sent == []


@pytest.mark.parametrize("key", ASKING, ids=in_words)
def test_a_key_asks_what_if_and_shows_the_answer(show: Show, key: Key) -> None:
    stage = show(key.trace, at=key.at)
    stage.press(*key.after)
    assert stage.sent == []
    stage.press(key.press)
    assert key.came(stage)


def test_each_key_of_the_help_has_its_test(show: Show) -> None:
    known = dict.fromkeys(key.sign for key in [*LOOKING, *ASKING])
    assert sorted(signs_in_help(show().page)) == sorted(known)
