"""PBFT, the normal case: a request gets a number that no liar can take from it.

Castro, M. and Liskov, B. (1999): Practical Byzantine Fault Tolerance; the sections named below are
the paper's. Of n = 3f + 1 replicas f may lie. They sign all that they say to each other. A client
asks all of them at once, so that none believes in a request that a primary made up, and takes a
result when f + 1 replicas tell it.

A replica that crashes and comes back has forgotten what it promised: it counts among the f. What is
lost on the way is not sent again: it costs patience, and a view.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ....errors import ScenarioError
from ...node import ClientRequest, Effects, Node, Property
from ...state_machine import KeyValue, Start, StateMachine, exactly_once
from ..signatures import Keys
from .messages import Commit, Prepare, Prepared, PrePrepare, digest_of, is_genuine, signed
from .properties import safety_properties
from .traitors import HABITS, Lying


@dataclass(frozen=True)
class PBFTOptions:
    """`traitors`: which replicas lie; `habit`: how: "silence", "equivocate" or "random".

    `timeout`: after so many ms in which a request waits, a replica wants another primary.
    `checkpoint_every`: so many requests lie between checkpoints. `window`: so many numbers beyond
    the last stable checkpoint may be in use. `keys`: the seed of the replicas' keys.
    """

    traitors: tuple[str, ...] = ()
    habit: str = "equivocate"
    timeout: float = 200
    checkpoint_every: int = 10
    window: int = 40
    keys: int = 0

    def __post_init__(self) -> None:
        if self.habit not in HABITS:
            raise ScenarioError(f"A habit is one of {', '.join(HABITS)}; not {self.habit!r}.")
        if not 1 <= self.checkpoint_every < self.window:
            raise ScenarioError(
                "The option checkpoint_every is from 1 on, and less than window: "
                f"not {self.checkpoint_every} and {self.window}."
            )


class NormalCase(Node):
    """A replica while nothing goes wrong (section 4.2)."""

    options: PBFTOptions = PBFTOptions()
    role = "primary"
    state_machine: ClassVar[Start] = exactly_once(KeyValue())

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.view = 0
        self.changing = False
        self.role = "primary" if name == self.primary_of(0) else "backup"

        self.number = 0
        self.waiting: Mapping[str, ClientRequest] = {}
        self.pre_prepares: Mapping[int, PrePrepare] = {}
        self.prepares: Mapping[int, tuple[Prepare, ...]] = {}
        self.commits: Mapping[int, tuple[Commit, ...]] = {}
        self.prepared: Mapping[int, Prepared] = {}
        self.committed: Mapping[int, ClientRequest | None] = {}

        self.last_executed = 0
        self.machine: StateMachine = type(self).state_machine()

    # -- who ---------------------------------------------------------------------------------------

    @property
    def f(self) -> int:
        """How many replicas may lie."""
        return (len(self.servers) - 1) // 3

    def primary_of(self, view: int) -> str:
        """Views take turns."""
        return self.servers[view % len(self.servers)]

    def is_quorum(self, replicas: Collection[str]) -> bool:
        """So many that any two quorums share an honest replica: 2f + 1 of 3f + 1 (section 2)."""
        return len(replicas) >= len(self.servers) - self.f

    @property
    def keys(self) -> Keys:
        """Traitors have their keys in common."""
        traitors = self.options.traitors
        return Keys(self.options.keys, traitors if self.name in traitors else (self.name,))

    # -- speaking and listening --------------------------------------------------------------------

    def broadcast(self, message: Any, out: Effects) -> Any:
        """Sign `message` and send it to all others. Returns it signed."""
        message = signed(message, self.keys)
        for peer in self.peers:
            out.send(peer, message)
        return message

    def on_message(self, message: Any, out: Effects) -> None:
        """Nothing is believed of whom it does not come from."""
        if is_genuine(message, self.options.keys):
            super().on_message(message, self.voice(out))
        else:
            out.note(f"throws away a {type(message).__name__} that {message.replica} did not sign")

    def on_timer(self, name: str, out: Effects) -> None:
        super().on_timer(name, self.voice(out))

    def voice(self, out: Effects) -> Effects:
        """How this replica speaks: a traitor otherwise than it should."""
        return Lying(self, out) if self.name in self.options.traitors else out

    # -- pre-prepare -------------------------------------------------------------------------------

    def on_request(self, request: ClientRequest, out: Effects) -> None:
        """A client asks all replicas. The primary gives the request a number; the rest watch it."""
        out = self.voice(out)
        if self.is_done(request):
            out.reply(request, self.machine.apply(request)[1])
            return
        idle = not self.waiting
        self.waiting = {**self.waiting, digest_of(request): request}
        if idle:
            self.be_patient(out)
        self.propose(out)
        for pre_prepare in self.pre_prepares.values():
            if pre_prepare.request == request:  # the primary's word has come first
                self.agree(pre_prepare, out)

    def propose(self, out: Effects) -> None:
        """The primary numbers what waits, as far as the window reaches."""
        if self.name != self.primary_of(self.view) or self.changing:
            return
        numbered = {one.digest for one in self.pre_prepares.values()}
        for name, request in self.waiting.items():
            if name not in numbered and self.is_in_window(self.number + 1):
                self.number += 1
                message = PrePrepare(self.view, self.number, request, self.name)
                message = self.broadcast(message, out)
                self.pre_prepares = {**self.pre_prepares, self.number: message}
                self.progress(self.number, out)

    def on_pre_prepare(self, message: PrePrepare, out: Effects) -> None:
        """Take the first number that the primary of this view gives, and no second."""
        if (
            message.view == self.view
            and not self.changing
            and message.replica == self.primary_of(self.view)
            and self.is_in_window(message.number)
            and self.is_first(message)
        ):
            self.pre_prepares = {**self.pre_prepares, message.number: message}
            if message.request is not None and message.digest in self.waiting:
                self.agree(message, out)

    def is_first(self, message: PrePrepare) -> bool:
        """No other request has had this number in this view."""
        return message.number not in self.pre_prepares

    def is_in_window(self, number: int) -> bool:
        """Or a lying primary could use up all numbers at once."""
        return self.stable_number < number <= self.stable_number + self.options.window

    @property
    def stable_number(self) -> int:
        """The number of the last stable checkpoint."""
        return 0

    # -- prepare and commit ------------------------------------------------------------------------

    def agree(self, message: PrePrepare, out: Effects) -> None:
        """A backup tells all that it takes the primary's number."""
        if self.name != message.replica:
            vote = Prepare(message.view, message.number, message.digest, self.name)
            self.on_prepare(self.broadcast(vote, out), out)
        self.progress(message.number, out)

    def on_prepare(self, message: Prepare, out: Effects) -> None:
        """A vote of a backup; it may come before the primary's word."""
        if self.is_in_window(message.number) and message.replica != self.primary_of(message.view):
            votes = self.prepares.get(message.number, ())
            self.prepares = {**self.prepares, message.number: with_vote(votes, message)}
            self.progress(message.number, out)

    def on_commit(self, message: Commit, out: Effects) -> None:
        """A vote of a replica that has a certificate."""
        if self.is_in_window(message.number):
            votes = self.commits.get(message.number, ())
            self.commits = {**self.commits, message.number: with_vote(votes, message)}
            self.progress(message.number, out)

    def progress(self, number: int, out: Effects) -> None:
        """See whether a request is prepared, and then whether it is committed."""
        message = self.pre_prepares.get(number)
        if message is None or self.changing:
            return
        held = self.prepared.get(number)
        if held is None or held.pre_prepare.view < self.view:
            votes = self.matching(message, self.prepares.get(number, ()))
            if not self.is_quorum({message.replica, *(vote.replica for vote in votes)}):
                return
            self.prepared = {**self.prepared, number: Prepared(message, votes)}
            vote = Commit(self.view, number, message.digest, self.name)
            self.on_commit(self.broadcast(vote, out), out)
            return
        commits = self.matching(message, self.commits.get(number, ()))
        if number not in self.committed and self.is_quorum({vote.replica for vote in commits}):
            self.committed = {**self.committed, number: message.request}
            self.execute(out)

    def matching(self, message: PrePrepare, votes: tuple[Any, ...]) -> tuple[Any, ...]:
        """The votes for this view, this number and this very request."""
        same = (message.view, message.digest)
        return tuple(vote for vote in votes if (vote.view, vote.digest) == same)

    # -- execute -----------------------------------------------------------------------------------

    def execute(self, out: Effects) -> None:
        """Carry out what is committed, in the order of the numbers, and answer the clients."""
        oldest = next(iter(self.waiting), None)
        while (number := self.last_executed + 1) in self.committed:
            request = self.committed[number]
            self.last_executed = number
            if request is not None:
                self.machine, result = self.machine.apply(request)
                out.reply(request, result)
                name = digest_of(request)
                self.waiting = {key: one for key, one in self.waiting.items() if key != name}
            self.executed(number, out)
        # For the oldest, or a primary could pass over one client for ever by serving the others.
        if oldest not in self.waiting:
            self.be_patient(out)

    def is_done(self, request: ClientRequest) -> bool:
        """Carried out before: the machine's sessions know, and it would change nothing again."""
        return self.machine.apply(request)[0] == self.machine

    def executed(self, number: int, out: Effects) -> None:
        """Request `number` is done."""

    def be_patient(self, out: Effects) -> None:
        """Another request is the oldest now, or none is left."""

    # -- what clients and watchers need to know ----------------------------------------------------

    @classmethod
    def replies_needed(cls, servers: int) -> int:
        """f + 1: so many that one of them tells the truth."""
        return (servers - 1) // 3 + 1

    @classmethod
    def properties(cls) -> list[Property]:
        """Agreement, and what it rests on."""
        return safety_properties()


def with_vote(votes: tuple[Any, ...], vote: Any) -> tuple[Any, ...]:
    """`votes` and one more, unless the same is among them: a doubled message is still one vote."""
    return votes if vote in votes else (*votes, vote)
