"""The package's own source, shown in a chapter where it is the explanation."""

from __future__ import annotations

from inspect import getsource
from textwrap import dedent
from typing import Any


class Source:
    """The source of functions or classes. A notebook shows it with its syntax coloured."""

    def __init__(self, *things: Any) -> None:
        self.text = "\n".join(dedent(getsource(thing)) for thing in things).rstrip()

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.text}\n```"


def show_source(*things: Any) -> Source:
    """Show how `things` (functions, methods or classes) are written."""
    return Source(*things)
