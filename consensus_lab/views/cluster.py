"""A run as a moving cluster, and "what if?": a fault added here and now makes a run beside it."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from math import inf
from typing import TYPE_CHECKING, Any

import traitlets

from ..errors import ConsensusLabError
from ..garbage import no_garbage_collection
from ..simulation.clock import microseconds, milliseconds
from ..simulation.faults import Fault
from ..simulation.trace import BEGINNING, Fork, Trace, sentence
from ..simulation.world import World
from .assets import module, stylesheet
from .cluster_fields import term_in_words
from .cluster_still import moment_to_show, still, term_of
from .judged import judge
from .questions import questions
from .roles import still as roles_still
from .roles import to_json as roles_to_json
from .steps import in_words as steps_in_words
from .steps import steps_of
from .steps import still as steps_still
from .widget import View

if TYPE_CHECKING:
    from ..simulation.scenario import Scenario

SOON = 400
"""So much (ms) of a branch is shown before the rest of it is even run."""

AFTERMATH = 1000
"""A branch goes on so long (ms) after its fault: one wants to see what comes of it."""

MOST_SENTENCES = 12


class ClusterView(View):
    """A trace, moving.

    `at` is the time (ms) at which it opens; then it stands still there unless `play` is True.
    `play` is True unless `at` is given. `speed` is in ms of virtual time a real ms (0.02 is slow
    motion). `height` limits the height of the ring, in pixels. `indexes` shows Raft's four index
    arrays as numbers; then it opens at the first remark of the run, and the still has a panel for
    each. `roles` adds the role diagram, which lights up as servers move in it.

    The browser gets the trace once. Only a "what if" comes back: {"id", "what_if": {"branch", …}},
    with the number of the branch that it starts from, and either a fault to add, {"time_us",
    "fault"}, or the whole new list of "faults" (see `edited`). The answer is {"id", "branch",
    "more": true} with the number of the new branch and its beginning, as the gzipped trace of what
    follows the fork (the browser has what comes before), so that there is something to see at once;
    then {"id", "branch", "verdict"} with the rest. If something goes wrong there is an "error", a
    sentence, and perhaps no trace.
    """

    _esm = module("cluster.js")
    _css = stylesheet(
        "cluster.css",
        "lesson.css",
        "indexes.css",
        "roles.css",
        "ring.css",
        "log.css",
        "tape.css",
        "faults.css",
        "projector.css",
    )

    trace = traitlets.Bytes().tag(sync=True)
    options = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        trace: Trace,
        *,
        at: float | None = None,
        play: bool | None = None,
        speed: float | None = None,
        height: int | None = None,
        indexes: bool | None = None,
        roles: bool = False,
    ) -> None:
        steps = steps_of(trace) if indexes else []
        chosen = {
            "at": steps[0].time if steps and at is None else at,
            "play": play,
            "speed": speed,
            "height": height,
            "indexes": indexes,
            "roles": roles_to_json() if roles else None,
            "questions": questions(trace),
            "verdict": judge(trace),
        }
        self.branches = [trace]
        self.at = at
        super().__init__(
            trace=packed(trace),
            options={name: value for name, value in chosen.items() if value is not None},
        )
        self.on_msg(self.hear)

    def still(self) -> str:
        """The cluster and its logs at the time `at`, or soon after a leader was elected."""
        trace = self.branches[0]
        if self.options.get("indexes") and steps_of(trace):
            return steps_still(trace)
        draw = roles_still if self.options.get("roles") else still
        return draw(trace, moment_to_show(trace) if self.at is None else self.at)

    def describe(self) -> str:
        """The run in a few sentences; with its indexes, its remarks."""
        trace = self.branches[0]
        told = steps_in_words(trace) if self.options.get("indexes") else ""
        return told or describe(trace)

    @no_garbage_collection()
    def hear(self, _: object, content: Any, buffers: object) -> None:
        """The browser asks "what if?". Whatever goes wrong, it gets an answer."""
        if not isinstance(content, dict) or "what_if" not in content:
            return
        answer = {"id": content.get("id")}
        trace: Trace | None = None
        since: Fork | None = None
        try:
            question = content["what_if"]
            parent = self.branches[question.get("branch", 0)]
            time, world = asked(parent.scenario, question)
            trace = world.run(time / 1000 + SOON)
            since = trace.fork(parent, time)
            self.keep(trace, answer)
            self.send({**answer, "more": True}, buffers=[packed(trace, since)])
            since = trace.settled()
            trace = world.run()
        except ConsensusLabError as error:
            answer["error"] = str(error)
            trace = getattr(error, "trace", None)
        except Exception as error:
            answer["error"] = f"This could not be asked: {type(error).__name__}, {error}."
        packs = []
        if trace is not None:
            packs.append(packed(trace, since or trace.fork(parent, time)))
            answer["verdict"] = judge(trace)
            self.keep(trace, answer)
        self.send(answer, buffers=packs)

    def keep(self, trace: Trace, answer: dict[str, Any]) -> None:
        """Keep a new branch, once, and let the answer tell its number."""
        if "branch" not in answer:
            answer["branch"] = len(self.branches)
            self.branches.append(trace)


def asked(scenario: Scenario, question: dict[str, Any]) -> tuple[int, World]:
    """When (µs) what the browser asks about parts from the run of `scenario`, and its own run."""
    if "faults" in question:
        return edited(scenario, question["faults"])
    time = question["time_us"]
    return time, branch(scenario, time / 1000, Fault.from_json(question["fault"]))


def edited(scenario: Scenario, items: Sequence[tuple[float, Any]]) -> tuple[int, World]:
    """When (µs) the run of `scenario` with other faults parts from that of `scenario`, and the run.

    items  pairs of a time in ms and either the place of a fault in the scenario or a new one's JSON

    Raises ConsensusLabError if that scenario cannot be, or is the same.
    """
    before = scenario.faults
    after = [
        (at, before[what][1] if isinstance(what, int) else Fault.from_json(what))
        for at, what in items
    ]
    after.sort(key=lambda item: item[0])
    parted = [
        min(one[0], other[0])
        for one, other in zip_longest(before, after, fillvalue=(inf, None))
        if one != other
    ]
    if not parted:
        raise ConsensusLabError("This is the list of faults that the run has already.")
    ends = [at + AFTERMATH for at, fault in after if (at, fault) not in before]
    duration = max([scenario.duration, *ends])
    return microseconds(parted[0]), World(replace(scenario, faults=tuple(after), duration=duration))


def branch(scenario: Scenario, time: float, fault: Fault) -> World:
    """The run of `scenario` in which also `fault` happens at `time` (ms), not yet begun.

    Raises ConsensusLabError if that scenario cannot be.
    """
    duration = max(scenario.duration, time + AFTERMATH)
    return World(replace(scenario.at(time, fault), duration=duration))


def packed(trace: Trace, since: Fork = BEGINNING) -> bytes:
    """The trace's JSON from the fork `since` on, gzipped: same trace, same bytes."""
    return gzip.compress(trace.to_json(since).encode(), compresslevel=4, mtime=0)


