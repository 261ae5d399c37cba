"""Call a learner's function: whatever it does, a sentence comes back, and nothing hangs."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import wraps
from traceback import walk_tb
from types import NoneType
from typing import Any

from ..errors import HandlerError, without_traceback
from ..simulation.guard import PATIENCE, Endless, guard
from ..simulation.scenario import Scenario
from .checks import CheckFailed

IN_WORDS = {bool: "True or False", int: "a whole number", float: "a number", NoneType: "None"}
FITS: dict[type[Any], tuple[type[Any], ...]] = {float: (int, float)}


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


def hold_returns(scenario: Scenario, **kinds: type[Any] | tuple[type[Any], ...]) -> None:
    """Raise CheckFailed if in a run of `scenario` a method of its protocol returns something of
    another kind than it should: hold_returns(scenario, newest=Stored, is_written=bool).

    Else None would count as a no, or break a line that the learner has never seen.
    """
    protocol, returned = scenario.protocol, {name: list[Any]() for name in kinds}

    def watched(method: str) -> Callable[..., Any]:
        theirs = getattr(protocol, method)

        @wraps(theirs)
        def call(*arguments: Any) -> Any:
            returned[method].append(theirs(*arguments))
            return returned[method][-1]

        return call

    methods = {method: watched(method) for method in kinds if hasattr(protocol, method)}
    watching = type(protocol.__name__, (protocol,), methods)
    with suppress(HandlerError):  # what fails without a wrong value, the checks will meet again
        replace(scenario, protocol=watching).run()
    for method, kind in kinds.items():
        for value in wrong_among(returned[method], kind)[:1]:
            told = f"{method} returns {shown(value)}; it should return {in_words(kind)}."
            raise CheckFailed(f"{told}{no_return(value)}")


def in_words(kind: type[Any] | tuple[type[Any], ...]) -> str:
    """A kind of value, or one of several, in a sentence."""
    if isinstance(kind, tuple):
        return " or ".join(map(in_words, kind))
    return IN_WORDS.get(kind, f"a {kind.__name__}")


def wrong_among(values: list[Any], kind: type[Any] | tuple[type[Any], ...]) -> list[Any]:
    """Those that are not of a kind. To Python True is a whole number, and 2 is no float.

    What counts as a yes or a no may be anything, as in `versions and versions[-1] > 3`; only if
    nothing but None ever comes, a `return` is missing.
    """
    if kind is bool:
        return values if all(value is None for value in values) else []
    fits = kind if isinstance(kind, tuple) else FITS.get(kind, (kind,))
    return [value for value in values if isinstance(value, bool) or not isinstance(value, fits)]


def shown(value: Any) -> str:
    """A value in a sentence. A function's own `repr` holds an address."""
    return f"the function {name(value)}" if callable(value) else repr(value)


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
