"""Machines that look at what only their server has: replicas part, and the digest says where."""

from __future__ import annotations

import pytest

from consensus_lab.protocols import Raft
from consensus_lab.protocols.state_machine import digest
from consensus_lab.protocols.state_machine.local import Coupons, Leases, Local, OnItsServer, Seats
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import request
from consensus_lab.simulation.parting import parting


class Shop(OnItsServer, Raft):
    state_machine = Coupons


class LeaseServer(OnItsServer, Raft):
    state_machine = Leases


class Theatre(OnItsServer, Raft):
    state_machine = Seats


CASES = {
    Shop: [("issue", "ann"), ("issue", "bob")],
    LeaseServer: [("lease", "door", "ann", 50), ("lease", "door", "bob", 50)],
    Theatre: [("book", "ann"), ("book", "bob")],
}


def run(protocol):
    scenario = Scenario(protocol, servers=3, seed=1, duration=1500)
    for place, operation in enumerate(CASES[protocol]):
        scenario = scenario.at(500 + 200 * place, request(*operation))
    return scenario.run()


@pytest.mark.parametrize("protocol", CASES, ids=lambda protocol: protocol.__name__)
def test_the_digest_finds_the_command_at_which_the_replicas_part(protocol):
    found = parting(run(protocol))
    assert found.command.operation in CASES[protocol]
    assert found.one.digest != found.other.digest
    assert found.one.machine != found.other.machine


@pytest.mark.parametrize("protocol", CASES, ids=lambda protocol: protocol.__name__)
def test_raft_itself_sees_nothing(protocol):
    """The logs are the same: all five properties speak of logs."""
    trace = run(protocol)
    assert not trace.violations
    assert len({state["log"] for state in trace.state_at(1500).values()}) == 1


@pytest.mark.parametrize("protocol", CASES, ids=lambda protocol: protocol.__name__)
def test_the_same_scenario_parts_in_the_same_way_each_time(protocol):
    assert str(parting(run(protocol))) == str(parting(run(protocol)))


def test_what_a_server_has_for_itself_is_no_part_of_the_state():
    one, other = Coupons({"ann": 1}, Local(5, 0.5, "S1")), Coupons({"ann": 1}, Local(7, 0.1, "S2"))
    assert one == other
    assert digest(one) == digest(other)


def test_the_order_of_a_set_differs_from_server_to_server_and_never_on_one():
    seats = frozenset({"1A", "1B", "2A", "2B"})
    orders = [Local(hash_seed=name).iterate(seats) for name in ("S1", "S2", "S3", "S1")]
    assert orders[0] == orders[3]
    assert orders[0] != orders[1]
