"""Section 7 and Figure 13 of the paper, a rule a test: a server by itself."""

from __future__ import annotations

from typing import Any

import pytest

from consensus_lab.errors import ScenarioError
from consensus_lab.protocols.raft import (
    AppendEntries,
    AppendEntriesReply,
    InstallSnapshot,
    InstallSnapshotReply,
    Raft,
    RaftOptions,
    RequestVote,
    Snapshot,
)
from consensus_lab.protocols.state_machine import KeyValue, Session, Sessions
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import crash, restart

from .fake import Out, entries, leader, server, told, write
from .snapshot_bugs import compacting, writes

SMALL = {"snapshot_every": 3, "snapshot_chunk": 8}


def machine(index: int) -> Sessions:
    """What the first `index` commands of every log here lead to."""
    state = Sessions(KeyValue())
    for number in range(1, index + 1):
        state, _ = state.apply(write(number))
    return state


def snapshot(index: int, term: int) -> Snapshot:
    return Snapshot(index, term, machine(index))


SELDOM = RaftOptions(snapshot_every=1000)


def compacted(index: int, term: int, *tail: int, make: Any = server, **fields: Any) -> Raft:
    """S1 with a snapshot up to `index` of `term`, and entries of these terms after it."""
    taken = snapshot(index, term)
    known = {"current_term": max((term, *tail)), "snapshot": taken, "machine": taken.machine}
    applied = {"commit_index": index, "last_applied": index}
    log = {"log": entries(*tail, start=index + 1)}
    return make(**{"options": SELDOM, **known, **applied, **log, **fields})


def fresh(*terms: int, **fields: Any) -> Raft:
    """S1 with these entries and no snapshot yet."""
    return server(*terms, options=SELDOM, **fields)


def leading(index: int, term: int, *tail: int, **fields: Any) -> Raft:
    """The same as a leader, whose followers lack everything."""
    nothing = {
        "next_index": {"S2": 1, "S3": 1},
        "match_index": dict.fromkeys(("S1", "S2", "S3"), 0),
    }
    return compacted(index, term, *tail, make=leader, **{**nothing, **fields})


def chunk(index: int, term: int, offset: int = 0, size: int | None = None) -> InstallSnapshot:
    """S2, leader of `term`, sends these bytes of its snapshot; all without a size."""
    whole = snapshot(index, term)
    size = whole.size - offset if size is None else size
    last = whole if offset + size == whole.size else None
    return InstallSnapshot(term, "S2", index, term, offset, size, whole.size, last)


def heard(node: Raft, time: float = 0) -> Out:
    """What `node`, a leader, asks for when S2 answers a heartbeat at this time (ms)."""
    out = Out()
    out.time = time
    node.on_message(AppendEntriesReply(1, "S2", True, 0), out)
    return out


def kinds(out: Out, kind: type) -> list[Any]:
    return [message for _, message in out.sent if type(message) is kind]


# -- each server by itself (section 7) ---------------------------------------------------


def test_a_server_takes_a_snapshot_of_what_it_has_applied_and_cuts_its_log():
    node, out = server(1, 1, 1, 1, options=RaftOptions(**SMALL)), Out()
    node.commit(3, out)
    assert node.snapshot == Snapshot(3, 1, machine(3))
    assert node.log == entries(1, start=4)


def test_nobody_is_asked_before_a_snapshot_is_taken():
    node, out = server(1, 1, 1, options=RaftOptions(**SMALL)), Out()
    node.commit(3, out)
    assert out.sent == []


def test_the_snapshot_and_the_shorter_log_go_to_disk_in_one_write():
    node, out = server(1, 1, 1, options=RaftOptions(**SMALL)), Out()
    node.commit(3, out)
    assert out.saves == 1
    assert {"log", "snapshot"} <= set(node.durable)


