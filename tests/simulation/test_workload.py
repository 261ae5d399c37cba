"""Workloads: what is asked of each kind of object, and of which server."""

from __future__ import annotations

from collections import Counter

import pytest

from consensus_lab.errors import ScenarioError
from consensus_lab.protocols import Node
from consensus_lab.simulation import Workload
from consensus_lab.simulation.checks import operation
from consensus_lab.simulation.workload import OBJECTS

from .toys import ticking


class Deaf(Node):
    """Answers nobody but S1's clients, and sends none elsewhere."""

    def on_request(self, request, out):
        if self.name == "S1":
            out.reply(request, None)


class Adviser(Node):
    """Answers at S1; the others advise to ask there."""

    def on_request(self, request, out):
        if self.name == "S1":
            out.reply(request, None)
        else:
            out.redirect(request, "S1")


def asked(clients=3, kind=Adviser, **workload):
    """What the clients of a run asked, in order."""
    scenario = ticking(kind, servers=3, clients=clients, workload=Workload(**workload))
    return scenario.run(8000)


def kinds(**workload):
    """How often each kind of operation was asked."""
    return Counter(o.operation[0] for o in asked(**workload).operations)


@pytest.mark.parametrize("name", OBJECTS)
def test_whatever_is_invented_could_be_requested_by_hand(name):
    for done in asked(object=name).operations:
        operation(done.operation)


def test_a_list_is_appended_to_and_read():
    assert set(kinds(object="list")) == {"append", "read"}


def test_a_counter_goes_up_and_down():
    assert set(kinds(object="counter")) == {"increment", "decrement", "read"}


def test_without_removals_a_counter_only_grows():
    assert set(kinds(object="counter", removals=0)) == {"increment", "read"}


def test_a_set_is_changed_looked_at_and_read():
    assert set(kinds(object="set")) == {"add", "remove", "contains", "read"}


@pytest.mark.parametrize(
    ("name", "changes"), [("transactions", "append"), ("register transactions", "write")]
)
def test_a_transaction_has_one_to_four_parts(name, changes):
    transactions = [o.operation for o in asked(object=name).operations]
    assert {kind for kind, *_ in transactions} == {"txn"}
    assert {len(parts) for _, _, *parts in transactions} == {1, 2, 3, 4}
    assert {part[0] for _, _, *parts in transactions for part in parts} == {"read", changes}


@pytest.mark.parametrize("name", ["list", "transactions", "register transactions"])
def test_no_value_is_written_twice(name):
    operations = [o.operation for o in asked(object=name).operations]
    parts = [part for o in operations for part in (o[2:] if o[0] == "txn" else [o])]
    written = [part[2] for part in parts if part[0] != "read"]
    assert len(written) == len(set(written)) > 50


def test_at_home_each_client_asks_one_server_only():
    trace = asked(clients=4, attach="home")
    homes = {(f.source, f.target) for f in trace.messages if f.source in trace.clients}
    assert homes == {("A", "S1"), ("B", "S2"), ("C", "S3"), ("D", "S1")}


def test_attached_to_any_a_client_asks_all():
    trace = asked(clients=1, attach="any")
    assert {f.target for f in trace.messages if f.source == "A"} == {"S1", "S2", "S3"}


def test_attached_to_the_leader_a_client_follows_advice_and_stays():
    targets = [f.target for f in asked(clients=1).messages if f.source == "A"]
    assert set(targets[1:]) == {"S1"}


def test_away_from_home_is_never_asked_however_long_no_answer_comes():
    trace = asked(clients=2, kind=Deaf, attach="home")
    assert {f.target for f in trace.messages if f.source == "B"} == {"S2"}
    assert {o.outcome for o in trace.operations if o.process.startswith("B")} == {"unknown"}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"attach": "away"}, "workload.attach is one of leader, home, any; not 'away'."),
        ({"object": "queue"}, "workload.object is one of register, list, counter, set,"),
        ({"object": None}, "workload.object is one of register"),
        ({"removals": -1}, "workload.removals is a probability"),
    ],
)
def test_a_workload_that_makes_no_sense_is_refused_in_a_sentence(values, text):
    with pytest.raises(ScenarioError) as caught:
        Workload(**values)
    assert str(caught.value).startswith(text)
