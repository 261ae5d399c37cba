"""What a scenario may tune of Raft."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RaftOptions:
    """Times in ms; the defaults are the paper's (sections 5.2 and 9.3), and all extensions are off.

    `pre_vote`: ask whether an election can be won before starting one. `check_quorum`: a leader
    that does not hear from a majority steps down, and who hears from a leader does not vote.
    """

    election_timeout: tuple[float, float] = (150, 300)
    heartbeat_interval: float = 50
    pre_vote: bool = False
    check_quorum: bool = False
