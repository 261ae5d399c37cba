"""The panels that a cluster view shows when asked: the index arrays, and the role diagram."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from consensus_lab import Raft, Scenario, crash, request
from consensus_lab.protocols.raft import BasicRaft
from consensus_lab.simulation.trace import Trace
from consensus_lab.views.roles import WAYS, moves
from consensus_lab.views.steps import five_steps, indexes, steps_of

from .stage import Show, Stage

if TYPE_CHECKING:
    pass

WRITTEN = Scenario(BasicRaft, servers=3, seed=2, duration=500).at(300, request("write", "x", 7))
FIVE = five_steps(WRITTEN)
RUN = Scenario(Raft, seed=1, duration=1000).at(500, crash("leader")).run()


@pytest.fixture
def show(stage: Stage) -> Iterator[Show]:
    """Opens a live view on an empty page; any error in the page fails the test."""

    def opened(trace: Trace, light: bool = True, **options: Any) -> Stage:
        stage.clear(1200, light, calm=True)
        return stage.show(trace, **options)

    yield opened
    assert stage.errors == []


# ---- indexes ----


def rows(stage: Stage) -> dict[str, tuple[str, ...]]:
    """The table of indexes as it is shown."""
    lines = stage.page.locator(".indexes tbody tr").all()
    cells = [
        (line.locator("th").inner_text(), line.locator("td").all_inner_texts()) for line in lines
    ]
    return {name.split()[0]: tuple(values) for name, values in cells}


@pytest.mark.parametrize("number", range(5))
def test_the_table_shows_the_indexes_of_each_step(show: Show, number: int) -> None:
    time = steps_of(FIVE)[number].time
    assert rows(show(FIVE, indexes=True, at=time)) == indexes(FIVE, time)


def test_it_opens_at_the_first_step_and_n_goes_on(show: Show) -> None:
    stage = show(FIVE, indexes=True)
    assert stage.time == steps_of(FIVE)[0].time
    stage.press("n")
    assert stage.time == pytest.approx(steps_of(FIVE)[1].time)


def test_what_has_changed_since_the_last_step_is_marked(show: Show) -> None:
    stage = show(FIVE, indexes=True, at=steps_of(FIVE)[3].time)
    assert stage.page.locator(".indexes td.changed").all_inner_texts() == ["2", "2", "3", "2"]


def test_the_leader_has_a_star(show: Show) -> None:
    stage = show(FIVE, indexes=True)
    assert stage.page.locator(".indexes tbody th").all_inner_texts() == ["S1 ★", "S2", "S3"]


def test_without_being_asked_there_are_no_panels(show: Show) -> None:
    stage = show(FIVE)
    assert stage.page.locator(".indexes").count() == 0
    assert stage.page.locator(".roles").count() == 0


# ---- roles ----


def lit(stage: Stage) -> list[str]:
    """The conditions of the ways that are lit."""
    return stage.page.locator(".roles .lit text").all_text_contents()


@pytest.mark.parametrize("move", moves(RUN)[5:], ids=str)
def test_a_way_lights_up_when_a_server_takes_it(show: Show, move: Any) -> None:
    stage = show(RUN, roles=True, at=move.time / 1000)
    assert WAYS[move.way].words in lit(stage)


def test_after_a_while_no_way_is_lit(show: Show) -> None:
    assert lit(show(RUN, roles=True, at=400)) == []


def test_the_chips_follow_the_scrubber(show: Show) -> None:
    def place(name: str) -> Any:
        chip = stage.page.locator(".roles .chip", has_text=name)
        return chip.evaluate("(chip) => chip.style.transform")

    stage = show(RUN, roles=True, at=100)
    before = place("S4")
    stage.seek(400)
    leads = place("S4")
    stage.seek(600)
    crashed = place("S4")
    assert len({before, leads, crashed}) == 3
    stage.seek(100)
    assert place("S4") == before


def test_it_is_said_whether_somebody_has_crashed(show: Show) -> None:
    stage = show(RUN, roles=True, at=400)
    words = stage.page.locator(".roles .crashed")
    assert words.text_content() == "crashed: nobody"
    stage.seek(600)
    assert words.text_content() == "crashed:"


def test_the_diagram_is_readable_in_the_dark(show: Show) -> None:
    stage = show(RUN, light=False, roles=True, at=198)
    ink = "(element) => getComputedStyle(element).fill"
    assert stage.page.locator(".roles .lit text").first.evaluate(ink) == "rgb(232, 234, 240)"
