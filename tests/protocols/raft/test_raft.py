"""What runs is Figure 2 and the extensions that are on, and nobody pays for the others."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

import pytest

from consensus_lab.protocols import Raft
from consensus_lab.protocols.raft import BasicRaft
from consensus_lab.protocols.raft.raft import EXTENSIONS
from consensus_lab.simulation import Scenario
from consensus_lab.simulation.faults import transfer
from consensus_lab.simulation.orders import add_server, remove_server
from consensus_lab.simulation.triggers import becomes
from consensus_lab.testing.hunt import rough_weather

OPTIONS = {
    "WithReads": {"reads": "read_index"},
    "WithLease": {"reads": "lease"},
    "WithMembersInSnapshots": {"members": ("S1", "S2", "S3"), "snapshot_every": 5},
    "WithMembership": {"members": ("S1", "S2", "S3")},
    "WithSnapshots": {"snapshot_every": 5},
    "WithCheckQuorum": {"check_quorum": True},
    "WithPreVote": {"pre_vote": True},
    "WithPipeline": {"window": 2},
    "WithConflictHint": {},
    "WithParallelDisk": {"parallel_disk": True},
}
PLAIN = {"conflict_hint": False}
FIELDS_OF_FIGURE_2 = {
    *("role", "leader", "current_term", "voted_for", "log", "commit_index", "last_applied"),
    *("machine", "votes", "next_index", "match_index"),
}


def line_of(kind: type) -> list[str]:
    return [one.__name__ for one in kind.__mro__]


def test_with_every_option_off_the_class_itself_runs():
    assert Scenario(Raft, options=PLAIN).tailored is Raft


def test_with_every_option_off_a_server_has_the_fields_of_figure_2():
    trace = Scenario(Raft).run(500)
    assert set(trace.state_at(500)["S1"]) - FIELDS_OF_FIGURE_2 == {
        *("status", "timers", "disk.current_term", "disk.voted_for", "disk.log")
    }


def test_with_every_option_off_it_runs_as_figure_2_does():
    runs = [rough_weather(kind, 3) for kind in (Raft, BasicRaft)]
    mine, basic = (replace(scenario, options=PLAIN).run() for scenario in runs)
    assert mine.events == basic.events


@pytest.mark.parametrize("name", OPTIONS)
def test_an_option_turns_its_extension_on(name):
    assert name in line_of(Scenario(Raft, options=OPTIONS[name]).tailored)


@pytest.mark.parametrize("name", sorted(OPTIONS.keys() - {"WithConflictHint"}))
def test_without_its_option_an_extension_is_off(name):
    assert name not in line_of(Scenario(Raft).tailored)


def test_where_orders_may_come_who_understands_them_is_there():
    scenario = Scenario(Raft).when(becomes("leader"), transfer("it", "S2"), after=50)
    assert {"WithTransfer", "WithMembership"} <= set(line_of(scenario.tailored))


def test_all_extensions_together_are_asked_in_their_order():
    everything = {"reads": "lease", "window": 2, "pre_vote": True, "check_quorum": True}
    everything |= {"snapshot_every": 5, "parallel_disk": True}
    scenario = Scenario(Raft, options=everything).at(1, transfer("S1", "S2"))
    line = line_of(scenario.tailored)
    assert [name for name in line if name in {one.__name__ for one in EXTENSIONS}] == [
        one.__name__ for one in EXTENSIONS
    ]


@pytest.mark.parametrize("fault", [transfer("leader", "S2"), add_server("S4"), remove_server("S1")])
@pytest.mark.parametrize("options", [{}, {"snapshot_every": 4}, {"reads": "read_index"}])
def test_that_an_order_will_come_changes_nothing_before(fault, options):
    calm = replace(rough_weather(Raft, 5), options=options)
    one, two = calm.run(), calm.at(2000, fault).run()
    events = [list(takewhile(lambda e: e.time < 2_000_000, t.events)) for t in (one, two)]
    assert len(events[0]) > 100
    assert events[0] == events[1]


# -- a learner's class -----------------------------------------------------------------------------


class Mine(Raft):
    """A class of a learner."""

    def become_pre_candidate(self, out):
        out.note("is mine")
        super().become_pre_candidate(out)

    def on_election_timeout(self, out):
        out.note("has waited long enough")
        super().on_election_timeout(out)


WITH_PRE_VOTE = Scenario(Mine, servers=1, options={"pre_vote": True})


def test_what_a_learner_overrides_comes_before_the_extensions_and_leads_to_them():
    event = next(e for e in WITH_PRE_VOTE.run().events if e.kind == "timer")
    assert event.notes == [
        "has waited long enough",
        "is mine",
        "asks who would vote for it in term 1",
        "starts term 1 and asks for votes",
    ]


def test_a_tailored_class_is_still_the_learners():
    kind = WITH_PRE_VOTE.tailored
    assert issubclass(kind, Mine)
    assert (kind.__name__, kind.__module__, kind.__doc__) == ("Mine", __name__, Mine.__doc__)


def test_two_scenarios_with_the_same_extensions_run_the_same_class():
    assert WITH_PRE_VOTE.tailored is replace(WITH_PRE_VOTE, seed=9).tailored


def test_a_class_made_of_several_can_be_tailored():
    class Yours(Raft):
        pass

    class Ours(Mine, Yours):
        pass

    line = line_of(Scenario(Ours, options={"pre_vote": True}).tailored)
    assert line[1:5] == ["Ours", "Mine", "Yours", "Raft"]
    assert "WithPreVote" in line[5:]


def test_a_learners_class_may_ask_who_the_members_are_even_if_they_never_change():
    assert "WithMembership" in line_of(Scenario(Mine).tailored)
