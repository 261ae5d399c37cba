"""From a solution notebook to the exercise with blanks.

`solutions/NN_*.ipynb` is the source. `exercises/NN_*.ipynb` is made from it, by

    python -m consensus_lab.testing.exercises

The cells carry nbgrader's own metadata and markers, so a solution can be released and graded with
nbgrader as it is. Task k of chapter N has one solution cell, `grade_id` "task-N-k", in which each
region to be written by the learner begins with the words of its stub,

    ### BEGIN SOLUTION
    # Task 10.2: grant a vote
    …
    ### END SOLUTION

and at least one check cell after it, "check-N-k" or "check-N-k-more".
"""

from __future__ import annotations

import ast
import json
import re
import sys
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from ..errors import ConsensusLabError, print_sentence_only

Cell = dict[str, Any]
Notebook = dict[str, Any]

MARKERS = {
    f"### {edge} {region}" for edge in ("BEGIN", "END") for region in ("SOLUTION", "HIDDEN TESTS")
}
LIKE_A_MARKER = re.compile(r"\s*###|\s*#.*\b(begin|end)\b.*\b(solution|hidden)", re.IGNORECASE)
REGION = re.compile(
    r"^( *)### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)^\1### END \2$\n?", re.MULTILINE | re.DOTALL
)
HEADER = re.compile(r"\s*# (Task (\d+\.\d+): \S.*)\n")
SOLUTION_ID = re.compile(r"task-(\d+)-(\d+)")


class ExerciseError(ConsensusLabError):
    """A solution notebook of which no exercise can be made: where, and what to mend."""


@dataclass(frozen=True, slots=True)
class Task:
    """Task `name` ("10.2"): its cells are `start` up to `end`, some of them `checks`.

    `stubs` is what its stubs say, one for each region to be written.
    """

    name: str
    start: int
    end: int
    checks: tuple[int, ...]
    stubs: tuple[str, ...]


