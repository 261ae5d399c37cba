"""A Jupyter kernel in which a test runs cells, one after the other."""

from __future__ import annotations

import re
from pathlib import Path
from types import TracebackType
from typing import Self

from jupyter_client.manager import start_new_kernel

SECONDS_A_CELL = 120
COLOUR = re.compile("\x1b\\[[0-9;]*m")


class Kernel:
    """A kernel; leaving the `with` block stops it."""

    def __init__(self) -> None:
        self.manager, self.client = start_new_kernel(kernel_name="python3")

    def forget(self, folder: Path) -> None:
        """Forget what cells have defined, as a new kernel would (but at once); work in `folder`."""
        assert self.run(f"import os\nos.chdir({str(folder)!r})\n%reset -f") is None

    def run(self, source: str) -> str | None:
        """Run a cell. Returns its error, such as "NameError: name 'x' is not defined", or None."""
        reply = self.client.execute_interactive(
            source, allow_stdin=False, output_hook=lambda message: None, timeout=SECONDS_A_CELL
        )["content"]
        if reply["status"] == "ok":
            return None
        if reply["ename"] == "NoneType":  # it failed while its result was being shown
            return COLOUR.sub("", reply["traceback"][-1])
        return f"{reply['ename']}: {reply['evalue']}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
