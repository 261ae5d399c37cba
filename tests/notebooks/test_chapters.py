"""What holds for every notebook in git, so that nbval compares it and GitHub shows it."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import unquote

import pytest

from consensus_lab.testing.exercises import Cell, dump, load, text
from consensus_lab.testing.notebooks import normalised
from tests.conftest import ROOT

CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))
EXERCISES = sorted((ROOT / "exercises").glob("*.ipynb"))

LINK = re.compile(r"\]\(<?([^)\s>]+)>?[^)]*\)|(?:src|href)=\"([^\"]+)\"")
OF_THIS_MACHINE = re.compile(r"/(home|root|tmp|usr|opt|work|Users)/\w|[A-Z]:\\\\|\b0x[0-9a-f]{6,}")

every_notebook = pytest.mark.parametrize(
    "path", CHAPTERS + SOLUTIONS + EXERCISES, ids=lambda path: f"{path.parent.name}/{path.name}"
)
every_run_notebook = pytest.mark.parametrize(
    "path", CHAPTERS + SOLUTIONS, ids=lambda path: f"{path.parent.name}/{path.name}"
)


def code_cells(path: Path) -> list[Cell]:
    return [cell for cell in load(path)["cells"] if cell["cell_type"] == "code"]


@every_notebook
def test_a_notebook_is_as_the_normaliser_leaves_it(path: Path) -> None:
    assert path.read_text("utf-8") == dump(normalised(load(path))), "run `make notebooks`"


@every_notebook
def test_cell_ids_are_unique(path: Path) -> None:
    ids = [cell["id"] for cell in load(path)["cells"]]
    assert len(ids) == len(set(ids))


@every_run_notebook
def test_cells_were_run_once_and_in_order(path: Path) -> None:
    counts = [cell["execution_count"] for cell in code_cells(path)]
    assert counts == list(range(1, len(counts) + 1))


@every_run_notebook
def test_no_cell_shows_an_error_that_is_not_meant(path: Path) -> None:
    failing = [
        cell["id"]
        for cell in code_cells(path)
        if any(output["output_type"] == "error" for output in cell["outputs"])
        and "raises-exception" not in cell["metadata"].get("tags", [])
    ]
    assert failing == []


@every_run_notebook
def test_no_cell_prints_warnings(path: Path) -> None:
    loud = [
        cell["id"]
        for cell in code_cells(path)
        if any(output.get("name") == "stderr" for output in cell["outputs"])
    ]
    assert loud == []


@every_notebook
def test_a_code_cell_has_at_most_25_lines(path: Path) -> None:
    assert [cell["id"] for cell in code_cells(path) if text(cell).count("\n") >= 25] == []


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.name)
def test_the_median_code_cell_of_a_chapter_has_at_most_six_lines(path: Path) -> None:
    assert median(text(cell).count("\n") + 1 for cell in code_cells(path)) <= 6


@every_notebook
def test_nothing_tells_of_the_machine_it_was_made_on(path: Path) -> None:
    shown = [
        value
        for cell in load(path)["cells"]
        for value in [text(cell), *map(words_of, cell.get("outputs", []))]
    ]
    assert [value for value in shown if OF_THIS_MACHINE.search(value)] == []


def words_of(output: dict[str, Any]) -> str:
    """The readable part of an output: its pictures are base64 text, where anything may turn up."""
    data = output.get("data", {})
    shown = [output.get("text", ""), output.get("evalue", ""), *map(data.get, READABLE)]
    return "\n".join("".join(value) for value in shown if value)


READABLE = ("text/plain", "text/markdown", "image/svg+xml")


@every_notebook
def test_links_lead_somewhere(path: Path) -> None:
    targets = [first or second for first, second in LINK.findall(prose(path))]
    inner = [target for target in targets if not target.startswith(("https:", "data:", "mailto:"))]
    assert [target for target in inner if not resolves(target, path)] == []


def resolves(target: str, path: Path) -> bool:
    """Whether a relative link leads to a file, and its #part to a heading or an id in it."""
    name, _, part = target.partition("#")
    file = path.parent / unquote(name) if name else path
    return file.exists() and (not part or unquote(part) in anchors(file))


def anchors(file: Path) -> set[str]:
    """What a link may point at: JupyterLab calls a heading by its words with hyphens between."""
    headings = re.findall(r"^#+ (.+?)\s*$", prose(file), re.MULTILINE)
    named = re.findall(r'\b(?:id|name)="([^"]+)"', prose(file))
    return {*named, *(heading.replace(" ", "-") for heading in headings)}


def prose(file: Path) -> str:
    """The Markdown of a notebook or of a page."""
    if file.suffix != ".ipynb":
        return file.read_text("utf-8")
    cells = load(file)["cells"]
    return "\n".join(text(cell) for cell in cells if cell["cell_type"] == "markdown")
