"""The gates that every exercise passes: see "Exercises" in CONTRIBUTING.md.

That a solution itself passes is seen where all notebooks are run and compared, by nbval.
"""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from consensus_lab.testing.exercises import Cell, Task, blank, dump, load, tasks, text, with_answer
from tests.conftest import ROOT
from tests.notebooks.kernel import Kernel

SOLUTIONS = sorted((ROOT / "solutions").glob("*.ipynb"))


class Wrong(NamedTuple):
    """A typical mistake in `task`, and the words with which its check must reject it."""

    solution: Path
    task: str
    mistake: str
    words: str
    answers: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.task} {self.mistake}"


def wrong_answers(solution: Path) -> list[Wrong]:
    """What tests/wrong_answers/chapter_NN.py lists for the solution of chapter NN."""
    chapter = ROOT / "tests" / "wrong_answers" / f"chapter_{solution.name[:2]}.py"
    listed = runpy.run_path(str(chapter))["WRONG_ANSWERS"]
    return [
        Wrong(solution, task, mistake, words, tuple(answers))
        for task, mistakes in listed.items()
        for mistake, (words, *answers) in mistakes.items()
    ]


WRONG = [wrong for solution in SOLUTIONS for wrong in wrong_answers(solution)]
each_solution = pytest.mark.parametrize("solution", SOLUTIONS, ids=lambda path: path.name)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    """One for all: to start one and to import the package takes longer than most checks."""
    with Kernel() as kernel:
        yield kernel


@each_solution
def test_the_blank_in_git_is_the_blank_generated(solution: Path) -> None:
    exercise = ROOT / "exercises" / solution.name
    assert exercise.read_text("utf-8") == dump(blank(load(solution))), "run `make exercises`"


def test_every_exercise_has_a_solution() -> None:
    exercises = {path.name for path in (ROOT / "exercises").glob("*.ipynb")}
    assert exercises == {path.name for path in SOLUTIONS}


@each_solution
def test_a_solution_has_the_tasks_of_its_own_chapter(solution: Path) -> None:
    chapter = int(solution.name[:2])
    names = [task.name for task in tasks(load(solution))]
    assert names == [f"{chapter}.{number + 1}" for number in range(len(names))]


@each_solution
def test_a_blank_fails_at_its_own_tasks_and_nowhere_else(solution: Path, kernel: Kernel) -> None:
    exercise = ROOT / "exercises" / solution.name
    kernel.forget(exercise.parent)
    errors = {
        position: kernel.run(text(cell))
        for position, cell in enumerate(load(exercise)["cells"])
        if cell["cell_type"] == "code"
    }
    for task in tasks(load(solution)):
        own = {f"NotImplementedError: {stub}" for stub in task.stubs}
        for position in range(task.start, task.end):
            error = errors.pop(position, None)
            may_pass = position not in task.checks
            assert error in own or (may_pass and error is None), f"cell {position}: {error}"
    assert [error for error in errors.values() if error] == []


@each_solution
def test_every_task_has_three_wrong_answers(solution: Path) -> None:
    counts = {task.name: 0 for task in tasks(load(solution))}
    for wrong in wrong_answers(solution):
        counts[wrong.task] += 1
    assert {task: count for task, count in counts.items() if count < 3} == {}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_wrong_answer_is_rejected_for_the_right_reason(wrong: Wrong, kernel: Kernel) -> None:
    error = rejections(wrong.solution, kernel)[wrong]
    assert error is not None, "the checks let it pass"
    assert wrong.words in error


@cache
def rejections(solution: Path, kernel: Kernel) -> dict[Wrong, str | None]:
    """What the checks say of every wrong answer, each given in the place of the right one.

    Of the right ones only the answers are run: nbval sees that they pass their checks.
    """
    cells = load(solution)["cells"]
    found: dict[Wrong, str | None] = {}
    starts = {task.start: task for task in tasks(load(solution))}
    checks = {position for task in starts.values() for position in task.checks}
    kernel.forget(solution.parent)
    for position, cell in enumerate(cells[: max(checks)]):
        if position in starts:
            task = starts[position]
            for wrong in wrong_answers(solution):
                if wrong.task == task.name:
                    answer = with_answer(text(cell), *wrong.answers)
                    assert kernel.run(answer) is None
                    found[wrong] = rejection(kernel, cells, task)
        if cell["cell_type"] == "code" and position not in checks:
            assert kernel.run(text(cell)) is None
    return found


def rejection(kernel: Kernel, cells: list[Cell], task: Task) -> str | None:
    """What the first check to fail says of the answer that the kernel holds now."""
    for position in range(task.start + 1, task.checks[-1] + 1):
        if cells[position]["cell_type"] == "code":
            error = kernel.run(text(cells[position]))
            if error and position in task.checks:
                return error
    return None
