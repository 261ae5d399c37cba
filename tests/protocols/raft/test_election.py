"""Leader election: one test a rule of the paper's Figure 2 and of sections 5.1, 5.2 and 5.4.1."""

from __future__ import annotations

import pytest

from consensus_lab.protocols.raft import (
    AppendEntries,
    AppendEntriesReply,
    BasicRaft,
    Raft,
    RaftOptions,
    RequestVote,
    RequestVoteReply,
)
from consensus_lab.simulation import DiskModel, Scenario
from consensus_lab.simulation.faults import crash, slow_disk, timeout

from .fake import Out, candidate, leader, server, told


def heartbeat(term: int, sender: str = "S2") -> AppendEntries:
    return AppendEntries(term, sender, 0, 0, (), 0)


# -- state -------------------------------------------------------------------------------


def test_a_server_starts_as_a_follower_of_term_0_that_has_voted_for_nobody():
    node = Raft("S1", ("S1", "S2", "S3"))
    assert (node.role, node.current_term, node.voted_for, node.log) == ("follower", 0, None, ())


def test_a_server_starts_with_nothing_committed_or_applied():
    node = Raft("S1", ("S1", "S2", "S3"))
    assert (node.commit_index, node.last_applied) == (0, 0)


def test_term_vote_and_log_are_what_survives_a_crash():
    assert BasicRaft.durable == ("current_term", "voted_for", "log")


def test_a_server_that_boots_waits_for_a_leader():
    out = Out()
    server().on_start(out)
    assert set(out.timers) == {"election"}
    assert out.sent == []


# -- terms (5.1) -------------------------------------------------------------------------


LARGER_TERMS = [
    RequestVote(7, "S2", 0, 0),
    RequestVoteReply(7, "S2", False),
    heartbeat(7),
    AppendEntriesReply(7, "S2", False),
]


@pytest.mark.parametrize("message", LARGER_TERMS, ids=lambda message: type(message).__name__)
@pytest.mark.parametrize("node", [server(3), candidate(3), leader(3)], ids=lambda node: node.role)
def test_a_larger_term_in_any_message_makes_any_server_a_follower_of_that_term(node, message):
    told(node, message)
    assert (node.role, node.current_term) == ("follower", 7)


def test_a_larger_term_forgets_the_vote_of_the_old_one():
    node = server(3, voted_for="S3")
    told(node, AppendEntriesReply(4, "S2", False))
    assert node.voted_for is None


def test_a_larger_term_is_saved():
    assert told(server(3), AppendEntriesReply(4, "S2", False)).saves == 1


def test_a_larger_term_forgets_the_leader_of_the_old_one():
    node = server(3, leader="S3")
    told(node, AppendEntriesReply(4, "S2", False))
    assert node.leader is None


def test_a_larger_term_alone_does_not_reset_the_election_timer_of_a_follower():
    out = told(server(3), RequestVote(4, "S2", 0, 0))  # its log is behind: no vote
    assert out.answer.granted is False
    assert out.timers == {}


def test_a_deposed_leader_stops_its_heartbeat_and_waits_for_a_leader():
    out = told(leader(3), AppendEntriesReply(4, "S2", False))
    assert out.cancelled == ["heartbeat"]
    assert set(out.timers) == {"election"}


def test_a_deposed_leader_forgets_what_it_knew_of_its_followers():
    node = leader(3)
    told(node, AppendEntriesReply(4, "S2", False))
    assert (node.next_index, node.match_index) == ({}, {})


def test_a_request_of_an_older_term_is_refused_with_the_current_term():
    assert told(server(3), RequestVote(2, "S2", 9, 2)).answer == RequestVoteReply(3, "S1", False)


def test_append_entries_of_an_older_term_is_refused_with_the_current_term():
    answer = told(server(3), heartbeat(2)).answer
    assert (answer.term, answer.success) == (3, False)


# -- followers (5.2) ---------------------------------------------------------------------


