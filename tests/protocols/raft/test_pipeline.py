"""Pipelining: batches, a bounded window, and back to probing when something is lost."""

from __future__ import annotations

from typing import Any

import pytest

from consensus_lab.protocols.raft import AppendEntries, AppendEntriesReply, Raft, RaftOptions
from consensus_lab.simulation import Network, Scenario, Trace, Workload
from consensus_lab.simulation.faults import crash, request, restart, timeout, weather

from .fake import Out, leader, told, write


def pipelining(*terms: int, window: int = 2, most: int = 2, **fields: Any) -> Raft:
    """S1, which leads and feeds S2; S3 is probed."""
    options = RaftOptions(window=window, max_entries=most)
    return leader(*terms, options=options, **{"fed": frozenset({"S2"}), **fields})


def asked(node: Raft, *indexes: int) -> Out:
    """What S1 asks for when the client's commands for these indexes come."""
    out = Out()
    for index in indexes:
        node.on_request(write(index), out)
    return out


def offers(out: Out, to: str) -> list[tuple[int, int]]:
    """What was offered to a follower: after which index, how many entries."""
    return [(m.prev_log_index, len(m.entries)) for name, m in out.sent if name == to]


def agreed(match: int, request: int = 0) -> AppendEntriesReply:
    return AppendEntriesReply(1, "S2", True, match, request=request)


def refused(request: int, index: int = 1) -> AppendEntriesReply:
    return AppendEntriesReply(1, "S2", False, 0, index, request=request)


# -- the window --------------------------------------------------------------------------


def test_each_command_is_sent_once_without_waiting_for_an_answer():
    assert offers(asked(pipelining(1, window=9), 2, 3, 4), "S2") == [(1, 1), (2, 1), (3, 1)]


def test_without_a_window_it_is_sent_again_with_the_next():
    assert offers(asked(leader(1), 2, 3), "S2") == [(1, 1), (1, 2)]


def test_no_more_messages_are_on_their_way_than_the_window_allows():
    assert offers(asked(pipelining(1, window=2), 2, 3, 4, 5), "S2") == [(1, 1), (2, 1)]


def test_what_waited_for_room_travels_together():
    node = pipelining(1, window=2, most=9)
    asked(node, 2, 3, 4, 5)
    assert offers(told(node, agreed(2)), "S2") == [(3, 2)]


def test_a_message_carries_no_more_entries_than_it_may():
    node = pipelining(1, window=2, most=2)
    asked(node, 2, 3, 4, 5, 6, 7)
    assert offers(told(node, agreed(3)), "S2") == [(3, 2), (5, 2)]


def test_with_no_limit_a_message_carries_all_there_is():
    node = pipelining(*[1] * 20, most=0, next_index={"S2": 6, "S3": 21})
    assert offers(told(node, agreed(5)), "S2") == [(5, 15)]


def test_an_answer_counts_for_what_was_sent_before_it_too():
    node = pipelining(1, window=2)
    asked(node, 2, 3, 4)
    told(node, agreed(3))
    assert node.in_flight["S2"] == (4,)


def test_a_late_answer_does_not_send_anything_again():
    node = pipelining(1, window=3)
    asked(node, 2, 3, 4)
    told(node, agreed(4))
    assert told(node, agreed(2)).sent == []
    assert node.next_index["S2"] == 5


def test_the_heartbeat_of_a_full_window_asks_whether_all_has_arrived():
    node, out = pipelining(1, window=2), Out()
    asked(node, 2, 3, 4)
    node.on_timer("heartbeat", out)
    assert offers(out, "S2") == [(3, 0)]


def test_a_request_does_not_put_off_the_heartbeat():
    """Else a follower whose window is full would hear nothing from a busy leader, and stand."""
    assert asked(pipelining(1, window=1), 2, 3).timers == {}


# -- probing -----------------------------------------------------------------------------


def test_a_new_leader_probes_every_follower():
    trace = Scenario(Raft, servers=3, options={"window": 4}).at(50, timeout("S1")).run(80)
    state = trace.state_at(80)["S1"]
    assert (state["role"], state.get("fed")) == ("leader", None)
    assert state["in_flight"] == {"S2": (1,), "S3": (1,)}


def test_a_probe_goes_alone():
    assert offers(asked(pipelining(1), 2, 3, 4), "S3") == [(1, 1)]


