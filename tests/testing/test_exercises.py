from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from consensus_lab.testing.exercises import (
    ExerciseError,
    blank,
    dump,
    load,
    regenerate,
    tasks,
    text,
    with_answer,
)

SOLUTION = '''class Voter:
    def vote(self, term: int) -> bool:
        """Whether the vote is given in `term`."""
        ### BEGIN SOLUTION
        # Task 9.1: give one vote a term
        given, self.given = self.given, max(term, self.given)
        return term > given
        ### END SOLUTION

    given = 0'''

BLANK = '''class Voter:
    def vote(self, term: int) -> bool:
        """Whether the vote is given in `term`."""
        raise NotImplementedError("Task 9.1: give one vote a term")

    given = 0'''

CHECK = """assert Voter().vote(1)
### BEGIN HIDDEN TESTS
assert not Voter().vote(0)
### END HIDDEN TESTS"""


def cell(source: str, **nbgrader: object) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": nbgrader.get("grade_id", "plain"),
        "metadata": {"nbgrader": nbgrader} if nbgrader else {},
        "source": source.splitlines(keepends=True),
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "hello"}],
        "execution_count": 1,
    }


def solution_cell(source: str = SOLUTION, name: str = "task-9-1") -> dict[str, Any]:
    return cell(source, grade_id=name, solution=True, grade=False)


def check_cell(source: str = CHECK, name: str = "check-9-1") -> dict[str, Any]:
    return cell(source, grade_id=name, solution=False, grade=True, points=2)


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


GOOD = notebook(cell("import math"), solution_cell(), check_cell())


def test_a_solution_becomes_a_stub_that_names_its_task() -> None:
    assert text(blank(GOOD)["cells"][1]) == BLANK


def test_hidden_tests_go() -> None:
    assert text(blank(GOOD)["cells"][2]) == "assert Voter().vote(1)"


def test_outputs_and_counts_go() -> None:
    cells = blank(GOOD)["cells"]
    assert [(each["outputs"], each["execution_count"]) for each in cells] == [([], None)] * 3


def test_ids_and_metadata_stay() -> None:
    kept = [(each["id"], each["metadata"]) for each in blank(GOOD)["cells"]]
    assert kept == [(each["id"], each["metadata"]) for each in GOOD["cells"]]


def test_the_solution_itself_is_left_alone() -> None:
    before = deepcopy(GOOD)
    blank(GOOD)
    assert before == GOOD


def test_prose_stays_as_it_is() -> None:
    prose = {"cell_type": "markdown", "id": "p", "metadata": {}, "source": ["### BEGIN anywhere"]}
    assert blank(notebook(prose, *GOOD["cells"]))["cells"][0] == prose


def test_a_task_spans_the_cells_up_to_the_next_task() -> None:
    second = solution_cell(SOLUTION.replace("9.1", "9.2"), "task-9-2")
    checks = [check_cell(name="check-9-2"), check_cell(name="check-9-2-again")]
    first, last = tasks(notebook(solution_cell(), check_cell(), cell("1 + 1"), second, *checks))
    assert (first.name, first.start, first.end, first.checks) == ("9.1", 0, 3, (1,))
    assert (last.name, last.start, last.end, last.checks) == ("9.2", 3, 6, (4, 5))


def test_an_answer_takes_the_place_and_the_indentation_of_the_solution() -> None:
    answered = with_answer(SOLUTION, "if term:\n    return True\nreturn False")
    assert "\n        if term:\n            return True\n        return False\n\n" in answered


def test_each_region_needs_its_answer() -> None:
    with pytest.raises(ExerciseError, match="2 answers were given to 1 region"):
        with_answer(SOLUTION, "return True", "return False")


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("### BEGIN SOLUTION", "### BEGIN SOLUTON", "looks like a marker but is none"),
        ("### END SOLUTION", "### end solution", "looks like a marker but is none"),
        ("### BEGIN SOLUTION", "# BEGIN SOLUTION", "looks like a marker but is none"),
        ("### END SOLUTION", "pass", "has no partner"),
        ("### BEGIN SOLUTION", "pass", "has no partner"),
        ("        ### END SOLUTION", "    ### END SOLUTION", "has no partner"),
        ("### END SOLUTION", "### BEGIN SOLUTION", "has no partner"),
        ("### BEGIN SOLUTION", "### BEGIN HIDDEN TESTS", "does not belong"),
        ("# Task 9.1: give", "# give", 'begins with the comment "# Task 9.1: …"'),
        ("# Task 9.1: give", "# Task 9.2: give", 'begins with the comment "# Task 9.1: …"'),
        (" -> bool:", ":", "needs types and a docstring"),
        ("term: int", "term", "needs types and a docstring"),
        ('"""Whether the vote is given in `term`."""', "", "needs types and a docstring"),
        ("return term > given", "return term >", "invalid syntax in line 7"),
    ],
)
def test_a_solution_cell_that_is_not_well_formed_is_an_error(
    right: str, wrong: str, told: str
) -> None:
    assert right in SOLUTION
    with pytest.raises(ExerciseError, match=told) as caught:
        blank(notebook(solution_cell(SOLUTION.replace(right, wrong)), check_cell()), "09.ipynb")
    assert str(caught.value).startswith("09.ipynb, cell 0: ")


def test_a_solution_cell_without_any_marker_is_an_error() -> None:
    with pytest.raises(ExerciseError, match="a solution cell has ### BEGIN SOLUTION"):
        blank(notebook(solution_cell("def f() -> int:\n    return 1"), check_cell()))


def test_a_solution_that_hides_the_signature_is_an_error() -> None:
    hidden = "### BEGIN SOLUTION\n# Task 9.1: all\ndef f() -> int:\n    return 1\n### END SOLUTION"
    with pytest.raises(ExerciseError, match="a solution fills a function"):
        blank(notebook(solution_cell(hidden), check_cell()))


def test_a_marker_in_a_plain_cell_is_an_error() -> None:
    with pytest.raises(ExerciseError, match="does not belong in this kind of cell"):
        blank(notebook(*GOOD["cells"], cell(SOLUTION)))


def test_a_task_without_a_check_is_an_error() -> None:
    with pytest.raises(ExerciseError, match="followed by its checks"):
        blank(notebook(solution_cell(), cell("1 + 1")))


def test_a_check_of_another_task_is_an_error() -> None:
    with pytest.raises(ExerciseError, match="followed by its checks"):
        blank(notebook(solution_cell(), check_cell(name="check-9-2")))


def test_a_check_before_its_solution_is_an_error() -> None:
    with pytest.raises(ExerciseError, match="before all tasks"):
        blank(notebook(check_cell(), solution_cell(), check_cell()))


def test_two_cells_of_one_task_are_an_error() -> None:
    with pytest.raises(ExerciseError, match="join them"):
        blank(notebook(solution_cell(), check_cell(), solution_cell(), check_cell()))


def test_a_file_is_laid_out_as_jupyter_does_it() -> None:
    import nbformat

    written = nbformat.writes(nbformat.from_dict(GOOD)) + "\n"
    assert dump(json.loads(written)) == written


def test_all_exercises_are_made_anew_and_old_ones_go(tmp_path: Path) -> None:
    (tmp_path / "solutions").mkdir()
    (tmp_path / "exercises").mkdir()
    (tmp_path / "exercises" / "01_old.ipynb").write_text("{}")
    (tmp_path / "solutions" / "09_votes.ipynb").write_text(dump(GOOD))
    made = regenerate(tmp_path / "solutions", tmp_path / "exercises")
    assert list((tmp_path / "exercises").iterdir()) == made
    assert load(made[0]) == blank(GOOD)
