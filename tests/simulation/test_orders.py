"""What an administrator may order, and what is refused in a sentence."""

from __future__ import annotations

import pytest

from consensus_lab.errors import ScenarioError
from consensus_lab.protocols import Raft
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import Fault, timeout
from consensus_lab.simulation.orders import (
    Reconfigure,
    add_learner,
    add_server,
    change_members,
    promote,
    remove_server,
)

from .toys import Ticker, texts, ticking


class Obedient(Ticker):
    """Remembers its orders."""

    orders = ()

    def on_add_server(self, member, out):
        self.orders += (("add", member),)

    def on_change_members(self, members, out):
        self.orders += (("change", members),)


def test_an_order_comes_to_the_server_that_it_names():
    trace = ticking(Obedient).at(5, add_server("S2", server="S1")).run()
    assert trace.state_at(5)["S1"]["orders"] == (("add", "S2"),)
    assert "orders" not in trace.state_at(5)["S2"]


def test_an_order_comes_to_the_leader_if_it_names_nobody():
    trace = Scenario(Raft, servers=3, duration=60).at(20, timeout("S2"))
    trace = trace.at(55, add_server("S1")).run()
    assert [event.who for event in trace.events if event.kind == "order"] == ["S2"]


def test_several_members_come_as_a_tuple():
    trace = ticking(Obedient).at(5, change_members("S1", "S2", server="S1")).run()
    assert trace.state_at(5)["S1"]["orders"] == (("change", ("S1", "S2")),)


def test_without_a_leader_nothing_happens():
    trace = Scenario(Raft, duration=20).at(5, remove_server("S1")).run()
    assert texts(trace) == ["reconfigure leader: there is none now, so nothing happens"]


ORDERS = [
    add_server("S4"),
    remove_server("S2", server="S1"),
    add_learner("S4"),
    promote("S4"),
    change_members("S1", "S2", "S5"),
]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_an_order_can_be_read_back_from_its_plain_data(order):
    assert Fault.from_json(order.to_json()) == order


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: Reconfigure("leader", "marry", ("S1",)), "a change of the members is one of add_"),
        (lambda: Reconfigure("leader", "promote", "S1"), "the members of a change is a tuple"),
        (lambda: add_server(4), "a member is a text, not 4."),
        (lambda: change_members(), "change_members takes servers, each once; not none."),
        (lambda: change_members("S1", "S1"), "change_members takes servers, each once; not S1, S1"),
        (lambda: Reconfigure("leader", "promote", ("S1", "S2")), "promote takes one server, not"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_in_a_sentence(make, text):
    with pytest.raises(ScenarioError) as caught:
        make()
    assert str(caught.value).startswith(text)


def test_a_member_that_is_no_server_is_refused():
    with pytest.raises(ScenarioError, match="there is no server 'S9'"):
        Scenario(Raft).at(5, change_members("S1", "S9"))


@pytest.mark.parametrize("members", [("S9",), ("S1", "S1"), "S1", ("S1", 2)])
def test_first_members_are_some_of_the_servers(members):
    with pytest.raises(ScenarioError, match="the option members is some of S1, S2, S3; not"):
        Scenario(Raft, servers=3, options={"members": members})
