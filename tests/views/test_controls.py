"""Controls around a view: what they say is what is drawn."""

from __future__ import annotations

from typing import Any

import pytest

from consensus_lab import Raft, Scenario, view
from consensus_lab.errors import ConsensusLabError
from consensus_lab.views.controls import Explorer, explore


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
