"""The same scenario gives the same bytes: for every hash seed, on every Python of the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

from .references import REFERENCES, digests

ROOT = Path(__file__).parents[2]
WRITTEN = json.loads(Path(__file__).with_name("digests.json").read_text())
WHICH = "import sys; print(*sys.version_info[:3], sys.implementation.name)"


def output(python: str | Path, *arguments: str, hash_seed: int = 0) -> str:
    """What `python` prints, with nothing to import but its own library and this project."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTHONHASHSEED": str(hash_seed),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    command = [str(python), "-S", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, check=True, text=True, encoding="utf-8"
    ).stdout


def pythons() -> dict[str, Path]:
    """Every Python from 3.11 on that is on the PATH or that pyenv keeps, by its version."""
    named = [which(f"python3.{minor}") for minor in range(11, 16)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    kept = sorted(pyenv.glob("versions/3.*/bin/python"))
    found: dict[str, Path] = {}
    for python in [sys.executable, *filter(None, named), *kept]:
        try:
            *version, kind = output(python, "-c", WHICH).split()
        except (OSError, subprocess.CalledProcessError):
            continue  # a name that pyenv knows, without a Python behind it
        if tuple(map(int, version)) >= (3, 11):
            found.setdefault(f"{kind} {'.'.join(version)}", Path(python))
    return found


PYTHONS = pythons()


def test_the_reference_traces_are_as_they_were_written():
    assert digests() == WRITTEN


def test_a_second_run_in_the_same_process_gives_the_same_bytes():
    for scenario in REFERENCES.values():
        assert scenario.run().to_json() == scenario.run().to_json()


def test_the_python_of_this_test_is_among_those_that_are_tried():
    assert f"{sys.implementation.name} {sys.version.split()[0]}" in PYTHONS


@pytest.mark.parametrize("hash_seed", [0, 1, 4_000_000_000])
@pytest.mark.parametrize("python", PYTHONS.values(), ids=PYTHONS)
def test_every_python_and_hash_seed_gives_the_same_bytes(python, hash_seed):
    printed = output(python, "-m", "tests.simulation.references", hash_seed=hash_seed)
    assert json.loads(printed) == WRITTEN


@pytest.mark.parametrize("python", PYTHONS.values(), ids=PYTHONS)
def test_protocols_and_simulation_import_no_other_package(python):
    """They are to run where nothing can be installed, such as in a browser."""
    code = (
        "import sys; from consensus_lab import Raft, Scenario, crash; Scenario(Raft).run(10);"
        "names = {name.split('.')[0] for name in sys.modules} - set(sys.stdlib_module_names);"
        "print(*sorted(names - {'__main__'}))"
    )
    assert output(python, "-c", code).split() == ["consensus_lab"]
