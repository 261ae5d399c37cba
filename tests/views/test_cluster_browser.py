"""The live cluster in a real browser: what each control and key does, and what is to be seen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from consensus_lab import Raft, Scenario, crash, cut, partition, pause
from consensus_lab.errors import HandlerError
from consensus_lab.protocols.node import Effects, Node
from consensus_lab.protocols.stores import LastWriterWins
from consensus_lab.simulation import Workload, ask, say
from consensus_lab.simulation.trace import Trace, Violation
from consensus_lab.simulation.triggers import becomes

from .stage import Show, Stage

if TYPE_CHECKING:
    pass

SCENARIO = Scenario(Raft, servers=5, seed=7, clients=2, duration=1500)
RUN = SCENARIO.run()
ELECTED = next(e.time for e in RUN.events if e.changes.get("role") == "leader") / 1000
STILL = {"at": 700}


@dataclass(frozen=True)
class Rumour:
    """A message of a learner's own."""

    text: str


class Gossip(Node):
    """A learner's own class: no role, no term, no log; and it fails in the end."""

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.heard: list[str] = []

    def on_start(self, out: Effects) -> None:
        for peer in self.peers:
            out.send(peer, Rumour("<b>psst</b>"))

    def on_rumour(self, message: Rumour, out: Effects) -> None:
        self.heard = [*self.heard, message.text]
        out.note("hears <i>something</i>")
        if len(self.heard) == 3:
            raise ValueError("too much")


def gossip() -> Trace:
    with pytest.raises(HandlerError) as failed:
        Scenario(Gossip, servers=4, seed=1, duration=200).run()
    assert isinstance(failed.value.trace, Trace)
    return failed.value.trace


@pytest.fixture
def show(stage: Stage) -> Iterator[Show]:
    """Opens a live view on an empty page; any error in the page fails the test."""

    def opened(
        trace: Trace = RUN,
        width: int = 1200,
        light: bool = True,
        calm: bool = False,
        **options: Any,
    ) -> Stage:
        stage.clear(width, light, calm)
        return stage.show(trace, **options)

    yield opened
    assert stage.errors == []


# ---- playing ----


def test_it_plays_by_itself(show: Show) -> None:
    stage = show(speed=1)
    stage.page.wait_for_function("document.querySelector('.scrubber').value > 100000")


def test_it_stands_still_where_it_was_asked_to_open(show: Show) -> None:
    stage = show(at=321)
    stage.page.wait_for_timeout(150)
    assert stage.time == 321


def test_for_those_who_want_no_motion_nothing_moves_by_itself(show: Show) -> None:
    stage = show(calm=True)
    stage.page.wait_for_timeout(150)
    assert stage.time == 0


def test_the_play_button_plays_and_pauses(show: Show) -> None:
    stage = show(**STILL)
    stage.page.get_by_role("button", name="Play", exact=True).click()
    stage.page.wait_for_function("document.querySelector('.scrubber').value > 701000")
    stage.page.get_by_role("button", name="Pause", exact=True).click()
    stage.settle()
    before = stage.time
    stage.page.wait_for_timeout(100)
    assert stage.time == before


@pytest.mark.parametrize("key", [" ", "."])
def test_space_and_dot_play_and_pause(show: Show, key: str) -> None:
    stage = show(**STILL)
    stage.press(key)
    assert stage.page.get_by_role("button", name="Pause", exact=True).is_visible()
    stage.press(key)
    assert stage.page.get_by_role("button", name="Play", exact=True).is_visible()


def test_the_sign_on_play_can_be_read_under_the_mouse(show: Show) -> None:
    stage = show()
    play = stage.page.locator(".transport .play")
    style = "(button) => getComputedStyle(button).backgroundColor"
    before = play.evaluate(style)
    play.hover()
    assert play.evaluate(style) == before


def test_at_the_end_it_stops_and_play_begins_anew(show: Show) -> None:
    stage = show(at=1499, play=True, speed=0.1)
    stage.page.get_by_role("button", name="Play", exact=True).wait_for()
    assert stage.time == 1500
    stage.page.get_by_role("button", name="Play", exact=True).click()
    stage.settle()
    assert stage.time < 1500


