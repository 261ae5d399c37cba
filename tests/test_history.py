"""Operations and histories: what can have happened, and what cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consensus_lab.errors import HistoryError
from consensus_lab.history import History, Mark, Operation, parse

WRITE = Operation("P1", "write", "x", (4,), start=10, end=20)


def test_operations_are_sorted_by_start_whatever_order_they_come_in() -> None:
    later = Operation("P2", "read", "x", (), 4, 15, 30)
    assert list(History([later, WRITE])) == [WRITE, later]


def test_processes_are_listed_as_people_count() -> None:
    operations = [replace(WRITE, process=name) for name in ("P10", "P2", "P1")]
    assert History(operations).processes == ("P1", "P2", "P10")


def test_a_slice_and_a_selection_are_histories() -> None:
    history = parse("P1: [W(x,1)] [W(y,2)] [R(x)1]")
    assert str(history[1:]) == "P1:          [W(y,2)] [R(x)1]"
    assert history.only([history[0]]) == history[:1]
    assert history.without(history[0]) == history[1:]
    assert list(history.by_key()) == ["x", "y"]
    assert history.by_key()["x"] == history.without(history[1])


def test_histories_are_equal_by_what_happened() -> None:
    assert History([WRITE]) == History([WRITE], processes=["P1", "P2"])
    assert hash(History([WRITE])) == hash(History([WRITE]))
    assert History([WRITE]) != History([WRITE], ticks_per_ms=1000)
    assert History([WRITE]) != History([WRITE], marks=[Mark(3, "S1 crashes")])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"process": ""}, "give it a name"),
        ({"process": 1}, "give it a name"),
        ({"kind": ""}, "name it by a word"),
        ({"args": [4]}, "give a tuple"),
        ({"args": ([4],)}, "which can change"),
        ({"key": []}, "which can change"),
        ({"args": (float("nan"),)}, "equals nothing"),
        ({"start": -1}, "from 0 up"),
        ({"start": 1.5}, "from 0 up"),
        ({"start": True}, "from 0 up"),
        ({"end": 9}, "later than its question"),
        ({"end": None}, "later than its question"),
        ({"end": 2**62}, "later than its question"),
        ({"outcome": "unknown"}, "without an answer there is no end"),
        ({"outcome": "maybe"}, "one of ok, unknown, failed"),
        ({"outcome": "failed", "result": 4}, "only an answer"),
    ],
)
def test_what_cannot_be_an_operation_is_named(change: dict[str, object], problem: str) -> None:
    with pytest.raises(HistoryError, match=problem):
        History([replace(WRITE, **change)])  # type: ignore[arg-type]


def test_a_process_does_one_thing_at_a_time() -> None:
    with pytest.raises(HistoryError, match=r"lasts until 20: .* so start at 21 or later"):
        History([WRITE, Operation("P1", "read", "x", (), 4, 20, 30)])


def test_a_process_whose_operation_got_no_answer_does_not_go_on_under_its_name() -> None:
    lost = replace(WRITE, end=None, outcome="unknown")
    with pytest.raises(HistoryError, match="under a new name, such as P1'"):
        History([lost, Operation("P1", "read", "x", (), 4, 30, 40)])


def test_ticks_per_ms_is_a_whole_number() -> None:
    with pytest.raises(HistoryError, match="ticks_per_ms"):
        History([], ticks_per_ms=0)


def test_a_builder_takes_whole_operations() -> None:
    builder = History.builder()
    builder.write("P1", "x", 4, start=10, end=20)
    builder.read("P2", "x", 4, start=21, end=30)
    builder.cas("P1", "x", 4, 5, start=31)
    lost = Operation("P1", "cas", "x", (4, 5), None, 31, None, "unknown")
    assert list(builder.build()) == [WRITE, Operation("P2", "read", "x", (), 4, 21, 30), lost]


def test_a_builder_takes_calls_and_answers_one_by_one() -> None:
    builder = History.builder(ticks_per_ms=1000)
    write = builder.invoke("P1", "write", "x", 4, at=10)
    refused = builder.invoke("P2", "write", "x", 5, at=11)
    builder.respond(write, at=20, server="S1")
    builder.fail(refused, at=12)
    builder.mark(15, "S2 crashes")
    history = builder.build()
    assert [(o.end, o.outcome, o.server) for o in history] == [
        (20, "ok", "S1"),
        (12, "failed", None),
    ]
    assert history.marks == (Mark(15, "S2 crashes"),)


def test_a_call_is_answered_once() -> None:
    builder = History.builder()
    call = builder.invoke("P1", "write", "x", 4, at=10)
    builder.respond(call, at=20)
    with pytest.raises(HistoryError, match="a call has one answer"):
        builder.respond(call, at=30)
    with pytest.raises(HistoryError, match="There is no call 7"):
        builder.respond(7, at=30)
