"""The list of faults in the live view: it is the scenario, and each edit of it is a branch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from consensus_lab import Raft, Scenario, becomes, crash, cut, pause, request, say
from consensus_lab.simulation.faults import slow_disk
from consensus_lab.simulation.trace import Trace
from consensus_lab.views.cluster import ClusterView
from consensus_lab.views.page import page as page_of

from .stage import Show, Stage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SCENARIO = (
    Scenario(Raft, servers=5, seed=7, clients=1, duration=1500)
    .when(becomes("leader"), pause("it"), after=300, nth=2)
    .at(800, crash("leader"))
    .at(1000, cut("S2", "S3", one_way=True))
)
RUN = SCENARIO.run()
LISTED = [
    "when somebody becomes leader, time 2, 300 ms later: it is paused",
    "the leader crashes",
    "the link S2 → S3 is cut",
]


@pytest.fixture
def show(stage: Stage) -> Iterator[Show]:
    """Opens a live view on an empty page, its list of faults open; an error fails the test."""

    def opened(trace: Trace = RUN, width: int = 1200, **options: Any) -> Stage:
        stage.clear(width, True, True)
        stage.show(trace, **{"at": 700, **options})
        stage.press("e")
        return stage

    yield opened
    assert stage.errors == []


def words(stage: Stage) -> list[str]:
    return stage.page.locator(".faults li .what").all_inner_texts()


def times(stage: Stage) -> list[float]:
    fields = stage.page.locator(".faults li input").all()
    return [float(field.input_value()) for field in fields]


def scenario(stage: Stage) -> Scenario:
    return stage.widget.branches[-1].scenario


# ---- the list ----


def test_the_list_tells_what_happens_and_when(show: Show) -> None:
    stage = show()
    assert words(stage) == LISTED
    assert times(stage) == [0, 800, 1000]
    assert "The scenario: 3 faults," in stage.page.locator(".faults summary").inner_text()


def test_a_remark_is_not_counted_as_a_fault(show: Show) -> None:
    told = SCENARIO.at(0, say("Look."), request("read", "x")).when(
        becomes("leader"), say("It leads.")
    )
    title = show(told.run()).page.locator(".faults summary").inner_text()
    assert "The scenario: 3 faults, 1 request, 2 remarks," in title


def test_a_click_on_a_fault_goes_there(show: Show) -> None:
    stage = show()
    stage.page.get_by_role("button", name="the leader crashes", exact=True).click()
    stage.settle()
    assert stage.time == 800


def test_what_is_still_to_come_is_paler(show: Show) -> None:
    stage = show(at=900)
    rows = stage.page.locator(".faults li")
    assert [row.get_attribute("class") for row in rows.all()] == [None, None, "ahead"]


@pytest.mark.parametrize(("before", "after"), [("800", "650"), ("1000", "1200")])
def test_another_time_for_a_fault_makes_a_branch(show: Show, before: str, after: str) -> None:
    stage = show()
    index = times(stage).index(float(before))
    stage.page.locator(".faults li input").nth(index).fill(after)
    stage.page.keyboard.press("Enter")
    stage.wait_for_branches(2)
    assert times(stage) == sorted(
        [*[t for t in (0, 800, 1000) if t != float(before)], float(after)]
    )
    assert stage.time == min(float(before), float(after))
    label = stage.page.locator(".tape-row.current .branch").inner_text()
    assert label.endswith(f"at {int(after):,} ms, not {int(before):,} ms")


def test_the_kernel_is_told_the_list_and_nothing_that_it_knows(show: Show) -> None:
    stage = show()
    stage.page.get_by_role("button", name="Remove: the leader crashes").click()
    stage.wait_for_branches(2)
    assert stage.sent[0]["what_if"] == {"faults": [[0, 0], [1000, 2]], "branch": 0}


def test_a_fault_that_is_removed_does_not_happen(show: Show) -> None:
    stage = show()
    stage.page.get_by_role("button", name="Remove: the leader crashes").click()
    stage.wait_for_branches(2)
    assert words(stage) == [LISTED[0], LISTED[2]]
    stage.seek(900)
    assert not any("crashed" in label for label in stage.labels())
    assert scenario(stage).faults == (SCENARIO.faults[0], SCENARIO.faults[2])


def test_a_fault_can_be_added_at_any_time(show: Show) -> None:
    stage = show()
    stage.page.get_by_label("What happens").select_option("slowdisk")
    stage.page.get_by_label("When, in ms; empty: now").fill("300")
    stage.page.get_by_label("server", exact=True).select_option("S3")
    stage.page.get_by_label("sync").fill("80")
    stage.page.get_by_role("button", name="add", exact=True).click()
    stage.wait_for_branches(2)
    assert scenario(stage).faults == SCENARIO.at(300, slow_disk("S3", 80)).faults
    assert words(stage)[1] == "the disk of S3 takes 80 ms a write"


def test_without_a_time_it_is_added_just_after_what_is_seen(show: Show) -> None:
    stage = show()
    stage.page.get_by_role("button", name="add", exact=True).click()
    stage.wait_for_branches(2)
    assert scenario(stage).faults == SCENARIO.at(700.001, crash("S1")).faults


def test_loss_latency_and_jitter_have_dials(show: Show) -> None:
    stage = show()
    stage.page.get_by_label("What happens").select_option("weather")
    for name, value in (("loss", "50"), ("latency", "200"), ("jitter", "0"), ("duplicates", "100")):
        stage.page.get_by_label(name, exact=True).fill(value)
    assert stage.page.locator(".dial output").all_inner_texts() == [
        "50 %",
        "200 ms",
        "0 ms",
        "100 %",
    ]
    stage.page.get_by_role("button", name="add", exact=True).click()
    stage.wait_for_branches(2)
    [fault] = [one for _, one in scenario(stage).faults if one.kind == "weather"]
    assert (fault.to_json()["loss"], fault.to_json()["latency"]) == (0.5, (200, 200))


def test_what_cannot_be_is_said_and_makes_no_branch(show: Show) -> None:
    stage = show()
    stage.page.get_by_label("What happens").select_option("clockskew")
    stage.page.get_by_label("rate").evaluate("(field) => (field.value = 1000)")
    stage.page.locator(".add-fault").evaluate("(form) => { form.noValidate = true; }")
    stage.page.get_by_role("button", name="add", exact=True).click()
    stage.page.locator(".say.error").wait_for()
    assert "The rate of a clock" in stage.page.locator(".say").inner_text()
    assert stage.page.locator(".tape-row").count() == 1


def test_more_leads_to_the_form(show: Show) -> None:
    stage = show()
    stage.press("e")
    stage.page.locator(".faults summary").click()
    stage.page.get_by_role("button", name="What if something else").click()
    assert (
        stage.page.evaluate("document.activeElement.getAttribute('aria-label')") == "What happens"
    )


# ---- branches ----


def test_a_branch_can_be_given_a_name_and_is_saved_under_it(show: Show, tmp_path: Path) -> None:
    stage = show()
    stage.press("2", "r")
    stage.wait_for_branches(2)
    stage.page.locator(".current").get_by_role("button", name="Give this branch a name").click()
    stage.page.keyboard.type("S2 is gone")
    stage.page.keyboard.press("Enter")
    stage.settle()
    assert stage.page.locator(".current .branch").inner_text() == "S2 is gone"
    assert "S2 is gone" in stage.page.locator(".beside-control").inner_text()
    with stage.page.expect_download() as download:
        stage.page.get_by_role("button", name="Save the scenario").click()
    assert download.value.suggested_filename == "Raft-7-s2-is-gone.json"
    download.value.save_as(tmp_path / "scenario.json")
    assert Scenario.load(tmp_path / "scenario.json") == scenario(stage)


def test_escape_keeps_the_old_name(show: Show) -> None:
    stage = show()
    stage.page.get_by_role("button", name="Give this branch a name").click()
    stage.page.keyboard.type("nonsense")
    stage.page.keyboard.press("Escape")
    assert stage.page.locator(".branch").inner_text() == "this run"


def test_a_branch_can_be_forgotten_and_the_others_keep_their_numbers(show: Show) -> None:
    stage = show()
    stage.press("2", "r")
    stage.wait_for_branches(2)
    stage.press("3", "r")
    stage.wait_for_branches(3)
    stage.page.locator(".branch").nth(1).click()
    stage.page.locator(".current").get_by_role("button", name="Forget this branch").click()
    stage.wait_for_branches(2)
    stage.page.locator(".branch").nth(1).click()
    stage.press("4", "r")
    stage.wait_for_branches(3)
    assert stage.sent[-1]["what_if"]["branch"] == 2
    assert stage.page.get_by_role("button", name="Forget this branch").count() == 2


# ---- one message ----


def test_a_message_that_was_clicked_can_be_dropped_delayed_and_doubled(show: Show) -> None:
    for name, kind in (("drop", "drop"), ("delay", "delay"), ("double", "duplicate")):
        stage = show(at=706)
        stage.press("m")
        flight = stage.page.locator(".card h3").inner_text()
        stage.page.get_by_label("by how many ms").fill("70")
        stage.page.locator(".card").get_by_role("button", name=name).click()
        stage.wait_for_branches(2)
        [(_, fault)] = set(scenario(stage).faults) - set(SCENARIO.faults)
        message = RUN.messages[fault.to_json()["message"]]
        assert fault.kind == kind
        assert flight.endswith(f"{message.source} → {message.target}")
        assert fault.to_json().get("by", 70) == 70


def places(stage: Stage) -> list[str]:
    return list(
        stage.page.locator(".message:visible > g").evaluate_all(
            "(all) => all.map((one) => one.getAttribute('transform'))"
        )
    )


@pytest.mark.parametrize("key", ["l", "u"])
def test_a_message_does_not_leap_when_it_is_delayed_or_doubled(show: Show, key: str) -> None:
    stage = show(at=706)
    before = places(stage)
    stage.press("m", key)
    stage.wait_for_branches(2)
    stage.press("Escape")
    after = places(stage)
    assert set(before) == set(after)
    assert len(after) == len(before) + (key == "u")


def test_a_copy_is_told_apart(show: Show) -> None:
    stage = show(at=706)
    assert stage.page.locator(".echo:visible").count() == 0
    stage.press("m", "u")
    stage.wait_for_branches(2)
    assert stage.page.locator(".echo:visible").count() == 1
    titles = []
    for _ in range(len(places(stage))):
        stage.press("m")
        titles.append(stage.page.locator(".card h3").inner_text())
    assert sum(title.startswith("A copy of ") for title in titles) == 1


def test_a_server_can_be_let_in(show: Show) -> None:
    members = ("S1", "S2", "S3")
    stage = show(replace(SCENARIO, options={"members": members}, faults=()).run())
    stage.press("4", "j")
    stage.wait_for_branches(2)
    order = scenario(stage).faults[0][1].to_json()
    assert (order["change"], order["members"]) == ("add_server", ("S4",))


def test_every_key_in_the_list_of_keys_is_pressed_by_some_test(show: Show) -> None:
    stage = show()
    stage.press("?")
    listed = set(stage.page.locator(".help kbd").all_inner_texts())
    pressed = [path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*browser.py")]
    names = {"space": " ", "←": "ArrowLeft", "→": "ArrowRight", "page ↑": "PageUp"}
    names |= {"page ↓": "PageDown", "shift ←": "Shift+ArrowLeft", "shift →": "Shift+ArrowRight"}
    keys = {f'"{names.get(key, key)}"' for key in listed}
    assert {key for key in keys if not any(key in text for text in pressed)} <= {'"9"'}


# ---- without a kernel ----


def test_without_a_kernel_the_list_can_be_read_and_says_why_that_is_all(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "run.html"
    file.write_text(page_of(ClusterView(RUN, at=700)), "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.locator(".faults summary").click()
    assert page.locator(".faults li .what").all_inner_texts() == LISTED
    assert "no kernel" in page.locator(".faults .note").inner_text()
    assert page.locator(".faults input:visible, .faults select:visible").count() == 0
    page.close()


def test_when_the_kernel_was_restarted_the_view_says_so_and_plays_on(show: Show) -> None:
    stage = show()
    stage.press("2", "r")
    stage.wait_for_branches(2)
    stage.page.evaluate("window.told()")
    stage.settle()
    for place in (".say.error", ".faults .note"):
        assert stage.page.locator(place).inner_text().startswith("The kernel was restarted")
    assert stage.page.locator(".actions button[class^=do-]:enabled").count() == 0
    assert stage.page.locator(".add-fault").is_hidden()
    stage.press("3", "r", "c")
    assert len(stage.sent) == 1
    stage.page.get_by_role("button", name="this run", exact=True).click()
    stage.press("End")
    assert stage.time == 1500