def test_a_follower_that_hears_nothing_becomes_a_candidate():
    node = server(3)
    node.on_timer("election", Out())
    assert node.role == "candidate"


def test_append_entries_of_the_current_leader_resets_the_election_timer():
    assert set(told(server(3), heartbeat(3)).timers) == {"election"}


def test_append_entries_of_an_older_term_does_not_reset_the_election_timer():
    assert told(server(3), heartbeat(2)).timers == {}


def test_granting_a_vote_resets_the_election_timer():
    assert set(told(server(), RequestVote(1, "S2", 0, 0)).timers) == {"election"}


def test_refusing_a_vote_does_not_reset_the_election_timer():
    assert told(server(3, voted_for="S3"), RequestVote(3, "S2", 1, 3)).timers == {}


# -- votes (5.2) -------------------------------------------------------------------------


def test_a_vote_is_granted_to_the_first_that_asks():
    node = server()
    answer = told(node, RequestVote(1, "S2", 0, 0)).answer
    assert answer == RequestVoteReply(1, "S1", True)
    assert node.voted_for == "S2"


def test_a_vote_is_not_given_twice_in_a_term():
    node = server()
    told(node, RequestVote(1, "S2", 0, 0))
    assert told(node, RequestVote(1, "S3", 0, 0)).answer.granted is False
    assert node.voted_for == "S2"


def test_the_same_candidate_that_asks_again_is_told_again_that_it_has_the_vote():
    node = server()
    told(node, RequestVote(1, "S2", 0, 0))
    assert told(node, RequestVote(1, "S2", 0, 0)).answer.granted is True


def test_a_vote_is_given_again_in_the_next_term():
    node = server()
    told(node, RequestVote(1, "S2", 0, 0))
    assert told(node, RequestVote(2, "S3", 0, 0)).answer.granted is True


def test_append_entries_of_the_same_term_leaves_the_vote_as_it_is():
    node = server()
    told(node, RequestVote(1, "S2", 0, 0))
    told(node, heartbeat(1, "S2"))
    assert told(node, RequestVote(1, "S3", 0, 0)).answer.granted is False


def test_a_vote_is_saved():
    assert told(server(3), RequestVote(3, "S2", 1, 3)).saves == 1


def test_a_candidate_gives_no_vote_to_another_of_its_term():
    assert told(candidate(3), RequestVote(3, "S2", 0, 0)).answer.granted is False


def test_a_vote_is_on_disk_before_its_reply_leaves():
    scenario = Scenario(Raft, servers=3, disk=DiskModel((10, 20))).at(50, timeout("S1"))
    trace = scenario.run(140)
    granted = [f for f in trace.messages if isinstance(f.message, RequestVoteReply)]
    assert [flight.message.granted for flight in granted] == [True, True]
    for flight in granted:
        assert trace.state_at(flight.sent / 1000)[flight.source]["disk.voted_for"] == "S1"
        assert trace.state_at(flight.sent / 1000 - 1)[flight.source]["disk.voted_for"] is None


def test_a_vote_that_a_crash_took_off_the_disk_was_never_heard_of():
    scenario = Scenario(Raft, servers=3).at(0, slow_disk("S2", 50)).at(50, timeout("S1"))
    voted = scenario.run(100).state_at(100)["S2"]["voted_for"]
    trace = scenario.at(100, crash("S2")).run(140)
    assert voted == "S1"
    assert not any(
        isinstance(f.message, RequestVoteReply) and f.source == "S2" for f in trace.messages
    )


# -- up-to-date logs (5.4.1) -------------------------------------------------------------


@pytest.mark.parametrize(
    ("last_log_index", "last_log_term", "granted"),
    [
        (3, 2, True),  # as long, of the same term
        (4, 2, True),  # longer
        (2, 2, False),  # shorter
        (1, 3, True),  # shorter, but its last entry is of a later term
        (9, 1, False),  # longer, but its last entry is of an earlier term
    ],
)
def test_the_later_last_term_is_more_up_to_date_and_then_the_longer_log(
    last_log_index, last_log_term, granted
):
    node = server(1, 1, 2)
    answer = told(node, RequestVote(4, "S2", last_log_index, last_log_term)).answer
    assert answer.granted is granted