def test_a_server_waits_until_it_has_applied_enough_since_its_last_snapshot():
    node = compacted(3, 1, 1, 1, 1, options=RaftOptions(**SMALL))
    node.commit(5, Out())
    assert node.snapshot.last_index == 3
    node.commit(6, Out())
    assert node.snapshot.last_index == 6


def test_without_a_policy_no_snapshot_is_taken():
    node = server(*[1] * 50)
    node.commit(50, Out())
    assert (node.first_log_index, len(node.log)) == (1, 50)


def test_the_sessions_of_clients_are_in_the_snapshot():
    node = server(1, 1, 1, options=RaftOptions(**SMALL))
    node.commit(3, Out())
    assert node.snapshot.machine.sessions == {"A": Session(1, {1: None, 2: None, 3: None})}


def test_indexes_stay_what_they_were():
    node = compacted(3, 1, 2, 2)
    assert (node.first_log_index, node.last_log_index) == (4, 5)
    assert [node.term_at(index) for index in range(7)] == [0, -1, -1, 1, 2, 2, -1]
    assert node.entry_at(5) == entries(2, start=5)[0]
    assert node.entries_after(4) == entries(2, start=5)
    node.replace_after(4, entries(3, start=5))
    assert node.log == (*entries(2, start=4), *entries(3, start=5))


def test_a_server_with_nothing_but_a_snapshot_knows_how_up_to_date_it_is():
    node = compacted(3, 2)
    for last_index, last_term, granted in (3, 2, True), (9, 1, False), (2, 2, False):
        node.voted_for = None
        asked = RequestVote(2, "S2", last_index, last_term)
        assert told(node, asked).answer.granted is granted


def test_a_candidate_says_with_which_entry_its_snapshot_ends():
    out = Out()
    compacted(3, 2).on_election_timeout(out)
    assert (out.sent[0][1].last_log_index, out.sent[0][1].last_log_term) == (3, 2)


# -- restart -----------------------------------------------------------------------------


def test_a_server_boots_with_the_state_of_its_snapshot():
    node = fresh(snapshot=snapshot(3, 1), log=entries(1, start=4), current_term=1)
    node.on_start(Out())
    assert node.machine == machine(3)
    assert (node.commit_index, node.last_applied, node.last_log_index) == (3, 3, 4)


def test_what_follows_the_snapshot_is_applied_only_once_it_is_committed():
    scenario = writes(compacting(3), 200, 300, 400).at(500, crash("S3")).at(600, restart("S3"))
    trace = scenario.run()
    assert trace.state_at(600)["S3"]["machine"].data == {"x": 2}
    assert trace.state_at(700)["S3"]["machine"].data == {"x": 3}


# -- a leader (section 7, Figure 13) -----------------------------------------------------


def test_a_leader_sends_its_snapshot_to_who_lacks_what_it_has_no_more():
    node = leading(3, 1, 1)
    [message] = kinds(heard(node), InstallSnapshot)
    assert (message.last_index, message.last_term, message.snapshot) == (3, 1, node.snapshot)


def test_a_leader_sends_entries_to_who_has_all_that_the_snapshot_covers():
    node, out = leading(3, 1, 1, next_index={"S2": 4, "S3": 4}), Out()
    node.send_append_entries("S2", out)
    [(_, message)] = out.sent
    assert (message.prev_log_index, message.prev_log_term) == (3, 1)
    assert message.entries == node.log


def test_who_does_not_answer_gets_no_snapshot_but_a_heartbeat_that_any_log_agrees_with():
    node, out = leading(3, 1, 1), Out()
    node.send_append_entries("S2", out)
    [(_, heartbeat)] = out.sent
    assert (heartbeat.prev_log_index, heartbeat.prev_log_term, heartbeat.entries) == (0, 0, ())
    for follower in fresh(), fresh(1, 1), compacted(2, 1):
        assert told(follower, heartbeat).answer.success


