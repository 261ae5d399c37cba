"""The search for strategies, and the pure function that it tries them with."""

from __future__ import annotations

from itertools import combinations, product
from random import Random

import pytest

from consensus_lab.errors import ConsensusLabError
from consensus_lab.protocols.byzantine.recursion import oral_messages
from consensus_lab.protocols.byzantine.search import Battle, climb, search_all, strategy_count
from consensus_lab.simulation.generals import generals, play

WORDS = ("attack", "retreat", None)


def names(n):
    return tuple(f"S{i}" for i in range(1, n + 1))


def every_set(n, m):
    """All sets of up to m traitors, and both orders."""
    for count in range(m + 1):
        for traitors in combinations(names(n), count):
            for order in ("attack", "retreat"):
                yield Battle(n, m, traitors, order)


def simulated(battle, words):
    """What loyal lieutenants decide in a run on the simulator, and what it breaks."""
    lies = {">".join((*path, to)): word for (path, to), word in words.items()}
    trace = generals(battle.n, battle.m, battle.traitors, lies, battle.order).run()
    state = trace.state_after(len(trace.events))
    loyal = [name for name in trace.servers[1:] if name not in battle.traitors]
    return {name: state[name]["decision"] for name in loyal}, trace.violations


def computed(battle, words):
    """The same by the pure function."""
    return oral_messages(
        battle.generals,
        battle.m,
        battle.order,
        battle.traitors,
        lambda path, to, value: words.get((path, to), value) or "retreat",
    )


@pytest.mark.parametrize("n", [3, 4])
def test_function_and_protocol_agree_on_every_strategy_and_so_do_their_verdicts(n):
    for battle in every_set(n, 1):
        routes = battle.routes()
        for chosen in product(WORDS, repeat=len(routes)):
            words = dict(zip(routes, chosen, strict=True))
            decided, violations = simulated(battle, words)
            assert decided == computed(battle, words)
            told = {route: word or "retreat" for route, word in words.items()}
            assert (battle.damage(told) > 0) == bool(violations)


@pytest.mark.parametrize(("n", "m"), [(4, 2), (5, 1), (6, 2), (7, 2), (5, 3)])
def test_function_and_protocol_agree_on_random_strategies(n, m):
    random = Random(n)
    for _ in range(12):
        traitors = tuple(sorted(random.sample(names(n), random.randint(1, m))))
        battle = Battle(n, m, traitors, random.choice(["attack", "retreat"]))
        words = {route: random.choice(WORDS) for route in battle.routes()}
        assert simulated(battle, words)[0] == computed(battle, words)


# -- what is left out is no loss -------------------------------------------------------------------


@pytest.mark.parametrize(("n", "m"), [(3, 1), (4, 1), (4, 2)])
def test_the_strategies_stand_for_those_of_every_set_of_traitors(n, m):
    every = [battle for battle in every_set(n, m) if not on_a_deaf_ear(battle)]
    breaking = total = 0
    for battle in every:
        routes = battle.routes()
        for chosen in product(WORDS[:2], repeat=len(routes)):
            total += 1
            breaking += battle.damage(dict(zip(routes, chosen, strict=True))) > 0
    result = search_all(n, m)
    assert (result.stand_for, result.breaking) == (total, breaking)
    assert total == strategy_count(n, m)


def on_a_deaf_ear(battle):
    """A commander who lies forgets his order: one of both is enough."""
    return "S1" in battle.traitors and battle.order == "retreat"


def test_a_third_word_breaks_nothing_that_two_do_not():
    for battle in every_set(4, 1):
        routes = battle.routes()
        for chosen in product(("attack", "retreat", "wait"), repeat=len(routes)):
            words = dict(zip(routes, chosen, strict=True))
            assert len({*computed(battle, words).values()}) == 1


# -- what it finds ---------------------------------------------------------------------------------


def test_three_generals_are_broken_by_one_traitor():
    result = search_all(3, 1)
    assert (result.tried, result.stand_for, result.breaking) == (10, 14, 2)
    assert play(result.strategy).run().violations


def test_four_generals_bear_one_traitor_whatever_it_does():
    result = search_all(4, 1)
    assert result.strategy is None
    assert (result.tried, result.stand_for, result.exhaustive) == (18, 34, True)
    assert str(result) == (
        "18 strategies tried, which stand for all 34: none of these break IC1 or IC2"
    )


@pytest.mark.parametrize(("n", "m"), [(3, 1), (5, 2), (6, 2)])
@pytest.mark.parametrize("seed", range(3))
def test_climbing_finds_what_breaks_too_few_generals(n, m, seed):
    strategy = climb(n, m, seed).strategy
    assert play(strategy).run().violations


def test_no_lie_of_what_was_found_can_be_left_out():
    found = climb(6, 2)
    battle = Battle(6, 2, found.strategy.traitors, found.strategy.order)
    words = {tuple(route.split(">")): word for route, word in found.strategy.lies.items()}
    words = {(route[:-1], route[-1]): word for route, word in words.items()}
    assert battle.damage(words) == 1
    for route in words:
        assert battle.damage({key: words[key] for key in words if key != route}) <= 0


def test_climbing_finds_nothing_against_seven_generals_and_two_traitors():
    result = climb(7, 2, most=1000)
    assert result.strategy is None
    assert not result.exhaustive
    assert str(result) == "1000 strategies tried: none breaks it"


@pytest.mark.parametrize(("n", "m"), [(2, 1), (3, -1)])
@pytest.mark.parametrize("search", [search_all, climb])
def test_too_few_generals_are_refused(search, n, m):
    with pytest.raises(ConsensusLabError, match=rf"not m = {m}, n = {n}\."):
        search(n, m)


def test_too_many_strategies_are_not_tried_one_by_one():
    with pytest.raises(ConsensusLabError, match=r"too many to try each: climb\(7, 2\)"):
        search_all(7, 2)
