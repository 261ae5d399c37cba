"""Remarks: sentences and questions that are part of a scenario, so that a run can be a lesson. ::

    scenario.at(0, say("Five servers, and none of them leads."))
    scenario.at(0, ask("Whose patience ends first?", "That of the server with the shortest arc."))
    scenario.when(becomes("leader"), say("Three of five are enough."))

A remark changes nothing in the run. A view stops at it, and has buttons to go back and on. As it
waits for what happens and not for a time, it still fits when a "what if" changes what happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .checks import text
from .faults import Fault

if TYPE_CHECKING:
    from .world import World


@dataclass(frozen=True)
class Say(Fault):
    """A sentence about what is to be seen at this moment."""

    words: str

    def __post_init__(self) -> None:
        text("what is said", self.words)

    def strike(self, world: World) -> None:
        world.record("remark", None, {"words": self.words})


@dataclass(frozen=True)
class Ask(Fault):
    """A question about what comes next, and its answer, which stays covered for a while."""

    question: str
    answer: str

    def __post_init__(self) -> None:
        text("a question", self.question)
        text("its answer", self.answer)

    def strike(self, world: World) -> None:
        world.record("remark", None, {"words": self.question, "answer": self.answer})


def say(words: str) -> Fault:
    """Say something about this moment of the run."""
    return Say(words)


def ask(question: str, answer: str) -> Fault:
    """Ask what will happen; the reader uncovers the answer."""
    return Ask(question, answer)