def test_the_start_is_one_click_away(show: Show) -> None:
    stage = show(**STILL)
    stage.page.get_by_role("button", name="Back to the start").click()
    stage.settle()
    assert stage.time == 0


def event_times() -> list[float]:
    return sorted({event.time / 1000 for event in RUN.events})


@pytest.mark.parametrize("how", ["button", "key"])
def test_a_step_goes_to_the_next_event_and_back(show: Show, how: str) -> None:
    stage = show(**STILL)
    following = min(time for time in event_times() if time > 700)
    previous = max(time for time in event_times() if time < following)
    for name, key, time in [
        ("Next event", "ArrowRight", following),
        ("Previous event", "ArrowLeft", previous),
    ]:
        if how == "button":
            stage.page.get_by_role("button", name=name).click()
            stage.settle()
        else:
            stage.press(key)
        assert stage.time == time


@pytest.mark.parametrize(("place", "speed"), [("-3", "0.001×"), ("0", "1×"), ("1", "10×")])
def test_the_speed_slider_has_a_scale_of_powers(show: Show, place: str, speed: str) -> None:
    stage = show(**STILL)
    stage.page.get_by_label("Speed", exact=True).fill(place)
    stage.settle()
    assert stage.page.locator(".speed").inner_text() == speed


def test_waits_pass_quickly_unless_one_wants_them(show: Show) -> None:
    """Until the first election nothing is in flight."""
    sample = "() => [performance.now(), Number(document.querySelector('.scrubber').value)]"
    pace = []
    for quick in (True, False):
        stage = show(at=1, speed=0.05)
        if not quick:
            stage.page.get_by_role("button", name="Let time pass quickly").click()
        stage.press(" ")
        began, first = stage.page.evaluate(sample)
        stage.page.wait_for_timeout(400)
        ended, last = stage.page.evaluate(sample)
        pace.append((last - first) / (ended - began))
    assert pace[0] > 2 * pace[1]


@pytest.mark.parametrize("time", [0, 1, ELECTED, 1499, 1500])
def test_the_picture_depends_on_the_time_alone_and_not_on_how_one_came_there(
    show: Show, time: float
) -> None:
    stage = show(at=time)
    direct = stage.picture()
    for way in (1500, 300, time):
        stage.seek(way)
    assert stage.picture() == direct


def test_playing_and_scrubbing_sends_nothing_to_the_kernel(show: Show) -> None:
    stage = show(speed=1)
    for time in (900, 100, 1500):
        stage.seek(time)
    stage.press(" ", "ArrowRight", "m", "1", "?", "f")
    assert stage.sent == []


def test_a_view_that_stands_still_draws_nothing(show: Show) -> None:
    stage = show(**STILL)
    stage.settle()
    stage.settle()
    stage.page.evaluate("""() => {
      window.frames_asked = 0;
      const ask = window.requestAnimationFrame;
      window.requestAnimationFrame = (draw) => (window.frames_asked++, ask(draw));
    }""")
    stage.page.wait_for_timeout(150)
    assert stage.page.evaluate("window.frames_asked") == 0


def test_a_view_that_nobody_sees_rests(show: Show) -> None:
    stage = show(speed=0.01)
    stage.page.evaluate("document.body.insertAdjacentHTML('afterbegin', '<p style=height:3000px>')")
    stage.settle()
    stage.settle()
    before = stage.time
    stage.page.wait_for_timeout(100)
    assert stage.time == before


def test_after_it_is_closed_nothing_moves(show: Show) -> None:
    stage = show(speed=0.1)
    stage.page.evaluate("window.dispose()")
    before = stage.time
    stage.page.wait_for_timeout(100)
    assert stage.time == before


# ---- what is to be seen ----


def test_the_leader_is_named_with_its_term(show: Show) -> None:
    stage = show(at=ELECTED + 1)
    assert [label.split(",")[0] for label in stage.labels()].count("S1: leader") == 1
    assert stage.page.get_by_text("★ leader").is_visible()


