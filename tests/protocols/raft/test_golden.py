"""Whole runs in words: each script in golden/ still prints what is written in it.

    pytest tests/protocols/raft/test_golden.py --rewrite

writes them anew. Read what has changed before you keep it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .script import rewritten

GOLDEN = sorted(Path(__file__).with_name("golden").glob("*.txt"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_what_each_command_prints_is_what_is_written_under_it(path, request):
    now = rewritten(path.read_text("utf-8"))
    if request.config.getoption("--rewrite"):
        path.write_text(now, "utf-8")
    assert path.read_text("utf-8") == now


def test_no_property_is_broken_in_any_of_them():
    assert not [path.name for path in GOLDEN if "BROKEN" in path.read_text("utf-8")]


def test_a_script_that_is_wrong_is_noticed():
    script = GOLDEN[0].read_text("utf-8")
    assert rewritten(script.replace("term 1", "term 7")) == script
