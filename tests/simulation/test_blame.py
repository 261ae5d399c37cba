"""A learner's mistakes: each becomes a sentence that says what, where, and what to do.

The trace up to there can still be looked at, and the next run works as if nothing had been.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from functools import partial

import pytest

from consensus_lab.errors import HandlerError
from consensus_lab.protocols import Raft
from consensus_lab.protocols.raft import RequestVoteReply
from consensus_lab.simulation import Scenario, world
from consensus_lab.simulation.faults import request, timeout
from consensus_lab.simulation.guard import guard

from .toys import Tick, Ticker, ticking


@dataclass(frozen=True)
class Pong:
    """A message that nobody has a handler for."""


@dataclass(frozen=True)
class Letter:
    """A message with room for anything."""

    content: object


@dataclass
class Warm:
    """A message that is not frozen."""


class Raises(Ticker):
    def on_tick_timeout(self, out):
        return self.nothing[0]


class RaisesInItsStart(Ticker):
    def __init__(self, name, servers):
        super().__init__(name, servers)
        self.first = servers[7]


class Returns(Ticker):
    def on_tick_timeout(self, out):
        return Tick(1)


class SendsToNobody(Ticker):
    def on_tick_timeout(self, out):
        out.send("S9", Tick(1))


class SendsText(Ticker):
    def on_tick_timeout(self, out):
        out.send("S2", "hello")


class SendsAClass(Ticker):
    def on_tick_timeout(self, out):
        out.send("S2", Tick)


class SendsWarm(Ticker):
    def on_tick_timeout(self, out):
        out.send("S2", Warm())


class SendsAList(Ticker):
    def on_tick_timeout(self, out):
        out.send("S2", Letter([1]))


class SendsToAClient(Ticker):
    def on_request(self, request, out):
        out.send(request.client, Tick(1))


class SendsTooMuch(Ticker):
    def on_tick_timeout(self, out):
        while True:
            out.send("S2", Tick(1))


class SetsATimerBack(Ticker):
    def on_tick_timeout(self, out):
        out.set_timer("tick", -5)


class SetsATimerToText(Ticker):
    def on_tick_timeout(self, out):
        out.set_timer("tick", "soon")


class SetsATimerToNothing(Ticker):
    def on_tick_timeout(self, out):
        out.set_timer("tick", float("nan"))


class SetsATimerWithoutHandler(Ticker):
    def on_tick_timeout(self, out):
        out.set_timer("tea", 5)


class LacksAHandler(Ticker):
    def on_tick_timeout(self, out):
        out.send("S2", Pong())


class Recurses(Ticker):
    def on_tick_timeout(self, out):
        self.on_tick_timeout(out)


class DeletesAField(Ticker):
    def on_tick_timeout(self, out):
        del self.count


class ForgetsADurableField(Ticker):
    durable = ("kount",)


class NamesAFieldLikeThePseudoField(Ticker):
    def __init__(self, name, servers):
        super().__init__(name, servers)
        self.status = "fine"


class ChangesAMessage(Ticker):
    def on_tick(self, message, out):
        message.number = 5


class BreaksInTheLibrary(Ticker):
    def on_tick_timeout(self, out):
        json.dumps({"self": self})


MISTAKES = [
    (Raises, "Raises.on_tick_timeout fails with AttributeError", "`return self.nothing[0]`"),
    (RaisesInItsStart, "RaisesInItsStart.__init__ fails with IndexError", "`self.first = servers["),
    (Returns, "Returns: on_tick_timeout returns a value (Tick); a handler returns nothing", ""),
    (
        SendsToNobody,
        "SendsToNobody.on_tick_timeout: it sends to 'S9', but there are only S1, S2",
        "",
    ),
    (SendsText, "SendsText.on_tick_timeout: it sends a str; a message is a frozen dataclass", ""),
    (SendsAClass, "SendsAClass.on_tick_timeout: it sends a type; a message is a frozen", ""),
    (SendsWarm, "SendsWarm.on_tick_timeout: it sends a Warm; a message is a frozen dataclass", ""),
    (SendsAList, "SendsAList.on_tick_timeout: it sends a Letter with a list in it, which", ""),
    (SendsTooMuch, "SendsTooMuch.on_tick_timeout: it sends more than 10,000 messages at once", ""),
    (
        SetsATimerBack,
        "SetsATimerBack.on_tick_timeout: it sets the timer 'tick' to -5 ms; a delay",
        "",
    ),
    (SetsATimerToText, "SetsATimerToText.on_tick_timeout: it sets the timer 'tick' to a str;", ""),
    (
        SetsATimerToNothing,
        "SetsATimerToNothing.on_tick_timeout: it sets the timer 'tick' to nan",
        "",
    ),
    (SetsATimerWithoutHandler, "SetsATimerWithoutHandler: there is no handler on_tea_timeout;", ""),
    (LacksAHandler, "LacksAHandler: there is no handler on_pong; write one", ""),
    (Recurses, "Recurses.on_tick_timeout calls itself without end", "`self.on_tick_timeout(out)`"),
    (DeletesAField, "DeletesAField: it deletes the field 'count'; set it to None instead", ""),
    (
        ForgetsADurableField,
        "ForgetsADurableField: `durable` names 'kount', but there is no such",
        "",
    ),
    (NamesAFieldLikeThePseudoField, "NamesAFieldLikeThePseudoField: it has a field 'status'", ""),
    (ChangesAMessage, "ChangesAMessage.on_tick fails with FrozenInstance", "`message.number = 5`"),
    (BreaksInTheLibrary, "BreaksInTheLibrary.on_tick_timeout fails with TypeError", "`json.dumps("),
]


def failure(scenario: Scenario) -> HandlerError:
    with pytest.raises(HandlerError) as caught:
        scenario.run()
    return caught.value


@pytest.mark.parametrize(("kind", "what", "where"), MISTAKES)
def test_a_mistake_is_told_with_what_and_where_and_what_to_do(kind, what, where):
    text = str(failure(ticking(kind)))
    assert text.startswith(what)
    assert where in text
    assert " of virtual time)." in text
    assert text.endswith("Mend it and run again; `error.trace` holds the run up to here.")


@pytest.mark.parametrize("kind", [kind for kind, *_ in MISTAKES])
def test_the_run_up_to_a_mistake_can_still_be_looked_at(kind):
    error = failure(ticking(kind))
    document = json.loads(error.trace.to_json())
    assert document["events"][-1][1] == "error"
    assert document["events"][-1][3] == str(error)
    assert document["duration"] == document["events"][-1][0]
    assert set(error.trace.state_at(100)) == {"S1", "S2"}
    assert len(error.trace.history()) == 0


def test_a_message_of_its_own_to_a_client_is_a_mistake():
    error = failure(ticking(SendsToAClient).at(10, request("read", "x")))
    assert "SendsToAClient.on_request: it sends a Tick to a client; use out.reply(" in str(error)


def test_an_answer_that_can_change_is_a_mistake():
    class AnswersAList(Ticker):
        def on_request(self, request, out):
            out.reply(request, [1, 2])

    error = failure(ticking(AnswersAList).at(10, request("read", "x")))
    assert "on_request: it sends a ClientReply with a list in it" in str(error)


def test_a_mistake_in_ones_own_raft_is_shown_in_ones_own_line():
    class MyRaft(Raft):
        def on_request_vote(self, message, out):
            out.send(message.candidate, RequestVoteReply(message.term, self.name))

    text = str(failure(Scenario(MyRaft, servers=3)))
    assert text.startswith("MyRaft.on_request_vote fails with TypeError")
    assert "missing 1 required positional argument: 'granted'" in text
    assert "`out.send(message.candidate, RequestVoteReply(message.term, self.name))`" in text


def test_a_mistake_that_surfaces_in_our_code_is_shown_where_it_was_called():
    class MyRaft(Raft):
        def on_request_vote(self, message, out):
            self.is_up_to_date(message.last_log_index, "7")

    text = str(failure(Scenario(MyRaft, servers=3)))
    assert text.startswith("MyRaft.on_request_vote fails with TypeError")
    assert "`self.is_up_to_date(" in text


def test_a_storm_of_messages_is_stopped(monkeypatch):
    class Storm(Ticker):
        def on_tick(self, message, out):
            for peer in self.peers:
                out.send(peer, message)
                out.send(peer, message)

    monkeypatch.setattr(Scenario, "most_events", 5000)
    text = str(failure(ticking(Storm, duration=1000)))
    assert text.startswith(
        "Storm: there are more than 5,000 events: does each message cause another"
    )


def test_a_scenario_without_storm_is_far_from_the_limit():
    scenario = Scenario(Raft, servers=5, clients=5, duration=2000)
    assert len(scenario.run().events) < scenario.most_events / 10


# -- handlers that never return ------------------------------------------------------------


class Loops(Ticker):
    def on_tick_timeout(self, out):
        while True:
            pass


class LoopsInItsStart(Ticker):
    def __init__(self, name, servers):
        super().__init__(name, servers)
        while True:
            pass


class LoopsSettingTimers(Ticker):
    def on_tick_timeout(self, out):
        while True:
            out.set_timer("tick", 10)


class LoopsAndSwallows(Ticker):
    def on_tick_timeout(self, out):
        for _ in range(2):
            try:
                while True:
                    pass
            except BaseException:  # what a learner should not write, but may
                pass
        while True:
            pass


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(world, "guard", partial(guard, patience=0.1))


@pytest.mark.parametrize("kind", [Loops, LoopsInItsStart, LoopsSettingTimers, LoopsAndSwallows])
def test_a_handler_that_never_returns_is_stopped(kind, impatient):
    before = threading.active_count()
    text = str(failure(ticking(kind)))
    handler = "__init__" if kind is LoopsInItsStart else "on_tick_timeout"
    assert text.startswith(f"{kind.__name__}.{handler} does not return: it was stopped after")
    assert " Line " in text
    assert threading.active_count() == before


def test_after_every_mistake_the_next_run_is_as_ever(impatient):
    scenario = Scenario(Raft, servers=3, seed=4, clients=1).at(400, timeout("S2"))
    before = scenario.run(600).to_json()
    for kind in [Loops, *[kind for kind, *_ in MISTAKES]]:
        failure(ticking(kind))
    assert scenario.run(600).to_json() == before


def test_a_blank_that_is_not_written_yet_says_so_itself():
    class Blank(Ticker):
        def on_tick_timeout(self, out):
            raise NotImplementedError("Task 1: count")

    with pytest.raises(NotImplementedError, match="Task 1: count"):
        ticking(Blank).run()
