"""Call a learner's function: whatever it does, a sentence comes back, and nothing hangs."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from traceback import walk_tb
from typing import Any

from ..errors import without_traceback
from ..simulation.guard import PATIENCE, Endless, guard
from .checks import CheckFailed


def ask(function: Callable[..., Any], *arguments: Any, evidence: object = None) -> Any:
    """What `function` returns for `arguments`.

    Raises CheckFailed, with `evidence` to look at, if it raises or does not end. A task not yet
    begun raises its own NotImplementedError.
    """
    if not callable(function):
        raise CheckFailed(f"Hand over a function, not {function!r}.")
    try:
        with guard(lambda: 0):
            return function(*arguments)
    except NotImplementedError as blank:
        raise without_traceback(blank) from None  # it says itself what is to be written
    except Endless:
        told = f"{name(function)} does not return: it was stopped after {PATIENCE:g} seconds."
        raise CheckFailed(f"{told} Is there a loop that nothing ends?", evidence) from None
    except Exception as error:
        told = f"{name(function)} fails with {type(error).__name__}: {error}."
        raise CheckFailed(f"{told} {place(error)}".rstrip(), evidence) from None


def hold_written(kind: type[Any], *methods: str) -> None:
    """Raise CheckFailed if a learner's class leaves one of `methods` to the package.

    A method whose name is misspelt would: then the package's own is checked, and passes.
    """
    if not isinstance(kind, type) or is_ours(kind):
        return  # a check of what it is comes next; our own classes may be checked, too
    for method in methods:
        if is_ours(getattr(kind, method, None)):
            raise CheckFailed(
                f"{kind.__name__} has no {method} of its own, so ours would be checked: "
                "write it, or look how its name is spelt."
            )


def no_return(value: Any) -> str:
    """What to ask somebody whose function gave None where a yes or no was due."""
    return " Is a `return` missing?" if value is None else ""


def is_ours(thing: Any) -> bool:
    """Whether it is defined in the package."""
    return str(getattr(thing, "__module__", "")).startswith("consensus_lab.")


def name(function: Callable[..., Any]) -> str:
    """What to call `function` in a sentence."""
    return str(getattr(function, "__name__", "Your function"))


def place(error: Exception) -> str:
    """The line of the learner's own code at which `error` surfaced, if there is one."""
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    for file, line in reversed(frames):
        source = linecache.getline(file, line).strip()
        if source and "consensus_lab" not in file:
            return f"Line {line}: `{source}`."
    return ""
