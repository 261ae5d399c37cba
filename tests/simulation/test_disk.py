"""Disks: a save takes time, saves arrive in order, and what waits for one waits for it."""

from __future__ import annotations

import pytest

from consensus_lab.errors import ScenarioError
from consensus_lab.simulation import DiskModel
from consensus_lab.simulation.disk import Disk

from .toys import Saver, Ticker, ticking


def test_a_save_is_on_disk_only_when_it_is_due():
    disk = Disk(0, "S1", DiskModel((2, 2)), {"x": 0})
    save = disk.save({"x": 1}, now=1000)
    assert (save.due, disk.content) == (3000, {"x": 0})
    disk.sync()
    assert disk.content == {"x": 1}


def test_a_save_waits_for_the_one_before_it():
    disk = Disk(0, "S1", DiskModel((2, 2)), {})
    assert [disk.save({}, now=time).due for time in (0, 0, 1000, 9000)] == [2000, 4000, 6000, 11000]


def test_a_crash_leaves_what_was_there():
    disk = Disk(0, "S1", DiskModel((2, 2)), {"x": 0})
    disk.save({"x": 1}, now=0)
    disk.sync()
    disk.save({"x": 2}, now=5000)
    disk.crash()
    assert disk.content == {"x": 1}
    assert not disk.pending


def test_every_write_takes_a_time_in_the_range():
    disk = Disk(0, "S1", DiskModel((2, 4)), {})
    times = [disk.save({}, now=n * 10_000).due - n * 10_000 for n in range(200)]
    assert 2000 <= min(times) < 2100
    assert 3900 < max(times) <= 4000


def test_what_a_handler_sends_leaves_when_its_save_is_on_disk():
    trace = ticking(Saver).run(15)
    assert [f.sent for f in trace.messages] == [11_000, 11_000]
    [synced, _] = [event for event in trace.events if event.kind == "synced"]
    assert synced.sent == [0]


def test_what_a_handler_without_a_save_sends_leaves_at_once():
    assert [f.sent for f in ticking().run(15).messages] == [10_000, 10_000]


def test_a_message_does_not_overtake_the_save_that_was_begun_before_it():
    class Second(Saver):
        """Saves at 10 ms, and speaks again at 10.5 ms without saving."""

        def on_tick_timeout(self, out):
            super().on_tick_timeout(out)
            out.set_timer("again", 0.5)

        def on_again_timeout(self, out):
            Ticker.on_tick_timeout(self, out)

    trace = ticking(Second).run(15)
    sent = [(f.sent, f.message.number) for f in trace.messages if f.source == "S1"]
    assert sent == [(11_000, 1), (11_000, 2)]


def test_what_is_written_is_what_the_fields_are_when_the_handler_returns():
    class Late(Saver):
        def on_tick_timeout(self, out):
            out.save()
            super().on_tick_timeout(out)

    assert ticking(Late).run(15).state_at(15)["S1"]["disk.count"] == 1


def test_a_node_hears_that_its_save_is_on_disk():
    class Listener(Saver):
        def __init__(self, name, servers):
            super().__init__(name, servers)
            self.saved = ()

        def on_saved(self, saved, out):
            self.saved += (saved["count"],)

    assert ticking(Listener).run(35).state_at(35)["S1"]["saved"] == (1, 2, 3)


@pytest.mark.parametrize(
    ("sync", "text"),
    [
        ((5, 1), "disk.sync is first the shorter time, then the longer"),
        ((-1, 1), "disk.sync is a number of ms from 0 to 1e9, not -1."),
        ("fast", "disk.sync is a pair of times in ms"),
    ],
)
def test_a_disk_that_makes_no_sense_is_refused_in_a_sentence(sync, text):
    with pytest.raises(ScenarioError) as caught:
        DiskModel(sync)
    assert str(caught.value).startswith(text)
