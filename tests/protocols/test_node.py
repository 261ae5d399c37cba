"""What every node is: handlers by message, state that can be compared and hashed."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

import pytest

from consensus_lab.errors import HandlerError
from consensus_lab.protocols import PROTOCOLS, ClientRequest, Node, Raft
from consensus_lab.protocols.node import frozen, handler_name

from .raft.fake import Out, leader, server


@dataclass(frozen=True)
class Ping:
    """A message."""


class Player(Node):
    """Counts what comes."""

    def __init__(self, name, servers):
        super().__init__(name, servers)
        self.seen = []

    def on_ping(self, message, out):
        self.seen.append(message)

    def on_lunch_timeout(self, out):
        self.seen.append("lunch")


class Forgetful(Node):
    """Thinks that a returned message is sent."""

    def on_ping(self, message, out):
        return Ping()

    def on_start(self, out):
        return True


def player(kind: type[Node] = Player) -> Node:
    return kind("S1", ("S1", "S2", "S3"))


def test_a_message_goes_to_the_handler_of_its_name():
    node = player()
    node.on_message(Ping(), Out())
    assert node.seen == [Ping()]


def test_a_timer_goes_to_the_handler_of_its_name():
    node = player()
    node.on_timer("lunch", Out())
    assert node.seen == ["lunch"]


@pytest.mark.parametrize(
    ("kind", "handler"),
    [
        ("RequestVote", "on_request_vote"),
        ("AppendEntriesReply", "on_append_entries_reply"),
        ("Ping", "on_ping"),
    ],
)
def test_the_name_of_a_handler(kind, handler):
    assert handler_name(kind) == handler


def test_a_message_without_a_handler_names_the_one_that_is_missing():
    with pytest.raises(HandlerError, match="there is no handler on_ping; write one"):
        player(Node).on_message(Ping(), Out())


def test_a_timer_without_a_handler_names_the_one_that_is_missing():
    with pytest.raises(HandlerError, match="there is no handler on_tea_timeout; write one"):
        player().on_timer("tea", Out())


def test_a_handler_that_returns_a_message_is_told_that_nobody_gets_it():
    with pytest.raises(HandlerError, match=r"on_ping returns a value \(Ping\).*through `out`"):
        player(Forgetful).on_message(Ping(), Out())


def test_a_client_of_a_protocol_that_serves_none_is_sent_away():
    node, out, request = player(), Out(), ClientRequest("A", 1, ("read", "x"))
    node.on_request(request, out)
    assert out.redirects == [(request, None)]


def test_the_peers_are_all_but_itself():
    assert player().peers == ("S2", "S3")


def test_the_state_is_what_changes():
    assert player().state() == {"seen": []}


def test_a_node_watches_no_properties_unless_it_names_some():
    assert Node.properties() == []


@pytest.mark.parametrize("node", [server(1, 2), leader(1)], ids=lambda node: node.role)
def test_a_copy_of_a_node_equals_it_and_has_its_hash(node):
    copy = deepcopy(node)
    assert copy == node
    assert hash(copy) == hash(node)


def test_nodes_of_different_state_differ():
    one, other = server(1), server(1)
    other.commit_index = 1
    assert one != other


def test_nodes_of_different_classes_differ():
    class Other(Raft):
        pass

    assert server(1) != server(1, kind=Other)


def test_the_text_of_a_node_tells_its_fields():
    assert repr(player()) == "Player(S1: seen=[])"


def test_equal_dicts_have_one_frozen_likeness_whatever_their_order():
    assert frozen({"a": [1], "b": {2, 3}}) == frozen({"b": {3, 2}, "a": [1]})
    assert hash(frozen({"a": [1]})) == hash(frozen({"a": [1]}))
    assert frozen({"a": [1]}) != frozen({"a": [2]})


def test_a_scenario_file_may_name_raft():
    assert PROTOCOLS["Raft"] is Raft
