"""The network: loss, doubling, reordering and delay, at the rates that were asked for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import pytest

from consensus_lab.errors import ScenarioError
from consensus_lab.protocols.node import Node
from consensus_lab.simulation import Network, Scenario

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


# -- bandwidth ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Parcel:
    """A message of so many bytes."""

    bytes_on_wire: int
    bulk: bool = False


class Sender(Node):
    """S1 sends `parcels` to all others as soon as it boots."""

    parcels: ClassVar[tuple[Parcel, ...]] = ()

    def on_start(self, out):
        if self.name == "S1":
            for peer in self.peers:
                for parcel in self.parcels:
                    out.send(peer, parcel)

    def on_parcel(self, message, out):
        pass


def arrivals(*parcels, servers=2, **values):
    """When (ms) each parcel arrives, at 10 bytes a ms and 5 ms on the way."""

    class Sending(Sender):
        pass

    Sending.parcels = parcels
    network = Network(**{"latency": (5, 5), "bandwidth": 10, **values})
    trace = Scenario(Sending, servers=servers, network=network).run()
    return [f.due / 1000 for f in trace.messages]


def test_a_message_leaves_once_its_last_byte_has():
    assert arrivals(Parcel(100)) == [15]


def test_messages_queue_behind_each_other_on_a_link():
    assert arrivals(Parcel(100), Parcel(20), Parcel(20)) == [15, 17, 19]


def test_each_link_has_its_own_bandwidth():
    assert arrivals(Parcel(100), servers=3) == [15, 15]


def test_a_bulk_message_does_not_delay_what_is_sent_after_it():
    assert arrivals(Parcel(1000, bulk=True), Parcel(20)) == [105, 7]


def test_bulk_messages_queue_behind_each_other():
    assert arrivals(Parcel(1000, bulk=True), Parcel(100, bulk=True)) == [105, 115]


def test_without_a_bandwidth_the_size_of_a_message_does_not_matter():
    assert arrivals(Parcel(10**6), Parcel(20), bandwidth=None) == [5, 5]


def test_a_lost_message_has_taken_its_time_too():
    assert arrivals(Parcel(100), Parcel(20), loss=1) == [15, 17]


def test_the_copy_of_a_doubled_message_is_made_on_the_way():
    assert arrivals(Parcel(100), Parcel(20), duplicate=1) == [15, 20, 17, 22]


def test_a_network_without_a_bandwidth_is_written_as_it_always_was():
    assert "bandwidth" not in ticking().to_json()["network"]
    limited = ticking(network=Network(bandwidth=10))
    assert limited.to_json()["network"]["bandwidth"] == 10
    assert Scenario.from_json(limited.to_json(), Ticker) == limited


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
        (
            {"bandwidth": 0},
            "network.bandwidth is a number of bytes a ms above 0, up to 1e9, not 0.",
        ),
        ({"bandwidth": "fast"}, "network.bandwidth is a number of bytes a ms above 0"),
    ],
)
def test_a_network_that_makes_no_sense_is_refused_in_a_sentence(values, text):
    with pytest.raises(ScenarioError) as caught:
        Network(**values)
    assert str(caught.value).startswith(text)
