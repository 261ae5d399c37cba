"""Every point at which a server can fail while one command is replicated, and what becomes of it.

Each point is a scenario that can be played. Its outcome is not believed but read off the trace: is
the command in the log that all agree on in the end, and what has the client been told?

Ongaro, D. and Ousterhout, J. (2014): In Search of an Understandable Consensus Algorithm (Extended
Version), sections 5.3, 5.4 and 8.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from ..protocols.raft import BasicRaft
from ..simulation import Scenario, Trace, Workload
from ..simulation.faults import crash, request, restart, timeout
from ..simulation.triggers import Trigger, changes, crashes, receives, saves, sends, synced

if TYPE_CHECKING:
    from ..views.widget import View

ASKED, WRITTEN = 400.0, ("write", "x", 7)
"""When (ms) the client asks, and what. The command comes to index 2, after the leader's no-op."""

SEEDS = 20


@dataclass(frozen=True)
class FailurePoint:
    """A server crashes at `trigger`, for the `nth` time after the client has asked.

    S1 leads five servers. It offers its entry to S2, S3, S4 and S5, in this order. Whoever crashes
    comes back `back` ms later. `down` are crashed before, so that the rest is just a majority.
    Without a trigger the crash comes while the client's request is on its way. `fate` is what
    becomes of the command: "kept", "lost", or "either".
    """

    words: str
    fate: str
    because: str
    trigger: Trigger | None = None
    nth: int = 1
    server: str = "S1"
    back: float = 700
    down: tuple[str, ...] = ()

    def scenario(self, seed: int = 0, protocol: type[BasicRaft] = BasicRaft) -> Scenario:
        """The failure, as a scenario of two seconds. The client asks once, and then only waits."""
        patient = Workload(retry=5000, patience=5000)
        scenario = Scenario(protocol, seed=seed, duration=2000, workload=patient)
        scenario = scenario.at(10, timeout("S1")).at(300, *map(crash, self.down))
        scenario = scenario.at(ASKED, request(*WRITTEN, server="S1"))
        if self.trigger is None:
            scenario = scenario.at(ASKED + 1, crash(self.server))
        else:
            dies = crash(self.server)
            scenario = scenario.when(self.trigger, dies, nth=self.nth, since=ASKED)
        return scenario.when(crashes(self.server), restart("it"), after=self.back, since=ASKED)

    @property
    def label(self) -> str:
        """What happens, in words."""
        return f"{self.server} crashes {self.words}"

    def play(self, seed: int = 0, protocol: type[BasicRaft] = BasicRaft) -> View:
        """A view of the failure, at the moment of the crash."""
        from ..views import view

        trace = self.scenario(seed, protocol).run()
        crash = next(e for e in trace.events if e.kind == "crash" and e.time >= 1000 * ASKED)
        return view(trace, at=crash.time / 1000)

    def __str__(self) -> str:
        return self.words


def offered(to: str | None = None) -> Trigger:
    """S1 has offered its entry to `to`, or to one more."""
    return sends("AppendEntries", "S1", to, entries=True)


LEADER = (
    FailurePoint(
        "before it has the request",
        "lost",
        "no server has ever heard of it",
    ),
    FailurePoint(
        "after appending, before its disk has the entry",
        "lost",
        "the entry was in the leader's memory only",
        saves("S1"),
    ),
    FailurePoint(
        "after its disk has the entry, before it tells anybody",
        "lost",
        "the next leader has never heard of it, and S1's entry is cut when S1 comes back",
        synced("S1"),
    ),
    FailurePoint(
        "after telling one follower",
        "either",
        "if that one leads next, the entry lives; the three others can elect one without it",
        offered(),
    ),
    FailurePoint(
        "after telling two followers",
        "kept",
        "two of the four others hold it, and do not vote for one who lacks it: no majority is left "
        "without them",
        offered(),
        nth=2,
    ),
    FailurePoint(
        "after the first follower's answer",
        "kept",
        "all four were told by then; that S1 did not know of a majority makes no difference",
        receives("AppendEntriesReply", "S1", match_index=2),
    ),
    FailurePoint(
        "after committing, before answering the client",
        "kept",
        "it is committed, and the client does not know",
        changes("commit_index", 2, "S1"),
    ),
    FailurePoint(
        "after answering the client, before the followers know of the commit",
        "kept",
        "a majority has it on disk: the next leader commits it with its own no-op",
        sends("ClientReply", "S1"),
    ),
)
"""Eight moments at which the leader can die."""

FOLLOWER = tuple(
    FailurePoint(words, "kept", because, trigger, server="S2", back=300, down=("S4", "S5"))
    for words, because, trigger in (
        (
            "before it has the entry",
            "S1 offers the entry with each heartbeat, until S2 is back",
            offered("S2"),
        ),
        (
            "after appending, before its disk has the entry",
            "S2 has answered nothing, so nobody has counted on it; S1 offers the entry again",
            saves("S2"),
        ),
        (
            "after its disk has the entry, before it answers",
            "S2 finds the entry on its disk; the next heartbeat asks again",
            synced("S2"),
        ),
        (
            "after its answer",
            "the promise is on S2's disk, and the leader counts on it rightly",
            sends("AppendEntriesReply", "S2", match_index=2),
        ),
    )
)
"""Four moments at which a follower can die that is needed for a majority: S4 and S5 are down."""


