"""Keeping the garbage collector away from work that only ever makes more objects."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Let the cycle collector rest: a trace or a witness only grows, and walking it finds nothing.

    With a million operations in memory, half of the time would go into looking through them. Nor is
    what was made looked through as soon as the collector is back: it counts as old at once.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()
            gc.unfreeze()
            gc.enable()
