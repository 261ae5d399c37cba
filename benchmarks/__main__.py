"""Run every benchmark in this folder, one after the other. Each prints a table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SECONDS_EACH = 600


def main() -> int:
    """Run them all. Returns how many failed or took longer than they may."""
    failed = 0
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        print(f"\n# {path.stem}", flush=True)
        try:
            done = subprocess.run([sys.executable, path], timeout=SECONDS_EACH, check=False)
        except subprocess.TimeoutExpired:
            print(f"It was stopped after {SECONDS_EACH} seconds.", flush=True)
            failed += 1
        else:
            failed += done.returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
