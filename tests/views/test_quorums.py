"""Two quorums and what they share, drawn and told."""

from __future__ import annotations

import pytest

from consensus_lab.protocols.byzantine.quorums import overlap
from consensus_lab.views.quorums import Quorums


@pytest.mark.parametrize(
    ("n", "f", "quorum", "lies", "told"),
    [
        (3, 1, 2, False, "n = 3, quorum 2, 1 crashes. Two quorums share 1: they cannot decide"),
        (4, 2, 2, False, "n = 4, quorum 2, 2 crash. Two quorums share nobody: they can decide"),
        (3, 1, 2, True, "share 1, of whom nobody must be honest: they can decide differently"),
        (3, 1, 3, True, "share 3, of whom 2 must be honest; but only 2 may answer: it can wait"),
        (4, 1, 3, True, "share 2, of whom 1 must be honest: they cannot decide differently"),
        (7, 2, 5, True, "n = 7, quorum 5, 2 lie. Two quorums share 3, of whom 1 must be honest"),
    ],
)
def test_an_overlap_is_told_in_a_sentence(n, f, quorum, lies, told):
    assert told in repr(Quorums(overlap(n, f, quorum), lies=lies))


def test_the_still_shows_every_server_once():
    still = Quorums(overlap(4, 1)).still()
    assert [still.count(f">S{number}<") for number in range(1, 5)] == [1, 1, 1, 1]


def test_who_lies_has_another_sign_than_who_stops():
    assert [">!<" in Quorums(overlap(3, 1), lies=lies).still() for lies in (True, False)] == [
        True,
        False,
    ]


def test_a_page_that_shows_no_svg_shows_an_image_with_words():
    bundle = Quorums(overlap(4, 1))._repr_mimebundle_()
    assert 'alt="n = 4, quorum 3' in bundle["text/html"]
