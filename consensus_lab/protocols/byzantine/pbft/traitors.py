"""Replicas that lie: the honest code runs, and something stands between it and the network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .messages import Commit, Prepare, PrePrepare, ViewChange, signed

if TYPE_CHECKING:
    from ...node import ClientRequest, Effects
    from .replica import NormalCase

HABITS = ("silence", "equivocate", "random")
NONSENSE = "00000000"


class Lying:
    """What a traitor's handlers speak to.

    "silence": nothing leaves it. "equivocate": as primary it gives numbers to the requests in one
    order for the first of the others, in another for the last of them, and in both for the one in
    between; as backup it votes for one thing here and another there; in a view change it conceals
    its certificates; and to clients it lies. "random": each time it does one of these, or its duty.
    """

    def __init__(self, traitor: NormalCase, out: Effects) -> None:
        self.traitor = traitor
        self.out = out

    def __getattr__(self, name: str) -> Any:
        return getattr(self.out, name)

    @property
    def mood(self) -> str:
        """What it does this time."""
        habit = self.traitor.options.habit
        if habit != "random":
            return habit
        return ("silence", "equivocate", "duty")[int(3 * self.out.random())]

    def reply(self, request: ClientRequest, result: Any) -> None:
        """A client gets nonsense, or nothing."""
        match self.mood:
            case "duty":
                self.out.reply(request, result)
            case "equivocate":
                self.out.reply(request, NONSENSE)

    def send(self, to: str, message: Any) -> None:
        """The truth, something else, or nothing."""
        match self.mood:
            case "duty":
                self.out.send(to, message)
            case "equivocate":
                self.equivocate(to, message)

    def equivocate(self, to: str, message: Any) -> None:
        """Tell the others different things."""
        place = 2 * self.traitor.peers.index(to) - (len(self.traitor.peers) - 1)
        if isinstance(message, ViewChange):
            self.say(to, replace(message, prepared=()))
        elif place <= 0 or not isinstance(message, PrePrepare | Prepare | Commit):
            self.out.send(to, message)
            self.commit(to, message)
        if isinstance(message, PrePrepare) and place >= 0:
            self.swap(to, message)
        elif isinstance(message, Prepare | Commit) and place > 0:
            self.say(to, replace(message, digest=NONSENSE))

    def swap(self, to: str, message: PrePrepare) -> None:
        """Give the numbers 1 and 2 the other way round, 3 and 4, and so on."""
        held = self.traitor.pre_prepares.get(message.number - 1)
        if held is not None and held.view == message.view and message.number % 2 == 0:
            for number, request in ((held.number, message.request), (message.number, held.request)):
                self.say(to, replace(message, number=number, request=request))

    def say(self, to: str, message: Any) -> None:
        """Sign and send it; and if it gives a number, a vote for that, before anybody else."""
        message = signed(message, self.traitor.keys)
        self.out.send(to, message)
        self.commit(to, message)

    def commit(self, to: str, message: Any) -> None:
        """Vote for what it tells this one."""
        if isinstance(message, PrePrepare):
            vote = Commit(message.view, message.number, message.digest, message.replica)
            self.out.send(to, signed(vote, self.traitor.keys))
