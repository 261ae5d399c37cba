"""Controls around a view: what they say is what is drawn."""

from __future__ import annotations

from typing import Any

import pytest

from consensus_lab import Raft, Scenario, crash, view
from consensus_lab.errors import ConsensusLabError
from consensus_lab.views.cluster import ClusterView
from consensus_lab.views.controls import Explorer, experiment, explore


def election(timeout: tuple[int, int], seed: int) -> Scenario:
    return Scenario(Raft, seed=seed, duration=400, options={"election_timeout": timeout})


def explorer() -> Explorer:
    return explore(election, timeout=((150, 300), 50, 600), seed=(1, 0, 20))


def test_it_shows_what_the_controls_say_at_first() -> None:
    shown = explorer()
    assert shown.values == {"timeout": (150, 300), "seed": 1}
    assert "seed 1" in repr(shown.shown)


def test_a_control_that_moves_draws_anew() -> None:
    shown = explorer()
    shown.controls["seed"].value = 7
    assert "seed 7" in repr(shown.shown)
    assert shown.children[-1] is shown.shown


def test_the_view_that_is_replaced_is_closed() -> None:
    shown = explorer()
    before: Any = shown.shown
    shown.controls["seed"].value = 7
    assert before.comm is None


def test_its_output_carries_the_still_and_the_words_of_the_view() -> None:
    shown = explorer()
    bundle = shown._repr_mimebundle_()
    assert bundle is not None
    assert bundle["image/svg+xml"] == shown.shown.still()
    assert bundle["text/plain"].startswith("With timeout=(150, 300), seed=1:\nRaft, 5 servers")


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ((1, 0, 5), "IntSlider"),
        ((0.5, 0.0, 1.0), "FloatSlider"),
        (((1, 2), 0, 5), "IntRangeSlider"),
        (["a", "b"], "Dropdown"),
        (True, "Checkbox"),
    ],
)
def test_a_control_fits_what_it_is_given(spec: Any, kind: str) -> None:
    shown = explore(lambda thing: Scenario(Raft, duration=100), thing=spec)
    assert type(shown.controls["thing"]).__name__ == kind


def test_what_is_no_control_is_told_in_a_sentence() -> None:
    with pytest.raises(ConsensusLabError, match="cannot make a control of speed='fast'"):
        explore(lambda speed: Scenario(Raft), speed="fast")


def test_a_choice_may_begin_anywhere() -> None:
    shown = explore(lambda seed: Scenario(Raft, seed=seed, duration=100), seed=(7, [1, 7, 9]))
    assert shown.values == {"seed": 7}
    assert shown.controls["seed"].options == (1, 7, 9)


def test_what_is_a_view_already_is_shown_as_it_is() -> None:
    made = view(Scenario(Raft, duration=100), at=50)
    assert view(made) is made
    assert explore(lambda seed: made, seed=(1, 0, 3)).shown is made


# ---- a run with everything that makes it ----

CALM = Scenario(Raft, servers=3, seed=2, duration=300)
CRASH = Scenario(Raft, servers=5, seed=1, duration=300).at(100, crash("S5"))


def run_of(shown: Explorer) -> Scenario:
    assert isinstance(shown.shown, ClusterView)
    return shown.shown.branches[0].scenario


def test_an_experiment_begins_with_what_its_first_scenario_says() -> None:
    assert run_of(experiment({"calm": CALM, "a crash": CRASH})) == CALM


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("seed", 50, lambda run: run.seed),
        ("servers", 9, lambda run: run.servers),
        ("servers", 1, lambda run: run.servers),
        ("latency", (0, 200), lambda run: run.network.latency),
        ("loss", 1.0, lambda run: run.network.loss),
    ],
)
def test_each_control_of_an_experiment_reaches_the_run_up_to_its_extremes(
    name: str, value: Any, told: Any
) -> None:
    shown = experiment({"calm": CALM})
    shown.controls[name].value = value
    assert told(run_of(shown)) == value


def test_another_scenario_can_be_chosen_and_its_faults_left_out() -> None:
    shown = experiment({"calm": CALM, "a crash": CRASH})
    shown.controls["servers"].value = 5
    shown.controls["scenario"].value = "a crash"
    assert run_of(shown).faults == CRASH.faults
    shown.controls["faults"].value = False
    assert run_of(shown).faults == ()


def test_what_cannot_be_is_said_and_the_picture_before_stays() -> None:
    shown = experiment({"a crash": CRASH})
    before = shown.shown
    shown.controls["servers"].value = 3
    assert "there is no server &#x27;S5&#x27;" in shown.problem.value
    assert shown.shown is before
    shown.controls["servers"].value = 5
    assert shown.problem.value == ""


def test_two_demos_of_one_scenario_share_nothing() -> None:
    one, two = experiment({"calm": CALM}), experiment({"calm": CALM})
    one.controls["seed"].value = 9
    assert (run_of(one).seed, run_of(two).seed) == (9, 2)
    views = [one.shown, two.shown]
    assert all(isinstance(each, ClusterView) for each in views)
    fault = {"fault": "crash", "server": "S1"}
    question = {"what_if": {"time_us": 100_000, "fault": fault, "branch": 0}}
    views[0].hear(None, {"id": 1, **question}, [])  # type: ignore[attr-defined]
    assert [len(each.branches) for each in views] == [2, 1]  # type: ignore[attr-defined]


def test_an_experiment_wants_a_scenario() -> None:
    with pytest.raises(ConsensusLabError, match="wants scenarios by name"):
        experiment({})
