"""A JupyterLab of its own for the browser tests, and a notebook open in it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from playwright.sync_api import ConsoleMessage, Error, Locator, Page, Request, WebSocket, expect

from consensus_lab.testing.exercises import dump, load
from tests.conftest import ROOT

SECONDS_TO_START = 120
SECONDS_TO_RUN = 240
AS_IN_GIT = "as_in_git"
"""The folder with the notebooks as they are; those in "notebooks" have no outputs yet."""

# JupyterLab shows an error's traceback as if it had been written to the standard error stream.
ERROR = '[data-mime-type="application/vnd.jupyter.stderr"]'
HAS_RUN = f"""() => {{
    const shown = [...document.querySelectorAll(".jp-NotebookPanel")].find((p) => p.offsetParent);
    const prompts = [...shown.querySelectorAll(".jp-CodeCell .jp-InputPrompt")];
    const counts = prompts.map((prompt) => prompt.textContent.trim());
    const stopped = shown.querySelector('{ERROR}') && !counts.includes("[*]:");
    return stopped || counts.every((count) => /^\\[\\d+\\]:$/.test(count));
}}"""

# JupyterLab's own commands do what a double click on a file does, and what "Close" does without
# the question whether to save.
OPEN = "async (path) => void await jupyterapp.commands.execute('docmanager:open', { path })"
PANEL = "[...jupyterapp.shell.widgets('main')].find((one) => one.context?.path === path)"
IS_IDLE = f"""(path) => {{
    const panel = window.jupyterapp && {PANEL};
    return panel?.sessionContext.session?.kernel?.status === "idle";
}}"""
USE_THEME = "(theme) => void jupyterapp.commands.execute('apputils:change-theme', { theme })"
SAVE = f"(path) => {PANEL}.context.save()"
CLOSE = f"""async (path) => {{
    const panel = {PANEL};
    await panel?.sessionContext.shutdown();
    panel?.dispose();
}}"""

SETTINGS = {
    # Cells that are off the screen would else not be on the page.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    # A chapter that is opened a second time must not come with the counts of the first.
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}


class Lab:
    """JupyterLab on a copy of the notebooks, with settings and a token of its own.

    Leaving the `with` block stops it and its kernels.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.token = secrets.token_hex(16)
        self.port = free_port()
        self.log = folder / "lab.log"

    def __enter__(self) -> Self:
        for name in ("notebooks", "img"):
            shutil.copytree(ROOT / name, self.folder / name)
        shutil.copytree(ROOT / "notebooks", self.folder / AS_IN_GIT)
        for path in (self.folder / "notebooks").glob("*.ipynb"):
            path.write_text(dump(not_yet_run(path)), "utf-8")
        settings = self.folder / "config" / "labconfig" / "default_setting_overrides.json"
        settings.parent.mkdir(parents=True)
        settings.write_text(json.dumps(SETTINGS))
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                self.command(), cwd=self.folder, env=self.environment(), stdout=log, stderr=log
            )
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self.port}"),
            *("--ServerApp.port_retries=0", f"--IdentityProvider.token={self.token}"),
            *("--LabApp.news_url=None", "--LabApp.extension_manager=readonly"),
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.expose_app_in_browser=True",
        ]

    def environment(self) -> dict[str, str]:
        """That of the tests, but with its own place for all that Jupyter and IPython keep."""
        own = {
            "HOME": "home",
            "IPYTHONDIR": "ipython",
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        }
        (self.folder / "home").mkdir()
        return {**os.environ, **{name: str(self.folder / path) for name, path in own.items()}}

    def wait(self) -> None:
        """Return when the server answers; raise if it ended, or is silent for too long."""
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                urlopen(f"http://127.0.0.1:{self.port}/api/status?token={self.token}", timeout=5)
            except (URLError, OSError):
                time.sleep(0.2)
            else:
                return
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()}")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.stop()

    def url(self, notebook: str) -> str:
        """Where `notebook` ("notebooks/00_start_here.ipynb") opens, alone and with nothing else."""
        return f"http://127.0.0.1:{self.port}/lab/tree/{notebook}?reset&token={self.token}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def not_yet_run(path: Path) -> dict[str, object]:
    """The notebook without outputs and counts, so that a cell's count says that it has run."""
    notebook = load(path)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    return notebook


