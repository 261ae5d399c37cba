"""PBFT's view change: another primary, and nothing that was committed is lost (section 4.4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...node import Effects
from ...shown import Shown
from .checkpoints import WithCheckpoints
from .messages import Checkpoint, NewView, Prepared, PrePrepare, ViewChange, is_genuine, signed


class WithViewChange(WithCheckpoints):
    """A replica that loses patience with the primary. While `changing` it waits for `view`."""

    def __init__(self, name: str, servers: tuple[str, ...]) -> None:
        super().__init__(name, servers)
        self.settled_view = 0
        self.view_changes: Mapping[str, ViewChange] = {}
        self.early: tuple[PrePrepare, ...] = ()

    # -- patience ----------------------------------------------------------------------------------

    def be_patient(self, out: Effects) -> None:
        """Wait for the primary, but not for ever.

        Each view that fails doubles the patience, until it is longer than messages take.
        """
        if self.waiting:
            failed = self.view - self.settled_view
            out.set_timer("view_change", self.options.timeout * 2**failed)
        else:
            out.cancel_timer("view_change")

    def on_view_change_timeout(self, out: Effects) -> None:
        """Nothing happens: the primary is at fault, or whoever was to follow it."""
        self.change_view(self.view + 1, out)

    def change_view(self, view: int, out: Effects) -> None:
        """Leave this view, and tell all what must not be forgotten of it."""
        self.view = view
        self.changing = True
        self.role = "backup"
        out.note(f"wants view {view}, led by {self.primary_of(view)}")
        self.be_patient(out)
        certificates = tuple(self.prepared[number] for number in sorted(self.prepared))
        message = ViewChange(view, self.stable, certificates, self.name)
        self.on_view_change(self.broadcast(message, out), out)

    # -- the next primary --------------------------------------------------------------------------

    def on_view_change(self, message: ViewChange, out: Effects) -> None:
        """Collect those who want a view; join when an honest one must be among them (4.5.2)."""
        held = self.view_changes.get(message.replica)
        if (held and held.view >= message.view) or not self.is_sound(message):
            return
        self.view_changes = {**self.view_changes, message.replica: message}
        ahead = [one.view for one in self.view_changes.values() if one.view > self.view]
        if len(ahead) > self.f:
            self.change_view(min(ahead), out)
        else:
            self.lead_view(out)

    def lead_view(self, out: Effects) -> None:
        """A quorum wants the view whose primary this is: begin it."""
        consent = tuple(one for one in self.view_changes.values() if one.view == self.view)
        if (
            self.changing
            and self.name == self.primary_of(self.view)
            and self.is_quorum({one.replica for one in consent})
        ):
            legacy = self.legacy(self.view, consent)
            message = NewView(self.view, consent, legacy, self.name)
            self.enter(self.broadcast(message, out), out)

    def legacy(self, view: int, view_changes: Iterable[ViewChange]) -> tuple[PrePrepare, ...]:
        """The paper's O: what may have been committed keeps its number.

        A committed request was prepared at a quorum, and any two quorums share an honest replica:
        so one of these view changes shows it. Of several certificates for a number the one of the
        latest view counts. A number that nobody shows was not committed: the null request.
        """
        view_changes = tuple(view_changes)
        start = max(one.number for one in view_changes)
        latest: dict[int, Prepared] = {}
        for certificate in self.certificates(view_changes):
            number = certificate.pre_prepare.number
            held = latest.get(number)
            if held is None or held.pre_prepare.view < certificate.pre_prepare.view:
                latest[number] = certificate
        return tuple(
            signed_by_primary(self, view, number, latest.get(number))
            for number in range(start + 1, max(latest, default=start) + 1)
        )

    def certificates(self, view_changes: Iterable[ViewChange]) -> list[Prepared]:
        """All that they show."""
        return [certificate for one in view_changes for certificate in one.prepared]

    # -- the new view ------------------------------------------------------------------------------

    def on_new_view(self, message: NewView, out: Effects) -> None:
        """Follow the new primary if a quorum wanted it, and if it forgets nothing."""
        if (
            (message.view > self.view or (message.view == self.view and self.changing))
            and message.replica == self.primary_of(message.view)
            and self.has_consent(message)
            and self.keeps_legacy(message)
        ):
            self.enter(message, out)

    def has_consent(self, message: NewView) -> bool:
        """A quorum wants this view."""
        return self.is_quorum({one.replica for one in message.view_changes}) and all(
            one.view == message.view and self.is_sound(one) for one in message.view_changes
        )

    def keeps_legacy(self, message: NewView) -> bool:
        """Everybody can work out what the new primary has to propose."""
        due = self.legacy(message.view, message.view_changes)
        said = message.pre_prepares
        return [(one.number, one.request) for one in due] == [
            (one.number, one.request) for one in said
        ] and all(
            one.view == message.view
            and one.replica == message.replica
            and is_genuine(one, self.options.keys)
            for one in said
        )

    def enter(self, message: NewView, out: Effects) -> None:
        """A view begins: go through the legacy once more, and then on."""
        self.view = self.settled_view = message.view
        self.changing = False
        self.role = "primary" if self.name == self.primary_of(self.view) else "backup"
        out.note(f"enters view {self.view}")
        last = max(message.view_changes, key=lambda one: one.number)
        if last.stable:
            self.settle(last.stable, out)
        self.pre_prepares = {
            one.number: one for one in message.pre_prepares if one.number > self.stable_number
        }
        self.number = max(self.pre_prepares, default=max(self.stable_number, last.number))
        for one in self.pre_prepares.values():
            self.agree(one, out)
        early, self.early = self.early, ()
        for one in early:
            self.on_pre_prepare(one, out)
        self.be_patient(out)
        self.propose(out)

    def on_pre_prepare(self, message: PrePrepare, out: Effects) -> None:
        """Keep for later what has overtaken the new view."""
        if message.view > self.view or (message.view == self.view and self.changing):
            self.early += (message,)
        else:
            super().on_pre_prepare(message, out)

    # -- proofs ------------------------------------------------------------------------------------

    def is_sound(self, message: ViewChange) -> bool:
        """All that it shows is proven."""
        return (
            is_genuine(message, self.options.keys)
            and (not message.stable or self.is_stable(message.stable))
            and all(self.is_certificate(one, message) for one in message.prepared)
        )

    def is_stable(self, proof: tuple[Checkpoint, ...]) -> bool:
        """A quorum signed this checkpoint."""
        return (
            len({(one.number, one.digest) for one in proof}) == 1
            and self.is_quorum({one.replica for one in proof})
            and all(is_genuine(one, self.options.keys) for one in proof)
        )

    def is_certificate(self, prepared: Prepared, shown_in: ViewChange) -> bool:
        """A quorum agreed, in an older view, on the number of this request."""
        first, votes = prepared.pre_prepare, prepared.prepares
        return (
            first.view < shown_in.view
            and first.number > shown_in.number
            and first.replica == self.primary_of(first.view)
            and all(
                (vote.view, vote.number, vote.digest) == (first.view, first.number, first.digest)
                for vote in votes
            )
            and self.is_quorum({first.replica, *(vote.replica for vote in votes)})
            and all(is_genuine(one, self.options.keys) for one in (first, *votes))
        )


def signed_by_primary(
    replica: WithViewChange, view: int, number: int, certificate: Prepared | None
) -> PrePrepare:
    """What the primary of `view` proposes for a number; signed, if that is this replica."""
    request = certificate.pre_prepare.request if certificate else None
    message = PrePrepare(view, number, request, replica.primary_of(view))
    return signed(message, replica.keys) if message.replica == replica.name else message


class PBFT(WithViewChange):
    """A replica of Castro and Liskov's protocol."""

    shown = Shown(
        term="view",
        word="view",
        fields=("view", "last_executed", "waiting", "committed"),
        looks={
            "PrePrepare": "AppendEntries",
            "Prepare": "AppendEntriesReply",
            "Commit": "InstallSnapshot",
            "ViewChange": "RequestVote",
            "NewView": "RequestVoteReply",
        },
    )