def test_a_snapshot_goes_in_chunks_each_after_the_answer_to_the_one_before():
    node = leading(3, 1, options=RaftOptions(**SMALL))
    sent = kinds(heard(node), InstallSnapshot)
    while sent[-1].snapshot is None:
        last = sent[-1]
        reply = InstallSnapshotReply(1, "S2", 3, last.offset, last.offset + last.size)
        sent += kinds(told(node, reply), InstallSnapshot)
    total = node.snapshot.size
    assert [one.offset for one in sent] == list(range(0, total, 8))
    assert sum(one.size for one in sent) == total
    assert [one.snapshot for one in sent[:-1]] == [None] * (len(sent) - 1)


def test_no_second_chunk_leaves_before_the_first_is_answered():
    node = leading(3, 1)
    assert len(kinds(heard(node), InstallSnapshot)) == 1
    assert heard(node).sent == []


def test_a_chunk_without_an_answer_is_sent_again_after_some_heartbeats():
    node = leading(3, 1)
    [first] = heard(node).sent
    assert heard(node, time=199).sent == []
    assert heard(node, time=200).sent == [first]


def test_the_answer_to_a_chunk_before_the_last_is_ignored():
    node = leading(3, 1, options=RaftOptions(**SMALL))
    heard(node)
    answer = InstallSnapshotReply(1, "S2", 3, 0, 8)
    assert kinds(told(node, answer), InstallSnapshot)[0].offset == 8
    assert told(node, answer).sent == []


def test_a_follower_that_has_lost_what_it_had_gets_all_of_it_again():
    node = leading(3, 1, options=RaftOptions(**SMALL))
    heard(node)
    told(node, InstallSnapshotReply(1, "S2", 3, 0, 8))
    [again] = kinds(told(node, InstallSnapshotReply(1, "S2", 3, 8, 0)), InstallSnapshot)
    assert again.offset == 0


def test_once_the_snapshot_is_there_the_entries_after_it_follow():
    node = leading(3, 1, 1)
    heard(node)
    out = told(node, InstallSnapshotReply(1, "S2", 3, 0, node.snapshot.size))
    assert (node.match_index["S2"], node.next_index["S2"]) == (3, 4)
    [(to, message)] = out.sent
    assert (to, message.prev_log_index, message.entries) == ("S2", 3, node.log)


def test_what_has_begun_is_brought_to_an_end_though_there_is_a_newer_snapshot():
    node = leading(3, 1, 1, options=RaftOptions(**SMALL))
    heard(node)
    node.snapshot, node.log = snapshot(4, 1), ()
    [second] = kinds(told(node, InstallSnapshotReply(1, "S2", 3, 0, 8)), InstallSnapshot)
    assert (second.last_index, second.offset) == (3, 8)


def test_who_leads_no_more_sends_no_more():
    node = leading(3, 1, options=RaftOptions(**SMALL))
    heard(node)
    told(node, AppendEntries(2, "S3", 0, 0, (), 0))
    assert node.outgoing == {}
    assert told(node, InstallSnapshotReply(1, "S2", 3, 0, 8)).sent == []


def test_a_newer_term_in_an_answer_deposes_the_leader():
    node = leading(3, 1)
    told(node, InstallSnapshotReply(2, "S2", 3, 0, 0))
    assert (node.role, node.current_term) == ("follower", 2)


# -- a follower (Figure 13) --------------------------------------------------------------


def test_rule_1_a_snapshot_of_an_older_term_is_refused():
    node = fresh(1, 2)
    out = told(node, chunk(3, 1))
    assert out.answer == InstallSnapshotReply(2, "S1", 3, 0, 0)
    assert (node.snapshot.last_index, node.leader) == (0, None)


