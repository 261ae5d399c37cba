"""Who belongs to the cluster: in a few letters, and as sets that overlap, with who agrees."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

from ..errors import ConsensusLabError
from ..protocols.raft.configuration import Configuration
from ..protocols.raft.quorum import is_majority
from ..simulation.trace import Trace
from .picture import Part, Picture, circle, path, text

WIDTH, HEIGHT = 620.0, 330.0
MIDDLE, RADII, SHIFT, Y = WIDTH / 2, (172.0, 108.0), 86.0, 160.0
DOT, STEP = 17.0, 62.0
SIDES = ("read", "write")


class Group(NamedTuple):
    """A set of voters, by a name for it, and those of them that agree."""

    name: str
    voters: Sequence[str]
    agree: Collection[str]

    @property
    def verdict(self) -> str:
        """Whether that is a majority."""
        count = sum(voter in self.agree for voter in self.voters)
        enough = "a majority ✓" if is_majority(count, len(self.voters)) else "no majority ✕"
        return f"{count} of {len(self.voters)}: {enough}"

    def __str__(self) -> str:
        agree = " ".join(voter for voter in self.voters if voter in self.agree) or "nobody"
        return f"{self.name}: {' '.join(self.voters)}. Of these {agree}, {self.verdict}."


class Venn:
    """Two sets of voters as a still picture; who agrees is filled, on the side where it counts."""

    def __init__(self, left: Group, right: Group) -> None:
        self.left, self.right = left, right

    @property
    def shared(self) -> list[str]:
        """Who is in both sets."""
        return [voter for voter in self.left.voters if voter in self.right.voters]

    def __repr__(self) -> str:
        return f"{self.left}\n{self.right}"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        svg = self.still()
        encoded = base64.b64encode(svg.encode()).decode()
        # An untrusted notebook shows neither SVG nor inline <svg>, but does show an <img>.
        image = f'<img alt="{escape(repr(self))}" src="data:image/svg+xml;base64,{encoded}">'
        return {"text/plain": repr(self), "text/html": image, "image/svg+xml": svg}

    def still(self) -> str:
        """The picture as SVG text."""
        parts = [*self.sets(), *self.servers()]
        return Picture(tuple(parts), WIDTH, HEIGHT).svg(f"{self.left.name} and {self.right.name}")

    def sets(self) -> Iterable[Part]:
        """The two outlines with their names and verdicts."""
        for group, side, colour in zip((self.left, self.right), (-1, 1), SIDES, strict=True):
            x, (rx, ry) = MIDDLE + side * SHIFT, RADII
            style: dict[str, Any] = {"fill": colour, "fill_opacity": 0.07, "stroke": colour}
            d = f"M{x - rx:g} {Y:g} a{rx:g} {ry:g} 0 1 0 {2 * rx:g} 0 a{rx:g} {ry:g} 0 1 0"
            yield path(f"{d} {-2 * rx:g} 0 Z", stroke_width=2, **style)
            edge: dict[str, Any] = {"text_anchor": "start" if side < 0 else "end"}
            end = 16 if side < 0 else WIDTH - 16
            yield text(end, 30, group.name, size=15, fill=colour, font_weight=700, **edge)
            good = "good" if group.verdict.endswith("✓") else "bad"
            yield text(end, HEIGHT - 22, group.verdict, size=15, fill=good, font_weight=700, **edge)

    def servers(self) -> Iterable[Part]:
        """Each server where it belongs: left, right, or in the middle."""
        places = {
            MIDDLE - 172: [voter for voter in self.left.voters if voter not in self.shared],
            MIDDLE: self.shared,
            MIDDLE + 172: [voter for voter in self.right.voters if voter not in self.shared],
        }
        for x, voters in places.items():
            for voter, (column, row) in zip(voters, places_of(len(voters)), strict=True):
                yield from self.server(voter, x + STEP * column, Y - 8 + STEP * row)

    def server(self, name: str, x: float, y: float) -> Iterable[Part]:
        """A disc: its left half for the left set, its right half for the right one."""
        yield circle(x, y, DOT, fill="paper", stroke="ink", stroke_width=1.5)
        counts = [name in group.voters and name in group.agree for group in (self.left, self.right)]
        alone = (name in self.left.voters) != (name in self.right.voters)
        for agrees, side, colour in zip(counts, (0, 1), SIDES, strict=True):
            if agrees and alone:
                yield circle(x, y, DOT, fill=colour)
            elif agrees:
                d = f"M{x:g} {y - DOT:g} A{DOT:g} {DOT:g} 0 0 {side} {x:g} {y + DOT:g} Z"
                yield path(d, stroke="none", fill=colour)
        yield text(x, y + DOT + 15, name, size=14, text_anchor="middle", font_weight=700)


def places_of(count: int) -> list[tuple[float, float]]:
    """Columns and rows around a middle: under each other, or in pairs if there are many."""
    wide = 1 if count <= 3 else 2
    rows = -(-count // wide)
    return [
        (
            place % wide - (min(wide, count - place // wide * wide) - 1) / 2,
            place // wide - (rows - 1) / 2,
        )
        for place in range(count)
    ]


def joint_majorities(trace: Trace, time: float) -> Venn:
    """The two majorities that the joint configuration of a run asks for, at `time` (ms).

    Who agrees has the entry of that configuration on its disk. Raises ConsensusLabError if no
    leader has a joint configuration then.
    """
    state = trace.state_at(time)
    for fields in state.values():
        now = fields.get("configuration")
        if fields.get("role") == "leader" and now is not None and now.is_joint:
            index = fields["configuration_index"]
            agree = {name for name in state if now == on_disk(state[name], index)}
            return Venn(Group("C_old", now.old, agree), Group("C_new", now.voters, agree))
    raise ConsensusLabError(f"No leader has a joint configuration at {time:g} ms.")


def on_disk(fields: Mapping[str, Any], index: int) -> Any:
    """The command of the entry at `index` on a server's disk; None if there is none, or no more."""
    log, snapshot = fields.get("disk.log") or (), fields.get("disk.snapshot")
    place = index - 1 - (snapshot.last_index if snapshot else 0)
    return log[place].command if 0 <= place < len(log) else None


# ---- in few letters ----


def configuration_in_short(configuration: Configuration) -> str:
    """For a cell of a log: "{123}", with a learner "{123}+4", joint "123→345"."""
    old, voters, learners = map(
        group_in_short, (configuration.old, configuration.voters, configuration.learners)
    )
    return f"{old}→{voters}" if old else f"{{{voters}}}" + (f"+{learners}" if learners else "")


def group_in_short(names: Sequence[str]) -> str:
    """The numbers of the servers."""
    space = " " if any(len(name) > 2 for name in names) else ""
    return space.join(name.removeprefix("S") for name in names)


def standing(name: str, role: str, fields: Mapping[str, Any]) -> str:
    """A server's role; but of a follower that has no vote, by what it knows itself, that."""
    members = fields.get("configuration")
    if role != "follower" or not isinstance(members, Configuration) or members.is_voter(name):
        return role
    return "learner" if name in members.learners else "no member"
