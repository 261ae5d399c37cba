"""Who belongs to the cluster, as sets that overlap, and in few letters."""

from __future__ import annotations

import pytest

from consensus_lab.errors import ConsensusLabError
from consensus_lab.protocols.raft import Entry
from consensus_lab.protocols.raft.configuration import Configuration
from consensus_lab.simulation import Trace
from consensus_lab.simulation.faults import cut
from consensus_lab.simulation.orders import change_members
from consensus_lab.views.cluster_still import entry_in_short, still
from consensus_lab.views.members import Group, Venn, joint_majorities, places_of, standing
from tests.protocols.raft.membership_bugs import stage

THREE = Configuration(("S1", "S2", "S3"))
LEFT = Group("C_old", ("S1", "S2", "S3"), {"S1"})
RIGHT = Group("C_new", ("S1", "S4", "S5"), {"S1", "S4"})


@pytest.fixture(scope="module")
def joint() -> Trace:
    """S1 has told S4 and S5 of the joint configuration, but S2 and S3 do not hear it."""
    scenario = stage("S1", "S2", "S3").at(140, cut("S1", "S2"), cut("S1", "S3"))
    return scenario.at(150, change_members("S1", "S4", "S5")).run(400)


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        (THREE, "{123}"),
        (THREE.with_learner("S4"), "{123}+4"),
        (THREE.towards(("S3", "S4", "S5")), "123→345"),
        (THREE.with_voter("S10"), "{1 2 3 10}"),
    ],
)
def test_an_entry_that_is_a_configuration_is_written_in_few_letters(configuration, words):
    assert entry_in_short(Entry(1, configuration)) == words


@pytest.mark.parametrize(
    ("name", "role", "words"),
    [
        ("S1", "follower", "follower"),
        ("S4", "follower", "learner"),
        ("S5", "follower", "no member"),
        ("S5", "leader", "leader"),
    ],
)
def test_a_follower_without_a_vote_is_called_what_it_is(name, role, words):
    assert standing(name, role, {"configuration": THREE.with_learner("S4")}) == words


def test_without_a_configuration_a_role_is_what_it_says():
    assert standing("S1", "follower", {}) == "follower"


def test_the_still_shows_who_is_no_member(joint):
    assert "no member" in still(joint, 145)


def test_the_two_majorities_are_told_in_words():
    assert repr(Venn(LEFT, RIGHT)) == (
        "C_old: S1 S2 S3. Of these S1, 1 of 3: no majority ✕.\n"
        "C_new: S1 S4 S5. Of these S1 S4, 2 of 3: a majority ✓."
    )


def test_the_picture_has_each_server_once():
    svg = Venn(LEFT, RIGHT).still()
    for name in ("S1", "S2", "S3", "S4", "S5"):
        assert svg.count(f">{name}<") == 1


def test_the_two_majorities_of_a_run(joint):
    venn = joint_majorities(joint, 390)
    assert (venn.left.agree, venn.right.agree) == ({"S1", "S4", "S5"}, {"S1", "S4", "S5"})
    assert venn.left.verdict == "1 of 3: no majority ✕"


def test_before_there_is_a_joint_configuration_there_is_no_picture(joint):
    with pytest.raises(ConsensusLabError, match="No leader has a joint configuration at 100 ms"):
        joint_majorities(joint, 100)


def test_the_picture_travels_as_text_image_and_drawing():
    bundle = Venn(LEFT, RIGHT)._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "image/svg+xml"}


@pytest.mark.parametrize("count", range(7))
def test_no_two_servers_stand_in_one_place(count):
    assert len(set(places_of(count))) == count
