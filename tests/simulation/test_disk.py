"""Disks: a save takes time, saves arrive in order, and what waits for one waits for it."""

from __future__ import annotations

import pytest

from consensus_lab.errors import ScenarioError
from consensus_lab.protocols.log import Log
from consensus_lab.simulation import DiskModel
from consensus_lab.simulation.disk import Disk
from consensus_lab.simulation.faults import crash, restart

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


def after_a_crash(old: dict, new: dict, seed: int, torn: float = 1.0) -> dict:
    disk = Disk(seed, "S1", DiskModel((2, 2), torn), old)
    disk.save(new, now=0)
    disk.crash()
    return dict(disk.content)


def test_a_torn_write_leaves_a_part_of_what_a_log_grew_by():
    old, new = {"term": 1, "log": (1, 1)}, {"term": 2, "log": (1, 1, 2, 2, 2)}
    left = [after_a_crash(old, new, seed) for seed in range(40)]
    assert {len(content["log"]) for content in left} == {2, 3, 4, 5}
    assert all(content["log"] == new["log"][: len(content["log"])] for content in left)
    assert all(content["term"] == 2 for content in left)


@pytest.mark.parametrize(
    "new", [{"log": (1, 2), "snapshot": (0,)}, {"log": (1, 1, 1), "snapshot": frozenset({3})}]
)
def test_what_is_replaced_is_never_torn(new):
    """A log that was cut, or a snapshot that takes the place of a log's beginning."""
    old = {"log": (1, 1), "snapshot": frozenset()}
    assert all(after_a_crash(old, new, seed) == old for seed in range(20))


def test_no_write_is_torn_unless_the_scenario_says_so():
    old, new = {"log": ()}, {"log": (1, 2, 3)}
    assert all(after_a_crash(old, new, seed, torn=0.0) == old for seed in range(20))


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


def test_what_is_sent_beside_a_save_that_does_not_hold_it_leaves_at_once():
    class Parallel(Ticker):
        durable = ("count",)

        def on_tick_timeout(self, out):
            super().on_tick_timeout(out)
            out.save(hold=False)

    trace = ticking(Parallel).run(15)
    assert [f.sent for f in trace.messages] == [10_000, 10_000]
    assert trace.state_at(11)["S1"]["disk.count"] == 1


def test_a_save_that_holds_nothing_does_not_free_what_an_earlier_one_holds():
    class Both(Saver):
        """Saves and speaks at 10 ms, and again at 10.5 ms without waiting for that."""

        def on_tick_timeout(self, out):
            super().on_tick_timeout(out)
            out.set_timer("again", 0.5)

        def on_again_timeout(self, out):
            Ticker.on_tick_timeout(self, out)
            out.save(hold=False)

    trace = ticking(Both).run(15)
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


class Appender(Ticker):
    """Appends three items a tick to a log on its disk."""

    durable = ("items",)

    def __init__(self, name, servers):
        super().__init__(name, servers)
        self.items = Log()

    def on_tick_timeout(self, out):
        super().on_tick_timeout(out)
        self.items += (self.count,) * 3
        out.save()


def test_what_a_torn_write_left_is_known_from_the_crash_on():
    left = set()
    for seed in range(20):
        scenario = ticking(Appender, seed=seed, disk=DiskModel((4, 4), torn=1.0))
        trace = scenario.at(12, crash("S1")).at(20, restart("S1")).run(20)
        torn = trace.state_at(15)["S1"]["disk.items"]
        assert trace.state_at(20)["S1"]["items"] == torn
        left.add(len(torn))
    assert left == {0, 1, 2, 3}
