"""What a script prints must not depend on the order of a set."""

from __future__ import annotations

import os
import subprocess
import sys

SEEDS = ("0", "1")


def printed(script: str) -> set[str]:
    """What it prints in processes of different hash seeds: a single text, if all is well."""
    path = os.pathsep.join(sys.path)
    return {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in SEEDS
    }
