"""The checks of exercise 09: what passes, and what a failure hands over."""

from __future__ import annotations

import pytest

from consensus_lab import MultiPaxos, Paxos
from consensus_lab.protocols.paxos import ZERO
from consensus_lab.testing import paxos_stories as stories
from consensus_lab.testing.checks import CheckFailed
from consensus_lab.testing.hunt import Finding
from consensus_lab.testing.tasks.paxos import check_acceptor, check_all, check_holes, check_value

STORIES = ("late", "rivals", "amnesia", "forgets_a_vote", "three_ballots", "newest_first")
OTHER_STORIES = ("never_asked", "lost_question", "split", "halves")


class Forgetful(Paxos):
    """An acceptor as it should be, which forgets its promise in a crash."""

    def on_start(self, out):
        self.promised = ZERO

    def on_prepare(self, message, out):
        super().on_prepare(message, out)

    def on_accept(self, message, out):
        super().on_accept(message, out)


class Stubborn(Paxos):
    def value_to_propose(self):
        return self.requests[0].operation[2]


class NoOps(MultiPaxos):
    def last_reported(self):
        return super().last_reported()

    def command_to_propose(self, slot):
        return None


def test_the_package_passes_its_own_checks(capsys):
    check_all(Paxos, MultiPaxos)
    assert capsys.readouterr().out.count("is right") == 3


@pytest.mark.parametrize(
    ("check", "protocol", "property"),
    [
        (check_acceptor, Forgetful, "Agreement"),
        (check_value, Stubborn, "P2c"),
        (check_holes, NoOps, "P2c"),
    ],
)
def test_a_failure_hands_over_the_moment_at_which_the_property_falls(check, protocol, property):
    with pytest.raises(CheckFailed) as failed:
        check(protocol)
    found = failed.value.evidence
    assert isinstance(found, Finding)
    assert found.property == property
    assert found.moment == found.trace.violations[0].time / 1000


@pytest.mark.parametrize("story", STORIES + OTHER_STORIES)
def test_paxos_comes_through_every_story(story):
    assert getattr(stories, story)(Paxos).run().violations == []


@pytest.mark.parametrize("story", ["hole", "away", "two_votes"])
def test_multi_paxos_comes_through_every_story_of_a_log(story):
    assert getattr(stories, story)(MultiPaxos).run().violations == []


@pytest.mark.parametrize("story", [*STORIES, "split"])
def test_a_story_ends_with_a_value_that_somebody_is_told(story):
    operations = getattr(stories, story)(Paxos).run().operations
    assert any(one.outcome == "ok" for one in operations)


def test_without_back_off_the_duel_never_ends():
    trace = stories.duel(Paxos).run()
    assert [one.outcome for one in trace.operations] == ["unknown", "unknown"]
    ended = stories.duel(Paxos, back_off=(20, 200)).run()
    assert [one.result for one in ended.operations] == [4, 4]
