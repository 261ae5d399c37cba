"""Membership changes: the cluster agrees, through its own log, on who belongs to it.

A configuration is an entry of the log. Each server uses the latest that its log holds, committed or
not: there is no moment at which all could switch together. So what keeps two leaders apart is that
any majority of one configuration shares a server with any majority of the next. It does if they
differ by one voter; else a joint configuration that asks for both majorities stands between them.

Ongaro, D. and Ousterhout, J. (2014), section 6, and Ongaro's thesis (2014), chapter 4. With the
fix of 2015: Ongaro, D.: Bug in single-server membership changes, on the list raft-dev.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ..node import Effects
from .basic import BasicRaft
from .configuration import Configuration, in_order
from .messages import AppendEntriesReply, Command, Entry


class WithMembership(BasicRaft):
    """Raft whose servers come and go while it runs.

    The fields are there only once they are needed: a cluster that never changes has none of them.
    """

    configuration: Configuration | None = None
    configuration_index: int = 0

    wanted: Configuration | None = None
    removed: Mapping[str, int] = {}

    # -- the configuration in force (thesis, section 4.1) ----------------------------------------

    @property
    def in_force(self) -> Configuration:
        """The latest configuration in this server's log; before any, the one that it began with."""
        return self.configuration or self.first_configuration()

    def first_configuration(self) -> Configuration:
        """With which the cluster began: the option `members`, or all servers there are."""
        return Configuration(in_order(self.options.members or self.servers))

    def on_start(self, out: Effects) -> None:
        self.find_configuration()
        super().on_start(out)

    def append(self, command: Command, out: Effects) -> None:
        """A leader's new configuration is in force at once: its own entry is counted by it."""
        if isinstance(command, Configuration):
            self.configuration, self.configuration_index = command, self.last_log_index + 1
            self.meet_members()
        super().append(command, out)

    def replace_after(self, index: int, entries: tuple[Entry, ...]) -> None:
        """A follower's, too; and when its entry is cut off, the one before it is in force again."""
        super().replace_after(index, entries)
        comes = any(isinstance(entry.command, Configuration) for entry in entries)
        if comes or index < self.configuration_index:
            self.find_configuration()

    def find_configuration(self) -> None:
        """Take the latest configuration that the log has, if it ever had one."""
        found, index = self.latest_configuration(self.last_log_index)
        if found or self.configuration:
            self.configuration, self.configuration_index = found, index

    def configuration_at(self, index: int) -> Configuration | None:
        """The members as of `index`; None if they never changed."""
        return self.latest_configuration(index)[0]

    def latest_configuration(self, last: int) -> tuple[Configuration | None, int]:
        """The last configuration up to index `last`, and where it stands; None: all servers."""
        for index in range(last, self.first_log_index - 1, -1):
            command = self.entry_at(index).command
            if isinstance(command, Configuration):
                return command, index
        return self.configuration_before_log(), self.first_log_index - 1

    def configuration_before_log(self) -> Configuration | None:
        """The one that was in force where this log begins."""
        return self.first_configuration() if self.options.members else None

    # -- what it decides -------------------------------------------------------------------------

    @property
    def peers(self) -> tuple[str, ...]:
        """All other members; and, for a leader, those who are to become members."""
        if self.configuration is None and self.wanted is None:
            return super().peers  # all of them, and quickly
        members = {*self.in_force.members, *(self.wanted.members if self.wanted else ())}
        return tuple(server for server in self.servers if server in members - {self.name})

    def is_quorum(self, servers: Collection[str]) -> bool:
        return self.in_force.is_quorum(servers)

    def index_on_quorum(self) -> int:
        if self.configuration is None:
            return super().index_on_quorum()
        return self.in_force.index_on_quorum(self.match_index)

    def is_voter(self, server: str) -> bool:
        return self.in_force.is_voter(server)

    def on_election_timeout(self, out: Effects) -> None:
        """Who has no vote does not stand. It still gives its vote: it may have one by now.

        The candidate may know of a newer configuration, in which this server's vote is needed.
        """
        if self.is_voter(self.name):
            super().on_election_timeout(out)
        else:
            self.leader = None

    # -- changing it (sections 4.2 and 4.3) ------------------------------------------------------

    def on_add_server(self, server: str, out: Effects) -> None:
        """Told to let `server` vote, as soon as it has caught up."""
        self.want(self.in_force.with_voter(server), out)

    def on_remove_server(self, server: str, out: Effects) -> None:
        """Told to let `server` go. It may be this leader itself."""
        self.want(self.in_force.without(server), out)

    def on_add_learner(self, server: str, out: Effects) -> None:
        """Told to replicate to `server`, which is not counted."""
        self.want(self.in_force.with_learner(server), out)

    def on_promote(self, server: str, out: Effects) -> None:
        """Told to let a learner vote, as soon as it has caught up."""
        if server in self.in_force.learners:
            self.want(self.in_force.with_voter(server), out)
        else:
            out.note(f"cannot promote {server}, which is no learner")

    def on_change_members(self, voters: tuple[str, ...], out: Effects) -> None:
        """Told to move to these `voters` in one step, by joint consensus."""
        self.want(self.in_force.towards(voters), out)

    def want(self, new: Configuration, out: Effects) -> None:
        """Take an order, unless it makes no sense. What was wanted before is given up."""
        if self.role != "leader" or self.in_force.is_joint or not new.voters:
            out.note(f"cannot change the members to {new}")
        elif new.after_joint() == self.in_force:
            out.note(f"has these members already: {self.in_force}")
        else:
            self.wanted = new
            self.meet_members()
            if any(self.removed.get(v, 0) > self.last_log_index for v in self.newcomers()):
                self.append(None, out)  # else there is nothing by which it could prove itself
            self.go_on_changing(out)

    def go_on_changing(self, out: Effects) -> None:
        """The leader does what is to be done next, if anything."""
        if self.role != "leader" or not (self.configuration or self.wanted):
            return
        committed = self.configuration_index <= self.commit_index
        if committed and self.in_force.is_joint:
            self.append(self.in_force.after_joint(), out)
        elif committed and not self.is_voter(self.name):
            out.note("is not a member any more")
            self.become_follower(self.current_term, out)
            self.leader = None
        elif self.wanted and self.may_change() and all(map(self.has_caught_up, self.newcomers())):
            new, self.wanted = self.wanted, None
            out.note(f"changes the members to {new}")
            self.append(new, out)

    def may_change(self) -> bool:
        """One change at a time, and none before an entry of this leader's term is committed.

        Without the latter, a change that an older leader began may be decided by its majority and
        ours by ours, and the two need not meet: each differs by one from the configuration before.
        """
        return self.configuration_index <= self.commit_index and (
            self.term_at(self.commit_index) == self.current_term
            or not self.options.commit_before_change
        )

    def newcomers(self) -> list[str]:
        """Who is to vote, and does not yet."""
        return [v for v in self.wanted.voters if not self.is_voter(v)] if self.wanted else []

    def has_caught_up(self, server: str) -> bool:
        """It holds all that is committed; else it would count, and could not help (4.2.1)."""
        return self.match_index[server] >= self.commit_index

    # -- the leader's view of the members --------------------------------------------------------

    def meet_members(self) -> None:
        """Begin to replicate to whom is new, and forget whoever is gone."""
        begin, peers = self.last_log_index + 1, self.peers
        gone = {peer: begin for peer in self.next_index if peer not in peers}
        if gone:
            self.removed = {**self.removed, **gone}
        known = {self.name, *self.next_index}
        self.match_index = {
            server: self.match_index[server] if server in known else 0
            for server in (self.name, *peers)
        }
        self.next_index = {peer: self.next_index.get(peer, begin) for peer in peers}

    def on_append_entries_reply(self, message: AppendEntriesReply, out: Effects) -> None:
        """Who is gone is not listened to."""
        if self.role != "leader" or message.follower in self.next_index:
            super().on_append_entries_reply(message, out)
            self.doubt(message.follower)
            self.go_on_changing(out)

    def doubt(self, follower: str) -> None:
        """What a server said before it was removed is not held against it when it is back.

        It may be a new machine with an empty disk, and an old reply of it still on its way. Only
        from the entry that removed it on is an agreement surely a new one.
        """
        if self.match_index.get(follower, 0) < self.removed.get(follower, 0):
            self.match_index = {**self.match_index, follower: 0}

    def on_saved(self, saved: Mapping[str, Any], out: Effects) -> None:
        super().on_saved(saved, out)
        self.go_on_changing(out)

    def become_follower(self, term: int, out: Effects) -> None:
        if self.wanted or self.removed:
            self.wanted, self.removed = None, {}
        super().become_follower(term, out)
