"""One palette for stills and live views: the colours of Okabe and Ito, apart for every kind of eye.

Okabe, M. and Ito, K. (2008): Color Universal Design. No meaning is carried by colour alone.
"""

from __future__ import annotations

from typing import Any

TERM_COLOURS = ("#F0E442", "#56B4E9", "#E69F00", "#CC79A7", "#D55E00", "#0072B2", "#009E73")
"""The colour of term n is TERM_COLOURS[n % 7]; the term's number always stands beside it. Colours
that follow each other are as far apart as these seven can be, also for those who see no red or no
green."""

TERM_INK = "#11151c"
INK, MUTED, RULE, PAPER = "#1f2430", "#667085", "#d0d5dd", "#ffffff"
READ, WRITE, CAS = "#0072B2", "#D55E00", "#7A4E9F"
GOOD, BAD, UNDECIDED = "#0b7a53", "#b3261e", "#8a6100"


def parts_of(term: Any) -> tuple[int, str] | None:
    """A term as number and name: a number, or a number and the server that made it (a ballot)."""
    parts = (term, "") if isinstance(term, int) and not isinstance(term, bool) else term
    match parts:
        case (int(number), str(name)):
            return number, name
    return None


def term_colour(term: object) -> str:
    """The colour of a term. Before the first, and for what is neither number nor ballot, a grey."""
    number, name = parts_of(term) or (0, "")
    if number <= 0:
        return RULE
    digits = "".join(letter for letter in name if letter.isdigit())
    place = 2 * number + 3 * int(digits or 0) if name else number
    return TERM_COLOURS[place % len(TERM_COLOURS)]


def term_ink(term: object) -> str:
    """The ink that can be read on that colour."""
    return PAPER if term_colour(term) == "#0072B2" else TERM_INK
