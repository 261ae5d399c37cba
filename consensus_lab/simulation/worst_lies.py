"""The worst that given traitors can say: what a search answers to "play against me"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import permutations, product
from random import Random

from ..protocols.byzantine.oral import OralMessages
from ..protocols.byzantine.search import Battle
from ..protocols.byzantine.traitors import ORDERS
from .scenario import Scenario
from .trace import Trace

MOST_RUNS = 256
"""So many strategies are run one by one. Of more, some are tried: for oral messages ever better
ones against OM(m) itself, and for whatever class some at random."""
MOST_STEPS, SAMPLE = 600, 60

Lies = Mapping[str, str | None]
Words = tuple[str | None, ...]


@dataclass(frozen=True)
class Answer:
    """A run in which IC1 or IC2 falls, or None; how many strategies were tried, and if all."""

    trace: Trace | None
    tried: int
    all_tried: bool

    def __str__(self) -> str:
        if self.trace:
            broken = " and ".join(sorted({each.property for each in self.trace.violations}))
            return f"Strategy {self.tried} breaks {broken}: play it."
        if self.all_tried:
            return f"All {self.tried} strategies of these traitors tried: none breaks IC1 or IC2."
        return f"{self.tried} strategies tried, of many more: none breaks IC1 or IC2."


def worst_lies(scenario: Scenario) -> Answer:
    """Look for lies of the traitors of `scenario` with which IC1 or IC2 falls.

    All that they could say is tried, if that is at most MOST_RUNS runs. A word that nobody loyal
    hears changes nothing, and oral silence counts as retreat, so two words are enough; with
    signatures silence is a third.
    """
    oral = issubclass(scenario.protocol, OralMessages)
    routes = spoken_by(scenario)
    words: Words = ORDERS if oral else (*ORDERS, None)
    small = len(words) ** len(routes) <= MOST_RUNS
    tried = 0
    if oral and not small:
        answer = climb(scenario, routes)
        if answer.trace:
            return answer
        tried = answer.tried
    for lies in every(routes, words) if small else some(routes, words, scenario.seed):
        tried += 1
        if told(scenario, lies).run().violations:
            return Answer(fewest(scenario, lies), tried, all_tried=False)
    return Answer(None, tried, all_tried=small)


def every(routes: list[str], words: Words) -> Iterator[Lies]:
    """All that can be said on these routes."""
    for chosen in product(words, repeat=len(routes)):
        yield dict(zip(routes, chosen, strict=True))


def some(routes: list[str], words: Words, seed: int) -> Iterator[Lies]:
    """Some of it, at random."""
    random = Random(seed)
    for _ in range(SAMPLE):
        yield {route: words[int(len(words) * random.random())] for route in routes}


def climb(scenario: Scenario, routes: list[str]) -> Answer:
    """Change one word after the other, and keep what does not bring loyal generals together."""
    options = scenario.tuned
    battle = Battle(scenario.servers, options.m, options.traitors, options.order)
    random = Random(scenario.seed)
    words = {route: ORDERS[int(2 * random.random())] for route in routes}
    worst = -10 * len(routes)
    for tried in range(1, MOST_STEPS + 1):
        other = dict(words)
        route = routes[int(len(routes) * random.random())]
        other[route] = ORDERS[words[route] == ORDERS[0]]
        now = battle.damage({path_of(each): word for each, word in other.items()})
        if now >= worst:
            words, worst = other, now
        if worst > 0:
            found = told(scenario, words).run().violations  # a class of its own may stand firm
            return Answer(fewest(scenario, words) if found else None, tried, all_tried=False)
    return Answer(None, MOST_STEPS, all_tried=False)


def fewest(scenario: Scenario, lies: Lies) -> Trace:
    """The run with these lies, without those that are not needed for what they break."""
    for route in list(lies):
        fewer = {other: word for other, word in lies.items() if other != route}
        if told(scenario, fewer).run().violations:
            lies = fewer
    return told(scenario, lies).run()


def told(scenario: Scenario, lies: Lies) -> Scenario:
    """The scenario with these lies."""
    return replace(scenario, options={**scenario.options, "lies": dict(lies), "otherwise": "truth"})


def spoken_by(scenario: Scenario) -> list[str]:
    """The routes on which its traitors speak to loyal lieutenants."""
    options = scenario.tuned
    lieutenants = [name for name in scenario.server_names if name != options.commander]
    ways = [
        (options.commander, *relays)
        for length in range(1, options.m + 2)
        for relays in permutations(lieutenants, length)
    ]
    loyal = set(lieutenants) - set(options.traitors)
    return [">".join(way) for way in ways if way[-2] in options.traitors and way[-1] in loyal]


def path_of(route: str) -> tuple[tuple[str, ...], str]:
    """A route as `Battle` has it: the path, and who hears."""
    *path, receiver = route.split(">")
    return tuple(path), receiver
