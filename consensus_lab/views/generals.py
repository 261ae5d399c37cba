"""Byzantine generals, live: choose traitors, edit what each says to whom, see what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import traitlets

from ..errors import ConsensusLabError
from ..simulation.trace import Trace
from ..simulation.worst_lies import worst_lies
from .assets import module, stylesheet
from .generals_still import still
from .generals_story import Battle
from .widget import View


class GeneralsView(View):
    """A run of OM(m), SM(m) or a class made of them, round by round.

    `at` is the time (ms) at which it opens; unless told, when all have decided. `of` is the general
    whose tree is shown.

    The browser gets the battle as `story` and asks for another one by its `wish`: {"edit": number,
    "traitors": names, "lies": as the option has them, "otherwise": perhaps}, or with "search": true
    for lies of these traitors that work. The kernel runs it, and `story` is what came of it, with
    that number and, in "said", what there is to say.
    """

    _esm = module("generals.js")
    _css = stylesheet("timeline.css", "generals.css", "projector.css")

    story = traitlets.Dict().tag(sync=True)
    wish = traitlets.Dict().tag(sync=True)

    def __init__(self, trace: Trace, *, at: float | None = None, of: str | None = None) -> None:
        self.battle = Battle(trace)
        if of is not None and of not in self.battle.generals:
            raise ConsensusLabError(
                f"There is no general {of!r}; there are {', '.join(self.battle.generals)}."
            )
        self.of = of or chosen(self.battle)
        self.at = self.battle.step_at(at)
        super().__init__(story=self.told(edit=0))
        self.observe(self.grant, "wish")

    @property
    def trace(self) -> Trace:
        """The run that is shown."""
        return self.battle.trace

    def told(self, **more: Any) -> dict[str, Any]:
        """The story, as JSON has it."""
        return {**self.battle.to_json(), "chosen": self.of, "at": self.at, **more}

    def still(self) -> str:
        """The ring with what was said, the tree of one general, and what became of it."""
        return still(self.battle, self.of)

    def describe(self) -> str:
        """The battle in a few sentences."""
        battle = self.battle
        kept = [f"{each['name']}: {each['words']}" for each in battle.conditions()]
        return " ".join([f"{battle.title}.", *battle.captions(), *kept])

    def grant(self, change: Any) -> None:
        """The browser wishes for another battle. Whatever goes wrong, it gets an answer."""
        wish = change["new"]
        said = ""
        try:
            trace, said = fulfilled(self.trace, wish)
            self.battle = Battle(trace)
        except ConsensusLabError as error:
            said = str(error)
        except Exception as error:
            said = f"This could not be run: {type(error).__name__}, {error}."
        self.story = self.told(edit=wish.get("edit"), said=said)


def fulfilled(trace: Trace, wish: Mapping[str, Any]) -> tuple[Trace, str]:
    """The run that is wished for, and what there is to say about it."""
    scenario = trace.scenario
    traitors = tuple(wish.get("traitors", ()))
    lies = {
        route: value
        for route, value in wish.get("lies", {}).items()
        if route.partition("@")[0].split(">")[-2] in traitors
    }
    given = {name: wish[name] for name in ("otherwise",) if name in wish}
    options = {**scenario.options, "traitors": traitors, "lies": lies, **given}
    scenario = replace(scenario, options=options)
    if not wish.get("search"):
        return scenario.run(), ""
    answer = worst_lies(scenario)
    return answer.trace or scenario.run(), str(answer)


def chosen(battle: Battle) -> str:
    """Whose tree is shown first: the first loyal lieutenant's."""
    return next(iter(battle.loyal), battle.generals[-1])
