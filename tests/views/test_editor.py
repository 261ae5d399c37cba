"""The kernel's half of a history drawn by hand: it reads the drawing and has it judged."""

from __future__ import annotations

from typing import Any

import pytest

from consensus_lab import History, linearizable, sequential
from consensus_lab.errors import HistoryError
from consensus_lab.views.editor import HistoryEditor, edit

STALE = """
P1:  [W(x,1)]   [W(x,2)]
P2:                        [R(x)1]
"""


def redrawn(*rows: list[Any], checks: Any = ()) -> HistoryEditor:
    """A drawing that the browser has changed to these operations."""
    editor = edit(STALE, *checks)
    processes = list(dict.fromkeys(row[0] for row in rows))
    editor.drawing = {"edit": 1, "processes": processes, "operations": list(rows)}
    return editor


def test_a_drawing_begins_as_the_history_that_it_was_given() -> None:
    editor = edit(STALE)
    assert editor.history == History.parse(STALE)
    assert editor.drawing["operations"][2] == ["P2", "R(x)1", 28, 34]


def test_each_checker_judges_each_change() -> None:
    editor = redrawn(
        ["P1", "W(x,1)", 1, 5], ["P2", "R(x)0", 7, 9], checks=(linearizable, sequential)
    )
    told = [(verdict["model"], verdict["holds"]) for verdict in editor.answer["verdicts"]]
    assert told == [("linearizability", False), ("sequential consistency", True)]
    assert [verdict.holds for verdict in editor.verdicts] == [False, True]


def test_operations_are_told_by_their_places_in_the_drawing() -> None:
    editor = redrawn(["P2", "R(x)0", 7, 9], ["P3", "R(y)0", 2, 3], ["P1", "W(x,1)", 1, 5])
    assert sorted(editor.answer["verdicts"][0]["accused"]) == [0, 2]


def test_without_an_answer_nothing_was_returned() -> None:
    editor = redrawn(["P1", "C(x,0,1)no", 3, None])
    [operation] = editor.history
    assert (operation.outcome, operation.result) == ("unknown", None)


@pytest.mark.parametrize("text", ["", "R(x", "R(x)", "W(x,1)] [W(x,2)", "hello", "# nothing"])
def test_what_is_no_operation_is_told_with_its_place(text: str) -> None:
    editor = redrawn(["P1", "W(x,1)", 1, 5], ["P1", text, 7, 9])
    number, words = editor.answer["problem"]
    assert number == 1
    assert "is no operation" in words
    assert "\n" not in words
    assert editor.answer["verdicts"] == []


def test_a_drawing_that_is_no_history_leaves_the_last_one_in_place() -> None:
    editor = redrawn(["P1", "W(x,1)", 1, 5], ["P1", "R(x)1", 4, 9])
    assert "P1 starts R(x)1" in editor.answer["problem"][1]
    assert editor.history == History.parse(STALE)


def test_an_operation_that_the_checker_does_not_know_is_told() -> None:
    editor = redrawn(["P1", "enqueue(q,1)", 1, 5])
    assert "enqueue" in editor.answer["problem"][1]


def test_a_history_too_large_to_be_drawn_is_refused() -> None:
    with pytest.raises(HistoryError, match="drawn by hand has at most"):
        edit("P1:" + " " * 500 + "[W(x,1)]")


def test_its_text_alternative_is_the_drawing_and_each_verdict() -> None:
    words = repr(edit(STALE, linearizable, sequential))
    assert "P1:  [W(x,1)]   [W(x,2)]" in words
    assert "Linearizability does not hold" in words
    assert "Sequential consistency holds" in words


def test_its_still_is_that_of_the_first_verdict() -> None:
    assert "Linearizability does not hold" in edit(STALE, linearizable).still()