# ---- in words ----


def describe(trace: Trace) -> str:
    """The run in a few sentences: who took part, who led, what failed, what the clients got."""
    servers = trace.servers
    who = f"{len(servers)} servers {servers[0]}–{servers[-1]}" if len(servers) > 1 else "1 server"
    seconds = f"{trace.duration / 1_000_000:g} s"
    parts = [f"{trace.scenario.protocol.__name__}, {who}, seed {trace.scenario.seed}, {seconds}."]
    told = [text for index in range(len(trace.events)) if (text := told_of(trace, index))]
    parts += told[:MOST_SENTENCES]
    if len(told) > MOST_SENTENCES:
        parts.append(f"{len(told) - MOST_SENTENCES} more such events.")
    if trace.operations:
        answered = sum(operation.end is not None for operation in trace.operations)
        parts.append(f"{answered} of {len(trace.operations)} client operations are answered.")
    parts += [str(violation) for violation in trace.violations]
    if not trace.violations:
        parts.append("No property is broken.")
    return " ".join(parts)


def told_of(trace: Trace, index: int) -> str:
    """An event as a sentence, if it is one to tell of: a new leader, a fault, an error."""
    event = trace.events[index]
    when = f" at {milliseconds(event.time)}"
    if event.kind in ("crash", "restart", "pause", "resume", "fault"):
        text = sentence(event)
        return f"{text[0].upper()}{text[1:]}{when}."
    if event.kind == "error":
        return f"{event.detail}{when}."
    if event.kind == "remark":
        return " ".join(event.detail.values())
    if event.changes.get("role") == "leader":
        shown = trace.scenario.protocol.shown
        term = term_of(trace.state_after(index + 1)[event.who or ""], shown)
        of_term = "" if term is None else f" of {term_in_words(term, shown.word)}"
        return f"{event.who} becomes leader{of_term}{when}."
    return ""
