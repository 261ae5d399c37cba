"""What holds for the project as a whole: its versions, its folders, its imports."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from itertools import chain

import pytest
from packaging.requirements import Requirement

from tests.conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
ALL = [*PROJECT["dependencies"], *chain.from_iterable(EXTRAS.values())]
HEAVY = (
    "matplotlib",
    "networkx",
    "ipywidgets",
    "anywidget",
    "numpy",
    "IPython",
    "nbformat",
    "cryptography",
)
FOLDERS = {
    "notebooks",
    "consensus_lab",
    "img",
    "exercises",
    "solutions",
    "tests",
    "benchmarks",
}


def python(code: str) -> str:
    """What a fresh interpreter prints for `code`."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def name_of(requirement: str) -> str:
    """The name in "jupyterlab>=4.2,<5", spelt as package indexes compare names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=!~;\[ ]", requirement)[0]).lower()


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {name_of(name): version for name, version in pinned}


# -- versions ------------------------------------------------------------------------------------


def test_constraints_are_names_and_exact_versions_alone() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    listed = [line for line in lines if not line.startswith("#")]
    assert [line for line in listed if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


@pytest.mark.parametrize("requirement", ALL)
def test_every_dependency_is_pinned_within_its_range(requirement: str) -> None:
    pinned = pins()[name_of(requirement)]
    assert Requirement(requirement).specifier.contains(pinned)


def test_the_conda_environment_asks_for_what_pyproject_asks_for() -> None:
    conda = (ROOT / "environment.yml").read_text("utf-8").split("dependencies:")[1]
    listed = re.findall(r"^  - ([^:\n]+)$", conda, re.MULTILINE)
    wanted = {f"python{PROJECT['requires-python']}", "pip", *PROJECT["dependencies"]}
    assert set(listed) == {*wanted, *EXTRAS["lab"]}


# -- folders -------------------------------------------------------------------------------------


def test_the_folders_are_those_that_were_agreed() -> None:
    made = {"artefacts", "build", "dist"}  # by tools; git leaves them out
    found = {path.name for path in ROOT.iterdir() if path.is_dir() and path.suffix != ".egg-info"}
    assert {name for name in found - made if name[0] not in "._"} == FOLDERS


@pytest.mark.parametrize("folder", sorted(FOLDERS))
def test_the_readme_says_what_is_in_a_folder(folder: str) -> None:
    assert f"`{folder}/`" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_links_of_a_page_lead_to_files(page: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", (ROOT / page).read_text("utf-8"))
    inner = [link for link in links if not link.startswith("https:")]
    assert [link for link in inner if not (ROOT / link).exists()] == []


# -- imports -------------------------------------------------------------------------------------


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = python("import consensus_lab, sys; print(*sys.modules)").split()
    assert set(HEAVY) & set(loaded) == set()


def test_every_name_at_the_top_can_be_used() -> None:
    python("import consensus_lab as lab; [getattr(lab, name) for name in lab.__all__]")


@pytest.mark.parametrize("module", ["protocols.raft", "simulation.scenario", "history"])
def test_the_core_runs_without_numpy_and_without_pictures(module: str) -> None:
    """As in a browser, where only pure Python is at hand."""
    block = f"import sys; sys.modules.update(dict.fromkeys({HEAVY!r}))"
    python(f"{block}; import consensus_lab.{module}")
