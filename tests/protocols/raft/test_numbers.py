"""Numbered requests: a leader can tell which of its AppendEntries a reply answers."""

from __future__ import annotations

import pytest

from consensus_lab.protocols.raft import RaftOptions

from .fake import Out, leader, server, told


def numbers(**options: object) -> list[int]:
    """The numbers of what a leader of two followers sends in two rounds of heartbeats."""
    node, out = leader(1, options=RaftOptions(**options)), Out()
    node.on_timer("heartbeat", out)
    node.on_timer("heartbeat", out)
    return [message.request for _, message in out.sent]


def test_nobody_counts_unless_an_extension_needs_it():
    assert numbers() == [0, 0, 0, 0]


@pytest.mark.parametrize("options", [{"window": 1}, {"reads": "read_index"}, {"reads": "lease"}])
def test_each_message_has_a_number_of_its_own(options):
    assert numbers(**options) == [1, 2, 3, 4]


def test_a_follower_repeats_the_number():
    node, out = leader(1, options=RaftOptions(window=1)), Out()
    node.send_append_entries("S2", out)
    assert told(server(1), out.answer).answer.request == 1
