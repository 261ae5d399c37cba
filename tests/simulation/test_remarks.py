"""Remarks: they are part of the scenario and of the trace, and change nothing else."""

from __future__ import annotations

import pytest

from consensus_lab.errors import ScenarioError
from consensus_lab.protocols.raft import Raft
from consensus_lab.simulation import Scenario, ask, say
from consensus_lab.simulation.trace import Event
from consensus_lab.simulation.triggers import becomes

SILENT = Scenario(Raft, clients=1, duration=500)
LESSON = (
    SILENT.at(0, say("Nobody leads."))
    .at(0, ask("Who will?", "The first to ask."))
    .when(becomes("leader"), say("Now somebody leads."))
)


def remarks(scenario: Scenario) -> list[tuple[int, object]]:
    return [(e.time, e.detail) for e in scenario.run().events if e.kind == "remark"]


def test_a_remark_is_an_event_of_the_trace():
    assert remarks(LESSON)[:2] == [
        (0, {"words": "Nobody leads."}),
        (0, {"words": "Who will?", "answer": "The first to ask."}),
    ]


def test_a_remark_can_wait_for_what_happens():
    trace = LESSON.run()
    elected = next(e.time for e in trace.events if e.changes.get("role") == "leader")
    assert remarks(LESSON)[2] == (elected, {"words": "Now somebody leads."})


def test_all_else_happens_as_without_remarks():
    def what(scenario: Scenario) -> list[Event]:
        # The detail of a save is the place of an event, which a remark before it moves.
        return [e._replace(detail=None) for e in scenario.run().events if e.kind != "remark"]

    assert what(LESSON) == what(SILENT)


def test_a_lesson_is_saved_with_its_scenario():
    assert Scenario.from_json(LESSON.to_json()) == LESSON


@pytest.mark.parametrize("words", ["", None, 7])
def test_a_remark_without_words_is_refused(words):
    with pytest.raises(ScenarioError, match="is a text, not"):
        say(words)
