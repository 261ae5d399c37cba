"""From an exception inside a learner's handler to one sentence: what, where, what to do."""

from __future__ import annotations

import linecache
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING

from ..errors import HandlerError
from .clock import milliseconds
from .guard import PATIENCE, Endless

if TYPE_CHECKING:
    from .world import World

PACKAGE = str(Path(__file__).parent.parent)


def blame(error: BaseException, world: World) -> HandlerError:
    """The HandlerError that tells of `error`, as the learner's own code caused it."""
    if isinstance(error, Endless):
        what = f"does not return: it was stopped after {PATIENCE:g} seconds"
    elif isinstance(error, RecursionError):
        what = "calls itself without end"
    else:
        what = f"fails with {type(error).__name__}: {error}"
    frames = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)]
    # The learner's frame says more than ours below it, where the mistake only surfaced.
    theirs = [(code, line) for code, line in frames if not code.co_filename.startswith(PACKAGE)]
    code, line = (theirs or frames)[-1]
    source = linecache.getline(code.co_filename, line).strip()
    where = f" Line {line}: `{source}`." if source else f" Line {line}."
    return HandlerError(
        f"{world.scenario.protocol.__name__}.{code.co_name} {what} "
        f"(at {milliseconds(world.now)} of virtual time).{where if theirs else ''} "
        "Mend it and run again; `error.trace` holds the run up to here."
    )
