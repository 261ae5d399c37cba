"""The conflict hint (end of section 5.3): a step for each term, not for each entry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consensus_lab.protocols.raft import AppendEntries, AppendEntriesReply, BasicRaft, Raft
from consensus_lab.protocols.raft.options import RaftOptions

from .fake import leader, server, told


def append(term: int, previous: tuple[int, int]) -> AppendEntries:
    index, previous_term = previous
    return AppendEntries(term, "S2", index, previous_term, (), 0)


def hinted(term: int, index: int, conflict_term: int = 0) -> AppendEntriesReply:
    return AppendEntriesReply(term, "S2", False, 0, index, conflict_term)


def hint(node: Raft, message: AppendEntries) -> tuple[int, int]:
    answer = told(node, message).answer
    assert not answer.success
    return answer.conflict_index, answer.conflict_term


# -- the follower's side -----------------------------------------------------------------


def test_a_short_log_names_the_index_after_its_end_and_no_term():
    assert hint(server(1, 1), append(1, (9, 1))) == (3, 0)


def test_an_empty_log_names_index_1():
    assert hint(server(), append(1, (9, 1))) == (1, 0)


def test_a_conflict_names_the_conflicting_term_and_its_first_index():
    assert hint(server(1, 2, 2, 2), append(3, (4, 3))) == (2, 2)


def test_a_conflict_in_the_first_term_names_index_1():
    assert hint(server(1, 1, 1), append(3, (3, 2))) == (1, 1)


def test_what_is_committed_is_not_named():
    assert hint(server(1, 1, 1, 1, commit_index=2), append(3, (4, 2))) == (3, 1)


def test_a_leader_of_an_older_term_gets_no_hint():
    assert hint(server(1, 2), append(1, (2, 1))) == (0, 0)


# -- the leader's side -------------------------------------------------------------------


def test_a_leader_goes_back_to_the_end_of_a_short_log():
    node = leader(1, 1, 1, 1)
    told(node, hinted(1, 2))
    assert node.next_index["S2"] == 2


def test_a_leader_without_that_term_skips_it():
    node = leader(1, 1, 3, 3)  # S2 holds 1 2 2 2
    told(node, hinted(3, 2, 2))
    assert node.next_index["S2"] == 2


def test_a_leader_with_that_term_goes_to_the_end_of_its_own():
    node = leader(1, 2, 2, 3, 3)  # S2 holds 1 2 2 2 2
    told(node, hinted(3, 2, 2))
    assert node.next_index["S2"] == 4


def test_a_late_hint_does_not_go_back_before_what_is_matched():
    node = leader(1, 1, 1)
    told(node, AppendEntriesReply(1, "S2", True, 3))
    told(node, hinted(1, 1))
    assert node.next_index["S2"] == 4


# -- together ----------------------------------------------------------------------------


@st.composite
def logs(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    """Two logs that can be: after the first difference they have no term in common."""

    def some(*terms: int) -> list[int]:
        return sorted(draw(st.lists(st.sampled_from(terms), max_size=8)))

    shared = some(1, 2)
    tails = some(2, 4, 6), some(3, 5)
    mine, theirs = draw(st.permutations(tails))
    return shared + mine, shared + theirs


def rounds(kind: type[BasicRaft], mine: list[int], theirs: list[int]) -> int:
    """How many offers a leader of term 7 makes until the follower's log is its own."""
    first = leader(*mine, 7, kind=kind)
    other = server(*theirs, kind=kind, current_term=7)
    other.name = "S2"
    first.next_index = {**first.next_index, "S2": len(mine) + 1}
    message = first.append_entries(len(mine), first.entries_after(len(mine)))
    for count in range(1, 20):
        answer = told(other, message).answer
        if answer.success:
            assert [entry.term for entry in other.log] == [*mine, 7]
            return count
        [(_, message)] = told(first, answer).sent
    raise AssertionError("they never meet")


@given(logs())
def test_logs_meet_after_a_round_for_each_term_at_most(pair):
    mine, theirs = pair
    assert rounds(Raft, mine, theirs) <= len(set(mine) | set(theirs)) + 2


@given(logs())
def test_the_hint_never_takes_longer_than_a_step_for_each_entry(pair):
    mine, theirs = pair
    assert rounds(Raft, mine, theirs) <= rounds(BasicRaft, mine, theirs)


def test_figure_2_takes_a_step_for_each_entry_and_the_hint_a_step_for_each_term():
    mine, theirs = [1, 3, 3, 3, 3, 3], [1, 2, 2, 2, 2, 2]
    assert rounds(BasicRaft, mine, theirs) == 6
    assert rounds(Raft, mine, theirs) == 2


@pytest.mark.parametrize("kind", [Raft, BasicRaft])
def test_without_the_option_there_is_no_hint(kind):
    node = server(1, 2, 2, 2, kind=kind, options=RaftOptions(conflict_hint=False))
    assert hint(node, append(3, (4, 3))) == (0, 0)
