"""The live graph, and the cycle of a verdict, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from consensus_lab.consistency.causal import causal, causal_memory
from consensus_lab.history import parse

from .live_pages import Open, live_pages
from .sheet import Sheet
from .test_graph import CYCLE
from .test_timeline_browser import clock, scrub

if TYPE_CHECKING:
    from playwright.sync_api import Page

LOST = parse("""
P1:  [W(x,1)]    [W(y,1)]
P2:                        [R(y)1]  [R(x)0]
""")
TWO_ORDERS = parse("""
P1:  [W(x,1)]
P2:  [W(x,2)]
P3:            [R(x)1]  [R(x)2]
P4:            [R(x)2]  [R(x)1]
""")


@pytest.fixture
def show(sheet: Sheet) -> Iterator[Open]:
    """Opens a page with a live graph or verdict."""
    yield from live_pages(sheet, width=800)


def arrows(page: Page) -> int:
    """How many edges are to be seen."""
    seen = "(all) => all.filter((one) => one.getAttribute('opacity') !== '0').length"
    return int(page.locator("path[stroke-dasharray]").evaluate_all(seen))


def test_edges_appear_one_by_one_with_their_reasons(show: Open) -> None:
    page = show(CYCLE)
    assert arrows(page) == 2
    scrub(page, 0)
    assert arrows(page) == 0
    page.get_by_label("Next event").click()
    clock(page, "1 / 2")
    assert arrows(page) == 1
    caption = page.locator(".tl-caption")
    assert caption.get_attribute("aria-live") == "polite"
    assert caption.inner_text() == "1. T1 → T2 (rw): T1 read x before T2 wrote it."


def test_the_keys_step_and_play(show: Open) -> None:
    page = show(CYCLE)
    page.locator(".tl").focus()
    page.keyboard.press("ArrowLeft")
    clock(page, "1 / 2")
    page.keyboard.press("Home")
    clock(page, "0 / 2")
    page.keyboard.press(" ")
    page.get_by_label("Pause").wait_for()
    page.keyboard.press("End")
    clock(page, "2 / 2")


def test_nodes_and_edges_can_be_pointed_at_and_have_names(show: Open) -> None:
    page = show(CYCLE)
    page.keyboard.press("Tab")
    pointed = page.locator(".tl-pointed")
    assert pointed.inner_text() == "T1."
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    assert pointed.inner_text() == "T1 → T2 (rw): T1 read x before T2 wrote it."
    page.locator('[data-operation="1"]').last.hover()
    assert pointed.inner_text() == "T2."
    for group in page.locator("[data-operation]").all():
        assert group.get_attribute("aria-label")


@pytest.mark.parametrize("width", [400, 600, 900])
def test_the_graph_fits_on_the_page(show: Open, width: int) -> None:
    page = show(CYCLE, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_with_reduced_motion_an_edge_is_there_or_not(show: Open) -> None:
    page = show(CYCLE, calm=True)
    scrub(page, 0.5)
    assert arrows(page) == 1
    assert page.locator("path[opacity='1']").count() > 0


@pytest.mark.parametrize("light", [True, False])
def test_it_wears_the_colours_of_the_page(show: Open, light: bool) -> None:
    page = show(CYCLE, light=light)
    ground = page.locator(".tl").evaluate("(e) => getComputedStyle(e).backgroundColor")
    assert ground == ("rgb(255, 255, 255)" if light else "rgb(20, 24, 32)")


def test_a_cycle_appears_in_the_lanes_and_in_the_graph_at_the_same_step(show: Open) -> None:
    page = show(causal(LOST))
    scrub(page, 4)
    assert arrows(page) == 0
    page.get_by_label("Next event").click()
    clock(page, "5 / 8")
    assert arrows(page) == 2
    words = page.locator(".tl-caption").inner_text()
    assert words.startswith("5. P1's W(x,1) must come before P1's W(y,1): ")
    scrub(page, 8)
    assert page.locator(".tl-caption").inner_text().endswith("So we are back at the beginning.")


def test_pointing_at_a_node_of_the_cycle_marks_the_operation_s_bar_too(show: Open) -> None:
    page = show(causal(LOST))
    page.locator('[data-operation="0"]').last.hover()
    assert page.locator(".tl-pointed-at").count() >= 2
    assert page.locator(".tl-pointed").inner_text().startswith("P1 writes 1 to x")


def test_what_each_process_saw_is_told_in_an_order_of_its_own(show: Open) -> None:
    page = show(causal_memory(TWO_ORDERS))
    words = page.locator("svg text").all_text_contents()
    assert {"In the eyes of P3", "In the eyes of P4"} <= set(words)
    clock(page, "8 / 8")
    scrub(page, 5)
    assert page.locator(".tl-caption").inner_text() == "5. P2 writes 2 to x: x is now 2."
