"""What a scenario may tune of Raft."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import ScenarioError

READS = ("log", "read_index", "lease", "follower", "follower_lease")


@dataclass(frozen=True)
class RaftOptions:
    """Times in ms; the defaults are the paper's (sections 5.2 and 9.3), and all extensions are off;
    except the conflict hint, which the paper describes (section 5.3).

    `conflict_hint`: logs that differ meet after a step for each term, not for each entry.
    `window`: so many AppendEntries may be on their way to a follower, unanswered; 0: each carries
    all that is not known to have arrived, and there is no limit. `max_entries`: with a window, a
    message carries so many entries at most; 0: any number. `parallel_disk`: a leader sends its
    entries while its own disk writes them.
    `pre_vote`: ask whether an election can be won before starting one. `check_quorum`: a leader
    that does not hear from a majority steps down, and who hears from a leader does not vote.
    `snapshot_every`: take a snapshot once so many entries were applied since the last (0: never).
    `snapshot_chunk`: bytes of it in a message (0: all). `snapshot_channel`: "bulk", a channel of
    their own for snapshots, or "same" for all messages.
    `members`: the voters at the start (none named: all servers); all others wait to be added.
    `commit_before_change`: a leader commits an entry of its own term before it changes the members.
    `reads`: how reads are kept linearizable: "log", "read_index", "lease", "follower" or
    "follower_lease" (see reads.py). `clock_drift`: for leases, at most so many times as fast as one
    server's clock runs another's.
    """

    election_timeout: tuple[float, float] = (150, 300)
    heartbeat_interval: float = 50
    conflict_hint: bool = True
    window: int = 0
    max_entries: int = 0
    parallel_disk: bool = False
    pre_vote: bool = False
    check_quorum: bool = False
    snapshot_every: int = 0
    snapshot_chunk: int = 0
    snapshot_channel: str = "bulk"
    members: tuple[str, ...] = ()
    commit_before_change: bool = True
    reads: str = "log"
    clock_drift: float = 1.1

    def __post_init__(self) -> None:
        if self.reads not in READS:
            known = ", ".join(READS)
            raise ScenarioError(f"The option reads is one of {known}; not {self.reads!r}.")
        if self.clock_drift < 1:
            raise ScenarioError(f"The option clock_drift is 1 or more, not {self.clock_drift}.")
        if self.snapshot_channel not in ("bulk", "same"):
            raise ScenarioError(
                f'The option snapshot_channel is "bulk" or "same", not {self.snapshot_channel!r}.'
            )
