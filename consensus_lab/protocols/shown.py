"""What a class says of itself to the pictures: which of its fields mean what.

A class that says nothing is shown, too: every field in a table, or its `log` in cells, in the
colour of its `current_term`. ::

    class Acceptor(Node):
        shown = Shown(term="promised", word="ballot", fields=("promised", "accepted"))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Shown:
    """How the servers of a class are drawn. Whatever is not said has a default.

    `term`: the field that gives a server its colour, and `word`: what it is called ("ballot"). It
    holds a whole number, or a number and a server's name; the larger one is later. Default:
    `current_term`, or `term`.
    `fields`: the columns of a table, a row a server. Default: a class with a `log` has its entries
    as cells, None as a hole, those up to `commit_index` filled; any other all its fields, but those
    whose names begin with "_".
    `votes`: for each role that collects answers, the field with the names of who has answered.
    `looks`: for kinds of message, the kind whose shape and colour they take: RequestVote (circle),
    AppendEntries (diamond), InstallSnapshot (bar), or one of these with Reply at its end (hollow).
    Default: by their names, and a kind with Reply at its end as a hollow one without.
    """

    term: str = ""
    word: str = "term"
    fields: tuple[str, ...] = ()
    votes: Mapping[str, str] = field(default_factory=lambda: {"candidate": "votes"})
    looks: Mapping[str, str] = field(default_factory=dict)

    def said(self) -> dict[str, Any]:
        """What differs from the defaults."""
        usual = asdict(Shown())
        return {name: value for name, value in asdict(self).items() if value != usual[name]}