def test_an_empty_log_is_up_to_date_with_an_empty_log():
    assert server().is_up_to_date(0, 0)


# -- candidates (5.2) --------------------------------------------------------------------


def standing(*terms: int, servers: int = 3) -> tuple[Raft, Out]:
    node, out = server(*terms, servers=servers), Out()
    node.on_timer("election", out)
    return node, out


def test_a_candidate_increments_its_term():
    assert standing(1, 3)[0].current_term == 4


def test_a_candidate_votes_for_itself():
    node, _ = standing()
    assert (node.voted_for, node.votes) == ("S1", {"S1"})


def test_a_candidate_saves_its_term_and_vote():
    assert standing()[1].saves == 1


def test_a_candidate_resets_its_election_timer():
    assert set(standing()[1].timers) == {"election"}


def test_a_candidate_asks_every_other_server_for_its_vote_and_tells_where_its_log_ends():
    _, out = standing(1, 3)
    assert out.sent == [(peer, RequestVote(4, "S1", 2, 3)) for peer in ("S2", "S3")]


def test_a_candidate_knows_no_leader():
    node = server(3, leader="S2")
    node.on_timer("election", Out())
    assert node.leader is None


@pytest.mark.parametrize(("servers", "needed"), [(2, 1), (3, 1), (4, 2), (5, 2), (7, 3)])
def test_a_candidate_with_the_votes_of_a_majority_becomes_leader(servers, needed):
    node = candidate(1, servers=servers)
    for voter in node.peers[: needed - 1]:
        told(node, RequestVoteReply(1, voter, True))
    assert node.role == "candidate"
    told(node, RequestVoteReply(1, node.peers[needed - 1], True))
    assert node.role == "leader"


def test_a_server_that_is_alone_leads_as_soon_as_it_stands():
    trace = Scenario(Raft, servers=1).run(350)
    assert trace.state_at(350)["S1"]["role"] == "leader"


def test_a_doubled_vote_counts_once():
    node = candidate(1, servers=5)
    told(node, RequestVoteReply(1, "S2", True))
    told(node, RequestVoteReply(1, "S2", True))
    assert node.role == "candidate"


def test_a_refusal_does_not_count():
    node = candidate(1)
    told(node, RequestVoteReply(1, "S2", False))
    assert node.role == "candidate"


def test_a_vote_of_an_older_term_is_ignored():
    node = candidate(2)
    told(node, RequestVoteReply(1, "S2", True))
    assert (node.role, node.votes) == ("candidate", {"S1"})


def test_a_vote_that_comes_after_stepping_down_is_ignored():
    node = candidate(2)
    told(node, heartbeat(2))
    told(node, RequestVoteReply(2, "S3", True))
    assert node.role == "follower"


def test_a_vote_that_comes_after_the_victory_changes_nothing():
    node = candidate(1)
    told(node, RequestVoteReply(1, "S2", True))
    out = told(node, RequestVoteReply(1, "S3", True))
    assert (out.sent, out.timers, len(node.log)) == ([], {}, 1)


def test_a_candidate_that_sees_an_equal_term_from_a_leader_steps_down():
    node = candidate(2)
    told(node, heartbeat(2, "S3"))
    assert (node.role, node.current_term, node.leader) == ("follower", 2, "S3")


def test_a_candidate_that_steps_down_in_its_term_keeps_its_vote():
    node = candidate(2)
    told(node, heartbeat(2, "S3"))
    assert node.voted_for == "S1"


def test_a_candidate_that_sees_an_older_term_from_a_leader_goes_on():
    node = candidate(2)
    told(node, heartbeat(1))
    assert node.role == "candidate"


