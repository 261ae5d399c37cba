"""What a reader can ask, of every kind of node: it is known, or it is not offered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from consensus_lab import Raft, Scenario, request
from consensus_lab.protocols import stores
from consensus_lab.protocols.node import ClientRequest, Effects, Node
from consensus_lab.protocols.paxos import MultiPaxos, Paxos
from consensus_lab.protocols.state_machine import (
    Bank,
    Counter,
    KeyValue,
    Lists,
    Locks,
    Start,
    exactly_once,
)
from consensus_lab.views.cluster import ClusterView
from consensus_lab.views.questions import questions

from .stage import Show, Stage


def replicating(machine: Any) -> type[Raft]:
    """Raft with another machine."""

    class Replicating(Raft):
        state_machine: ClassVar[Start] = exactly_once(machine)

    return Replicating


class Deaf(Node):
    """A learner's first class: no handler yet."""


class Echo(Node):
    """A learner's own class that knows an operation of its own."""

    def on_request(self, asked: ClientRequest, out: Effects) -> None:
        if asked.operation[0] != "book":
            raise ValueError("what is that?")
        out.reply(asked, asked.operation[1])


class Plain(Node):
    """A learner's own class, of which nothing is known."""

    def on_request(self, asked: ClientRequest, out: Effects) -> None:
        out.reply(asked, 0)


X = ("read", "x")
BOOKED = request("book", "seat")
OPEN = request("transfer", "Ann", "Bob", 5)


@pytest.mark.parametrize(
    ("scenario", "change", "look"),
    [
        (Scenario(Raft, clients=1), ("write", "x", 0), X),
        (Scenario(MultiPaxos), ("write", "x", 0), X),
        (Scenario(replicating(KeyValue())), ("write", "x", 0), X),
        (Scenario(replicating(Counter())), ("increment", "x", 1), X),
        (Scenario(replicating(Lists())), ("append", "x", 0), X),
        (Scenario(replicating(Locks())), ("acquire", "x", "you"), X),
        (Scenario(replicating(Bank())), None, X),
        (Scenario(replicating(Bank())).at(400, OPEN), ("transfer", "Ann", "Bob", 5), X),
        (Scenario(Paxos), ("propose", None, 0), ("propose", None, 0)),
        (Scenario(stores.LastWriterWins), ("write", "x", 0), X),
        (Scenario(stores.Counters), ("increment", "x", 1), X),
        (Scenario(stores.Sets), ("add", "x", 0), X),
        (Scenario(stores.CausalStore), ("write", "x", 0), X),
        (Scenario(stores.Quorum), ("write", "x", 0), X),
        (Scenario(stores.SingleLeader), ("write", "x", 0), X),
        (Scenario(Deaf), None, None),
        (Scenario(Echo).at(100, BOOKED), ("book", "seat"), None),
        (Scenario(Plain), ("write", "x", 0), X),
    ],
    ids=lambda value: getattr(getattr(value, "protocol", None), "__name__", None),
)
def test_only_what_the_servers_know_is_offered(
    scenario: Scenario, change: tuple[Any, ...] | None, look: tuple[Any, ...] | None
) -> None:
    trace = scenario.run(600)
    offered = questions(trace)
    assert offered == {k: v for k, v in {"write": change, "read": look}.items() if v}
    for operation in offered.values():
        assert answered(ClusterView(trace), operation)


def answered(view: ClusterView, operation: tuple[Any, ...]) -> bool:
    """Whether somebody who asks for it is answered, without an error."""
    answers: list[dict[str, Any]] = []
    view.send = lambda answer, buffers: answers.append(answer)  # type: ignore[method-assign, assignment]
    fault = {"fault": "request", "operation": list(operation), "client": "Z"}
    view.hear(None, {"id": 1, "what_if": {"time_us": 300_000, "fault": fault}}, [])
    asked = [one for one in view.branches[-1].operations if one.process == "Z"]
    assert not any("error" in answer for answer in answers)
    return [one.outcome for one in asked] == ["ok"]


def test_of_transactions_the_browser_asks_for_the_like() -> None:
    asked = request("txn", None, ("write", "x", 1))
    trace = Scenario(stores.Transactional).at(100, asked).run(300)
    assert questions(trace) is None


# ---- in the browser ----


@pytest.fixture
def show(stage: Stage) -> Iterator[Show]:
    """Opens a live view on an empty page; an error in it fails the test."""

    def opened(scenario: Scenario, **options: Any) -> Stage:
        stage.clear(1200, True, True)
        return stage.show(scenario.run(600), at=300, **options)

    yield opened
    assert stage.errors == []


def offered(stage: Stage) -> list[str]:
    """What the buttons offer to ask."""
    return stage.page.locator(".do-write:visible, .do-read:visible").all_inner_texts()


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (Scenario(replicating(Counter())), ["increment x 1", "read x"]),
        (Scenario(replicating(Locks())), ["acquire x you", "read x"]),
        (Scenario(replicating(Bank())), ["read x"]),
        (Scenario(Paxos), ["propose 101", "propose 102"]),
        (Scenario(stores.Sets), ["add x 101", "read x"]),
        (Scenario(Deaf), []),
        (Scenario(Echo).at(100, BOOKED), ["book seat"]),
    ],
    ids=["counter", "locks", "bank", "Paxos", "sets", "deaf", "own"],
)
def test_what_is_offered_is_asked_and_answered(
    show: Show, scenario: Scenario, words: list[str]
) -> None:
    stage = show(scenario)
    assert offered(stage) == words
    if words:
        stage.press("c" if len(words) > 1 or words[0] != "read x" else "g")
        stage.wait_for_branches(2)
        assert stage.page.locator(".say").inner_text() == ""
        operation = stage.widget.branches[1].operations[-1]
        assert operation.outcome in ("ok", "unknown")


def test_who_cannot_be_asked_has_no_place_for_you(show: Show) -> None:
    stage = show(Scenario(Deaf))
    assert stage.page.locator(".client.you").count() == 0
    stage.press("c", "g")
    assert stage.sent == []
    stage.press("e")
    kinds = stage.page.get_by_label("What happens").locator("option").all_inner_texts()
    assert "a client asks" not in kinds
    assert "a server crashes" in kinds


def test_the_form_asks_for_what_the_machine_knows(show: Show) -> None:
    stage = show(Scenario(replicating(Counter())))
    stage.press("e")
    stage.page.get_by_label("What happens").select_option(label="a client asks")
    stage.page.get_by_label("key", exact=True).fill("y")
    stage.page.get_by_label("value", exact=True).fill("5")
    stage.page.get_by_role("button", name="add", exact=True).click()
    stage.wait_for_branches(2)
    assert stage.sent[0]["what_if"]["fault"]["operation"] == ["increment", "y", 5]
