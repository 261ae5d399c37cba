"""What goes wrong in a learner's hands, told in one sentence: what, where, and what to do."""

from __future__ import annotations

import sys


class ConsensusLabError(Exception):
    """A mistake in what was handed to us. Its message is the whole story; no traceback is needed.

    Jupyter shows only the message: the frames inside this package would hide it.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def without_traceback(error: Exception) -> Exception:
    """Let Jupyter show only the message of `error`, as it does for our own errors."""
    vars(error)["_render_traceback_"] = lambda: [f"{type(error).__name__}: {error}"]
    return error


class HistoryError(ConsensusLabError):
    """A history that cannot be: a malformed line, an end before its start, an overlap."""


class ScenarioError(ConsensusLabError):
    """A scenario that cannot run: an unknown server or option, a file of a newer version."""


class HandlerError(ConsensusLabError):
    """A node's handler raised, returned or sent rubbish, or did not end.

    `trace` holds the run up to that moment, so that it can still be looked at.
    """

    trace: object = None


def print_sentence_only(kind: type[BaseException], error: BaseException, frames: object) -> None:
    """An excepthook for scripts: our own errors without their traceback, all others as ever."""
    if isinstance(error, ConsensusLabError):
        print(f"{kind.__name__}: {error}", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, frames)  # type: ignore[arg-type]
