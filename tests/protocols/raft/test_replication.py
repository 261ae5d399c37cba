"""Log replication: one test a rule of the paper's Figure 2 and of sections 5.3, 5.4.2 and 8."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from consensus_lab.protocols.node import ClientRequest
from consensus_lab.protocols.raft import AppendEntries, AppendEntriesReply, BasicRaft, Entry, Raft
from consensus_lab.protocols.state_machine import KeyValue, Sessions
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import crash, cut, heal, request, restart, slow_disk, timeout

from .fake import Out, candidate, entries, leader, server, told, write


def append(term: int, previous: tuple[int, int], *new: int, commit: int = 0) -> AppendEntries:
    """From S2: after `previous` (index, term) come entries of the terms `new`."""
    index, previous_term = previous
    return AppendEntries(term, "S2", index, previous_term, entries(*new, start=index + 1), commit)


def agreed(term: int, follower: str, match_index: int) -> AppendEntriesReply:
    return AppendEntriesReply(term, follower, True, match_index)


def refused(term: int, follower: str) -> AppendEntriesReply:
    return AppendEntriesReply(term, follower, False)


def terms(node: Raft) -> list[int]:
    return [entry.term for entry in node.log]


# -- followers: AppendEntries (Figure 2, receiver's rules 1 to 5) ------------------------


def test_an_older_term_is_refused_and_changes_nothing():
    node = server(3)
    assert told(node, append(2, (0, 0), 2)).answer == AppendEntriesReply(3, "S1", False)
    assert terms(node) == [3]


def test_entries_after_a_gap_are_refused():
    node = server(1)
    assert told(node, append(1, (2, 1), 1)).answer.success is False
    assert terms(node) == [1]


def test_entries_after_an_entry_of_another_term_are_refused():
    node = server(1, 1)
    assert told(node, append(3, (2, 2), 3)).answer.success is False


def test_a_refused_leader_is_still_the_leader_and_resets_the_timer():
    node = server(1)
    out = told(node, append(1, (2, 1), 1))
    assert node.leader == "S2"
    assert set(out.timers) == {"election"}


def test_entries_that_fit_are_appended_and_saved():
    node = server(1)
    out = told(node, append(1, (1, 1), 1, 1))
    assert terms(node) == [1, 1, 1]
    assert out.saves == 1


def test_the_first_entries_fit_after_nothing():
    node = server()
    told(node, append(1, (0, 0), 1))
    assert terms(node) == [1]


def test_a_follower_acknowledges_up_to_the_last_new_entry():
    assert told(server(1), append(1, (1, 1), 1, 1)).answer == agreed(1, "S1", 3)


def test_a_follower_acknowledges_no_more_than_it_was_sent():
    answer = told(server(1, 1, 1, current_term=2), append(2, (1, 1))).answer
    assert answer == agreed(2, "S1", 1)


def test_a_heartbeat_saves_nothing():
    assert told(server(1), append(1, (1, 1))).saves == 0


def test_a_conflicting_entry_is_deleted_with_all_that_follow_it():
    node = server(1, 1, 1, 1)
    told(node, append(2, (1, 1), 2))
    assert terms(node) == [1, 2]


def test_entries_before_the_conflict_stay():
    node = server(1, 1, 2)
    told(node, append(3, (0, 0), 1, 1, 3))
    assert terms(node) == [1, 1, 3]


def test_entries_that_are_there_already_are_not_appended_again():
    node = server(1, 1)
    out = told(node, append(1, (0, 0), 1, 1))
    assert terms(node) == [1, 1]
    assert out.saves == 0


def test_a_delayed_shorter_append_entries_does_not_cut_acknowledged_entries():
    node = server(1)
    told(node, append(1, (1, 1), 1, 1))
    told(node, append(1, (1, 1), 1))
    assert terms(node) == [1, 1, 1]


def test_a_follower_commits_what_the_leader_has_committed():
    node = server(1, 1)
    told(node, append(1, (2, 1), commit=1))
    assert (node.commit_index, node.last_applied) == (1, 1)


def test_the_commit_index_is_not_moved_beyond_the_last_new_entry():
    node = server(1, 1, 1)  # its entries 2 and 3 may be a wrong tail
    told(node, append(2, (1, 1), commit=3))
    assert node.commit_index == 1


def test_the_commit_index_is_not_moved_beyond_the_leaders():
    node = server(1)
    told(node, append(1, (1, 1), 1, 1, commit=2))
    assert node.commit_index == 2


def test_the_commit_index_never_goes_back():
    node = server(1, 1)
    told(node, append(1, (2, 1), commit=2))
    told(node, append(1, (2, 1), commit=1))
    assert node.commit_index == 2


def test_a_refused_append_entries_commits_nothing():
    node = server(1)
    told(node, append(1, (2, 1), commit=2))
    assert node.commit_index == 0


def test_a_candidate_takes_the_entries_of_the_leader_that_beat_it():
    node = candidate(1)
    assert told(node, append(1, (0, 0), 1)).answer == agreed(1, "S1", 1)
    assert terms(node) == [1]


# -- all servers: applying (5.3) ---------------------------------------------------------


def test_committed_entries_are_applied_in_the_order_of_the_log():
    node = server(1, 1, 1)
    node.commit(3, Out())
    assert list(node.machine.data) == ["x"]
    assert node.machine.data["x"] == 3


def test_an_entry_is_applied_once():
    node, out = leader(1, 1), Out()
    node.commit(2, out)
    node.commit(2, out)
    assert [request.sequence for request, _ in out.replies] == [1, 2]


def test_a_no_op_is_applied_without_effect():
    node = server(1)
    node.log = (Entry(1),)
    node.commit(1, Out())
    assert (node.last_applied, node.machine) == (1, Sessions(KeyValue()))


def test_a_follower_applies_without_answering_the_client():
    out = told(server(1), append(1, (1, 1), commit=1))
    assert out.replies == []


# -- leaders: clients (5.1, 5.3, 8) ------------------------------------------------------


def test_a_follower_sends_the_client_to_the_leader():
    node, out = server(1, leader="S3"), Out()
    node.on_request(write(1), out)
    assert out.redirects == [(write(1), "S3")]


def test_a_follower_that_knows_no_leader_says_so():
    node, out = server(1), Out()
    node.on_request(write(1), out)
    assert out.redirects == [(write(1), None)]


def test_a_leader_appends_a_command_saves_it_and_offers_it_to_all():
    node, out = leader(1), Out()
    node.on_request(write(2), out)
    assert node.log[-1] == Entry(1, write(2))
    assert out.saves == 1
    assert [(to, message.entries) for to, message in out.sent] == [
        ("S2", (Entry(1, write(2)),)),
        ("S3", (Entry(1, write(2)),)),
    ]


def test_a_leader_answers_only_once_the_command_is_committed():
    node, out = leader(1), Out()
    node.on_request(write(2), out)
    assert out.replies == []
    node.on_saved({"current_term": 1, "log": node.log}, out)
    assert out.replies == []
    node.on_message(agreed(1, "S2", 2), out)
    assert (write(2), None) in out.replies


def test_a_leader_offers_all_that_follows_the_next_index():
    node, out = leader(1, 1, 1, next_index={"S2": 2, "S3": 4}), Out()
    node.on_timer("heartbeat", out)
    assert [(to, m.prev_log_index, len(m.entries)) for to, m in out.sent] == [
        ("S2", 1, 2),
        ("S3", 3, 0),
    ]


def test_a_leader_tells_how_far_it_has_committed():
    node, out = leader(1, 1, commit_index=1), Out()
    node.on_timer("heartbeat", out)
    assert [message.leader_commit for _, message in out.sent] == [1, 1]


def test_a_leader_offers_again_and_again_until_the_follower_answers():
    node = leader(1, 1, next_index={"S2": 2, "S3": 3})
    first, second = Out(), Out()
    node.on_timer("heartbeat", first)
    node.on_timer("heartbeat", second)
    assert first.sent == second.sent
    assert first.sent[0][1].entries == node.log[1:]


# -- leaders: replies (Figure 2) ---------------------------------------------------------


def test_success_moves_next_and_match_index():
    node = leader(1, 1)
    told(node, agreed(1, "S2", 2))
    assert (node.match_index["S2"], node.next_index["S2"]) == (2, 3)


def test_success_counts_what_was_sent_and_not_what_was_appended_since():
    node = leader(1, 1)
    node.on_request(write(3), Out())
    told(node, agreed(1, "S2", 2))
    assert node.match_index["S2"] == 2


def test_a_reply_that_was_overtaken_does_not_take_a_match_back():
    node = leader(1, 1)
    told(node, agreed(1, "S2", 2))
    told(node, agreed(1, "S2", 1))
    assert (node.match_index["S2"], node.next_index["S2"]) == (2, 3)


def test_refusal_steps_back_by_one_and_offers_again_at_once():
    node = leader(1, 1, 1, kind=BasicRaft)
    out = told(node, refused(1, "S2"))
    assert node.next_index["S2"] == 3
    [(to, message)] = out.sent
    assert (to, message.prev_log_index, len(message.entries)) == ("S2", 2, 1)


def test_a_late_refusal_does_not_step_back_before_what_is_matched():
    node = leader(1, 1, 1)
    told(node, agreed(1, "S2", 3))
    told(node, refused(1, "S2"))
    assert node.next_index["S2"] == 4


def test_logs_that_share_nothing_meet_at_index_0():
    node = leader(3, 3, kind=BasicRaft)
    for _ in range(4):
        told(node, refused(3, "S2"))
    assert node.next_index["S2"] == 1


def test_a_reply_names_the_request_that_it_answers():
    node = server(1, 1)
    for message in append(1, (1, 1)), append(1, (9, 1)), append(0, (0, 0)):
        assert told(node, replace(message, request=7)).answer.request == 7


def test_a_reply_of_an_older_term_is_ignored():
    node = leader(1, 1, 3)
    told(node, agreed(1, "S2", 3))
    assert node.match_index["S2"] == 0


def test_a_follower_ignores_replies():
    node = server(3)
    out = told(node, agreed(3, "S2", 1))
    assert out.sent == []
    assert node.match_index == {}


# -- leaders: committing (5.3, 5.4.2) ----------------------------------------------------


@pytest.mark.parametrize(("servers", "needed"), [(2, 1), (3, 1), (4, 2), (5, 2)])
def test_an_entry_is_committed_when_a_majority_holds_it(servers, needed):
    node = leader(1, servers=servers)
    for follower in node.peers[: needed - 1]:
        told(node, agreed(1, follower, 1))
    assert node.commit_index == 0
    told(node, agreed(1, node.peers[needed - 1], 1))
    assert node.commit_index == 1


def test_what_precedes_a_committed_entry_is_committed_too():
    node = leader(1, 1, 3)
    told(node, agreed(3, "S2", 3))
    assert node.commit_index == 3


def test_an_entry_of_an_older_term_is_not_committed_by_counting():
    """Figure 8 (c): S1 leads term 4, entry 2 of term 2 is on a majority, and may still be lost."""
    node = leader(1, 2, 4, servers=5, current_term=4)
    told(node, agreed(4, "S2", 2))
    told(node, agreed(4, "S3", 2))
    assert node.commit_index == 0


def test_an_entry_of_an_older_term_is_committed_with_one_of_the_current_term():
    """Figure 8 (e): entry 3 of term 4 is on a majority, so nobody without it can be elected."""
    node = leader(1, 2, 4, servers=5, current_term=4)
    told(node, agreed(4, "S2", 3))
    told(node, agreed(4, "S3", 3))
    assert node.commit_index == 3


def test_a_leader_counts_itself_only_once_its_entry_is_on_disk():
    node, out = leader(1), Out()
    node.on_request(write(2), out)
    node.on_message(agreed(1, "S2", 2), out)
    assert node.commit_index == 1
    node.on_saved({"current_term": 1, "log": node.log}, out)
    assert node.commit_index == 2


def test_a_save_of_an_older_term_does_not_count():
    """What this server saved as a follower may be cut off since; the index alone says nothing."""
    node = leader(1, 1, 3)
    node.match_index = dict.fromkeys(node.servers, 0)
    node.on_saved({"current_term": 1, "log": entries(1, 1, 1)}, Out())
    assert node.match_index["S1"] == 0


def test_a_leader_can_commit_before_its_own_disk_if_a_majority_of_others_has_the_entry():
    node, out = leader(1), Out()
    node.on_request(write(2), out)
    node.on_message(agreed(1, "S2", 2), out)
    node.on_message(agreed(1, "S3", 2), out)
    assert node.commit_index == 2


def test_what_it_says_is_told_beside_the_animation():
    assert told(leader(1), agreed(1, "S2", 1)).notes == ["commits up to index 1"]
    assert told(server(1, 1), append(2, (0, 0), 2)).notes == ["cuts its log after index 0"]


# -- whole runs --------------------------------------------------------------------------


def led_by_s1(**options: Any) -> Scenario:
    """S1 stands at 50 ms, and leads soon after."""
    return Scenario(Raft, servers=3, **options).at(50, timeout("S1"))


def logs(scenario: Scenario, at: float) -> list[tuple[Entry, ...]]:
    trace = scenario.run(at)
    assert trace.violations == []
    return [fields["log"] for fields in trace.state_at(at).values()]


def test_a_command_reaches_every_log_and_every_machine():
    trace = led_by_s1().at(200, request("write", "x", 4)).run(400)
    for fields in trace.state_at(400).values():
        assert fields["machine"].data == {"x": 4}


def test_a_follower_that_was_down_catches_up():
    scenario = led_by_s1().at(150, crash("S3")).at(800, restart("S3"))
    for time in range(200, 700, 100):
        scenario = scenario.at(time, request("write", "x", time))
    first, *others = logs(scenario, 1200)
    assert len(first) == 6
    assert others == [first, first]


def test_a_follower_that_crashes_before_its_disk_is_ready_has_acknowledged_nothing():
    scenario = led_by_s1().at(150, slow_disk("S2", 500)).at(160, cut("S1", "S3"))
    trace = scenario.at(200, request("write", "x", 4)).at(400, crash("S2")).run(900)
    assert trace.operations[0].end is None
    assert trace.state_at(900)["S1"]["commit_index"] == 1


def test_a_deposed_leaders_tail_gives_way_to_the_new_leaders_entries():
    scenario = (
        led_by_s1()
        .at(150, cut("S1", "S2"), cut("S1", "S3"))
        .at(160, request("write", "x", 1))
        .at(300, timeout("S2"))
        .at(600, heal())
    )
    first, *others = logs(scenario, 1500)
    assert others == [first, first]


def test_a_retry_that_reaches_the_log_twice_is_carried_out_once():
    node = leader(1)
    again = ClientRequest("B", 1, ("cas", "x", 1, 2))
    node.log = (*entries(1), Entry(1, again), Entry(1, write(2)), Entry(1, again))
    out = Out()
    node.commit(4, out)
    assert [result for _, result in out.replies] == [None, True, None, True]
    assert node.machine.data == {"x": 2}


def test_a_new_leaders_no_op_commits_what_older_terms_left():
    scenario = led_by_s1().at(200, request("write", "x", 4)).at(213, crash("S1"))
    trace = scenario.run(1500)
    lasting = trace.state_at(1500)
    logs = [lasting[name]["log"] for name in ("S2", "S3")]
    assert logs[0] == logs[1]
    for name in ("S2", "S3"):
        assert lasting[name]["commit_index"] == len(logs[0])
