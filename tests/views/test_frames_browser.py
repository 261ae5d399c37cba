"""While it plays, the cluster view touches only what changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .screenshots import RAFT as SCENARIO
from .stage import Stage

TIMES = (300, 700, 720, 760, 690, 1100, 400)

IN_ORDER = """() => [...document.querySelectorAll(".log-row")].every((row) => {
  const cells = [...row.querySelectorAll(".cell")].filter((cell) => cell.checkVisibility());
  const places = cells.map((cell) => cell.getBoundingClientRect().left);
  return places.length > 1 && places.every((place, i) => i === 0 || places[i - 1] < place);
})"""

BARS = """() => [...document.querySelectorAll(".operation")]
  .filter((bar) => bar.checkVisibility())
  .map((bar) => [bar.dataset.seen ??= String(Math.random()), bar.title])"""


@pytest.fixture
def shown(stage: Stage) -> Iterator[Stage]:
    stage.clear(900, light=True, calm=True)
    stage.show(SCENARIO.run(), at=706)
    yield stage
    assert stage.errors == []


def test_entries_are_read_out_in_order_wherever_the_reader_came_from(shown: Stage) -> None:
    for time in TIMES:
        shown.seek(time)
        shown.settle()
        assert shown.page.evaluate(IN_ORDER)


def test_the_bar_of_an_operation_stays_its_own(shown: Stage) -> None:
    before = dict(shown.page.evaluate(BARS))
    shown.seek(706.5)
    shown.settle()
    after = dict(shown.page.evaluate(BARS))
    kept = before.keys() & after.keys()
    assert len(kept) > 1
    assert all(before[bar] == after[bar] for bar in kept)


def test_no_bar_goes_beyond_now(shown: Stage) -> None:
    past = shown.page.locator(".past").bounding_box()
    now = shown.page.locator(".present").bounding_box()
    assert past is not None
    assert now is not None
    assert past["x"] + past["width"] == pytest.approx(now["x"], abs=1)


def test_the_thumb_stands_exactly_where_the_run_was_paused(shown: Stage) -> None:
    shown.seek(706.123)
    shown.settle()
    assert shown.time == pytest.approx(706.123)
