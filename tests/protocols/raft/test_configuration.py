"""Configurations: who decides, and why two leaders cannot be apart while one follows the other."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.protocols.raft.configuration import Configuration, in_order

NAMES = [f"S{n}" for n in range(1, 8)]
THREE = Configuration(("S1", "S2", "S3"))
JOINT = THREE.towards(("S3", "S4", "S5"))

SERVERS = st.sampled_from(NAMES)
VOTERS = st.sets(SERVERS, min_size=1, max_size=5).map(in_order)
STABLE = st.builds(
    lambda voters, others: Configuration(voters, in_order(set(others) - set(voters))),
    VOTERS,
    st.sets(SERVERS, max_size=2),
)


def quorums(configuration: Configuration) -> list[set[str]]:
    """All sets of members that may decide."""
    members = configuration.members
    return [
        set(some)
        for size in range(len(members) + 1)
        for some in combinations(members, size)
        if configuration.is_quorum(some)
    ]


def all_meet(one: Configuration, other: Configuration) -> bool:
    """Any two that may decide, one in each configuration, share a server."""
    return all(a & b for a in quorums(one) for b in quorums(other))


# -- what the algorithm rests on -----------------------------------------------------------


@given(STABLE)
def test_any_two_quorums_of_a_configuration_meet(now):
    assert all_meet(now, now)


@given(STABLE, SERVERS)
def test_quorums_meet_when_one_voter_is_added(now, server):
    assert all_meet(now, now.with_voter(server))


@given(STABLE, SERVERS)
def test_quorums_meet_when_one_member_is_removed(now, server):
    after = now.without(server)
    assert not after.voters or all_meet(now, after)


@given(STABLE, SERVERS)
def test_quorums_meet_when_a_voter_becomes_a_learner(now, server):
    after = now.with_learner(server)
    assert not after.voters or all_meet(now, after)


@given(STABLE, VOTERS)
def test_quorums_meet_on_both_sides_of_a_joint_configuration(now, voters):
    joint = now.towards(voters)
    assert all_meet(now, joint)
    assert all_meet(joint, joint)
    assert all_meet(joint, joint.after_joint())


def test_quorums_need_not_meet_when_two_voters_are_added_at_once():
    assert not all_meet(THREE, THREE.with_voter("S4").with_voter("S5"))


def test_quorums_need_not_meet_when_one_is_added_by_one_leader_and_one_removed_by_another():
    four = THREE.with_voter("S4")
    assert not all_meet(four.with_voter("S5"), four.without("S1"))


@given(STABLE, VOTERS, st.data())
def test_what_a_quorum_holds_is_what_the_index_says(now, voters, data):
    joint = now.towards(voters)
    match = {name: data.draw(st.integers(0, 9)) for name in joint.members}
    for configuration in (now, joint):
        held = [
            index
            for index in range(10)
            if configuration.is_quorum([name for name in match if match[name] >= index])
        ]
        assert configuration.index_on_quorum(match) == max(held)


# -- the arithmetic, by example ------------------------------------------------------------


@pytest.mark.parametrize(
    ("servers", "enough"),
    [
        (("S1", "S2"), False),  # no majority of the new
        (("S4", "S5"), False),  # none of the old
        (("S1", "S3", "S4"), True),  # S3 counts on both sides
        (("S1", "S2", "S4"), False),
        (("S1", "S2", "S4", "S5"), True),
    ],
)
def test_a_joint_configuration_asks_for_both_majorities(servers, enough):
    assert JOINT.is_quorum(servers) is enough


def test_a_joint_configuration_commits_what_both_majorities_hold():
    match = {"S1": 9, "S2": 9, "S3": 4, "S4": 3, "S5": 2}
    assert THREE.index_on_quorum(match) == 9
    assert JOINT.index_on_quorum(match) == 3


def test_learners_and_strangers_are_not_counted():
    now = Configuration(("S1", "S2", "S3"), ("S4", "S5"))
    assert not now.is_quorum(("S1", "S4", "S5", "S9"))
    assert now.index_on_quorum({"S1": 5, "S4": 5, "S5": 5, "S9": 5}) == 0


def test_the_members_are_all_to_whom_the_log_is_replicated():
    assert Configuration(("S3", "S10"), ("S4",), ("S1", "S3")).members == ("S1", "S3", "S4", "S10")


def test_a_promoted_learner_is_none_any_more():
    assert THREE.with_learner("S4").with_voter("S4") == THREE.with_voter("S4")


def test_a_voter_may_become_a_learner():
    assert THREE.with_learner("S3") == Configuration(("S1", "S2"), ("S3",))


def test_the_way_through_a_joint_configuration_keeps_other_learners():
    now = Configuration(("S1",), ("S2", "S3"))
    assert now.towards(("S2",)).after_joint() == Configuration(("S2",), ("S3",))


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        (THREE, "S1 S2 S3"),
        (THREE.with_learner("S4"), "S1 S2 S3 + S4"),
        (JOINT, "S1 S2 S3 → S3 S4 S5"),
    ],
)
def test_a_configuration_in_words(configuration, words):
    assert str(configuration) == words
