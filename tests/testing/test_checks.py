from __future__ import annotations

from consensus_lab.history import parse
from consensus_lab.testing.checks import CheckFailed


def test_a_failed_check_is_one_sentence_without_a_traceback() -> None:
    assert CheckFailed("Majority: two of four.")._render_traceback_() == [
        "CheckFailed: Majority: two of four."
    ]


def test_a_failed_check_shows_its_evidence_once(monkeypatch: object) -> None:
    shown: list[object] = []
    monkeypatch.setattr("IPython.display.display", shown.append)  # type: ignore[attr-defined]
    failed = CheckFailed("A stale read.", parse("P1: [W(x,1)] [R(x)0]"))
    failed._render_traceback_()
    failed._render_traceback_()
    assert [type(view).__name__ for view in shown] == ["TimelineView"]
