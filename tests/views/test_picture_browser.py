"""What the picture of a cluster tells apart, and how one looks back along long logs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from consensus_lab import Raft, Scenario, crash, restart
from consensus_lab.protocols.raft import InstallSnapshot
from consensus_lab.simulation import Network
from consensus_lab.simulation.trace import Trace

from .stage import Show, Stage

if TYPE_CHECKING:
    pass

LONG = (
    Scenario(
        Raft,
        servers=5,
        seed=3,
        clients=2,
        duration=3000,
        options={"snapshot_every": 8, "snapshot_chunk": 40},
        network=Network(bandwidth=4, duplicate=0.1),
    )
    .at(600, crash("S4"))
    .at(2000, restart("S4"))
    .run()
)
CHUNK = next(flight for flight in LONG.messages if isinstance(flight.message, InstallSnapshot))


@pytest.fixture
def show(stage: Stage) -> Iterator[Show]:
    """Opens a live view on an empty page; an error fails the test."""

    def opened(trace: Trace = LONG, width: int = 1200, **options: Any) -> Stage:
        stage.clear(width, True, True)
        return stage.show(trace, **options)

    yield opened
    assert stage.errors == []


def test_what_goes_by_the_bulk_channel_has_a_road_of_its_own(show: Show) -> None:
    stage = show(at=(CHUNK.sent + CHUNK.due) / 2000)
    assert stage.page.locator(".road.bulk:visible").count() == 1
    stage.seek(1000)
    assert stage.page.locator(".road.bulk:visible").count() == 0


def test_the_copies_that_the_network_makes_have_an_echo(show: Show) -> None:
    twins = [
        (one, two)
        for one, two in zip(LONG.messages, LONG.messages[1:], strict=False)
        if one.message is two.message and (one.sent, one.target) == (two.sent, two.target)
    ]
    assert twins
    original, _ = twins[len(twins) // 2]
    time = (original.sent + original.due) / 2000
    flying = [two for _, two in twins if two.sent <= time * 1000 < two.due]
    assert show(at=time).page.locator(".echo:visible").count() == len(flying) >= 1


def columns(stage: Stage) -> list[int]:
    labels = stage.page.locator(".log-head .index:visible").all_inner_texts()
    return [int(label) for label in labels if label]


def test_one_can_look_back_along_a_long_log_and_return_to_its_end(show: Show) -> None:
    stage = show(at=1900)
    end = columns(stage)
    stage.page.get_by_role("button", name="Earlier entries").click()
    back = columns(stage)
    assert back[0] < end[0]
    assert set(back) & set(end)
    stage.press("PageUp", "PageUp", "PageUp")
    assert columns(stage)[0] == 1
    assert stage.page.get_by_role("button", name="Earlier entries").is_disabled()
    stage.seek(1950)
    assert columns(stage)[0] == 1
    stage.press("PageDown", "PageDown", "PageDown", "PageDown")
    assert stage.page.get_by_role("button", name="Later entries").is_disabled()
    stage.seek(1900)
    assert columns(stage) == end


def test_a_short_log_needs_no_looking_back(show: Show) -> None:
    stage = show(at=450)
    assert not stage.page.locator(".log-scroll").is_visible()


def test_a_client_that_asks_again_has_a_sign_at_that_time(show: Show) -> None:
    retries = [e for e in LONG.events if (e.kind, e.detail) == ("timer", "retry")]
    time = retries[-1].time / 1000
    stage = show(at=time)
    sign = f"client {retries[-1].who} asks again at {time:,.1f} ms".replace(".0 ms", " ms")
    assert stage.page.get_by_title(sign, exact=True).is_visible()
    stage.seek(time - 1)
    assert not stage.page.get_by_title(sign, exact=True).is_visible()
