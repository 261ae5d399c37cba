"""Runs side by side in a real browser: one clock for all, and what is counted as it goes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from consensus_lab.views import view
from consensus_lab.views.side_by_side import SideBySideView, counts

from .sheet import Sheet
from .stage import signs_in_help
from .test_side_by_side import AP, CP

if TYPE_CHECKING:
    from playwright.sync_api import Browser

START = """async ([packed, options]) => {
  const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
  const { default: view } = await window.module;
  const values = { traces: new DataView(bytes.buffer), options };
  const send = (...what) => window.sent.push(what);
  const get = (name) => values[name];
  const model = { get, on() {}, off() {}, set: send, save_changes: send, send };
  const el = document.body.appendChild(document.createElement("div"));
  window.dispose = await view.render({ model, el });
}"""


class Runs(Sheet):
    """A page with a view of two runs in it."""

    def __init__(self, browser: Browser) -> None:
        super().__init__(browser, "side_by_side.js", SideBySideView._css)

    def show(self, width: int = 1200, light: bool = True, calm: bool = False, **more: Any) -> None:
        widget = view([CP, AP], labels=["strict", "lax"], **more)
        self.clear(width, 1000, light, calm)
        packed = base64.b64encode(widget.traces).decode()
        self.page.evaluate(START, [packed, widget.options])
        self.settle()

    @property
    def time(self) -> float:
        return float(self.page.locator(".scrubber").input_value()) / 1000

    def seek(self, time: float) -> None:
        self.page.locator(".scrubber").fill(str(time * 1000))
        self.settle()

    def press(self, key: str) -> None:
        self.page.locator(".side-by-side").focus()
        self.page.keyboard.press(key)
        self.settle()

    def score(self) -> list[list[int]]:
        """The numbers of the table."""
        rows = self.page.locator(".score tbody tr").all()
        return [[int(cell) for cell in row.locator("td").all_inner_texts()] for row in rows]

    def spoken(self) -> str:
        return self.page.locator(".spoken").inner_text()


@pytest.fixture(scope="module")
def sheet(browser: Browser) -> Iterator[Runs]:
    sheet = Runs(browser)
    yield sheet
    sheet.page.close()


@pytest.fixture
def runs(sheet: Runs) -> Iterator[Runs]:
    """Any error in the page fails the test."""
    yield sheet
    assert sheet.errors == []


def test_every_run_has_its_cluster_its_label_and_its_clients(runs: Runs) -> None:
    runs.show(at=300)
    assert runs.page.locator(".run-name").all_inner_texts() == ["strict", "lax"]
    for number in range(2):
        run = runs.page.locator(".run").nth(number)
        assert run.locator(".server").count() == 3
        assert run.locator(".strip .lane-names span").count() == 3
    assert runs.page.locator(".tape-row").count() == 2


def test_one_clock_moves_all_runs(runs: Runs) -> None:
    runs.show(at=100)
    before = [runs.page.locator(".run .strip").nth(n).inner_text() for n in range(2)]
    runs.seek(450)
    after = [runs.page.locator(".run .strip").nth(n).inner_text() for n in range(2)]
    assert all(a != b for a, b in zip(before, after, strict=True))
    assert runs.page.locator(".clock").inner_text() == "450 ms"


def test_play_and_pause_by_button_and_by_key(runs: Runs) -> None:
    runs.show(at=100, speed=0.1)
    runs.page.get_by_role("button", name="Play", exact=True).click()
    runs.page.wait_for_function("document.querySelector('.scrubber').value > 101000")
    runs.press(" ")
    halted = runs.time
    runs.page.wait_for_timeout(80)
    assert runs.time == halted


def test_steps_halt_at_the_events_of_both_runs(runs: Runs) -> None:
    runs.show(at=100)
    events = {event.time / 1000 for trace in (CP, AP) for event in trace.events}
    runs.press("ArrowRight")
    assert runs.time == min(time for time in events if time > 100)
    runs.press("ArrowLeft")
    assert runs.time == max(time for time in events if time <= 100)
    runs.press("End")
    assert runs.time == 500
    runs.press("Home")
    assert runs.time == 0


def test_a_dot_plays_too(runs: Runs) -> None:
    runs.show(at=100, speed=0.1)
    runs.press(".")
    assert runs.page.get_by_role("button", name="Pause", exact=True).is_visible()


@pytest.mark.parametrize(("key", "speed"), [("]", "0.15×"), ("[", "0.067×")])
def test_brackets_change_the_speed(runs: Runs, key: str, speed: str) -> None:
    runs.show(at=100, speed=0.1)
    runs.press(key)
    assert runs.page.locator(".speed").inner_text() == speed


def test_waits_pass_quickly_unless_one_wants_them(runs: Runs) -> None:
    runs.show(at=100)
    waits = runs.page.get_by_role("button", name="Let time pass quickly")
    assert waits.get_attribute("aria-pressed") == "true"
    waits.click()
    assert waits.get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize("time", [0, 120, 333, 500])
def test_the_table_counts_as_python_does(runs: Runs, time: float) -> None:
    runs.show(at=time)
    stale = view([CP, AP]).options["stale"]
    assert runs.score() == [counts(CP, stale[0], time), counts(AP, stale[1], time)]


def test_a_stale_read_is_marked_where_the_client_saw_it(runs: Runs) -> None:
    number = view([AP]).options["stale"][0][0]
    end = AP.operations[number].end
    assert end is not None
    runs.show(at=end / 1000 + 1)
    marked = runs.page.locator(".operation.stale")
    assert marked.first.inner_text().endswith("⚠")
    assert "stale: a newer write" in (marked.first.get_attribute("title") or "")


def test_a_click_on_the_tape_goes_there(runs: Runs) -> None:
    runs.show(at=100)
    runs.page.locator(".ribbon").nth(1).click()
    runs.settle()
    assert runs.time == pytest.approx(250, abs=5)


def test_it_is_told_who_of_servers_and_clients_reach_each_other(runs: Runs) -> None:
    runs.show(at=300)
    parted = runs.page.locator(".run").first.locator(".parted")
    assert parted.text_content() == "parted: S1 S2 A B | S3 C"


def test_what_stands_still_is_said_in_words(runs: Runs) -> None:
    runs.show(at=300)
    assert "strict: " in runs.spoken()
    assert " answered" in runs.spoken()
    picture = runs.page.locator(".run svg.ring").first.get_attribute("aria-label") or ""
    assert "S1: leader" in picture


def test_for_those_who_want_no_motion_nothing_moves_by_itself(runs: Runs) -> None:
    runs.show(calm=True)
    runs.page.wait_for_timeout(100)
    assert runs.time == 0


def test_on_a_narrow_page_the_runs_stand_under_each_other(runs: Runs) -> None:
    runs.show(width=480, at=300)
    upper, lower = (runs.page.locator(".run").nth(n).bounding_box() for n in range(2))
    assert upper is not None
    assert lower is not None
    assert lower["y"] >= upper["y"] + upper["height"]
    assert runs.page.evaluate("document.documentElement.scrollWidth") <= 480


def test_a_click_on_a_message_shows_all_of_it_and_halts(runs: Runs) -> None:
    first = next(flight for flight in CP.messages if flight.target.startswith("S"))
    runs.show(at=(first.sent + first.due) / 2000, play=True, speed=0.001)
    run = runs.page.locator(".run").first
    run.locator(".message:visible .touch").first.click(force=True)  # it does not stand still
    run.locator(".card:visible").wait_for()
    halted = runs.time
    assert ", S" in run.locator(".card h3").inner_text()
    assert runs.page.locator(".card:visible").count() == 1
    runs.press("Escape")
    assert runs.time == halted
    assert runs.page.locator(".card:visible").count() == 0


def test_a_click_on_a_server_shows_what_it_holds(runs: Runs) -> None:
    runs.show(at=300)
    run = runs.page.locator(".run").nth(1)
    run.locator(".server").nth(1).click()
    runs.settle()
    assert run.locator(".card h3").inner_text() == "Server S2"
    run.get_by_role("button", name="Close").click()
    runs.settle()
    assert run.locator(".card").is_hidden()


def test_help_lists_the_keys(runs: Runs) -> None:
    runs.show(at=300)
    runs.press("?")
    known = ["space", ".", "←", "→", "[", "]", "Home", "End", "Escape", "?"]  # pressed in this file
    assert signs_in_help(runs.page) == known
    runs.page.get_by_role("button", name="Keys").click()
    runs.settle()
    assert runs.page.locator(".help").is_hidden()


def test_nothing_is_sent_to_the_kernel(runs: Runs) -> None:
    runs.show(at=300)
    runs.press("ArrowRight")
    assert runs.page.evaluate("window.sent") == []


def test_after_it_is_closed_nothing_moves(runs: Runs) -> None:
    runs.show(speed=0.1)
    runs.page.evaluate("window.dispose()")
    before = runs.time
    runs.page.wait_for_timeout(80)
    assert runs.time == before
