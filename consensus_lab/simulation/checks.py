"""What a scenario may hold. Each check raises a ScenarioError that says what was expected."""

from __future__ import annotations

from math import isfinite
from typing import Any

from ..errors import ScenarioError

ARGUMENTS = {
    **dict.fromkeys(("read", "dequeue", "pop"), ()),
    **dict.fromkeys(("write", "append", "enqueue", "push", "propose"), ("value",)),
    **dict.fromkeys(("increment", "decrement"), ("amount",)),
    **dict.fromkeys(("add", "remove", "contains"), ("element",)),
    "cas": ("expected", "new"),
    "transfer": ("taker", "amount"),
    **dict.fromkeys(("acquire", "release"), ("owner",)),
    "lease": ("owner", "duration"),
    **dict.fromkeys(("issue", "book"), ()),
}
"""What the kinds of operation take after the key."""

MICRO_OPERATIONS = ("read", "write", "append")


def number(name: str, value: Any) -> None:
    """A sensible number of ms."""
    if not is_number(value) or not 0 <= value <= 1e9:
        raise ScenarioError(f"{name} is a number of ms from 0 to 1e9, not {value!r}.")


def positive(name: str, value: Any, unit: str) -> None:
    """A sensible number above 0 of some unit."""
    if not is_number(value) or not 0 < value <= 1e9:
        raise ScenarioError(f"{name} is a number of {unit} above 0, up to 1e9, not {value!r}.")


def span(name: str, value: Any) -> None:
    """The shortest and the longest time that something takes, in ms."""
    if not isinstance(value, tuple) or len(value) != 2:
        raise ScenarioError(f"{name} is a pair of times in ms, such as (5, 15); not {value!r}.")
    for time in value:
        number(name, time)
    if value[0] > value[1]:
        raise ScenarioError(f"{name} is first the shorter time, then the longer; not {value!r}.")


def signed(name: str, value: Any) -> None:
    """A time in ms that may lie before another."""
    if not is_number(value) or abs(value) > 1e9:
        raise ScenarioError(f"{name} is a number of ms from -1e9 to 1e9, not {value!r}.")


def one_of(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """One of a few words."""
    if not isinstance(value, str) or value not in choices:
        raise ScenarioError(f"{name} is one of {', '.join(choices)}; not {value!r}.")


def some_of(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Some of a few words, each once; or none of them."""
    if not isinstance(value, tuple) or len(set(value) & set(choices)) < len(value):
        raise ScenarioError(f"{name} is some of {', '.join(choices)}; not {value!r}.")


def share(name: str, value: Any) -> None:
    """A probability."""
    if not is_number(value) or not 0 <= value <= 1:
        raise ScenarioError(f"{name} is a probability from 0 to 1, not {value!r}.")


def whole(name: str, value: Any, least: int | None = None, most: int | None = None) -> None:
    """A whole number, within bounds if there are any."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ScenarioError(f"{name} is a whole number, not {value!r}.")
    if (least is not None and value < least) or (most is not None and value > most):
        bounds = f"{least} on" if most is None else f"{least} to {most}"
        raise ScenarioError(f"{name} is from {bounds}, not {value}.")


def text(name: str, value: Any) -> None:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ScenarioError(f"{name} is a text, not {value!r}.")


def instance(name: str, value: Any, kind: type) -> None:
    """An instance of `kind`."""
    if not isinstance(value, kind):
        raise ScenarioError(f"{name} is a {kind.__name__}, not {value!r}.")


def like(name: str, value: Any, default: Any) -> None:
    """What a protocol's option may be, judged by the value that it has by default."""
    if isinstance(default, tuple):
        span(name, value)
    elif is_number(default):
        number(name, value)
    else:
        instance(name, value, type(default))


def operation(value: Any) -> None:
    """What a client may ask: ("write", "x", 4). Its parts are numbers, texts, booleans or None."""
    kind = value[0] if isinstance(value, tuple) and value else None
    if kind == "txn":
        transaction(value)
        return
    if not isinstance(kind, str) or kind not in ARGUMENTS:
        raise ScenarioError(
            'A request is ("read", key), ("write", key, value) or ("cas", key, expected, new), '
            f"or of another kind ({', '.join(sorted(ARGUMENTS))}, txn); not {value!r}."
        )
    if len(value) != 2 + len(ARGUMENTS[kind]):
        form = ", ".join([f'"{kind}"', "key", *ARGUMENTS[kind]])
        raise ScenarioError(f"A request to {kind} is ({form}), not {value!r}.")
    for part in value:
        if not (part is None or isinstance(part, str | bool) or is_number(part)):
            raise ScenarioError(f"A request is of numbers, texts, booleans and None, not {part!r}.")


def transaction(value: tuple[Any, ...]) -> None:
    """A transaction: ("txn", None, micro-operation, …)."""
    if len(value) < 3 or value[1] is not None:
        raise ScenarioError(f'A transaction is ("txn", None, micro-operation, …), not {value!r}.')
    for micro in value[2:]:
        kind = micro[0] if isinstance(micro, tuple) and len(micro) == 3 else None
        if kind not in MICRO_OPERATIONS or (kind == "read" and micro[2] is not None):
            raise ScenarioError(
                'A micro-operation is ("read", key, None), ("write", key, value) or '
                f'("append", key, element), not {micro!r}.'
            )
        operation(micro[:2] if kind == "read" else micro)


def is_number(value: Any) -> bool:
    """A number that can be compared and written down: no boolean, infinity or NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