def test_a_candidate_whose_election_nobody_wins_starts_the_next_term():
    node = candidate(2)
    told(node, RequestVoteReply(2, "S2", False))
    out = Out()
    node.on_timer("election", out)
    assert (node.role, node.current_term, node.votes) == ("candidate", 3, {"S1"})
    assert [message.term for _, message in out.sent] == [3, 3]


# -- the election timer (5.2) ------------------------------------------------------------


def test_the_election_timer_lies_in_the_range_of_the_options():
    waits = []
    for luck in (0, 0.5, 0.999):
        out = Out([luck])
        server().on_start(out)
        waits.append(out.timers["election"])
    assert waits == pytest.approx([150, 225, 299.85])


def test_the_election_timer_is_drawn_anew_at_each_reset():
    node, out = server(3), Out([0.1, 0.9])
    waits = []
    for _ in range(2):
        node.on_message(heartbeat(3), out)
        waits.append(out.timers["election"])
    assert waits == pytest.approx([165, 285])


def test_the_options_set_the_range_of_the_election_timer():
    node, out = server(options=RaftOptions(election_timeout=(1000, 2000))), Out([0.25])
    node.on_start(out)
    assert out.timers["election"] == 1250


def test_five_servers_elect_a_leader_while_two_are_down():
    trace = Scenario(Raft, servers=5).at(0, crash("S1"), crash("S2")).run(2000)
    assert "leader" in {trace.state_at(2000)[name]["role"] for name in ("S3", "S4", "S5")}


def test_five_servers_elect_nobody_while_three_are_down():
    scenario = Scenario(Raft, servers=5).at(0, crash("S1"), crash("S2"), crash("S3"))
    trace = scenario.run(2000)
    assert not any(event.changes.get("role") == "leader" for event in trace.events)


# -- leaders (5.2) -----------------------------------------------------------------------


def elected(*terms: int) -> tuple[Raft, Out]:
    node = candidate(max(terms, default=0) + 1, *terms)
    return node, told(node, RequestVoteReply(node.current_term, "S2", True))


def test_a_new_leader_speaks_to_all_at_once():
    _, out = elected()
    assert [to for to, _ in out.sent] == ["S2", "S3"]
    assert all(isinstance(message, AppendEntries) for _, message in out.sent)


def test_a_new_leader_exchanges_its_election_timer_for_a_heartbeat():
    _, out = elected()
    assert out.cancelled == ["election"]
    assert out.timers == {"heartbeat": 50}


def test_a_new_leader_believes_that_all_logs_are_as_long_as_its_own():
    node, out = elected(1, 1)
    assert node.next_index == {"S2": 3, "S3": 3}
    assert out.sent[0][1].prev_log_index == 2


def test_a_new_leader_knows_of_no_match_yet():
    assert elected(1, 1)[0].match_index == {"S1": 0, "S2": 0, "S3": 0}


def test_a_new_leader_starts_its_term_with_a_no_op():
    node, out = elected(1, 1)
    assert node.log[-1] == node.log[2]
    assert (node.log[2].term, node.log[2].command) == (2, None)
    assert out.sent[0][1].entries == node.log[2:]
    assert out.saves == 1


def test_a_leader_speaks_again_after_a_heartbeat_interval():
    node, out = leader(1), Out()
    node.on_timer("heartbeat", out)
    assert [message.entries for _, message in out.sent] == [(), ()]
    assert out.timers == {"heartbeat": 50}


def test_what_it_says_is_told_beside_the_animation():
    assert standing()[1].notes == ["starts term 1 and asks for votes"]
    assert elected()[1].notes == ["becomes leader of term 1"]
    assert told(server(), RequestVote(1, "S2", 0, 0)).notes == ["votes for S2 in term 1"]
    assert told(leader(3), heartbeat(4)).notes == ["steps down in term 4"]


def test_of_two_leaders_the_one_of_the_larger_term_is_meant():
    assert leader(4).precedence() > leader(3).precedence()