# ---- what became of it ----


@dataclass(frozen=True)
class Outcome:
    """What became of the command; by whom the client was told, and how long (ms) after asking."""

    command: str
    told_by: str | None
    told_after: float | None

    @property
    def is_a_lie(self) -> bool:
        """The client was told that it was done, and it is lost."""
        return self.command == "lost" and self.told_after is not None


def outcome(trace: Trace, operation: int = 0) -> Outcome:
    """What a finished run has made of a client's operation.

    Kept: a server that is up knows it to be committed. Lost: it is in no log, nor on a disk. Open:
    it is in a log, or on the disk of a server that is down, but no server that is up knows it to
    be committed.
    """
    done = trace.operations[operation]
    told = done.server, None if done.end is None else (done.end - done.start) / 1000
    states = trace.state_at(trace.duration / 1000).values()
    up = [state for state in states if state["status"] != "down"]
    down = [state for state in states if state["status"] == "down"]
    if any(holds(state["log"][: state["commit_index"]], done.operation) for state in up):
        return Outcome("kept", *told)
    logs = [*(state["log"] for state in up), *(state["disk.log"] for state in down)]
    return Outcome("open" if any(holds(log, done.operation) for log in logs) else "lost", *told)


def holds(log: Sequence[Any], operation: tuple[Any, ...]) -> bool:
    """A log has an entry with this operation."""
    return any(getattr(entry.command, "operation", None) == operation for entry in log)


# ---- the table ----

PILLS = {"kept": "#0b7a53", "lost": "#b3261e", "either": "#8a6100"}
"""White words can be read on these, on a light page and on a dark one."""


@dataclass(frozen=True)
class FailureTable:
    """A row a point: what became of the command in many runs, and what the client was told.

    `guesses` has a letter for each point, k (kept), l (lost) or e (either).
    """

    points: tuple[FailurePoint, ...]
    outcomes: tuple[tuple[Outcome, ...], ...]
    guesses: str = ""

    def fates(self, row: int) -> Counter[str]:
        """How often the command was kept, and how often lost."""
        return Counter(one.command for one in self.outcomes[row])

    def fate(self, row: int) -> str:
        """In one word."""
        fates = self.fates(row)
        return next(iter(fates)) if len(fates) == 1 else "either"

    def counted(self, row: int) -> str:
        """In numbers."""
        return ", ".join(f"{count} {word}" for word, count in sorted(self.fates(row).items()))

    def client(self, row: int) -> str:
        """What the client was told."""
        runs = self.outcomes[row]
        times = [one.told_after for one in runs if one.told_after is not None]
        if not times:
            return "never knows"
        who = "S1" if any(one.told_by == "S1" for one in runs) else "the next leader"
        some = "" if len(times) == len(runs) else f" in {len(times)} of {len(runs)} runs"
        lied = sum(one.is_a_lie for one in runs)
        lie = f"; in {lied} of them it was a lie" if lied else ""
        return f"is told by {who} after {min(times):.0f}–{max(times):.0f} ms{some}{lie}"

    def guess(self, row: int) -> str:
        """What the reader has guessed, and whether that was right."""
        letter = self.guesses[row : row + 1]
        words = {fate[0]: fate for fate in PILLS}
        if letter not in words:
            return "?"
        return f"{words[letter]} {'✓' if words[letter] == self.fate(row) else '✗'}"

    @property
    def rows(self) -> list[list[str]]:
        """The cells of the table."""
        return [
            [str(row + 1), str(point), self.fate(row), self.counted(row), self.client(row)]
            + ([self.guess(row)] if self.guesses else [])
            for row, point in enumerate(self.points)
        ]

    @property
    def heads(self) -> list[str]:
        """What stands above them."""
        heads = ["", "it crashes", "the command is", f"in {len(self.outcomes[0])} runs"]
        return [*heads, "the client", *(["you said"] if self.guesses else [])]

    def __repr__(self) -> str:
        lines = [self.heads, *self.rows]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)

    def _repr_html_(self) -> str:
        left = "text-align: left"
        heads = "".join(f'<th style="{left}">{head}</th>' for head in self.heads)
        body = "".join(
            "<tr>" + "".join(map(html_cell, self.heads, row)) + "</tr>" for row in self.rows
        )
        return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"


def html_cell(head: str, words: str) -> str:
    """A cell; the fate of the command stands out."""
    text = escape(words)
    if head == "the command is" and words in PILLS:
        style = f"background: {PILLS[words]}; border-radius: 9px; color: #fff; padding: 1px 9px"
        text = f'<b style="{style}">{text}</b>'
    if "a lie" in words:
        style = f"background: {PILLS['lost']}; border-radius: 5px; color: #fff; padding: 1px 6px"
        style += "; display: inline-block"  # one box, also where the words take two lines
        text = f'<b style="{style}">✗ {text}</b>'
    return f'<td style="text-align: left">{text}</td>'


def failure_table(
    points: Sequence[FailurePoint],
    protocol: type[BasicRaft] = BasicRaft,
    guesses: str = "",
    seeds: int = SEEDS,
) -> FailureTable:
    """Play every point with so many seeds, and read off what became of the command."""
    played = tuple(
        tuple(outcome(point.scenario(seed, protocol).run()) for seed in range(seeds))
        for point in points
    )
    return FailureTable(tuple(points), played, guesses)
