"""Who led when, read off a trace."""

from __future__ import annotations

from itertools import pairwise

from .trace import Trace


def leaderless(trace: Trace, since: float = 0) -> float:
    """For how many ms, from `since` (ms) on, no running server believed that it leads."""
    moves = [e.time / 1000 for e in trace.events if not {"role", "status"}.isdisjoint(e.changes)]
    times = [since, *(time for time in moves if time > since), trace.duration / 1000]
    return sum(end - start for start, end in pairwise(times) if not somebody_leads(trace, start))


def somebody_leads(trace: Trace, time: float) -> bool:
    """Whether a running server believes at `time` (ms) that it leads."""
    servers = trace.state_at(time).values()
    return any(s.get("role") == "leader" and s.get("status") == "up" for s in servers)
