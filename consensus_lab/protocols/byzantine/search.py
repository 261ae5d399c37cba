"""Search for a strategy by which traitors break OM(m): all of them, or ever better ones.

A strategy says for every message of a traitor what is in it. A traitor may decide that by what it
has heard, but whatever it decides, what it sends in that run is one of these tables; so to try all
tables is to try all traitors. What is tried is reduced without loss:

Two values are enough. Silence counts as retreat. As for other words: of an outcome in which two
loyal generals differ, one has decided something other than retreat. Call that "attack" and all the
rest "retreat". A majority of renamed words is the renamed majority: more than half say "attack"
before and after; and where they do not, the result was one of the rest, and is retreat now. So the
renamed strategy breaks the same condition. The true order may become either word: try both.

Words between traitors are left out: what a traitor sends is free, whatever it has heard.

Lieutenants can be renamed. OM(m) treats all alike, so if S2 and S3 as traitors can do nothing, nor
can S4 and S5: of the sets with as many traitors among the lieutenants one is tried for all. The
commander is special: with him and without him are two cases. If he is a traitor, the order that he
was to give is never heard, and one will do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations, product
from math import comb
from random import Random

from ...errors import ConsensusLabError
from .general import Path
from .recursion import last_votes
from .traitors import ORDERS

MOST = 20_000
"""More strategies than this are not tried one by one."""


@dataclass(frozen=True)
class Strategy:
    """What `traitors` do in OM(`m`) among `n` generals whose commander is to say `order`.

    `lies`: what they say, by route. `simulation.generals.play` makes a scenario of it.
    """

    n: int
    m: int
    order: str
    traitors: tuple[str, ...]
    lies: Mapping[str, str]


@dataclass(frozen=True)
class Result:
    """What a search brings: a strategy that breaks IC1 or IC2, with few lies; or None.

    `tried`: how many strategies were run. `stand_for`: for how many these stand, by renaming
    lieutenants, and `breaking`: how many of those break IC1 or IC2. `exhaustive`: nothing was left
    out, so that None is a proof.
    """

    strategy: Strategy | None
    tried: int
    stand_for: int
    breaking: int
    exhaustive: bool

    def __str__(self) -> str:
        if self.exhaustive:
            return (
                f"{self.tried} strategies tried, which stand for all {self.stand_for}: "
                f"{self.breaking or 'none'} of these break IC1 or IC2"
            )
        return (
            f"{self.tried} strategies tried: {'one breaks' if self.strategy else 'none breaks'} it"
        )


@dataclass(frozen=True)
class Battle:
    """A set of traitors and a true order: what is left to choose is the word on each route."""

    n: int
    m: int
    traitors: tuple[str, ...]
    order: str

    @property
    def generals(self) -> Path:
        """S1, who commands, S2, …"""
        return tuple(f"S{i}" for i in range(1, self.n + 1))

    def routes(self) -> list[tuple[Path, str]]:
        """Where a traitor speaks to a loyal lieutenant: the path, and who hears."""
        commander, *lieutenants = self.generals
        return [
            ((commander, *relays), receiver)
            for length in range(self.m + 1)
            for *relays, receiver in permutations(lieutenants, length + 1)
            if receiver not in self.traitors and [commander, *relays][-1] in self.traitors
        ]

    def leans(self, words: Mapping[tuple[Path, str], str]) -> list[int]:
        """For each loyal general how many more votes it has for attack than not. A loyal
        commander has one vote, his own: what he does is attack, too, if this is above 0."""
        votes = last_votes(
            self.generals,
            self.m,
            self.order,
            self.traitors,
            lambda path, receiver, value: words.get((path, receiver), value),
        )
        leans = [2 * heard.count("attack") - len(heard) for heard in votes.values()]
        if "S1" not in self.traitors:
            leans.append(1 if self.order == "attack" else -1)
        return leans

    def damage(self, words: Mapping[tuple[Path, str], str]) -> int:
        """1 if loyal generals part; else 0 or less: how far the nearest is from changing sides."""
        leans = self.leans(words)
        return min(max(leans), 1) - max(min(leans), 0)

    def strategy(self, words: Mapping[tuple[Path, str], str]) -> Strategy:
        """For a scenario: the truth wherever a lie is not needed for the damage."""
        for route in list(words):
            fewer = {key: word for key, word in words.items() if key != route}
            if self.damage(fewer) > 0:
                words = fewer
        lies = {">".join((*path, receiver)): word for (path, receiver), word in words.items()}
        return Strategy(self.n, self.m, self.order, self.traitors, lies)


def battles(n: int, m: int) -> Iterator[tuple[Battle, int]]:
    """All sets of up to m traitors, and orders; each with how many it stands for."""
    if m < 0 or n < m + 2:
        raise ConsensusLabError(
            f"A search needs m = 0 or more, and n = m + 2 generals or more; not m = {m}, n = {n}."
        )
    lieutenants = tuple(f"S{i}" for i in range(2, n + 1))
    for commander in ((), ("S1",)):
        for count in range(min(m - len(commander), n - 1) + 1):
            for order in ORDERS[: 2 - len(commander)]:
                traitors = (*commander, *lieutenants[:count])
                yield Battle(n, m, traitors, order), comb(n - 1, count)


def strategy_count(n: int, m: int) -> int:
    """How many strategies there are: every set of up to m traitors, every word to a loyal one."""
    return sum(same * 2 ** len(battle.routes()) for battle, same in battles(n, m))


def search_all(n: int, m: int) -> Result:
    """Try every strategy of up to m traitors among n generals.

    Raises ConsensusLabError if there are more than can be tried: `climb` looks for a good one then.
    """
    first: Strategy | None = None
    tried = stand_for = breaking = 0
    if (count := strategy_count(n, m)) > MOST:
        raise ConsensusLabError(
            f"For n = {n} and m = {m} there are {count:.1e} strategies, too many to try each: "
            f"climb({n}, {m}) looks for a good one."
        )
    for battle, same in battles(n, m):
        routes = battle.routes()
        for chosen in product(ORDERS, repeat=len(routes)):
            words = dict(zip(routes, chosen, strict=True))
            tried, stand_for = tried + 1, stand_for + same
            if battle.damage(words) > 0:
                breaking += same
                first = first or battle.strategy(words)
    return Result(first, tried, stand_for, breaking, exhaustive=True)


def climb(n: int, m: int, seed: int = 0, most: int = 5000) -> Result:
    """Look for a strategy that breaks IC1 or IC2, by hill climbing from random beginnings.

    A step changes one word, and is taken unless it does less damage. Where so many steps as there
    are words led nowhere better, it begins anew. At most `most` strategies are tried.
    """
    random = Random(seed)
    fields = [battle for battle, _ in battles(n, m) if len(battle.traitors) == m]
    tried = 0
    while tried < most:
        battle = fields[int(len(fields) * random.random())]
        routes = battle.routes()
        words = {route: ORDERS[int(2 * random.random())] for route in routes}
        best, patience = battle.damage(words), len(routes)
        tried += 1
        while best <= 0 and patience and tried < most:
            route = routes[int(len(routes) * random.random())]
            other = {**words, route: ORDERS[words[route] == ORDERS[0]]}
            now = battle.damage(other)
            tried += 1
            patience = len(routes) if now > best else patience - 1
            if now >= best:
                words, best = other, now
        if best > 0:
            return Result(battle.strategy(words), tried, tried, 1, exhaustive=False)
    return Result(None, tried, tried, 0, exhaustive=False)