class Notebook:
    """A notebook open in JupyterLab, and all that the page complained of or asked the world for.

    The page loads JupyterLab for the first notebook only: that costs more than all else.
    """

    def __init__(self, page: Page, lab: Lab, name: str, folder: str = "notebooks") -> None:
        self.page = page
        self.name = name
        self.path = f"{folder}/{name}.ipynb"
        self.panel = page.locator(".jp-NotebookPanel:visible")
        self.complaints: list[str] = []
        self.strangers: list[str] = []
        self.frames_to_kernel = 0
        self.heard = {
            "console": self.hear,
            "pageerror": self.note,
            "request": self.watch,
            "websocket": self.count_frames,
        }
        for event, listener in self.heard.items():
            page.on(event, listener)  # type: ignore[call-overload]
        if page.url == "about:blank":
            page.goto(lab.url(self.path), timeout=SECONDS_TO_START * 1000)
        else:
            page.evaluate(OPEN, self.path)
        self.wait_for_kernel()

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def note(self, error: Error) -> None:
        self.complaints.append(str(error))

    def watch(self, request: Request) -> None:
        """Remember a request that leaves this machine."""
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.hostname != "127.0.0.1":
            self.strangers.append(request.url)

    def count_frames(self, socket: WebSocket) -> None:
        if "/api/kernels/" in socket.url:
            socket.on("framesent", lambda frame: self.frame_to_kernel())

    def frame_to_kernel(self) -> None:
        self.frames_to_kernel += 1

    def wait_for_kernel(self) -> None:
        """The toolbar says idle too early, so ask JupyterLab itself."""
        self.wait(IS_IDLE, SECONDS_TO_START)

    def wait(self, condition: str, seconds: int) -> None:
        """Look five times a second: sixty times, as Playwright does, takes a core of its own."""
        self.page.wait_for_function(condition, arg=self.path, polling=200, timeout=seconds * 1000)

    def run_all(self) -> None:
        """Run every cell, and wait until each has its count, or until one failed."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.locator('[data-command="runmenu:run-all"]').click()
        self.wait(HAS_RUN, SECONDS_TO_RUN)

    def restart_kernel(self) -> None:
        """Restart the kernel, and say yes when Jupyter asks whether that is meant."""
        self.page.get_by_role("menuitem", name="Kernel", exact=True).click()
        self.page.locator('[data-command="kernelmenu:restart"]').click()
        self.page.locator(".jp-Dialog .jp-mod-accept").click()
        self.wait_for_kernel()

    def save_and_load_anew(self) -> None:
        """Save the notebook, and load the page as somebody does who comes back tomorrow."""
        self.page.evaluate(SAVE, self.path)
        self.page.reload()
        self.wait_for_kernel()

    def errors(self) -> list[str]:
        """What each cell says that fails and is not meant to."""
        source = load(ROOT / "notebooks" / f"{self.name}.ipynb")["cells"]
        cells = [cell for cell in source if cell["cell_type"] == "code"]
        meant = ["raises-exception" in cell["metadata"].get("tags", []) for cell in cells]
        shown = [cell.locator(ERROR) for cell in self.panel.locator(".jp-CodeCell").all()]
        pairs = zip(shown, meant, strict=True)
        return [text for error, fine in pairs if not fine for text in error.all_inner_texts()]

    def views(self) -> Locator:
        """The moving views on the page, in their order."""
        return self.having("Playback")

    def clusters(self) -> Locator:
        """Those of them in which servers can be crashed."""
        return self.having("What if, from here on")

    def having(self, toolbar: str) -> Locator:
        controls = self.page.get_by_role("toolbar", name=toolbar)
        return self.panel.locator(".jp-OutputArea-output").filter(has=controls)

    def draw(self) -> None:
        """Wait until what was asked for has been drawn."""
        self.page.evaluate("() => new Promise((r) => requestAnimationFrame(() => setTimeout(r)))")

    def settle(self) -> None:
        """Give the page time for what it still has to draw or to send."""
        self.page.wait_for_timeout(500)

    def use_theme(self, theme: str) -> None:
        """Change to "Light" or "Dark"."""
        self.page.evaluate(USE_THEME, f"JupyterLab {theme}")
        light = "true" if theme == "Light" else "false"
        expect(self.page.locator("body")).to_have_attribute("data-jp-theme-light", light)
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)

    def close(self) -> None:
        """Stop the kernel and close the notebook; JupyterLab stays."""
        for event, listener in self.heard.items():
            self.page.remove_listener(event, listener)
        self.page.evaluate(CLOSE, self.path)
