"""From an exception inside a learner's handler to one sentence: what, where, what to do."""

from __future__ import annotations

import linecache
from pathlib import Path
from sysconfig import get_paths
from traceback import walk_tb
from typing import TYPE_CHECKING

from ..errors import HandlerError
from .clock import milliseconds
from .guard import PATIENCE, Endless

if TYPE_CHECKING:
    from .world import World

SIMULATION = Path(__file__).parent
PACKAGE = str(SIMULATION.parent)


def blame(error: BaseException, world: World) -> HandlerError:
    """The HandlerError that tells of `error`, as the learner's own code caused it."""
    who = world.scenario.protocol.__name__
    frames = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)]
    # The learner's frame says more than ours below it, where the mistake only surfaced.
    theirs = [(code, line) for code, line in frames if is_theirs(code.co_filename)]
    where = ""
    if theirs:
        code, line = theirs[-1]
        source = linecache.getline(code.co_filename, line).strip()
        where = f" Line {line}: `{source}`." if source else f" Line {line}."
    handlers = theirs or [
        (code, line) for code, line in frames if Path(code.co_filename).parent != SIMULATION
    ]
    if handlers and (theirs or not isinstance(error, HandlerError)):
        who += f".{handlers[-1][0].co_name}"
    return HandlerError(
        f"{who}{complaint(error)} (at {milliseconds(world.now)} of virtual time).{where} "
        "Mend it and run again; `error.trace` holds the run up to here."
    )


def complaint(error: BaseException) -> str:
    """What is wrong, as the second half of a sentence."""
    if isinstance(error, HandlerError):
        return f": {error}"
    if isinstance(error, Endless):
        return f" does not return: it was stopped after {PATIENCE:g} seconds"
    if isinstance(error, RecursionError):
        return " calls itself without end"
    return f" fails with {type(error).__name__}: {error}"


def is_theirs(file: str) -> bool:
    """The file is a learner's: not ours, not Python's, not code that a dataclass made up."""
    paths = get_paths()
    ours = (PACKAGE, paths["stdlib"], paths["purelib"], paths["platlib"], "<string>", "<frozen")
    return not file.startswith(ours)