def test_messages_in_flight_are_as_many_as_the_trace_has(show: Show) -> None:
    stage = show(**STILL)
    for time in (ELECTED + 5, 700, 1111):
        stage.seek(time)
        flying = [f for f in RUN.messages if f.sent <= time * 1000 < f.due]
        shown = stage.page.locator(".message:visible").count()
        assert shown == len(flying)


def test_a_crashed_server_looks_otherwise_than_a_paused_one(show: Show) -> None:
    stage = show(SCENARIO.at(600, crash("S2"), pause("S3")).run(), **STILL)
    assert stage.labels()[1].startswith("S2: crashed")
    assert "paused" in stage.labels()[2]
    assert stage.page.locator(".server.is-down").count() == 1
    assert stage.page.locator(".server.is-paused").count() == 1


def test_cut_links_are_drawn(show: Show) -> None:
    stage = show(SCENARIO.at(600, cut("S1", "S2")).run(), **STILL)
    assert stage.page.locator(".cut-link:visible").count() == 1
    stage.seek(500)
    assert stage.page.locator(".cut-link:visible").count() == 0


def test_a_message_that_will_not_arrive_is_marked(show: Show) -> None:
    trace = SCENARIO.at(600, partition(["S1"], ["S2", "S3", "S4", "S5"])).run()
    lost = next(flight for flight in trace.messages if flight.fate == "cut")
    stage = show(trace, at=(lost.sent + lost.due) / 2000)
    assert "✕" in str(stage.page.locator(".messages").text_content())


def test_the_log_shows_commands_as_people_write_them(show: Show) -> None:
    stage = show(**STILL)
    row = stage.page.locator(".log-row").first.inner_text()
    assert re.search(r"x=\d", row)
    assert stage.page.locator(".log-row").first.locator(".machine").inner_text().startswith("x=")


def test_a_long_log_is_folded_and_its_end_is_shown(show: Show) -> None:
    stage = show(at=1500)
    length = len(RUN.state_at(1500)["S1"]["log"])
    assert stage.page.locator(".log-row .fold").first.inner_text().startswith("≤ ")
    assert str(length) in stage.page.locator(".log-head").inner_text().split()


def test_a_compacted_log_begins_with_a_snapshot_and_keeps_its_indexes(show: Show) -> None:
    trace = replace(SCENARIO, options={"snapshot_every": 5}).run()
    state = trace.state_at(1400)["S1"]
    covered = state["snapshot"].last_index
    assert covered >= 5
    stage = show(trace, at=1400)
    row = stage.page.locator(".log-row").first
    assert row.locator(".fold.is-shown").inner_text() == f"≤ {covered}"
    assert row.locator(".cell.committed, .cell.uncommitted").count() == len(state["log"])
    assert "in a snapshot" in stage.page.locator(".legend").last.inner_text()


def test_the_feed_follows_time_and_a_click_goes_there(show: Show) -> None:
    stage = show(at=ELECTED + 1)
    first = stage.page.locator(".feed li").first
    assert "S1 becomes leader of term 1" in first.inner_text()
    stage.page.locator(".feed button", has_text="starts term 1").click()
    stage.settle()
    assert stage.time < ELECTED
    assert "starts term 1" in stage.page.locator(".feed li").first.inner_text()


def test_the_words_say_what_the_picture_shows(show: Show) -> None:
    stage = show(at=ELECTED + 5)
    words = stage.page.locator(".spoken").inner_text()
    assert words.startswith("At ")
    assert "S1: leader, term 1" in words
    assert "4 AppendEntries" in words


def test_the_clients_operations_are_bars_under_the_picture(show: Show) -> None:
    stage = show(**STILL)
    assert stage.page.locator(".strip .operation:visible").count() > 2


def test_a_run_without_violation_says_so(show: Show) -> None:
    assert show(**STILL).page.locator(".badge").inner_text() == "✓ no violation so far"


