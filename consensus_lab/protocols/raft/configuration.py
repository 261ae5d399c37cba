"""Who is in the cluster, as a value, and which of its servers decide together.

The paper's section 6, and chapter 4 of Ongaro's thesis.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from .quorum import highest_on_majority, is_majority


@dataclass(frozen=True, slots=True)
class Configuration:
    """`voters` elect and commit; `learners` are only told.

    While the cluster moves from one set of voters to another in a single step, the configuration is
    joint: `old` holds the voters that were (C_old), `voters` those that will be (C_new).
    """

    voters: tuple[str, ...]
    learners: tuple[str, ...] = ()
    old: tuple[str, ...] = ()

    # -- who decides ---------------------------------------------------------------------------

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The sets of voters of which each must agree: two, while the configuration is joint."""
        return (self.old, self.voters) if self.old else (self.voters,)

    def is_quorum(self, servers: Collection[str]) -> bool:
        """A majority of each group is among `servers`. Nobody else is counted."""
        return all(
            is_majority(sum(voter in servers for voter in group), len(group))
            for group in self.groups
        )

    def index_on_quorum(self, match_index: Mapping[str, int]) -> int:
        """The highest index that a majority of each group has reached."""
        return min(
            highest_on_majority(match_index.get(voter, 0) for voter in group)
            for group in self.groups
        )

    # -- who belongs to it -----------------------------------------------------------------------

    @property
    def is_joint(self) -> bool:
        """Both majorities are needed."""
        return bool(self.old)

    @property
    def members(self) -> tuple[str, ...]:
        """All to whom the log is replicated."""
        return in_order({*self.voters, *self.old, *self.learners})

    def is_voter(self, server: str) -> bool:
        """Its vote counts, in one of the groups at least."""
        return server in self.voters or server in self.old

    # -- what may follow it ----------------------------------------------------------------------

    def with_voter(self, server: str) -> Configuration:
        """One voter more. It may have been a learner."""
        return Configuration(in_order({*self.voters, server}), without(self.learners, server))

    def with_learner(self, server: str) -> Configuration:
        """One learner more. It may have been a voter."""
        return Configuration(without(self.voters, server), in_order({*self.learners, server}))

    def without(self, server: str) -> Configuration:
        """One member fewer."""
        return Configuration(without(self.voters, server), without(self.learners, server))

    def towards(self, voters: Iterable[str]) -> Configuration:
        """C_old,new: the joint configuration on the way from these voters to `voters`."""
        new = in_order(set(voters))
        return Configuration(new, without(self.learners, *new), self.voters)

    def after_joint(self) -> Configuration:
        """C_new: the old voters go, unless they are among the new."""
        return Configuration(self.voters, self.learners)

    def __str__(self) -> str:
        """S1 S2 S3; or, joint and with a learner, S1 S2 S3 → S3 S4 S5 + S6."""
        groups = " → ".join(" ".join(group) for group in self.groups)
        return " + ".join([groups, *self.learners])


def in_order(servers: Iterable[str]) -> tuple[str, ...]:
    """S2 before S10; a set has no order of its own."""
    return tuple(sorted(servers, key=lambda name: (len(name), name)))


def without(servers: tuple[str, ...], *gone: str) -> tuple[str, ...]:
    """All of `servers` but those."""
    return tuple(server for server in servers if server not in gone)
