"""Where the network is cut: who still reaches whom, and the walls and links that say so."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consensus_lab import Raft, Scenario, cut, heal, partition
from consensus_lab.simulation.faults import Fault
from consensus_lab.simulation.trace import Trace
from consensus_lab.views.assets import module
from consensus_lab.views.cluster_still import still
from consensus_lab.views.cuts import Links, groups_of, parting_in_words
from consensus_lab.views.wall import cut_parts

from .stage import Show, Stage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SERVERS = ["S1", "S2", "S3", "S4", "S5"]
SPOTS = {name: (100.0 * i, 80.0 * (i % 2)) for i, name in enumerate(SERVERS)}
WAYS = list(permutations(SERVERS, 2))
LOAD = """async (code) => {
  window.wall = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
}"""
PARTED = """(ways) => {
  const cut = new Set(ways.map((way) => way.join(">")));
  const groups = wall.groupsOf(["S1", "S2", "S3", "S4", "S5"], cut);
  return [groups, wall.partingInWords(groups, cut)];
}"""

# How near a wall comes to the middle of a server.
NEAREST = """() => {
  const drawn = [...document.querySelectorAll(".wall .edge[d]")][0];
  const length = drawn.getTotalLength();
  const steps = Array.from({ length: 60 }, (_, i) => drawn.getPointAtLength((length * i) / 59));
  const spots = [...document.querySelectorAll(".server")].map(
    (server) => server.transform.baseVal[0].matrix,
  );
  const apart = ({ x, y }) => spots.map(({ e, f }) => Math.hypot(x - e, y - f));
  return Math.min(...steps.flatMap(apart));
}"""


def between(*pairs: str) -> Links:
    """The ways "1>2 3-4": one way, and there and back."""
    found = set()
    for pair in pairs:
        a, b = f"S{pair[0]}", f"S{pair[-1]}"
        found |= {(a, b)} if ">" in pair else {(a, b), (b, a)}
    return frozenset(found)


def run(*faults: Fault, clients: int = 0) -> Trace:
    return Scenario(Raft, servers=5, seed=7, clients=clients).at(600, *faults).run(800)


# ---- who reaches whom ----


@pytest.mark.parametrize(
    ("cuts", "words"),
    [
        ([], ""),
        (["1-2"], ""),
        (["1-2", "1-3", "1-4", "1-5"], "S1 | S2 S3 S4 S5"),
        (["1>2", "1>3", "1>4", "1>5"], "S2 S3 S4 S5 → S1"),
        (["2>1", "3>1", "4>1", "5>1"], "S1 → S2 S3 S4 S5"),
        (["1-2", "1-3", "1-4"], ""),  # by way of S5
        ([f"{a}-{b}" for a in "13" for b in "245"], "S1 S3 | S2 S4 S5"),
        ([*(f"1-{b}" for b in "2345"), *(f"2-{b}" for b in "345")], "S1 | S2 | S3 S4 S5"),
    ],
)
def test_groups_are_who_can_reach_each_other(cuts: list[str], words: str) -> None:
    links = between(*cuts)
    assert parting_in_words(groups_of(SERVERS, links), links) == words


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.evaluate(LOAD, module("wall.js"))
    yield page
    page.close()


@settings(max_examples=40, deadline=None)
@given(ways=st.sets(st.sampled_from(WAYS), min_size=5))
def test_the_browser_finds_the_same_groups(page: Page, ways: set[tuple[str, str]]) -> None:
    links = frozenset(ways)
    groups = groups_of(SERVERS, links)
    found = page.evaluate(PARTED, [list(way) for way in sorted(ways)])
    assert found == [groups, parting_in_words(groups, links)]


# ---- the still ----


def drawn(links: Links) -> list[str]:
    """What is drawn, in words: "wall", "door", "✕"."""
    parts = list(cut_parts(SPOTS, links, (0, 0)))
    walls = sum(part.attributes.get("stroke-dasharray") == "1.4 8.6" for part in parts)
    doors = sum(part.attributes.get("stroke-width") == 24 for part in parts)
    return ["wall"] * walls + ["door"] * doors + [part.text for part in parts if part.text == "✕"]


@pytest.mark.parametrize(
    ("cuts", "expected"),
    [
        (["1-2"], ["✕"]),
        (["1>2"], ["✕"]),
        (["1-2", "1-3", "1-4", "1-5"], ["wall"]),
        (["1>2", "1>3", "1>4", "1>5"], ["wall", "door"]),
        (["1-2", "1>3", "1>4", "1>5"], ["wall", "door", "✕"]),
        ([f"{a}-{b}" for a in "13" for b in "245"], ["wall", "wall"]),
    ],
)
def test_a_wall_stands_between_groups_and_a_cross_on_a_single_link(
    cuts: list[str], expected: list[str]
) -> None:
    assert drawn(between(*cuts)) == expected


def test_a_still_tells_the_groups_while_they_are_apart() -> None:
    trace = Scenario(Raft, servers=3, seed=7).at(300, partition(["S1"], ["S2", "S3"]))
    trace = trace.at(500, heal()).run(600)
    told = ["parted: S1 | S2 S3" in still(trace, time) for time in (200, 400, 550)]
    assert told == [False, True, False]


# ---- the live view ----


@pytest.fixture
def show(stage: Stage) -> Iterator[Show]:
    """Opens a live view on an empty page; an error in it fails the test."""

    def opened(trace: Trace, **options: Any) -> Stage:
        stage.clear(1200, True, True)
        return stage.show(trace, **options)

    yield opened
    assert stage.errors == []


def test_a_wall_is_there_from_the_partition_on(show: Show) -> None:
    stage = show(run(partition(["S1", "S2"], ["S3", "S4", "S5"])), at=700)
    assert stage.page.locator(".wall:visible").count() == 1
    assert stage.page.locator(".cut-link:visible").count() == 0
    stage.seek(500)
    assert stage.page.locator(".wall:visible").count() == 0
    assert stage.page.locator(".parted").text_content() == ""


def test_a_reader_who_listens_hears_of_the_partition(show: Show) -> None:
    stage = show(run(partition(["S1", "S2", "A"], ["S3", "S4", "S5"]), clients=1), at=700)
    spoken = stage.page.locator(".spoken").inner_text()
    assert spoken.endswith("The network is parted: S1 S2 A | S3 S4 S5.")


def test_clients_that_reach_different_groups_do_not_join_these(show: Show) -> None:
    apart = partition(["S1", "S2"], ["S3", "S4", "S5"])
    links = [cut("A", name) for name in SERVERS[2:]] + [cut("B", name) for name in SERVERS[:2]]
    stage = show(run(apart, *links, clients=2), at=700)
    assert stage.page.locator(".parted").text_content() == "parted: S1 S2 A | S3 S4 S5 B"
    assert stage.page.locator(".cut-link:visible").count() == 0


def test_a_wall_lets_through_what_an_arrow_shows(show: Show) -> None:
    ways = [cut("S1", name, one_way=True) for name in SERVERS[1:]]
    stage = show(run(*ways), at=700)
    wall = stage.page.locator(".wall:visible")
    assert wall.locator(".open-way").get_attribute("d").startswith("M-16 0H16M12-8")
    assert stage.page.locator(".parted").text_content() == "parted: S2 S3 S4 S5 → S1"


def test_the_open_way_of_a_link_has_an_arrow(show: Show) -> None:
    stage = show(run(cut("S1", "S2", one_way=True), cut("S3", "S4")), at=700)
    assert stage.page.locator(".cut-link:visible").count() == 2
    assert stage.page.locator(".cut-link:visible .open-way:visible").count() == 1


def test_a_wall_goes_between_the_servers_and_touches_none(show: Show) -> None:
    stage = show(run(partition(["S2"], ["S1", "S3", "S4", "S5"])), at=700)
    least = stage.page.evaluate(NEAREST)
    assert least > 60


WALLED = """() => {
  const cross = [...document.querySelectorAll(".message")].find(
    (figure) => figure.checkVisibility() && figure.textContent.includes("✕"));
  const { left, top, width, height } = cross.querySelector(".shape").getBoundingClientRect();
  const [x, y] = [left + width / 2, top + height / 2];
  const drawn = [...document.querySelectorAll(".wall .edge[d]")];
  const walls = drawn.filter((wall) => wall.checkVisibility());
  return Math.min(...walls.flatMap((wall) => Array.from({ length: 200 }, (_, i) => {
    const point = wall.getPointAtLength((i / 199) * wall.getTotalLength());
    const { x: wx, y: wy } = point.matrixTransform(wall.getScreenCTM());
    return Math.hypot(wx - x, wy - y);
  })));
}"""


def test_a_message_that_is_cut_dies_at_the_wall(stage: Stage) -> None:
    parted = partition(["S1", "S2"], ["S3", "S4", "S5"])
    trace = Scenario(Raft, servers=5, seed=3, duration=1500).at(600, parted).run()
    cut_off = next(one for one in trace.messages if one.fate == "cut" and one.sent > 600_000)
    stage.clear(1200, True, False)
    stage.show(trace, at=(cut_off.sent + 0.97 * (cut_off.due - cut_off.sent)) / 1000)
    assert stage.page.evaluate(WALLED) < 20
    assert stage.errors == []
