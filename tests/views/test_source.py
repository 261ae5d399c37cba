"""The package's source in a chapter."""

from __future__ import annotations

from consensus_lab import Raft
from consensus_lab.views.source import show_source


def test_a_method_is_shown_without_its_indentation() -> None:
    assert repr(show_source(Raft.has_won)).startswith("def has_won(self) -> bool:\n    ")


def test_several_are_shown_one_after_the_other() -> None:
    shown = repr(show_source(Raft.has_won, Raft.on_start))
    assert shown.index("def has_won") < shown.index("\n\ndef on_start")


def test_a_notebook_gets_it_as_python() -> None:
    markdown = show_source(Raft.has_won)._repr_markdown_()
    assert markdown.startswith("```python\ndef has_won")
    assert markdown.endswith("\n```")
