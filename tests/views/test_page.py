"""A view as a page of its own, opened from the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from consensus_lab.consistency.causal import causal
from consensus_lab.consistency.lattice import strongest
from consensus_lab.graph import Graph
from consensus_lab.history import parse
from consensus_lab.protocols.raft import Raft
from consensus_lab.protocols.stores.gossip import Gossip
from consensus_lab.simulation.scenario import Scenario
from consensus_lab.views import view
from consensus_lab.views.page import page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

STALE = parse("A: [W(x,1)]   [R(x)0]\nB:  [W(x,2)]  [R(x)1]")
THINGS = {
    "history": STALE,
    "verdict": causal(STALE),
    "map": strongest(STALE),
    "run": Scenario(Raft, clients=1, duration=2000),
    "runs side by side": [Scenario(Raft, duration=800), Scenario(Gossip, duration=800)],
    "graph": strongest(STALE).graph(),
    "hostile": Graph(("</script><b>", "<!-- {x}"), ()),
}


@pytest.fixture(scope="module")
def own_tab(browser: Browser) -> Iterator[Page]:
    tab = browser.new_page(viewport={"width": 1100, "height": 760}, offline=True)
    yield tab
    tab.close()


@pytest.fixture
def tab(own_tab: Page) -> Iterator[Page]:
    """A tab without a network; what its page complains of fails the test."""
    errors: list[str] = []
    listeners = {
        "pageerror": lambda error: errors.append(str(error)),
        "console": lambda message: errors.append(message.text),
    }
    for event, listener in listeners.items():
        own_tab.on(event, listener)  # type: ignore[call-overload]
    yield own_tab
    for event, listener in listeners.items():
        own_tab.remove_listener(event, listener)
    assert errors == []


@pytest.mark.parametrize("name", THINGS)
def test_it_moves_without_a_server_or_a_network(
    tab: Page, tmp_path: Path, artefacts: Path, name: str
) -> None:
    path = tmp_path / "page.html"
    path.write_text(page(view(THINGS[name])), "utf-8")
    tab.goto(path.as_uri())
    tab.locator("#view svg").first.wait_for()
    tab.screenshot(path=artefacts / f"page-{name}.png")


@pytest.mark.parametrize("name", ["verdict", "map", "run", "graph"])
def test_it_is_as_dark_as_the_browser_wants_it_also_if_that_changes(
    tab: Page, tmp_path: Path, artefacts: Path, name: str
) -> None:
    path = tmp_path / "page.html"
    path.write_text(page(view(THINGS[name])), "utf-8")
    tab.emulate_media(color_scheme="dark")
    tab.goto(path.as_uri())
    tab.locator("#view svg").first.wait_for()
    paper = "now => getComputedStyle(document.querySelector('#view > *')).backgroundColor === now"
    tab.wait_for_function(paper, arg="rgb(20, 24, 32)")
    tab.screenshot(path=artefacts / f"page-{name}-dark.png")
    tab.emulate_media(color_scheme="light")
    tab.wait_for_function(paper, arg="rgb(255, 255, 255)")


def test_the_same_thing_gives_the_same_bytes() -> None:
    assert page(view(STALE)) == page(view(STALE))


def test_without_javascript_it_shows_the_still_and_its_words() -> None:
    assert '<div id="view"><img alt="A: [W(x,1)]' in page(view(STALE))


def test_a_run_plays_and_asks_nobody_what_if(tab: Page, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page(view(Scenario(Raft, duration=800))), "utf-8")
    tab.goto(path.as_uri())
    clock = tab.locator(".cluster-view .clock")
    before = clock.inner_text()
    tab.wait_for_function(
        "then => document.querySelector('.clock').textContent !== then", arg=before
    )
    assert tab.locator(".actions").count() == 0
