"""Errors of ours tell their story in a sentence; all others are shown as ever."""

from __future__ import annotations

import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from consensus_lab.errors import (
    ConsensusLabError,
    HandlerError,
    HistoryError,
    ScenarioError,
    print_sentence_only,
)

KINDS = [HistoryError, ScenarioError, HandlerError]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_of_ours_is_caught_by_one_name(kind):
    with pytest.raises(ConsensusLabError):
        raise kind("What, where, what to do.")


@pytest.mark.parametrize("kind", KINDS)
def test_in_a_notebook_only_the_sentence_is_shown(kind, capsys):
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.user_ns["kind"] = kind
    shell.run_cell("raise kind('S9 is no server.')")
    printed = capsys.readouterr().out.strip()
    assert printed.splitlines() == [f"{kind.__name__}: S9 is no server."]


def test_in_a_script_only_the_sentence_is_shown(capsys):
    print_sentence_only(ScenarioError, ScenarioError("S9 is no server."), None)
    assert capsys.readouterr().err == "ScenarioError: S9 is no server.\n"


def test_other_errors_are_shown_in_a_script_as_ever(capsys):
    try:
        raise KeyError("x")
    except KeyError as error:
        print_sentence_only(KeyError, error, sys.exc_info()[2])
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert shown.endswith("KeyError: 'x'\n")


def test_an_error_of_a_handler_has_no_trace_until_it_is_given_one():
    assert HandlerError("It fails.").trace is None
