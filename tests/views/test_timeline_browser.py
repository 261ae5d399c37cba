"""The live timeline in a real browser: each control is pressed, and what came of it is checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from consensus_lab.consistency.verdict import Verdict, Witness
from consensus_lab.history import History, Operation, parse
from consensus_lab.views.timeline import WIDTHS

from .live_pages import Open, live_pages
from .sheet import Sheet

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOTES = parse("""
P1:                 [W(x,4)]                [R(y)2]
P2:  [W(y,2)]                   [R(x)0]
""")
WY, WX, RX, RY = NOTES
REORDERED = Verdict(
    "sequential consistency", True, NOTES, Witness((WY, RX, WX, RY), timed=False), None, "So it is."
)
STALE = Verdict(
    "linearizability", False, NOTES, None, NOTES.only([WX, RX]), "The write came first."
)


@pytest.fixture
def show(sheet: Sheet) -> Iterator[Open]:
    """Opens a page with a live timeline."""
    yield from live_pages(sheet, width=1000)


def clock(page: Page, words: str) -> None:
    """Waits until the clock says so."""
    page.wait_for_function(
        "words => document.querySelector('.clock').textContent === words", arg=words
    )


def place(page: Page, operation: int) -> tuple[float, float]:
    """Where the last part that stands for an operation is: its card, if it has one."""
    box = page.locator(f'[data-operation="{operation}"]').last.locator("rect").first.bounding_box()
    assert box is not None
    return box["x"], box["y"]


def scrub(page: Page, time: float) -> None:
    page.locator(".scrubber").evaluate(
        "(element, time) => { element.value = time; element.dispatchEvent(new Event('input')); }",
        time,
    )
    page.wait_for_function(
        "time => Number(document.querySelector('.scrubber').value) === time", arg=time
    )
    page.evaluate("() => new Promise(requestAnimationFrame)")


def test_it_opens_on_the_last_step_as_the_still_does(show: Open) -> None:
    page = show(REORDERED)
    clock(page, "4 / 4")
    assert page.locator(".tl-caption").inner_text() == "4. P1 reads y and gets 2: y is 2."


def test_play_moves_the_operations_and_stops_at_the_end(show: Open) -> None:
    page = show(REORDERED)
    at_the_end = place(page, 0)
    page.get_by_label("Play", exact=True).click()
    page.get_by_label("Pause").wait_for()
    clock(page, "1 / 4")
    assert place(page, 0) != at_the_end
    page.keyboard.press("]")
    clock(page, "4 / 4")
    page.get_by_label("Play", exact=True).wait_for()
    assert place(page, 0) == at_the_end


def test_pause_halts_where_it_is(show: Open) -> None:
    page = show(REORDERED)
    page.get_by_label("Play", exact=True).click()
    clock(page, "1 / 4")
    page.get_by_label("Pause").click()
    page.get_by_label("Play", exact=True).wait_for()
    halted = page.locator(".scrubber").input_value()
    page.wait_for_timeout(150)
    assert page.locator(".scrubber").input_value() == halted


def test_back_to_the_start_puts_every_operation_into_its_lane(show: Open) -> None:
    page = show(REORDERED)
    page.get_by_label("Back to the start").click()
    clock(page, "0 / 4")
    assert page.locator(".tl-caption").inner_text() == "Before the first step."
    for operation in range(4):
        bar = page.locator(f'[data-operation="{operation}"] rect').first.bounding_box()
        assert bar is not None
        assert place(page, operation) == pytest.approx((bar["x"], bar["y"]), abs=0.5)


def test_scrubbing_back_and_forth_gives_the_same_picture(show: Open) -> None:
    page = show(REORDERED)
    scrub(page, 1.5)
    there = page.locator("svg").inner_html()
    scrub(page, 4)
    assert page.locator("svg").inner_html() != there
    scrub(page, 1.5)
    assert page.locator("svg").inner_html() == there


def test_the_step_buttons_go_from_operation_to_operation(show: Open) -> None:
    page = show(REORDERED)
    page.get_by_label("Previous event").click()
    clock(page, "3 / 4")
    assert page.locator(".tl-caption").inner_text() == "3. P1 writes 4 to x: x is now 4."
    page.get_by_label("Next event").click()
    clock(page, "4 / 4")


def test_the_keys_step_rewind_and_play(show: Open) -> None:
    page = show(REORDERED)
    page.locator(".tl").focus()
    page.keyboard.press("ArrowLeft")
    clock(page, "3 / 4")
    page.keyboard.press("Home")
    clock(page, "0 / 4")
    page.keyboard.press("ArrowRight")
    clock(page, "1 / 4")
    page.keyboard.press("End")
    clock(page, "4 / 4")
    page.keyboard.press(" ")
    page.get_by_label("Pause").wait_for()


def test_pointing_at_an_operation_says_it_in_words(show: Open) -> None:
    page = show(NOTES)
    assert "Point at an operation" in page.locator(".tl-pointed").inner_text()
    page.locator('[data-operation="1"] rect').first.hover()
    assert (
        page.locator(".tl-pointed").inner_text()
        == f"P1 writes 4 to x, from {WX.start} to {WX.end}."
    )


def test_tab_and_arrows_lead_from_operation_to_operation(show: Open) -> None:
    page = show(STALE)
    page.keyboard.press("Tab")
    words = page.locator(".tl-pointed")
    assert words.inner_text().startswith("P2 writes 2 to y")
    page.keyboard.press("ArrowDown")
    assert words.inner_text().startswith("P1 writes 4 to x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert words.inner_text().startswith("P1 writes 4 to x")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"


def test_every_operation_has_a_name_for_screen_readers(show: Open) -> None:
    page = show(STALE)
    for group in page.locator("[data-operation]").all():
        assert group.get_attribute("role") == "img"
        assert group.get_attribute("aria-label")
    assert page.locator(".tl").get_attribute("aria-label") == "✗ Linearizability does not hold"


def test_a_counterexample_appears_step_by_step_and_is_explained(show: Open) -> None:
    page = show(STALE)
    assert page.locator(".tl-why").inner_text() == "The write came first."
    visible = (
        "[...document.querySelectorAll('svg circle')].filter(c => c.getAttribute('opacity') > 0)"
    )
    for step, crosses in enumerate((0, 1, 2, 2)):
        scrub(page, step)
        assert page.evaluate(f"{visible}.length") == crosses


def test_with_reduced_motion_it_goes_from_step_to_step(show: Open) -> None:
    page = show(REORDERED, calm=True)
    scrub(page, 1.5)
    between = place(page, 2)
    scrub(page, 2)
    assert place(page, 2) == between


def test_nothing_is_sent_to_the_kernel(show: Open) -> None:
    page = show(REORDERED)
    page.get_by_label("Play", exact=True).click()
    page.get_by_label("Pause").click()
    scrub(page, 2.5)
    page.locator('[data-operation="0"] rect').first.hover()
    assert page.evaluate("window.sent") == []


@pytest.mark.parametrize("width", [400, 600, 800, 1100])
def test_the_picture_fits_and_its_words_stay_readable(show: Open, width: int) -> None:
    page = show(STALE, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shown = page.locator("svg").evaluate("svg => svg.viewBox.baseVal.width")
    assert shown == max([w for w in WIDTHS if w <= width], default=WIDTHS[0])


def test_a_narrower_window_gets_the_narrower_picture(show: Open) -> None:
    page = show(STALE, width=1000)
    page.set_viewport_size({"width": 600, "height": 700})
    page.wait_for_function(f"document.querySelector('svg').viewBox.baseVal.width === {WIDTHS[1]}")
    scrub(page, 0)
    assert page.locator("svg circle").first.get_attribute("opacity") == "0"


def test_it_has_the_colours_of_the_theme(show: Open) -> None:
    def ground(page: Page) -> str:
        return str(page.locator(".tl").evaluate("e => getComputedStyle(e).backgroundColor"))

    assert ground(show(NOTES)) == "rgb(255, 255, 255)"
    assert ground(show(NOTES, light=False)) != "rgb(255, 255, 255)"


def test_values_are_words_and_never_markup(show: Open) -> None:
    write = Operation("P1", "write", "x", ("<b>bold</b>",), None, 0, 60)
    page = show(History([write]))
    assert page.locator("b").count() == 0
    assert "<b>bold</b>" in (page.locator("svg").text_content() or "")


def test_a_history_without_operations_is_shown_and_can_be_played(show: Open) -> None:
    page = show(History([]))
    page.get_by_label("Play", exact=True).click()
    clock(page, "0 / 0")


def test_after_its_end_it_draws_no_more(show: Open) -> None:
    page = show(REORDERED)
    page.get_by_label("Play", exact=True).click()
    page.evaluate("window.dispose()")
    before = page.locator("svg").inner_html()
    page.wait_for_timeout(150)
    assert page.locator("svg").inner_html() == before


@pytest.mark.parametrize("light", [True, False])
def test_a_screenshot_for_whoever_looks_at_the_run(
    show: Open, artefacts: Path, light: bool
) -> None:
    page = show(REORDERED if light else STALE, light=light)
    file = artefacts / f"timeline-{'light' if light else 'dark'}.png"
    page.locator(".tl").screenshot(path=file)
    assert file.stat().st_size > 5000


# ---- a closer look ----

CROWDED = History(
    Operation(f"P{n % 3}", "write", "x", (n,), None, 10 * n, 10 * n + 12) for n in range(50)
)


def test_a_history_with_room_needs_no_closer_look(show: Open) -> None:
    assert not show(NOTES).locator(".tl-zoom").is_visible()


@pytest.mark.parametrize(("closer", "back"), [("+", "-"), ("Closer", "Further away")])
def test_one_can_go_closer_and_back(show: Open, closer: str, back: str) -> None:
    page = show(CROWDED)

    def go(how: str) -> float:
        if len(how) == 1:
            page.locator(".tl").focus()
            page.keyboard.press(how)
        else:
            page.get_by_role("button", name=how).click()
        return float(page.locator(".tl-canvas svg").evaluate("(svg) => svg.viewBox.baseVal.width"))

    usual = page.locator(".tl-canvas svg").bounding_box()
    assert [go(closer), go(closer), go(back)] == [1920, 3840, 1920]
    assert go(back) == WIDTHS[-1]
    assert page.locator(".tl-canvas svg").bounding_box() == usual


def test_a_closer_picture_is_dragged_and_the_names_of_the_lanes_stay(show: Open) -> None:
    page = show(CROWDED)
    page.get_by_role("button", name="Back to the start").click()
    clock(page, "0 / 50")
    page.get_by_role("button", name="Closer").click()
    name = page.locator(".tl-canvas text", has_text=re.compile("^P0$"))
    before = name.bounding_box()
    page.mouse.move(800, 80)
    page.mouse.down()
    page.mouse.move(400, 80, steps=4)
    page.mouse.up()
    page.wait_for_function("document.querySelector('.tl-canvas').scrollLeft === 400")
    page.evaluate("() => new Promise(requestAnimationFrame)")
    after = name.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["x"] - after["x"]) < 1


def test_what_is_told_comes_into_sight(show: Open) -> None:
    page = show(CROWDED)
    page.get_by_role("button", name="Closer").click()
    scrub(page, 3)
    assert page.locator(".tl-canvas").evaluate("(frame) => frame.scrollLeft") < 200
    scrub(page, 50)
    assert page.locator(".tl-canvas").evaluate("(frame) => frame.scrollLeft") > 700
