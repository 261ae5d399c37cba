"""The figures of the course are what the package draws, and can be read."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from consensus_lab.views.figures import FIGURES, write_all

IMG = Path(__file__).parents[2] / "img"
WIDEST = 960
"""A page of a notebook has room for so many pixels."""
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", FIGURES)
def test_the_figure_in_img_is_the_one_that_the_package_draws(name: str) -> None:
    assert (IMG / name).read_bytes() == FIGURES[name]().encode()


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_small_and_readable_at_its_own_width(name: str) -> None:
    text = FIGURES[name]()
    root = ElementTree.fromstring(text)
    assert float(root.attrib["width"]) <= WIDEST
    assert len(text.encode()) < 40_000
    for words in root.iter(f"{SVG}text"):
        assert float(words.get("font-size", 12)) >= 11


@pytest.mark.parametrize("name", FIGURES)
def test_all_that_a_figure_shows_lies_on_its_sheet(name: str) -> None:
    root = ElementTree.fromstring(FIGURES[name]())
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for element in root.iter():
        assert 0 <= float(element.get("x", 0)) <= width
        assert 0 <= float(element.get("y", 0)) <= height


@pytest.mark.parametrize("name", FIGURES)
def test_figures_speak_english(name: str) -> None:
    assert not any("\u2e80" <= letter <= "\u9fff" for letter in FIGURES[name]())


def test_all_figures_are_written_into_the_folder_that_is_named(tmp_path: Path) -> None:
    written = write_all(tmp_path / "new")
    assert sorted(path.name for path in written) == sorted(FIGURES)
    assert all(path.stat().st_size > 1000 for path in written)


def test_the_example_shows_the_order_that_explains_the_history() -> None:
    words = [t.text for t in ElementTree.fromstring(FIGURES["sequential-example.svg"]()).iter()]
    assert "✓ Sequential consistency holds" in words
    cards = [word for word in words if word and " · P" in word]
    assert cards == ["1 · P2", "2 · P2", "3 · P1", "4 · P1"]
