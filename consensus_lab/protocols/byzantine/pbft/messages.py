"""The messages of PBFT, named as in the paper: Castro and Liskov (1999). Each is signed.

`mark` is the signature of `replica` under all the rest.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from ...node import ClientRequest
from ...record import record
from ...state_machine import StateMachine, digest
from ..signatures import Keys, is_signed

M = TypeVar("M")


@record
class PrePrepare:
    """The primary of `view` gives `request` the number `number` (section 4.2).

    None is the null request, with which a new view fills a hole; it does nothing (4.4).
    """

    view: int
    number: int
    request: ClientRequest | None
    replica: str
    mark: str = ""

    @property
    def digest(self) -> str:
        """What stands for the request in votes."""
        return digest_of(self.request)


@record
class Prepare:
    """A backup agrees that the request with this digest has this number in this view."""

    view: int
    number: int
    digest: str
    replica: str
    mark: str = ""


@record
class Commit:
    """A replica knows that enough have agreed within this view, and will not forget it."""

    view: int
    number: int
    digest: str
    replica: str
    mark: str = ""


@record
class Prepared:
    """A certificate: a quorum agreed on the number of a request. No traitor can make it up."""

    pre_prepare: PrePrepare
    prepares: tuple[Prepare, ...]


@record
class Checkpoint:
    """After request `number` the state of this replica has this digest (section 4.3)."""

    number: int
    digest: str
    replica: str
    mark: str = ""


@record
class ViewChange:
    """A replica wants `view` to begin, and shows what it knows of the past (section 4.4).

    `stable` proves the checkpoint from which it counts; `prepared` are its certificates since.
    """

    view: int
    stable: tuple[Checkpoint, ...]
    prepared: tuple[Prepared, ...]
    replica: str
    mark: str = ""

    @property
    def number(self) -> int:
        """The number of its last stable checkpoint."""
        return self.stable[0].number if self.stable else 0


@record
class NewView:
    """The primary of `view` begins it: with whose consent, and with what the past leaves to do."""

    view: int
    view_changes: tuple[ViewChange, ...]
    pre_prepares: tuple[PrePrepare, ...]
    replica: str
    mark: str = ""


@record
class Fetch:
    """A replica that was left behind asks for the state after request `number`."""

    number: int
    replica: str
    mark: str = ""


@record
class State:
    """The state after request `number`. It is believed if its digest is that of a checkpoint."""

    number: int
    machine: StateMachine
    replica: str
    mark: str = ""


@lru_cache(maxsize=4096)
def digest_of(request: ClientRequest | None) -> str:
    """The digest of a request: asked for with every vote."""
    return digest(request)


def text(message: object) -> str:
    """What is signed: the message without its signature."""
    return repr(replace(message, mark=""))  # type: ignore[type-var]


def signed(message: M, keys: Keys) -> M:
    """The message with the signature of its `replica`."""
    mark = keys.sign(message.replica, text(message))  # type: ignore[attr-defined]
    return replace(message, mark=mark)  # type: ignore[type-var]


def is_genuine(message: object, seed: int) -> bool:
    """The message was signed by the replica that it names."""
    return is_signed(seed, message.replica, text(message), message.mark)  # type: ignore[attr-defined]
