"""PBFT's checkpoints: what all know to be done may be forgotten (sections 4.3 and 4.6)."""

from __future__ import annotations

from collections.abc import Mapping

from ...node import Effects
from ...state_machine import StateMachine, digest
from .messages import Checkpoint, Fetch, State, signed
from .replica import NormalCase


class WithCheckpoints(NormalCase):
    """`stable` proves the last checkpoint on which a quorum agreed; the log begins after it."""

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.stable: tuple[Checkpoint, ...] = ()
        self.checkpoints: Mapping[int, tuple[Checkpoint, ...]] = {}
        self.machines: Mapping[int, StateMachine] = {}

    @property
    def stable_number(self) -> int:
        return self.stable[0].number if self.stable else 0

    def executed(self, number: int, out: Effects) -> None:
        """Every so many requests: say what the state has become."""
        if number % self.options.checkpoint_every == 0:
            self.machines = {**self.machines, number: self.machine}
            message = Checkpoint(number, digest(self.machine), self.name)
            self.on_checkpoint(self.broadcast(message, out), out)

    def on_checkpoint(self, message: Checkpoint, out: Effects) -> None:
        """Count those that have come to the same state."""
        if message.number <= self.stable_number:
            return
        votes = self.checkpoints.get(message.number, ())
        if not any(vote.replica == message.replica for vote in votes):
            self.checkpoints = {**self.checkpoints, message.number: (*votes, message)}
        proof = tuple(
            vote for vote in self.checkpoints[message.number] if vote.digest == message.digest
        )
        if self.is_quorum({vote.replica for vote in proof}):
            self.settle(proof, out)

    def settle(self, proof: tuple[Checkpoint, ...], out: Effects) -> None:
        """A checkpoint is stable: forget what led to it; or, if left behind, ask for its state."""
        number = proof[0].number
        if number <= self.stable_number:
            return
        self.stable = proof
        for name in ("pre_prepares", "prepares", "commits", "prepared", "committed", "checkpoints"):
            kept = {key: value for key, value in getattr(self, name).items() if key > number}
            setattr(self, name, kept)
        self.machines = {key: one for key, one in self.machines.items() if key >= number}
        if self.last_executed < number:
            self.fetch(out)
        self.propose(out)

    # -- a replica that was left behind ------------------------------------------------------------

    def fetch(self, out: Effects) -> None:
        """Ask those who signed the checkpoint for its state. One of them is honest."""
        question = signed(Fetch(self.stable_number, self.name), self.keys)
        for vote in self.stable:
            if vote.replica != self.name:
                out.send(vote.replica, question)

    def on_fetch(self, message: Fetch, out: Effects) -> None:
        """Hand the state over, if it is still here."""
        if message.number in self.machines:
            answer = State(message.number, self.machines[message.number], self.name)
            out.send(message.replica, signed(answer, self.keys))

    def on_state(self, message: State, out: Effects) -> None:
        """Take a state if it is what a quorum has signed."""
        if (
            message.number == self.stable_number > self.last_executed
            and digest(message.machine) == self.stable[0].digest
        ):
            out.note(f"takes the state after request {message.number} from {message.replica}")
            self.machine = message.machine
            self.machines = {message.number: message.machine}
            self.last_executed = message.number
            self.waiting = {
                name: request for name, request in self.waiting.items() if not self.is_done(request)
            }
            self.execute(out)
            self.be_patient(out)
