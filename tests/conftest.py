"""What all tests share: a Jupyter of their own, and a browser if the machine has one."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE = 60_000  # ms
NO_BROWSER = f"there is no browser on the PATH ({', '.join(BROWSERS)})"

# No test depends on how fast the machine is. A red build is to speak of the change that it tests;
# by hand, each run tries other examples, and fewer, so that nobody waits for long.
settings.register_profile("by hand", deadline=None, max_examples=40)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "by hand")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seeds", type=int, default=1, help="of each test of the MIT lab")
    parser.addoption("--rewrite", action="store_true", help="write the golden files anew")


def pytest_configure() -> None:
    """Kernels read and write no settings, start-up files or history of whoever runs the tests."""
    folder = mkdtemp(prefix="consensus-lab-")
    # Not earlier: IPython closes its history when the process ends.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        os.environ[name] = str(Path(folder, name.lower()))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays: to look it through for garbage would take a fifth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium (or Chrome), driven by Playwright.

    Without one its tests are skipped, and one line at the end says so; where the variable
    CONSENSUS_LAB_BROWSER is "required" they fail.
    """
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        if os.environ.get("CONSENSUS_LAB_BROWSER") == "required":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    from playwright.sync_api import expect, sync_playwright

    # Two cores, shared by all tests, are slow to show what a person's would show at once.
    expect.set_options(timeout=PATIENCE)
    quiet = ["--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=quiet, timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """The folder for screenshots: kept for whoever looks at a run, never in git."""
    folder = ROOT / "artefacts"
    folder.mkdir(exist_ok=True)
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    without = sum(NO_BROWSER in str(report.longrepr) for report in skipped)
    if without:
        terminalreporter.write_line(
            f"{without} browser tests did not run: {NO_BROWSER}. Install chromium to run them."
        )
