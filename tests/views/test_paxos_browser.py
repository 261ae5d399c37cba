"""Paxos and a learner's own class in the live view: what a class says of itself is what is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from consensus_lab import MultiPaxos, Paxos
from consensus_lab.testing import paxos_stories as stories
from consensus_lab.testing.paxos_stories import propose, stage
from consensus_lab.views.assets import module
from consensus_lab.views.colours import term_colour
from consensus_lab.views.flight_still import HUES, KNOWN, SHAPES, SPARE, look_of, sign_of
from consensus_lab.views.tally import LED

from ..protocols.test_shown import Counts
from .stage import Stage
from .test_side_by_side_browser import Runs
from .test_words_js import LOAD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CALM = stage(Paxos).at(50, propose(4, "S1")).run()
LOG = stories.hole(MultiPaxos).run()
DUEL = stories.duel(Paxos).run()


@pytest.fixture(scope="module")
def shown(browser: Browser) -> Iterator[Stage]:
    shown = Stage(browser)
    yield shown
    assert shown.errors == []
    shown.page.close()


def see(shown: Stage, trace: Any, at: float) -> Stage:
    shown.clear(width=1200, light=True, calm=True)
    return shown.show(trace, at=at, play=False)


def table(shown: Stage) -> list[list[str]]:
    rows = shown.page.locator(".of-servers tr").all()
    return [[cell.inner_text() for cell in row.locator("th, td").all()] for row in rows]


def test_the_columns_are_those_that_the_class_names(shown: Stage) -> None:
    heads, first, *_ = table(see(shown, CALM, 400))
    assert heads == ["", "promised", "accepted", "promises", "chosen"]
    assert first[:3] == ["S1", "1.S1", "4 @1.S1"]
    assert first[-1] == "4 @1.S1"


def test_what_was_promised_has_the_colour_of_its_ballot(shown: Stage) -> None:
    see(shown, CALM, 400)
    style = shown.page.locator(".of-servers td.of-term").first.get_attribute("style")
    assert style == f"--term: {term_colour((1, 'S1'))}"


def test_a_server_is_told_of_with_its_ballot(shown: Stage) -> None:
    assert see(shown, CALM, 85).labels()[0].startswith("S1: proposer, ballot 1.S1")
    assert shown.page.locator(".band").all_text_contents()[-1] == "ballot 1.S1"


def test_a_proposer_has_dots_for_those_who_have_promised(shown: Stage) -> None:
    see(shown, CALM, 75)
    votes = shown.page.locator(".server").first.locator(".ballot .vote")
    looks = [str(vote.get_attribute("class")) for vote in votes.all()]
    assert looks == ["vote has", "vote awaits", "vote awaits"]


def test_the_legend_shows_a_question_filled_and_its_answer_hollow(shown: Stage) -> None:
    keys = see(shown, CALM, 75).page.locator(".messages-legend .key")
    figures = {
        key.inner_text().strip(): str(key.locator("path").get_attribute("class")).split()
        for key in keys.all()
    }
    assert figures["Prepare"] == ["shape", "hue-0"]
    assert figures["Promise"] == ["shape", "hue-0", "reply"]
    assert figures["Accepted"] == ["shape", "hue-1", "reply"]


def test_a_hole_in_a_log_is_seen_and_said(shown: Stage) -> None:
    cells = see(shown, LOG, 210).page.locator(".log-row .cell.hole")
    assert [cell.inner_text() for cell in cells.all()] == ["hole", "hole"]
    assert cells.first.get_attribute("title") == "index 1: a hole"


def test_a_no_op_fills_it(shown: Stage) -> None:
    see(shown, LOG, 500)
    row = shown.page.locator(".log-row").nth(1)
    assert row.locator(".cell.committed").first.inner_text() == "–"
    assert shown.page.locator(".cell.hole").count() == 0
    assert row.locator(".machine").inner_text() == "y=7"


def test_the_proposal_timer_can_be_fired(shown: Stage) -> None:
    see(shown, stories.late(Paxos).run(80), 75).press("1")
    shown.page.get_by_role("button", name="time out S1").click()
    shown.wait_for_branches(2)
    [asked] = [sent for sent in shown.sent if "what_if" in sent]
    assert asked["what_if"]["fault"] == {"fault": "timeout", "server": "S1", "timer": "proposal"}


def test_a_learners_class_shows_what_it_says(shown: Stage) -> None:
    trace = replace(CALM.scenario, protocol=Counts, options={}).run()
    heads, first, *_ = table(see(shown, trace, 300))
    assert (heads, first) == (["", "heard"], ["S1", "1"])
    assert shown.labels()[0].startswith("S1: up, epoch 4")


def test_side_by_side_a_table_says_what_each_cost(browser: Browser) -> None:
    runs = Runs(browser)
    runs.show(costs=True)
    heads = runs.page.locator(".costs thead th").all_inner_texts()
    assert heads == ["", "strict", "lax"]
    rows = runs.page.locator(".costs tbody tr").all()
    assert tuple(row.locator("th").inner_text() for row in rows) == LED
    assert rows[-1].locator("td").all_inner_texts() == ["none", "none"]
    assert runs.errors == []
    runs.page.close()


# ---- stills and live views agree ----


@pytest.fixture(scope="module")
def palette(browser: Browser) -> Iterator[Page]:
    """A page that has read it."""
    page = browser.new_page()
    page.evaluate(LOAD, {"palette": module("palette.js")})
    yield page
    page.close()


@pytest.mark.parametrize(
    "kind", [*KNOWN, "ClientReply", "ClientRefusal", "Ping", "Put", "GetReply", "Sync", "Nack"]
)
def test_a_message_looks_the_same_in_a_still(palette: Page, kind: str) -> None:
    live = palette.evaluate("(kind) => palette.lookOf(kind)", kind)
    shape, hue, reply = look_of(kind)
    assert (live["shape"], live["hue"], live["reply"]) == (SHAPES[shape], hue, reply)


def test_no_learners_kind_looks_like_one_that_everyone_knows() -> None:
    assert set(SPARE) <= set(SHAPES)
    names = ["Ping", "Pong", *(f"Kind{number}" for number in range(200))]
    looks = {look_of(name)[:2] for name in names}
    assert looks.isdisjoint(KNOWN.values())
    assert {hue for _, hue in looks} == set(range(len(HUES)))


def test_a_refusal_has_its_sign() -> None:
    [nack, *_] = [m.message for m in stories.duel(Paxos).run(200).messages if named(m, "Nack")]
    assert sign_of(nack) == "−"


def named(flight: Any, kind: str) -> bool:
    return type(flight.message).__name__ == kind


def test_ballots_that_follow_each_other_fast_are_one_stretch_of_the_tape(shown: Stage) -> None:
    see(shown, DUEL, 250)
    many = shown.page.locator(".band.many")
    assert many.count() == 1
    assert re.fullmatch(r"ballots \d+", many.text_content() or "")


FITS = """(bar) => {
  const range = document.createRange();
  range.selectNodeContents(bar);
  const [words, box] = [range.getBoundingClientRect(), bar.getBoundingClientRect()];
  return (words.top + words.bottom) / 2 < box.bottom;
}"""


def test_words_that_do_not_fit_into_a_bar_are_left_out(shown: Stage) -> None:
    see(shown, DUEL, 250)  # two clients have just asked
    assert shown.page.locator(".operation").evaluate_all(f"(all) => all.map({FITS})") == [False] * 2
    see(shown, DUEL, 2900)
    assert shown.page.locator(".operation").evaluate_all(f"(all) => all.map({FITS})") == [True] * 2