def blank(notebook: Notebook, where: str = "solution") -> Notebook:
    """The exercise made from the solution `notebook` (plain JSON data, as in the file).

    Solutions become stubs, hidden tests and outputs go; cell ids and nbgrader's metadata stay.
    Raises ExerciseError, which names `where`, for a marker misspelt, alone, or out of place.
    """
    tasks(notebook, where)
    exercise = deepcopy(notebook)
    for cell in exercise["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = without_solution(text(cell)).splitlines(keepends=True)
            cell["outputs"] = []
            cell["execution_count"] = None
    return exercise


def tasks(notebook: Notebook, where: str = "solution") -> list[Task]:
    """The tasks of a solution in their order. Raises ExerciseError if they are not well formed."""
    cells = notebook["cells"]
    for position, cell in enumerate(cells):
        reject_markers(cell, f"{where}, cell {position}")
    starts = [position for position, cell in enumerate(cells) if is_solution(cell)]
    found = [task_of(cells, *span, where) for span in pairwise([*starts, len(cells)])]
    if len({task.name for task in found}) < len(found):
        raise ExerciseError(f"{where}: two solution cells are of the same task; join them.")
    if sum(len(task.checks) for task in found) < sum(map(is_check, cells)):
        raise ExerciseError(f"{where}: a check stands before all tasks; move it after its own.")
    return found


def task_of(cells: list[Cell], start: int, end: int, where: str) -> Task:
    """The task whose solution is the cell `start`; the next one begins at the cell `end`."""
    place = f"{where}, cell {start}"
    source = text(cells[start])
    identity = SOLUTION_ID.fullmatch(identifier(cells[start]))
    if not identity:
        raise ExerciseError(f'{place}: the grade_id of a solution cell reads "task-10-2".')
    name = ".".join(identity.groups())
    comments = [HEADER.match(region[3]) for region in REGION.finditer(source)]
    if not comments:
        raise ExerciseError(f"{place}: a solution cell has ### BEGIN SOLUTION, ### END SOLUTION.")
    if any(comment is None or comment[2] != name for comment in comments):
        raise ExerciseError(f'{place}: a solution begins with the comment "# Task {name}: …".')
    hold_stub_to(source, place)
    checks = tuple(position for position in range(start, end) if is_check(cells[position]))
    wanted = identifier(cells[start]).replace("task", "check")
    if not checks or any(not is_check_of(wanted, cells[position]) for position in checks):
        raise ExerciseError(f"{place}: it is followed by its checks, with the grade_id {wanted!r}.")
    stubs = tuple(comment[1] for comment in comments if comment)
    return Task(name, start, end, checks, stubs)


def hold_stub_to(source: str, place: str) -> None:
    """Each stub stands in a function with types and a docstring: a learner sees no more of it."""
    try:
        solution, stub = functions(source), functions(without_solution(source))
    except SyntaxError as error:
        raise ExerciseError(f"{place}: {error.msg} in line {error.lineno}.") from error
    stubs = {name: function for name, function in stub.items() if is_stub(function)}
    if len(stubs) != len(REGION.findall(source)):
        raise ExerciseError(f"{place}: a solution fills a function, and a function has only one.")
    for name, function in stub.items():
        if header(function) != header(solution[name]):
            raise ExerciseError(f"{place}: the stub of {name} differs from its solution above.")
    for name, function in stubs.items():
        if not is_typed(function) or not ast.get_docstring(function):
            raise ExerciseError(f"{place}: {name} needs types and a docstring.")


def functions(source: str) -> dict[str, ast.FunctionDef]:
    """Every function in `source` by its qualified name ("MyRaft.on_request_vote")."""
    found: dict[str, ast.FunctionDef] = {}

    def visit(node: ast.AST, path: str) -> None:
        for child in ast.iter_child_nodes(node):
            inner = f"{path}{child.name}." if hasattr(child, "name") else path
            if isinstance(child, ast.FunctionDef):
                found[inner.rstrip(".")] = child
            visit(child, inner)

    visit(ast.parse(source), "")
    return found


def header(function: ast.FunctionDef) -> str:
    """A function's decorators, signature and docstring."""
    documented = ast.get_docstring(function) is not None
    bare = deepcopy(function)
    bare.body = function.body[:1] if documented else [ast.Pass()]
    return ast.unparse(bare)


def is_stub(function: ast.FunctionDef) -> bool:
    return ast.unparse(function.body[-1]).startswith("raise NotImplementedError('Task ")


def is_typed(function: ast.FunctionDef) -> bool:
    given = function.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    typed = all(each.annotation or each.arg in ("self", "cls") for each in arguments)
    return typed and function.returns is not None


def without_solution(source: str) -> str:
    """The text of a cell as the learner gets it."""

    def stub(region: re.Match[str]) -> str:
        task = HEADER.match(region[3])
        if region[2] == "HIDDEN TESTS" or task is None:
            return ""
        words = json.dumps(task[1], ensure_ascii=False)
        return f"{region[1]}raise NotImplementedError({words})\n"

    return REGION.sub(stub, source).rstrip("\n")


def with_answer(source: str, *answers: str) -> str:
    """The text of a solution cell with one of `answers` in the place of each solution."""
    regions = list(REGION.finditer(source))
    if len(regions) != len(answers):
        raise ExerciseError(f"{len(answers)} answers were given to {len(regions)} regions to fill.")
    for region, answer in reversed(list(zip(regions, answers, strict=True))):
        body = indent(dedent(answer).strip("\n"), region[1])
        source = f"{source[: region.start()]}{body}\n{source[region.end() :]}"
    return source


def reject_markers(cell: Cell, place: str) -> None:
    """Raise for a line that looks like a marker and is none, or is one that does not belong here.

    nbgrader passes over `### BEGIN SOLUTON` in silence, and the whole cell becomes the stub.
    """
    if cell["cell_type"] != "code":
        return
    allowed = "SOLUTION" if is_solution(cell) else "HIDDEN TESTS" if is_check(cell) else "nothing"
    alone = REGION.sub("", text(cell))
    markers = [line.strip() for line in text(cell).splitlines() if LIKE_A_MARKER.match(line)]
    for marker in markers:
        if marker not in MARKERS:
            raise ExerciseError(f"{place}: {marker!r} looks like a marker but is none.")
    for marker in markers:
        if not marker.endswith(allowed):
            raise ExerciseError(f"{place}: {marker!r} does not belong in this kind of cell.")
        if marker in alone:
            raise ExerciseError(f"{place}: {marker!r} has no partner with the same indentation.")


def is_solution(cell: Cell) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("solution"))


def is_check(cell: Cell) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("grade")) and not is_solution(cell)


def is_check_of(wanted: str, cell: Cell) -> bool:
    """Whether a check cell bears the name "check-10-2", or that and a word more."""
    return bool(re.fullmatch(rf"{wanted}(-[a-z-]+)?", identifier(cell)))


def identifier(cell: Cell) -> str:
    return str(cell["metadata"]["nbgrader"].get("grade_id"))


def text(cell: Cell) -> str:
    """The source of a cell, which a file may keep as one text or as a list of lines."""
    return "".join(cell["source"])


def load(path: Path) -> Notebook:
    """The notebook in a file, as plain JSON data."""
    notebook: Notebook = json.loads(path.read_text("utf-8"))
    return notebook


def dump(notebook: Notebook) -> str:
    """The text of a notebook file, laid out as Jupyter itself does."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def regenerate(solutions: Path, exercises: Path) -> list[Path]:
    """Make every exercise anew from its solution. Returns the files; others of old are removed."""
    sources = solutions.glob("*.ipynb")
    made = {exercises / path.name: blank(load(path), path.name) for path in sources}
    exercises.mkdir(exist_ok=True)
    for old in set(exercises.glob("*.ipynb")) - set(made):
        old.unlink()
    for path, notebook in made.items():
        path.write_text(dump(notebook), "utf-8")
    return sorted(made)


if __name__ == "__main__":
    sys.excepthook = print_sentence_only
    for made in regenerate(Path("solutions"), Path("exercises")):
        print(made)
