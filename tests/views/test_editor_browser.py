"""Histories drawn by hand, in a real browser: drag, keys, text, undo; the verdict follows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from consensus_lab import linearizable, sequential
from consensus_lab.history import History
from consensus_lab.views.editor import HistoryEditor, edit

from .sheet import Sheet

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

# A model with two traits; what the view saves goes to `window.kernel`, and its answer comes back.
START = """async ([values, answers]) => {
  const { default: view } = await window.module;
  const listeners = {};
  window.model = {
    get: (name) => values[name],
    set: (name, value) => (values[name] = value),
    on: (name, listener) => (listeners[name] ??= []).push(listener),
    off() {},
    async save_changes() {
      if (!answers) return;
      window.model.hear("answer", await window.kernel(values.drawing));
    },
    hear(name, value) {
      values[name] = value;
      for (const listener of listeners[`change:${name}`]) listener();
    },
  };
  const el = document.body.appendChild(document.createElement("div"));
  window.dispose = await view.render({ model: window.model, el });
}"""

STALE = """
P1:  [W(x,1)]   [W(x,2)]
P2:                        [R(x)1]
"""


class Desk(Sheet):
    """A page with one drawing on it."""

    def __init__(self, browser: Browser) -> None:
        super().__init__(browser, "editor.js", HistoryEditor._css)
        self.page.expose_function("kernel", self.answer)

    def answer(self, drawing: dict[str, Any]) -> Any:
        """What the kernel answers to a drawing."""
        self.editor.drawing = json.loads(json.dumps(drawing))
        return self.editor.answer

    def show(
        self, drawing: str = STALE, *checks: Any, light: bool = True, answers: bool = True
    ) -> Desk:
        """Put a drawing on an empty page; unless the kernel `answers`, it is silent."""
        self.editor: HistoryEditor = edit(drawing, *checks)
        self.clear(900, 700, light)
        values = {"drawing": self.editor.drawing, "answer": self.editor.answer}
        self.page.evaluate(START, [values, answers])
        return self

    @property
    def history(self) -> History:
        return self.editor.history

    def lamps(self) -> list[str]:
        return self.page.locator(".ed-lamp").all_inner_texts()

    def bar(self, text: str) -> Locator:
        return self.page.locator(".ed-bar").filter(has_text=text).first

    def drag(self, text: str, end: str, columns: float, lanes: float = 0) -> None:
        """Drag the bar with this text, or its "start" or "end"."""
        part = self.bar(text).locator(f".ed-{end}" if end else ".ed-box")
        box = part.bounding_box()
        sheet = self.page.locator(".ed-sheet")
        size = sheet.bounding_box()
        assert box
        assert size
        scale = size["width"] / float(str(sheet.get_attribute("viewBox")).split()[2])
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + columns * 14 * scale / 2, y + lanes * 58 * scale / 2)
        mouse.move(x + columns * 14 * scale, y + lanes * 58 * scale)
        mouse.up()
        self.settle()

    def settle(self) -> None:
        self.page.evaluate(
            "() => new Promise((r) => requestAnimationFrame(() => setTimeout(r, 60)))"
        )

    def press(self, text: str, *keys: str) -> None:
        """Press keys while this bar has the focus."""
        self.bar(text).focus()
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()


@pytest.fixture(scope="module")
def desk(browser: Browser) -> Iterator[Desk]:
    desk = Desk(browser)
    yield desk
    desk.page.close()


@pytest.fixture(autouse=True)
def no_errors(desk: Desk) -> Iterator[None]:
    yield
    assert desk.errors == []


def test_it_opens_with_the_verdict_of_each_checker(desk: Desk) -> None:
    desk.show(STALE, linearizable, sequential)
    assert desk.lamps() == ["✗ linearizability does not hold", "✓ sequential consistency holds"]


def test_a_read_dragged_over_the_write_may_see_either_value(desk: Desk) -> None:
    desk.show()
    desk.drag("R(x)1", "start", -9)
    assert desk.lamps() == ["✓ linearizability holds"]
    desk.drag("R(x)1", "start", 9)
    assert desk.lamps() == ["✗ linearizability does not hold"]


def test_a_bar_is_moved_as_a_whole(desk: Desk) -> None:
    desk.show()
    before = desk.history.operations[2]
    desk.drag("R(x)1", "", -3)
    after = desk.history.operations[2]
    assert (after.start, after.end) == (before.start - 3, before.end - 3)


def test_a_bar_can_be_dragged_to_another_process(desk: Desk) -> None:
    desk.show()
    desk.drag("R(x)1", "", 4, lanes=-1)
    assert [o.process for o in desk.history] == ["P1", "P1", "P1"]


def test_operations_of_one_process_cannot_be_dragged_over_each_other(desk: Desk) -> None:
    desk.show()
    desk.drag("W(x,1)", "end", 30)
    first, second, _ = desk.history
    assert first.end == second.start - 1


def test_an_end_dragged_out_of_the_picture_never_comes(desk: Desk) -> None:
    desk.show()
    desk.drag("R(x)1", "end", 60)
    assert desk.history.operations[2].outcome == "unknown"
    assert "✓" in desk.lamps()[0]


def test_points_lie_inside_their_operations(desk: Desk) -> None:
    desk.show("P1: [W(x,1)]\nP2:  [R(x)1]\nP3:   [R(x)0]")
    inside = desk.page.locator(".ed-bar").evaluate_all("""(bars) => bars.map((bar) => {
      const of = (part) => bar.querySelector(part).getBoundingClientRect();
      const [box, point] = [of(".ed-box"), of(".ed-point")];
      const middle = point.left + point.width / 2;
      return box.left <= middle && middle <= box.right;
    })""")
    assert inside == [True, True, True]


def test_what_no_order_explains_is_marked_and_said(desk: Desk) -> None:
    desk.show()
    assert desk.page.locator(".ed-bar.accused").count() == len(
        desk.editor.verdicts[0].counterexample
    )
    assert "no order explains it" in str(desk.bar("R(x)1").get_attribute("aria-label"))


def test_the_text_of_an_operation_can_be_changed(desk: Desk) -> None:
    desk.show()
    desk.bar("R(x)1").click()
    desk.page.locator(".ed-text").fill("R(x)2")
    desk.settle()
    assert desk.history.operations[2].result == 2
    assert "✓" in desk.lamps()[0]


def test_a_text_that_is_no_operation_is_told_in_a_sentence_and_nothing_is_lost(desk: Desk) -> None:
    desk.show()
    desk.bar("R(x)1").click()
    desk.page.locator(".ed-text").fill("R(x")
    desk.settle()
    assert "R(x is no operation" in desk.page.locator(".ed-problem").inner_text()
    assert desk.page.locator(".ed-bar.wrong").count() == 1
    assert desk.history.operations[2].result == 1
    desk.page.locator(".ed-text").fill("R(x)2")
    desk.settle()
    assert desk.page.locator(".ed-problem").inner_text() == ""


def test_keys_move_stretch_and_change_lanes(desk: Desk) -> None:
    desk.show()
    desk.press("R(x)1", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "ArrowUp")
    read = desk.history.operations[2]
    assert (read.process, read.start, read.end) == ("P1", 30, 37)


def test_the_key_u_takes_the_answer_away_and_gives_one(desk: Desk) -> None:
    desk.show()
    desk.press("R(x)1", "u")
    assert desk.history.operations[2].end is None
    desk.press("R(x)", "u")
    assert desk.history.operations[2].result == 1


def test_only_the_last_operation_of_a_process_can_be_left_without_an_answer(desk: Desk) -> None:
    desk.show()
    desk.press("W(x,1)", "u")
    assert "Only the last" in desk.page.locator(".ed-problem").inner_text()
    assert desk.history.operations[0].end is not None


def test_delete_removes_and_z_brings_back(desk: Desk) -> None:
    desk.show()
    desk.press("R(x)1", "Delete")
    assert len(desk.history) == 2
    desk.page.locator(".ed-undo").click()
    desk.settle()
    assert len(desk.history) == 3


def test_a_double_click_on_an_empty_place_adds_an_operation(desk: Desk) -> None:
    desk.show()
    sheet = desk.page.locator(".ed-sheet").bounding_box()
    assert sheet
    desk.page.mouse.dblclick(sheet["x"] + sheet["width"] * 0.3, sheet["y"] + sheet["height"] * 0.65)
    desk.settle()
    assert [o.process for o in desk.history].count("P2") == 2
    desk.page.keyboard.type("W(y,7)")
    desk.settle()
    assert ("write", "y") in [(o.kind, o.key) for o in desk.history]


def test_processes_and_operations_are_added_by_buttons(desk: Desk) -> None:
    desk.show()
    desk.page.locator(".ed-process").click()
    desk.settle()
    assert desk.history.processes == ("P1", "P2", "P3")
    desk.bar("W(x,2)").click()
    desk.page.locator(".ed-add").click()
    desk.settle()
    assert [o.process for o in desk.history].count("P1") == 3


def test_the_reasons_of_the_other_checker_are_a_click_away(desk: Desk) -> None:
    desk.show(STALE, linearizable, sequential)
    assert desk.page.locator(".ed-bar.accused").count() > 0
    desk.page.locator(".ed-lamp").nth(1).click()
    assert desk.page.locator(".ed-bar.accused").count() == 0
    assert sorted(desk.page.locator(".ed-number").all_text_contents()) == ["1", "2", "3"]


def test_a_silent_kernel_is_told(desk: Desk) -> None:
    desk.show(answers=False)
    desk.press("R(x)1", "ArrowRight")
    desk.page.wait_for_function("document.querySelector('.ed-problem').textContent")
    assert "The kernel does not answer" in desk.page.locator(".ed-problem").inner_text()


def test_another_view_of_the_same_drawing_follows(desk: Desk) -> None:
    desk.show()
    other = {"edit": 9, "processes": ["P1"], "operations": [["P1", "W(x,5)", 6, 12]]}
    desk.page.evaluate("(drawing) => model.hear('drawing', drawing)", other)
    assert desk.page.locator(".ed-words").all_text_contents() == ["W(x,5)"]


@pytest.mark.parametrize("light", [True, False])
def test_it_is_looked_at(desk: Desk, artefacts: Path, light: bool) -> None:
    desk.show(STALE + "P3:     [C(x,1,3)no]      [R(x)", linearizable, sequential, light=light)
    desk.bar("R(x)1").click()
    desk.page.screenshot(path=artefacts / f"editor-{'light' if light else 'dark'}.png")
    assert desk.page.locator(".ed-bar").count() == 5
