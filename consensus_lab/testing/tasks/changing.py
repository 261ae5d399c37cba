"""Scenarios of chapter 15: clusters that change their members, and servers that disturb them."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from ...protocols.raft import Raft
from ...simulation import DiskModel, Network, Scenario
from ...simulation.faults import cut, heal, partition, timeout
from ...simulation.orders import add_server, change_members, promote, remove_server

NAMES = ("S1", "S2", "S3", "S4", "S5")


def calm(protocol: type[Raft], *members: str, servers: int = 5, **options: bool) -> Scenario:
    """Nothing is left to chance, and nobody stands unless told to.

    S1 is, at 50 ms, and leads from 72 ms on (with PreVote from 92 ms on).
    """
    patient = {"election_timeout": (50_000, 60_000), "members": members, **options}
    scenario = Scenario(protocol, servers, duration=1000, options=patient)
    scenario = replace(scenario, network=Network(latency=(10, 10)), disk=DiskModel((1, 1)))
    return scenario.at(50, timeout("S1"))


def almost_all_new(protocol: type[Raft]) -> Scenario:
    """S3 leads S1 S2 S3 and moves to S3 S4 S5, of which S1 and S2 hear nothing."""
    scenario = calm(protocol, "S1", "S2", "S3").at(150, timeout("S3"))
    scenario = scenario.at(250, cut("S3", "S1"), cut("S3", "S2"))
    scenario = scenario.at(260, change_members("S3", "S4", "S5"))
    return scenario.at(500, timeout("S1"), timeout("S4"))


def two_terms(protocol: type[Raft], **options: bool) -> Scenario:
    """The bug of 2015: S1 adds S5 in term 1, which only those two know; S2 removes S1 in term 2,
    which only S2 and S3 know. Then S1 stands, and has the votes of S4 and S5."""
    scenario = calm(protocol, "S1", "S2", "S3", "S4", **options)
    scenario = scenario.at(150, *(cut("S1", other) for other in ("S2", "S3", "S4")))
    scenario = scenario.at(160, add_server("S5", server="S1"))
    scenario = scenario.at(300, timeout("S2")).at(325, cut("S2", "S4"))
    scenario = scenario.at(326, remove_server("S1", server="S2"))
    return scenario.at(450, heal("S1", "S4")).at(500, timeout("S1"))


def two_added(protocol: type[Raft]) -> Scenario:
    """S1 adds S4 and S5 while it is cut off from S2 and S3."""
    scenario = calm(protocol, "S1", "S2", "S3").at(150, cut("S1", "S2"), cut("S1", "S3"))
    scenario = scenario.at(160, add_server("S4")).at(300, add_server("S5"))
    return scenario.at(500, timeout("S2"), timeout("S4"))


def impatient(protocol: type[Raft]) -> Scenario:
    """S3's timer fires although S1 leads and is heard by all."""
    return calm(protocol, servers=3, pre_vote=True).at(200, timeout("S3"))


def hears_one(protocol: type[Raft]) -> Scenario:
    """S3 hears S2, but not the leader."""
    scenario = calm(protocol, servers=3, pre_vote=True)
    return scenario.at(150, cut("S1", "S3", one_way=True)).at(250, timeout("S3"))


def torn(protocol: type[Raft], seed: int) -> Scenario:
    """Every 300 ms the network parts anew, and both sides are told to change the members."""
    random = Random(f"torn/{seed}")
    members = NAMES[: 2 + int(random.random() * 3)]
    scenario = Scenario(protocol, seed=seed, clients=1, duration=4600, options={"members": members})
    orders = [add_server, add_server, add_server, remove_server, remove_server, promote]
    for time in range(400, 4000, 300):
        some = random.sample(NAMES, 2 + int(random.random() * 2))
        rest = [name for name in NAMES if name not in some]
        scenario = scenario.at(time, heal(), partition(some, rest))
        for side in (some, rest, some, rest):
            order, who = random.choice(orders), random.choice(NAMES)
            later = time + 20 + int(random.random() * 200)
            scenario = scenario.at(later, *(order(who, server=name) for name in side))
    return scenario


def mixed(protocol: type[Raft], seed: int) -> Scenario:
    """Every 250 ms one or two servers are cut off anew, and both sides change the members, also by
    joint consensus. All is quick, so that changes are often under way when the sides change."""
    random = Random(f"mixed/{seed}")
    options = {"election_timeout": (100, 200), "heartbeat_interval": 30}
    members = NAMES[: 3 + int(random.random() * 2)]
    scenario = Scenario(protocol, seed=seed, duration=5000, options={**options, "members": members})
    scenario = replace(scenario, network=Network(latency=(2, 8)))
    for time in range(400, 4800, 250):
        some = random.sample(NAMES, 1 + int(random.random() * 2))
        rest = [name for name in NAMES if name not in some]
        scenario = scenario.at(time, heal(), partition(some, rest))
        for side in (some, rest):
            draw, who, several = random.random(), random.choice(NAMES), random.sample(NAMES, 3)
            later = time + 5 + int(random.random() * 200)
            for name in side:
                if draw < 0.7:
                    order = add_server(who, name) if draw < 0.35 else remove_server(who, name)
                else:
                    order = change_members(*several, server=name)
                scenario = scenario.at(later, order)
    return scenario
