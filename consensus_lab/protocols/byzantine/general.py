"""What all generals share: rounds, one commander, one order, and traitors among them.

Lamport, L., Shostak, R. and Pease, M. (1982): The Byzantine Generals Problem. A round is a timer:
what is sent when it begins has arrived when it ends, for the network is quicker than a round is
long. That is the synchrony without which neither algorithm keeps its promise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ...errors import ScenarioError
from ..node import Effects, Node, Property
from .properties import interactive_consistency
from .traitors import HABITS, Lie, Lying, read_lies

Path = tuple[str, ...]
"""Through whom an order went: ("S1", "S3") is what S3 says that S1, the commander, said."""

RETREAT = "retreat"
"""What silence counts as, and what nobody has a majority against."""


@dataclass(frozen=True)
class Rejected:
    """A message that was thrown away, and why."""

    path: Path
    value: str
    why: str


@dataclass(frozen=True)
class GeneralOptions:
    """`m`: so many traitors are to be borne. `order`: what the commander is to say.

    `traitors`: who they are. `lies`: what they say, by route: {"S1>S3>S2": "attack"} lets S3 tell
    S2 that S1 said so; None is silence; "S1>S3>S2@3" is one message more, in round 3.
    `otherwise`: what they do where no lie is written down: "truth", "silence", "opposite" or
    "random". `round`: how long a round lasts, in ms. `keys`: the seed of the generals' keys.

    Raises ScenarioError for a lie that nobody can tell.
    """

    m: int = 1
    order: str = "attack"
    commander: str = "S1"
    traitors: tuple[str, ...] = ()
    lies: Mapping[str, str | None] = field(default_factory=dict)
    otherwise: str = "truth"
    round: float = 100
    keys: int = 0

    def __post_init__(self) -> None:
        if self.otherwise not in HABITS:
            raise ScenarioError(
                f"Where no lie is written, traitors tell the {', '.join(HABITS)}; "
                f"not {self.otherwise!r}: mend the option otherwise."
            )
        read_lies(self.lies)


class General(Node):
    """A general. A subclass says what it says in a round, and what it makes of what it heard."""

    options: GeneralOptions = GeneralOptions()
    repeats: ClassVar[bool] = False
    """The same general may stand twice in the path of a message that a traitor makes up."""

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.role = "lieutenant"
        self.traitor = False
        self.round = 0
        self.decision: str | None = None
        self.rejected: tuple[Rejected, ...] = ()

    # -- what a subclass says --------------------------------------------------------------------

    def speak(self, out: Effects) -> None:
        """Round `self.round` begins: send what is to be said in it."""
        raise NotImplementedError

    def decide(self) -> str:
        """The last round is over: what a lieutenant will do."""
        raise NotImplementedError

    def made_up(self, path: Path, value: str) -> Any:
        """The message by which a traitor says `value` along `path`, which ends with itself."""
        raise NotImplementedError

    # -- rounds ------------------------------------------------------------------------------------

    def on_start(self, out: Effects) -> None:
        """All begin at the same moment."""
        self.role = "commander" if self.name == self.options.commander else "lieutenant"
        self.traitor = self.name in self.options.traitors
        self.begin_round(out)

    def begin_round(self, out: Effects) -> None:
        """Speak, and listen until the round is over."""
        self.round += 1
        out.set_timer("round", self.options.round)
        if self.traitor:
            lying = Lying(self, out)
            self.speak(lying)
            lying.tell_lies()
        else:
            self.speak(out)

    def on_round_timeout(self, out: Effects) -> None:
        """A round is over: begin the next, or decide after the last, which is number m + 1."""
        if self.round <= self.options.m:
            self.begin_round(out)
            return
        self.round += 1
        # A loyal commander does himself what he told the others to do.
        self.decision = self.options.order if self.role == "commander" else self.decide()
        out.note(f"decides: {self.decision}")

    def others(self, path: Iterable[str] = ()) -> tuple[str, ...]:
        """The lieutenants but this one that are not in `path`."""
        told = {*path, self.options.commander}
        return tuple(peer for peer in self.peers if peer not in told)

    def reject(self, path: Path, value: str, why: str, out: Effects) -> None:
        """Throw a message away, and remember that it came."""
        self.rejected += (Rejected(path, value, why),)
        out.note(f"throws away “{value}” by {' > '.join(path)}: {why}")

    # -- what can be played --------------------------------------------------------------------

    @classmethod
    def check_options(cls, options: GeneralOptions, servers: tuple[str, ...]) -> None:
        """Raises ScenarioError for too few generals, an unknown one, or a lie nobody can tell."""
        n, m = len(servers), options.m
        if options.commander not in servers:
            raise ScenarioError(
                f"There is no general {options.commander!r} to command: "
                f"there are {', '.join(servers)}."
            )
        if n < m + 2:
            raise ScenarioError(
                f"With m = {m} an order goes through {m + 1} generals to one more, so there must "
                f"be at least {m + 2}; not {n}."
            )
        if options.round <= 0:
            raise ScenarioError("A round lasts more than 0 ms.")
        for lie in read_lies(options.lies):
            check_lie(lie, options, servers, cls.repeats)

    @classmethod
    def properties(cls) -> list[Property]:
        """IC1 and IC2."""
        return interactive_consistency()


def check_lie(lie: Lie, options: GeneralOptions, servers: tuple[str, ...], repeats: bool) -> None:
    """Raises ScenarioError for a lie about a message that does not exist."""
    told = f"The lie {lie.route!r}"
    for name in (*lie.path, lie.receiver):
        if name not in servers:
            raise ScenarioError(
                f"{told}: there is no general {name!r}; there are {', '.join(servers)}."
            )
    if lie.path[0] != options.commander:
        raise ScenarioError(f"{told}: every order begins with the commander, {options.commander}.")
    if lie.liar not in options.traitors:
        raise ScenarioError(f"{told}: {lie.liar} is loyal and does not lie; name it a traitor.")
    if len(lie.path) > options.m + 1 or not 1 <= lie.round <= options.m + 1:
        raise ScenarioError(
            f"{told}: with m = {options.m} there is no such message; there are {options.m + 1} "
            "rounds, and as many generals at most pass an order on."
        )
    if lie.receiver in lie.path or (len(set(lie.path)) < len(lie.path) and not repeats):
        raise ScenarioError(f"{told}: there is no such message; no general is on a route twice.")
