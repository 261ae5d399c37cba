"""The role diagram: who is where, and which way was taken."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from consensus_lab import Raft, Scenario, crash, partition, restart, view
from consensus_lab.views.picture import Picture
from consensus_lab.views.roles import BOXES, HEIGHT, WAYS, WIDTH, chip_at, chips, diagram, moves

RUN = Scenario(Raft, seed=1, duration=1500).at(500, crash("leader")).at(900, restart("S4")).run()
SVG = "{http://www.w3.org/2000/svg}"


def named(trace):
    return [(m.time / 1000, m.who, WAYS[m.way].source, WAYS[m.way].target) for m in moves(trace)]


def test_every_server_begins_as_a_follower():
    first = named(RUN)[:5]
    assert first == [(0.0, f"S{n}", "", "follower") for n in range(1, 6)]


def test_an_election_goes_from_candidate_to_leader():
    taken = [(who, source, target) for _, who, source, target in named(RUN)]
    assert taken[5:9] == [
        ("S4", "follower", "candidate"),
        ("S3", "follower", "candidate"),
        ("S4", "candidate", "leader"),
        ("S3", "candidate", "follower"),
    ]


def test_a_server_that_restarts_is_a_follower_anew():
    assert (900.0, "S4", "", "follower") in named(RUN)


def test_a_candidate_that_stands_again_goes_round_the_loop():
    equal = Scenario(Raft, seed=1, options={"election_timeout": (150, 150)}).run(400)
    assert (300.0, "S1", "candidate", "candidate") in named(equal)


def test_a_leader_that_hears_of_a_larger_term_follows():
    split = Scenario(Raft, seed=3).at(300, partition(["S1", "S2"], ["S3", "S4", "S5"]))
    whole = split.at(1000, partition([], [])).run(1100)
    assert all(target in BOXES for *_, target in named(whole))


def test_the_way_just_taken_is_lit_and_no_other():
    def lit(time):
        root = ElementTree.fromstring(view(RUN, at=time, roles=True).still())
        thick = {p.get("d") for p in root.iter(f"{SVG}path") if p.get("stroke-width") == "3"}
        return [way.d for way in WAYS if way.d in thick]

    assert lit(204) == [WAYS[3].d]
    assert lit(400) == []


@pytest.mark.parametrize("servers", [1, 3, 5, 9])
def test_all_chips_stand_in_their_boxes(servers):
    for role, left in BOXES.items():
        for number in range(servers):
            x, y = chip_at(role, number)
            assert left + 10 <= x <= left + 118 - 10
            assert 96 + 28 <= y <= 162 - 8


def test_a_crashed_server_has_left_its_role():
    state = RUN.state_at(600)
    shown = [part for part in chips(state) if part.text == "S4"]
    assert [part.attributes["y"] for part in shown] == [HEIGHT - 14 + 3.5]


def test_it_is_said_that_nobody_has_crashed():
    told = [[part.text for part in chips(RUN.state_at(time))][-1] for time in (400, 600)]
    assert told == ["crashed: nobody", "crashed:"]


def test_the_diagram_lies_on_its_sheet():
    root = ElementTree.fromstring(Picture(tuple(diagram()), WIDTH, HEIGHT).svg())
    for element in root.iter():
        assert 0 <= float(element.get("x", 0)) <= WIDTH
        assert 0 <= float(element.get("y", 0)) <= HEIGHT


def test_the_still_has_the_same_bytes_each_time():
    assert view(RUN, roles=True).still() == view(RUN, roles=True).still()


def test_a_protocol_without_these_roles_has_an_empty_diagram():
    from consensus_lab.protocols.stores import LastWriterWins

    plain = Scenario(LastWriterWins, servers=3, duration=200).run()
    assert [part.text for part in chips(plain.state_at(100))] == ["crashed: nobody"]