def test_a_violation_is_shown_and_one_can_jump_to_it(show: Show) -> None:
    trace = SCENARIO.run()
    trace.violations.append(Violation(812_000, 5, "Election Safety", "two leaders in term 1"))
    stage = show(trace, at=100)
    badge = stage.page.locator(".badge")
    badge.click()
    stage.settle()
    assert stage.time == 812
    assert badge.inner_text() == "✗ Election Safety at 812 ms"


def test_a_learners_own_class_is_shown_with_its_fields_and_its_failure(show: Show) -> None:
    trace = gossip()
    stage = show(trace, at=trace.duration / 1000)
    assert "too much" in stage.page.locator(".feed li").first.inner_text()
    assert stage.page.locator(".badge").inner_text().startswith("✗ an error at")
    assert "heard" in stage.page.locator(".fields").inner_text()
    assert "<b>psst</b>" in stage.page.locator(".fields").inner_text()
    assert stage.page.locator("b, i:not(.match, .next)").count() == 0


# ---- selecting ----


def test_a_click_on_a_server_selects_it_and_shows_its_fields(show: Show) -> None:
    stage = show(**STILL)
    stage.page.locator(".server").nth(2).click()
    stage.settle()
    assert stage.page.locator(".card h3").inner_text() == "Server S3"
    assert stage.page.get_by_role("button", name="crash S3").is_enabled()
    stage.page.locator(".server").nth(2).click()
    stage.settle()
    assert stage.page.locator(".card").is_hidden()


@pytest.mark.parametrize("key", ["Enter", " "])
def test_a_server_can_be_selected_without_a_mouse(show: Show, key: str) -> None:
    stage = show(**STILL)
    stage.page.keyboard.press("Tab")
    while "server" not in str(stage.page.evaluate("document.activeElement.getAttribute('class')")):
        stage.page.keyboard.press("Tab")
    stage.page.keyboard.press(key)
    stage.settle()
    assert stage.page.locator(".card h3").inner_text() == "Server S1"


def test_a_click_on_a_message_shows_all_of_it_and_halts(show: Show) -> None:
    stage = show(at=ELECTED + 5)
    stage.page.locator(".message:visible .touch").first.click()
    stage.settle()
    assert stage.page.locator(".card h3").inner_text().startswith("AppendEntries, S1 → ")
    assert "prev log index" in stage.page.locator(".card").inner_text()
    stage.page.get_by_role("button", name="Close").click()
    stage.settle()
    assert stage.page.locator(".card").is_hidden()


def test_the_m_key_goes_through_the_messages_in_flight(show: Show) -> None:
    stage = show(at=ELECTED + 5)
    stage.press("m")
    first = stage.page.locator(".card h3").inner_text()
    stage.press("m")
    assert stage.page.locator(".card h3").inner_text() != first


def test_help_lists_the_keys(show: Show) -> None:
    stage = show(**STILL)
    stage.press("?")
    assert "one event back" in stage.page.locator(".help").inner_text()
    stage.page.get_by_role("button", name="Keys").click()
    stage.settle()
    assert stage.page.locator(".help").is_hidden()


def test_keys_are_left_alone_while_the_view_has_no_focus(show: Show) -> None:
    stage = show(**STILL)
    stage.page.evaluate("document.activeElement.blur()")
    stage.page.keyboard.press("End")
    stage.settle()
    assert stage.time == 700


# ---- what if ----


def test_the_leader_crashes_at_a_click_and_another_is_elected(show: Show) -> None:
    stage = show(**STILL)
    stage.page.get_by_role("button", name="crash S1").click()
    stage.wait_for_branches(2)
    assert stage.labels()[0].startswith("S1: crashed")
    stage.seek(1500)
    leaders = [label for label in stage.labels() if ": leader" in label]
    assert leaders
    assert "term 1" not in leaders[0]


def test_one_can_go_back_to_the_run_as_it_was(show: Show) -> None:
    stage = show(**STILL)
    stage.press("r")
    stage.wait_for_branches(2)
    stage.page.get_by_role("button", name="this run", exact=True).click()
    stage.settle()
    assert stage.labels()[0].startswith("S1: leader")
    stage.page.get_by_role("button", name="S1 crashes at 700 ms").click()
    stage.settle()
    assert stage.labels()[0].startswith("S1: crashed")


