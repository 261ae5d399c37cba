"""A handler that never ends must not hang the kernel.

The guard looks at a clock, but only to stop a run with an error: no result depends on it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

PATIENCE = 2.0
"""Seconds of real time in which one handler must return."""


class Endless(BaseException):
    """Thrown into a handler that does not return. No `except Exception` catches it."""


@contextmanager
def guard(progress: Callable[[], int], patience: float = PATIENCE) -> Iterator[None]:
    """Throw Endless into this thread when `progress` stands still for `patience` seconds.

    Where there are no threads (Python in a browser) it does nothing: there the page can be stopped.
    """
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
    except (ImportError, AttributeError, RuntimeError):
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
    """Throw again and again while nothing moves, for a handler may swallow the first one."""
    seen = progress()
    while not finished.wait(patience):
        now = progress()
        if now == seen:
            throw()
        seen = now
