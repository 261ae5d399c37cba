"""How fast the session guarantees are judged, and how stale reads were.

The histories are those of replicas that hear of writes late (see causal.py): there every guarantee
is kept, as causal consistency implies them. With one stale read at the end some are broken.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from consensus_lab.consistency.eventual import time_to_agreement
from consensus_lab.consistency.sessions import session_guarantees
from consensus_lab.consistency.staleness import staleness
from consensus_lab.history import History

from .causal import replicas, with_stale_read
from .table import Row, timed

PROCESSES = 20


def made(seed: int, bad: bool) -> History:
    history = replicas(Random(seed), 10_000, PROCESSES, 20, converge=True)
    return with_stale_read(history) if bad else history


def rows() -> Iterator[Row]:
    """The rows of the table."""
    for bad in (False, True):
        spent = []
        for seed in range(3):
            verdicts, seconds = timed(session_guarantees, made(seed, bad))
            spent.append(seconds)
            # The read returns what its process wrote first, though it wrote there again.
            kept = {name for name, verdict in verdicts.items() if verdict.holds}
            if (len(kept) < 5) is not bad or ("read your writes" in kept) is bad:
                raise SystemExit(f"Wrong: only {kept} are kept")
        work = f"all five, 10,000 operations, {PROCESSES} sessions{', one stale read' * bad}"
        told = "read your writes broken: right" if bad else "all kept: right"
        yield Row(work, spent, "s", None, told)
    for name, measure in (("how stale", staleness), ("when all agreed", time_to_agreement)):
        histories = [made(seed, False) for seed in range(3)]
        spent = [timed(measure, history)[1] for history in histories]
        yield Row(f"{name}, 10,000 operations, 20 keys", spent, "s")
