"""The network: loss, doubling, reordering and delay, at the rates that were asked for."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from consensus_lab.errors import ScenarioError
from consensus_lab.simulation import Network

from .toys import Ticker, fates, ticking


def long_run(**values):
    """A thousand messages each way between two servers."""
    return ticking(network=Network(**{"latency": (3, 3), **values}), duration=10_020).run()


def test_a_good_network_delivers_every_message_once():
    trace = long_run()
    assert Counter(fates(trace)) == {"delivered": 1001, "flying": 1}


def test_every_delay_lies_in_the_range_and_they_fill_it():
    delays = [f.due - f.sent for f in long_run(latency=(5, 15)).messages]
    assert 5000 <= min(delays) < 5100
    assert 14_900 < max(delays) <= 15_000
    assert sum(delays) / len(delays) == pytest.approx(10_000, rel=0.03)


def test_messages_are_lost_at_about_the_rate_that_was_asked_for():
    assert fates(long_run(loss=0.2)).count("lost") == pytest.approx(200, abs=40)


def test_messages_are_doubled_at_about_the_rate_that_was_asked_for():
    trace = long_run(duplicate=0.2)
    assert len(fates(trace)) - 1002 == pytest.approx(200, abs=40)


def test_the_second_copy_of_a_message_comes_later():
    trace = long_run(duplicate=1, latency=(3, 9))
    link = [f for f in trace.messages if f.source == "S1"]
    for first, second in zip(link[::2], link[1::2], strict=True):
        assert first.message is second.message
        assert first.due < second.due


def test_each_copy_of_a_message_has_luck_of_its_own():
    found = fates(long_run(duplicate=1, loss=0.5))
    copies = Counter(zip(found[::2], found[1::2], strict=True))
    for both in (("lost", "lost"), ("lost", "delivered"), ("delivered", "delivered")):
        assert copies[both] == pytest.approx(250, abs=60)


def test_messages_are_overtaken_at_about_the_rate_that_was_asked_for():
    trace = long_run(reorder=0.2, reorder_delay=10)
    link = [f for f in trace.messages if f.source == "S1"]
    assert sum(f.due - f.sent > 3000 for f in link) == pytest.approx(200, abs=40)
    assert max(f.due - f.sent for f in link) <= 13_000


def test_reordering_lets_later_messages_overtake():
    trace = long_run(reorder=0.2)
    link = [f for f in trace.messages if f.source == "S1"]
    assert any(a.due > b.due for a, b in pairwise(link))


def test_without_reordering_messages_of_equal_latency_keep_their_order():
    link = [f for f in long_run().messages if f.source == "S1"]
    assert all(a.due < b.due for a, b in pairwise(link))


def test_one_more_message_on_a_link_leaves_the_luck_of_the_others_as_it_was():
    class Chatty(Ticker):
        def on_start(self, out):
            super().on_start(out)
            if self.name == "S1":
                self.on_tick_timeout(out)

    def luck(kind, source, target):
        trace = ticking(kind, network=Network(loss=0.3), servers=2, duration=500).run()
        return [(f.due - f.sent, f.fate) for f in trace.messages if f.source == source][:40]

    assert luck(Chatty, "S2", "S1") == luck(Ticker, "S2", "S1")
    assert luck(Chatty, "S1", "S2") == luck(Ticker, "S1", "S2")


def test_another_seed_brings_other_luck():
    one = ticking(network=Network(loss=0.5), seed=1, duration=1000).run()
    other = ticking(network=Network(loss=0.5), seed=2, duration=1000).run()
    assert fates(one) != fates(other)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"loss": 1.5}, "network.loss is a probability from 0 to 1, not 1.5."),
        ({"duplicate": -1}, "network.duplicate is a probability from 0 to 1, not -1."),
        ({"reorder": "often"}, "network.reorder is a probability from 0 to 1, not 'often'."),
        ({"loss": float("nan")}, "network.loss is a probability from 0 to 1, not nan."),
        ({"loss": True}, "network.loss is a probability from 0 to 1, not True."),
        ({"latency": 5}, "network.latency is a pair of times in ms, such as (5, 15); not 5."),
        ({"latency": (-1, 5)}, "network.latency is a number of ms from 0 to 1e9, not -1."),
        ({"latency": ("5", 9)}, "network.latency is a number of ms from 0 to 1e9, not '5'."),
        ({"latency": (9, 5)}, "network.latency is first the shorter time, then the longer"),
        ({"reorder_delay": float("inf")}, "network.reorder_delay is a number of ms"),
    ],
)
def test_a_network_that_makes_no_sense_is_refused_in_a_sentence(values, text):
    with pytest.raises(ScenarioError) as caught:
        Network(**values)
    assert str(caught.value).startswith(text)
