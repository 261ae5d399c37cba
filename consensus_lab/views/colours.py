"""One palette for stills and live views: the colours of Okabe and Ito, apart for every kind of eye.

Okabe, M. and Ito, K. (2008): Color Universal Design. No meaning is carried by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

TERM_COLOURS = ("#F0E442", "#56B4E9", "#E69F00", "#CC79A7", "#D55E00", "#0072B2", "#009E73")
"""The colour of term n is TERM_COLOURS[n % 7], unless that would be the colour of a term not long
before (see `recoloured_terms`); the term's number always stands beside it. Colours
that follow each other are as far apart as these seven can be, also for those who see no red or no
green."""

TERM_INK = "#11151c"
INK, MUTED, RULE, PAPER = "#1f2430", "#667085", "#d0d5dd", "#ffffff"
READ, WRITE, CAS = "#0072B2", "#D55E00", "#7A4E9F"
GOOD, BAD, UNDECIDED = "#0b7a53", "#b3261e", "#8a6100"

Recoloured = Mapping[tuple[int, str], int]
NONE_RECOLOURED: Recoloured = {}


def parts_of(term: Any) -> tuple[int, str] | None:
    """A term as number and name: a number, or a number and the server that made it (a ballot)."""
    parts = (term, "") if isinstance(term, int) and not isinstance(term, bool) else term
    match parts:
        case (int(number), str(name)):
            return number, name
    return None


def term_colour(term: object, recoloured: Recoloured = NONE_RECOLOURED) -> str:
    """The colour of a term. Before the first, and for what is neither number nor ballot, a grey.

    `recoloured` is what `recoloured_terms` made of the terms of the run.
    """
    parts = parts_of(term)
    if parts is None or parts[0] <= 0:
        return RULE
    return TERM_COLOURS[recoloured.get(parts, usual_place(*parts))]


def term_ink(term: object, recoloured: Recoloured = NONE_RECOLOURED) -> str:
    """The ink that can be read on that colour."""
    return PAPER if term_colour(term, recoloured) == "#0072B2" else TERM_INK


def usual_place(number: int, name: str) -> int:
    """Which of the colours a term has by itself."""
    digits = "".join(letter for letter in name if letter.isdigit())
    return (2 * number + 3 * int(digits or 0) if name else number) % len(TERM_COLOURS)


def recoloured_terms(terms: Iterable[object]) -> Recoloured:
    """Terms that must have another colour than by themselves, since a new term not long before has
    that: so 57 beside 1, or ballot 1.S5 beside 2.S2, can be told apart.

    `terms` are those of a run in their order, also many times; what is no term is passed over.
    """
    places: dict[tuple[int, str], int] = {}
    for term in terms:
        parts = parts_of(term)
        if parts is None or parts[0] <= 0 or parts in places:
            continue
        recent = [*places.values()][1 - len(TERM_COLOURS) :]
        place = usual_place(*parts)
        while place in recent:
            place = (place + 1) % len(TERM_COLOURS)
        places[parts] = place
    return {parts: place for parts, place in places.items() if place != usual_place(*parts)}
