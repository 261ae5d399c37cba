"""Membership changes: one test a rule of the paper's section 6 and of the thesis's chapter 4."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consensus_lab.protocols.raft import (
    AppendEntries,
    AppendEntriesReply,
    Entry,
    Raft,
    RaftOptions,
    RequestVote,
)
from consensus_lab.protocols.raft.configuration import Configuration
from consensus_lab.simulation import Scenario, Trace
from consensus_lab.simulation.faults import crash, cut, heal, request, restart, timeout
from consensus_lab.simulation.orders import (
    add_learner,
    add_server,
    change_members,
    promote,
    remove_server,
)

from .fake import Out, entries, leader, server, told
from .membership_bugs import TWO_TERMS, stage
from .promises import broken_in

THREE = Configuration(("S1", "S2", "S3"))
FOUR = THREE.with_voter("S4")
OPTIONS = {"pre_vote": True, "check_quorum": True}


def changing(configuration: Configuration, term: int = 1) -> Entry:
    return Entry(term, configuration)


def offer(*new: Entry, after: int, previous: int = 1, term: int = 1, commit: int = 0):
    """AppendEntries of S2 that puts `new` after index `after`, whose term is `previous`."""
    return AppendEntries(term, "S2", after, previous, new, commit)


def ack(follower: str, index: int, term: int = 1) -> AppendEntriesReply:
    return AppendEntriesReply(term, follower, True, index)


def settled(*terms: int, members: Configuration = THREE, servers: int = 5, **fields) -> Raft:
    """S1 leads `members`, has committed all that it holds, and so has everybody else."""
    count = len(terms)
    node = leader(*terms, servers=servers, **fields)
    node.configuration = members
    node.commit_index = node.last_applied = count
    node.next_index = dict.fromkeys(node.peers, count + 1)
    node.match_index = dict.fromkeys(("S1", *node.peers), count)
    return node


def last(trace: Trace) -> dict:
    return trace.state_after(len(trace.events))


def members_of(trace: Trace, name: str) -> str:
    return str(last(trace)[name]["configuration"])


def leader_of(trace: Trace) -> str | None:
    leads = [
        (fields["current_term"], name)
        for name, fields in last(trace).items()
        if fields["role"] == "leader" and fields["status"] == "up"
    ]
    return max(leads)[1] if leads else None


# -- which configuration is in force -------------------------------------------------------


def test_at_first_all_servers_are_members():
    node = server(servers=3)
    assert node.in_force == THREE
    assert "configuration" not in vars(node)


def test_the_option_members_names_those_of_the_start():
    trace = stage("S1", "S2", servers=3).run(10)
    assert members_of(trace, "S3") == "S1 S2"


def test_a_server_uses_the_latest_configuration_in_its_log_committed_or_not():
    node = server(1, servers=5)
    told(node, offer(changing(THREE), changing(FOUR), after=1))
    assert (node.in_force, node.configuration_index, node.commit_index) == (FOUR, 3, 0)


def test_a_leader_uses_a_configuration_as_soon_as_it_has_appended_it():
    node, out = settled(1), Out()
    node.on_remove_server("S3", out)
    assert node.in_force == Configuration(("S1", "S2"))
    assert {to for to, _ in out.sent} == {"S2"}


def test_a_configuration_whose_entry_is_cut_off_is_in_force_no_more():
    node = server(1, servers=5)
    told(node, offer(changing(THREE), changing(FOUR), after=1))
    told(node, offer(*entries(2, start=3), after=2, term=2))
    assert (node.in_force, node.configuration_index) == (THREE, 2)
    told(node, offer(*entries(3, start=2), after=1, term=3))
    assert node.in_force == server(servers=5).in_force


def test_a_server_that_restarts_finds_its_configuration_in_its_log():
    scenario = stage("S1", "S2", "S3").at(200, add_server("S4"))
    trace = scenario.at(500, crash("S2")).at(600, restart("S2")).run(610)
    assert members_of(trace, "S2") == "S1 S2 S3 S4"


def test_a_snapshot_holds_the_configuration_of_its_last_entry_and_no_later_one():
    node = server(1, servers=5, options=RaftOptions(snapshot_every=1000))
    told(node, offer(changing(THREE), *entries(1, 1, start=3), changing(FOUR), after=1, commit=4))
    node.take_snapshot(Out())
    assert node.snapshot.last_index == 4
    assert node.snapshot.configuration == THREE
    assert node.in_force == FOUR


def test_a_server_that_restarts_from_a_snapshot_finds_its_configuration_there():
    scenario = stage("S1", "S2", "S3", snapshot_every=2).at(200, add_server("S4"))
    trace = scenario.at(500, crash("S2")).at(600, restart("S2")).run(610)
    assert last(trace)["S2"]["log"] == ()
    assert members_of(trace, "S2") == "S1 S2 S3 S4"


def test_a_new_server_that_is_sent_a_snapshot_takes_the_configuration_from_it():
    scenario = stage("S1", "S2", "S3", snapshot_every=2).at(200, remove_server("S3"))
    trace = scenario.at(400, add_learner("S5")).run(600)
    assert members_of(trace, "S5") == "S1 S2 + S5"
    assert last(trace)["S5"]["snapshot"].configuration is not None


# -- servers that are no members -----------------------------------------------------------


def test_a_server_that_is_no_member_does_not_stand():
    trace = stage("S1", "S2", "S3").at(200, timeout("S5")).run(600)
    assert leader_of(trace) == "S1"
    assert last(trace)["S5"]["current_term"] == 0


def test_a_server_that_is_no_member_is_sent_nothing():
    trace = stage("S1", "S2", "S3").run(600)
    assert not [flight for flight in trace.messages if flight.target in ("S4", "S5")]


def test_a_server_takes_entries_from_a_leader_that_it_does_not_count_among_the_members():
    node = server(1, servers=5)
    node.configuration = Configuration(("S1", "S3"))
    assert told(node, offer(*entries(1, start=2), after=1)).answer.success


def test_a_server_votes_for_a_candidate_that_it_does_not_count_among_the_members():
    node = server(1, servers=5)
    node.configuration = Configuration(("S1", "S3"))
    assert told(node, RequestVote(2, "S2", 1, 1)).answer.granted


# -- one server at a time ------------------------------------------------------------------


def test_a_new_server_catches_up_before_it_votes():
    node, out = settled(1, 1), Out()
    node.on_add_server("S4", out)
    assert node.in_force == THREE
    assert "S4" in node.peers
    told(node, ack("S4", 1))
    assert node.in_force == THREE
    told(node, ack("S4", 2))
    assert node.in_force == FOUR


def test_a_new_server_votes_and_is_counted_once_its_configuration_is_in_the_log():
    scenario = stage("S1", "S2", "S3", servers=4).at(200, add_server("S4"))
    trace = scenario.at(400, crash("S2")).at(500, request("write", "x", 1)).run()
    assert [operation.outcome for operation in trace.operations] == ["ok"]
    trace = scenario.at(400, crash("S2"), crash("S3")).at(500, request("write", "x", 1)).run()
    assert [operation.outcome for operation in trace.operations] == ["unknown"]


def test_a_removed_server_is_sent_nothing_more():
    trace = stage(servers=4).at(200, remove_server("S4")).run(900)
    assert max(flight.sent for flight in trace.messages if flight.target == "S4") < 201_000
    assert members_of(trace, "S1") == "S1 S2 S3"


def test_a_second_change_waits_until_the_first_is_committed():
    node = settled(1)
    node.on_remove_server("S3", Out())
    node.on_remove_server("S2", Out())
    assert node.in_force == Configuration(("S1", "S2"))
    told(node, ack("S2", 2))
    node.on_saved({"current_term": 1, "log": node.log}, Out())
    assert node.in_force == Configuration(("S1",))


def test_a_change_waits_until_an_entry_of_the_leaders_term_is_committed():
    node = settled(1)
    node.current_term, node.log = 2, entries(1, 2)
    node.on_remove_server("S3", Out())
    assert node.in_force == THREE
    node.on_saved({"current_term": 2, "log": node.log}, Out())
    told(node, ack("S2", 2, term=2))
    assert node.in_force == Configuration(("S1", "S2"))


def test_without_that_rule_two_majorities_decide_apart():
    """The bug of 2015, as the option brings it back."""
    hasty = replace(TWO_TERMS, options={**TWO_TERMS.options, "commit_before_change": False})
    assert "Leader Completeness" in broken_in(hasty.run())
    assert TWO_TERMS.run().violations == []


def test_the_next_leader_goes_on_with_a_change_that_is_in_its_log():
    scenario = stage("S1", "S2", "S3").at(200, add_server("S4"))
    trace = scenario.at(275, crash("S1")).at(300, timeout("S2")).run()
    assert leader_of(trace) == "S2"
    assert members_of(trace, "S4") == "S1 S2 S3 S4"


def test_a_change_that_is_not_in_the_log_is_forgotten_with_its_leader():
    node = settled(1)
    node.on_add_server("S4", Out())
    told(node, ack("S2", 1, term=2))
    assert (node.role, node.wanted) == ("follower", None)


# -- orders that make no sense -------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "argument"),
    [
        ("add_server", "S2"),
        ("remove_server", "S5"),
        ("promote", "S2"),
        ("promote", "S5"),
        ("change_members", ("S3", "S2", "S1")),
    ],
)
def test_an_order_that_changes_nothing_is_noted_and_nothing_is_done(order, argument):
    node, out = settled(1), Out()
    getattr(node, f"on_{order}")(argument, out)
    assert (len(out.notes), out.sent, node.wanted) == (1, [], None)


def test_the_last_voter_cannot_be_removed():
    node, out = settled(1, members=Configuration(("S1",))), Out()
    node.on_remove_server("S1", out)
    assert (len(out.notes), node.in_force) == (1, Configuration(("S1",)))


def test_who_does_not_lead_changes_nothing():
    node, out = server(1), Out()
    node.on_remove_server("S2", out)
    assert (len(out.notes), out.sent, node.log) == (1, [], entries(1))


# -- removing the leader -------------------------------------------------------------------


def test_a_leader_that_removes_itself_steps_down_once_that_is_committed():
    node = settled(1)
    node.on_remove_server("S1", Out())
    told(node, ack("S2", 2))
    assert node.role == "leader"
    told(node, ack("S3", 2))
    assert (node.role, node.leader, node.commit_index) == ("follower", None, 2)


def test_until_then_it_leads_but_does_not_count_itself():
    node = settled(1, members=FOUR)
    node.on_remove_server("S1", Out())
    node.on_saved({"current_term": 1, "log": node.log}, Out())
    told(node, ack("S2", 2))
    assert node.commit_index == 1
    told(node, ack("S3", 2))
    assert node.commit_index == 2


def test_the_others_elect_one_of_themselves():
    scenario = Scenario(Raft, servers=4, seed=1, options=OPTIONS, duration=2000)
    trace = scenario.at(600, remove_server("leader")).run()
    [gone] = {flight.source for flight in trace.messages if flight.sent < 600_000} & {
        name for name in trace.servers if name not in members_of(trace, leader_of(trace))
    }
    assert last(trace)[gone]["role"] != "leader"


# -- joint consensus -----------------------------------------------------------------------


def test_from_any_members_to_any_others_in_one_step():
    scenario = stage("S1", "S2").at(200, change_members("S3", "S4", "S5"))
    trace = scenario.at(600, timeout("S4")).run()
    assert leader_of(trace) == "S4"
    assert members_of(trace, "S4") == "S3 S4 S5"


def test_all_new_voters_catch_up_before_the_joint_configuration():
    node = settled(1)
    node.on_change_members(("S1", "S4", "S5"), Out())
    told(node, ack("S4", 1))
    assert not node.in_force.is_joint
    told(node, ack("S5", 1))
    assert node.in_force.is_joint


def test_the_joint_configuration_is_committed_by_both_majorities():
    node = settled(1, members=THREE.towards(("S1", "S4", "S5")))
    node.log, node.configuration_index = entries(1, 1), 2
    node.on_saved({"current_term": 1, "log": node.log}, Out())
    told(node, ack("S2", 2))
    assert node.commit_index == 1
    told(node, ack("S4", 2))
    assert node.commit_index == 2


def test_once_it_is_committed_the_leader_goes_on_to_the_new_one_by_itself():
    trace = stage("S1", "S2", "S3").at(200, change_members("S1", "S4", "S5")).run()
    commands = [entry.command for entry in last(trace)["S1"]["log"]]
    joint = THREE.towards(("S1", "S4", "S5"))
    assert commands[1:] == [joint, joint.after_joint()]


def test_the_next_leader_brings_a_joint_change_to_its_end():
    scenario = stage("S1", "S2", "S3").at(200, change_members("S1", "S4", "S5"))
    trace = scenario.at(275, crash("S1")).at(300, timeout("S4")).run()
    assert leader_of(trace) == "S4"
    assert members_of(trace, "S4") == "S1 S4 S5"


def test_a_leader_that_is_not_among_the_new_steps_down_in_the_end():
    trace = stage("S1", "S2").at(200, change_members("S3", "S4", "S5")).run()
    assert last(trace)["S1"]["role"] == "follower"
    assert "S3 S4 S5" in members_of(trace, "S1")


def test_while_it_is_joint_no_other_change_begins():
    node, out = settled(1, members=THREE.towards(("S1", "S4", "S5"))), Out()
    node.on_remove_server("S2", out)
    assert (len(out.notes), node.wanted) == (1, None)


# -- learners ------------------------------------------------------------------------------


def test_a_learner_is_sent_the_log():
    trace = stage("S1", "S2", "S3").at(200, add_learner("S4")).run(600)
    assert last(trace)["S4"]["log"] == last(trace)["S1"]["log"]


def test_a_learner_is_counted_neither_for_votes_nor_for_commits():
    scenario = stage("S1", "S2", "S3").at(200, add_learner("S4")).at(300, add_learner("S5"))
    trace = scenario.at(500, crash("S2"), crash("S3")).at(600, request("write", "x", 1)).run()
    assert [operation.outcome for operation in trace.operations] == ["unknown"]
    trace = scenario.at(500, crash("S2"), crash("S1")).at(600, timeout("S3")).run()
    assert leader_of(trace) is None


def test_a_learner_does_not_stand():
    scenario = stage("S1", "S2", "S3").at(200, add_learner("S4"))
    trace = scenario.at(500, crash("S1")).at(600, timeout("S4")).run()
    assert last(trace)["S4"]["role"] == "follower"


def test_a_learner_votes_when_it_is_asked_for_it_may_be_a_voter_by_now():
    node = server(1, servers=5)
    node.configuration = Configuration(("S2", "S3", "S4"), ("S1",))
    assert told(node, RequestVote(2, "S2", 1, 1)).answer.granted


def test_a_learner_that_hears_nothing_forgets_its_leader():
    node = server(1, servers=5, leader="S2")
    node.configuration = Configuration(("S2", "S3", "S4"), ("S1",))
    node.on_election_timeout(Out())
    assert node.leader is None


def test_a_promoted_learner_votes():
    scenario = stage("S1", "S2", "S3").at(200, add_learner("S4")).at(400, promote("S4"))
    trace = scenario.at(600, timeout("S4")).run()
    assert leader_of(trace) == "S4"


def test_a_learner_is_promoted_once_it_has_caught_up():
    scenario = stage("S1", "S2", "S3").at(200, add_learner("S4")).at(300, cut("S1", "S4"))
    scenario = scenario.at(310, request("write", "x", 1)).at(500, promote("S4"))
    assert members_of(scenario.run(900), "S1") == "S1 S2 S3 + S4"
    assert members_of(scenario.at(900, heal()).run(), "S1") == "S1 S2 S3 S4"


def test_nobody_hands_over_to_a_learner():
    node, out = settled(1, members=THREE.with_learner("S4")), Out()
    node.on_transfer("S4", out)
    assert (node.successor, out.sent) == (None, [])
