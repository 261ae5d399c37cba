"""Controls around a view: move one, and the picture is made anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any

from ipywidgets import (  # type: ignore[import-untyped]
    HTML,
    Checkbox,
    Dropdown,
    FloatSlider,
    IntRangeSlider,
    IntSlider,
    VBox,
    Widget,
)

from ..errors import ConsensusLabError
from . import view
from .widget import View, publish

if TYPE_CHECKING:
    from ..simulation.scenario import Scenario


class Explorer(VBox):  # type: ignore[misc]
    """Controls above a view. Its still picture and its text are those of the view."""

    def __init__(self, draw: Callable[..., Any], controls: dict[str, Any]) -> None:
        self.draw = draw
        self.controls = {name: control(name, spec) for name, spec in controls.items()}
        self.shown: View = view(draw(**self.values))
        self.problem = HTML(layout={"display": "none"})
        super().__init__([*self.controls.values(), self.problem, self.shown])
        for each in self.controls.values():
            each.observe(self.redraw, "value")

    @property
    def values(self) -> dict[str, Any]:
        """What the controls say now, by name."""
        return {name: each.value for name, each in self.controls.items()}

    def redraw(self, change: object = None) -> None:
        """Draw what the controls say now in the place of what was shown.

        If that cannot be, a sentence says why, and what was shown stays.
        """
        try:
            after = view(self.draw(**self.values))
        except ConsensusLabError as error:
            self.say(f"<b>{escape(str(error))}</b>")
            return
        before, self.shown = self.shown, after
        after.stand_in = before.stand_in
        self.say("")
        self.children = [*self.controls.values(), self.problem, self.shown]
        before.close()

    def say(self, words: str) -> None:
        """Put words, as HTML, between the controls and the view; an empty line would be ugly."""
        self.problem.value = words
        self.problem.layout.display = None if words else "none"

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"With {said}:\n{self.shown!r}"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any] | None:
        live = super()._repr_mimebundle_(**options)
        still = self.shown._repr_mimebundle_(**options)
        if live is None or still is None:
            return live  # type: ignore[no-any-return]
        return {**still[0], **live, "text/plain": repr(self)}

    def _ipython_display_(self, **options: Any) -> None:
        bundle = self._repr_mimebundle_(**options)
        if bundle is not None:
            publish(bundle, self.shown)


def explore(draw: Callable[..., Any], **controls: Any) -> Explorer:
    """Show what `draw` makes, with a control for each of its arguments.

    A control is given as (value, lowest, highest) for a slider, ((low, high), lowest, highest) for
    a slider with two ends, a list for a choice or (value, list), or True or False for a tick box.
    Its name is that of the argument. Raises ConsensusLabError for anything else.
    """
    return Explorer(draw, controls)


def experiment(scenarios: Mapping[str, Scenario], **options: Any) -> Explorer:
    """Show a run, with controls for what makes it: which of the `scenarios` (by name), its seed,
    how many servers, how slow and lossy the network is, and whether its faults happen.

    They begin with what the first scenario says. One fault or another is changed in the view, which
    lists them. `options` are those of the view. Raises ConsensusLabError without a scenario.
    """
    if not scenarios:
        raise ConsensusLabError('experiment() wants scenarios by name: {"a crash": scenario}.')
    first = next(iter(scenarios.values()))

    def draw(
        scenario: str,
        seed: int,
        servers: int,
        latency: tuple[int, int],
        loss: float,
        faults: bool,
    ) -> View:
        chosen = scenarios[scenario]
        network = replace(chosen.network, latency=latency, loss=loss)
        changed = replace(chosen, seed=seed, servers=servers, network=network)
        return view(changed if faults else replace(changed, faults=()), **options)

    shortest, longest = map(round, first.network.latency)
    return Explorer(
        draw,
        {
            "scenario": list(scenarios),
            "seed": (first.seed, 0, max(50, first.seed)),
            "servers": (first.servers, 1, max(9, first.servers)),
            "latency": ((shortest, longest), 0, max(200, longest)),
            "loss": (first.network.loss, 0.0, 1.0),
            "faults": True,
        },
    )


def control(name: str, spec: Any) -> Widget:
    """The widget for one argument of what is drawn."""
    words = {
        "description": name.replace("_", " "),
        "style": {"description_width": "9em"},
        "layout": {"width": "32em"},
    }
    match spec:
        case bool():
            return Checkbox(spec, **words)
        case list():
            return Dropdown(options=spec, **words)
        case (value, list() as choice):
            return Dropdown(options=choice, value=value, **words)
        case ((int() as low, int() as high), lowest, highest):
            limits = {"min": lowest, "max": highest, "continuous_update": False}
            return IntRangeSlider(value=(low, high), **limits, **words)
        case (int() as value, int() as lowest, int() as highest):
            return IntSlider(value, lowest, highest, continuous_update=False, **words)
        case (value, lowest, highest):
            step = (highest - lowest) / 100
            return FloatSlider(
                value, min=lowest, max=highest, step=step, continuous_update=False, **words
            )
    raise ConsensusLabError(
        f"explore() cannot make a control of {name}={spec!r}. Give (value, lowest, highest), "
        "((low, high), lowest, highest), a list to choose from, or True or False."
    )