def test_a_click_on_a_tape_goes_to_that_branch_and_time(show: Show) -> None:
    stage = show(**STILL)
    stage.press("r")
    stage.wait_for_branches(2)
    stage.press(" ")
    ribbon = stage.page.locator(".ribbon").first
    box = ribbon.bounding_box() or {"width": 0, "height": 0}
    ribbon.click(position={"x": box["width"] / 4, "y": box["height"] - 2})
    stage.settle()
    assert stage.page.locator(".tape-row.current .branch").inner_text() == "this run"
    end = float(stage.page.locator(".scrubber").get_attribute("max") or 0) / 1000
    assert abs(stage.time / end - 0.25) < 0.01


def test_what_was_done_can_be_undone_in_the_branch(show: Show) -> None:
    stage = show(**STILL)
    stage.press("3", "r")
    stage.wait_for_branches(2)
    stage.page.get_by_role("button", name="restart S3").click()
    stage.wait_for_branches(3)
    assert stage.sent[1]["what_if"]["branch"] == 1
    assert stage.labels()[2].startswith("S3: follower")


def test_a_branch_goes_on_to_its_end_once_the_rest_of_it_has_come(show: Show) -> None:
    stage = show(**STILL)
    stage.press("3", "r")
    stage.wait_for_branches(2)
    for _ in range(400):
        stage.press("End")
        if stage.time > 1500:
            break
        stage.page.wait_for_timeout(50)
    assert round(stage.time) == 1700
    assert stage.page.locator(".tape-row").count() == 2


def test_the_tape_of_a_branch_goes_as_far_as_that_of_the_run_it_left(show: Show) -> None:
    stage = show(Scenario(Raft, seed=3).run(3000), at=400)
    stage.press("3", "r")
    stage.wait_for_branches(2)
    ends = "rows => rows.map(row => [...row.querySelectorAll('.band')].at(-1))"
    ends += ".map(band => band.getBoundingClientRect().right)"
    stage.page.wait_for_function(
        f"Math.abs((([a, b]) => a - b)(({ends})([...document.querySelectorAll('.tape-row')]))) < 2"
    )


def test_links_that_are_cut_can_be_healed(show: Show) -> None:
    stage = show(**STILL)
    stage.press("3", "p")
    stage.wait_for_branches(2)
    assert stage.page.locator(".wall:visible").count() == 1
    stage.page.get_by_role("button", name="heal all links").click()
    stage.wait_for_branches(3)
    assert stage.page.locator(".wall:visible").count() == 0


def test_a_message_in_flight_can_be_dropped(show: Show) -> None:
    stage = show(at=ELECTED + 5)
    stage.press("d")
    assert stage.sent == []
    stage.press("m", "d")
    stage.wait_for_branches(2)
    fault = stage.sent[0]["what_if"]["fault"]
    assert RUN.messages[fault["message"]].sent <= (ELECTED + 5) * 1000
    assert stage.page.locator(".mark-fault").count() == 1


def test_you_are_a_client_and_ask_with_a_click(show: Show) -> None:
    stage = show(**STILL)
    stage.page.get_by_role("button", name="You, a client: ask").click()
    stage.wait_for_branches(2)
    assert "client C asks: write x=101" in stage.page.locator(".feed").inner_text()


def test_f_halts_and_leads_to_the_actions(show: Show) -> None:
    stage = show(speed=0.1)
    stage.press("2", "f")
    assert stage.page.get_by_role("button", name="Play", exact=True).is_visible()
    assert stage.page.evaluate("document.activeElement.className") == "do-crash"


