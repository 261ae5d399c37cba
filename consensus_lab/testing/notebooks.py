"""Execute notebooks in place, and leave in them only what is the same on every machine.

python -m consensus_lab.testing.notebooks notebooks/*.ipynb solutions/*.ipynb
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from .exercises import Cell, Notebook, dump, load

KEPT_METADATA = {"nbgrader", "tags", "jupyter"}
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
LIVE_VIEW = "application/vnd.jupyter.widget-view+json"


def execute(notebook: Notebook, folder: Path) -> Notebook:
    """Run every cell in a fresh kernel that works in `folder`, and keep what it shows.

    Raises nbclient's CellExecutionError at the first cell that fails without the tag for it.
    """
    import nbformat
    from nbclient import NotebookClient

    node = nbformat.reads(dump(notebook), as_version=4)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        node,
        kernel_name="python3",
        timeout=120,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    return dict(node)


def normalised(notebook: Notebook) -> Notebook:
    """The notebook as it goes into git: outputs and counts stay, all that is volatile goes.

    A live view is kept out, for without its kernel it would hide the still picture beside it.
    """
    cells = [normal_cell(cell, number) for number, cell in enumerate(notebook["cells"])]
    return {"cells": cells, "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}


def normal_cell(cell: Cell, number: int) -> Cell:
    """The cell without volatile metadata; one without an id gets that of its place."""
    metadata = {name: value for name, value in cell["metadata"].items() if name in KEPT_METADATA}
    kept: Cell = {
        "cell_type": cell["cell_type"],
        "id": cell.get("id", f"cell-{number}"),
        "metadata": metadata,
        "source": lines(cell["source"]),
    }
    if cell["cell_type"] == "code":
        outputs = [normal_output(output) for output in cell["outputs"]]
        kept["outputs"] = [output for output in outputs if output.get("data") != {}]
        kept["execution_count"] = cell["execution_count"]
    return kept


def normal_output(output: dict[str, Any]) -> dict[str, Any]:
    """An output without live views, and an error without the lines of this machine's files."""
    kept = dict(output)
    if "data" in output:
        kept["metadata"] = {}
        kept["data"] = {
            kind: value if kind.endswith("json") else lines(value)
            for kind, value in output["data"].items()
            if kind != LIVE_VIEW
        }
    if output["output_type"] == "stream":
        kept["text"] = lines(output["text"])
    if output["output_type"] == "error":
        kept["traceback"] = [f"{output['ename']}: {output['evalue']}"]
    return kept


def lines(text: str | list[str]) -> list[str]:
    """A text as a file of Jupyter has it: a list of lines."""
    return "".join(text).splitlines(keepends=True)


def main(paths: list[str]) -> None:
    for path in map(Path, paths):
        print(path, flush=True)
        path.write_text(dump(normalised(execute(load(path), path.parent))), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
