"""Byzantine generals in a real browser: what each control and key does, and what is to be seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from consensus_lab.protocols.byzantine.oral import OralMessages
from consensus_lab.protocols.byzantine.signed import SignedMessages
from consensus_lab.simulation.scenario import Scenario
from consensus_lab.simulation.trace import Trace
from consensus_lab.views.generals import GeneralsView
from consensus_lab.views.page import page as page_of

from .sheet import Sheet
from .stage import signs_in_help

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

# A model with two traits; a wish goes to `window.kernel`, and the new story comes back.
START = """async ([values, answers]) => {
  const { default: view } = await window.module;
  const listeners = {};
  const model = {
    get: (name) => values[name],
    set: (name, value) => (values[name] = value),
    on: (name, listener) => (listeners[name] ??= []).push(listener),
    off() {},
    send() {},
    async save_changes() {
      if (!answers) return;
      values.story = await window.kernel(values.wish);
      for (const listener of listeners["change:story"]) listener();
    },
  };
  const el = document.body.appendChild(document.createElement("div"));
  window.dispose = await view.render({ model, el });
}"""


def battle(protocol: type[OralMessages | SignedMessages], n: int, **options: Any) -> Trace:
    return Scenario(protocol, servers=n, options=options).run()


THREE = battle(OralMessages, 3, traitors=("S3",))
FOUR = battle(OralMessages, 4, traitors=("S3",), lies={"S1>S3>S2": "retreat"})
SEVEN = battle(OralMessages, 7, m=2, traitors=("S1", "S3"), otherwise="opposite")
FORGER = battle(SignedMessages, 3, traitors=("S3",), lies={"S1>S3>S2": "retreat"})


class Tent(Sheet):
    """A page with one battle on it."""

    def __init__(self, browser: Browser) -> None:
        super().__init__(browser, "generals.js", GeneralsView._css)
        self.page.expose_function("kernel", self.answer)

    def answer(self, wish: dict[str, Any]) -> Any:
        """What the kernel makes of a wish."""
        self.widget.wish = json.loads(json.dumps(wish))
        return json.loads(json.dumps(self.widget.story))

    def show(
        self,
        trace: Trace = FOUR,
        width: int = 1000,
        light: bool = True,
        calm: bool = False,
        answers: bool = True,
        **options: Any,
    ) -> Tent:
        """Put a battle on an empty page; unless the kernel `answers`, it is silent."""
        self.widget = GeneralsView(trace, **options)
        self.clear(width, 900, light, calm)
        values = {"story": json.loads(json.dumps(self.widget.story)), "wish": {}}
        self.page.evaluate(START, [values, answers])
        self.settle()
        return self

    def settle(self) -> None:
        self.page.evaluate(
            "() => new Promise((r) => requestAnimationFrame(() => setTimeout(r, 60)))"
        )

    def press(self, *keys: str) -> None:
        """Press keys while the view has the focus."""
        self.page.locator(".gn").focus()
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def click(self, name: str) -> None:
        """Click the button whose name begins so."""
        self.page.get_by_role("button", name=name).first.click()
        self.settle()

    @property
    def step(self) -> float:
        """The step on the scrubber."""
        return float(self.page.locator(".scrubber").input_value())

    def text(self, place: str) -> str:
        """What is to be read there."""
        return self.page.locator(place).first.inner_text()

    def lamps(self) -> list[str]:
        """The signs of IC1 and IC2."""
        return [words[:5] for words in self.page.locator(".gn-lamp").all_inner_texts()]

    def general(self, name: str) -> Locator:
        return self.page.locator(".gn-general").filter(has_text=name)

    def cell(self, route: str) -> Locator:
        """The button of one message of a traitor: "S1>S3>S2"."""
        return self.page.locator(f'[data-cell="{route}"]')

    def on_the_ring(self) -> list[str]:
        """The letters of the messages that are under way."""
        return self.page.locator(".gn-message").evaluate_all(
            "(all) => all.map((one) => one.querySelector('text').textContent)"
        )


@pytest.fixture(scope="module")
def tent(browser: Browser) -> Iterator[Tent]:
    tent = Tent(browser)
    yield tent
    tent.page.close()


@pytest.fixture(autouse=True)
def no_errors(tent: Tent) -> Iterator[None]:
    yield
    assert tent.errors == []


# ---- what is to be seen ----


def test_it_opens_at_the_end_with_what_each_loyal_general_decides(tent: Tent) -> None:
    tent.show()
    assert tent.step == 3
    labels = [str(tent.general(name).get_attribute("aria-label")) for name in ("S1", "S2", "S3")]
    assert labels == ["S1, commander, decides attack", "S2, loyal, decides attack", "S3, traitor"]


def test_it_can_open_before_the_first_round_and_then_nothing_is_given_away(tent: Tent) -> None:
    tent.show(at=0)
    assert tent.text(".tl-caption") == "Before the first round."
    assert tent.page.locator(".gn-vertex:not(.later)").count() == 0
    assert not tent.page.locator(".gn-reasoning").is_visible()
    assert "decides" not in str(tent.general("S2").get_attribute("aria-label"))


def test_each_round_has_its_messages(tent: Tent) -> None:
    tent.show(at=0)
    tent.press("ArrowRight")
    assert tent.on_the_ring() == ["A", "A", "A"]
    tent.press("ArrowRight")
    assert sorted(tent.on_the_ring()) == ["A", "A", "A", "A", "A", "R"]


def test_a_lie_is_marked_and_told(tent: Tent) -> None:
    tent.show(at=200)
    tent.press("ArrowLeft")
    assert tent.page.locator(".gn-message .gn-mark").count() == 1
    assert "S3 lies to S2." in tent.text(".tl-caption")


def test_with_many_messages_only_those_to_the_chosen_general_are_shown(tent: Tent) -> None:
    tent.show(SEVEN, at=250)
    assert sorted(tent.on_the_ring()) == ["A A A A", "A R R R", "A R R R", "A R R R", "A R R R"]


def test_the_tree_tells_who_said_what_and_the_majority_at_each_vertex(tent: Tent) -> None:
    tent.show(SEVEN)
    assert tent.page.locator(".gn-vertex").count() == 1 + 5 + 20
    assert tent.page.locator(".gn-makes .gn-arrow").count() == 1 + 5
    assert tent.page.locator(".gn-reasoning li").count() == 5 + 1 + 1


def test_a_message_that_is_thrown_away_has_a_cross_and_a_reason(tent: Tent) -> None:
    tent.show(FORGER)
    assert tent.page.locator(".gn-tree .gn-refused").count() == 1
    assert "the signature of S1 is forged" in tent.text(".gn-reasoning")
    assert tent.lamps() == ["✓ IC1", "✓ IC2"]


# ---- rounds ----


@pytest.mark.parametrize("how", ["button", "key"])
def test_rounds_go_step_by_step_forward_and_back(tent: Tent, how: str) -> None:
    tent.show(at=0)
    for name, key, step in [
        ("Next event", "ArrowRight", 1),
        ("Next event", "ArrowRight", 2),
        ("Previous event", "ArrowLeft", 1),
    ]:
        if how == "key":
            tent.press(key)
        else:
            tent.click(name)
        assert tent.step == step


def test_it_plays_to_the_end_and_stops(tent: Tent) -> None:
    tent.show(at=0)
    tent.page.get_by_label("Speed", exact=True).fill("1")
    tent.click("Play")
    tent.page.wait_for_function("document.querySelector('.scrubber').value === '3'")
    assert tent.page.get_by_role("button", name="Play", exact=True).is_visible()


def test_space_plays_and_pauses_home_and_end_go_to_the_ends(tent: Tent) -> None:
    tent.show(at=0)
    tent.press(" ")
    assert tent.page.get_by_role("button", name="Pause", exact=True).is_visible()
    tent.press(" ", "End")
    assert tent.step == 3
    tent.press("Home")
    assert tent.step == 0


def test_a_dot_plays_and_brackets_change_the_speed(tent: Tent) -> None:
    tent.show(at=0)
    tent.press(".")
    assert tent.page.get_by_role("button", name="Pause", exact=True).is_visible()
    tent.press(".")
    before = tent.text(".speed")
    tent.press("]")
    assert float(tent.text(".speed")[:-1]) > float(before[:-1])
    tent.press("[")
    assert tent.text(".speed") == before


def test_the_scrubber_and_the_way_back_to_the_start(tent: Tent) -> None:
    tent.show()
    tent.page.locator(".scrubber").fill("1.5")
    tent.settle()
    assert tent.text(".tl-caption").startswith("Round 2")
    tent.click("Back to the start")
    assert tent.step == 0


def test_messages_move_on_their_way(tent: Tent) -> None:
    tent.show(at=0)
    places = []
    for step in ("0.2", "0.8"):
        tent.page.locator(".scrubber").fill(step)
        tent.settle()
        places.append(tent.page.locator(".gn-message").first.get_attribute("transform"))
    assert places[0] != places[1]


def test_for_those_who_want_no_motion_messages_stand_where_they_can_be_read(tent: Tent) -> None:
    tent.show(at=0, calm=True)
    places = []
    for step in ("0.2", "0.8"):
        tent.page.locator(".scrubber").fill(step)
        tent.settle()
        places.append(tent.page.locator(".gn-message").first.get_attribute("transform"))
    assert places[0] == places[1]


# ---- whose view ----


@pytest.mark.parametrize("how", ["click", "Enter", "digit"])
def test_a_general_is_chosen_and_its_tree_is_shown(tent: Tent, how: str) -> None:
    tent.show()
    assert tent.text(".gn-side h3") == "What S2 heard, and through whom"
    if how == "click":
        tent.general("S4").click()
        tent.settle()
    elif how == "Enter":
        tent.general("S4").focus()
        tent.page.keyboard.press("Enter")
        tent.settle()
    else:
        tent.press("4")
    assert tent.text(".gn-side h3") == "What S4 heard, and through whom"
    assert tent.general("S4").get_attribute("aria-pressed") == "true"
    assert tent.text(".gn-reasoning li:last-child") == "S4 will attack."


def test_arrows_walk_through_the_tree_and_each_vertex_is_told(tent: Tent) -> None:
    tent.show()
    tent.press("ArrowDown", "ArrowDown")
    assert tent.text(".tl-pointed").startswith("S3 tells S2: S1 said retreat, which is a lie")
    tent.page.keyboard.press("ArrowUp")
    tent.settle()
    assert "S2 counts attack from S1, retreat through S3, attack through S4: attack." in (
        tent.text(".tl-pointed")
    )


# ---- playing the traitor ----


def test_a_cell_of_the_table_changes_one_message(tent: Tent) -> None:
    tent.show(THREE)
    assert tent.lamps() == ["✓ IC1", "✓ IC2"]
    tent.cell("S1>S3>S2").click()
    tent.settle()
    assert tent.widget.trace.scenario.options["lies"] == {"S1>S3>S2": "retreat"}
    assert tent.lamps() == ["✓ IC1", "✗ IC2"]
    assert "decides retreat" in str(tent.general("S2").get_attribute("aria-label"))


def test_pressed_again_the_traitor_is_silent_and_then_honest(tent: Tent) -> None:
    tent.show(THREE)
    said = []
    for _ in range(3):
        tent.cell("S1>S3>S2").focus()
        tent.page.keyboard.press("Enter")
        tent.settle()
        said.append(tent.widget.trace.scenario.options["lies"]["S1>S3>S2"])
    assert said == ["retreat", None, "attack"]


def test_after_a_change_the_same_cell_has_the_focus(tent: Tent) -> None:
    tent.show(THREE)
    tent.cell("S1>S3>S2").focus()
    tent.page.keyboard.press("Enter")
    tent.settle()
    focused = tent.page.evaluate("document.activeElement.dataset.cell")
    assert focused == "S1>S3>S2"


def test_a_message_of_a_traitor_is_changed_by_a_click_on_it(tent: Tent) -> None:
    tent.show(at=199)
    before = tent.widget.trace.scenario.options["lies"]
    tent.page.locator(".gn-message.editable").first.click()
    tent.settle()
    assert tent.widget.trace.scenario.options["lies"] != before


def test_a_message_of_a_loyal_general_cannot_be_changed(tent: Tent) -> None:
    tent.show(at=99)
    assert tent.page.locator(".gn-message").count() == 3
    assert tent.page.locator(".gn-message.editable").count() == 0


@pytest.mark.parametrize("how", ["button", "key"])
def test_a_general_turns_traitor_and_loyal_again(tent: Tent, how: str) -> None:
    tent.show()
    for traitors in (("S2", "S3"), ("S3",)):
        if how == "key":
            tent.press("2", "t")
        else:
            tent.click("S2: traitor or loyal")
        assert tent.widget.trace.scenario.options["traitors"] == traitors
        pressed = tent.page.locator(".gn-row [aria-pressed=true]").all_inner_texts()
        assert pressed == list(traitors)


@pytest.mark.parametrize("how", ["button", "key"])
def test_the_traitors_can_be_made_to_tell_the_truth(tent: Tent, how: str) -> None:
    tent.show(SEVEN)
    if how == "key":
        tent.press("h")
    else:
        tent.click("Let the traitors tell the truth")
    assert tent.page.locator(".gn-mark").count() == 1  # that of the legend


@pytest.mark.parametrize("how", ["button", "key"])
def test_the_answer_of_the_search_is_played(tent: Tent, how: str) -> None:
    tent.show(THREE)
    if how == "key":
        tent.press("s")
    else:
        tent.click("Let the search find lies")
    assert tent.text(".gn-said") == "Strategy 2 breaks IC2: play it."
    assert tent.lamps() == ["✓ IC1", "✗ IC2"]


def test_against_four_the_search_finds_nothing_and_says_how_much_it_tried(tent: Tent) -> None:
    tent.show(FOUR)
    tent.press("s")
    assert "All 4 strategies" in tent.text(".gn-said")
    assert tent.lamps() == ["✓ IC1", "✓ IC2"]


def test_a_silent_kernel_is_told(tent: Tent) -> None:
    tent.show(answers=False)
    tent.press("h")
    tent.page.wait_for_function(
        "document.querySelector('.gn-said').textContent.includes('does not answer')"
    )


# ---- the page ----


def test_the_question_mark_lists_the_keys(tent: Tent) -> None:
    tent.show()
    tent.press("?")
    playing = ["space", ".", "←", "→", "[", "]", "Home", "End"]
    # All of these are pressed in this file.
    assert signs_in_help(tent.page) == [*playing, "1", "2", "3", "4", "↓", "↑", *"ths?"]
    tent.click("Keys")
    assert not tent.page.locator(".gn .help").is_visible()


def test_projector_mode_makes_everything_larger(tent: Tent) -> None:
    tent.show()
    title = tent.page.locator(".gn-title")
    before = title.bounding_box()
    tent.click("Projector mode")
    after = title.bounding_box()
    assert before
    assert after
    assert after["height"] > 1.2 * before["height"]


def test_a_page_without_a_kernel_still_steps_and_shows(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(page_of(GeneralsView(FOUR)), "utf-8")
    tab = browser.new_page(offline=True)
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.goto(path.as_uri())
    tab.get_by_role("button", name="Previous event").click()
    tab.wait_for_function("document.querySelector('.scrubber').value === '2'")
    assert "This page has no kernel" in tab.locator(".gn-said").inner_text()
    assert tab.locator(".gn-lies button").first.is_disabled()
    tab.close()
    assert errors == []


@pytest.mark.parametrize("width", [480, 1000])
def test_nothing_sticks_out_of_the_page(tent: Tent, width: int) -> None:
    tent.show(SEVEN, width=width)
    wide = tent.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


@pytest.mark.parametrize("light", [True, False])
@pytest.mark.parametrize("width", [480, 1000])
def test_it_is_looked_at(tent: Tent, artefacts: Path, light: bool, width: int) -> None:
    tent.show(FOUR, width=width, light=light)
    name = f"generals-{width}-{'light' if light else 'dark'}.png"
    tent.page.screenshot(path=artefacts / name, full_page=True)
    assert tent.page.locator(".gn-general").count() == 4


def test_on_a_narrow_page_ring_and_tree_stand_under_each_other_in_projector_mode_too(
    tent: Tent,
) -> None:
    tent.show(width=480)
    tent.click("Projector mode")
    ring = tent.page.locator(".gn-ring").bounding_box()
    tree = tent.page.locator(".gn-side").bounding_box()
    assert ring
    assert tree
    assert ring["y"] + ring["height"] <= tree["y"]
