"""The files of the live views: how they are joined, and what they may hold."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from consensus_lab.views import colours
from consensus_lab.views.assets import IMPORT, STATIC, module, stylesheet

MODULES = sorted(path.name for path in STATIC.glob("*.js"))
VIEWS = [name for name in MODULES if "export default" in (STATIC / name).read_text("utf-8")]
TOP_LEVEL = re.compile(
    r"^(?:export )?(?:async )?(?:function|class|const|let) (?:(\w+)|\{([^}]*)\})", re.MULTILINE
)


def top_level_names(text: str) -> list[str]:
    found = TOP_LEVEL.findall(text)
    return [name.strip() for one, several in found for name in (one or several).split(",")]


def test_there_are_views_to_test() -> None:
    assert {"cluster.js", "timeline.js"} <= set(VIEWS)


@pytest.mark.parametrize("name", VIEWS)
def test_a_joined_module_imports_nothing(name: str) -> None:
    assert not re.search(r"^import\b", module(name), re.MULTILINE)


@pytest.mark.parametrize("name", VIEWS)
def test_a_joined_module_exports_its_widget_and_nothing_else(name: str) -> None:
    assert re.findall(r"^export .*", module(name), re.MULTILINE) == [
        line for line in (STATIC / name).read_text("utf-8").splitlines() if "export default" in line
    ]


def test_no_two_modules_use_the_same_top_level_name() -> None:
    names = [n for file in MODULES for n in top_level_names((STATIC / file).read_text("utf-8"))]
    assert [name for name, count in Counter(names).items() if count > 1] == []


@pytest.mark.parametrize("name", MODULES)
def test_every_import_names_something_that_its_module_exports(name: str) -> None:
    text = (STATIC / name).read_text("utf-8")
    for statement in IMPORT.finditer(text):
        wanted = re.search(r"\{([^}]*)\}", statement[0])
        assert wanted
        exported = (STATIC / statement[1]).read_text("utf-8")
        for one in filter(None, (part.strip() for part in wanted[1].split(","))):
            assert re.search(rf"^export (async )?(function|class|const) {one}\b", exported, re.M)


@pytest.mark.parametrize("name", MODULES)
def test_words_reach_the_page_as_text_and_never_as_markup(name: str) -> None:
    text = (STATIC / name).read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", text)


@pytest.mark.parametrize("path", sorted(STATIC.iterdir()), ids=lambda path: path.name)
def test_no_file_reaches_out_of_the_machine(path: object) -> None:
    text = (STATIC / str(path)).read_text("utf-8")
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)\S+|@import|\bfetch\(", text) == []


@pytest.mark.parametrize("path", sorted(STATIC.iterdir()), ids=lambda path: path.name)
def test_each_file_can_be_read_in_one_sitting(path: object) -> None:
    assert len((STATIC / str(path)).read_text("utf-8").splitlines()) <= 400


def test_the_still_and_the_live_view_colour_terms_alike() -> None:
    text = (STATIC / "palette.js").read_text("utf-8")
    listed = re.search(r"TERM_COLOURS = (\[[^\]]*\])", text)
    assert listed
    assert tuple(json.loads(listed[1])) == colours.TERM_COLOURS


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_of_vs_code_counts_wherever_that_of_jupyterlab_does(theme: str) -> None:
    asked = f'[data-jp-theme-light="{str(theme == "light").lower()}"]'
    rules = [
        line
        for path in STATIC.glob("*.css")
        for line in path.read_text("utf-8").splitlines()
        if asked in line
    ]
    assert rules
    assert [line for line in rules if f".vscode-{theme}" not in line] == []


def luminance(colour: str) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("term", range(8))
def test_the_number_of_a_term_can_be_read_on_its_colour(term: int) -> None:
    shades = sorted(map(luminance, (colours.term_colour(term), colours.term_ink(term))))
    assert (shades[1] + 0.05) / (shades[0] + 0.05) >= 4


@pytest.mark.parametrize("thing", [None, 0, -1, "two", True, 1.5])
def test_what_is_no_term_has_no_colour(thing: object) -> None:
    assert colours.term_colour(thing) == colours.RULE


def test_stylesheets_come_one_after_the_other() -> None:
    both = stylesheet("ring.css", "log.css")
    assert both == stylesheet("ring.css") + "\n" + stylesheet("log.css")
