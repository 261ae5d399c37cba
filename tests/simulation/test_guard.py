"""The guard: it stops what stands still, and leaves alone what moves."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import nullcontext
from itertools import count

import pytest

from consensus_lab.simulation.guard import Endless, guard


def spin(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def doze(seconds: float) -> None:
    for _ in range(round(1000 * seconds)):
        time.sleep(0.001)


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


def test_who_gets_no_processor_is_not_blamed(monkeypatch):
    monkeypatch.setattr("consensus_lab.simulation.guard.process_time", lambda: 0.0)
    with guard(lambda: 0, patience=0.05):
        spin(0.2)


def test_who_sleeps_for_ever_is_stopped():
    with pytest.raises(Endless), guard(lambda: 0, patience=0.01):
        doze(10)


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


@pytest.fixture
def no_threads(monkeypatch):
    """As in a browser."""

    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)


def test_without_threads_what_is_quick_is_left_alone(no_threads):
    with guard(lambda: 0, patience=5):
        spin(0.01)


def test_without_threads_what_moves_is_left_alone(no_threads):
    steps = count()
    with guard(lambda: next(steps), patience=0.02):
        spin(0.1)


JUMPS_CAN_BE_WATCHED = sys.version_info >= (3, 12)


def test_without_threads_a_loop_that_stands_still_is_stopped_from_python_3_12_on(no_threads):
    began = time.monotonic()
    ending = pytest.raises(Endless) if JUMPS_CAN_BE_WATCHED else nullcontext()
    with ending, guard(lambda: 0, patience=0.05):
        spin(1)
    assert (time.monotonic() - began < 1) == JUMPS_CAN_BE_WATCHED
