"""What a class says of itself to the pictures, and what is shown of one that says nothing."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from consensus_lab import Paxos, Raft, Scenario, request
from consensus_lab.errors import ScenarioError
from consensus_lab.protocols import Effects, Node
from consensus_lab.protocols.shown import Shown
from consensus_lab.views.cluster_still import still
from consensus_lab.views.colours import term_colour


class Counts(Node):
    """A learner's class, of five lines."""

    shown = Shown(term="epoch", word="epoch", fields=("heard",))

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.heard, self.secret, self.epoch = 0, "not shown", 4

    def on_request(self, request: Any, out: Effects) -> None:
        self.heard += 1
        out.reply(request, self.heard)


class Says(Counts):
    shown = {"term": "epoch"}  # type: ignore[assignment]  # noqa: RUF012  # as a learner may


def words_of(protocol: type[Node], time: float, *faults: tuple[float, Any]) -> list[str]:
    trace = Scenario(protocol, servers=3, faults=faults).run(time)
    return [e.text for e in ElementTree.fromstring(still(trace, time)).iter() if e.text]


def test_a_class_that_says_nothing_adds_nothing_to_its_trace() -> None:
    assert "shown" not in json.loads(Scenario(Raft).run(10).to_json())


def test_only_what_a_class_says_travels() -> None:
    told = json.loads(Scenario(Counts, servers=1).run(10).to_json())["shown"]
    assert told == {"term": "epoch", "word": "epoch", "fields": ["heard"]}


def test_the_still_has_the_columns_and_the_term_that_a_class_names() -> None:
    words = words_of(Counts, 100, (10, request("write", "x", 7)))
    assert "heard" in words
    assert "secret" not in words
    assert words.count("epoch 4") == 3


def test_what_is_no_shown_is_refused_in_a_sentence() -> None:
    with pytest.raises(ScenarioError, match="shown"):
        Scenario(Says)


def test_a_ballot_has_a_colour_of_its_own_for_each_server() -> None:
    colours = {term_colour((1, f"S{number}")) for number in range(1, 8)}
    assert len(colours) == 7
    assert term_colour((0, "")) == term_colour(None)


def test_of_paxos_the_still_shows_promises_and_what_is_accepted() -> None:
    words = words_of(Paxos, 400, (10, request("propose", None, 7, server="S1")))
    assert {"promised", "accepted", "chosen", "7 @1.S1", "1.S1"} <= set(words)
