"""The Byzantine generals as scenarios, and what can be read from their traces. ::

    trace = generals(n=3, m=1, traitors=["S3"], lies={"S1>S3>S2": "retreat"}).run()
    trace.violations                  # IC2: S1 says attack, but S2 will retreat
    print(reasoning(trace, "S2"))     # why

The commander is S1. A lie is written by its route: "S1>S3>S2" is what S3 tells S2 that S1 said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import ScenarioError
from ..protocols.byzantine.general import RETREAT, General, Path
from ..protocols.byzantine.oral import OralMessages
from ..protocols.byzantine.search import Strategy
from .scenario import Scenario
from .trace import Trace


def generals(
    n: int = 4,
    m: int = 1,
    traitors: Collection[str] = (),
    lies: Mapping[str, str | None] | None = None,
    order: str = "attack",
    *,
    otherwise: str = "truth",
    protocol: type[General] = OralMessages,
    commander: str = "S1",
    seed: int = 0,
) -> Scenario:
    """A scenario in which `n` generals run `protocol`, such as OM(m) or SM(m), to its end.

    `lies`: what traitors say on a route, such as {"S1>S3>S2": "retreat"}; None is silence.
    `otherwise`: what they do on all other routes: "truth", "silence", "opposite", "random".

    Raises ScenarioError for too few generals, an unknown one, two commanders, or a lie for a
    message that does not exist.
    """
    if not isinstance(commander, str):
        raise ScenarioError(
            f"One commander gives one order; not {commander!r}. "
            "If each is to have a say, let each command a run of its own."
        )
    if isinstance(traitors, str):
        raise ScenarioError(f'The traitors are a list of names, such as ["{traitors}"].')
    if not isinstance(protocol, type) or not issubclass(protocol, General):
        raise ScenarioError(f"The protocol of generals is a subclass of General, not {protocol!r}.")
    options: dict[str, Any] = {"m": m, "order": order}
    if commander != "S1":
        options["commander"] = commander
    if traitors:
        options["traitors"] = tuple(sorted(traitors))
        options["lies"] = dict(lies or {})
        options["otherwise"] = otherwise
    elif lies:
        raise ScenarioError("There are lies, but no traitors to tell them: name the traitors.")
    if seed:
        options["keys"] = seed
    lasts = (m + 1.5) * protocol.options.round if isinstance(m, int) else 0
    return Scenario(protocol, servers=n, seed=seed, duration=lasts, options=options)


def play(strategy: Strategy, protocol: type[General] = OralMessages) -> Scenario:
    """The scenario in which the traitors follow `strategy`, such as a search has found."""
    return generals(
        strategy.n,
        strategy.m,
        strategy.traitors,
        strategy.lies,
        strategy.order,
        protocol=protocol,
    )


@dataclass(frozen=True)
class Vertex:
    """A vertex of a lieutenant's tree: what it makes of the word along `path`.

    `heard`: what came along it; None: nothing, which counts as retreat. `votes`: what was heard,
    and what each of `relays` is believed to have got there. `concluded`: the majority of these.
    """

    path: Path
    heard: str | None
    votes: tuple[str, ...]
    concluded: str
    relays: tuple[Vertex, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, depth: int = 0) -> list[str]:
        """This vertex and those below it, a line each."""
        heard = self.heard or f"nothing, so {RETREAT}"
        said = f"{'  ' * depth}{' > '.join(self.path)}: {heard}"
        if self.relays:
            said += f"; {self.concluded} by {', '.join(self.votes)}"
        return [said, *(line for relay in self.relays for line in relay.lines(depth + 1))]


def reasoning(trace: Trace, lieutenant: str) -> Vertex:
    """How `lieutenant` came to decide in a run of OM(m): its tree, with all majorities.

    Raises ScenarioError if it is no lieutenant of such a run, or has not decided yet.
    """
    fields = trace.state_after(len(trace.events)).get(lieutenant, {})
    if not fields.get("concluded"):
        raise ScenarioError(
            f"{lieutenant} has no tree: ask for a lieutenant in a run of OM(m) that has ended."
        )
    options = trace.scenario.tuned
    lieutenants = [name for name in trace.servers if name not in (options.commander, lieutenant)]

    def vertex(path: Path) -> Vertex:
        deeper = len(path) <= options.m
        relays = tuple(
            vertex((*path, relay)) for relay in lieutenants if deeper and relay not in path
        )
        heard = fields["heard"].get(path)
        votes = (heard or RETREAT, *(relay.concluded for relay in relays))
        return Vertex(path, heard, votes, fields["concluded"][path], relays)

    return vertex((options.commander,))