def test_the_heartbeat_probes_again():
    node, out = pipelining(1), Out()
    asked(node, 2)
    node.on_timer("heartbeat", out)
    assert offers(out, "S3") == [(1, 1)]


def test_a_follower_that_agrees_is_fed():
    node = pipelining(1, fed=frozenset())
    asked(node, 2, 3)
    out = told(node, agreed(2, request=1))
    assert "S2" in node.fed
    assert offers(out, "S2") == [(2, 1)]


def test_a_probe_that_was_lost_takes_no_room_in_the_window():
    """Two probes, the second with an entry more; the first is answered, the second is lost."""
    node = pipelining(1, window=1, fed=frozenset())
    node.on_timer("heartbeat", Out())
    asked(node, 2)
    node.on_timer("heartbeat", Out())
    assert offers(told(node, agreed(1, request=1)), "S2") == [(1, 1)]


def test_a_refusal_goes_back_to_what_is_known_to_agree():
    node = pipelining(1, window=3, match_index={"S1": 1, "S2": 1, "S3": 0})
    asked(node, 2, 3, 4)
    out = told(node, refused(request=node.requests, index=2))
    assert "S2" not in node.fed
    assert offers(out, "S2") == [(1, 2)]


def test_the_answers_to_what_was_sent_before_a_refusal_are_old_news():
    node = pipelining(1, 1, 1, fed=frozenset())
    asked(node, 4)
    late = node.requests
    told(node, refused(late, index=3))
    before = node.next_index
    assert told(node, refused(late, index=1)).sent == []
    assert node.next_index == before


def test_a_refusal_of_an_older_term_changes_nothing():
    node = pipelining(1, 2)
    asked(node, 3)
    told(node, AppendEntriesReply(1, "S2", False, 0, 1, request=99))
    assert "S2" in node.fed


# -- whole runs --------------------------------------------------------------------------


def run(window: int, most: int = 0, network: Network | None = None, **more: Any) -> Trace:
    scenario = Scenario(
        Raft,
        servers=3,
        seed=5,
        clients=8,
        duration=3000,
        network=network or Network(latency=(30, 30)),
        workload=Workload(think=(0, 5), reads=0.2),
        options={"window": window, "max_entries": most},
        **more,
    )
    return scenario.at(50, timeout("S1")).run()


def carried(trace: Trace) -> list[int]:
    """How many entries each AppendEntries carried."""
    messages = [flight.message for flight in trace.messages]
    return [len(m.entries) for m in messages if isinstance(m, AppendEntries)]


def test_a_calm_pipeline_sends_each_entry_to_each_follower_once():
    trace, plain = run(64), run(0)
    entries = max(len(fields["log"]) for fields in trace.state_at(3000).values())
    assert sum(carried(trace)) <= 2 * entries + 2  # the first is probed twice
    assert sum(carried(plain)) > 4 * entries


def test_nothing_waits_longer_than_without_it():
    def answered(trace: Trace) -> int:
        return sum(operation.outcome == "ok" for operation in trace.operations)

    assert answered(run(64)) >= answered(run(0))


@pytest.mark.parametrize(("window", "most"), [(1, 0), (4, 2), (64, 8)])
def test_a_follower_that_was_down_catches_up_batch_by_batch(window, most):
    trace = run(window, most, faults=((600, crash("S3")), (1500, restart("S3"))))
    assert trace.violations == []
    assert max(carried(trace)) <= (most or 1000)
    logs = [len(fields["log"]) for fields in trace.state_at(3000).values()]
    assert min(logs) > max(logs) - 20


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("window", [1, 4, 20])
def test_nothing_is_lost_in_rough_weather(window, seed):
    network = Network(latency=(1, 40), loss=0.1, duplicate=0.1, reorder=0.2)
    scenario = Scenario(
        Raft,
        seed=seed,
        clients=3,
        network=network,
        options={"window": window, "max_entries": 20, "parallel_disk": True},
    )
    scenario = scenario.at(800, crash("leader")).at(1400, *map(restart, scenario.server_names))
    scenario = scenario.at(2200, weather(0, 0, 0)).at(2300, request("write", "z", 1))
    trace = scenario.run(3000)
    assert trace.violations == []
    logs = [fields["log"] for fields in trace.state_at(3000).values()]
    assert len({log[: min(map(len, logs))] for log in logs}) == 1
    assert min(map(len, logs)) > max(map(len, logs)) - 10