def test_what_cannot_be_is_said_and_the_view_lives_on(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = show(**STILL)
    widget = stage.widget

    def refuse(_: object, wish: dict[str, Any], __: object) -> None:
        widget.send({"id": wish["id"], "error": "There is no S9."}, [])

    monkeypatch.setattr(widget, "hear", refuse)
    stage.press("r")
    stage.page.locator(".say.error").wait_for()
    assert stage.page.locator(".say").inner_text() == "There is no S9."
    stage.press("End")
    assert stage.time == 1500


def test_when_the_kernel_is_gone_the_view_says_so_and_plays_on(show: Show) -> None:
    stage = show(answers=False, **STILL)
    stage.press("r")
    stage.page.locator(".say.error").wait_for()
    assert "does not answer" in stage.page.locator(".say").inner_text()
    stage.press("End")
    assert stage.time == 1500


def test_two_views_on_a_page_share_nothing(show: Show) -> None:
    stage = show(**STILL)
    stage.show(RUN, at=300)
    stage.press("2", "ArrowRight")
    assert [card.is_visible() for card in stage.page.locator(".card").all()] == [True, False]
    assert stage.page.locator(".scrubber").nth(1).input_value() == "300000"


# ---- every size and light ----


@pytest.mark.parametrize("width", [1200, 700, 480])
def test_nothing_sticks_out_of_the_page(show: Show, width: int) -> None:
    stage = show(width=width, **STILL)
    assert stage.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("light", [True, False])
def test_it_takes_the_light_of_the_page(show: Show, light: bool) -> None:
    stage = show(light=light, **STILL)
    colour = stage.view.evaluate("(view) => getComputedStyle(view).backgroundColor")
    assert (colour == "rgb(255, 255, 255)") == light


def test_the_layout_does_not_jump_while_it_plays(show: Show) -> None:
    stage = show(at=0)
    heights = set()
    for time in (0, ELECTED, 500, 1000, 1500):
        stage.seek(time)
        heights.add(
            stage.page.evaluate("document.querySelector('.controls').getBoundingClientRect().top")
        )
    assert len(heights) == 1


def test_nothing_jumps_when_a_server_or_a_message_is_opened(show: Show) -> None:
    stage = show(at=706)
    tops = set()
    for key in ("Escape", "2", "m"):
        stage.press(key)
        tops.add(
            stage.page.evaluate("document.querySelector('.controls').getBoundingClientRect().top")
        )
    assert len(tops) == 1


# ---- lessons ----

LESSON = (
    SCENARIO.at(0, say("Nobody leads."), ask("Who will?", "The first to ask."))
    .when(becomes("leader"), say("Now <b>somebody</b> leads."))
    .run(800)
)


def words(stage: Stage) -> str:
    return stage.page.locator(".lesson .words").inner_text()


def test_a_lesson_opens_at_its_first_remark_and_waits(show: Show) -> None:
    stage = show(LESSON)
    stage.page.wait_for_timeout(150)
    assert (stage.time, words(stage)) == (0, "Nobody leads.")


@pytest.mark.parametrize("press", ["button", "n"])
def test_a_lesson_goes_on_to_its_next_remark(show: Show, press: str) -> None:
    stage = show(LESSON, speed=5)
    for _ in range(2):
        if press == "n":
            stage.press("n")
        else:
            stage.page.get_by_role("button", name="On to the next remark").click()
    stage.page.wait_for_function("document.querySelector('.lesson').innerText.includes('leads')")
    stage.page.get_by_role("button", name="Play", exact=True).wait_for()
    assert (stage.time, words(stage)) == (ELECTED, "Now <b>somebody</b> leads.")
    assert stage.page.get_by_role("button", name="On to the next remark").is_disabled()


@pytest.mark.parametrize("press", ["button", "b"])
def test_a_lesson_goes_back(show: Show, press: str) -> None:
    stage = show(LESSON, at=ELECTED)
    if press == "b":
        stage.press("b")
    else:
        stage.page.get_by_role("button", name="Back to the remark before").click()
        stage.settle()
    assert (stage.time, words(stage)) == (0, "Who will?")


def test_an_answer_is_covered_until_it_is_asked_for(show: Show) -> None:
    stage = show(LESSON, calm=True)
    stage.press("n")
    answer = stage.page.locator(".lesson .answer")
    assert not answer.is_visible()
    stage.page.get_by_role("button", name="Show the answer").click()
    assert answer.inner_text() == "The first to ask."


def test_for_those_who_want_no_motion_the_next_remark_is_there_at_once(show: Show) -> None:
    stage = show(LESSON, calm=True)
    stage.press("n", "n")
    assert stage.time == ELECTED


def test_a_run_without_remarks_has_no_lesson(show: Show) -> None:
    assert not show(**STILL).page.locator(".lesson").is_visible()


# ---- the verdict on what the clients saw ----

LOOSE = Scenario(LastWriterWins, clients=3, duration=3000, workload=Workload(attach="home")).run()
BROKEN = 2324  # C is told 46 by then


def test_a_run_that_is_linearizable_says_so(show: Show) -> None:
    assert show(**STILL).page.locator(".verdict").inner_text() == "✓ linearizability"


def test_a_broken_history_says_why_and_leads_to_its_red_read(show: Show) -> None:
    stage = show(LOOSE, at=100)
    assert stage.page.locator(".why").inner_text().startswith("C's read of y returned 46")
    stage.page.locator(".verdict").click()
    stage.settle()
    broken = stage.page.locator(".operation.broken:visible")
    assert broken.inner_text() == "✗ y→46"
    assert stage.page.locator(".operation.involved:visible").count() == 2


def test_a_lesson_does_not_tell_the_verdict_before_its_moment(show: Show) -> None:
    stage = show(LOOSE.scenario.at(0, say("Will all reads be right?")).run())
    verdict = stage.page.locator(".verdict")
    guilty = stage.page.locator(".operation:is(.broken, .involved):visible")
    stage.seek(BROKEN - 2)
    assert (verdict.is_visible(), guilty.count()) == (False, 0)
    stage.seek(BROKEN)
    assert (verdict.is_visible(), guilty.count()) == (True, 3)


def test_a_branch_has_a_verdict_of_its_own(show: Show) -> None:
    stage = show(LOOSE, at=100)
    stage.press("c")
    stage.wait_for_branches(2)
    assert stage.page.locator(".verdict").inner_text().startswith("✗ linearizability is broken")


# ---- in a lecture room ----


def test_projector_mode_makes_all_larger_and_a_second_click_undoes_it(show: Show) -> None:
    stage = show(width=1400, **STILL)
    button = stage.page.get_by_role("button", name="Projector mode")
    parts = [stage.page.locator(each).first for each in (".server", ".log-row", ".clock")]

    def heights() -> list[float]:
        stage.settle()
        return [part.evaluate("(e) => e.getBoundingClientRect().height") for part in parts]

    before = heights()
    button.click()
    assert all(now >= 1.25 * then for now, then in zip(heights(), before, strict=True))
    button.click()
    assert heights() == before


# ---- to take away ----


def test_the_scenario_of_a_branch_is_saved_and_runs_to_the_same_trace(
    show: Show, tmp_path: Path
) -> None:
    stage = show(**STILL)
    stage.press("r")
    stage.wait_for_branches(2)
    with stage.page.expect_download() as download:
        stage.page.get_by_role("button", name="Save the scenario").click()
    assert download.value.suggested_filename == "Raft-7.json"
    download.value.save_as(tmp_path / "scenario.json")
    again = Scenario.load(tmp_path / "scenario.json").run()
    assert json.loads(again.to_json()) == json.loads(stage.widget.branches[1].to_json())


def test_another_branch_stands_beside_the_one_that_is_shown(show: Show) -> None:
    stage = show(**STILL)
    assert not stage.page.locator(".beside-control").is_visible()
    stage.press("r")
    stage.wait_for_branches(2)
    stage.page.get_by_label("Show another branch beside this one").select_option(label="this run")
    stage.seek(900)
    terms = stage.page.locator("svg.ring").evaluate_all(
        "(all) => all.map((one) => one.textContent)"
    )
    assert len(terms) == 2
    assert "crashed" in terms[0]
    assert "crashed" not in terms[1]
    stage.page.get_by_label("Show another branch beside this one").select_option(label="nothing")
    assert not stage.page.locator(".beside").is_visible()
