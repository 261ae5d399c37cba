"""Measure how fast it is, and print one table.

python -m benchmarks                     everything
python -m benchmarks linearizability …   these topics

Times are processor time. A row that falls short of its goal begins with ✗; a wrong verdict ends the
topic with an error.
"""

from __future__ import annotations

import sys
from multiprocessing import get_context

from .table import HEADINGS, MISSED, line, show

TOPICS = (
    "linearizability",
    "sequential",
    "causal",
    "sessions",
    "transactions",
    "files",
    "simulation",
    "byzantine",
    "animation",
)
SECONDS_EACH = 600


def main(topics: list[str]) -> int:
    """Measure them, each in a process of its own. Returns how many failed or took too long."""
    unknown = [topic for topic in topics if topic not in TOPICS]
    if unknown:
        print(f"There is no topic {unknown[0]!r}: there are {', '.join(TOPICS)}.", file=sys.stderr)
        return 2
    print(line(*HEADINGS), flush=True)
    failed = 0
    for topic in topics or TOPICS:
        process = get_context("spawn").Process(target=show, args=(topic,))
        process.start()
        process.join(SECONDS_EACH)
        if process.is_alive():
            process.kill()
            print(line(MISSED, topic, f"stopped after {SECONDS_EACH} seconds", *[""] * 5))
        failed += process.exitcode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
