"""The JavaScript and CSS of the views: plain files beside this one, joined into one module text."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)";\n', re.MULTILINE)


@cache
def module(name: str) -> str:
    """The text of the ES module `name` together with the modules that it imports, as one module.

    A widget's module reaches the browser as text, where `import … from "./x.js"` has no folder to
    look in. So the imported files are put in front, each once, and their `export` is left off;
    top-level names are unique over all our modules (a test holds them to it).
    """
    parts: dict[str, str] = {}

    def add(file: str) -> None:
        if file in parts:
            return
        text = (STATIC / file).read_text("utf-8")
        for imported in IMPORT.findall(text):
            add(imported)
        parts[file] = IMPORT.sub("", text)

    add(name)
    main = parts.pop(name)
    inner = [
        re.sub(r"^export (?!default)", "", part, flags=re.MULTILINE) for part in parts.values()
    ]
    return "\n".join([*inner, main])


@cache
def stylesheet(*names: str) -> str:
    """The text of the stylesheets `names`, one after the other."""
    return "\n".join((STATIC / name).read_text("utf-8") for name in names)
