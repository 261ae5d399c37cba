"""A battle of Byzantine generals as plain data: who said what to whom, and what came of it.

It is read off a trace of OM(m), SM(m) or a learner's own class; the live view and the still draw
nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import permutations
from typing import Any, NamedTuple

from ..protocols.byzantine.general import RETREAT, Path
from ..protocols.byzantine.signed import SignedMessages
from ..simulation.trace import Trace
from .generals_words import hearsay, listed, of, sign

ORDERS = ("attack", "retreat")
SIGNED = "The signatures"


class Said(NamedTuple):
    """In `round` the last of `path` told `receiver` this; None is silence.

    `truth` is what a loyal general would have said in its place, and `refused` why the receiver
    threw it away, if it did.
    """

    round: int
    path: Path
    receiver: str
    value: str | None
    truth: str | None
    refused: str = ""

    @property
    def sender(self) -> str:
        """Who said it."""
        return self.path[-1]

    @property
    def route(self) -> str:
        """How the option `lies` has it: "S1>S3>S2", with "@3" if it came in a round not its own."""
        route = ">".join((*self.path, self.receiver))
        return route if self.round == len(self.path) else f"{route}@{self.round}"

    @property
    def is_lie(self) -> bool:
        """A loyal general would have said something else."""
        return self.value != self.truth

    def __str__(self) -> str:
        told = f"{self.sender} tells {self.receiver}"
        if self.value is None:
            words = f"{told} nothing"
        else:
            words = f"{told}: {hearsay(self.path[:-1])}{self.value}"
        if self.is_lie:
            words += f", which is a lie (the truth: {self.truth or 'nothing'})"
        return (
            f"{words}. {self.receiver} throws it away: {self.refused}."
            if self.refused
            else (f"{words}.")
        )


class Battle:
    """A run of generals, read."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.options = trace.scenario.tuned
        self.commander: str = self.options.commander
        self.traitors = [name for name in trace.servers if name in self.options.traitors]
        others = [name for name in trace.servers if name != self.commander]
        self.generals = [self.commander, *others]
        self.loyal = [name for name in others if name not in self.traitors]
        self.rounds: int = self.options.m + 1
        self.state = trace.state_after(len(trace.events))
        self.is_signed = issubclass(trace.scenario.protocol, SignedMessages)
        self.messages = sorted(self.said(), key=lambda said: (said.round, said.path, said.receiver))

    @property
    def decisions(self) -> dict[str, str]:
        """What each loyal general will do."""
        loyal = [name for name in self.generals if name not in self.traitors]
        decided = {name: self.state[name].get("decision") for name in loyal}
        return {name: decision for name, decision in decided.items() if decision is not None}

    @property
    def values(self) -> list[str]:
        """All orders that are given in it, the usual ones first."""
        given = [said.value for said in self.messages if said.value is not None]
        return list(dict.fromkeys([*ORDERS, self.options.order, *given]))

    def step_at(self, time: float | None) -> float:
        """How many rounds are over at `time` (ms); one more once all have decided, or for None."""
        rounds = self.rounds + 1 if time is None else time / self.options.round
        return rounds if rounds < self.rounds else self.rounds + 1

    # ---- who said what ----

    def said(self) -> Iterable[Said]:
        """What was said; and where a traitor could have spoken and did not, its silence."""
        spoken = set()
        refused = {
            (name, gone.path, gone.value): gone.why
            for name in self.generals
            for gone in self.state[name].get("rejected", ())
        }
        for flight in self.trace.messages:
            path, value = tuple(flight.message.path), flight.message.value
            spoken.add((path, flight.target))
            number = min(int(flight.sent / (1000 * self.options.round)) + 1, self.rounds)
            why = refused.get((flight.target, path, value), "")
            yield Said(number, path, flight.target, value, self.truth(path), why)
        for path in self.paths():
            if path[-1] in self.traitors:
                for name in self.generals[1:]:
                    if name not in path and (path, name) not in spoken:
                        yield Said(len(path), path, name, None, self.truth(path))

    def paths(self) -> Iterable[Path]:
        """Along which the order can go: the commander, then different lieutenants."""
        for length in range(self.rounds):
            for relays in permutations(self.generals[1:], length):
                yield (self.commander, *relays)

    def truth(self, path: Path) -> str | None:
        """What the last of `path` would say along it if it were loyal."""
        if path == (self.commander,):
            return str(self.options.order)
        heard = self.state[path[-1]].get("heard", {})
        if isinstance(heard, Mapping):
            return str(heard.get(path[:-1], RETREAT))
        news: dict[str, Path] = {}
        for message in heard:
            news.setdefault(message.value, message.path)
        return next((value for value, came in news.items() if came == path[:-1]), None)

    # ---- what must hold ----

    def conditions(self) -> list[dict[str, Any]]:
        """IC1 and IC2: whether each holds, and why, in words."""
        broken = {violation.property: violation.text for violation in self.trace.violations}
        holds = {"IC1": self.agreement(), "IC2": self.obedience()}
        return [
            {"name": name, "holds": name not in broken, "words": f"{broken.get(name) or words}."}
            for name, words in holds.items()
        ]

    def agreement(self) -> str:
        """In which words IC1 holds."""
        decided = sorted({self.decisions[name] for name in self.loyal if name in self.decisions})
        if len(self.loyal) < 2:
            return f"{listed(self.loyal) or 'nobody'} alone is loyal, and agrees with itself"
        return f"the loyal lieutenants, {listed(self.loyal)}, all {' or '.join(decided)}"

    def obedience(self) -> str:
        """In which words IC2 holds."""
        if self.commander in self.traitors:
            return f"{self.commander} commands and is a traitor, so nothing is asked"
        return f"{self.commander} commands, is loyal and says {self.options.order}: they obey"

    # ---- a general's own view ----

    def tree(self, name: str) -> list[dict[str, Any]]:
        """What a lieutenant heard, keyed by path; `makes` is what it concludes at each vertex."""
        if name == self.commander:
            return []
        heard = [said for said in self.messages if said.receiver == name]
        concluded = self.state[name].get("concluded", {})
        vertices: dict[tuple[Path, str], dict[str, Any]] = {}
        if not self.is_signed:  # where nobody spoke, the tree has a vertex, too
            for path in self.paths():
                if name not in path:
                    vertices[path, ""] = self.vertex(Said(0, path, name, None, None), concluded)
        for said in heard:
            if self.is_signed and said.value is None:
                continue
            key = (said.path, said.value or "" if self.is_signed else "")
            if not said.refused or self.is_signed:
                vertices[key] = self.vertex(said, concluded)
        order = sorted(vertices, key=lambda key: (key[0], key[1]))
        return [vertices[key] for key in order]

    def vertex(self, said: Said, concluded: Mapping[Path, str]) -> dict[str, Any]:
        """One vertex of a tree."""
        made = concluded.get(said.path)
        words = str(said) if said.round else f"{said.sender} tells {said.receiver} nothing."
        if made is not None and len(said.path) <= self.options.m:
            words += f" {self.majority_in_words(said.receiver, said.path, concluded)}"
        return {
            "path": said.path,
            "heard": said.value,
            "lie": bool(said.round) and said.is_lie,
            "refused": bool(said.refused),
            "makes": made,
            "words": words,
        }

    def majority_in_words(self, name: str, path: Path, concluded: Mapping[Path, str]) -> str:
        """ "attack from S1, attack through S3, retreat through S4: attack"."""
        heard = self.state[name].get("heard", {})
        direct = heard.get(path)
        votes = [f"{direct or 'silence, which counts as ' + RETREAT} from {path[-1]}"]
        for relay in self.generals[1:]:
            if relay != name and (*path, relay) in concluded:
                votes.append(f"{concluded[*path, relay]} through {relay}")
        return f"{name} counts {', '.join(votes)}: {concluded[path]}."

    def reasoning(self, name: str) -> list[str]:
        """Why a general decides as it does, step by step."""
        state = self.state[name]
        decision = state.get("decision")
        if name == self.commander:
            tells = "Whoever is loyal and commands does itself what it tells the others"
            return [] if name in self.traitors else [f"{tells}: {decision}."]
        if self.is_signed:
            return self.signed_reasoning(name, state)
        concluded = state.get("concluded", {})
        inner = [path for path in concluded if len(path) <= self.options.m]
        inner.sort(key=lambda path: (-len(path), path))
        steps = []
        for path in inner:
            about = "" if path == (self.commander,) else f"What did {path[-1]} hear{of(path)}? "
            steps.append(about + self.majority_in_words(name, path, concluded))
        return [*steps, f"{name} will {decision}."]

    def signed_reasoning(self, name: str, state: Mapping[str, Any]) -> list[str]:
        """The same with signatures: which orders there are, and what the choice of them is."""
        orders, decision = state.get("orders", ()), state.get("decision")
        steps = [
            f"{said.sender} brings “{said.value}”: {said.refused}."
            for said in self.messages
            if said.receiver == name and said.refused
        ]
        if len(orders) == 1:
            why = f"{SIGNED} show one order of {self.commander}, {orders[0]}"
        elif orders:
            why = f"{self.commander} signed {listed(orders)}: a traitor. Then all {RETREAT}"
        else:
            why = f"No order came that {self.commander} signed. Then all {RETREAT}"
        return [*steps, f"{why}.", f"{name} will {decision}."]

    # ---- in words ----

    @property
    def title(self) -> str:
        """ "OM(1) with 4 generals, S3 a traitor"."""
        protocol = self.trace.scenario.protocol.__name__
        known = {"OralMessages": "OM", "SignedMessages": "SM"}
        name = f"{known.get(protocol, protocol)}({self.options.m})"
        if not self.traitors:
            who = "no traitor"
        elif len(self.traitors) == 1:
            who = f"{self.traitors[0]} is a traitor"
        else:
            who = f"{listed(self.traitors)} are traitors"
        return f"{name} with {len(self.generals)} generals; {who}"

    def captions(self) -> list[str]:
        """What happens in each round, and in the end."""
        return [*(self.round_in_words(r) for r in range(1, self.rounds + 1)), self.end_in_words()]

    def round_in_words(self, number: int) -> str:
        """ "Round 2: all pass on what they heard in round 1. S3 lies to S2."."""
        said = [each for each in self.messages if each.round == number]
        if number == 1:
            begin = f"Round 1: {self.commander} commands {self.orders_in_words(said)}."
        else:
            hands = "sign and pass on the orders" if self.is_signed else "pass on what they heard"
            begin = f"Round {number}: the lieutenants {hands} in round {number - 1}."
            lies = [each for each in said if each.is_lie]
            for name in self.traitors:
                victims = sorted({each.receiver for each in lies if each.sender == name})
                if victims:
                    begin += f" {name} lies to {listed(victims)}."
        refused = sum(bool(each.refused) for each in said)
        are = "message is" if refused == 1 else "messages are"
        return begin + (f" {refused} {are} thrown away." if refused else "")

    def orders_in_words(self, said: Iterable[Said]) -> str:
        """ "attack to S2 and S4, retreat to S3"."""
        told: dict[str, list[str]] = {}
        for each in said:
            told.setdefault(each.value or "nothing", []).append(each.receiver)
        return ", ".join(f"{value} to {listed(receivers)}" for value, receivers in told.items())

    def end_in_words(self) -> str:
        """What the loyal ones do, and whether that is as it must be."""
        done: dict[str, list[str]] = {}
        for name, decision in self.decisions.items():
            done.setdefault(decision, []).append(name)
        loyal = "; ".join(f"{listed(names)} will {decision}" for decision, names in done.items())
        broken = [each["name"] for each in self.conditions() if not each["holds"]]
        verdict = f"{listed(broken)} broken" if broken else "IC1 and IC2 hold"
        return f"In the end {loyal or 'nobody decides'}: {verdict}."

    def to_json(self) -> dict[str, Any]:
        """All that the live view draws."""
        taken: set[str] = set()
        return {
            "title": self.title,
            "generals": self.generals,
            "commander": self.commander,
            "traitors": self.traitors,
            "rounds": self.rounds,
            "values": [{"name": value, "sign": sign(value, taken)} for value in self.values],
            "messages": [
                {
                    "round": said.round,
                    "path": said.path,
                    "route": said.route,
                    "from": said.sender,
                    "to": said.receiver,
                    "value": said.value,
                    "lie": said.is_lie,
                    "refused": bool(said.refused),
                    "words": str(said),
                }
                for said in self.messages
            ],
            "lies": dict(self.options.lies),
            "trees": {name: self.tree(name) for name in self.generals},
            "reasoning": {name: self.reasoning(name) for name in self.generals},
            "decisions": self.decisions,
            "conditions": self.conditions(),
            "captions": self.captions(),
        }
