"""Exactly once: retries, lost answers and lost requests, and each mistake one can make there.

Ongaro's thesis, section 6.3.
"""

from __future__ import annotations

from dataclasses import replace

from consensus_lab import History, linearizable
from consensus_lab.simulation.faults import cut, request
from consensus_lab.simulation.parting import parting

from .client_bugs import (
    CHANGE_OF_LEADER,
    LOST_ANSWER,
    LOST_REQUEST,
    OVERTAKEN,
    RESTART,
    STAGE,
    TWICE_IN_THE_LOG,
    AppliesAgain,
    DependsOnLuck,
)


def test_a_retry_gets_the_answer_of_the_first_time():
    trace = LOST_ANSWER.run()
    assert [(o.outcome, o.result) for o in trace.operations] == [("ok", True)]


def test_a_retry_may_stand_in_the_log_twice_and_is_carried_out_once():
    state = TWICE_IN_THE_LOG.run().state_at(1500)["S1"]
    commands = [entry.command for entry in state["log"] if entry.command is not None]
    assert len(commands) == 5
    assert len(set(commands)) == 3
    assert state["machine"].data == {"x": 0}


def test_a_client_that_gives_up_goes_on_under_a_new_name():
    trace = LOST_REQUEST.run()
    assert [(o.process, o.outcome) for o in trace.operations] == [
        ("A", "unknown"),
        ("A.2", "ok"),
        ("B", "ok"),
    ]


def test_a_request_that_was_given_up_may_happen_all_the_same():
    trace = LOST_REQUEST.at(1000, request("read", "x", client="B", server="S1")).run()
    assert trace.operations[0].outcome == "unknown"
    assert trace.operations[-1].result == 1


def test_to_take_what_is_unknown_for_a_failure_raises_a_false_alarm():
    """C5: A hears nothing of its write, and B reads it."""
    scenario = STAGE.at(100, cut("S1", "A", one_way=True), request("write", "x", 1, server="S1"))
    history = scenario.at(300, request("read", "x", client="B", server="S1")).run().history()
    assert linearizable(history).holds is True
    last = max(o.start for o in history)
    wrong = [
        replace(o, outcome="failed", end=last) if o.outcome == "unknown" else o for o in history
    ]
    assert linearizable(History(wrong, ticks_per_ms=history.ticks_per_ms)).holds is False


def test_a_client_is_told_who_leads():
    trace = STAGE.at(100, request("read", "x")).run()
    asked = [f.target for f in trace.messages if f.source == "A"]
    assert asked[-1] == "S1"
    assert trace.operations[0].outcome == "ok"


def test_of_two_requests_under_way_each_gets_its_own_answer():
    trace = OVERTAKEN.run()
    assert [(o.process, o.operation[0], o.outcome) for o in trace.operations] == [
        ("A", "write", "ok"),
        ("A/2", "write", "ok"),
        ("B", "read", "ok"),
    ]
    assert trace.operations[1].end < trace.operations[0].end
    assert trace.operations[2].result == 1


def test_a_machine_that_depends_on_luck_is_found_by_the_digest():
    """C6: and not by the five properties, which speak of logs."""
    found = parting(replace(CHANGE_OF_LEADER, protocol=DependsOnLuck).run())
    assert found.command.operation == ("write", "x", 1)


def test_a_machine_that_is_saved_without_its_index_is_found_by_the_digest():
    """C7: after the restart it holds what it had, and begins to apply anew."""
    found = parting(replace(RESTART, protocol=AppliesAgain).run())
    assert found.index == 0


def test_the_machines_of_all_replicas_are_the_same_in_the_end():
    state = CHANGE_OF_LEADER.run().state_at(1500)
    assert len({str(state[name]["machine"]) for name in state}) == 1
