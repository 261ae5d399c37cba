"""The palette: readable in both themes, and apart for every kind of eye."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from consensus_lab.views.assets import STATIC
from consensus_lab.views.colours import (
    RULE,
    TERM_COLOURS,
    recoloured_terms,
    term_colour,
    term_ink,
)

Colour = tuple[float, float, float]

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
EYES = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}


def linear(colour: str) -> Colour:
    """Linear RGB from "#rrggbb"."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return r, g, b


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2, from 1 to 21."""
    light = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(linear, (one, other))]
    return (max(light) + 0.05) / (min(light) + 0.05)


def seen(colour: str, eye: str) -> Colour:
    """CIE L*a*b* (D65) of what such an eye sees."""
    rgb = [
        max(0.0, sum(m * c for m, c in zip(row, linear(colour), strict=True))) for row in EYES[eye]
    ]
    xyz = [
        (0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505,
        0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2],
        (0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089,
    ]
    x, y, z = (c ** (1 / 3) if c > 0.008856 else 7.787 * c + 16 / 116 for c in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one: str, other: str, eye: str) -> float:
    pairs = zip(seen(one, eye), seen(other, eye), strict=True)
    return float(sum((a - b) ** 2 for a, b in pairs) ** 0.5)


def themed(file: str) -> dict[str, tuple[str, str]]:
    """The colours of a stylesheet that differ by theme: name -> (light, dark)."""
    found = re.findall(
        r"--\w\w-([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", (STATIC / file).read_text("utf-8")
    )
    return {name: (light, dark) for name, light, dark in reversed(found)}


@pytest.mark.parametrize("eye", EYES)
def test_no_two_neighbouring_terms_look_the_same(eye):
    near = zip(TERM_COLOURS, (*TERM_COLOURS[1:], TERM_COLOURS[0]), strict=True)
    assert min(distance(one, other, eye) for one, other in near) > 50


@pytest.mark.parametrize("eye", EYES)
def test_any_two_terms_can_be_told_apart(eye):
    assert min(distance(one, other, eye) for one, other in combinations(TERM_COLOURS, 2)) > 10


@pytest.mark.parametrize("term", range(8))
def test_the_number_of_a_term_can_be_read_on_its_colour(term):
    assert contrast(term_colour(term), term_ink(term)) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "muted", "good", "bad", "warn", "accent"])
@pytest.mark.parametrize("ground", ["paper", "wash"])
def test_words_can_be_read_in_both_themes(name, ground, theme):
    colours = themed("cluster.css")
    assert contrast(colours[name][theme], colours[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("hue", range(6))
def test_messages_stand_out_from_the_ground(hue, theme):
    colours = themed("cluster.css")
    assert contrast(colours[f"hue-{hue}"][theme], colours["paper"][theme]) >= 3


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "muted"])
def test_a_projector_shows_words_in_stronger_contrast(name, theme):
    colours = themed("projector.css")
    assert contrast(colours[name][theme], colours["wash"][theme]) >= 10


NEIGHBOURS = [
    [1, 57],
    [(1, "S5"), (2, "S2"), (1, "S5"), (2, "S5")],
    [*range(1, 30)],
    [(number, f"S{number * number % 5 + 1}") for number in range(1, 40)],
    [None, 0, "two", (0, ""), 8, 1, 15, 22, 29, 36, 43],
]


@pytest.mark.parametrize("terms", NEIGHBOURS)
def test_no_two_of_seven_terms_that_come_after_each_other_look_the_same(terms):
    recoloured = recoloured_terms(terms)
    known = [term for term in dict.fromkeys(terms) if term_colour(term) != RULE]
    for first in range(len(known)):
        seven = known[first : first + 7]
        assert len({term_colour(term, recoloured) for term in seven}) == len(seven)


def test_terms_that_come_one_by_one_keep_their_colours():
    assert recoloured_terms(range(1, 30)) == {}


def test_a_term_keeps_its_colour_whatever_comes_later():
    terms = [(number, f"S{number % 3 + 1}") for number in range(1, 40)]
    assert recoloured_terms(terms[:9]).items() <= recoloured_terms(terms).items()
