"""Python in a browser (Pyodide, JupyterLite): no threads, and compiled packages may be missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

BROWSER = """
import sys, threading
sys.platform = "emscripten"
for missing in ("cryptography", "matplotlib", "multiprocessing", "numpy"):
    sys.modules[missing] = None  # to import it raises ImportError

def no_thread(self):
    raise RuntimeError("can't start new thread")

threading.Thread.start = no_thread

from consensus_lab import Raft, Scenario, crash, edit, hunt, linearizable, parse, sequential, view

trace = Scenario(Raft, servers=3, seed=7, clients=2, duration=1500).at(800, crash("leader")).run()
history = parse("P1: [W(x,1)]        [R(x)0]")
"""


@pytest.mark.parametrize(
    "cell",
    [
        "assert linearizable(trace.history()).holds is True",
        "assert sequential(history).holds is False",
        "assert hunt(type('AnyLog', (Raft,), {'is_up_to_date': lambda *_: True}), seeds=20)",
        "assert trace.state_at(1500)['S1']",
        *(
            f"assert 'image/svg+xml' in view({thing})._repr_mimebundle_()[0]"
            for thing in ("trace", "history", "linearizable(history)", "sequential(history)")
        ),
        "assert edit(history).verdicts",
    ],
)
def test_it_works_in_a_browser(cell):
    run = [sys.executable, "-c", BROWSER + cell]
    done = subprocess.run(run, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
