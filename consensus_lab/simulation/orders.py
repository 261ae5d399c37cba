"""Orders that an administrator gives to a leader: who is to belong to the cluster.

Each is a value like a fault, and happens at a time that the scenario sets. What the protocol makes
of it is its own affair: a leader may have to wait, and who does not lead does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ScenarioError
from .checks import instance, one_of, text
from .faults import Fault, ServerFault

if TYPE_CHECKING:
    from .world import World

ONE_MEMBER = ("add_server", "remove_server", "add_learner", "promote")
CHANGES = (*ONE_MEMBER, "change_members")


@dataclass(frozen=True)
class Reconfigure(ServerFault):
    """The server is ordered to make this change, one of CHANGES, of or to these members."""

    change: str
    members: tuple[str, ...]
    orders = True

    def __post_init__(self) -> None:
        one_of("a change of the members", self.change, CHANGES)
        instance("the members of a change", self.members, tuple)
        for member in self.members:
            text("a member", member)
        if not self.members or len(set(self.members)) < len(self.members):
            raise ScenarioError(
                f"{self.change} takes servers, each once; not {', '.join(self.members) or 'none'}."
            )
        if self.change in ONE_MEMBER and len(self.members) > 1:
            raise ScenarioError(
                f"{self.change} takes one server, not {', '.join(self.members)}; "
                "change_members takes several."
            )

    def __str__(self) -> str:
        return f"{self.change} {' '.join(self.members)}"

    def names(self) -> Iterable[str]:
        return (self.server, *self.members)

    def strike(self, world: World) -> None:
        name = world.find(self.server, self, "up")
        members = tuple(found for one in self.members if (found := world.find(one, self)))
        if name and len(members) == len(self.members):
            world.order(name, self.change, members[0] if self.change in ONE_MEMBER else members)


def add_server(member: str, server: str = "leader") -> Fault:
    """Order `server` to let `member` join and vote, as soon as it has caught up."""
    return Reconfigure(server, "add_server", (member,))


def remove_server(member: str, server: str = "leader") -> Fault:
    """Order `server` to let `member`, a voter or a learner, go. It may be the leader itself."""
    return Reconfigure(server, "remove_server", (member,))


def add_learner(member: str, server: str = "leader") -> Fault:
    """Order `server` to replicate to `member` without counting it."""
    return Reconfigure(server, "add_learner", (member,))


def promote(member: str, server: str = "leader") -> Fault:
    """Order `server` to let the learner `member` vote, as soon as it has caught up."""
    return Reconfigure(server, "promote", (member,))


def change_members(*members: str, server: str = "leader") -> Fault:
    """Order `server` to move to these voters, and no others, in one step: by joint consensus."""
    return Reconfigure(server, "change_members", members)
