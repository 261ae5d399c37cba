"""Where replicas part: the first command after which two hold different states."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest

from consensus_lab.errors import ConsensusLabError
from consensus_lab.protocols import Raft
from consensus_lab.protocols.state_machine import KeyValue, exactly_once
from consensus_lab.simulation import DiskModel, Network, Scenario, Workload
from consensus_lab.simulation.faults import crash, cut, heal, request, restart, timeout
from consensus_lab.simulation.parting import parting
from consensus_lab.views import view

from .toys import Ticker, ticking


@dataclass(frozen=True)
class Forgetful(KeyValue):
    """A store that loses every write of 3, on the server where it happens to be `bad`."""

    bad: bool = field(default=False, compare=False)

    def apply(self, request):
        machine, result = super().apply(request)
        if self.bad and request.operation[2:] == (3,):
            machine = KeyValue(self.data)
        return Forgetful(machine.data, self.bad), result


class BadThird(Raft):
    """S3 has a bad machine."""

    state_machine = Forgetful

    def __init__(self, name, servers):
        super().__init__(name, servers)
        self.machine = replace(self.machine, bad=name == "S3")


def writes(protocol, *values, **more):
    """S1 leads; A writes these values to x, one every 100 ms from 100 ms on."""
    scenario = Scenario(
        protocol,
        servers=3,
        network=Network(latency=(5, 5)),
        disk=DiskModel((1, 1)),
        options={"election_timeout": (50_000, 60_000)},
        duration=1500,
        **more,
    ).at(10, timeout("S1"))
    for place, value in enumerate(values, 1):
        scenario = scenario.at(100 * place, request("write", "x", value, server="S1"))
    return scenario


def test_replicas_of_a_deterministic_machine_do_not_part():
    assert parting(writes(Raft, 1, 2, 3, 4).run()) is None


def test_the_first_command_after_which_two_states_differ_is_named():
    found = parting(writes(BadThird, 1, 2, 3, 4).run())
    assert (found.index, found.agreed, found.command.operation) == (4, 3, ("write", "x", 3))
    assert (found.one.machine.data, found.other.machine.data) == ({"x": 3}, {"x": 2})


def test_it_is_told_in_a_sentence_with_both_states_and_digests():
    found = parting(writes(BadThird, 1, 2, 3, 4).run())
    assert str(found) == (
        "S1 and S3 part at index 4, write x 3. "
        f"S1 holds {{'x': 3}} (digest {found.one.digest}). "
        f"S3 holds {{'x': 2}} (digest {found.other.digest})."
    )


def test_a_command_is_named_even_where_several_were_applied_in_one_step():
    scenario = writes(BadThird, 1, 2, 3, 4).at(110, cut("S1", "S3")).at(600, heal())
    trace = scenario.run()
    steps = [
        event.changes["last_applied"]
        for event in trace.events
        if event.who == "S3" and "last_applied" in event.changes
    ]
    assert not {3, 4} & set(steps)
    assert (parting(trace).index, parting(trace).agreed) == (4, 3)


def test_what_no_two_replicas_were_seen_to_agree_on_is_said():
    """S3 gets it all by snapshot, of a machine that is bad only there."""

    class Late(BadThird):
        def install(self, snapshot, out):
            super().install(snapshot, out)
            self.machine = replace(self.machine, data={"x": 0})

    scenario = writes(Late, 1, 2, 3, 4).at(110, cut("S1", "S3")).at(600, heal())
    found = parting(replace(scenario, options={**scenario.options, "snapshot_every": 2}).run())
    assert found.agreed < found.index - 1
    assert "what came between is not known" in str(found)


def test_a_server_is_compared_with_itself_before_a_restart():
    class Moody(Raft):
        state_machine = Forgetful

        def on_start(self, out):
            super().on_start(out)
            self.machine = replace(self.machine, bad=out.clock() > 0)

    found = parting(writes(Moody, 1, 3).at(600, crash("S3")).at(650, restart("S3")).run())
    assert str(found).startswith("S1 and S3 part at index 3, write x 3.")
    one = replace(writes(Moody, 1, 3), servers=1).at(600, crash("S1")).at(650, restart("S1"))
    alone = parting(replace(one, options={}, duration=3000).run())
    assert "S1 parts from what it was at" in str(alone)


def test_a_difference_in_the_sessions_alone_is_a_difference():
    class Bad(Raft):
        state_machine = exactly_once(KeyValue())

        def apply(self, entry, out):
            super().apply(entry, out)
            if self.name == "S2":
                self.machine = replace(self.machine, sessions={})

    found = parting(writes(Bad, 1).run())
    assert "Sessions(" in str(found)


def test_view_opens_where_they_part():
    found = parting(writes(BadThird, 1, 2, 3, 4).run())
    assert view(found).at == found.moment


def test_servers_without_a_machine_have_nothing_to_compare():
    trace = ticking(Ticker).run()
    assert parting(trace) is None


def test_a_machine_without_an_index_cannot_be_compared():
    class Odd(Ticker):
        def on_tick_timeout(self, out):
            super().on_tick_timeout(out)
            self.machine = KeyValue()

    with pytest.raises(ConsensusLabError, match="have no fields machine and last_applied"):
        parting(ticking(Odd).run())


def test_clients_with_several_requests_under_way_do_not_part_replicas():
    workload = Workload(outstanding=3, think=(0, 5))
    network = Network(loss=0.05, duplicate=0.05)
    scenario = Scenario(Raft, clients=3, workload=workload, network=network)
    assert parting(scenario.at(1000, crash("leader")).run()) is None
