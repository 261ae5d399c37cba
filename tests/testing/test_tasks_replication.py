"""The checks of exercise 11.

Whole wrong answers are in tests/wrong_answers/chapter_11.py; here is what those do not see.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from consensus_lab.protocols import Effects
from consensus_lab.protocols.raft import AppendEntries, BasicRaft
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.hunt import Finding
from consensus_lab.testing.tasks import replication
from consensus_lab.testing.tasks.replication import FOLLOWED, MERGED, TALLIES

Check = Callable[[type[BasicRaft]], None]
CHECKS = [
    (replication.check_follower, "on_append_entries"),
    (replication.check_merge, "merge"),
    (replication.check_replies, "on_append_entries_reply"),
    (replication.check_commit, "advance_commit_index"),
]


def test_raft_itself_passes(capsys: pytest.CaptureFixture[str]) -> None:
    replication.check_all(BasicRaft)
    assert capsys.readouterr().out.count("is right") == 4


@pytest.mark.parametrize(("check", "handler"), CHECKS)
def test_a_blank_fails_with_its_own_words(check: Check, handler: str) -> None:
    def stub(*arguments: object) -> None:
        raise NotImplementedError("Task 11.9: do it")

    with pytest.raises(NotImplementedError, match=r"^Task 11\.9: do it$"):
        check(type("Blank", (BasicRaft,), {handler: stub}))


def test_a_check_of_one_moment_hands_over_that_moment() -> None:
    class Yes(BasicRaft):
        def on_append_entries(self, message: AppendEntries, out: Effects) -> None:
            self.leader = message.leader
            self.merge(message.prev_log_index, message.entries, out)
            last = message.prev_log_index + len(message.entries)
            self.commit(min(message.leader_commit, last), out)
            out.send(message.leader, self.acceptance(message, last))

    with pytest.raises(CheckFailed, match="Log Matching is at risk") as caught:
        replication.check_follower(Yes)
    evidence = caught.value.evidence
    assert isinstance(evidence, Finding)
    assert evidence.trace.state_at(evidence.moment)["S1"]["role"] == "follower"


@pytest.mark.parametrize("offer", [*FOLLOWED, *MERGED], ids=lambda offer: offer.because[:40])
def test_an_offer_shows_logs_that_can_be(offer: replication.Offer) -> None:
    """The moments are no fairy tale: in each the leader holds all that it says is committed."""
    assert offer.leader_commit <= len(offer.log)
    assert list(offer.log) == sorted(offer.log)
    assert list(offer.mine) == sorted(offer.mine)


@pytest.mark.parametrize("tally", TALLIES, ids=lambda tally: tally.because[:40])
def test_a_tally_counts_no_server_beyond_the_leaders_log(tally: replication.Tally) -> None:
    assert max(tally.match) <= len(tally.log)
