from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from consensus_lab.testing.exercises import dump, load
from consensus_lab.testing.notebooks import main, normalised


def notebook(**cell: Any) -> dict[str, Any]:
    whole = {"cell_type": "code", "id": "a", "metadata": {}, "source": "1\n2", "outputs": []}
    return {"cells": [{"execution_count": 1, **whole, **cell}], "metadata": {"widgets": {"x": 1}}}


def only_cell(**cell: Any) -> dict[str, Any]:
    result: dict[str, Any] = normalised(notebook(**cell))["cells"][0]
    return result


def shown(**output: Any) -> list[dict[str, Any]]:
    outputs: list[dict[str, Any]] = only_cell(outputs=[output])["outputs"]
    return outputs


def test_widget_state_and_versions_go() -> None:
    assert normalised(notebook())["metadata"] == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }


def test_times_go_and_tags_stay() -> None:
    metadata = {"execution": {"iopub.status.busy": "today"}, "tags": ["raises-exception"]}
    assert only_cell(metadata=metadata)["metadata"] == {"tags": ["raises-exception"]}


def test_a_live_view_goes_and_its_still_picture_stays() -> None:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/html": "<img>"}
    output = shown(output_type="display_data", data=view, metadata={"a": 1})
    assert output == [
        {"output_type": "display_data", "data": {"text/html": ["<img>"]}, "metadata": {}}
    ]


def test_an_output_that_was_only_a_live_view_goes() -> None:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}
    assert shown(output_type="display_data", data=view, metadata={}) == []


def test_an_error_keeps_its_words_and_loses_the_files_of_this_machine() -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "why", "traceback": ["/home/me/x.py"]}
    assert shown(**error) == [{**error, "traceback": ["E: why"]}]


def test_a_cell_keeps_its_id() -> None:
    assert only_cell(id="setup")["id"] == "setup"


def test_normalising_twice_is_normalising_once() -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "a\nb"}
    once = normalised(notebook(outputs=[output]))
    assert normalised(once) == once


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "a.ipynb"
    source = "from pathlib import Path\nPath('a.ipynb').exists()"
    path.write_text(dump({**notebook(source=source), "nbformat": 4, "nbformat_minor": 5}))
    return path


def test_a_notebook_is_run_in_its_own_folder(written: Path) -> None:
    main([str(written)])
    outputs = load(written)["cells"][0]["outputs"]
    assert outputs[0]["data"] == {"text/plain": ["True"]}
