"""A handler that never ends must not hang the kernel.

The guard looks at a clock, but only to stop a run with an error: no result depends on it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, process_time
from types import CodeType

PATIENCE = 2.0
"""Seconds in which one handler must return."""

ASLEEP = 10
"""After so many times the patience a handler that uses no processor is stopped as well."""

PACKAGE = str(Path(__file__).parents[1])


class Endless(BaseException):
    """Thrown into a handler that does not return. No `except Exception` catches it."""


@contextmanager
def guard(progress: Callable[[], int], patience: float = PATIENCE) -> Iterator[None]:
    """Throw Endless into this thread when `progress` stands still for `patience` seconds."""
    try:
        import ctypes

        runner = ctypes.c_ulong(threading.get_ident())
        throw = ctypes.pythonapi.PyThreadState_SetAsyncExc
        finished = threading.Event()
        watcher = threading.Thread(
            target=watch,
            args=(progress, patience, finished, lambda: throw(runner, ctypes.py_object(Endless))),
        )
        watcher.daemon = True
        watcher.start()
    except (ImportError, AttributeError, RuntimeError):  # no threads: Python in a browser
        with watch_jumps(progress, patience):
            yield
        return
    try:
        yield
    finally:
        with suppress(Endless):  # one thrown too late must not strike whoever comes next
            finished.set()
            watcher.join()


def watch(
    progress: Callable[[], int],
    patience: float,
    finished: threading.Event,
    throw: Callable[[], object],
) -> None:
    """Throw again and again while nothing moves, for a handler may swallow the first one.

    On a crowded machine a process may get no processor for seconds: no fault of its handler.
    """
    seen, spent, rounds = progress(), process_time(), 0
    while not finished.wait(patience):
        now = progress()
        if now != seen:
            seen, spent, rounds = now, process_time(), 0
            continue
        rounds += 1
        if process_time() - spent > patience / 2 or rounds >= ASLEEP:
            throw()


@contextmanager
def watch_jumps(progress: Callable[[], int], patience: float) -> Iterator[None]:
    """Look at the clock whenever a loop goes round, where no thread can look at it.

    What never ends goes round a loop, for what calls itself for ever ends by itself (PEP 669;
    before Python 3.12 nothing is watched: there the page can be stopped).
    """
    if sys.version_info < (3, 12) or sys.monitoring.get_tool(sys.monitoring.PROFILER_ID):
        yield
        return
    monitoring, tool = sys.monitoring, sys.monitoring.PROFILER_ID
    seen, end = progress(), monotonic() + patience

    def on_jump(code: CodeType, *_: int) -> object:
        nonlocal seen, end
        if code.co_filename.startswith(PACKAGE):
            return monitoring.DISABLE  # our own loops end, and are to stay quick
        now = progress()
        moved, seen = now != seen, now
        if moved or monotonic() > end:
            end = monotonic() + patience
            if not moved:
                raise Endless  # again in a while, for a handler may swallow the first one
        return None

    monitoring.use_tool_id(tool, "consensus_lab")
    monitoring.register_callback(tool, monitoring.events.JUMP, on_jump)
    monitoring.set_events(tool, monitoring.events.JUMP)
    try:
        yield
    finally:
        monitoring.set_events(tool, monitoring.events.NO_EVENTS)
        monitoring.free_tool_id(tool)