def test_rules_2_to_4_chunks_are_gathered_in_order_and_each_is_answered():
    node, total = fresh(current_term=1), snapshot(3, 1).size
    assert told(node, chunk(3, 1, 0, 8)).answer.received == 8
    assert told(node, chunk(3, 1, 16, 4)).answer.received == 8
    assert told(node, chunk(3, 1, 8, 8)).answer.received == 16
    assert node.snapshot.last_index == 0
    assert told(node, chunk(3, 1, 16)).answer.received == total
    assert node.snapshot == snapshot(3, 1)


def test_a_doubled_chunk_is_taken_once():
    node = fresh(current_term=1)
    told(node, chunk(3, 1, 0, 8))
    assert told(node, chunk(3, 1, 0, 8)).answer.received == 8


def test_rule_5_a_partial_snapshot_gives_way_to_another():
    node = fresh(current_term=1)
    told(node, chunk(3, 1, 0, 8))
    assert told(node, chunk(5, 1, 0, 15)).answer.received == 15
    assert told(node, chunk(3, 1, 8, 8)).answer.received == 0


def test_rule_6_entries_that_follow_the_snapshot_stay():
    node = fresh(1, 1, 1, 1)
    told(node, chunk(3, 1))
    assert node.log == entries(1, start=4)
    assert node.last_log_index == 4


@pytest.mark.parametrize("log", [(1, 1), (1, 1, 1, 1)], ids=["too short", "conflicting"])
def test_rule_7_a_log_without_the_last_entry_of_the_snapshot_is_discarded(log):
    node = fresh(*log, current_term=2)
    told(node, chunk(3, 2))
    assert node.log == ()
    assert node.last_log_index == 3


def test_rule_8_the_machine_is_that_of_the_snapshot():
    node = fresh(1)
    told(node, chunk(3, 1))
    assert node.machine == machine(3)
    assert (node.commit_index, node.last_applied) == (3, 3)


def test_a_snapshot_is_on_disk_before_it_is_answered():
    out = told(fresh(1), chunk(3, 1))
    assert out.saves == 1
    assert out.answer.received == snapshot(3, 1).size


def test_an_older_snapshot_changes_nothing():
    node = compacted(3, 1, 1, commit_index=4, last_applied=4)
    before = (node.snapshot, node.log, node.machine, node.last_applied)
    told(node, chunk(2, 1))
    assert (node.snapshot, node.log, node.machine, node.last_applied) == before


def test_a_chunk_is_a_sign_of_life():
    node = fresh(current_term=1)
    out = told(node, chunk(3, 1, 0, 8))
    assert node.leader == "S2"
    assert "election" in out.timers


def test_a_candidate_that_gets_a_chunk_of_its_term_follows():
    node = fresh(current_term=1, role="candidate")
    told(node, chunk(3, 1, 0, 8))
    assert node.role == "follower"


# -- entries that the snapshot covers ----------------------------------------------------


def test_entries_that_begin_before_the_snapshot_agree_as_far_as_it_goes():
    node = compacted(3, 1, 1)
    message = AppendEntries(1, "S2", 1, 1, entries(1, 1, 1, 1, start=2), 3)
    assert told(node, message).answer == AppendEntriesReply(1, "S1", True, 5)
    assert node.log == entries(1, 1, start=4)


def test_late_entries_that_end_before_the_snapshot_cut_nothing():
    node = compacted(3, 1, 1)
    out = told(node, AppendEntries(1, "S2", 0, 0, entries(1), 0))
    assert out.answer == AppendEntriesReply(1, "S1", True, 3)
    assert node.log == entries(1, start=4)


# -- options -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"snapshot_channel": "fast"}, 'The option snapshot_channel is "bulk" or "same", not'),
        ({"snapshot_every": -1}, "the option snapshot_every is from 0 on, not -1."),
        ({"snapshot_chunk": 1.5}, "the option snapshot_chunk is a whole number, not 1.5."),
    ],
)
def test_options_that_make_no_sense_are_refused_in_a_sentence(options, text):
    with pytest.raises(ScenarioError) as caught:
        Scenario(Raft, options=options)
    assert str(caught.value).startswith(text)
