"""The guard: it stops what stands still, and leaves alone what moves."""

from __future__ import annotations

import threading
import time
from itertools import count

import pytest

from consensus_lab.simulation.guard import Endless, guard


def spin(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def test_what_stands_still_is_stopped():
    with pytest.raises(Endless), guard(lambda: 0, patience=0.05):
        spin(30)


def test_what_moves_is_left_alone():
    steps = count()
    with guard(lambda: next(steps), patience=0.02):
        spin(0.3)
    assert next(steps) > 2


def test_what_is_quick_is_left_alone():
    with guard(lambda: 0, patience=5):
        pass


def test_no_exception_handler_of_a_learner_catches_it():
    assert not issubclass(Endless, Exception)


def test_its_thread_ends_with_it():
    before = threading.active_count()
    with guard(lambda: 0, patience=5):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


def test_an_error_inside_comes_out_unchanged():
    with pytest.raises(KeyError), guard(lambda: 0, patience=5):
        raise KeyError


def test_without_threads_it_does_nothing(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with guard(lambda: 0, patience=0.01):
        spin(0.1)
